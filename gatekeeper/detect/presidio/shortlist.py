"""Which recognizers may find something in a text: the others need not be asked.

Presidio asks every recognizer about every text, and makes objects for each answer. Here a prefilter
says first which patterns may match, those are run, and only what found something goes to Presidio.
`Analyzer(plain=True)` does without, and must find the same.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

from gatekeeper.detect.matching import Match
from gatekeeper.detect.prefilter import PatternKey, Prefilter
from gatekeeper.detect.recognizers import all_recognizers
from gatekeeper.detect.recognizers.people import hashtag_names, labelled_names
from gatekeeper.detect.tables import table_of

COMPILED_FROM = 500_000
"""Characters that all patterns read in about the time that it takes to compile them."""
Shortlisted = list[tuple[Any, "list[Match] | None"]]
"""Recognizers with their matches in a text; None where only Presidio can ask them."""


@cache
def shipped_prefilter() -> Prefilter:
    """Over the patterns of all shipped recognizers, whichever are asked for: one database for all.

    Patterns of the user's own and of locales are not in it, so they always run.
    """
    ours = (*all_recognizers(), labelled_names(), hashtag_names())
    patterns = [(p.regex, r.ignore_case) for r in ours for p in r.patterns]
    return Prefilter([*patterns, *_stock_patterns()])


def stock_key(pattern: str) -> PatternKey:
    """A pattern as Presidio's own recognizers compile it: a full stop matches everything."""
    return f"(?s){pattern}", True


def _stock_patterns() -> Iterator[PatternKey]:
    from presidio_analyzer.predefined_recognizers import CryptoRecognizer, UuidRecognizer

    for kind in (CryptoRecognizer, UuidRecognizer):
        yield from (stock_key(pattern.regex) for pattern in kind.PATTERNS)


class Shortlist:
    """The recognizers of an analyzer, by the patterns of theirs that may match a text."""

    def __init__(self, rules: Sequence[Any], prefilter: Prefilter) -> None:
        """Take the recognizers in order.

        One with `numbers` has patterns in the prefilter, one with a `matcher` can be asked here;
        any other is always left to Presidio.
        """
        self._rules, self._prefilter = rules, prefilter
        self._unfiltered = 0
        self._always: set[int] = set()
        self._asked_by: dict[int, set[int]] = {}
        self._labels = False
        for at, rule in enumerate(rules):
            numbers, matcher = getattr(rule, "numbers", [None]), getattr(rule, "matcher", None)
            if None in numbers or (matcher is not None and matcher.finds):
                self._always.add(at)
            for number in numbers:
                if number is not None:
                    self._asked_by.setdefault(number, set()).add(at)
            self._labels |= matcher is not None and matcher.labels

    def of(self, text: str) -> Shortlisted:
        """The recognizers that found something in `text` and what, in order, and those that only
        Presidio can ask.

        Raises PatternTimedOut.
        """
        found: Shortlisted = []
        for at in self._candidates(text):
            rule = self._rules[at]
            matcher = getattr(rule, "matcher", None)
            matches = matcher.best(text) if matcher is not None else None
            if matches != []:
                found.append((rule, matches))
        return found

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


class _Chosen(threading.local):
    """What this thread's engine is to ask about which text."""

    text: str | None = None
    asked: Shortlisted | None = None


_CHOSEN = _Chosen()


def chosen() -> list[Any] | None:
    """The recognizers that this thread's engine is to ask; None for all."""
    return None if _CHOSEN.asked is None else [rule for rule, _ in _CHOSEN.asked]


def known_matches(recognizer: Any, text: str) -> list[Match] | None:
    """What `recognizer` found in `text` when the shortlist was made; None where it was not."""
    if _CHOSEN.text is not text:
        return None
    return next((m for rule, m in _CHOSEN.asked or () if rule is recognizer), None)


@contextmanager
def only(text: str, asked: Shortlisted | None) -> Iterator[None]:
    """Have this thread's engine ask these recognizers alone about `text`."""
    _CHOSEN.text, _CHOSEN.asked = text, asked
    try:
        yield
    finally:
        _CHOSEN.text = _CHOSEN.asked = None
