"""The age v1 payload: STREAM over ChaCha20-Poly1305 in chunks of 64 KiB (C2SP age.md, "Payload").

Every chunk is authenticated under a nonce of its number and a flag for the last one, so a chunk
that is dropped, repeated, moved or cut off does not open. Memory does not grow with the file.
"""

from __future__ import annotations

import contextlib
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

    def write(self, data: bytes) -> int:
        """Take `data`; a full chunk is written out once it is known not to be the last."""
        self._held += data
        start = 0
        while len(self._held) - start > CHUNK_BYTES:
            self._seal(bytes(self._held[start : start + CHUNK_BYTES]), last=False)
            start += CHUNK_BYTES
        del self._held[:start]
        return len(data)

    def close(self) -> None:
        """Write the last chunk, which only an empty file has empty; the stream stays open."""
        self._seal(bytes(self._held), last=True)
        self._held.clear()

    def _seal(self, chunk: bytes, *, last: bool) -> None:
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
    number, sealed = 0, stream.read(CHUNK_BYTES + TAG_BYTES)
    while True:
        following = stream.read(CHUNK_BYTES + TAG_BYTES)
        chunk = _open(cipher, number, sealed, last=not following)
        if not chunk and number:
            raise VaultError("age payload: the last chunk is empty")
        yield chunk
        if not following:
            return
        number, sealed = number + 1, following


def _open(cipher: ChaCha20Poly1305, number: int, sealed: bytes, *, last: bool) -> bytes:
    chunk = None
    with contextlib.suppress(InvalidTag):
        chunk = cipher.decrypt(_chunk_nonce(number, last=last), sealed, None)
    if chunk is None:
        raise VaultError(f"age payload: chunk {number} was changed, moved or cut off")
    return chunk


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
