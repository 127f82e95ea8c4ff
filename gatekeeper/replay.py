"""Recorded evidence under today's law: which datasets would take another route, and what of them is
still with a provider. Nothing is read but receipts and the audit log; nothing is sent.

The evidence in a receipt is what was counted then. Where a policy of today names an entity that was
not looked for, the evidence cannot tell, and the dataset has to be scanned again (`verify`).
"""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gatekeeper.audit import Chain, Receipt, load_trusted_keys, read_receipt
from gatekeeper.errors import PolicyError, ReceiptError
from gatekeeper.flips import WRITTEN, Flip, Step, date_cause, flips
from gatekeeper.gate import Setup
from gatekeeper.model import Destination, Route
from gatekeeper.policy import load_destination, shipped_destinations
from gatekeeper.verify import decided_again


@dataclass(frozen=True, slots=True)
class Remote:
    """A file that was sent and of which no deletion is recorded."""

    content: str
    decision: str
    host: str
    size_bytes: int
    time: str
    remote: str
    """The provider's id; empty where it was meant to be sent and the outcome is not recorded."""

    def to_json(self) -> dict[str, Any]:
        """For `--format json`."""
        return {
            "content": self.content,
            "decision": self.decision,
            "host": self.host,
            "bytes": self.size_bytes,
            "since": self.time,
            "remote": self.remote or None,
        }


@dataclass(frozen=True, slots=True)
class Replayed:
    """One receipt under today's law."""

    receipt: Receipt
    then: Route
    now: Route
    """By the recorded evidence; the route is at least this where `scan_again` is not empty."""
    flips: tuple[Flip, ...]
    scan_again: tuple[str, ...]
    """Entities that today's policies name and that were not looked for then."""
    uploads: tuple[Remote, ...]

    @property
    def changes(self) -> bool:
        """Whether the dataset would take another route, as far as the evidence tells."""
        return self.then is not self.now

    @property
    def names(self) -> tuple[str, ...]:
        """The display names of the dataset's files."""
        return tuple(name for name, _ in self.receipt.subjects)

    def to_json(self) -> dict[str, Any]:
        """For `--format json`."""
        return {
            "receipt": self.receipt.id,
            "time": self.receipt.time,
            "dataset": list(self.names),
            "then": self.then.word,
            "now": self.now.word,
            "changes": self.changes,
            "flips": [flip.to_json() for flip in self.flips],
            "scan_again": list(self.scan_again),
            "uploads": [remote.to_json() for remote in self.uploads],
        }


@dataclass(frozen=True, slots=True)
class Refused:
    """A receipt that tells nothing: it is not whole, not signed by us, or its destination is not
    known here.
    """

    path: Path
    why: str

    def to_json(self) -> dict[str, str]:
        """For `--format json`."""
        return {"receipt": str(self.path), "refused": self.why}


@dataclass(frozen=True, slots=True)
class Replay:
    """All receipts, the newest of each dataset and destination."""

    replayed: tuple[Replayed, ...]
    refused: tuple[Refused, ...]

    def to_json(self) -> dict[str, Any]:
        """For `--format json`."""
        return {
            "datasets": [r.to_json() for r in self.replayed],
            "refused": [r.to_json() for r in self.refused],
        }

    @property
    def exit_code(self) -> int:
        """0 where no dataset would change route; else the stricter code of those that would.

        Where none changes but something cannot be told: 3 for a scan that is needed, 1 for a
        receipt that was refused.
        """
        codes = [int(max(r.then, r.now)) for r in self.replayed if r.changes]
        if codes:
            return max(codes)
        if any(r.scan_again for r in self.replayed):
            return 3
        return ReceiptError.exit_code if self.refused else int(Route.ALLOW)


