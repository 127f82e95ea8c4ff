"""The one module that knows Presidio: its AnalyzerEngine over our recognizers and our name model.

Offline by construction. A pattern that runs out of time is an error here, where stock Presidio
logs "skipping" and drops what it would have found.
"""

from __future__ import annotations

import copy
import logging
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from gatekeeper.detect import names
from gatekeeper.detect.matching import Matcher, PatternTimedOut
from gatekeeper.detect.recognizers.people import hashtag_names, is_no_person, labelled_names
from gatekeeper.detect.recognizers.places import is_quantity, is_state, is_town
from gatekeeper.detect.recognizers.spec import Recognizer
from gatekeeper.detect.spans import Span, View
from gatekeeper.detect.titles import titled
from gatekeeper.detect.vetoes import standing
from gatekeeper.detect.words import STOP, words_near
from gatekeeper.model import NameModel

if TYPE_CHECKING:
    from presidio_analyzer import AnalyzerEngine, EntityRecognizer

LANGUAGE = "en"
BATCH = 64
"""Texts per call of the pipeline (larger batches gain nothing)."""
TIMEOUT_S = 20.0
"""For one pattern over one text of at most a few tens of thousands of characters."""
NAME_ENTITIES = frozenset({"PERSON", "LOCATION", "ORGANIZATION"})
VOCABULARY = 100_000
"""Distinct words that the pipeline may remember, some tens of megabytes."""
CONTEXT_GAIN = 0.35
WORDS_BEFORE, WORDS_AFTER = 6, 3

_POSSIBLE, _LIKELY = 0.4, 0.7
_QUIET = (
    "presidio-analyzer",
    "presidio_analyzer",
    "decision_process",
    "tldextract",
    "spacy",
    "thinc",
)


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
    ) -> None:
        """Make an analyzer.

        Args:
            recognizers: those of ours to run.
            entities: what to look for, the stock recognizers and the name model included.
            own: the user's own name model; the bundled one by default.
            model: the digest of the name model.
            timeout_s: seconds that one pattern may spend on one text.
        """
        quiet()
        with_names = bool(entities & NAME_ENTITIES)
        rules = [_rule_class()(r, timeout_s) for r in recognizers if r.entity in entities]
        rules += [r for r in _stock(timeout_s) if set(r.supported_entities) & entities]
        if with_names:
            rules += [_name_class()(sorted(entities & NAME_ENTITIES)), *_name_rules()]
        self.entities = sorted({e for r in rules for e in r.supported_entities} & entities)
        """What this analyzer can find."""
        self._engine = _engine(rules, with_names, own, model) if rules else None

    def analyze(self, views: Sequence[View]) -> list[list[Span]]:
        """The spans of each text, in no particular order.

        Raises AnalysisFailed for the first text that cannot be analyzed.
        """
        if self._engine is None:
            return [[] for _ in views]
        quiet()
        _renew(self._engine.nlp_engine)
        return self._analyze(self._engine, views)

    def _analyze(self, engine: AnalyzerEngine, views: Sequence[View]) -> list[list[Span]]:
        found: list[list[Span]] = []
        failure: AnalysisFailed | None = None
        parsed = engine.nlp_engine.process_batch(
            [view.text for view in views], LANGUAGE, batch_size=BATCH
        )
        for n, view in enumerate(views):
            try:
                text, artifacts = next(parsed)
                results = engine.analyze(
                    text,
                    LANGUAGE,
                    self.entities,
                    context=list(view.context),
                    nlp_artifacts=artifacts,
                )
            except PatternTimedOut:
                failure = AnalysisFailed(n, "a pattern ran out of time")
                break
            except Exception as error:  # noqa: BLE001  (re-raised below, without the text it may quote)
                failure = AnalysisFailed(n, f"{type(error).__name__} in the analyzer")
                break
            found.append(standing(text, (_span(result) for result in results)))
        if failure is not None:
            raise failure
        return found


def _span(result: Any) -> Span:
    name = str(result.recognition_metadata["recognizer_name"])
    return Span(result.start, result.end, result.entity_type, float(result.score), name)


def _renew(nlp_engine: Any) -> None:
    """Load the pipeline anew once it has met many words, for it keeps every one it meets.

    spaCy's own `memory_zone` is no way out: in 3.8.18 its map of words breaks after some megabytes
    of varied text (AssertionError in `Vocab.get`, or KeyError E018).
    """
    if len(nlp_engine.get_nlp(LANGUAGE).vocab) > VOCABULARY:
        nlp_engine.load()


