"""What the format asks of a stream."""

from __future__ import annotations

from typing import Protocol


class ByteSource(Protocol):
    """Something to read bytes from; a short `read` means the end."""

    def read(self, size: int, /) -> bytes:
        """Up to `size` bytes, fewer only at the end."""

    def readline(self, limit: int, /) -> bytes:
        """Up to and with the next line feed, `limit` bytes at most."""


class ByteSink(Protocol):
    """Something to write bytes to; it takes all of them."""

    def write(self, data: bytes, /) -> int:
        """Take `data` whole."""
