"""X25519 recipients and identities (C2SP age.md, "The X25519 recipient type")."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from gatekeeper.errors import VaultError
from gatekeeper.vault.age import bech32
from gatekeeper.vault.age.header import FILE_KEY_BYTES, Stanza, decode_base64, encode_base64
from gatekeeper.vault.age.kdf import KEY_BYTES, hkdf_sha256

STANZA_TYPE = "X25519"
_INFO = b"age-encryption.org/v1/X25519"
_RECIPIENT_PREFIX = "age"
_IDENTITY_PREFIX = "age-secret-key-"
_NONCE = bytes(12)
_BODY_BYTES = FILE_KEY_BYTES + 16


class X25519Recipient:
    """A public key, written `age1…`."""

    def __init__(self, public: bytes) -> None:
        self._public = public

    @classmethod
    def parse(cls, text: str) -> X25519Recipient:
        """The recipient written `text`; raises VaultError."""
        prefix, public = bech32.decode(text)
        if prefix != _RECIPIENT_PREFIX or len(public) != KEY_BYTES or text != text.lower():
            raise VaultError("age key: not an X25519 recipient", hint="it starts with age1")
        return cls(public)

    def __str__(self) -> str:
        return bech32.encode(_RECIPIENT_PREFIX, self._public)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, X25519Recipient) and other._public == self._public

    def __hash__(self) -> int:
        return hash(self._public)

    def wrap(self, file_key: bytes) -> Stanza:
        """`file_key` under a key agreed on with a fresh ephemeral share."""
        ephemeral = X25519PrivateKey.generate()
        share = ephemeral.public_key().public_bytes_raw()
        key = _agree(ephemeral, self._public, salt=share + self._public)
        body = ChaCha20Poly1305(key).encrypt(_NONCE, file_key, None)
        return Stanza(STANZA_TYPE, (encode_base64(share),), body)


class X25519Identity:
    """A private key, written `AGE-SECRET-KEY-1…`; its `repr` does not show it."""

    def __init__(self, secret: bytes) -> None:
        self._key = X25519PrivateKey.from_private_bytes(secret)
        self._public = self._key.public_key().public_bytes_raw()

    @classmethod
    def generate(cls) -> X25519Identity:
        """A new identity from the system's random source."""
        return cls(X25519PrivateKey.generate().private_bytes_raw())

    @classmethod
    def parse(cls, text: str) -> X25519Identity:
        """The identity written `text`; raises VaultError, never showing it."""
        prefix, secret = bech32.decode(text)
        if prefix != _IDENTITY_PREFIX or len(secret) != KEY_BYTES or text != text.upper():
            raise VaultError("age key: not an X25519 identity", hint="it starts AGE-SECRET-KEY-1")
        return cls(secret)

    def encode(self) -> str:
        """The identity as text: a secret."""
        return bech32.encode(_IDENTITY_PREFIX, self._key.private_bytes_raw()).upper()

    @property
    def recipient(self) -> X25519Recipient:
        """The public side."""
        return X25519Recipient(self._public)

    def unwrap(self, stanzas: Sequence[Stanza]) -> bytes | None:
        """The file key of the first stanza that opens; every X25519 stanza must be well formed."""
        ours = [(s.body, _share(s)) for s in stanzas if s.type == STANZA_TYPE]
        keys = (self._open(body, share) for body, share in ours)
        return next((key for key in keys if key is not None), None)

    def _open(self, body: bytes, share: bytes) -> bytes | None:
        key = _agree(self._key, share, salt=share + self._public)
        try:
            return ChaCha20Poly1305(key).decrypt(_NONCE, body, None)
        except InvalidTag:
            return None


def _share(stanza: Stanza) -> bytes:
    share = decode_base64(stanza.args[0]) if len(stanza.args) == 1 else b""
    if len(share) != KEY_BYTES or len(stanza.body) != _BODY_BYTES:
        raise VaultError("age header: malformed X25519 stanza")
    return share


def _agree(private: X25519PrivateKey, public: bytes, *, salt: bytes) -> bytes:
    secret = None
    with contextlib.suppress(ValueError):  # the shared secret is all zero: a point of low order
        secret = private.exchange(X25519PublicKey.from_public_bytes(public))
    if secret is None:
        raise VaultError("age header: X25519 share of low order")
    return hkdf_sha256(secret, salt=salt, info=_INFO)
