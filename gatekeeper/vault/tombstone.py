"""Tombstones: what is left of a case that was destroyed, signed by the gate that did it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gatekeeper.errors import ReceiptError, VaultError
from gatekeeper.vault.case import Manifest, check_case_id
from gatekeeper.vault.durable import present, read_small, system_errors
from gatekeeper.vault.ports import GateKey
from gatekeeper.vault.statement import make_statement, parse_statement, subjects_of

PREDICATE_TYPE = "https://gatekeeper.dev/tombstone/v1"
FILE_NAME = "tombstone.dsse"
EXPIRED = "0" * 32
"""Stands for the request where a case was destroyed because its time was over."""


@dataclass(frozen=True, slots=True)
class Tombstone:
    """The case that was destroyed, its ciphertext, on whose request, by whom and when."""

    case_id: str
    sequence: int
    ciphertext: str
    request: str
    person: str
    time: str

    def to_json(self) -> dict[str, Any]:
        """As `gatekeeper quarantine show` prints it."""
        return {
            "id": self.case_id,
            "sequence": self.sequence,
            "destroyed": self.time,
            "request": self.request,
            "person": self.person,
            "ciphertext": {"digest": self.ciphertext},
        }

    def seal(self, manifest: Manifest, gate: GateKey) -> bytes:
        """The signed statement of it."""
        predicate = {
            "case": self.case_id,
            "sequence": self.sequence,
            "request": self.request,
            "person": self.person,
            "time": self.time,
        }
        subjects = [(manifest.data_name, self.ciphertext)]
        return gate.seal(make_statement(PREDICATE_TYPE, predicate, subjects))


def read_tombstone(folder: Path, gate: GateKey) -> Tombstone | None:
    """The tombstone in a case folder; None where there is none, VaultError for a false one."""
    path, why = folder / FILE_NAME, ""
    with system_errors(path):
        if not present(path):
            return None
    try:
        tombstone = _parse(gate.unseal(read_small(path)))
    except (ReceiptError, VaultError) as e:
        why = str(e)
    if not why and tombstone.case_id != folder.name:
        why = "it is that of another case"
    if why:
        raise VaultError(f"case {folder.name}: tombstone: {why}")
    return tombstone


def _parse(payload: bytes) -> Tombstone:
    statement = parse_statement(payload, PREDICATE_TYPE)
    said, subjects = statement["predicate"], subjects_of(statement)
    words = [said.get(name) for name in ("case", "request", "person", "time")]
    sequence = said.get("sequence")
    if len(subjects) != 1 or type(sequence) is not int or any(type(w) is not str for w in words):
        raise VaultError("malformed")
    case_id, request, person, time = (str(word) for word in words)
    return Tombstone(check_case_id(case_id), sequence, subjects[0][1], request, person, time)
