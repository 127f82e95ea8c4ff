"""A file of JSON lines cut into parts at line ends, for several processes to read.

One process reads the file from front to back, hashes all of it and each part, and counts the lines
and records before every cut; the others read the parts. A part that does not hold the very bytes
that were hashed shows as such, so what was read is what the digest of the file stands for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from gatekeeper.model import Record, Unscanned
from gatekeeper.read.formats import Format
from gatekeeper.read.jsonl import is_blank, read_jsonl
from gatekeeper.read.ledger import account
from gatekeeper.read.refusal import Refusal
from gatekeeper.read.source import Identity, Reading, Source
from gatekeeper.read.streams import BLOCK_BYTES, StoredStream, Stream, lines

JSONL = Format("jsonl")


@dataclass(frozen=True, slots=True)
class Part:
    """Some lines of a file: the first begins at `start`, the last is not blank, save at the end."""

    start: int
    size_bytes: int
    digest: str
    lines_before: int
    records_before: int


class Cut:
    """One reading of a source by lines: iterate its parts, then ask for `digest` and `bytes_seen`.

    Blank lines go with the line that follows, as their bytes do, and the last ones with the last.
    """

    def __init__(self, source: Source, part_bytes: int) -> None:
        """Opens `source`; raises OSError, and Refusal where it holds no JSON lines."""
        self._source = source
        self._part_bytes = part_bytes
        self._raw = source.open()
        self._before = Identity.of(self._raw)
        self._stored = StoredStream(
            self._raw, self._before.size_bytes if self._before is not None else None
        )
        try:
            found, _ = source.identify(self._stored)
            if found != JSONL:
                raise Refusal("changed", "is not what it was when it was opened")
        except BaseException:
            self._raw.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self._raw.close()

    @property
    def digest(self) -> str:
        """`sha256:…` of the bytes of all parts so far."""
        return self._stored.digest

    @property
    def bytes_seen(self) -> int:
        """How many there were."""
        return self._stored.bytes_seen

    @property
    def same(self) -> bool:
        """Whether the file is the one that was opened, as far as the system knows."""
        before = self._before
        return before is not None and Identity.of(self._raw) == before

    def __iter__(self) -> Iterator[Part]:
        hashed = _Hashed(self._stored)
        start = lines_before = records_before = 0
        position = records = item_end = item_line = 0
        full = False
        for line in lines(hashed, self._source.limits.max_record_bytes):
            blank = is_blank(line)
            if full and not blank:
                digest = hashed.cut()
                yield Part(start, item_end - start, digest, lines_before, records_before)
                start, lines_before, records_before = item_end, item_line, records
                full = False
            position += line.size_bytes
            if not blank:
                records += 1
                item_end, item_line = position, line.number
                full = item_end - start >= self._part_bytes
                if full:
                    hashed.mark(position)
        yield Part(start, position - start, hashed.digest, lines_before, records_before)


class _Hashed:
    """A stream that hashes what it gives out, part by part.

    Where a part may end is marked; whether it does, or the end of the file comes first, shows only
    later. So what follows a mark is hashed with the part before it and by itself.
    """

    def __init__(self, inner: Stream) -> None:
        self._inner = inner
        self._block = memoryview(b"")
        self._base = 0
        self._at = 0
        self._marked = ""
        self._hashes = [hashlib.sha256()]

    def read(self, size: int = BLOCK_BYTES) -> bytes:
        """The next block; what is left of the one before is hashed first."""
        self._hash_to(len(self._block))
        self._base += len(self._block)
        block = self._inner.read(size)
        self._block, self._at = memoryview(block), 0
        return block

    def mark(self, position: int) -> None:
        """A part may end at `position`, in the last block."""
        self._hash_to(position - self._base)
        self._marked = self.digest
        self._hashes.append(hashlib.sha256())

    def cut(self) -> str:
        """It does: the digest of the part up to the mark."""
        del self._hashes[0]
        return self._marked

    @property
    def digest(self) -> str:
        """The digest of what was hashed since the last cut."""
        return f"sha256:{self._hashes[0].hexdigest()}"

    def _hash_to(self, end: int) -> None:
        for hashed in self._hashes:
            hashed.update(self._block[self._at : end])
        self._at = end


class PartReading(Reading):
    """One reading of a part of a source."""

    def __init__(self, source: Source, part: Part) -> None:
        super().__init__(source)
        self._part = part

    @property
    def same(self) -> bool:
        """Whether the bytes were those that were cut."""
        return self.digest == self._part.digest

    def _read_open(self, raw: BinaryIO) -> Iterator[Record | Unscanned]:
        part, source = self._part, self._source
        raw.seek(part.start)
        stored = self._stored = StoredStream(raw, part.size_bytes)
        before = part.lines_before, part.records_before
        yield from account(
            stored, source.name, lambda _: read_jsonl(stored, source.name, source.limits, *before)
        )
