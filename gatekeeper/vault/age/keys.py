"""Any recipient and any identity that is one line of text, told apart by how it starts."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from gatekeeper.errors import VaultError
from gatekeeper.vault.age.x25519 import X25519Identity, X25519Recipient

if TYPE_CHECKING:
    from gatekeeper.vault.age.hybrid import HybridIdentity, HybridRecipient

KeyRecipient: TypeAlias = "X25519Recipient | HybridRecipient"
"""A public key; `str` gives its text."""
KeyIdentity: TypeAlias = "X25519Identity | HybridIdentity"
"""A private key; `encode()` gives its text, `recipient` its public side."""

MAX_KEY_CHARS = 4_096
"""A longer text is no key; the longest that is one has 1,959 characters."""
_SECRET = "AGE-SECRET-KEY-"  # noqa: S105 -- how it starts
_HYBRID_SECRET = "AGE-SECRET-KEY-PQ-1"  # noqa: S105 -- how it starts
_HYBRID_PUBLIC = "age1pq1"


def parse_recipient(text: str) -> KeyRecipient:
    """The recipient written `text`: `age1…` or `age1pq1…`; raises VaultError, never showing it."""
    _check_length(text)
    if text.upper().startswith((_SECRET, "AGE-PLUGIN-")):
        raise VaultError(
            "age key: an identity where a recipient belongs",
            hint="an identity is secret; give the public key, which starts with age1",
        )
    if text.startswith(_HYBRID_PUBLIC):
        from gatekeeper.vault.age.hybrid import HybridRecipient  # by the few who have such keys

        return HybridRecipient.parse(text)
    if not text.startswith("age1"):
        raise VaultError("age key: not a recipient", hint="it starts with age1 or age1pq1")
    if "1" in text[len("age1") :]:  # bech32 has no "1" of its own, so this is another prefix
        raise VaultError(
            "age key: a recipient of another kind", hint="only age1… and age1pq1… are known"
        )
    return X25519Recipient.parse(text)


def parse_identity(text: str) -> KeyIdentity:
    """The identity written `text`: `AGE-SECRET-KEY-1…` or `AGE-SECRET-KEY-PQ-1…`; raises
    VaultError, never showing it.
    """
    _check_length(text)
    if text.lower().startswith("age1"):
        raise VaultError(
            "age key: a recipient where an identity belongs",
            hint="an identity starts with AGE-SECRET-KEY-",
        )
    if text.startswith(_HYBRID_SECRET):
        from gatekeeper.vault.age.hybrid import HybridIdentity  # by the few who have such keys

        return HybridIdentity.parse(text)
    if not text.startswith(_SECRET):
        raise VaultError("age key: not an identity", hint="it starts with AGE-SECRET-KEY-")
    return X25519Identity.parse(text)


def _check_length(text: str) -> None:
    if len(text) > MAX_KEY_CHARS:
        raise VaultError(f"age key: longer than {MAX_KEY_CHARS} characters")
