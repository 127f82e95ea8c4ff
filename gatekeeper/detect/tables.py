"""Tables inside a text: a cell says what it holds by the head of its column.

    | Name | MRN      |            Name: …
    |------|----------|    reads   MRN: 00483921
    | …    | 00483921 |

so that whatever needs a label finds it. Known are tables of bars, tabs, commas and semicolons, and
those whose columns stand apart by blanks, where a head says something of a person.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from gatekeeper.detect.headers import kind_of
from gatekeeper.detect.lazy import lazy
from gatekeeper.detect.words import words_of

_MARKS = "\u0300-\u036f\u0900-\u0903\u093a-\u094f\u0e31\u0e34-\u0e3a\u0e47-\u0e4e"
"""Marks above and below letters, of Devanagari and Thai as well: they are no letters to `\\w`."""
_HEAD = lazy(rf"[\"'`*_ ]{{0,3}}[^\W\d_][\w{_MARKS} .#()/'’*`\"-]{{0,38}}\Z")
_RULE = lazy(r"[|\s:=+-]{3,}\Z")
MIN_ROWS = 1
"""Rows below the head of a table with bars."""
MIN_ROWS_PLAIN = 2
"""Rows below the head of one without: two lines of prose may have as many commas."""
MAX_COLUMNS, MAX_CELL, MAX_LINE = 60, 200, 1000
_APART = lazy(r"\S {2,40}\S")
_PIECE = lazy(r"[^\s|]\S*(?: \S+)*")
"""What two blanks set apart."""
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


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell, the head of its column, and all heads of its table."""

    head: str
    start: int
    end: int
    heads: tuple[str, ...]


@lru_cache(maxsize=8)
def table_of(text: str) -> Table | None:
    """The tables of `text`, or None where it has none."""
    parts: list[str] = []
    starts: list[int] = []
    shifts: list[tuple[int, int]] = []
    length = 0
    for cell in cells_of(text):
        label = f"{cell.head}: "
        at = length + len(label)
        starts.append(at)
        shifts.append((cell.end - cell.start, at - cell.start))
        parts.append(f"{label}{text[cell.start : cell.end]}{_GAP}")
        length += len(parts[-1])
    return Table("".join(parts), tuple(starts), tuple(shifts)) if parts else None


@lru_cache(maxsize=8)
def cells_of(text: str) -> tuple[Cell, ...]:
    """Every cell of the tables in `text` that is not empty."""
    if "\n" not in text:
        return ()
    found: list[Cell] = []
    for mark in "|\t,;":
        if text.count(mark) > 1:
            for rows in _blocks(text, mark):
                found += _below(text, rows)
    if _APART.search(text):
        found += _aligned(text)
    return tuple(found)


def _aligned(text: str) -> Iterator[Cell]:
    """The cells of tables whose columns stand apart by two blanks or more."""
    heads: list[tuple[int, int]] = []
    start = 0
    for line in text.split("\n"):
        spans = [(start + m.start(), start + m.end()) for m in _PIECE.finditer(line)]
        start += len(line) + 1
        if _is_head(text, spans):
            heads = spans
        elif len(spans) != len(heads) and not (line.strip() and set(line) <= set("-=+ \t\r")):
            heads = []
        elif heads and not set(line) <= set("-=+ \t\r"):
            names = tuple(text[a:b] for a, b in heads)
            for name, (a, b) in zip(names, spans, strict=True):
                if b - a <= MAX_CELL:
                    yield Cell(name, a, b, names)


def _is_head(text: str, spans: list[tuple[int, int]]) -> bool:
    if not 1 < len(spans) <= MAX_COLUMNS or spans[-1][1] - spans[0][0] > MAX_LINE:
        return False
    names = [text[a:b] for a, b in spans]
    return all(_HEAD.match(n) for n in names) and any(kind_of(words_of(n)) for n in names)


def _blocks(text: str, mark: str) -> Iterator[list[list[tuple[int, int]]]]:
    """Runs of lines with as many cells, those of more than one column and row."""
    needed = 1 + (MIN_ROWS if mark == "|" else MIN_ROWS_PLAIN)
    start = 0
    for marks, group in groupby(text.split("\n"), key=lambda line: line.count(mark)):
        lines = list(group)
        first, start = start, start + sum(map(len, lines)) + len(lines)
        if not 0 < marks <= MAX_COLUMNS or len(lines) < needed:
            continue
        rows: list[list[tuple[int, int]]] = []
        for line in lines:
            if not (_RULE.match(line) and "-" in line):
                rows.append(_split(line, first, mark))
            first += len(line) + 1
        if len(rows) >= needed:
            yield rows


def _split(line: str, start: int, mark: str) -> list[tuple[int, int]]:
    """The places of the cells of one line, without the blanks and quotes about them."""
    spans = []
    at = start
    for cell in line.split(mark):
        left = len(cell) - len(cell.lstrip(" \"'*`\t\r"))
        right = len(cell.rstrip(" \"'*`\t\r"))
        spans.append((at + left, at + max(left, right)))
        at += len(cell) + 1
    return spans


def _below(text: str, rows: list[list[tuple[int, int]]]) -> Iterator[Cell]:
    heads = tuple(text[a:b] for a, b in rows[0])
    named = [h for h in heads if h]
    if not named or not all(_HEAD.match(h) for h in named):
        return
    for row in rows[1:]:
        for head, (start, end) in zip(heads, row, strict=True):
            if head and 0 < end - start <= MAX_CELL:
                yield Cell(head, start, end, heads)
