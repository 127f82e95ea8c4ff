"""Readers over a sealed snapshot that let no other bytes out than those that were scanned.

A file goes in one piece or in parts. Either way the whole snapshot is hashed first, part by part,
and every piece is hashed again on its way out: its last bytes are given out only where all of them
are what they were, so a request of a stated length is never complete with other bytes.
"""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper.errors import DatasetChanged
from gatekeeper.model.snapshot import Snapshot

if TYPE_CHECKING:
    from typing_extensions import Buffer

BLOCK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of a snapshot's bytes, and their digest."""

    offset: int
    size_bytes: int
    digest: str


@dataclass(frozen=True, slots=True)
class Measured:
    """A snapshot as it was when all of it was hashed."""

    whole: Piece
    parts: tuple[Piece, ...]
    md5: str
    """As hexadecimal; the Uploads API compares it with what it put together."""


class MeasuringReader(io.RawIOBase):
    """A stream over a whole snapshot that hashes what it gives out: as one, and in parts of
    `part_bytes`.
    """

    def __init__(self, snapshot: Snapshot, *, part_bytes: int) -> None:
        super().__init__()
        self._stream = snapshot.open()
        self._part_bytes = part_bytes
        self._whole, self._part = hashlib.sha256(), hashlib.sha256()
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._parts: list[Piece] = []
        self._at = 0
        self._begun_at = 0

    def close(self) -> None:
        """Close the snapshot's stream too."""
        self._stream.close()
        super().close()

    def readable(self) -> bool:
        """True: it can be read."""
        return True

    def readinto(self, buffer: Buffer, /) -> int:
        """Fill `buffer` as far as there are bytes in this part."""
        view = memoryview(buffer).cast("B")
        left = self._part_bytes - (self._at - self._begun_at)
        data = self._stream.read(min(len(view), left))
        for hashed in (self._whole, self._part, self._md5):
            hashed.update(data)
        self._at += len(data)
        if len(data) == left:
            self._end_part()
        view[: len(data)] = data
        return len(data)

    def finish(self, snapshot: Snapshot, digest: str) -> Measured:
        """What was measured, once what is left is read too.

        Raises DatasetChanged where the bytes are not those of `digest`.
        """
        while self.read(BLOCK_BYTES):
            pass
        if self._at > self._begun_at:
            self._end_part()
        if f"sha256:{self._whole.hexdigest()}" != digest or self._at != snapshot.size_bytes:
            raise _changed()
        return Measured(Piece(0, self._at, digest), tuple(self._parts), self._md5.hexdigest())

    def _end_part(self) -> None:
        size_bytes = self._at - self._begun_at
        self._parts.append(Piece(self._begun_at, size_bytes, f"sha256:{self._part.hexdigest()}"))
        self._part, self._begun_at = hashlib.sha256(), self._at


def _changed() -> DatasetChanged:
    return DatasetChanged(
        "the snapshot is not what was scanned; the upload was not completed",
        hint="run the command again",
    )


class HashingReader(io.RawIOBase):
    """A stream over `piece` of a snapshot that hashes what it gives out.

    The last bytes are given out only when all of them, hashed, are the piece's digest; otherwise
    `DatasetChanged` is raised in their place.
    """

    def __init__(self, snapshot: Snapshot, piece: Piece | str) -> None:
        super().__init__()
        if isinstance(piece, str):
            piece = Piece(0, snapshot.size_bytes, piece)
        self._stream = snapshot.open()
        self._piece = piece
        self._is_last = piece.offset + piece.size_bytes == snapshot.size_bytes
        self._hash = hashlib.sha256()
        self._at = 0
        self.finished = False
        """Whether the last byte was ever given out, and so whether the receiver may hold them."""
        self.on_bytes: Callable[[int], None] | None = None
        """Called with the number of bytes given out, each time: for a progress bar."""
        self._stream.seek(piece.offset)

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
            return self._piece.size_bytes
        if whence == os.SEEK_SET and offset == 0:
            self._stream.seek(self._piece.offset)
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
        left = self._piece.size_bytes - self._at
        data = self._stream.read(min(len(view), left))
        self._hash.update(data)
        last = self._at + len(data) == self._piece.size_bytes
        if (last and not self._agrees()) or (left and len(view) and not data):
            raise _changed()
        view[: len(data)] = data
        self._at += len(data)
        self.finished = self.finished or last
        if self.on_bytes is not None:
            self.on_bytes(len(data))
        return len(data)

    def _agrees(self) -> bool:
        if f"sha256:{self._hash.hexdigest()}" != self._piece.digest:
            return False
        return not (self._is_last and self._stream.read(1))
