"""A source of records, and one reading of it: items, then the digest of exactly those bytes."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple

from gatekeeper.errors import GatekeeperError
from gatekeeper.model import Record, Unscanned
from gatekeeper.model.display import shown
from gatekeeper.read.compressed import decompress
from gatekeeper.read.formats import (
    HEAD_BYTES,
    Format,
    check_option,
    check_pointer_file,
    compression_of,
    format_of_name,
    format_of_option,
    settle,
)
from gatekeeper.read.ledger import Ledger, account, drain, empty
from gatekeeper.read.limits import DEFAULT, Limits
from gatekeeper.read.parsers import COLUMNAR, parse
from gatekeeper.read.refusal import Items, Refusal, changed, io_refusal
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
        if not self._input_format:
            return format_of_name(self._raw_name)
        claimed = format_of_option(self._input_format)
        if self._regular:
            check_option(claimed, self._raw_name)
        return claimed

    def hashed(self) -> tuple[str, int]:
        """The digest of the stored bytes and how many there are, as far as they can be read."""
        stored = StoredStream(io.BytesIO())
        with suppress(OSError, Refusal), closing(self.open()) as raw:
            before = Identity.of(raw) if self._regular else None
            stored = StoredStream(raw, before.size_bytes if before else None)
            stored.drain()
        return stored.digest, stored.bytes_seen

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
    def input_format(self) -> str | None:
        """What it was said to be, in place of its suffix."""
        return self._input_format

    @property
    def regular(self) -> bool:
        """Whether the source is a file that can be sought in and may change under the reader."""
        return self._regular


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
            drain(self._stored)
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
        yield from account(
            stored, self._source.name, lambda ledger: self._parsed(stored, raw, ledger)
        )
        if before and (Identity.of(raw) != before or stored.bytes_seen != before.size_bytes):
            yield changed().unscanned(self._source.name, max(1, stored.bytes_seen))

    def _parsed(self, stored: StoredStream, raw: BinaryIO, ledger: Ledger) -> Items:
        found, stream = self._source.identify(stored)
        ledger.exact = not found.compression and found.name not in COLUMNAR
        ledger.shared = found.name in COLUMNAR
        return parse(found, stream, stored, raw, self._source)


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
