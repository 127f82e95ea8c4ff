"""A source of records, and one reading of it: items, then the digest of exactly those bytes."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, NamedTuple

from gatekeeper.errors import GatekeeperError
from gatekeeper.model import Record, Unscanned
from gatekeeper.model.display import shown
from gatekeeper.read.compressed import decompress
from gatekeeper.read.formats import (
    HEAD_BYTES,
    Format,
    check_pointer_file,
    compression_of,
    format_of_name,
    format_of_option,
    settle,
)
from gatekeeper.read.limits import DEFAULT, Limits
from gatekeeper.read.parsers import COLUMNAR, parse
from gatekeeper.read.refusal import Items, Refusal, io_refusal
from gatekeeper.read.streams import Prefixed, StoredStream, Stream, read_up_to


class Identity(NamedTuple):
    """What tells one file's content from another's, as far as the system knows."""

    device: int
    inode: int
    size_bytes: int
    mtime_ns: int
    ctime_ns: int

    @classmethod
    def of(cls, raw: BinaryIO) -> Identity | None:
        """The identity of the open file `raw`; None where it is not a file."""
        try:
            found = os.fstat(raw.fileno())
        except (OSError, io.UnsupportedOperation):
            return None
        return cls(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


class Source:
    """Something that can be read as records. Holds no bytes of it and no open file.

    `name` is safe to show, `path` is the file (None for stdin, git blobs and datasets in memory).
    `format` is one of `gatekeeper.read.FORMATS`, `compression` is `gzip`, `zstd` or None.
    """

    def __init__(self, name: str, opener: Callable[[], BinaryIO], *, path: Path | None = None,
                 input_format: str | None = None, limits: Limits = DEFAULT,
                 regular: bool = False) -> None:  # fmt: skip
        self.name = shown(name)
        self.path = path
        self.limits = limits
        self.format = ""
        self.compression: str | None = None
        self.refused: Unscanned | None = None
        """Why it cannot be read as records, where a first look has told."""
        self._raw_name = name
        self._input_format = input_format
        self._regular = regular
        self._opener = opener

    def __repr__(self) -> str:
        return f"Source({self.name!r}, format={self.format!r})"

    def open(self) -> BinaryIO:
        """The stored bytes from the start; the caller closes the stream. Raises OSError."""
        return self._opener()

    def read(self) -> Reading:
        """A new reading from the start."""
        return Reading(self)

    @property
    def how(self) -> str:
        """All that says how its bytes are read, besides the bytes themselves: what its name or the
        `--input-format` claims, whether it can be sought in, and the limits.
        """
        try:
            claimed: object = self._claimed()
        except Refusal as refusal:
            claimed = (refusal.reason, refusal.detail)
        return repr((claimed, bool(self._input_format), self._regular, self.limits))

    def stored(self) -> tuple[str, int] | None:
        """`sha256:…` and number of the stored bytes as they are now; None where they cannot be
        read, or change meanwhile.
        """
        try:
            with closing(self.open()) as raw:
                before = Identity.of(raw) if self._regular else None
                stored = StoredStream(raw, before.size_bytes if before else None)
                stored.drain()
                if before and (Identity.of(raw), stored.bytes_seen) != (before, before.size_bytes):
                    return None
                return stored.digest, stored.bytes_seen
        except (OSError, Refusal, GatekeeperError):
            return None

    def _claimed(self) -> Format:
        """What its name or the `--input-format` claims; raises Refusal."""
        if self._input_format:
            return format_of_option(self._input_format)
        return format_of_name(self._raw_name)

    def identify(self, stored: StoredStream) -> tuple[Format, Stream]:
        """What the source is, by its name and its first bytes, and its decompressed bytes.

        Raises Refusal where it is not supported, or name and bytes disagree.
        """
        head = stored.peek(HEAD_BYTES)
        if not head:
            raise empty()
        check_pointer_file(head)
        claimed = self._claimed()
        compression = compression_of(claimed, head, explicit=bool(self._input_format))
        stream: Stream = stored
        if compression:
            inner = decompress(stored, compression, self.limits)
            head = read_up_to(inner, HEAD_BYTES)
            if not head:
                raise empty()
            stream = Prefixed(head, inner)
        found = Format(settle(claimed.name, head), compression)
        self.format, self.compression = found.name, found.compression
        return found, stream

    def look(self, raw: BinaryIO, size_bytes: int) -> None:
        """A first look at the open stream `raw`: settles the format, or `refused`."""
        try:
            self.identify(StoredStream(raw, size_bytes))
        except Refusal as refusal:
            self.refused = refusal.unscanned(self.name, size_bytes)
        except OSError as error:
            self.refused = io_refusal(error).unscanned(self.name, size_bytes)

    @property
    def regular(self) -> bool:
        """Whether the source is a file that can be sought in and may change under the reader."""
        return self._regular


def empty() -> Refusal:
    """Nothing to scan is not the same as clean."""
    return Refusal("empty", "holds no record; remove it, or fill it")


class Reading:
    """One pass over a source: iterate it once, then ask for `digest` and `bytes_seen`."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._stored: StoredStream | None = None
        self._done = False
        self._items = self._read()

    def __iter__(self) -> Iterator[Record | Unscanned]:
        return self._items

    def __next__(self) -> Record | Unscanned:
        return next(self._items)

    @property
    def digest(self) -> str:
        """`sha256:…` of the bytes as stored, which are the bytes that were read."""
        return self._finished().digest

    @property
    def bytes_seen(self) -> int:
        """How many bytes are stored."""
        return self._finished().bytes_seen

    def stop(self) -> None:
        """Read no more records; what is left is hashed, so that there is a digest."""
        if self._stored is not None and not self._done:
            _drain(self._stored)
            self._items.close()
            self._done = True

    def _finished(self) -> StoredStream:
        if self._stored is None or not self._done:
            raise GatekeeperError("a reading has no digest before its last record")
        return self._stored

    def _read(self) -> Generator[Record | Unscanned, None, None]:
        try:
            raw = self._source.open()
        except OSError as error:
            refusal = io_refusal(error)
        else:
            with closing(raw):
                yield from self._read_open(raw)
            self._done = True
            return
        self._stored, self._done = StoredStream(io.BytesIO()), True
        yield refusal.unscanned(self._source.name, 1)

    def _read_open(self, raw: BinaryIO) -> Iterator[Record | Unscanned]:
        before = Identity.of(raw) if self._source.regular else None
        stored = self._stored = StoredStream(raw, before.size_bytes if before else None)
        yield from _account(self._source, stored, raw)
        if before and (Identity.of(raw) != before or stored.bytes_seen != before.size_bytes):
            changed = Refusal(
                "changed", "changed while it was read; read it again when it is still"
            )
            yield changed.unscanned(self._source.name, max(1, stored.bytes_seen))


