"""Values written from their end: a shape or a word that only makes sense when read backwards."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator

from gatekeeper.detect.lazy import lazy
from gatekeeper.detect.prefilter.triggers import EVERYTHING, any_of, triggers
from gatekeeper.detect.views.grouping import card_valid, phone_valid, ssn_valid
from gatekeeper.detect.views.mapped import Edit

_ROWS = lazy(r"\d{4}-\d{2}-\d{3}(?![\w,/-]|\.\d)|\d{4}[-.]\d{3}[-.]\d{3}(?![\w,/-]|\.\d)")
_DATE = lazy(r"(?:19|20)\d{2}-(?:0[1-9]|1[0-2])-[0-3]\d{2}")
_NUMBERED = lazy(
    r"(?:part|item|sku|order|ticket|invoice|ref(?:erence)?|model|serial|catalog|cat|lot|batch|rfc|version|"
    r"standard|section|case|isbn|issn|\bid|\bno|number|code|#)[.:# ]{0,3}$"
)
_MAIL = lazy(
    r"(?<![\w.])(?:moc|gro|ten|ude|vog|ku\.oc|oi|oc|ofni|ed|rf)\.[\w.-]{2,40}@[\w.+-]{2,40}(?![\w@])",
    re.IGNORECASE,
)
_CUES = (
    "reversed",
    "backward",
    "right to left",
    "mirrored",
    "from the end",
    "inverted",
    "reverse order",
    "in reverse",
)
_TOKEN = lazy(
    r"(?<!\S)(?=\S{0,40}\d)[\d() .+-]{9,24}(?!\S)|\S{3,40}@\S{3,40}|(?<!\S)[\d.+()-]{9,24}(?!\S)"
)
WHOLE = lazy(
    r"\b(?:[Nn][Ss]{2}|NSS|drac|tiderc|laicos|ytiruces|liame|enohp|tcatnoc|tneitap|htrib)\b"
)


def edits(text: str) -> Iterator[Edit]:
    """Every value of `text` that reads well backwards, turned round."""
    for match in _ROWS.finditer(text):
        if match.start() and re.match(r"[\w.,/-]", text[match.start() - 1]):
            continue
        value = match[0][::-1]
        digits = re.sub(r"\D", "", value)
        before = text[max(0, match.start() - 24) : match.start()].lower()
        if _DATE.fullmatch(match[0]) or _NUMBERED.search(before):
            continue
        if (ssn_valid(digits) and digits[0] != "9") or (
            phone_valid(digits) and re.search(r"phone|call|tel|mobile|cell|payload|contact", before)
        ):
            yield Edit(*match.span(), value)
    if "@" in text:
        for match in _MAIL.finditer(text):
            yield Edit(*match.span(), match[0][::-1])
    if any(cue in text.lower() for cue in _CUES):
        for match in _TOKEN.finditer(text):
            value = match[0].strip()[::-1]
            digits = re.sub(r"\D", "", value)
            if "@" in value or ssn_valid(digits) or card_valid(digits) or phone_valid(digits):
                start = match.start() + len(match[0]) - len(match[0].lstrip())
                if card_valid(digits):
                    value = digits
                yield Edit(start, start + len(match[0].strip()), value)


TRIGGERS = {"backwards": (*triggers(_ROWS, _MAIL, WHOLE), *any_of(*_CUES))}


def active(text: str, may: Container[str] = EVERYTHING) -> Iterator[tuple[int, int]]:
    """Where they stand."""
    if "backwards" not in may:
        return
    for edit in edits(text):
        yield edit.start, edit.end
    for match in WHOLE.finditer(text):
        yield match.span()
