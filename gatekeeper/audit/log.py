"""The audit log: one JSON line for each event, chained by digest.

Every line is canonical JSON with `seq` (from 1, without a gap), `prev` (the SHA-256 of the line
before), `time`, `event` and `data`. An edit, a drop, an insertion or a cut shows against any head
that was kept elsewhere. What an event may say is listed here field by field, each with its form:
numbers, digests, random ids and words of the gate; there is no field that takes a text, so no value
of a record can get in.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gatekeeper.audit.receipt import Receipt
from gatekeeper.errors import ReceiptError
from gatekeeper.model import Decision, Route, canonical_bytes
from gatekeeper.model.display import shown
from gatekeeper.vault.durable import (
    locked,
    make_private_directory,
    open_regular,
    present,
    sync_directory,
    system_errors,
)
from gatekeeper.vault.times import utc

FIRST_PREV = "sha256:" + "0" * 64
LOCK_TIMEOUT_S = 60.0
_MAX_LINE_BYTES = 4096
_KEYS = {"seq", "prev", "time", "event", "data"}

_ID = re.compile(r"[0-9a-f]{32}")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}")
_ROUTE = re.compile("|".join(r.word for r in Route))
_HOST = re.compile(r"(?=.{1,253}\Z)[a-z0-9-]+(\.[a-z0-9-]+)*(:[0-9]{1,5})?")
_REMOTE = re.compile(r"[A-Za-z0-9_-]{1,128}")  # the id that the destination gave

_FORMS: Mapping[str, re.Pattern[str]] = {
    "case": _ID,
    "receipt": _ID,
    "recipient": _ID,
    "request": _ID,
    "person": _ID,
    "previous": _DIGEST,
    "action": re.compile("release|destroy|enrolled|checked|removed"),
    "state": re.compile("on|off"),
    "revision": _NUMBER,
    "decision": _DIGEST,
    "statement": _DIGEST,
    "content": _DIGEST,
    "ciphertext": _DIGEST,
    "route": _ROUTE,
    "host": _HOST,
    "remote": _REMOTE,
    "bytes": _NUMBER,
    "files": _NUMBER,
    "records": _NUMBER,
    "sequence": _NUMBER,
    "unlinked": _NUMBER,
    "kept": _NUMBER,
}
EVENTS: Mapping[str, frozenset[str]] = {
    "decision": frozenset({"receipt", "decision", "statement", "route", "files", "records"}),
    "upload-intent": frozenset({"decision", "content", "host", "bytes"}),
    "upload": frozenset({"decision", "content", "host", "bytes", "remote"}),
    "upload-lost": frozenset({"decision", "content", "host", "bytes"}),
    "upload-deleted": frozenset({"decision", "content", "host", "bytes", "remote"}),
    "job": frozenset({"decision", "host", "remote"}),
    "quarantine": frozenset({"case", "ciphertext", "bytes", "sequence"}),
    "removal": frozenset({"case", "unlinked", "kept"}),
    "request": frozenset({"case", "request", "action", "statement", "person"}),
    "approval": frozenset({"case", "request", "statement", "person"}),
    "release": frozenset({"case", "request", "ciphertext"}),
    "released": frozenset({"case", "request", "files"}),
    "destroy": frozenset({"case", "request", "ciphertext", "person"}),
    "hold": frozenset({"case", "statement", "person", "state"}),
    "rewrap": frozenset({"case", "ciphertext", "previous", "revision"}),
    "rotate": frozenset({"case", "ciphertext", "previous", "revision"}),
    "person": frozenset({"person", "action"}),
    "key": frozenset({"recipient"}),
}
"""Every event, and the fields it has: all of them, and no other."""


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a log: how many records it has, and the digest of the last one."""

    seq: int
    digest: str
    torn_bytes: int = 0
    """Bytes after the last whole record: a write cut off by a crash. The next append drops them."""


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.timezone.utc)


