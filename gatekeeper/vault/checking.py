"""The whole vault held against its log: no case is missing, and each is as it was last written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper.errors import VaultError
from gatekeeper.vault.durable import present

if TYPE_CHECKING:
    from gatekeeper.vault.store import Damaged, Vault

_WRITTEN = ("quarantine", "rewrap", "rotate")


@dataclass(frozen=True, slots=True)
class Checked:
    """How many cases are whole, how many were destroyed as the log says, and what is wrong."""

    whole: int
    destroyed: int
    damaged: tuple[Damaged, ...]


def check_all(vault: Vault) -> Checked:
    """Verify every case that is here, and every one that the log of the vault knows.

    Raises ReceiptError where the log itself is damaged.
    """
    from gatekeeper.vault.store import Damaged

    last: dict[str, str] = {}
    gone: set[str] = set()
    for record in vault.log.records():
        data: Mapping[str, str] = record["data"]
        if record["event"] in _WRITTEN:
            last[data["case"]] = data["ciphertext"]
        elif record["event"] == "destroy":
            gone.add(data["case"])
    whole, destroyed, damaged = 0, 0, []
    here = {p.name for p in vault.layout.cases.iterdir()} if present(vault.layout.cases) else set()
    for case_id in sorted(here | set(last)):
        why = _why(vault, case_id, last.get(case_id, ""), is_gone=case_id in gone)
        if why:
            damaged.append(Damaged(case_id, why))
        elif case_id in gone:
            destroyed += 1
        else:
            whole += 1
    return Checked(whole, destroyed, tuple(damaged))


def _why(vault: Vault, case_id: str, ciphertext: str, *, is_gone: bool) -> str:
    try:
        if is_gone:
            tombstone = vault.tombstone(case_id)
            return "" if tombstone else "destroyed, the log says, and there is no tombstone of it"
        manifest = vault.verify(case_id)
    except VaultError as e:
        return str(e)
    if not ciphertext:
        return "the log of the vault does not know it; `quarantine recover` may end its storing"
    if manifest.ciphertext != ciphertext:
        return "an older ciphertext than the log has: it was put back"
    return ""
