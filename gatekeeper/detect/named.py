"""What the name pass has proposed, as spans: scored by what speaks for them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from gatekeeper.detect.names import name_score
from gatekeeper.detect.recognizers.people import is_no_person
from gatekeeper.detect.recognizers.places import is_quantity, is_state, is_town
from gatekeeper.detect.spans import Span
from gatekeeper.detect.titles import titled

if TYPE_CHECKING:
    from gatekeeper.detect.ner.decode import Proposal

NAME = "NameModel"
_POSSIBLE, _LIKELY = 0.4, 0.7


def named_spans(text: str, proposals: Iterable[Proposal], entities: Collection[str]) -> list[Span]:
    """The proposals for `entities` that anything speaks for, people with their titles."""
    found: list[Span] = []
    for proposal in proposals:
        if proposal.label not in entities:
            continue
        start, end = proposal.start, proposal.end
        score = _score(proposal.label, text, start, end, proposal.probability)
        if score:
            if proposal.label == "PERSON":
                start, end = titled(text, start, end)
            found.append(Span(start, end, proposal.label, score, NAME))
    return found


def _score(entity: str, text: str, start: int, end: int, probability: float) -> float:
    """What speaks for a span of the name model, and what against it."""
    score = name_score(entity, text, start, end, probability)
    if entity == "LOCATION" and is_state(text, start, end):
        return min(score, _POSSIBLE)
    if entity == "LOCATION" and score >= _POSSIBLE and is_town(text, start, end):
        score = max(score, _LIKELY)
    if (entity == "LOCATION" and is_quantity(text, start, end)) or (
        entity == "PERSON" and is_no_person(text, start, end)
    ):
        score = min(score, _POSSIBLE)
    return score
