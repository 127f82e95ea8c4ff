"""Whether words are used or talked about: a question about privilege is not privileged."""

from __future__ import annotations

import re

from gatekeeper.detect.lazy import lazy

_TOPIC = lazy(
    r"\b(?:what|how|why|when|whether|explain|define|defines?|definition|meaning|means|mean|template|examples? of|"
    r"difference between|types? of|called|does an?|can an?|could an?|should i|is an?|role of|"
    r"concept of|phrase|words|article about|essay on|history of|overview of|discuss(?:es)?|teach(?:es)?|"
    r"introduction to|learn about|versus|vs)\b"
)
_AFTER = lazy(
    r"[\"”'’]?\s{0,2}(?:\([a-z ]{1,20}\)\s)?(?:(?:is|are|was) (?:an? |the )?(?:doctrine|rule|legal|court|person|concept|marking|label|term|type|kind|"
    r"term of art|contract|agreement between)|means?\b|refers? to|doctrine (?:is|was|protects|applies)|protects?\b|applies\b|"
    r"can be|may be waived|(?:label|legend|stamp|header|footer)s?\b)"
)


def about(text: str, start: int, end: int, reach: int = 60) -> bool:
    """Whether the sentence around `text[start:end]` speaks of these words as words, or asks.

    Only the part of the sentence or line within `reach` characters is looked at.
    """
    head = re.split(r"[.\n;!]", text[max(0, start - reach) : start].lower())[-1]
    return bool(_TOPIC.search(head)) or named(text, start, end)


def named(text: str, start: int, end: int) -> bool:
    """Whether what follows `end` explains the words before it, or the sentence is a question."""
    tail = re.split(r"[\n;]", text[end : end + 30].lower())[0]
    if _AFTER.match(tail):
        return True
    stop = re.search(r"[.!?\n]", text[end : end + 60])
    return stop is not None and stop.group() == "?"


def spoken_of(text: str, start: int, end: int, score: float) -> float:
    """A check: markings in capitals are doubted where explained, others where talked about."""
    capitals = text[start:end].upper() == text[start:end]
    doubted = named(text, start, end) if capitals else about(text, start, end)
    return 0.4 if doubted else score
