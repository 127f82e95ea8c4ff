"""The age v1 file format (C2SP age.md), on `cryptography` alone.

What is written here opens with the `age` tool. A new kind of recipient needs `wrap`, a new kind of
identity needs `unwrap`; nothing else here changes for it. The post-quantum kind has a module of its
own, `hybrid`, which `parse_recipient` and `parse_identity` import where such a key is met.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from gatekeeper.errors import VaultError
from gatekeeper.vault.age.armor import ArmorReader, ArmorWriter, dearmored
from gatekeeper.vault.age.header import (
    FILE_KEY_BYTES,
    Header,
    Identity,
    Recipient,
    Stanza,
    make_header,
    mixed_kinds,
    read_header,
)
from gatekeeper.vault.age.keys import KeyIdentity, KeyRecipient, parse_identity, parse_recipient
from gatekeeper.vault.age.passphrase import Passphrase
from gatekeeper.vault.age.payload import PayloadReader, PayloadWriter, decrypt_chunks
from gatekeeper.vault.age.streams import ByteSink, ByteSource
from gatekeeper.vault.age.x25519 import X25519Identity, X25519Recipient

__all__ = [
    "ArmorReader",
    "ArmorWriter",
    "ByteSink",
    "ByteSource",
    "Header",
    "Identity",
    "KeyIdentity",
    "KeyRecipient",
    "Passphrase",
    "PayloadReader",
    "PayloadWriter",
    "Recipient",
    "Stanza",
    "X25519Identity",
    "X25519Recipient",
    "dearmored",
    "decrypt_chunks",
    "encrypt",
    "file_key_of",
    "make_header",
    "new_file_key",
    "parse_identity",
    "parse_recipient",
    "read_header",
    "wrap_for",
]


def new_file_key() -> bytes:
    """A fresh file key: one for each file, never used again."""
    return os.urandom(FILE_KEY_BYTES)


def wrap_for(recipients: Sequence[Recipient], file_key: bytes) -> list[Stanza]:
    """A stanza for each recipient, from which only they get `file_key` back.

    Raises VaultError where there is none, or where some are post-quantum and some are not: the file
    would be no safer than for the weakest of them (C2SP age.md).
    """
    if not recipients:
        raise VaultError("age: no recipient to encrypt to")
    if len({bool(getattr(r, "post_quantum", False)) for r in recipients}) > 1:
        raise mixed_kinds()
    return [r.wrap(file_key) for r in recipients]


def encrypt(
    stream: ByteSink,
    recipients: Sequence[Recipient],
    *,
    file_key: bytes | None = None,
    extra: Sequence[Stanza] = (),
) -> PayloadWriter:
    """Write the header to `stream`; what is written to the result is encrypted after it.

    `extra` stanzas are covered by the MAC and ignored by readers that do not know them. A caller
    who must read the file back without an identity passes its own `file_key`. For armor, `stream`
    is an `ArmorWriter`. Raises VaultError where there is no recipient, or no such set may be.
    """
    key = new_file_key() if file_key is None else file_key
    stanzas = wrap_for(recipients, key)
    stream.write(make_header(key, [*stanzas, *extra]).to_bytes())
    return PayloadWriter(stream, key)


def file_key_of(header: Header, identities: Sequence[Identity]) -> bytes:
    """The file key, once an identity opened a stanza and the MAC holds; raises VaultError."""
    for identity in identities:
        key = identity.unwrap(header.stanzas)
        if key is not None:
            header.check_mac(key)
            return key
    raise VaultError(
        "age: no identity matches a recipient of this file",
        hint="use the identity file of one of its recipients",
    )
