"""What labelled numbers share: their noun, their form, and what is no such number."""

from __future__ import annotations

import re

from gatekeeper.detect.lazy import lazy
from gatekeeper.detect.recognizers.citations import in_citation
from gatekeeper.detect.recognizers.spec import before, dull

LONG_CODE = r"(?=[A-Z0-9/.-]{0,24}\d{3})[A-Z0-9][A-Z0-9/-]{3,22}[A-Z0-9]"
"""Five characters or more."""
NEEDS_NOUN = (
    r"(?:[ \t_-]{0,2}(?:numbers?|nos?\b\.?|num\b\.?|nbr\b\.?|ids?\b|identifiers?|\#|n°|nº|nr\b\.?))"
    r"{1,2}"
)
"""A label that is also a plain word counts with `number`, `No.`, `ID`, `#` behind it alone."""

_NOTHING = lazy(
    r"(?:19|20)\d{2}[-/.](?:0?[1-9]|1[0-2])[-/.](?:0?[1-9]|[12]\d|3[01])|"  # ISO date
    r"(?:0?[1-9]|[12]\d|3[01])[-/.](?:0?[1-9]|[12]\d|3[01])[-/.](?:19|20)?\d{2}|"  # other dates
    r"v?\d{1,3}\.\d{1,3}(?:\.\d{1,5}){0,2}|"  # versions, decimals
    r"\d{1,3}(?:,\d{3}){1,4}|"
    r"[0-9a-f]{40,64}|"
    r"(?:19|20)\d{2}-(?:19|20)?\d{2}",  # a span of years
    re.IGNORECASE,
)
_COUNTED = lazy(
    r"[ ](?:patients?|people|records|rows|items|visitors|members|users|times|percent|%|dollars|points|pages|"
    r"steps|samples|cases|subjects|participants|errors|accounts|students|customers|ms|seconds|bytes|kg|mg|km)\b"
)
_PLACEHOLDER = lazy(r"(?:x{3,}|n{3,}|\d?(?:1234567890?|0123456789?|123456789)|0{4,})\Z", re.I)


def given(text: str, start: int, end: int, score: float) -> float:
    """A check: no filler, date, version, count or citation."""
    value = text[start:end]
    if dull(value) or _NOTHING.fullmatch(value) or _PLACEHOLDER.match(value):
        return 0.0
    if _COUNTED.match(text[end : end + 16].lower()) or text[end : end + 2] in {"()", "(s"}:
        return 0.0
    return 0.0 if in_citation(text, start, end) else score


_OTHER = lazy(
    r"(?:order|tracking|invoice|part|model|sku|item|product|version|isbn|issn|commit|build|ticket|issue|port|error|"
    r"serial|transaction|reference|confirmation|batch|lot|article|catalog(?:ue)?|postal|flight|train|bus|room|table|figure|"
    r"page|chapter|channel|frequency|pid|process|job|task|row|line|hash|checksum|seed)"
    r"(?:[ _-]?(?:number|no|num|id|code|\#))?[\"'`*]{0,3}\.?\s{0,2}(?:[:=#]|is|was)?\s{0,2}[\"'`*(]{0,3}\Z"
)


def other_label(text: str, start: int) -> bool:
    """Whether the label before `start` names something else: an order, a part, a version."""
    return bool(_OTHER.search(before(text, start, 36)))
