"""The name pass as a spaCy component, so that Presidio sees a pipeline with names in it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from gatekeeper.detect.names import LIKELY, name_score
from gatekeeper.detect.ner.again import seen_again
from gatekeeper.detect.ner.custom import Propose, open_custom
from gatekeeper.detect.ner.decode import BAND, Proposal, close_words, is_torn, moved, proposals
from gatekeeper.detect.ner.gate import worth_reading
from gatekeeper.detect.ner.pairs import addressed, known_pairs, mistaken
from gatekeeper.detect.ner.tagger import Reading, Tagger, load_tagger
from gatekeeper.detect.ner.wider import widened
from gatekeeper.model import NameModel

FACTORY = "gatekeeper_names"
PROPOSALS = "gatekeeper_names"
"""Where a Doc keeps its proposals (`doc.user_data`): spans of characters, not of tokens."""
_ENTITY_FROM = 0.5
_OTHERS = ("LOCATION", "ORGANIZATION")


class NamePass:
    """Keeps the proposals of a text with its Doc."""

    def __init__(self, propose: Propose) -> None:
        """Take what proposes the names of a text, in order."""
        self._propose = propose

    def __call__(self, doc: Any) -> Any:
        """Set the proposals of a Doc, and those more probable than not as its entities."""
        found = self._propose(doc.text)
        doc.user_data[PROPOSALS] = found
        doc.ents = _entities(doc, found)
        return doc


def proposer(tagger: Tagger, *, gated: bool = True) -> Propose:
    """What proposes the names of a text by a network; ungated, that reads every sentence."""

    def propose(text: str) -> list[Proposal]:
        spans = worth_reading(text, everything=not gated)
        if not spans:
            return []
        reading = tagger.read(text, spans, everything=not gated)
        found = proposals(text, reading.words, reading.rows)
        if tagger.exact:
            unsure = _unsure(text, reading, found)
            if unsure:
                tagger.read_exactly(reading, unsure)
                found = proposals(text, reading.words, reading.rows)
        found = widened(text, reading.words, found)
        found += [*mistaken(text, found), *addressed(text, reading.words, found)]
        pairs = known_pairs(text, reading.words, sorted(found))
        people = [p for p in found if p.label == "PERSON" and _is_likely(text, p)]
        return sorted([*found, *pairs, *seen_again(text, people)])

    return propose


def _is_likely(text: str, p: Proposal) -> bool:
    return name_score(p.label, text, p.start, p.end, p.probability) >= LIKELY


def _unsure(text: str, reading: Reading, found: Iterable[Proposal]) -> set[int]:
    """Words of which int8 arithmetic might have changed what is likely: a name, or its ends."""
    doubtful = close_words(reading.rows)
    unsure: set[int] = set()
    n = 0
    words = reading.words
    for p in found:
        while n < len(words) and words[n][1] <= p.start:
            n += 1
        last = n
        while last < len(words) and words[last][0] < p.end:
            last += 1
        most = name_score(p.label, text, p.start, p.end, moved(p.probability, BAND))
        edges = not doubtful.isdisjoint(range(n - 1, last + 1))
        edges = edges or (n < last and is_torn(reading.rows[n:last]))
        if edges and most < LIKELY and p.label != "PERSON" and n < last:
            # one word more may be the one that makes it a street or a company, or the other label
            wide = words[max(0, n - 1)][0], words[min(last, len(words) - 1)][1]
            spans = ((p.start, p.end), wide)
            most = max(name_score(k, text, *s, p.probability) for k in _OTHERS for s in spans)
        if most < LIKELY:
            continue
        least = moved(p.probability, -BAND)
        if edges or name_score(p.label, text, p.start, p.end, least) < LIKELY:
            unsure.update(range(n, last))
    return unsure


def _entities(doc: Any, found: Iterable[Proposal]) -> list[Any]:
    spans: list[Any] = []
    for proposal in found:
        if proposal.probability < _ENTITY_FROM:
            continue
        span = doc.char_span(
            proposal.start, proposal.end, label=proposal.label, alignment_mode="expand"
        )
        if span is not None and (not spans or span.start >= spans[-1].end):
            spans.append(span)
    return spans


@cache
def bundled_tagger() -> Tagger:
    """The bundled network, opened once a process."""
    from gatekeeper.detect.ner import model_path

    return load_tagger(model_path())


@cache
def register() -> str:
    """Make the component known to spaCy; returns the name of its factory."""
    from spacy.language import Language

    def make(nlp: Any, name: str, kind: str | None, path: str | None) -> NamePass:  # noqa: ARG001
        if kind and path:
            return NamePass(open_custom(NameModel(kind, Path(path))))  # type: ignore[arg-type]
        return NamePass(proposer(bundled_tagger()))

    Language.factory(FACTORY, default_config={"kind": None, "path": None}, func=make)
    return FACTORY
