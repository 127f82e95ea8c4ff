"""Which recognizers may find something in a text: the others need not be asked.

A prefilter says which patterns may match, and those are run. Patterns of the user's own and of
locales are not in it, so they always run.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from gatekeeper.detect.matching import Match, Matcher
from gatekeeper.detect.prefilter import Prefilter
from gatekeeper.detect.recognizers import Recognizer, all_recognizers
from gatekeeper.detect.recognizers.people import hashtag_names, labelled_names
from gatekeeper.detect.tables import table_of

COMPILED_FROM = 500_000
"""Characters that all patterns read in about the time that it takes to compile them."""


@cache
def shipped_prefilter() -> Prefilter:
    """Over the patterns of all shipped recognizers, whichever are asked for: one for all."""
    ours = (*all_recognizers(), labelled_names(), hashtag_names())
    return Prefilter([(p.regex, r.ignore_case) for r in ours for p in r.patterns])


class Rule:
    """A recognizer with its patterns compiled."""

    def __init__(
        self, recognizer: Recognizer, timeout_s: float, prefilter: Prefilter | None = None
    ) -> None:
        """Compile; see `Matcher`."""
        self.name, self.entity = recognizer.name, recognizer.entity
        self.context = frozenset(word.lower() for word in recognizer.context)
        self.matcher = Matcher(recognizer, timeout_s, prefilter)


class Shortlist:
    """The rules of an analyzer, by the patterns of theirs that may match a text."""

    def __init__(self, rules: Sequence[Rule], prefilter: Prefilter) -> None:
        """Take the rules in order."""
        self._rules, self._prefilter = rules, prefilter
        self._unfiltered = 0
        self._always: set[int] = set()
        self._asked_by: dict[int, set[int]] = {}
        self._labels = False
        for at, rule in enumerate(rules):
            if None in rule.matcher.numbers or rule.matcher.finds:
                self._always.add(at)
            for number in rule.matcher.numbers:
                if number is not None:
                    self._asked_by.setdefault(number, set()).add(at)
            self._labels |= rule.matcher.labels

    def of(self, text: str) -> list[tuple[Rule, list[Match]]]:
        """The rules that found something in `text` and what, in order. Raises PatternTimedOut."""
        rules = (self._rules[at] for at in self._candidates(text))
        found = ((rule, rule.matcher.best(text)) for rule in rules)
        return [(rule, matches) for rule, matches in found if matches]

    def _count(self, text: str) -> None:
        """Have the database compiled once that would have paid: a few patterns never need it."""
        self._unfiltered += len(text) * len(self._asked_by)
        if self._unfiltered >= COMPILED_FROM * self._prefilter.size:
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
        return sorted(self._always.union(*(self._asked_by.get(n, ()) for n in numbers)))