class AuditLog:
    """The log in one file; it and its folder are made at the first append."""

    def __init__(self, path: Path, *, clock: Callable[[], datetime.datetime] = _now) -> None:
        self.path = path
        self._clock = clock

    def append(self, event: str, fields: Mapping[str, str | int]) -> None:
        """Write one event and sync it; raises ReceiptError where it cannot, ValueError for an event
        or a field that is not listed or has not its form.
        """
        _check_event(event, fields)
        with system_errors(self.path, kind=ReceiptError):
            self.path.parent.parent.mkdir(parents=True, exist_ok=True)
            make_private_directory(self.path.parent)
            with locked(self.path.with_suffix(".lock"), timeout_s=LOCK_TIMEOUT_S):
                self._append(event, fields)

    def newest(self, event: str = "", /, **fields: str | int) -> Mapping[str, Any] | None:
        """The newest record of `event`, or of any, whose data agrees with `fields`, or None.

        Raises ReceiptError where a line is malformed.
        """
        found = None
        for record in self.records():
            said = record["data"]
            agrees = all(said.get(name) == value for name, value in fields.items())
            if event in ("", record["event"]) and agrees:
                found = record
        return found

    def holds(self, event: str, case: str) -> bool:
        """Whether `event` is recorded for `case`; raises ReceiptError where a line is malformed."""
        return any(
            record["event"] == event and record["data"].get("case") == case
            for record in self.records()
        )

    def records(self) -> Iterator[dict[str, Any]]:
        """Every whole record, each checked against the one before; raises ReceiptError."""
        with system_errors(self.path, kind=ReceiptError):
            there = present(self.path)
        if there:
            for record, _ in _chain(self.path):
                yield record

    def _append(self, event: str, fields: Mapping[str, str | int]) -> None:
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
        fd = os.open(self.path, flags, 0o600)
        try:
            size = os.fstat(fd).st_size
            tail, whole = _tail(fd, size)
            if whole < size:
                os.ftruncate(fd, whole)
            last = _parse(tail, self.path, "last line") if tail else {"seq": 0}
            record = {
                "seq": last["seq"] + 1,
                "prev": _digest(tail) if tail else FIRST_PREV,
                "time": utc(self._clock()),
                "event": event,
                "data": dict(fields),
            }
            _write(fd, canonical_bytes(record) + b"\n")
            os.fsync(fd)
        finally:
            os.close(fd)
        if not tail:
            sync_directory(self.path.parent)


def audit_log(folder: Path) -> AuditLog:
    """The log of the state or vault folder `folder`: `audit/log.jsonl` in it."""
    return AuditLog(folder / "audit" / "log.jsonl")


def log_decision(folder: Path, decision: Decision, receipt: Receipt) -> None:
    """Record that `decision` was made and `receipt` written; raises ReceiptError."""
    audit_log(folder).append(
        "decision",
        {
            "receipt": receipt.id,
            "decision": decision.digest,
            "statement": _digest(receipt.envelope),
            "route": decision.route.word,
            "files": decision.coverage.files,
            "records": decision.coverage.records,
        },
    )


def verify_log(path: Path) -> Head:
    """The head of the log at `path`, once every record was checked; raises ReceiptError, naming the
    first line that does not hold.
    """
    head = Head(0, FIRST_PREV)
    whole = 0
    for record, line in _chain(path):
        head = Head(record["seq"], _digest(line))
        whole += len(line) + 1
    with system_errors(path, kind=ReceiptError):
        return Head(head.seq, head.digest, path.stat().st_size - whole)


def _chain(path: Path) -> Iterator[tuple[dict[str, Any], bytes]]:
    prev = FIRST_PREV
    with system_errors(path, kind=ReceiptError), open_regular(path) as stream:
        for number in range(1, 1 << 62):
            line = stream.readline(_MAX_LINE_BYTES + 1)
            if not line.endswith(b"\n"):
                if len(line) > _MAX_LINE_BYTES:
                    raise ReceiptError(f"{shown(path)}: line {number}: too long")
                return
            record = _parse(line[:-1], path, f"line {number}")
            if record["seq"] != number or record["prev"] != prev:
                raise ReceiptError(
                    f"{shown(path)}: line {number}: the chain breaks here: a record was changed, "
                    "dropped or inserted"
                )
            prev = _digest(line[:-1])
            yield record, line[:-1]


def _parse(line: bytes, path: Path, at: str) -> dict[str, Any]:
    record: Any = None
    whole = False
    with suppress(ValueError, TypeError, RecursionError):
        record = json.loads(line.decode("utf-8"))
        if set(record) == _KEYS and type(record["seq"]) is int:
            _check_event(record["event"], record["data"])
            whole = canonical_bytes(record) == line
    if not whole:
        raise ReceiptError(f"{shown(path)}: {at}: not a record of the audit log")
    return dict(record)


def _check_event(event: object, fields: object) -> None:
    if not isinstance(event, str) or not isinstance(fields, Mapping):
        raise TypeError("an event is a word and its fields")
    if event not in EVENTS or EVENTS[event] != set(fields):
        raise ValueError(f"not an event of the audit log with exactly its fields: {event!r}")
    for name, value in fields.items():
        numeric = _FORMS[name] is _NUMBER
        if type(value) is not (int if numeric else str) or not _FORMS[name].fullmatch(str(value)):
            raise ValueError(f"the field `{name}` of `{event}` has not its form")


def _tail(fd: int, size: int) -> tuple[bytes, int]:
    """The last whole line without its line feed, and the size of the file up to its end."""
    start = max(0, size - 2 * (_MAX_LINE_BYTES + 1))
    data = os.pread(fd, size - start, start)
    whole = data.rfind(b"\n") + 1
    line = data[data.rfind(b"\n", 0, max(0, whole - 1)) + 1 : max(0, whole - 1)]
    return line, start + whole


def _write(fd: int, data: bytes) -> None:
    while data:
        data = data[os.write(fd, data) :]


def _digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"
