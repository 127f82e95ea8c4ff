"""The whole vault held against its log: no case is missing, and each is as it was last written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
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
    missing: tuple[str, ...] = ()
    """Who is enrolled, as the log says, and has no statement any more: in a few words each."""


def check_all(vault: Vault) -> Checked:
    """Verify every case that is here, and all that the log of the vault knows: cases, recipients
    and people.

    Raises ReceiptError where the log itself is damaged.
    """
    from gatekeeper.vault.store import Damaged

    last: dict[str, str] = {}
    gone: set[str] = set()
    enrolled: dict[Path, str] = {}
    for record in vault.log.records():
        data: Mapping[str, str] = record["data"]
        if record["event"] in _WRITTEN:
            last[data["case"]] = data["ciphertext"]
        elif record["event"] == "destroy":
            gone.add(data["case"])
        elif record["event"] in ("key", "person"):
            _follow(vault, record["event"], data, enrolled)
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
    missing = sorted(words for path, words in enrolled.items() if not present(path))
    return Checked(whole, destroyed, tuple(damaged), tuple(missing))


def _follow(vault: Vault, event: str, data: Mapping[str, str], enrolled: dict[Path, str]) -> None:
    """Note in `enrolled` whose statement has to be there after this record, and where."""
    if event == "key":
        who, name, folder = "recipient", data["recipient"], vault.layout.recipients
    else:
        who, name, folder = "person", data["person"], vault.layout.people
    path = folder / f"{name}.pub"
    if data["action"] == "removed":
        enrolled.pop(path, None)
    else:
        enrolled[path] = f"{who} {name}: enrolled, the log says, and its statement is missing"


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
