"""People who ask for a case and who approve: their signing keys, enrolled by the gate.

A person's key signs requests, approvals and holds; it opens no case. The private key lives with the
person, the public one in the vault, in a statement that the gate signed, and who is enrolled stands
in the log as well: a statement put back after a removal counts for nothing.
"""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from gatekeeper.errors import ConfigError, ReceiptError, VaultError
from gatekeeper.model.display import shown
from gatekeeper.vault import dsse
from gatekeeper.vault.durable import (
    entries,
    read_small,
    sync_directory,
    system_errors,
    write_durably,
    write_new,
)
from gatekeeper.vault.statement import make_statement, parse_statement, subjects_of
from gatekeeper.vault.times import utc

if TYPE_CHECKING:
    from gatekeeper.vault.store import Vault

PREDICATE_TYPE = "https://gatekeeper.dev/person/v1"
NEEDED = 2
"""Approvals that a request needs, each of another person than the one who asks."""
MAX_NAME = 100
_SUFFIX = ".pub"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whose signature counts."""

    key: Ed25519PublicKey
    name: str
    since: str

    @property
    def id(self) -> str:
        """32 hex digits: the front of the SHA-256 of the raw public key."""
        return person_id(self.key)


@dataclass(frozen=True, slots=True, repr=False)
class PersonKey:
    """A person's private key, in hand for one command."""

    _key: Ed25519PrivateKey

    @property
    def public(self) -> Ed25519PublicKey:
        """Its public side."""
        return self._key.public_key()

    @property
    def id(self) -> str:
        """That of the person."""
        return person_id(self.public)

    def seal(self, statement: bytes) -> bytes:
        """`statement` in a DSSE envelope that this person signed."""
        return dsse.sign(statement, key=self._key, keyid=self.id)


def person_id(key: Ed25519PublicKey) -> str:
    """The name of a person in the vault and in its log."""
    return hashlib.sha256(key.public_bytes_raw()).hexdigest()[:32]


def make_key(path: Path, *, passphrase: bytes | None = None) -> PersonKey:
    """A new private key in the new file `path` (PEM, PKCS #8, mode 0600). Raises VaultError."""
    key = Ed25519PrivateKey.generate()
    locking = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    with system_errors(path):
        write_new(path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, locking))
        sync_directory(path.parent.resolve())
    return PersonKey(key)


def load_key(path: Path, passphrase: Callable[[], bytes]) -> PersonKey:
    """The private key in `path`; `passphrase` is asked where it is locked with one.

    Raises VaultError, which shows nothing of the file.
    """
    data = read_small(path)
    key = None
    with contextlib.suppress(ValueError, UnsupportedAlgorithm):
        try:
            key = load_pem_private_key(data, None)
        except TypeError:  # it is locked
            key = load_pem_private_key(data, passphrase())
    if not isinstance(key, Ed25519PrivateKey):
        raise VaultError(
            f"{shown(path)}: not the key of a person, or the passphrase is wrong",
            hint="`gatekeeper people init FILE` makes one",
        )
    return PersonKey(key)


def load_public(path: Path) -> Ed25519PublicKey:
    """A person's public key in PEM; raises VaultError."""
    data = read_small(path)
    key = None
    with contextlib.suppress(ValueError, UnsupportedAlgorithm):
        key = load_pem_public_key(data)
    if not isinstance(key, Ed25519PublicKey):
        raise VaultError(f"{shown(path)}: not an Ed25519 public key in PEM")
    return key


def public_pem(key: Ed25519PublicKey) -> str:
    """`key` as `people add` takes it."""
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode("ascii")


def enrol(vault: Vault, key: Ed25519PublicKey, name: str, *, now: datetime.datetime) -> Person:
    """Let the signature of `key` count from now on. Raises ConfigError for one without a name, or
    enrolled already.
    """
    clean = "".join(c for c in name if c.isprintable()).strip()[:MAX_NAME]
    if not clean:
        raise ConfigError("a person needs a name", hint="`--name` says who it is")
    person = Person(key, clean, utc(now))
    with system_errors(vault.layout.people):
        vault.layout.create()
    with system_errors(vault.layout.people), vault.locked():
        path = vault.layout.people / (person.id + _SUFFIX)
        if any(p.id == person.id for p in enrolled(vault)):
            raise ConfigError(f"{person.id}: this key is enrolled already")
        if any(p.name.casefold() == clean.casefold() for p in enrolled(vault)):
            raise ConfigError("somebody is enrolled under that name already")
        path.unlink(missing_ok=True)  # left by a removal that was cut off
        raw = "sha256:" + hashlib.sha256(key.public_bytes_raw()).hexdigest()
        predicate = {"name": clean, "since": person.since, "key": key.public_bytes_raw().hex()}
        envelope = vault.gate.seal(make_statement(PREDICATE_TYPE, predicate, [(person.id, raw)]))
        scratch = vault.layout.people / f".{os.urandom(8).hex()}.new"
        write_durably(path, envelope, scratch=scratch)
        vault.log.append("person", {"person": person.id, "action": "enrolled"})
    return person


def remove(vault: Vault, person: str) -> None:
    """Let a signature count no longer, also those under requests that are open."""
    if not any(p.id == person for p in enrolled(vault)):
        raise ConfigError("no such person", hint="`gatekeeper people list` shows them")
    with system_errors(vault.layout.people), vault.locked():
        vault.log.append("person", {"person": person, "action": "removed"})
        (vault.layout.people / (person + _SUFFIX)).unlink()
        sync_directory(vault.layout.people)


def enrolled(vault: Vault) -> Sequence[Person]:
    """Everybody whose signature counts, by id. Raises VaultError for one nobody vouches for."""
    with system_errors(vault.layout.people):
        paths = [p for p in entries(vault.layout.people) if p.suffix == _SUFFIX]
    people = [_read(path, vault) for path in paths]
    return tuple(p for p in people if _stands(vault, p.id))


def _stands(vault: Vault, person: str) -> bool:
    record = vault.log.newest("person", person=person)
    return record is not None and record["data"]["action"] == "enrolled"


def _read(path: Path, vault: Vault) -> Person:
    why, envelope = "", read_small(path)
    try:
        statement = parse_statement(vault.gate.unseal(envelope), PREDICATE_TYPE)
        said = statement["predicate"]
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(str(said.get("key"))))
        person = Person(key, str(said.get("name")), str(said.get("since")))
        if [name for name, _ in subjects_of(statement)] != [person.id] or path.stem != person.id:
            why = "it is not what it is called"
    except ReceiptError as e:
        why = str(e)
    except ValueError:
        why = "its key cannot be read"
    if why:
        raise VaultError(f"{shown(path)}: {why}", hint="remove it, and enrol the person again")
    return person
