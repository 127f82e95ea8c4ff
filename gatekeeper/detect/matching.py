"""Runs the patterns of one recognizer over a text; no time-out is lost."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any

from gatekeeper.detect.prefilter import Prefilter, is_unclear
from gatekeeper.detect.recognizers.spec import SEPARATOR, Recognizer
from gatekeeper.detect.tables import table_of

Match = tuple[int, int, float, str]
"""start, end, score, name of the pattern."""


SHORT = 400
"""Characters in which no shipped pattern takes long: a clock there costs more than the pattern."""


class PatternTimedOut(Exception):  # noqa: N818  (it names the event)
    """A pattern ran out of time. Not a TimeoutError, which Presidio would swallow."""


@lru_cache(maxsize=8)
def folded(text: str) -> str:
    """`text` case-folded, for the recognizers that need a word in it."""
    return text.casefold()


@cache
def _compiled(pattern: str, ignore_case: bool) -> Any:
    """Compiled once a process: analyzers share most of their patterns, and the package's own cache
    holds fewer than there are.
    """
    import regex

    return regex.compile(pattern, regex.MULTILINE | (regex.IGNORECASE if ignore_case else 0))


class Matcher:
    """The compiled patterns of a recognizer, with its check."""

    def __init__(
        self, recognizer: Recognizer, timeout_s: float, prefilter: Prefilter | None = None
    ) -> None:
        """One pattern may spend `timeout_s` seconds on one text.

        Patterns of which `prefilter` says that they cannot match a text are not run over it, and
        compiled only when they first are.
        """
        ignore_case = recognizer.ignore_case
        self.numbers = [
            prefilter.number((p.regex, ignore_case)) if prefilter else None
            for p in recognizer.patterns
        ]
        """The numbers of the patterns in the prefilter; None for one that may always match."""
        self._patterns = tuple(zip(recognizer.patterns, self.numbers, strict=True))
        self._ignore_case = ignore_case
        if prefilter is None:
            for pattern in recognizer.patterns:
                _compiled(pattern.regex, ignore_case)
        self._prefilter = prefilter
        self._recognizer = recognizer
        self.labels = any(SEPARATOR in p.regex for p in recognizer.patterns)
        """Whether cells of a table are read behind the heads of their columns."""
        sought = recognizer.triggers or ((None,) if recognizer.find else ())
        self.sought = [prefilter.number(key) if prefilter and key else None for key in sought]
        """The numbers of what `find` needs; None where it may always find something."""
        self._timeout_s = timeout_s

    def best(self, text: str) -> list[Match]:
        """Each place once, with the highest score. Raises PatternTimedOut."""
        found: dict[tuple[int, int], tuple[float, str]] = {}
        for start, end, score, name in self._matches(text):
            if score > found.get((start, end), (0.0, ""))[0]:
                found[start, end] = (score, name)
        return [(start, end, *what) for (start, end), what in found.items()]

    def _matches(self, text: str) -> Iterator[Match]:
        """In the text, and in its tables with every cell behind the head of its column."""
        needs, find = self._recognizer.needs, self._recognizer.find
        if needs and not any(word in folded(text) for word in needs):
            return
        yield from self._scan(text)
        table = table_of(text) if self.labels else None
        if table is not None:
            for start, end, score, name in self._scan(table.text):
                place = table.place(start, end)
                if place is not None:
                    yield *place, score, name
        for start, end, score in find(text) if find and self._may_find(text) else ():
            yield start, end, score, "found"

    def _may_find(self, text: str) -> bool:
        may = self._prefilter.matching(text) if self._prefilter else None
        return (
            may is None
            or None in self.sought
            or is_unclear(text)
            or not may.isdisjoint(self.sought)
        )

    def _scan(self, text: str) -> Iterator[Match]:
        check = self._recognizer.check
        may = self._prefilter.matching(text) if self._prefilter else None
        for pattern, number in self._patterns:
            if may is not None and number is not None and number not in may:
                continue
            if pattern.needs and not any(literal in text for literal in pattern.needs):
                continue
            compiled = _compiled(pattern.regex, self._ignore_case)
            group = "value" if "value" in compiled.groupindex else 0
            timeout_s = None if number is not None and len(text) <= SHORT else self._timeout_s
            try:
                spans = [m.span(group) for m in compiled.finditer(text, timeout=timeout_s)]
            except TimeoutError:
                spans = None
            if spans is None:
                raise PatternTimedOut
            for start, end in spans:
                if start < end:
                    score = check(text, start, end, pattern.score) if check else pattern.score
                    yield start, end, score, pattern.name
