"""A Parquet file cut into parts at its row groups, for several processes to read.

As with one process, the file is hashed whole first, and its identity is compared afterwards: by
each reader, with that of the file that was hashed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from gatekeeper.model import Record, Unscanned
from gatekeeper.read.columnar import Budget, groups_of, read_groups
from gatekeeper.read.formats import Format
from gatekeeper.read.refusal import Refusal
from gatekeeper.read.source import Identity, Reading, Source
from gatekeeper.read.streams import StoredStream

PARQUET = Format("parquet")


@dataclass(frozen=True, slots=True)
class Groups:
    """Some row groups of a file."""

    numbers: tuple[int, ...]
    rows_before: int
    size_bytes: int
    """Of the whole file."""
    identity: Identity


class GroupCut:
    """One reading of a Parquet file that was cut: iterate its parts, then ask for the digest."""

    def __init__(self, source: Source, part_bytes: int) -> None:
        """Opens and hashes `source`; raises OSError, and Refusal where it cannot be cut."""
        self._raw = source.open()
        try:
            self._before = Identity.of(self._raw)
            size_bytes = self._before.size_bytes if self._before else None
            self._stored = StoredStream(self._raw, size_bytes)
            found, _ = source.identify(self._stored)
            self._stored.drain()
            if found != PARQUET or self._before is None:
                raise Refusal("changed", "is not what it was when it was opened")
            self._parts = list(self._cut(self._before, part_bytes))
            if len(self._parts) < 2:
                raise Refusal("one-part", "has nothing to be cut")
        except BaseException:
            self._raw.close()
            raise

    def _cut(self, identity: Identity, part_bytes: int) -> Iterator[Groups]:
        self._raw.seek(0)
        numbers: list[int] = []
        before = rows = size = 0
        for number, (group_rows, group_bytes) in enumerate(groups_of(self._raw)):
            numbers.append(number)
            rows += group_rows
            size += group_bytes
            if size >= part_bytes and rows > before:
                yield Groups(tuple(numbers), before, self.bytes_seen, identity)
                numbers, before, size = [], rows, 0
        if numbers:
            yield Groups(tuple(numbers), before, self.bytes_seen, identity)

    def __iter__(self) -> Iterator[Groups]:
        return iter(self._parts)

    def close(self) -> None:
        """Close the file."""
        self._raw.close()

    @property
    def digest(self) -> str:
        """`sha256:…` of the bytes."""
        return self._stored.digest

    @property
    def bytes_seen(self) -> int:
        """How many there are."""
        return self._stored.bytes_seen

    @property
    def same(self) -> bool:
        """Whether the file is the one that was hashed, as far as the system knows."""
        return Identity.of(self._raw) == self._before


class GroupReading(Reading):
    """One reading of some row groups of a source."""

    def __init__(self, source: Source, part: Groups) -> None:
        super().__init__(source)
        self._part = part
        self.budget = Budget()
        """What the rows took of what all parts have together."""
        self.same = False
        """Whether the file was the one that was hashed."""
        self.whole = True
        """Whether nothing stood in the way that only a reading of the whole file can account for:
        a part that is damaged, or column names without a row to stand in."""

    def _read_open(self, raw: BinaryIO) -> Iterator[Record | Unscanned]:
        part = self._part
        self.same = Identity.of(raw) == part.identity
        placed = False
        self._stored = StoredStream(raw)  # of which nothing is read: the file was hashed already
        try:
            for item in read_groups(
                raw, part.numbers, part.rows_before, part.size_bytes,
                self._source.name, self._source.limits, self.budget,
            ):  # fmt: skip
                if not isinstance(item, int):
                    placed = placed or isinstance(item, Record)
                    yield item
        except Refusal:
            self.whole = False
        self.whole = self.whole and (placed or part.rows_before > 0)
        self.same = self.same and Identity.of(raw) == part.identity
