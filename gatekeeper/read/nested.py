"""JSON inside a string: where each inner string stands in the outer one, escapes counted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from gatekeeper.read.limits import Limits
from gatekeeper.read.refusal import Refusal, over_limit
from gatekeeper.read.strict_json import Value, parse

NESTED_DEPTH = 3
"""Strings that hold JSON that holds strings that hold JSON: so far they are opened."""

ESCAPED_MAX = 1 << 21
"""Code points of escaped inner strings per record: each costs a number in an offset map."""

_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|-?[0-9][0-9.eE+-]*', re.DOTALL)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a string stands: its character `i` is at code point `base + offsets[i]`, or `base + i`
    where `offsets` is None.
    """

    base: int = 0
    offsets: tuple[int, ...] | None = None

    def part(self, start: int, end: int) -> Spot:
        """Where characters `start` to `end` of the string stand."""
        if self.offsets is None:
            return Spot(self.base + start)
        return Spot(self.base, self.offsets[start:end])

    def mapped(self, positions: list[int]) -> Spot:
        """Where a string stands whose characters are at `positions` of this one."""
        if self.offsets is None:
            return Spot(self.base, tuple(positions))
        return Spot(self.base, tuple([self.offsets[i] for i in positions]))


WHOLE = Spot()


class Tokens:
    """The strings, keys and numbers of a JSON text, in order, each with its spot."""

    def __init__(self, text: str, spot: Spot) -> None:
        self._text = text
        self._spot = spot
        self._matches: Iterator[re.Match[str]] = _TOKEN.finditer(text)
        self.escaped = 0
        """Code points of the escaped strings so far."""

    def next(self) -> Spot:
        """The spot of the next string, key or number; of what is inside the quotes."""
        start, end = next(self._matches).span()
        if self._text[start] == '"':
            start, end = start + 1, end - 1
        if self._text.find("\\", start, end) < 0:
            return self._spot.part(start, end)
        self.escaped += end - start
        if self.escaped > ESCAPED_MAX:
            raise over_limit("escaped json inside a string", ESCAPED_MAX, "characters")
        return self._spot.mapped(_positions(self._text, start, end))


def _positions(text: str, start: int, end: int) -> list[int]:
    """For each character of the decoded string, where it begins in `text[start:end]`."""
    positions: list[int] = []
    at = start
    high = False
    for match in _ESCAPE.finditer(text, start, end):
        positions.extend(range(at, match.start()))
        high = high and match.start() == at
        at = match.end()
        unit = int(match[1], 16) if match[1] else 0
        if high and 0xDC00 <= unit < 0xE000:
            high = False  # the second half of a pair: one character, which began at the first half
            continue
        positions.append(match.start())
        high = 0xD800 <= unit < 0xDC00
    positions.extend(range(at, end))
    return positions


def opened(text: str, limits: Limits) -> Value:
    """The object or array that `text` holds as JSON; None where it holds none."""
    inner = text.strip(" \t\r\n")
    if len(inner) < 2 or inner[0] + inner[-1] not in ("{}", "[]", '""'):
        return None
    if inner[0] == '"' and inner[1] not in "{[\\":
        return None
    try:
        return parse(text, limits)
    except Refusal as refusal:
        if refusal.reason == "broken-json":
            return None  # not JSON after all: its text is scanned as it stands
        beyond = refusal
    raise beyond
