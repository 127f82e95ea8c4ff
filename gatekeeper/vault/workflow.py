"""From quarantined to requested to approved: who asked for a case, who agreed, and what counts.

Every request and approval stands in the case folder, signed by a person, and in the log of the
vault, by the digest of what was signed. Both must agree: a file that the log does not know counts
for nothing, nor does one whose signer is enrolled no longer.
"""

from __future__ import annotations

import datetime
import os
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from gatekeeper.errors import VaultError
from gatekeeper.vault.approvals import (
    DESTROY,
    RELEASE,
    SKEW,
    Approval,
    Request,
    check_text,
    digest_of_statement,
    lifetime,
    read_approval,
    read_request,
    why_not_now,
)
from gatekeeper.vault.case import Manifest
from gatekeeper.vault.durable import (
    entries,
    make_private_directory,
    present,
    read_small,
    system_errors,
    write_durably,
)
from gatekeeper.vault.people import NEEDED, PersonKey, enrolled
from gatekeeper.vault.times import parse_utc

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    from gatekeeper.vault.store import Vault

REQUEST_NAME = "request.dsse"
_APPROVAL = ".approval.dsse"
_ID = re.compile(r"[0-9a-f]{32}\Z")


@dataclass(frozen=True, slots=True)
class Asked:
    """A request with the approvals that count for it today."""

    request: Request
    approvals: tuple[Approval, ...]
    used: bool
    why: str = ""
    """Why it does not count any more; empty where it does."""

    @property
    def state(self) -> str:
        """`used`, `void`, `requested` or `approved`."""
        if self.used:
            return "used"
        if self.why:
            return "void"
        return "approved" if len(self.approvals) >= NEEDED else "requested"


def request(
    vault: Vault,
    case_id: str,
    key: PersonKey,
    *,
    action: str,
    purpose: str,
    destination: str,
    days: int,
    now: datetime.datetime,
) -> Request:
    """Ask for a case, in the name of the person whose `key` it is; `days` is how long it holds.

    Raises VaultError, also for a person who is not enrolled.
    """
    check_text(purpose, "purpose")
    check_text(destination, "destination")
    time, expires = lifetime(now, days)
    with system_errors(vault.layout.cases), vault.locked():
        check_person(vault, key)
        check_clock(vault, now)
        manifest = vault.show(case_id)
        asked = Request(
            os.urandom(16).hex(), case_id, action, purpose, destination, manifest.ciphertext,
            time, expires, key.id,
        )  # fmt: skip
        asked = replace(asked, digest=digest_of_statement(asked.statement()))
        folder = _requests(vault, case_id)
        for part in (folder, folder / asked.id):
            make_private_directory(part)
        _write(folder / asked.id / REQUEST_NAME, key.seal(asked.statement()))
        vault.log.append(
            "request",
            {
                "case": case_id,
                "request": asked.id,
                "action": action,
                "statement": asked.digest,
                "person": key.id,
            },
        )
    return asked


def approve(
    vault: Vault,
    case_id: str,
    request_id: str,
    key: PersonKey,
    *,
    days: int,
    now: datetime.datetime,
) -> Asked:
    """Agree to a request, as another person than the one who asks. Raises VaultError."""
    time, expires = lifetime(now, days)
    with system_errors(vault.layout.cases), vault.locked():
        check_person(vault, key)
        check_clock(vault, now)
        vault.show(case_id)
        asked = read_asked(vault, case_id, request_id, now)
        if asked.used or asked.why:
            raise VaultError(f"request {request_id}: {asked.why or 'it was used already'}")
        if key.id == asked.request.person:
            raise VaultError("whoever asks for a case cannot approve it as well")
        if any(a.person == key.id for a in asked.approvals):
            raise VaultError("this person has approved it already")
        approval = Approval(asked.request, time, expires, key.id)
        digest = digest_of_statement(approval.statement())
        path = _requests(vault, case_id) / request_id / (key.id + _APPROVAL)
        path.unlink(missing_ok=True)  # one that expired, or was cut off before it was recorded
        _write(path, key.seal(approval.statement()))
        vault.log.append(
            "approval",
            {"case": case_id, "request": request_id, "statement": digest, "person": key.id},
        )
        return read_asked(vault, case_id, request_id, now)


