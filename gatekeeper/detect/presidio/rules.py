"""Presidio recognizers made of ours, of two of its own, and of what the name model proposes."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Any

from gatekeeper.detect.matching import Matcher, PatternTimedOut
from gatekeeper.detect.named import NAME, named_spans
from gatekeeper.detect.recognizers.people import hashtag_names, labelled_names
from gatekeeper.detect.recognizers.spec import Recognizer

if TYPE_CHECKING:
    from presidio_analyzer import EntityRecognizer, RecognizerResult


@cache
def result_class() -> type[RecognizerResult]:
    """The class of our results. Presidio is imported where it is first needed."""
    from presidio_analyzer import RecognizerResult

    class Result(RecognizerResult):
        """A result that nobody else holds, so that the enhancer need not copy all of it."""

        def __deepcopy__(self, memo: dict[int, Any]) -> RecognizerResult:
            return copy.copy(self)

    return Result


@cache
def rule_class() -> type[EntityRecognizer]:
    """The class of Presidio recognizers that run one of ours."""
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
            kind = result_class()
            return kind(self.supported_entities[0], start, end, score, why, about)

    return Rule


def stock(timeout_s: float) -> list[EntityRecognizer]:
    """Presidio's own recognizers of what `recognizers.stock` finds; only the match loop is ours."""
    from presidio_analyzer.predefined_recognizers import CryptoRecognizer, UuidRecognizer

    both = (CryptoRecognizer(), UuidRecognizer())
    return [_guarded(r, timeout_s) for r in both]


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
def name_class() -> type[EntityRecognizer]:
    """The class of the recognizer that hands on what the name pass has proposed."""
    from presidio_analyzer import AnalysisExplanation, LocalRecognizer, RecognizerResult

    from gatekeeper.detect.ner.component import PROPOSALS

    class Names(LocalRecognizer):
        """The name model's proposals, scored by what speaks for them."""

        def __init__(self, entities: list[str]) -> None:
            super().__init__(supported_entities=entities, name=NAME)

        def load(self) -> None:
            """Nothing to load: the pipeline has run."""

        def analyze(self, text: str, entities: Any, nlp_artifacts: Any = None) -> list[Any]:
            about = {
                RecognizerResult.RECOGNIZER_NAME_KEY: self.name,
                RecognizerResult.RECOGNIZER_IDENTIFIER_KEY: self.id,
            }
            kind, results = result_class(), []
            proposals = nlp_artifacts.tokens.user_data[PROPOSALS]
            for span in named_spans(text, proposals, entities):
                why = AnalysisExplanation(self.name, span.score)
                results.append(kind(span.entity, span.start, span.end, span.score, why, about))
            return results

    return Names


def name_rules(timeout_s: float) -> list[EntityRecognizer]:
    """Names that the model misses: behind a label, in a hashtag."""
    rule = rule_class()
    return [rule(r, timeout_s) for r in (labelled_names(), hashtag_names())]
