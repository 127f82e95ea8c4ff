"""What is said where a value stands, against what was said before it.

A word two lines up may have spoken for a value. Where its own sentence or line calls it something
else, that word does not: the value stays possible.
"""

from __future__ import annotations

from gatekeeper.detect.lazy import lazy
from gatekeeper.detect.recognizers.health_terms import terms
from gatekeeper.detect.recognizers.number_names import named_otherwise
from gatekeeper.detect.vetoes.place import AFTER, BEFORE, Place

_CLAUSE_BEFORE, _CLAUSE_AFTER = lazy(r"[.!?;]\s|\n"), lazy(r"[.!?;](?:\s|\Z)|\n")
_OTHER_WORD = lazy(r"[^\W\d_]{3,}")
_OF_CARE = lazy(
    r"\b(?:icd|dx|diagnos|patient|pt\b|chart|claim|bill|encounter|visit|admi[ts]|hospital|clinic|doctor"
    r"|dr\b|disease|disorder|syndrome|chronic|acute|history|hx\b|assess|impression|problem|condition"
    r"|medical|health|symptom|treat|comorbid|she|he\b|her\b|his\b|enter|assign|record|document"
    r"|primary|secondary|principal)"
)
"""What is said where a code is one of care, or of its being written down."""


def other_matter(place: Place) -> bool:
    """Whether the sentence of a code speaks, and of nothing that has to do with care.

    Words of the sentences around would speak for it; where its own says what it is, they may not.
    """
    text, start, end = place.text, place.span.start, place.span.end
    if text[start - 1 : start] in {"(", "["}:
        return False
    head = _CLAUSE_BEFORE.split(text[max(0, start - BEFORE) : start])[-1]
    tail = _CLAUSE_AFTER.split(text[end : end + AFTER])[0]
    said = f"{head} {tail}"
    if len(_OTHER_WORD.findall(said)) < 2 or _OF_CARE.search(said.lower()):
        return False
    return not any(next(terms(said, kind), None) for kind in ("condition", "doubtful", "procedure"))


def other_number(place: Place) -> bool:
    """Whether ten digits in a row are called something else than a telephone number."""
    return place.value.isdecimal() and named_otherwise(place.text, place.span.start)
