"""Texts through Presidio, in batches; what cannot be analyzed is an error with its number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from gatekeeper.detect.matching import PatternTimedOut
from gatekeeper.detect.ner import NAME_ENTITIES
from gatekeeper.detect.presidio.engine import LANGUAGE, build_engine, quiet, renew
from gatekeeper.detect.presidio.rules import name_class, name_rules, rule_class, stock
from gatekeeper.detect.presidio.shortlist import Shortlist, Shortlisted, only, shipped_prefilter
from gatekeeper.detect.recognizers.spec import Recognizer
from gatekeeper.detect.spans import Span, View
from gatekeeper.detect.vetoes import standing
from gatekeeper.model import NameModel

if TYPE_CHECKING:
    from presidio_analyzer import AnalyzerEngine

BATCH = 64
"""Texts per call of the pipeline (larger batches gain nothing)."""
TIMEOUT_S = 20.0
"""For one pattern over one text of at most a few tens of thousands of characters."""


class AnalysisFailed(Exception):  # noqa: N818  (it names the event)
    """Text number `index` could not be analyzed; `what` says why, without any of the text."""

    def __init__(self, index: int, what: str) -> None:
        super().__init__(what)
        self.index = index
        self.what = what


class Analyzer:
    """Finds spans in texts. Build it once; it compiles every pattern and loads the model."""

    def __init__(
        self,
        recognizers: Sequence[Recognizer],
        entities: frozenset[str],
        *,
        own: NameModel | None = None,
        model: str = "",
        timeout_s: float = TIMEOUT_S,
        plain: bool = False,
    ) -> None:
        """Make an analyzer.

        Args:
            recognizers: those of ours to run.
            entities: what to look for, the stock recognizers and the name model included.
            own: the user's own name model; the bundled one by default.
            model: the digest of the name model.
            timeout_s: seconds that one pattern may spend on one text.
            plain: run every recognizer over every text, by Presidio alone. It finds the same,
                slowly: the measure of what the short cuts find.
        """
        quiet()
        self._with_names = bool(entities & NAME_ENTITIES)
        prefilter = None if plain else shipped_prefilter()
        rules = [rule_class()(r, timeout_s, prefilter) for r in recognizers if r.entity in entities]
        rules += [r for r in stock(timeout_s, prefilter) if set(r.supported_entities) & entities]
        if self._with_names:
            rules += [
                name_class()(sorted(entities & NAME_ENTITIES)),
                *name_rules(timeout_s, prefilter),
            ]
        self.entities = sorted({e for r in rules for e in r.supported_entities} & entities)
        """What this analyzer can find."""
        self._engine = build_engine(rules, self._with_names, own, model) if rules else None
        self._shortlist = Shortlist(rules, prefilter) if prefilter else None

    def analyze(self, views: Sequence[View]) -> list[list[Span]]:
        """The spans of each text, in no particular order.

        Raises AnalysisFailed for the first text that cannot be analyzed.
        """
        if self._engine is None:
            return [[] for _ in views]
        quiet()
        renew(self._engine.nlp_engine)
        return self._analyze(self._engine, views)

    def _analyze(self, engine: AnalyzerEngine, views: Sequence[View]) -> list[list[Span]]:
        found: list[list[Span]] = []
        listed: list[Shortlisted | None] = []
        failure: AnalysisFailed | None = None
        try:
            for view in views:
                asked = self._shortlist.of(view.text) if self._shortlist else None
                listed.append(asked)
            todo = [v.text for v, asked in zip(views, listed, strict=True) if asked != []]
            docs = engine.nlp_engine.get_nlp(LANGUAGE).pipe(todo, batch_size=BATCH)
            for view, asked in zip(views, listed, strict=True):
                found.append([] if asked == [] else self._one(engine, view, next(docs), asked))
        except PatternTimedOut:
            at = len(found) if len(listed) == len(views) else len(listed)
            failure = AnalysisFailed(at, "a pattern ran out of time")
        except Exception as error:  # noqa: BLE001  (re-raised below, without the text it may quote)
            at = len(found) if len(listed) == len(views) else len(listed)
            failure = AnalysisFailed(at, f"{type(error).__name__} in the analyzer")
        if failure is not None:
            raise failure
        return found

    def _one(
        self, engine: AnalyzerEngine, view: View, doc: Any, asked: Shortlisted | None
    ) -> list[Span]:
        if asked is not None and not any(matches for _, matches in asked) and _names_nobody(doc):
            asked = [(rule, None) for rule, _ in asked if not isinstance(rule, name_class())]
            if not asked:
                return []
        artifacts = engine.nlp_engine.artifacts(doc)
        with only(view.text, asked):
            results = engine.analyze(
                view.text,
                LANGUAGE,
                self.entities,
                context=list(view.context),
                nlp_artifacts=artifacts,
            )
        return standing(view.text, (_span(result) for result in results))


def _span(result: Any) -> Span:
    name = str(result.recognition_metadata["recognizer_name"])
    return Span(result.start, result.end, result.entity_type, float(result.score), name)


def _names_nobody(doc: Any) -> bool:
    """Whether the name pass has proposed nothing in a Doc."""
    from gatekeeper.detect.ner.component import PROPOSALS

    return not doc.user_data.get(PROPOSALS)