def _account(source: Source, stored: StoredStream, raw: BinaryIO) -> Iterator[Record | Unscanned]:
    """The items of a source, with every stored byte charged to one of them.

    Where the text is stored as it is, sizes are exact. Where it is compressed or columnar, a
    refusal is charged the bytes it refused as decompressed, at most what is stored and at least 1,
    and records share what is left as the reading moves on; so scanned and unscanned make up the
    whole, and a refusal can only be overstated.
    """
    ledger = _Ledger(stored)
    refusal: Refusal | None = None
    try:
        found, stream = source.identify(stored)
        ledger.exact = not found.compression and found.name not in COLUMNAR
        ledger.shared = found.name in COLUMNAR
        items: Items = parse(found, stream, stored, raw, source)
        for item in items:
            ready = ledger.take(item)
            if ready:
                yield ready
    except Refusal as refused:
        refusal = refused
    stored_all = _drain(stored)
    yield from ledger.close(source.name, refusal or stored_all)


def _drain(stored: StoredStream) -> Refusal | None:
    try:
        stored.drain()
    except Refusal as refusal:
        return refusal
    return None


class _Ledger:
    """Charges bytes to items; holds the last one back until its neighbours are known."""

    def __init__(self, stored: StoredStream) -> None:
        self._stored = stored
        self._held: Record | Unscanned | None = None
        self._blank = 0
        self._charged = 0
        self._any = False
        self.exact = True
        """Whether the sizes of the items are stored bytes, and all of them."""
        self.shared = False
        """Whether the items came with their shares of the stored bytes."""

    def take(self, item: Record | Unscanned | int) -> Record | Unscanned | None:
        """Charge `item`; returns the one that was held back before it."""
        if isinstance(item, int):
            self._blank += item
            return None
        size = item.size_bytes + self._blank if self.exact else self._share(item)
        self._blank = 0
        self._charged += size
        self._any = True
        ready, self._held = self._held, _resized(item, size)
        return ready

    def _share(self, item: Record | Unscanned) -> int:
        if self.shared:
            return item.size_bytes
        if isinstance(item, Record):
            return max(0, self._stored.bytes_taken - self._charged)
        if item.opaque and not item.size_bytes:
            return 0
        return max(1, min(item.size_bytes, self._stored.bytes_seen))

    def close(self, source: str, refusal: Refusal | None) -> Iterator[Record | Unscanned]:
        """The held item with what is left, or the refusal of what is left."""
        left = self._stored.bytes_seen - self._charged
        if refusal is None and not self._any:
            refusal = empty()
        if self._held is not None:
            if refusal is None and (self._blank or not self.exact):
                more = self._blank if self.exact else max(0, left)
                self._held = _resized(self._held, self._held.size_bytes + more)
            yield self._held
        if refusal is not None:
            yield refusal.unscanned(source, left if left > 0 else min(1, self._stored.bytes_seen))


def _resized(item: Record | Unscanned, size_bytes: int) -> Record | Unscanned:
    return item if item.size_bytes == size_bytes else replace(item, size_bytes=size_bytes)


def source_from_stream(
    name: str,
    opener: Callable[[], BinaryIO],
    *,
    input_format: str | None = None,
    limits: Limits = DEFAULT,
) -> Source:
    """A source whose stored bytes `opener` gives, anew at each call (a git blob, an upload).

    A format that is not supported shows as a refusal when it is read. Raises UsageError for an
    unknown `input_format`.
    """
    if input_format:
        format_of_option(input_format)
    return Source(name, opener, input_format=input_format, limits=limits)


def source_from_bytes(name: str, data: bytes, *, input_format: str | None = None,
                      limits: Limits = DEFAULT) -> Source:  # fmt: skip
    """A source of bytes in memory; `name` gives its format where `input_format` does not.

    A format that is not supported shows as a refusal when it is read. Raises UsageError for an
    unknown `input_format`.
    """
    source = source_from_stream(
        name, lambda: io.BytesIO(data), input_format=input_format, limits=limits
    )
    source.look(source.open(), len(data))
    return source
