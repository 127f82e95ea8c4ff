"""Recipients: who is enrolled to open cases, and whose proof to have the key still counts.

An identity (the private key) lives wherever its holder keeps it, never in the vault nor beside the
datasets. A recipient (the public key) is enrolled in the vault by a statement that the gate signs,
so that nobody who can merely write there adds a key of their own; that it is enrolled stands in the
log as well, so that a statement put back after its removal counts for nothing.
"""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from gatekeeper.errors import ConfigError, InputError, ReceiptError, VaultError
from gatekeeper.model import Wrapper
from gatekeeper.model.display import shown
from gatekeeper.vault import age
from gatekeeper.vault.command import PREFIX, CommandRecipient
from gatekeeper.vault.durable import (
    entries,
    open_regular,
    sync_directory,
    system_errors,
    write_durably,
)
from gatekeeper.vault.statement import make_statement, parse_statement, subjects_of
from gatekeeper.vault.times import parse_utc, utc

if TYPE_CHECKING:
    from gatekeeper.vault.store import Vault

PREDICATE_TYPE = "https://gatekeeper.dev/recipient/v1"
MIN_RECIPIENTS = 2
MAX_AGE = datetime.timedelta(days=90)
"""How long a possession check counts."""
MAX_COMMENT = 100
_SUFFIX = ".pub"
_CHALLENGE_SUFFIX = ".challenge"
_MAX_STATEMENT_BYTES = 1 << 16
_COMMAND_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}\Z")

