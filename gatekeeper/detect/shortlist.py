"""Which recognizers may find something in a text: the others need not be asked.

A prefilter says which patterns may match, and those are run. Patterns of the user's own and of
locales are not in it, so they always run.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Sequence
from functools import lru_cache

from gatekeeper.detect.matching import Match, Matcher
from gatekeeper.detect.prefilter import PatternKey, Prefilter, is_unclear
from gatekeeper.detect.prefilter.triggers import EVERYTHING
from gatekeeper.detect.recognizers import Recognizer, all_recognizers
from gatekeeper.detect.recognizers.people import hashtag_names, labelled_names
from gatekeeper.detect.tables import table_of
from gatekeeper.detect.views import TRIGGERS

COMPILED_FROM = 500_000
"""Characters that patterns read in about the time that it takes to compile them."""


def prefilter_of(recognizers: Iterable[Recognizer]) -> Prefilter:
    """Over the patterns of those that are shipped, and what the views need.

    One's own may be written in what `regex` alone understands; none has the name of a shipped one.
    """
    shipped = {r.name for r in (*all_recognizers(), labelled_names(), hashtag_names())}
    ours = [r for r in recognizers if r.name in shipped]
    patterns = [(p.regex, r.ignore_case) for r in ours for p in r.patterns]
    sought = [key for r in ours for key in r.triggers]
    views = [key for keys in TRIGGERS.values() for key in keys]
    return _prefilter((*patterns, *sought, *views))


@lru_cache(maxsize=8)
def _prefilter(patterns: tuple[PatternKey, ...]) -> Prefilter:
    return Prefilter(patterns)


class Rule:
    """A recognizer with its patterns compiled."""

    def __init__(
        self, recognizer: Recognizer, timeout_s: float, prefilter: Prefilter | None = None
    ) -> None:
        """Compile; see `Matcher`."""
        self.name, self.entity = recognizer.name, recognizer.entity
        self.recognizer = recognizer
        self.context = frozenset(word.lower() for word in recognizer.context)
        self.matcher = Matcher(recognizer, timeout_s, prefilter)


class Shortlist:
    """The rules of an analyzer, by the patterns of theirs that may match a text."""

    def __init__(self, rules: Sequence[Rule], prefilter: Prefilter) -> None:
        """Take the rules in order."""
        self._rules, self._prefilter = rules, prefilter
        self._unfiltered = 0
        self._always: set[int] = set()
        self._finders: set[int] = set()
        self._asked_by: dict[int, set[int]] = {}
        self._labels = False
        for at, rule in enumerate(rules):
            numbers = (*rule.matcher.numbers, *rule.matcher.sought)
            if None in numbers:
                self._always.add(at)
            if rule.matcher.sought:
                self._finders.add(at)
            for number in numbers:
                if number is not None:
                    self._asked_by.setdefault(number, set()).add(at)
            self._labels |= rule.matcher.labels
        self._views: dict[int, list[str]] = {}
        self._any_view: set[str] = set()
        for name, keys in TRIGGERS.items():
            for number in map(prefilter.number, keys):
                if number is None:
                    self._any_view.add(name)
                else:
                    self._views.setdefault(number, []).append(name)

        self._told = self._more_told()
        self._heard = frozenset((*self._asked_by, *self._views))

    def _more_told(self) -> dict[int, list[Callable[[str], bool]]]:
        """What says more where a pattern may match: of those that nothing else asks for."""
        told: dict[int, list[Callable[[str], bool]]] = {}
        for number, asking in self._asked_by.items():
            recognizers = [self._rules[at].recognizer for at in asking]
            says = [r.may for r in recognizers if r.may and not r.patterns]
            if len(says) == len(asking) and number not in self._views:
                told[number] = says
        return told

    def of(self, text: str) -> list[tuple[Rule, list[Match]]]:
        """The rules that found something in `text` and what, in order. Raises PatternTimedOut."""
        rules = (self._rules[at] for at in self._candidates(text))
        found = ((rule, rule.matcher.best(text)) for rule in rules)
        return [(rule, matches) for rule, matches in found if matches]

    def searches(self, text: str) -> Container[str]:
        """The searches for a disguise (`views.TRIGGERS`) that may find something in `text`."""
        numbers = None if is_unclear(text) else self._prefilter.matching(text)
        if numbers is None:
            return EVERYTHING
        return self._any_view.union(*(self._views[n] for n in numbers if n in self._views))

    def may_find(self, text: str) -> bool:
        """Whether any pattern or search may match `text`."""
        if self._always or self._any_view:
            return True
        numbers = self._prefilter.scanned(text)
        if numbers is None:
            self._count(text)
            return True
        return any(
            number in self._heard
            and (number not in self._told or any(may(text) for may in self._told[number]))
            for number in numbers
        )

    def _count(self, text: str) -> None:
        """Have the database compiled once that would have paid."""
        self._unfiltered += len(text)
        if self._unfiltered >= COMPILED_FROM:
            self._unfiltered = 0
            self._prefilter.compile()

    def _candidates(self, text: str) -> Sequence[int]:
        numbers = self._prefilter.matching(text)
        if numbers is None:
            self._count(text)
            return range(len(self._rules))
        table = table_of(text) if self._labels else None
        if table is not None:
            more = self._prefilter.matching(table.text)
            if more is None:
                return range(len(self._rules))
            numbers |= more
        always = self._always | self._finders if is_unclear(text) else self._always
        return sorted(always.union(*(self._asked_by[n] for n in numbers if n in self._asked_by)))