def quiet() -> None:
    """Silence the loggers that would print values, whatever the host application configured."""
    known = logging.root.manager.loggerDict
    for name in {*_QUIET, *(n for n in known if n.startswith(_QUIET))}:
        logger = logging.getLogger(name)
        logger.disabled = True
        logger.propagate = False
        logger.handlers[:] = []


# --- recognizers -----------------------------------------------------------------------------


@cache
def _rule_class() -> type[EntityRecognizer]:
    from presidio_analyzer import AnalysisExplanation, LocalRecognizer, RecognizerResult

    class Rule(LocalRecognizer):
        """Runs one of our recognizers; owns its match loop, so that no time-out is lost."""

        def __init__(self, recognizer: Recognizer, timeout_s: float) -> None:
            self._matcher = Matcher(recognizer, timeout_s)
            super().__init__(
                [recognizer.entity], name=recognizer.name, context=list(recognizer.context)
            )

        def load(self) -> None:
            """Nothing to load."""

        def analyze(self, text: str, entities: Any, nlp_artifacts: Any = None) -> list[Any]:
            return [self._result(*match) for match in self._matcher.best(text)]

        def _result(self, start: int, end: int, score: float, pattern: str) -> Any:
            why = AnalysisExplanation(self.name, score, pattern_name=pattern)
            about = {
                RecognizerResult.RECOGNIZER_NAME_KEY: self.name,
                RecognizerResult.RECOGNIZER_IDENTIFIER_KEY: self.id,
            }
            return RecognizerResult(self.supported_entities[0], start, end, score, why, about)

    return Rule


def _stock(timeout_s: float) -> list[EntityRecognizer]:
    """Presidio's own recognizers that need no change but the match loop."""
    from presidio_analyzer.predefined_recognizers import CryptoRecognizer, UuidRecognizer

    return [_guarded(r, timeout_s) for r in (CryptoRecognizer(), UuidRecognizer())]


@cache
def _country_recognizer(name: str) -> Any:
    from presidio_analyzer import predefined_recognizers

    return getattr(predefined_recognizers, name)()


def country_verdict(name: str, value: str) -> bool | None:
    """What Presidio's country recognizer `name` says of the check digits of `value`: True, False,
    or None where it has nothing to go by. `value` is without separators, upper-case.
    """
    from presidio_analyzer import PatternRecognizer

    recognizer = _country_recognizer(name)
    if type(recognizer).invalidate_result is not PatternRecognizer.invalidate_result:
        return not recognizer.invalidate_result(value)
    held: bool | None = recognizer.validate_result(value)
    return held


def _guarded(recognizer: Any, timeout_s: float) -> EntityRecognizer:
    """`recognizer` with compiled patterns whose time-outs are errors."""
    import regex

    class Guarded:
        def __init__(self, compiled: Any) -> None:
            self._compiled = compiled

        def finditer(self, text: str, timeout: float | None = None) -> Iterable[Any]:
            try:
                matches = list(self._compiled.finditer(text, timeout=timeout_s))
            except TimeoutError:
                matches = None
            if matches is None:
                raise PatternTimedOut
            return matches

    flags = recognizer.global_regex_flags
    recognizer.patterns = copy.deepcopy(recognizer.patterns)  # they belong to the class
    for pattern in recognizer.patterns:
        pattern.compiled_regex = Guarded(regex.compile(pattern.regex, flags))
        pattern.compiled_with_flags = flags
    result: EntityRecognizer = recognizer
    return result


@cache
def _name_class() -> type[EntityRecognizer]:
    from presidio_analyzer import AnalysisExplanation, LocalRecognizer, RecognizerResult

    from gatekeeper.detect.ner.component import PROPOSALS

    class Names(LocalRecognizer):
        """The name model's proposals, scored by what speaks for them (`names.name_score`)."""

        def __init__(self, entities: list[str]) -> None:
            super().__init__(supported_entities=entities, name="NameModel")

        def load(self) -> None:
            """Nothing to load: the pipeline has run."""

        def analyze(self, text: str, entities: Any, nlp_artifacts: Any = None) -> list[Any]:
            about = {
                RecognizerResult.RECOGNIZER_NAME_KEY: self.name,
                RecognizerResult.RECOGNIZER_IDENTIFIER_KEY: self.id,
            }
            results = []
            for found in nlp_artifacts.tokens.user_data[PROPOSALS]:
                start, end = found.start, found.end
                score = _name_score(found.label, text, start, end, found.probability)
                if score and found.label in entities:
                    if found.label == "PERSON":
                        start, end = titled(text, start, end)
                    why = AnalysisExplanation(self.name, score)
                    results.append(RecognizerResult(found.label, start, end, score, why, about))
            return results

    return Names


