"""Post-quantum recipients and identities: ML-KEM-768 with X25519 (C2SP age.md, "mlkem768x25519").

What is sealed for them stays closed also to whoever keeps it until a quantum computer breaks
X25519. The file key is sealed with HPKE (RFC 9180, base mode) over the hybrid KEM of
draft-ietf-hpke-pq, known as X-Wing.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from gatekeeper.errors import VaultError
from gatekeeper.vault.age import bech32
from gatekeeper.vault.age.header import (
    FILE_KEY_BYTES,
    HYBRID_TYPE,
    Stanza,
    decode_base64,
    encode_base64,
)

STANZA_TYPE = HYBRID_TYPE
RECIPIENT_PREFIX = "age1pq"
IDENTITY_PREFIX = "age-secret-key-pq-"
SEED_BYTES = 32
_INFO = b"age-encryption.org/mlkem768x25519"
_LATTICE_PUBLIC_BYTES = 1184
_LATTICE_SEED_BYTES = 64
_PUBLIC_BYTES = _LATTICE_PUBLIC_BYTES + 32
_SHARE_BYTES = 1088 + 32
_BODY_BYTES = FILE_KEY_BYTES + 16


class HybridRecipient:
    """A public key, written `age1pq1…`."""

    post_quantum = True

    def __init__(self, public: bytes) -> None:
        self._public = public
        self._key = _public_key(public)

    @classmethod
    def parse(cls, text: str) -> HybridRecipient:
        """The recipient written `text`; raises VaultError."""
        prefix, public = bech32.decode(text)
        if prefix != RECIPIENT_PREFIX or text != text.lower():
            raise VaultError("age key: not a post-quantum recipient", hint="it starts with age1pq1")
        return cls(public)

    def __str__(self) -> str:
        return bech32.encode(RECIPIENT_PREFIX, self._public)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, HybridRecipient) and other._public == self._public

    def __hash__(self) -> int:
        return hash(self._public)

    def wrap(self, file_key: bytes) -> Stanza:
        """`file_key`, sealed for this recipient with a fresh share."""
        sealed = _suite().encrypt(file_key, self._key, _INFO)
        share, body = sealed[:_SHARE_BYTES], sealed[_SHARE_BYTES:]
        return Stanza(STANZA_TYPE, (encode_base64(share),), body)


class HybridIdentity:
    """A private key, written `AGE-SECRET-KEY-PQ-1…`; its `repr` does not show it."""

    def __init__(self, seed: bytes) -> None:
        secrets = hashlib.shake_256(seed).digest(_LATTICE_SEED_BYTES + 32)
        lattice = MLKEM768PrivateKey.from_seed_bytes(secrets[:_LATTICE_SEED_BYTES])
        self._curve = X25519PrivateKey.from_private_bytes(secrets[_LATTICE_SEED_BYTES:])
        self._seed = seed
        self._key = hpke.MLKEM768X25519PrivateKey(lattice, self._curve)
        public = lattice.public_key().public_bytes_raw()
        self._public = public + self._curve.public_key().public_bytes_raw()

    @classmethod
    def generate(cls) -> HybridIdentity:
        """A new identity from the system's random source."""
        return cls(os.urandom(SEED_BYTES))

    @classmethod
    def parse(cls, text: str) -> HybridIdentity:
        """The identity written `text`; raises VaultError, never showing it."""
        prefix, seed = bech32.decode(text)
        if prefix != IDENTITY_PREFIX or len(seed) != SEED_BYTES or text != text.upper():
            raise VaultError(
                "age key: not a post-quantum identity", hint="it starts AGE-SECRET-KEY-PQ-1"
            )
        return cls(seed)

    def encode(self) -> str:
        """The identity as text: a secret."""
        return bech32.encode(IDENTITY_PREFIX, self._seed).upper()

    @property
    def recipient(self) -> HybridRecipient:
        """The public side."""
        return HybridRecipient(self._public)

    def unwrap(self, stanzas: Sequence[Stanza]) -> bytes | None:
        """The file key of the first stanza that opens; every hybrid stanza must be well formed."""
        ours = [self._share(s) + s.body for s in stanzas if s.type == STANZA_TYPE]
        keys = (self._open(sealed) for sealed in ours)
        return next((key for key in keys if key is not None), None)

    def _share(self, stanza: Stanza) -> bytes:
        share = decode_base64(stanza.args[0]) if len(stanza.args) == 1 else b""
        if len(share) != _SHARE_BYTES or len(stanza.body) != _BODY_BYTES:
            raise VaultError("age header: malformed mlkem768x25519 stanza")
        secret = None
        with contextlib.suppress(ValueError):  # all zero; HPKE would only say that it did not open
            secret = self._curve.exchange(X25519PublicKey.from_public_bytes(share[-32:]))
        if secret is None:
            raise VaultError("age header: X25519 share of low order")
        return share

    def _open(self, sealed: bytes) -> bytes | None:
        try:
            return _suite().decrypt(sealed, self._key, _INFO)
        except InvalidTag:
            return None


def _suite() -> hpke.Suite:
    return hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.CHACHA20_POLY1305)


def _public_key(public: bytes) -> hpke.MLKEM768X25519PublicKey:
    key = None
    if len(public) == _PUBLIC_BYTES:
        with contextlib.suppress(ValueError):
            lattice = MLKEM768PublicKey.from_public_bytes(public[:_LATTICE_PUBLIC_BYTES])
            curve = X25519PublicKey.from_public_bytes(public[_LATTICE_PUBLIC_BYTES:])
            X25519PrivateKey.generate().exchange(curve)  # refuses a point of low order
            key = hpke.MLKEM768X25519PublicKey(lattice, curve)
    if key is None:
        raise VaultError("age key: not a valid post-quantum public key")
    return key
