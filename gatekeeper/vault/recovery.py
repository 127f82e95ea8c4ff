"""Ending what a crash cut off: each act on a case, to one of the two states it may end in."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper.errors import InputError, VaultError
from gatekeeper.vault.durable import present, reason
from gatekeeper.vault.journal import DESTROY, QUARANTINE, RELEASE, REWRITE, Intent
from gatekeeper.vault.removal import Original, Removal

if TYPE_CHECKING:
    from gatekeeper.vault.store import Vault


@dataclass(frozen=True, slots=True)
class Recovered:
    """How one interrupted act ended.

    `finished`: it is done; of a quarantine the case is whole, its originals are gone. `kept`: the
    case is whole, the originals stay, since they changed. `dropped`: it is as if it had not been
    begun, and no plaintext is left of it. `damaged`: the case does not verify, or its entry cannot
    be read here; nothing was removed. `unfinished`: the case is whole, and something could not be
    removed; the next run tries again.
    """

    case_id: str
    state: str
    removals: tuple[Removal, ...] = ()
    why: str = ""


def recover_all(vault: Vault) -> tuple[Recovered, ...]:
    """End every act that nobody has in hand; the caller holds the lock of the vault."""
    ended = tuple(_recover(vault, c) for c in dict.fromkeys(vault.journal.case_ids()))
    for left in vault.layout.tmp.iterdir():  # no journal entry: nothing hangs on it
        if not present(vault.layout.journal / f"{left.stem}.intent"):
            shutil.rmtree(left, ignore_errors=True)
    return ended


def _recover(vault: Vault, case_id: str) -> Recovered:
    try:
        intent = vault.journal.read(case_id)
        if intent is None:
            vault.drop(case_id)
            return Recovered(case_id, "dropped")
        return _end(vault, intent)
    except VaultError as e:
        why = str(e)
    except OSError as e:
        return Recovered(case_id, "unfinished", why=reason(e))
    try:
        _record_unread(vault, case_id)
    except VaultError as e:
        why = str(e)
    return Recovered(case_id, "damaged", why=why)


def _end(vault: Vault, intent: Intent) -> Recovered:
    if intent.act == RELEASE:
        from gatekeeper.vault.releasing import clear

        return Recovered(intent.case_id, clear(vault, intent))
    if intent.act == REWRITE:
        from gatekeeper.vault.rewriting import settle

        return Recovered(intent.case_id, settle(vault, intent, again=True))
    if intent.act == DESTROY:
        from gatekeeper.vault.destroying import settle as settle_destroy

        return Recovered(intent.case_id, settle_destroy(vault, intent))
    if intent.act == QUARANTINE:
        return _end_quarantine(vault, intent)
    raise VaultError(f"case {intent.case_id}: what was begun with it is not known to this version")


def _end_quarantine(vault: Vault, intent: Intent) -> Recovered:
    case_id = intent.case_id
    if not present(vault.layout.case(case_id)):
        vault.drop(case_id)
        return Recovered(case_id, "dropped")
    manifest = vault.verify(case_id)
    originals = [Original(path, digest) for path, digest in intent.places]
    try:
        return Recovered(case_id, "finished", vault.finish(manifest, originals, again=True))
    except InputError as e:
        return Recovered(case_id, "kept", why=str(e))


def _record_unread(vault: Vault, case_id: str) -> None:
    """A case whose entry cannot be read here, since another gate made it, still has its number."""
    if present(vault.layout.case(case_id)) and not vault.log.newest("quarantine", case=case_id):
        vault.record(vault.verify(case_id), again=False)
