"""Byte streams: the stored bytes, hashed and counted as they are read, and lines cut of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import BinaryIO, Protocol

from gatekeeper.read.refusal import Refusal, io_refusal

BLOCK_BYTES = 1 << 18


class Stream(Protocol):
    """Bytes in order."""

    def read(self, size: int = BLOCK_BYTES) -> bytes:
        """Up to `size` bytes, at least one; empty only at the end. Raises Refusal."""


class StoredStream:
    """The bytes as stored: every byte given out has been hashed and counted, once.

    `expected_bytes` is what the file had when it was opened: no more than that is read, so a file
    that grows faster than it is read still comes to an end.
    """

    def __init__(self, raw: BinaryIO, expected_bytes: int | None = None) -> None:
        self._raw = raw
        self._left = expected_bytes
        self._ahead = b""
        self._hash = hashlib.sha256()
        self.bytes_seen = 0
        """Bytes hashed so far."""
        self.bytes_taken = 0
        """Bytes given out so far."""

    @property
    def digest(self) -> str:
        """`sha256:…` of the bytes hashed so far."""
        return f"sha256:{self._hash.hexdigest()}"

    def read(self, size: int = BLOCK_BYTES) -> bytes:
        """Up to `size` bytes; empty at the end. Raises Refusal where the system cannot read."""
        data = self._ahead[:size] or self._pull(size)
        self._ahead = self._ahead[len(data) :]
        self.bytes_taken += len(data)
        return data

    def peek(self, size: int) -> bytes:
        """The next `size` bytes, fewer only at the end; they stay to be read."""
        while len(self._ahead) < size:
            data = self._pull(size - len(self._ahead))
            if not data:
                break
            self._ahead += data
        return self._ahead[:size]

    def drain(self) -> None:
        """Hash the rest, so that the digest is that of all the bytes."""
        while self.read(1 << 20):
            pass

    def _pull(self, size: int) -> bytes:
        wanted = size if self._left is None else min(size, self._left)
        try:
            data = self._raw.read(wanted) or b"" if wanted else b""
        except OSError as error:
            refusal = io_refusal(error)
        else:
            if self._left is not None:
                self._left -= len(data)
            self._hash.update(data)
            self.bytes_seen += len(data)
            return data
        raise refusal


class Prefixed:
    """A stream whose first bytes were read already."""

    def __init__(self, head: bytes, rest: Stream) -> None:
        self._head = head
        self._rest = rest

    def read(self, size: int = BLOCK_BYTES) -> bytes:
        """The first bytes, then the rest."""
        if not self._head:
            return self._rest.read(size)
        data, self._head = self._head[:size], self._head[size:]
        return data


def read_up_to(stream: Stream, size: int) -> bytes:
    """`size` bytes, fewer only where the stream ends."""
    parts: list[bytes] = []
    while size > 0 and (data := stream.read(size)):
        parts.append(data)
        size -= len(data)
    return b"".join(parts)


class Line:
    """One line with its line end: its number from 1, its bytes, and how many there were.

    `data` is None where the line is over the limit: it was counted and not kept.
    """

    __slots__ = ("data", "number", "size_bytes")

    def __init__(self, number: int, data: bytes | None, size_bytes: int) -> None:
        self.number = number
        self.data = data
        self.size_bytes = size_bytes


def lines(stream: Stream, max_bytes: int, end: bytes = b"\n", *, number: int = 0) -> Iterator[Line]:
    """The lines of `stream`, cut after each `end` and nowhere else; `number` stand before them.

    `bytes.splitlines` would also cut at a carriage return, and `str.splitlines` at U+2028, U+0085
    and others, all of which may stand inside a JSON string.
    """
    parts: list[bytes] = []
    size = 0
    while block := stream.read():
        *whole, rest = block.split(end)
        for piece in whole:
            number += 1
            size += len(piece) + 1
            if size > max_bytes:
                yield Line(number, None, size)
            else:
                yield Line(number, b"".join([*parts, piece, end]), size)
            parts, size = [], 0
        size += len(rest)
        if size > max_bytes:
            parts = []
        elif rest:
            parts.append(rest)
    if size:
        yield Line(number + 1, None if size > max_bytes else b"".join(parts), size)


def truncated(what: str) -> Refusal:
    """A compressed stream that ends before it says so."""
    return Refusal("truncated", f"the {what} stream ends too early; fetch or make the file again")
