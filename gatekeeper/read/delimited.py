"""CSV and TSV (RFC 4180 and its cousins): the dialect is sniffed, every cell is read."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence

from gatekeeper.model.pointer import safe_token
from gatekeeper.read.dialect import Dialect, sniff
from gatekeeper.read.jsonl import BOM
from gatekeeper.read.limits import Limits
from gatekeeper.read.refusal import Item, Items, Refusal, not_utf8, nul_bytes, over_limit
from gatekeeper.read.shapes import KNOWN_KEYS
from gatekeeper.read.streams import Prefixed, Stream, lines, read_up_to
from gatekeeper.read.walk import Walk

_SAMPLE_BYTES = 1 << 16
_NUL = "\udc00"
"""Stands for a NUL byte, at which `csv` of Python 3.10 stops. Valid text cannot hold it."""
_BAD = re.compile("[\udc00-\udcff]")


def read_delimited(stream: Stream, source: str, limits: Limits, *, tabs: bool) -> Items:
    """Each row of `stream` as a record; a header's cells are keys, read with the first row.

    Cells beyond the header, in rows longer than it, are read under their position. Raises Refusal
    where the quoting breaks: from there on nobody can say where a row ends.
    """
    head = read_up_to(stream, _SAMPLE_BYTES)
    dialect = sniff(head, tabs=tabs, at_end=len(head) < _SAMPLE_BYTES)
    feed = _Feed(Prefixed(head, stream), dialect, limits)
    rows = _Rows(source, limits, dialect)
    # The limit is the process's own; raising it refuses no less here, for `_Feed` bounds each row.
    csv.field_size_limit(max(csv.field_size_limit(), limits.max_record_bytes))
    reader = csv.reader(feed, strict=True, **dialect.options)
    while True:
        feed.begin_row()
        row: list[str] | None = None
        problem = ""
        try:
            row = next(reader, None)
        except csv.Error as error:
            problem = "a quote is never closed" if "end of data" in str(error) else "quoting breaks"
        if problem:
            detail = f"{problem}; correct it, or write the file again with a csv writer"
            raise Refusal("broken-csv", detail, f"line {feed.row_line}")
        if row is None:
            break
        yield from rows.take(row, feed.row_line, feed.row_bytes)
    yield from rows.close()


class _Feed:
    """Gives lines to `csv.reader` and counts the bytes of the row being built."""

    def __init__(self, stream: Stream, dialect: Dialect, limits: Limits) -> None:
        self._lines = lines(stream, limits.max_record_bytes, dialect.line_end)
        self._limits = limits
        self._delimiter = dialect.delimiter.encode()
        self._next_line = 1
        self.row_line = 1
        """The line on which the row begins, from 1."""
        self.row_bytes = 0

    def begin_row(self) -> None:
        """The next line begins a row."""
        self.row_line, self.row_bytes = self._next_line, 0

    def __iter__(self) -> Iterator[str]:
        for line in self._lines:
            self.row_bytes += line.size_bytes
            if line.data is None or self.row_bytes > self._limits.max_record_bytes:
                raise over_limit("the row", self._limits.max_record_bytes, "bytes")
            data = line.data
            most = self._limits.max_values
            if len(data) > most and data.count(self._delimiter) > most:
                raise over_limit("the number of cells", most, "cells")
            if line.number == 1 and data.startswith(BOM):
                data = data[len(BOM) :]
            self._next_line = line.number + 1
            yield data.decode("utf-8", "surrogateescape").replace("\0", _NUL)


class _Rows:
    """Turns rows into records, under the header where there is one."""

    def __init__(self, source: str, limits: Limits, dialect: Dialect) -> None:
        self._source = source
        self._limits = limits
        self._expects_header = dialect.has_header
        self._names: Sequence[str] = ()
        self._pointers: list[str] = []
        self._header: Walk | None = None
        self._header_bytes = 0
        self._index = 0

    def take(self, row: list[str], line: int, size_bytes: int) -> Iterator[Item]:
        """The record of one row, or why it is refused; nothing for a blank line or the header."""
        if not row:
            yield size_bytes
            return
        bad = next((m[0] for cell in row if (m := _BAD.search(cell))), "")
        expects_header, self._expects_header = self._expects_header, False
        if expects_header and not bad:
            self._take_header(row, size_bytes)
            return
        if bad:
            refusal = nul_bytes() if bad == _NUL else not_utf8()
        else:
            refused = self._walk(row)
            if isinstance(refused, Walk):
                yield from self._record(refused, size_bytes)
                return
            refusal = refused
        self._index += 1
        yield refusal.unscanned(self._source, size_bytes, f"line {line}")

    def _record(self, walked: Walk, size_bytes: int) -> Iterator[Item]:
        if self._header is not None:
            walked.texts[:0] = self._header.texts
            size_bytes += self._header_bytes
            self._header = None
        yield from walked.items(self._source, self._index, size_bytes)
        self._index += 1

    def _take_header(self, row: list[str], size_bytes: int) -> None:
        self._names = row
        self._header = Walk(self._limits)
        self._header_bytes = size_bytes
        for n, name in enumerate(row):
            self._pointers.append(f"/{safe_token(name, n)}" if name else f"/{n}")
            if name not in KNOWN_KEYS:
                self._header.key(name, self._pointers[n], f"/#{n}")

    def _walk(self, row: list[str]) -> Walk | Refusal:
        walked = Walk(self._limits)
        while len(self._pointers) < len(row):
            self._pointers.append(f"/{len(self._pointers)}")
        try:
            for n, cell in enumerate(row):
                key = self._names[n] if n < len(self._names) else ""
                walked.string(cell, self._pointers[n], key)
        except Refusal as refusal:
            return refusal
        return walked

    def close(self) -> Iterator[Item]:
        """What is left of a header that no row followed."""
        if self._header is not None:
            # Not a record: a file with a header alone holds no data, and must not pass as scanned.
            empty = Refusal("empty", "a header and no row; remove it, or fill it")
            yield empty.unscanned(self._source, self._header_bytes, "line 1")
