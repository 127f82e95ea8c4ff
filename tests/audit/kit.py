"""A decision, its evidence, and a signer whose home is the test's own."""

from __future__ import annotations

import datetime
import hashlib
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gatekeeper.audit import AuditLog, Head, Receipt, Signer, load_signer, make_receipt
from gatekeeper.audit.events import FIRST_PREV
from gatekeeper.audit.head import write_head
from gatekeeper.model import (
    Confidence,
    Coverage,
    Decision,
    Evidence,
    Place,
    Reason,
    Route,
    Tally,
    canonical_bytes,
)

NOW = datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.timezone.utc)
CONTENT = "sha256:" + "ab" * 32


def evidence() -> Evidence:
    tally = Tally(
        sources=frozenset({"a.jsonl"}),
        bytes_seen=100,
        bytes_unscanned=0,
        records=2,
        counts={("US_SSN", "/text", Confidence.LIKELY): 2},
        places={("US_SSN", Confidence.LIKELY): (Place(0, "/text", 0, 11),)},
    )
    return Evidence({CONTENT: tally})


def decision(route: Route = Route.QUARANTINE, subject: str = CONTENT) -> Decision:
    reason = Reason("hipaa", "ssn", "164.514(b)(2)(i)(G)", "hipaa.yaml:1:1", route, 2, 1)
    return Decision(
        route=route,
        reasons=() if route is Route.ALLOW else (reason,),
        coverage=Coverage(1, 2, 100, 100, 0),
        destination="openai",
        host="api.openai.com",
        date="2026-03-01",
        subjects=(subject,),
        policies=("hipaa",),
        digests={"evidence": evidence().digest, "policies": CONTENT, "detector": CONTENT},
    )


def receipt(
    home: Path, route: Route = Route.QUARANTINE, log_head: Head | None = None
) -> tuple[Receipt, Signer]:
    signer = load_signer(home)
    made = make_receipt(
        decision(route),
        evidence(),
        signer=signer,
        now=NOW,
        version="0.1.0",
        subjects={"a.jsonl": CONTENT},
        log_head=log_head,
    )
    return made, signer


CASE = "0" * 32
REMOVAL: dict[str, str | int] = {"case": CASE, "unlinked": 1, "kept": 0}


def empty_log(root: Path) -> AuditLog:
    """The log below `root`, of a gate whose home is there too; not begun."""
    return AuditLog(root / "audit/log.jsonl", load_signer(root / "home"), clock=lambda: NOW)


def log_of(root: Path, records: int) -> AuditLog:
    """As `empty_log`, with so many removals, of 0, 1, 2, … files."""
    log = empty_log(root)
    for number in range(records):
        log.append("removal", {**REMOVAL, "unlinked": number})
    return log


def lines_of(log: AuditLog) -> list[bytes]:
    """The lines of the file, each with its line feed."""
    return log.path.read_bytes().splitlines(keepends=True)


def head_file(log: AuditLog) -> Path:
    """The signed head beside the log."""
    return log.path.parent / "head.dsse"


def snapshot(log: AuditLog) -> dict[str, bytes]:
    """Every file of the folder of the log."""
    return {p.name: p.read_bytes() for p in log.path.parent.iterdir()}


def restore(log: AuditLog, files: dict[str, bytes]) -> None:
    """Put the folder of the log back to what `snapshot` saw."""
    for path in list(log.path.parent.iterdir()):
        if path.name not in files:
            path.unlink()
    for name, data in files.items():
        (log.path.parent / name).write_bytes(data)


def rewind(log: AuditLog, records: int, signer: Signer) -> None:
    """Put the log and its head back to what they were after so many records."""
    lines = lines_of(log)[:records]
    log.path.write_bytes(b"".join(lines))
    write_head(log.path.parent, head_of(lines), signer)


@contextmanager
def little_memory(most_bytes: int = 1 << 20) -> Iterator[None]:
    """What is done needs no more than this at once."""
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] <= most_bytes
    finally:
        tracemalloc.stop()


def cut_off(log: AuditLog) -> dict[str, bytes]:
    """As a crash between the last record and its head leaves the folder: the files of `log` with
    the head of one record before.
    """
    full = snapshot(log)
    rewind(log, len(lines_of(log)) - 1, load_signer(log.path.parent.parent / "home"))
    return {**full, "head.dsse": head_file(log).read_bytes()}


def head_of(lines: list[bytes]) -> Head:
    """The head of a log of these lines."""
    if not lines:
        return Head(0, FIRST_PREV, "2026-03-01T12:00:00Z")
    digest = "sha256:" + hashlib.sha256(lines[-1].rstrip(b"\n")).hexdigest()
    return Head(len(lines), digest, "2026-03-01T12:00:00Z")


def forged(log: AuditLog, event: str, fields: dict[str, str | int], **changes: Any) -> bytes:
    """A line that goes on where the log ends, chained as it must be, and signed by nobody."""
    lines = lines_of(log)
    end = head_of(lines)
    record = {
        "seq": end.seq + 1,
        "prev": end.digest,
        "time": "2026-03-01T12:00:00Z",
        "event": event,
        "data": fields,
        "sig": "00" * 64,
    }
    return canonical_bytes({**record, **changes}) + b"\n"
