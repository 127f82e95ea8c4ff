"""Destroying a case: the ciphertext goes, and with it every copy of its wrapped keys in this vault.

The tombstone, written first, settles it. What is gone here may live on elsewhere: a copy of the
vault, a snapshot, a backup. Whoever holds one, and an identity of a recipient, can open it.
"""

from __future__ import annotations

import contextlib
import datetime
import os
from typing import TYPE_CHECKING

from gatekeeper.errors import VaultError
from gatekeeper.vault import age
from gatekeeper.vault.approvals import DESTROY
from gatekeeper.vault.case import Manifest
from gatekeeper.vault.durable import (
    entries,
    open_regular,
    sync_directory,
    system_errors,
    write_durably,
)
from gatekeeper.vault.holds import hold_of
from gatekeeper.vault.journal import DESTROY as DESTROY_ACT
from gatekeeper.vault.journal import Intent
from gatekeeper.vault.people import PersonKey
from gatekeeper.vault.times import parse_utc, utc
from gatekeeper.vault.tombstone import EXPIRED, FILE_NAME, Tombstone
from gatekeeper.vault.workflow import check_approved, check_clock, check_person

if TYPE_CHECKING:
    from pathlib import Path

    from gatekeeper.vault.store import Vault


def destroy(
    vault: Vault,
    case_id: str,
    request_id: str | None,
    key: PersonKey,
    *,
    now: datetime.datetime,
) -> Tombstone:
    """Destroy a case, on a request that two others approved, or once its time is over.

    Raises VaultError, also while a hold is on.
    """
    with system_errors(vault.layout.root, what="the case was not destroyed"), vault.locked():
        check_person(vault, key)
        check_clock(vault, now)
        manifest = vault.manifest(case_id)
        if vault.tombstone(case_id) is not None:
            raise VaultError(f"case {case_id}: it was destroyed already")
        if (hold := hold_of(vault, case_id)) is not None:
            raise VaultError(
                f"case {case_id}: on legal hold since {hold.time[:10]}",
                hint=f"`gatekeeper quarantine hold {case_id} --lift`, by who may",
            )
        if request_id is None:
            _check_expired(manifest, now)
        else:
            check_approved(vault, manifest, request_id, DESTROY, now)
        vault.journal.begin(Intent(case_id, DESTROY_ACT))
        try:
            tombstone = Tombstone(
                case_id, manifest.sequence, manifest.ciphertext, request_id or EXPIRED, key.id,
                utc(now),
            )  # fmt: skip
            folder = vault.layout.case(case_id)
            scratch = folder / f".{os.urandom(8).hex()}.new"
            write_durably(folder / FILE_NAME, tombstone.seal(manifest, vault.gate), scratch=scratch)
            settle(vault, Intent(case_id, DESTROY_ACT))
        except BaseException:
            with contextlib.suppress(OSError, VaultError):  # the first error is the one to tell
                settle(vault, Intent(case_id, DESTROY_ACT))
            raise
        finally:
            vault.journal.let_go(case_id)
    return tombstone


def settle(vault: Vault, intent: Intent) -> str:
    """End a destruction: with a tombstone it is finished, without one it was not begun."""
    case_id = intent.case_id
    folder = vault.layout.case(case_id)
    for path in entries(folder):
        if path.name.endswith(".new"):
            path.unlink()
    tombstone = vault.tombstone(case_id)
    if tombstone is not None:
        event: dict[str, str | int] = {
            "case": case_id,
            "request": tombstone.request,
            "ciphertext": tombstone.ciphertext,
            "person": tombstone.person,
        }
        if not vault.log.newest("destroy", **event):
            vault.log.append("destroy", event)
        for path in entries(folder):
            if path.name.endswith(".age"):
                _shred_header(path)
                path.unlink()
        sync_directory(folder)
    vault.journal.close(case_id)
    return "finished" if tombstone else "dropped"


def _shred_header(path: Path) -> None:
    """Write zeros over the wrapped keys where the file system writes in place. What unlinking the
    file leaves on the medium does not open then; on others nothing is lost by it.
    """
    length = 0
    try:
        with open_regular(path) as stream:
            age.read_header(stream)
            length = stream.tell()
    except VaultError:  # zeros already, after a crash
        return
    fd = os.open(path, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        os.pwrite(fd, bytes(length), 0)
        os.fsync(fd)
    finally:
        os.close(fd)


def _check_expired(manifest: Manifest, now: datetime.datetime) -> None:
    if not manifest.expires:
        raise VaultError(
            f"case {manifest.case_id}: it has no end of its time",
            hint="destroying it takes a request that two others approved",
        )
    if now < parse_utc(manifest.expires):
        raise VaultError(
            f"case {manifest.case_id}: it is kept until {manifest.expires[:10]}",
            hint="destroying it before takes a request that two others approved",
        )
