"""Legal holds: while one is on, nothing destroys the case.

What counts is the newest record in the log; the signed statement that it names lies in the case
folder and says who, when and why. Taking the statement away lifts nothing.
"""

from __future__ import annotations

import datetime
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper.errors import ReceiptError, VaultError
from gatekeeper.vault import dsse
from gatekeeper.vault.approvals import check_text, digest_of_statement
from gatekeeper.vault.durable import (
    make_private_directory,
    present,
    read_small,
    system_errors,
    write_durably,
)
from gatekeeper.vault.people import PersonKey, enrolled
from gatekeeper.vault.statement import make_statement, parse_statement
from gatekeeper.vault.times import utc
from gatekeeper.vault.workflow import check_clock, check_person

if TYPE_CHECKING:
    from gatekeeper.vault.store import Vault

PREDICATE_TYPE = "https://gatekeeper.dev/hold/v1"
ON, OFF = "on", "off"


@dataclass(frozen=True, slots=True)
class Hold:
    """The hold that is on: since when, by whom, and why where its statement can be read."""

    time: str
    person: str
    because: str


def put(
    vault: Vault, case_id: str, key: PersonKey, *, on: bool, because: str, now: datetime.datetime
) -> None:
    """Put a case on hold, or lift its hold. Raises VaultError, also where it is so already."""
    check_text(because, "reason")
    with system_errors(vault.layout.cases), vault.locked():
        check_person(vault, key)
        check_clock(vault, now)
        vault.show(case_id)
        state = ON if on else OFF
        if on == (hold_of(vault, case_id) is not None):
            raise VaultError(f"case {case_id}: its hold is {state} already")
        predicate = {"case": case_id, "state": state, "because": because, "time": utc(now)}
        statement = make_statement(PREDICATE_TYPE, predicate, [])
        digest = digest_of_statement(statement)
        folder = vault.layout.case(case_id) / "holds"
        make_private_directory(folder)
        scratch = folder / f".{os.urandom(8).hex()}.new"
        write_durably(folder / _name(digest), key.seal(statement), scratch=scratch)
        vault.log.append(
            "hold", {"case": case_id, "statement": digest, "person": key.id, "state": state}
        )


def hold_of(vault: Vault, case_id: str) -> Hold | None:
    """The hold that is on for a case, or None."""
    record = vault.log.newest("hold", case=case_id)
    if record is None or record["data"]["state"] != ON:
        return None
    said = record["data"]
    return Hold(str(record["time"]), said["person"], _because(vault, case_id, said["statement"]))


def _because(vault: Vault, case_id: str, digest: str) -> str:
    path = vault.layout.case(case_id) / "holds" / _name(digest)
    if not present(path):
        return "its statement is missing"
    try:
        payload, _ = dsse.verify_exact(read_small(path), {p.id: p.key for p in enrolled(vault)})
        statement = parse_statement(payload, PREDICATE_TYPE)
    except (ReceiptError, VaultError):
        return "its statement cannot be read, or its signer is enrolled no longer"
    if digest_of_statement(payload) != digest:
        return "its statement was changed"
    return str(statement["predicate"].get("because"))


def _name(digest: str) -> str:
    return digest.removeprefix("sha256:")[:32] + ".dsse"
