"""The name pass as a spaCy component: the reference path's pipeline has names in it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from gatekeeper.detect.ner.custom import Propose
from gatekeeper.detect.ner.decode import Proposal
from gatekeeper.detect.ner.proposer import open_proposer
from gatekeeper.model import NameModel

FACTORY = "gatekeeper_names"
PROPOSALS = "gatekeeper_names"
"""Where a Doc keeps its proposals (`doc.user_data`): spans of characters, not of tokens."""
_ENTITY_FROM = 0.5


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
def register() -> str:
    """Make the component known to spaCy; returns the name of its factory."""
    from spacy.language import Language

    def make(nlp: Any, name: str, kind: str | None, path: str | None) -> NamePass:  # noqa: ARG001
        if kind and path:
            return NamePass(open_proposer(NameModel(kind, Path(path))))  # type: ignore[arg-type]
        return NamePass(open_proposer())

    Language.factory(FACTORY, default_config={"kind": None, "path": None}, func=make)
    return FACTORY