def _name_score(entity: str, text: str, start: int, end: int, probability: float) -> float:
    """What speaks for a span of the name model, and what against it."""
    score = names.name_score(entity, text, start, end, probability)
    if entity == "LOCATION" and is_state(text, start, end):
        return min(score, _POSSIBLE)
    if entity == "LOCATION" and score >= _POSSIBLE and is_town(text, start, end):
        score = max(score, _LIKELY)
    if (entity == "LOCATION" and is_quantity(text, start, end)) or (
        entity == "PERSON" and is_no_person(text, start, end)
    ):
        score = min(score, _POSSIBLE)
    return score


def _name_rules() -> list[EntityRecognizer]:
    """Names that the model misses: behind a label, in a hashtag."""
    rule = _rule_class()
    return [rule(recognizer, TIMEOUT_S) for recognizer in (labelled_names(), hashtag_names())]


# --- engine ------------------------------------------------------------------------------------


def _engine(
    recognizers: Sequence[EntityRecognizer], with_names: bool, own: NameModel | None, model: str
) -> AnalyzerEngine:
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry

    class Registry(RecognizerRegistry):
        """All recognizers, every time: the choice was made when the analyzer was built."""

        def get_recognizers(self, *_: Any, **__: Any) -> list[EntityRecognizer]:
            return list(recognizers)

    engine = AnalyzerEngine(
        registry=Registry(recognizers=list(recognizers), supported_languages=[LANGUAGE]),
        nlp_engine=_nlp_engine(with_names, own, model),
        supported_languages=[LANGUAGE],
        context_aware_enhancer=_enhancer(),
    )
    quiet()
    return engine


@cache
def _nlp_engine(with_names: bool, own: NameModel | None = None, model: str = "") -> Any:  # noqa: ARG001
    """SpaCy behind Presidio: a tokenizer, and behind it the name pass where a name is asked for.

    `model` is the digest of the name model: one that was changed on disk is opened anew.
    """
    import spacy
    from presidio_analyzer.nlp_engine import NerModelConfiguration, NlpArtifacts, SpacyNlpEngine

    class Engine(SpacyNlpEngine):
        """Gives lower-cased words as lemmas, without which no context word would ever match."""

        def load(self) -> None:
            nlp = spacy.blank(LANGUAGE)
            if with_names:
                from gatekeeper.detect.ner.component import register

                nlp.add_pipe(
                    register(), config={"kind": own and own.kind, "path": own and str(own.path)}
                )
            self.nlp = {LANGUAGE: nlp}

        def is_stopword(self, word: str, language: str) -> bool:
            return word in STOP

        def _doc_to_nlp_artifact(self, doc: Any, language: str) -> Any:
            entities, scores = self._get_updated_entities(
                self._get_entities(doc), self._get_scores_for_entities(doc)
            )
            return NlpArtifacts(
                entities=entities,
                tokens=doc,
                tokens_indices=[token.idx for token in doc],
                lemmas=[token.lower_ for token in doc],
                nlp_engine=self,
                language=language,
                scores=scores,
            )

    engine = Engine(
        models=[{"lang_code": LANGUAGE, "model_name": "bundled"}],
        ner_model_configuration=NerModelConfiguration(
            labels_to_ignore=[],
            model_to_presidio_entity_mapping={name: name for name in sorted(NAME_ENTITIES)},
        ),
    )
    engine.load()
    return engine


@cache
def _enhancer() -> Any:
    from presidio_analyzer.context_aware_enhancers import LemmaContextAwareEnhancer

    class Enhancer(LemmaContextAwareEnhancer):
        """Presidio's enhancer, finding the words near a match without walking the whole text."""

        def _extract_surrounding_words(
            self, nlp_artifacts: Any, word: str, start: int
        ) -> list[str]:
            at = max(0, bisect_right(nlp_artifacts.tokens_indices, start) - 1)
            lemmas = nlp_artifacts.lemmas
            before = words_near(lemmas, range(at, -1, -1), self.context_prefix_count + 1)
            return before + words_near(
                lemmas, range(at + 1, len(lemmas)), self.context_suffix_count
            )

    return Enhancer(
        context_similarity_factor=CONTEXT_GAIN,
        context_prefix_count=WORDS_BEFORE,
        context_suffix_count=WORDS_AFTER,
        context_matching_mode="whole_word",
    )
