"""The age v1 payload: STREAM over ChaCha20-Poly1305 in chunks of 64 KiB (C2SP age.md, "Payload").

Every chunk is authenticated under a nonce of its number and a flag for the last one, so a chunk
that is dropped, repeated, moved or cut off does not open. Memory does not grow with the file.
"""

from __future__ import annotations

import io
import os
from collections.abc import Generator, Iterator
from contextlib import closing
from functools import partial
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from gatekeeper.errors import VaultError
from gatekeeper.vault.age.ahead import in_order
from gatekeeper.vault.age.kdf import hkdf_sha256
from gatekeeper.vault.age.streams import ByteSink, ByteSource

CHUNK_BYTES = 65_536
TAG_BYTES = 16
NONCE_BYTES = 16
SEALED_BYTES = CHUNK_BYTES + TAG_BYTES
_BATCH_CHUNKS = 8
_BATCH_BYTES = _BATCH_CHUNKS * SEALED_BYTES


def _cipher(file_key: bytes, nonce: bytes) -> ChaCha20Poly1305:
    return ChaCha20Poly1305(hkdf_sha256(file_key, salt=nonce, info=b"payload"))


def _chunk_nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + (b"\x01" if last else b"\x00")


class PayloadWriter:
    """Encrypts what is written to it; `close` writes the last chunk and must be called."""

    def __init__(self, stream: ByteSink, file_key: bytes) -> None:
        nonce = os.urandom(NONCE_BYTES)
        stream.write(nonce)
        self._stream = stream
        self._cipher = _cipher(file_key, nonce)
        self._held = bytearray()
        self._number = 0
        self._closed = False

    def write(self, data: bytes) -> int:
        """Take `data`; a full chunk is written out once it is known not to be the last."""
        if self._closed:
            raise ValueError("write to a closed payload")
        with memoryview(data) as view:
            start = min(CHUNK_BYTES - len(self._held), len(view)) if self._held else 0
            self._held += view[:start]
            if start < len(view) and self._held:
                self._seal(self._held, last=False)
                self._held.clear()
            while len(view) - start > CHUNK_BYTES:  # sealed from where they lie
                self._seal(view[start : start + CHUNK_BYTES], last=False)
                start += CHUNK_BYTES
            self._held += view[start:]
            return len(view)

    def close(self) -> None:
        """Write the last chunk, which only an empty file has empty; the stream stays open."""
        if not self._closed:
            self._seal(self._held, last=True)
            self._held.clear()
            self._closed = True

    def _seal(self, chunk: bytes | bytearray | memoryview, *, last: bool) -> None:
        nonce = _chunk_nonce(self._number, last=last)
        self._stream.write(self._cipher.encrypt(nonce, chunk, None))
        self._number += 1


def decrypt_chunks(stream: ByteSource, file_key: bytes) -> Generator[bytes, None, None]:
    """The chunks of the payload, each verified before it is given.

    Only when the iterator ends is the whole payload verified; raises VaultError where it is not.
    Of a large one a thread reads and opens ahead: close the iterator (`contextlib.closing`) before
    `stream` is closed.
    """
    nonce = stream.read(NONCE_BYTES)
    if len(nonce) != NONCE_BYTES:
        raise VaultError("age header: cut off before the nonce of the payload")
    opened = in_order(_batches(stream), partial(_open_batch, _cipher(file_key, nonce)))
    with closing(opened):
        for chunks, refusal in opened:
            yield from chunks
            if refusal is not None:
                raise refusal


class _Batch(NamedTuple):
    first: int
    """The number of its first chunk."""
    sealed: bytes
    ends: bool
    """Whether the stream ends with it."""


def _batches(stream: ByteSource) -> Iterator[_Batch]:
    """The sealed chunks as they are read, some together; one empty batch where there is nothing."""
    first, sealed, ends = 0, stream.read(_BATCH_BYTES), False
    while not ends:
        following = stream.read(_BATCH_BYTES)
        ends = not following
        yield _Batch(first, sealed, ends)
        first, sealed = first + _BATCH_CHUNKS, following


def _open_batch(cipher: ChaCha20Poly1305, batch: _Batch) -> tuple[list[bytes], VaultError | None]:
    """The chunks up to the first that does not open, and what is wrong with that one."""
    chunks: list[bytes] = []
    stop = max(len(batch.sealed), 1)  # where there is nothing, one empty chunk is missing
    view = memoryview(batch.sealed)
    for number, start in enumerate(range(0, stop, SEALED_BYTES), batch.first):
        sealed = view[start : start + SEALED_BYTES]
        last = batch.ends and start + SEALED_BYTES >= stop
        chunk = _open(cipher, number, sealed, last=last)
        if chunk is None:
            misplaced, refusal = _misplaced(cipher, number, sealed, last=last)
            return chunks + misplaced, refusal
        if not chunk and number:
            return chunks, VaultError("age payload: the last chunk is empty")
        chunks.append(chunk)
    return chunks, None


def _misplaced(
    cipher: ChaCha20Poly1305, number: int, sealed: memoryview, *, last: bool
) -> tuple[list[bytes], VaultError]:
    """A full chunk that opens only as what it is not (the last one, or not the last one) is still
    what was written, and is given as the test vectors ask; it is refused as any other.
    """
    chunk = _open(cipher, number, sealed, last=not last) if len(sealed) == SEALED_BYTES else None
    if chunk is None:
        said = f"chunk {number} was changed, moved or cut off"
        return [], VaultError(f"age payload: {said}")
    if last:
        said = f"chunk {number} is not the last one: the rest is cut off"
    else:
        said = f"chunk {number} is the last one, but something follows it"
    return [chunk], VaultError(f"age payload: {said}")


def _open(cipher: ChaCha20Poly1305, number: int, sealed: memoryview, *, last: bool) -> bytes | None:
    try:
        return cipher.decrypt(_chunk_nonce(number, last=last), sealed, None)
    except InvalidTag:
        return None


class PayloadReader(io.RawIOBase):
    """A payload as a readable stream; wrap it in `io.BufferedReader` for reads of any size.

    Close it before the stream that it reads is closed (see `decrypt_chunks`).
    """

    def __init__(self, stream: ByteSource, file_key: bytes) -> None:
        super().__init__()
        self._chunks = decrypt_chunks(stream, file_key)
        self._held = memoryview(b"")

    def readable(self) -> bool:
        """Always."""
        return True

    def close(self) -> None:
        """Read no further; the stream stays open."""
        self._chunks.close()
        super().close()

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """Fill `buffer` from one chunk; 0 only after the last chunk was verified."""
        while not self._held:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._held = memoryview(chunk)
        size = min(len(buffer), len(self._held))
        buffer[:size] = self._held[:size]
        self._held = self._held[size:]
        return size