AnyRecipient: TypeAlias = "age.KeyRecipient | CommandRecipient"
"""Whoever can be enrolled; `str` gives the text."""


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A recipient in the vault, and when its identity last proved to be there."""

    recipient: AnyRecipient
    comment: str
    created: str
    checked: str = ""
    """When its holder last proved to have the identity; empty where never."""
    command: str = ""
    """`sha256:…` of the command that wrapped for it when it was checked; empty for a key."""

    @property
    def fingerprint(self) -> str:
        """The name of its file."""
        return fingerprint(self.recipient)

    @property
    def kind(self) -> str:
        """`X25519`, `post-quantum` or `command`."""
        if isinstance(self.recipient, CommandRecipient):
            return "command"
        return "post-quantum" if self.post_quantum else "X25519"

    @property
    def post_quantum(self) -> bool:
        """Whether what is encrypted to it is safe against quantum computers."""
        return bool(getattr(self.recipient, "post_quantum", False))

    @property
    def obstacle(self) -> str:
        """Why nothing is encrypted to it; empty where it receives.

        A command other than the one that was checked is not even run.
        """
        if not self.checked:
            return "never checked"
        if isinstance(self.recipient, CommandRecipient):
            if self.recipient.wrapper is None:
                return "its command is not configured on this machine"
            if self.recipient.digest != self.command:
                return "its command was changed since it was checked"
        return ""

    def doubt(self, now: datetime.datetime) -> str:
        """Why its last possession check does not count at `now`; empty where it does."""
        if self.obstacle:
            return self.obstacle
        age_of_check = now - parse_utc(self.checked)
        if age_of_check < datetime.timedelta():
            return f"checked {self.checked}, which is in the future: a clock is wrong"
        if age_of_check > MAX_AGE:
            return f"last checked {self.checked}, more than {MAX_AGE.days} days ago"
        return ""


def fingerprint(recipient: object) -> str:
    """32 hex digits that name a recipient: the front of the SHA-256 of its text form."""
    return _digest(str(recipient))[:32]


def parse_recipient(text: str, wrappers: Mapping[str, Wrapper]) -> AnyRecipient:
    """The recipient written `age1…`, `age1pq1…` or `command:NAME`, the last with its command where
    one is configured; raises VaultError, never showing a key.
    """
    if not text.startswith(PREFIX):
        return age.parse_recipient(text)
    name = text.removeprefix(PREFIX)
    if not _COMMAND_NAME.match(name):
        raise VaultError("not a recipient: the name of a command has a-z, 0-9 and -")
    return CommandRecipient(name, wrappers.get(name))


# --- what is enrolled ------------------------------------------------------------------------


def enrolled_recipients(
    vault: Vault, wrappers: Mapping[str, Wrapper] | None = None
) -> tuple[Enrolled, ...]:
    """Every recipient in the vault, by fingerprint; raises VaultError for one not vouched for.

    `wrappers` are the commands that are configured here, by name.
    """
    with system_errors(vault.layout.recipients):
        paths = [p for p in entries(vault.layout.recipients) if p.suffix == _SUFFIX]
    found = [_read(path, vault, wrappers or {}) for path in paths]
    return tuple(e for e in found if _stands(vault, e))


def find(known: Iterable[Enrolled], which: str) -> Enrolled:
    """The one of `known` with the fingerprint or the text `which`; raises ConfigError."""
    for enrolled in known:
        if which in (enrolled.fingerprint, str(enrolled.recipient)):
            return enrolled
    raise ConfigError(
        "no such recipient is enrolled",
        hint="`gatekeeper keys list` shows the fingerprints, `gatekeeper keys add` enrols one",
    )


def enrol(
    vault: Vault,
    recipient: AnyRecipient,
    *,
    now: datetime.datetime,
    comment: str = "",
    proved: bool = False,
) -> Enrolled:
    """Write `recipient` into the vault: one to be checked, or one whose holder has just `proved` to
    have the identity. Raises ConfigError for one that is enrolled already, or is a command that is
    not configured here.
    """
    if isinstance(recipient, CommandRecipient) and recipient.wrapper is None:
        raise ConfigError(
            f"{recipient}: no such command is configured",
            hint="`wrappers` in gatekeeper.yaml names what wraps and unwraps",
        )
    clean = "".join(c for c in comment if c.isprintable())[:MAX_COMMENT]
    enrolled = Enrolled(recipient, clean, utc(now), utc(now) if proved else "")
    with system_errors(vault.layout.recipients):
        vault.layout.create()
    with system_errors(vault.layout.recipients), vault.locked():
        if any(e.recipient == recipient for e in enrolled_recipients(vault)):
            raise ConfigError(
                f"{enrolled.fingerprint}: this recipient is enrolled already",
                hint="`gatekeeper keys check` and `keys challenge` prove that its key is there",
            )
        _write(vault, enrolled)
        vault.log.append("key", _event(enrolled, "enrolled"))  # from here on it counts
    return enrolled


def mark_checked(
    vault: Vault, enrolled: Enrolled, *, now: datetime.datetime, command: str = ""
) -> Enrolled:
    """Record that the holder proved to have the identity, and close a challenge that is open for
    it. The caller has the lock of the vault, and tells of the system's errors.
    """
    checked = dataclasses.replace(enrolled, checked=utc(now), command=command)
    vault.log.append("key", _event(checked, "checked"))  # first: nothing counts that it lacks
    _write(vault, checked)
    challenge_path(vault, checked).unlink(missing_ok=True)
    sync_directory(vault.layout.recipients)
    return checked


def remove(
    vault: Vault,
    which: str,
    *,
    now: datetime.datetime,
    written: Sequence[str] = (),
    wrappers: Mapping[str, Wrapper] | None = None,
    force: bool = False,
) -> Enrolled:
    """Encrypt nothing more to a recipient, named by fingerprint or text; gives what it was.

    Cases that are there still open with its identity. Raises ConfigError where there is none, or
    where too few that proved to have their key would be left and nobody said `force`.
    """
    find(enrolled_recipients(vault), which)
    with system_errors(vault.layout.recipients), vault.locked():
        known = enrolled_recipients(vault, wrappers)
        gone = find(known, which)
        rest = [e for e in known if e != gone and (not written or str(e.recipient) in written)]
        left = sum(not e.doubt(now) for e in rest)
        if gone.checked and left < MIN_RECIPIENTS and not force:
            raise ConfigError(
                f"{gone.fingerprint}: without it, {left or 'none'} of the recipients that are left "
                f"has proved to have its key, and quarantine needs {MIN_RECIPIENTS}",
                hint="enrol and check another one first, or say --force",
            )
        vault.log.append("key", _event(gone, "removed"))
        for path in (_path(vault, gone), challenge_path(vault, gone)):
            path.unlink(missing_ok=True)
        sync_directory(vault.layout.recipients)
    return gone


def challenge_path(vault: Vault, enrolled: Enrolled) -> Path:
    """Where the challenge lies that is open for a recipient."""
    return vault.layout.recipients / (enrolled.fingerprint + _CHALLENGE_SUFFIX)


# --- the statements --------------------------------------------------------------------------


def _path(vault: Vault, enrolled: Enrolled) -> Path:
    return vault.layout.recipients / (enrolled.fingerprint + _SUFFIX)


def _write(vault: Vault, enrolled: Enrolled) -> None:
    scratch = vault.layout.recipients / f".{os.urandom(8).hex()}.new"
    write_durably(_path(vault, enrolled), vault.gate.seal(_statement(enrolled)), scratch=scratch)


def _statement(enrolled: Enrolled) -> bytes:
    text = str(enrolled.recipient)
    predicate = {
        name: getattr(enrolled, name) for name in ("comment", "created", "checked", "command")
    }
    return make_statement(PREDICATE_TYPE, predicate, [(text, f"sha256:{_digest(text)}")])


def _read(path: Path, vault: Vault, wrappers: Mapping[str, Wrapper]) -> Enrolled:
    why = ""
    try:
        with open_regular(path) as stream:
            payload = vault.gate.unseal(stream.read(_MAX_STATEMENT_BYTES))
        statement = parse_statement(payload, PREDICATE_TYPE)
        recipient = parse_recipient(subjects_of(statement)[0][0], wrappers)
        said = {str(name): str(value) for name, value in statement["predicate"].items()}
        found = Enrolled(recipient, **said)
        if _statement(found) != payload:
            why = "malformed"
        elif path.stem != found.fingerprint:
            why = "its name is not its fingerprint"
    except (ReceiptError, VaultError) as e:
        why = str(e)
    except (IndexError, TypeError):
        why = "malformed"
    except (InputError, OSError):
        why = "no regular file, or cannot be read"
    if why:
        raise VaultError(
            f"{shown(path)}: {why}", hint="remove it, and enrol the recipient again with `keys`"
        )
    return found


def _stands(vault: Vault, enrolled: Enrolled) -> bool:
    """Whether the log has it as enrolled; one that was removed may not be unlinked yet."""
    record = vault.log.newest("key", recipient=enrolled.fingerprint)
    return record is not None and record["data"]["action"] != "removed"


def _event(enrolled: Enrolled, action: str) -> dict[str, str | int]:
    return {"recipient": enrolled.fingerprint, "action": action}


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("ascii")).hexdigest()
