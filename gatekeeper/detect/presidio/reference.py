"""Every recognizer over every text, by Presidio: the measure of what the analyzer finds."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Any

from gatekeeper.detect.analyzer import TIMEOUT_S, Analyzer
from gatekeeper.detect.ner import NAME_ENTITIES
from gatekeeper.detect.prefilter.triggers import EVERYTHING
from gatekeeper.detect.presidio.engine import LANGUAGE, build_engine, quiet, renew
from gatekeeper.detect.presidio.rules import name_class, name_rules, rule_class, stock
from gatekeeper.detect.recognizers.spec import Recognizer
from gatekeeper.detect.spans import Span, View
from gatekeeper.detect.vetoes import standing
from gatekeeper.model import NameModel


class PlainAnalyzer(Analyzer):
    """An `Analyzer` without its short cuts."""

    def __init__(
        self,
        recognizers: Sequence[Recognizer],
        entities: frozenset[str],
        *,
        own: NameModel | None = None,
        model: str = "",
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        """As `Analyzer`."""
        quiet()
        self._made = tuple(recognizers), entities, timeout_s
        with_names = bool(entities & NAME_ENTITIES)
        theirs = [r for r in stock(timeout_s) if set(r.supported_entities) & entities]
        names = {r.name for r in theirs}
        asked = [r for r in recognizers if r.entity in entities and r.name not in names]
        rules = [rule_class()(r, timeout_s) for r in asked] + theirs
        if with_names:
            rules += [name_class()(sorted(entities & NAME_ENTITIES)), *name_rules(timeout_s)]
        self.entities = sorted({e for r in rules for e in r.supported_entities} & entities)
        """What this analyzer can find."""
        self._engine = build_engine(rules, with_names, own, model) if rules else None

    def without_names(self) -> PlainAnalyzer:
        """As `Analyzer.without_names`."""
        recognizers, entities, timeout_s = self._made
        return PlainAnalyzer(recognizers, entities - NAME_ENTITIES, timeout_s=timeout_s)

    def compile(self) -> bool:
        """There is nothing to compile."""
        return False

    def searches(self, text: str) -> Container[str]:
        """All of them."""
        return EVERYTHING

    def may_find(self, text: str) -> bool:
        """Everything is asked about every text."""
        return True

    def _find(self, view: View) -> list[Span]:
        if self._engine is None:
            return []
        quiet()
        renew(self._engine.nlp_engine)
        context = list(view.context)
        results = self._engine.analyze(view.text, LANGUAGE, self.entities, context=context)
        return standing(view.text, (_span(result) for result in results))


def _span(result: Any) -> Span:
    name = str(result.recognition_metadata["recognizer_name"])
    return Span(result.start, result.end, result.entity_type, float(result.score), name)
