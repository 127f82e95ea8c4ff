"""Possession checks: a holder proves to have the identity of a recipient.

Where the identity is at hand, it opens what was just encrypted to its recipient. A holder elsewhere
gets a challenge: an armored age file whose content only the identity gives, and which is sent back
as the answer. The gate keeps no more than the digest of that content, in a statement it signed.
"""

from __future__ import annotations

import datetime
import hashlib
import hmac
import io
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from gatekeeper.errors import InputError, ReceiptError, VaultError
from gatekeeper.model import Wrapper
from gatekeeper.vault import age
from gatekeeper.vault.command import CommandIdentity, CommandRecipient
from gatekeeper.vault.durable import open_regular, present, system_errors, write_durably
from gatekeeper.vault.keys import (
    AnyRecipient,
    Enrolled,
    challenge_path,
    enrolled_recipients,
    find,
    mark_checked,
)
from gatekeeper.vault.statement import make_statement, parse_statement, subjects_of
from gatekeeper.vault.times import parse_utc, utc

if TYPE_CHECKING:
    from gatekeeper.vault.store import Vault

PREDICATE_TYPE = "https://gatekeeper.dev/challenge/v1"
STANZA_TYPE = "gatekeeper.dev/challenge-v1"
"""Marks an age file as a challenge, under its MAC: nobody can dress up a case as one."""
LIFETIME = datetime.timedelta(days=7)
"""How long a challenge may be answered."""
MAX_CHALLENGE_BYTES = 1 << 16
_MAX_STATEMENT_BYTES = 1 << 14
_ANSWER = re.compile(rb"gatekeeper-answer-v1 ([0-9a-f]{32}) ([0-9a-f]{64})")

AnyIdentity: TypeAlias = "age.KeyIdentity | CommandIdentity"
"""The private side of whoever can be enrolled."""


@dataclass(frozen=True, slots=True)
class Challenge:
    """What is sent to the holder of a recipient."""

    enrolled: Enrolled
    text: str
    """An armored age file."""
    expires: str


def check_possession(recipient: AnyRecipient, identities: Sequence[age.Identity]) -> None:
    """Raise VaultError unless one of `identities` opens what is encrypted to `recipient`."""
    key = age.new_file_key()
    age.file_key_of(age.make_header(key, age.wrap_for([recipient], key)), identities)


def prove(
    vault: Vault,
    identities: Sequence[AnyIdentity],
    *,
    now: datetime.datetime,
    wrappers: Mapping[str, Wrapper] | None = None,
) -> tuple[Enrolled, ...]:
    """Check every enrolled recipient whose identity is among `identities`, and record it.

    Raises VaultError where there is none, or where one of them does not open what is encrypted to
    its recipient; then nothing is recorded.
    """
    mine = {
        e.fingerprint: (e, identity)
        for e in enrolled_recipients(vault, wrappers)
        for identity in identities
        if identity.recipient == e.recipient
    }
    if not mine:
        raise VaultError(
            "none of these identities is that of an enrolled recipient",
            hint="`gatekeeper keys add` enrols a recipient; "
            "`gatekeeper keys list` shows who is enrolled",
        )
    for enrolled, identity in mine.values():
        check_possession(enrolled.recipient, [identity])
    with system_errors(vault.layout.recipients), vault.locked():
        known = enrolled_recipients(vault, wrappers)
        return tuple(
            mark_checked(vault, find(known, name), now=now, command=_command(enrolled))
            for name, (enrolled, _) in mine.items()
        )


def challenge(
    vault: Vault,
    which: str,
    *,
    now: datetime.datetime,
    wrappers: Mapping[str, Wrapper] | None = None,
) -> Challenge:
    """A challenge for the holder of a recipient, named by fingerprint or text.

    It takes the place of one that is open. Raises ConfigError where there is no such recipient.
    """
    enrolled = find(enrolled_recipients(vault, wrappers), which)
    secret = f"gatekeeper-answer-v1 {enrolled.fingerprint} {os.urandom(32).hex()}".encode("ascii")
    sealed = io.BytesIO()
    armor = age.ArmorWriter(sealed)
    mark = age.Stanza(STANZA_TYPE, (enrolled.fingerprint,), b"")
    writer = age.encrypt(armor, [enrolled.recipient], extra=[mark])
    writer.write(secret + b"\n")
    writer.close()
    armor.close()
    expires = utc(now + LIFETIME)
    predicate = {"created": utc(now), "expires": expires, "command": _command(enrolled)}
    envelope = vault.gate.seal(
        make_statement(PREDICATE_TYPE, predicate, [(enrolled.fingerprint, _digest(secret))])
    )
    with system_errors(vault.layout.recipients), vault.locked():
        find(enrolled_recipients(vault), enrolled.fingerprint)  # nobody removed it meanwhile
        scratch = vault.layout.recipients / f".{os.urandom(8).hex()}.new"
        write_durably(challenge_path(vault, enrolled), envelope, scratch=scratch)
    return Challenge(enrolled, sealed.getvalue().decode("ascii"), expires)


