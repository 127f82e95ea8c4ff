"""Passphrases: the scrypt recipient (C2SP age.md, "The scrypt recipient type").

A passphrase stands alone in a header, so it cannot be a recipient of a case, whose header always
holds the case stanza too.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from gatekeeper.errors import VaultError
from gatekeeper.vault.age.header import FILE_KEY_BYTES, Stanza, decode_base64, encode_base64
from gatekeeper.vault.age.kdf import KEY_BYTES

STANZA_TYPE = "scrypt"
WORK_FACTOR = 18
"""log2 N for writing: about a second (C2SP age.md asks for at least that)."""
MAX_WORK_FACTOR = 22
"""log2 N that a reader agrees to; it takes 4 GiB of memory (128 × 8 × N bytes)."""
_LABEL = b"age-encryption.org/v1/scrypt"
_SALT_BYTES = 16
_NONCE = bytes(12)
_BODY_BYTES = FILE_KEY_BYTES + 16
_FACTOR = re.compile(r"[1-9][0-9]?\Z")


class Passphrase:
    """A passphrase, as recipient and as identity; raises VaultError where it is not text."""

    def __init__(self, passphrase: str, *, work_factor: int = WORK_FACTOR) -> None:
        self._passphrase = _encoded(passphrase)
        self._work_factor = work_factor

    def wrap(self, file_key: bytes) -> Stanza:
        """`file_key` under a key stretched from the passphrase and a fresh salt."""
        salt = os.urandom(_SALT_BYTES)
        body = self._cipher(salt, self._work_factor).encrypt(_NONCE, file_key, None)
        return Stanza(STANZA_TYPE, (encode_base64(salt), str(self._work_factor)), body)

    def unwrap(self, stanzas: Sequence[Stanza]) -> bytes | None:
        """The file key, or None for another passphrase; raises VaultError where malformed."""
        for stanza in stanzas:
            if stanza.type == STANZA_TYPE:
                return self._open(stanza)
        return None

    def _open(self, stanza: Stanza) -> bytes | None:
        if len(stanza.args) != 2 or len(stanza.body) != _BODY_BYTES:
            raise VaultError("age header: malformed scrypt stanza")
        salt = decode_base64(stanza.args[0])
        if len(salt) != _SALT_BYTES or not _FACTOR.match(stanza.args[1]):
            raise VaultError("age header: malformed scrypt stanza")
        if int(stanza.args[1]) > MAX_WORK_FACTOR:
            raise VaultError(f"age header: scrypt work factor above {MAX_WORK_FACTOR}")
        try:
            return self._cipher(salt, int(stanza.args[1])).decrypt(_NONCE, stanza.body, None)
        except InvalidTag:
            return None

    def _cipher(self, salt: bytes, work_factor: int) -> ChaCha20Poly1305:
        key = None
        with contextlib.suppress(MemoryError):
            key = Scrypt(_LABEL + salt, KEY_BYTES, 1 << work_factor, 8, 1).derive(self._passphrase)
        if key is None:
            raise VaultError(
                f"age passphrase: scrypt needs {(1 << work_factor) // 1024} MiB of memory",
                hint="use a machine that has it free",
            )
        return ChaCha20Poly1305(key)


def _encoded(passphrase: str) -> bytes:
    data = None
    with contextlib.suppress(UnicodeEncodeError):
        data = passphrase.encode("utf-8")
    if data is None:
        raise VaultError("age passphrase: not text that UTF-8 can hold")
    return data
