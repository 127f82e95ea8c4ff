"""What enforcement needs of a sealed snapshot, and a reader that lets no other bytes out."""

from __future__ import annotations

import hashlib
import io
import os
from typing import TYPE_CHECKING, BinaryIO, Protocol

from gatekeeper.errors import DatasetChanged

if TYPE_CHECKING:
    from typing_extensions import Buffer


class Snapshot(Protocol):
    """Bytes that were copied once, while they were hashed, and cannot change any more."""

    @property
    def digest(self) -> str:
        """`sha256:…` of the bytes."""

    @property
    def size_bytes(self) -> int:
        """How many there are."""

    def open(self) -> BinaryIO:
        """A new stream over them, from the start."""


class HashingReader(io.RawIOBase):
    """A stream that hashes what it gives out and holds the end back until the digest agrees.

    The last bytes are given out only when all of them, hashed, are `digest`; otherwise
    `DatasetChanged` is raised in their place, so a request of a stated length is never complete.
    """

    def __init__(self, snapshot: Snapshot, digest: str) -> None:
        super().__init__()
        self._stream = snapshot.open()
        self._size_bytes = snapshot.size_bytes
        self._digest = digest
        self._hash = hashlib.sha256()
        self._at = 0
        self.finished = False
        """Whether the last byte was ever given out, and so whether the receiver may hold them."""

    def close(self) -> None:
        """Close the snapshot's stream too."""
        self._stream.close()
        super().close()

    def readable(self) -> bool:
        """True: it can be read."""
        return True

    def seekable(self) -> bool:
        """True, as far as an HTTP client needs: to ask for the length, and to start again."""
        return True

    def tell(self) -> int:
        """Bytes given out since the start."""
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """The start and the present place can be sought, and the end asked for its offset."""
        if whence == os.SEEK_END and offset == 0:
            return self._size_bytes
        if whence == os.SEEK_SET and offset == 0:
            self._stream.seek(0)
            self._hash = hashlib.sha256()
            self._at = 0
        elif whence != os.SEEK_SET or offset != self._at:
            raise io.UnsupportedOperation("only the start can be sought")
        return self._at

    def readinto(self, buffer: Buffer, /) -> int:
        """Fill `buffer` as far as there are bytes.

        Raises:
            DatasetChanged: the bytes are not those of the digest.
        """
        view = memoryview(buffer).cast("B")
        left = self._size_bytes - self._at
        data = self._stream.read(min(len(view), left))
        self._hash.update(data)
        last = self._at + len(data) == self._size_bytes
        if (last and not self._agrees()) or (left and len(view) and not data):
            raise DatasetChanged(
                "the snapshot is not what was scanned; the upload was not completed",
                hint="run the command again",
            )
        view[: len(data)] = data
        self._at += len(data)
        self.finished = self.finished or last
        return len(data)

    def _agrees(self) -> bool:
        return f"sha256:{self._hash.hexdigest()}" == self._digest and not self._stream.read(1)
