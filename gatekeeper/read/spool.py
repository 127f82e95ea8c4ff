"""Bytes too many for memory, kept in a file that nobody else can read or change unseen.

The file has no name from the start (`O_TMPFILE`, or unlinked at once), and holds chunks sealed with
ChaCha20-Poly1305 (RFC 8439) under a key that only this process has. The nonce of a chunk is its
number, so chunks can be neither changed nor moved, and how many bytes there are is kept in memory.
"""

from __future__ import annotations

import contextlib
import io
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from gatekeeper.errors import DatasetChanged

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

CHUNK_BYTES = 1 << 18
_TAG_BYTES = 16


class Spool:
    """Written front to back once, then read any number of times, from any thread.

    The caller closes it; readers that are open then go on to their end.
    """

    def __init__(self, folder: Path | None = None) -> None:
        """In `folder`, or where the system has temporary files. Raises OSError."""
        from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

        self._key = ChaCha20Poly1305.generate_key()
        self._cipher = ChaCha20Poly1305(self._key)
        self._file = tempfile.TemporaryFile(buffering=0, dir=folder)  # noqa: SIM115  (see `close`)
        self._rest = bytearray()
        self._chunks = 0
        self.size_bytes = 0

    def write(self, block: bytes) -> None:
        """Append `block`. Raises OSError where the disk is full."""
        self._rest += block
        self.size_bytes += len(block)
        whole = len(self._rest) - len(self._rest) % CHUNK_BYTES
        for start in range(0, whole, CHUNK_BYTES):
            self._put(bytes(self._rest[start : start + CHUNK_BYTES]))
        del self._rest[:whole]

    def seal(self) -> Spool:
        """Write what is left; nothing may be appended any more."""
        if self._rest:
            self._put(bytes(self._rest))
            self._rest.clear()
        return self

    def open(self) -> BinaryIO:
        """A new stream over the bytes, from the start."""
        reader = _Reader(os.dup(self._file.fileno()), self._cipher, self.size_bytes)
        return io.BufferedReader(reader, CHUNK_BYTES)

    def lent(self) -> tuple[int, bytes]:
        """A new descriptor of the file, and its key: for a process of ours that is to read it."""
        return os.dup(self._file.fileno()), self._key

    @classmethod
    def borrowed(cls, descriptor: int, key: bytes, size_bytes: int) -> Spool:
        """That of another process, sealed there; takes over `descriptor`."""
        from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

        spool = cls.__new__(cls)
        spool._key, spool._cipher = key, ChaCha20Poly1305(key)
        spool._file = os.fdopen(descriptor, "rb", buffering=0)
        spool._rest, spool._chunks, spool.size_bytes = bytearray(), 0, size_bytes
        return spool

    def close(self) -> None:
        """Give the space back, once the streams over it are closed too."""
        self._file.close()

    def _put(self, chunk: bytes) -> None:
        view = memoryview(self._cipher.encrypt(_nonce(self._chunks), chunk, None))
        self._chunks += 1
        while view:
            view = view[self._file.write(view) :]


class _Reader(io.RawIOBase):
    def __init__(self, descriptor: int, cipher: ChaCha20Poly1305, size_bytes: int) -> None:
        super().__init__()
        self._descriptor = descriptor
        self._cipher = cipher
        self._size_bytes = size_bytes
        self._at = 0
        self._number = -1
        self._chunk = b""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        origin = {os.SEEK_SET: 0, os.SEEK_CUR: self._at}.get(whence, self._size_bytes)
        self._at = max(0, origin + offset)
        return self._at

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        left = self._size_bytes - self._at
        if left <= 0:
            return 0
        number, within = divmod(self._at, CHUNK_BYTES)
        if number != self._number:
            self._chunk, self._number = self._opened(number), number
        data = self._chunk[within : within + len(buffer)]
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)

    def close(self) -> None:
        if not self.closed:
            os.close(self._descriptor)
        super().close()

    def _opened(self, number: int) -> bytes:
        from cryptography.exceptions import InvalidTag

        size = min(CHUNK_BYTES, self._size_bytes - number * CHUNK_BYTES)
        start = number * (CHUNK_BYTES + _TAG_BYTES)
        sealed = os.pread(self._descriptor, size + _TAG_BYTES, start)
        chunk = b""
        with contextlib.suppress(InvalidTag):
            chunk = self._cipher.decrypt(_nonce(number), sealed, None)
        if len(chunk) != size:
            raise DatasetChanged("the copy on disk was changed", hint="run the command again")
        return chunk


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")