def read_asked(vault: Vault, case_id: str, request_id: str, now: datetime.datetime) -> Asked:
    """A request of a case, with what counts for it at `now`. Raises VaultError where there is none,
    or where it cannot be trusted.
    """
    if not _ID.match(request_id):
        raise VaultError("not a request id: it has 32 characters of 0-9a-f")
    people = {p.id: p.key for p in enrolled(vault)}
    folder = _requests(vault, case_id) / request_id
    if not present(folder / REQUEST_NAME):
        raise VaultError(
            f"request {request_id}: there is none of this case",
            hint=f"`gatekeeper quarantine show {case_id}` lists them",
        )
    found = read_request(read_small(folder / REQUEST_NAME), people)
    if (found.id, found.case_id) != (request_id, case_id):
        raise VaultError(f"request {request_id}: it is another one, or of another case")
    known = vault.log.newest("request", case=case_id, request=request_id, statement=found.digest)
    why = why_not_now(found, now) if known else "the log of the vault does not know it"
    if not why and vault.manifest(case_id).ciphertext != found.ciphertext:
        why = "the case was rewrapped or rotated since; ask again"
    used = any(
        vault.log.newest(event, case=case_id, request=request_id) for event in (RELEASE, DESTROY)
    )
    return Asked(found, _approvals(vault, folder, found, people, now), used, why)


def asked_of(vault: Vault, case_id: str, now: datetime.datetime) -> tuple[Asked | str, ...]:
    """Every request of a case, oldest first; one that cannot be trusted as the words why."""
    with system_errors(vault.layout.cases):
        names = [p.name for p in entries(_requests(vault, case_id))]
    found = [_asked_or_why(vault, case_id, name, now) for name in names]
    return tuple(sorted(found, key=lambda a: ("", "") if isinstance(a, str) else _when(a)))


def _asked_or_why(vault: Vault, case_id: str, name: str, now: datetime.datetime) -> Asked | str:
    try:
        return read_asked(vault, case_id, name, now)
    except VaultError as e:
        return str(e)


def check_approved(
    vault: Vault, manifest: Manifest, request_id: str, action: str, now: datetime.datetime
) -> Asked:
    """Raise VaultError unless `action` on the case was asked for and approved by two others, today,
    and was not done yet.
    """
    asked = read_asked(vault, manifest.case_id, request_id, now)
    if asked.request.action != action:
        raise VaultError(f"request {request_id}: it asks to {asked.request.action} the case")
    if asked.used:
        raise VaultError(f"request {request_id}: it was used already", hint="ask again")
    if asked.why:
        raise VaultError(f"request {request_id}: {asked.why}")
    if (missing := NEEDED - len(asked.approvals)) > 0:
        raise VaultError(
            f"request {request_id}: {missing} of {NEEDED} approvals missing",
            hint=f"`gatekeeper quarantine approve {manifest.case_id} {request_id}`",
        )
    return asked


def check_clock(vault: Vault, now: datetime.datetime) -> None:
    """Raise VaultError where `now` lies before what was recorded last: the clock was set back."""
    last = vault.log.newest()
    if last is not None and now < parse_utc(str(last["time"])) - SKEW:
        raise VaultError(
            f"the clock says {now:%Y-%m-%d}, and the log of the vault has {last['time'][:10]}",
            hint="set the clock of this machine; approvals are held against it",
        )


def _approvals(
    vault: Vault,
    folder: Path,
    asked: Request,
    people: Mapping[str, Ed25519PublicKey],
    now: datetime.datetime,
) -> tuple[Approval, ...]:
    counting: dict[str, Approval] = {}
    for path in (p for p in entries(folder) if p.name.endswith(_APPROVAL)):
        try:
            approval = read_approval(read_small(path), asked, people)
        except VaultError:  # of one enrolled no longer, or changed: it counts for nothing
            continue
        known = vault.log.newest(
            "approval", case=asked.case_id, request=asked.id, statement=approval.digest
        )
        if known and approval.person != asked.person and not why_not_now(approval, now):
            counting[approval.person] = approval
    return tuple(counting[person] for person in sorted(counting))


def check_person(vault: Vault, key: PersonKey) -> None:
    """Raise VaultError unless it is the key of somebody enrolled."""
    if not any(p.id == key.id for p in enrolled(vault)):
        raise VaultError(
            "this key is not that of somebody enrolled", hint="`gatekeeper people add` enrols one"
        )


def _requests(vault: Vault, case_id: str) -> Path:
    return vault.layout.case(case_id) / "requests"


def _when(asked: Asked) -> tuple[str, str]:
    return asked.request.time, asked.request.id


def _write(path: Path, envelope: bytes) -> None:
    write_durably(path, envelope, scratch=path.with_name(f".{os.urandom(8).hex()}.new"))
