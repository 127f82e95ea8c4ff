"""The age v1 payload: STREAM over ChaCha20-Poly1305 in chunks of 64 KiB (C2SP age.md, "Payload").

Every chunk is authenticated under a nonce of its number and a flag for the last one, so a chunk
that is dropped, repeated, moved or cut off does not open. Memory does not grow with the file.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from gatekeeper.errors import VaultError
from gatekeeper.vault.age.kdf import hkdf_sha256
from gatekeeper.vault.age.streams import ByteSink, ByteSource

CHUNK_BYTES = 65_536
TAG_BYTES = 16
NONCE_BYTES = 16
SEALED_BYTES = CHUNK_BYTES + TAG_BYTES
_BATCH_BYTES = 16 * SEALED_BYTES


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


def decrypt_chunks(stream: ByteSource, file_key: bytes) -> Iterator[bytes]:
    """The chunks of the payload, each verified before it is given.

    Only when the iterator ends is the whole payload verified; raises VaultError where it is not.
    """
    nonce = stream.read(NONCE_BYTES)
    if len(nonce) != NONCE_BYTES:
        raise VaultError("age header: cut off before the nonce of the payload")
    cipher = _cipher(file_key, nonce)
    for number, (sealed, last) in enumerate(_sealed_chunks(stream)):
        chunk = _open(cipher, number, sealed, last=last)
        if chunk is None:
            yield from _misplaced(cipher, number, sealed, last=last)
        elif not chunk and number:
            raise VaultError("age payload: the last chunk is empty")
        else:
            yield chunk


def _sealed_chunks(stream: ByteSource) -> Iterator[tuple[memoryview, bool]]:
    """Every sealed chunk as it is read, and whether the stream ends with it."""
    batch = stream.read(_BATCH_BYTES)
    while True:
        following = stream.read(_BATCH_BYTES)
        view = memoryview(batch)
        stop = max(len(batch), 1)  # where there is nothing, one empty chunk is missing
        for start in range(0, stop, SEALED_BYTES):
            end = start + SEALED_BYTES
            yield view[start:end], not following and end >= stop
        if not following:
            return
        batch = following


def _misplaced(
    cipher: ChaCha20Poly1305, number: int, sealed: memoryview, *, last: bool
) -> Iterator[bytes]:
    """A full chunk that opens only as what it is not (the last one, or not the last one) is still
    what was written, and is given as the test vectors ask; then, and for any other, raises.
    """
    chunk = _open(cipher, number, sealed, last=not last) if len(sealed) == SEALED_BYTES else None
    if chunk is None:
        raise VaultError(f"age payload: chunk {number} was changed, moved or cut off")
    yield chunk
    if last:
        raise VaultError(f"age payload: chunk {number} is not the last one: the rest is cut off")
    raise VaultError(f"age payload: chunk {number} is the last one, but something follows it")


def _open(cipher: ChaCha20Poly1305, number: int, sealed: memoryview, *, last: bool) -> bytes | None:
    try:
        return cipher.decrypt(_chunk_nonce(number, last=last), sealed, None)
    except InvalidTag:
        return None


class PayloadReader(io.RawIOBase):
    """A payload as a readable stream; wrap it in `io.BufferedReader` for reads of any size."""

    def __init__(self, stream: ByteSource, file_key: bytes) -> None:
        super().__init__()
        self._chunks = decrypt_chunks(stream, file_key)
        self._held = memoryview(b"")

    def readable(self) -> bool:
        """Always."""
        return True

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
