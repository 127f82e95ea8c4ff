"""The one key derivation of age: HKDF-SHA256 to 32 bytes (RFC 5869)."""

from __future__ import annotations

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32


def hkdf_sha256(key: bytes, *, salt: bytes, info: bytes) -> bytes:
    """32 bytes derived from `key`."""
    return HKDF(SHA256(), KEY_BYTES, salt, info).derive(key)
