"""Recipients and identities: who can open a case.

An identity (the private key) lives wherever its holder keeps it, never in the vault nor beside the
datasets. A recipient (the public key) is enrolled in the vault by a statement that the gate signs,
so that nobody who can merely write there adds a key of their own.
"""

from __future__ import annotations

import datetime
import hashlib
import io
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gatekeeper.errors import ConfigError, ReceiptError, VaultError
from gatekeeper.model.display import shown
from gatekeeper.vault import age
from gatekeeper.vault.durable import (
    entries,
    sync_directory,
    system_errors,
    write_durably,
    write_new,
)
from gatekeeper.vault.layout import Layout
from gatekeeper.vault.ports import GateKey
from gatekeeper.vault.statement import make_statement, parse_statement, subjects_of
from gatekeeper.vault.times import parse_utc, utc

PREDICATE_TYPE = "https://gatekeeper.dev/recipient/v1"
MIN_RECIPIENTS = 2
MAX_AGE = datetime.timedelta(days=90)
"""How long a possession check counts."""
MAX_COMMENT = 100
_SUFFIX = ".pub"
_MAX_KEY_FILE_BYTES = 1 << 16
_HINT_INIT = (
    "`gatekeeper keys init FILE` makes a key: two of them, for two people, kept off this machine"
)
_HINT_CHECK = "`gatekeeper keys check -i FILE` proves that its holder still has the key"


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A recipient in the vault, and when its identity last proved to be there."""

    recipient: age.X25519Recipient
    comment: str
    created: str
    checked: str
    """When its holder last proved to have the identity; empty where never."""

    @property
    def fingerprint(self) -> str:
        """The name of its file."""
        return fingerprint(self.recipient)

    def doubt(self, now: datetime.datetime) -> str:
        """Why its last possession check does not count at `now`; empty where it does."""
        if not self.checked:
            return "never checked"
        age_of_check = now - parse_utc(self.checked)
        if age_of_check < datetime.timedelta():
            return f"checked {self.checked}, which is in the future: a clock is wrong"
        if age_of_check > MAX_AGE:
            return f"last checked {self.checked}, more than {MAX_AGE.days} days ago"
        return ""


def fingerprint(recipient: object) -> str:
    """32 hex digits that name a recipient: the front of the SHA-256 of its text form."""
    return hashlib.sha256(str(recipient).encode("ascii")).hexdigest()[:32]


def init_identity(
    path: Path,
    *,
    layout: Layout,
    gate: GateKey,
    now: datetime.datetime,
    comment: str = "",
    forbidden: Sequence[Path] = (),
) -> Enrolled:
    """Make an identity in the new file `path` (mode 0600) and enrol its recipient.

    `forbidden` are folders it must not lie in, beside the vault: the project and its datasets. The
    file is read back and opens a challenge before its recipient is enrolled. Raises ConfigError for
    a bad place, VaultError where it cannot be written.
    """
    place = path.parent.resolve() / path.name
    for folder in (layout.root, *forbidden):
        if place.is_relative_to(folder.resolve()):
            raise ConfigError(
                f"{shown(path)}: an identity must not lie in {shown(folder)}",
                hint="name a file outside of it, best on a medium you can take away",
            )
    identity = age.X25519Identity.generate()
    _write_identity(place, identity, utc(now))
    check_possession(identity.recipient, load_identities(place))
    return enrol(identity.recipient, layout=layout, gate=gate, now=now, comment=comment)


def enrol(
    recipient: age.X25519Recipient,
    *,
    layout: Layout,
    gate: GateKey,
    now: datetime.datetime,
    comment: str = "",
) -> Enrolled:
    """Write `recipient`, whose holder has just passed the possession check, into the vault."""
    clean = "".join(c for c in comment if c.isprintable())[:MAX_COMMENT]
    enrolled = Enrolled(recipient, clean, utc(now), utc(now))
    text = str(recipient)
    predicate = {"comment": clean, "created": enrolled.created, "checked": enrolled.checked}
    digest = "sha256:" + hashlib.sha256(text.encode("ascii")).hexdigest()
    envelope = gate.seal(make_statement(PREDICATE_TYPE, predicate, [(text, digest)]))
    layout.create()
    scratch = layout.recipients / f".{os.urandom(8).hex()}.new"
    with system_errors(layout.recipients):
        write_durably(
            layout.recipients / (enrolled.fingerprint + _SUFFIX), envelope, scratch=scratch
        )
    return enrolled


def enrolled_recipients(layout: Layout, gate: GateKey) -> tuple[Enrolled, ...]:
    """Every recipient in the vault, by fingerprint; raises VaultError for one not vouched for."""
    with system_errors(layout.recipients):
        paths = [p for p in entries(layout.recipients) if p.suffix == _SUFFIX]
    return tuple(_read_enrolled(path, gate) for path in paths)


def choose_recipients(
    written: Sequence[str], enrolled: Iterable[Enrolled], *, now: datetime.datetime
) -> tuple[age.X25519Recipient, ...]:
    """Who a case made at `now` is encrypted to: those `written` in the configuration, or else all
    that are enrolled and were ever checked.

    At least two of them, with different keys, must have proved within 90 days that their holders
    can open a case. One whose proof is older is still a recipient, since one more key loses
    nothing, but is not counted. Raises ConfigError where there are too few, or where a written one
    is not enrolled or was never checked.
    """
    wanted = _wanted(written, {str(e.recipient): e for e in enrolled})
    doubts = {e.fingerprint: e.doubt(now) for e in wanted}
    proved = sum(not doubt for doubt in doubts.values())
    if proved < MIN_RECIPIENTS:
        doubted = [e for e in wanted if doubts[e.fingerprint]]
        why = "".join(f"; {e.fingerprint}: {doubts[e.fingerprint]}" for e in doubted)
        raise ConfigError(
            f"quarantine needs {MIN_RECIPIENTS} recipients with a possession check of the last "
            f"{MAX_AGE.days} days, and there is {proved or 'none'}{why}",
            hint=_HINT_CHECK if doubted else _HINT_INIT,
        )
    return tuple(e.recipient for e in wanted)


def doubts(
    written: Sequence[str], enrolled: Iterable[Enrolled], *, now: datetime.datetime
) -> tuple[str, ...]:
    """What is to be said of those who are not counted, or are no recipient, though enrolled."""
    listed = set(written)
    asked = [e for e in enrolled if not listed or str(e.recipient) in listed]
    return tuple(
        f"recipient {e.fingerprint}: {doubt}" + ("" if e.checked else "; it receives nothing yet")
        for e in asked
        if (doubt := e.doubt(now))
    )


def load_identities(path: Path) -> tuple[age.X25519Identity, ...]:
    """The identities in a key file of `age-keygen`; raises VaultError, showing no line."""
    with system_errors(path), path.open("rb") as stream:
        data = stream.read(_MAX_KEY_FILE_BYTES)
    lines = [line.strip() for line in data.decode("utf-8", "replace").splitlines()]
    keys = [line for line in lines if line and not line.startswith("#")]
    why, identities = "no identity in it", []
    try:
        identities = [age.X25519Identity.parse(key) for key in keys]
    except VaultError as e:
        why = str(e)
    if not identities:
        raise VaultError(f"{shown(path)}: {why}", hint="it holds a line AGE-SECRET-KEY-1…")
    return tuple(identities)


def check_possession(recipient: age.Recipient, identities: Sequence[age.Identity]) -> None:
    """Raise VaultError unless one of `identities` opens what is encrypted to `recipient`."""
    challenge, sealed = os.urandom(32), io.BytesIO()
    writer = age.encrypt(sealed, [recipient])
    writer.write(challenge)
    writer.close()
    sealed.seek(0)
    key = age.file_key_of(age.read_header(sealed), identities)
    if b"".join(age.decrypt_chunks(sealed, key)) != challenge:
        raise VaultError("possession check: the identity does not open what its recipient closed")


def _write_identity(place: Path, identity: age.X25519Identity, created: str) -> None:
    text = f"# created: {created}\n# public key: {identity.recipient}\n{identity.encode()}\n"
    with system_errors(place):
        write_new(place, text.encode("ascii"))
        sync_directory(place.parent)


def _wanted(written: Sequence[str], known: Mapping[str, Enrolled]) -> list[Enrolled]:
    if not written:
        return [e for e in known.values() if e.checked]
    for text in written:
        if text not in known:
            raise ConfigError(
                f"recipients: {_told(text)} is not enrolled in the vault, so nobody proved to have "
                "its key",
                hint="`gatekeeper keys add` enrols it, `gatekeeper keys challenge` asks its holder",
            )
        if not known[text].checked:
            raise ConfigError(
                f"recipients: {_told(text)} was never checked, so nobody proved to have its key",
                hint=f"`gatekeeper keys challenge {known[text].fingerprint}` asks its holder",
            )
    return [known[text] for text in dict.fromkeys(written)]


def _told(recipient: str) -> str:
    return shown(recipient[:20] + ("…" if len(recipient) > 20 else ""))


def _read_enrolled(path: Path, gate: GateKey) -> Enrolled:
    why = ""
    try:
        statement = parse_statement(gate.unseal(path.read_bytes()), PREDICATE_TYPE)
        recipient = age.X25519Recipient.parse(subjects_of(statement)[0][0])
        fields = [statement["predicate"].get(name) for name in ("comment", "created", "checked")]
    except (ReceiptError, VaultError) as e:
        why = str(e)
    except (IndexError, OSError):
        why = "cannot be read"
    if not why and path.stem != fingerprint(recipient):
        why = "its name is not its fingerprint"
    if why:
        raise VaultError(
            f"{shown(path)}: {why}", hint="remove it, and enrol the recipient again with `keys`"
        )
    return Enrolled(recipient, *(str(field) for field in fields))
