"""About how many tokens a row has, without a vocabulary and without network.

The service's vocabularies are not part of this package and nothing is fetched, so this is an
estimate: pieces as its tokenizers cut them (words with the blank before them, runs of digits by
three, marks), and for each piece a count by its length and script. It never refuses anything.

Held against the vocabulary o200k_base on the public corpora in ../shared: 0.92 to 1.13 times the
true count for English prose, chat and code, 0.4 to 2 times for a single short row.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

PER_MESSAGE = 4
"""Tokens around each message: its role and its ends (the service's cookbook on counting)."""

ROW_MAX = 65_536
"""The longest example that the service trains on, of the models that it still fine-tunes."""

COUNTED_CHARACTERS = 20_000_000
"""So many are cut into pieces: a sample of that size tells the rate."""

_SLICE = 1 << 16
_PIECE = re.compile(
    r"[^\S\n]?[A-Za-z]{1,9}"  # most English words, with the blank before them, are one token
    r"|[A-Za-z]{1,5}"  # what is left of a longer one
    r"|[0-9]{1,3}"
    r"|\s*\n+|\s+"
    r"|[^\S\n]?[\u0400-\u04ff]{1,7}|[\u00c0-\u024f][A-Za-z\u00c0-\u024f]{0,2}"
    r"|[\u3040-\u30ff\u3400-\u9fff]"
    r"|[^\sA-Za-z0-9]{1,2}"
)


@dataclass(slots=True)
class Tokens:
    """What was counted so far."""

    rows: int = 0
    total: int = 0
    longest: int = 0
    characters: int = 0

    def add(self, row: Mapping[str, Any]) -> int:
        """Count one row; gives its own count. After some millions of characters it is taken from
        how many there are, at the rate so far.
        """
        size = characters_in(row)
        if self.characters < COUNTED_CHARACTERS:
            count = estimate(row)
        else:
            count = round(size * self.total / self.characters)
        self.characters += size
        self.rows += 1
        self.total += count
        self.longest = max(self.longest, count)
        return count


def characters_in(value: Any) -> int:
    """How many characters the strings in `value` have; images count nothing."""
    if isinstance(value, str):
        return 0 if value.startswith("data:") else len(value)
    if isinstance(value, Mapping):
        return sum(characters_in(v) for v in value.values())
    return sum(map(characters_in, value)) if isinstance(value, list) else 0


def estimate(value: Any) -> int:
    """About how many tokens the strings in `value` are, with what stands around messages.

    Images count nothing: what they cost depends on their size in pixels.
    """
    if isinstance(value, str):
        if value.startswith("data:"):
            return 0
        starts = range(0, len(value), _SLICE)
        return sum(len(_PIECE.findall(value, start, start + _SLICE)) for start in starts)
    if isinstance(value, Mapping):
        around = PER_MESSAGE if "role" in value else 0
        return around + sum(estimate(v) for k, v in value.items() if k not in ("role", "type"))
    if isinstance(value, list):
        return sum(estimate(v) for v in value)
    return 1 if isinstance(value, int | float) and not isinstance(value, bool) else 0