def answer(challenge: bytes, identities: Sequence[age.Identity]) -> str:
    """What the holder sends back; raises VaultError where no identity opens the challenge, or where
    the file is none: what is in another file is not given.
    """
    source = age.dearmored(io.BytesIO(challenge))
    header = age.read_header(source)
    marks = [s.args for s in header.stanzas if s.type == STANZA_TYPE]
    if len(marks) != 1:
        raise VaultError(
            "this file is no challenge, and what is in it is not shown",
            hint="a challenge is made by `gatekeeper keys challenge`",
        )
    key = age.file_key_of(header, identities)
    said = b"".join(age.decrypt_chunks(source, key)).removesuffix(b"\n")
    found = _ANSWER.fullmatch(said)
    if found is None or marks != [(found[1].decode("ascii"),)]:
        raise VaultError("this challenge is malformed, and what is in it is not shown")
    return said.decode("ascii")


def check_answer(
    vault: Vault,
    answer: bytes,
    *,
    now: datetime.datetime,
    wrappers: Mapping[str, Wrapper] | None = None,
) -> Enrolled:
    """Record that the holder of a recipient gave the right `answer`; it counts once.

    Raises VaultError where it is not the answer to the challenge that is open for its recipient, or
    comes too late; ConfigError where there is no such recipient.
    """
    said = answer.strip()
    found = _ANSWER.fullmatch(said)
    if found is None:
        raise VaultError(
            "this is no answer to a challenge", hint="`gatekeeper keys answer` prints it"
        )
    name = found[1].decode("ascii")
    find(enrolled_recipients(vault), name)
    with system_errors(vault.layout.recipients), vault.locked():
        enrolled = find(enrolled_recipients(vault, wrappers), name)
        digest, fields = _read_challenge(vault, enrolled)
        if now < parse_utc(fields["created"]):
            raise VaultError(
                f"{name}: the challenge was made {fields['created']}, which is in the future: a "
                "clock is wrong"
            )
        if now > parse_utc(fields["expires"]):
            raise VaultError(
                f"{name}: the challenge expired {fields['expires']}",
                hint=f"`gatekeeper keys challenge {name}` makes another",
            )
        if not hmac.compare_digest(_digest(said), digest):
            raise VaultError(f"{name}: not the answer to the challenge that is open for it")
        return mark_checked(vault, enrolled, now=now, command=fields["command"])


def _read_challenge(vault: Vault, enrolled: Enrolled) -> tuple[str, dict[str, str]]:
    """The digest of the answer, and `created`, `expires` and `command`."""
    path = challenge_path(vault, enrolled)
    if not present(path):
        raise VaultError(
            f"{enrolled.fingerprint}: no challenge is open for it",
            hint=f"`gatekeeper keys challenge {enrolled.fingerprint}` makes one",
        )
    why = ""
    try:
        with system_errors(path), open_regular(path) as stream:
            payload = vault.gate.unseal(stream.read(_MAX_STATEMENT_BYTES))
        statement = parse_statement(payload, PREDICATE_TYPE)
        ((name, digest),) = subjects_of(statement)
        if name != enrolled.fingerprint:
            why = "it is that of another recipient"
    except (ReceiptError, InputError) as e:
        why = str(e)
    if why:
        raise VaultError(
            f"{enrolled.fingerprint}: its challenge is not one of this gate: {why}",
            hint=f"`gatekeeper keys challenge {enrolled.fingerprint}` makes another",
        )
    return digest, {name: str(value) for name, value in statement["predicate"].items()}


def _command(enrolled: Enrolled) -> str:
    recipient = enrolled.recipient
    return recipient.digest if isinstance(recipient, CommandRecipient) else ""


def _digest(secret: bytes) -> str:
    return f"sha256:{hashlib.sha256(secret).hexdigest()}"