def replay(
    paths: Iterable[Path],
    setup: Setup,
    log: Chain,
    *,
    today: datetime.date,
    destination: Destination | None = None,
) -> Replay:
    """Decide again on the evidence of every receipt in `paths`.

    Each is held against its own destination where that is the configured or a shipped one, or
    against `destination` where one is given. Raises ReceiptError for an audit log that is broken.
    """
    trusted = load_trusted_keys()
    remotes = live_uploads(log.records())
    refused: list[Refused] = []
    newest: dict[tuple[Any, ...], Replayed] = {}
    for path in sorted(paths):
        try:
            receipt = read_receipt(path, trusted)
            _check_names(receipt, setup)
            place = destination or _destination(receipt.decision, setup)
            one = _replayed(receipt, setup, place, remotes, today)
        except (ReceiptError, PolicyError) as error:
            refused.append(Refused(path, str(error)))
            continue
        key = (tuple(receipt.decision.get("subjects", ())), place.name)
        held = newest.get(key)
        if held is None or (held.receipt.time, held.receipt.id) < (receipt.time, receipt.id):
            newest[key] = one
    in_order = sorted(newest.values(), key=lambda r: (r.receipt.time, r.receipt.id))
    return Replay(tuple(in_order), tuple(refused))


def _check_names(receipt: Receipt, setup: Setup) -> None:
    """Raise ReceiptError where today's law asks for names that the receipt withholds."""
    asked = setup.config.waivers or any(p.names_files for p in setup.policies)
    if receipt.names_withheld and asked:
        raise ReceiptError(
            "receipt: it withholds the names of its files, which a policy or a waiver asks for"
        )


def _destination(recorded: Mapping[str, Any], setup: Setup) -> Destination:
    name = recorded.get("destination")
    if name == setup.destination.name:
        return setup.destination
    if isinstance(name, str) and name in shipped_destinations():
        return load_destination(name)
    raise ReceiptError(
        "receipt: its destination is neither the configured one nor shipped",
        hint="name its file with --to",
    )


def _replayed(
    receipt: Receipt,
    setup: Setup,
    destination: Destination,
    remotes: Sequence[Remote],
    today: datetime.date,
) -> Replayed:
    recorded = receipt.decision
    found: list[Flip] | None = None
    with contextlib.suppress(KeyError, TypeError, ValueError, AttributeError):
        then = Route.parse(str(recorded["route"]))
        digests = recorded["digests"]
        first, last = (
            decided_again(receipt, setup, destination, day)
            for day in (datetime.date.fromisoformat(str(recorded["date"])), today)
        )
        written = [n for n in WRITTEN if digests.get(n) != last.digests.get(n)]
        steps = [Step(first, ""), Step(last, date_cause(recorded["date"], today))]
        found = flips(recorded, steps, written)
        subjects = set(recorded["subjects"])
    if found is None:
        raise ReceiptError("receipt: its decision or its evidence is malformed")
    return Replayed(
        receipt,
        then,
        last.route,
        tuple(found),
        tuple(sorted(setup.entities - receipt.looked_for)),
        tuple(r for r in remotes if r.content in subjects),
    )


def live_uploads(records: Iterable[Mapping[str, Any]]) -> tuple[Remote, ...]:
    """What the audit log says was sent, or was meant to be, and was not deleted, in its order.

    `upload-intent` is settled by the `upload` or the `upload-lost` of the same decision and
    content, an `upload` by the `upload-deleted` of the same id.
    """
    meant: dict[tuple[str, str], Remote] = {}
    sent: dict[tuple[str, str], Remote] = {}
    for record in records:
        event, said = record["event"], record["data"]
        if event not in ("upload-intent", "upload", "upload-lost", "upload-deleted"):
            continue
        pair = (said["decision"], said["content"])
        if event == "upload-intent":
            meant[pair] = _remote(record)
        elif event == "upload-deleted":
            sent.pop((said["host"], said["remote"]), None)
        else:
            meant.pop(pair, None)
            if event == "upload":
                sent[said["host"], said["remote"]] = _remote(record)
    return tuple(sorted([*sent.values(), *meant.values()], key=lambda r: (r.time, r.remote)))


def _remote(record: Mapping[str, Any]) -> Remote:
    said = record["data"]
    return Remote(
        content=said["content"],
        decision=said["decision"],
        host=said["host"],
        size_bytes=said["bytes"],
        time=record["time"],
        remote=said.get("remote", ""),
    )
