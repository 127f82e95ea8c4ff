"""Tables inside a text: a cell says what it holds by the head of its column.

    | Name | MRN      |            Name: …
    |------|----------|    reads   MRN: 00483921
    | …    | 00483921 |

so that whatever needs a label finds it. Known are tables of bars, tabs, commas and semicolons.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

_HEAD = re.compile(r"[\"'`*_ ]{0,3}[^\W\d_][\w .#()/'’*`\"-]{0,38}\Z")
_RULE = re.compile(r"[|\s:=+-]{3,}\Z")
MIN_ROWS = 1
"""Rows below the head of a table with bars."""
MIN_ROWS_PLAIN = 2
"""Rows below the head of one without: two lines of prose may have as many commas."""
MAX_COLUMNS, MAX_CELL = 60, 200
_GAP = "\n" * 9
"""Wider than what may stand between a label and its value."""


@dataclass(frozen=True, slots=True)
class Table:
    """The cells of a text's tables, each on a line of its own behind its head."""

    text: str
    starts: tuple[int, ...]
    shifts: tuple[tuple[int, int], ...]
    """For each cell: its length, and what its place in `text` is ahead of that in the source."""

    def place(self, start: int, end: int) -> tuple[int, int] | None:
        """The place in the source of `text[start:end]`, or None where it is not inside a cell."""
        n = bisect_right(self.starts, start) - 1
        if n < 0:
            return None
        length, shift = self.shifts[n]
        if end > self.starts[n] + length:
            return None
        return start - shift, end - shift


@lru_cache(maxsize=8)
def table_of(text: str) -> Table | None:
    """The tables of `text`, or None where it has none."""
    if "\n" not in text or not any(text.count(mark) > 1 for mark in "|\t,;"):
        return None
    parts: list[str] = []
    starts: list[int] = []
    shifts: list[tuple[int, int]] = []
    length = 0
    for head, start, end in _cells(text):
        label = f"{head}: "
        at = length + len(label)
        starts.append(at)
        shifts.append((end - start, at - start))
        parts.append(f"{label}{text[start:end]}{_GAP}")
        length += len(parts[-1])
    return Table("".join(parts), tuple(starts), tuple(shifts)) if parts else None


def _cells(text: str) -> Iterator[tuple[str, int, int]]:
    """(head, start, end) of every cell that is not empty."""
    for mark in "|\t,;":
        if text.count(mark) > 1:
            for rows in _blocks(text, mark):
                yield from _below(text, rows)


def _blocks(text: str, mark: str) -> Iterator[list[list[tuple[int, int]]]]:
    """Runs of lines with as many cells, those of more than one column and row."""
    rows: list[list[tuple[int, int]]] = []
    needed = 1 + (MIN_ROWS if mark == "|" else MIN_ROWS_PLAIN)
    start = 0
    for line in [*text.split("\n"), ""]:
        spans = _split(line, start, mark)
        start += len(line) + 1
        if rows and len(spans) != len(rows[0]):
            if len(rows) >= needed:
                yield rows
            rows = []
        if len(spans) > 1:
            if not (_RULE.match(line) and "-" in line):
                rows.append(spans)
        elif rows:
            rows = []


def _split(line: str, start: int, mark: str) -> list[tuple[int, int]]:
    """The places of the cells of one line, without the blanks and quotes about them."""
    if line.count(mark) > MAX_COLUMNS:
        return []
    spans = []
    at = start
    for cell in line.split(mark):
        left = len(cell) - len(cell.lstrip(" \"'*`\t\r"))
        right = len(cell.rstrip(" \"'*`\t\r"))
        spans.append((at + left, at + max(left, right)))
        at += len(cell) + 1
    return spans


def _below(text: str, rows: list[list[tuple[int, int]]]) -> Iterator[tuple[str, int, int]]:
    heads = [text[a:b] for a, b in rows[0]]
    named = [h for h in heads if h]
    if not named or not all(_HEAD.match(h) for h in named):
        return
    for row in rows[1:]:
        for head, (start, end) in zip(heads, row, strict=True):
            if head and 0 < end - start <= MAX_CELL:
                yield head, start, end
