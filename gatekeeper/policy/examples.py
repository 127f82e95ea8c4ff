"""A rule's own test: the texts that must trip it, and those that must not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from gatekeeper.model import Policy, Rule

Trips = Callable[[Rule, str], bool]
"""Whether a rule holds against an example. The text is one plain text, or JSON Lines where
`is_json_lines` says so; the gate knows how to read and detect, this room does not.
"""


@dataclass(frozen=True, slots=True)
class ExampleResult:
    """What came of one example: `number` counts from 1 within the rule's trips or passes."""

    rule: Rule
    number: int
    text: str
    expected: bool
    got: bool

    @property
    def ok(self) -> bool:
        """Whether the rule did what its author says."""
        return self.expected is self.got

    @property
    def at(self) -> str:
        """The place of the rule."""
        return self.rule.at

    @property
    def name(self) -> str:
        """`names: trips 2`, without the text."""
        return f"{self.rule.id}: {'trips' if self.expected else 'passes'} {self.number}"


def is_json_lines(text: str) -> bool:
    """Whether an example is JSON Lines (each line a record) and not one plain text."""
    return text.startswith("{")


def run_examples(policy: Policy, trips: Trips) -> Iterator[ExampleResult]:
    """Every example of `policy` in the order of its file, evaluated by `trips` one at a time."""
    for rule in policy.rules:
        for expected, texts in ((True, rule.examples.trips), (False, rule.examples.passes)):
            for number, text in enumerate(texts, start=1):
                yield ExampleResult(rule, number, text, expected, trips(rule, text))
