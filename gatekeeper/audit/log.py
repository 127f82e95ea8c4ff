"""The audit log: one JSON line for each event, chained by digest, and a signed head.

Every line is canonical JSON with `seq` (from 1, without a gap), `prev` (the SHA-256 of the line
before), `time`, `event`, `data` (`events` lists them all) and `sig`, the gate's signature of the
rest. Order is that of `seq`: a clock may go back. After each line the head is signed anew. Whatever
is edited, dropped, inserted or cut off shows against that head; where log and head were both put
back to an old state, it shows against any head that was kept elsewhere.
"""

from __future__ import annotations

import datetime
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from gatekeeper.audit.chain import Chain, End, line_digest
from gatekeeper.audit.events import check_event
from gatekeeper.audit.head import NOTHING, Head, drop_scratch, open_plain, write_head
from gatekeeper.audit.receipt import Receipt
from gatekeeper.audit.signing import Signer
from gatekeeper.errors import ReceiptError
from gatekeeper.model import Decision, Reason, canonical_bytes, digest_of
from gatekeeper.vault.durable import (
    locked,
    make_private_directory,
    present,
    sync_directory,
    system_errors,
)
from gatekeeper.vault.times import utc

LOCK_TIMEOUT_S = 60.0


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.timezone.utc)


class AuditLog(Chain):
    """The log in one file, to be added to; it and its folder are made at the first append."""

    def __init__(
        self, path: Path, signer: Signer, *, clock: Callable[[], datetime.datetime] = _now
    ) -> None:
        super().__init__(path, signer.trusted)
        self._signer = signer
        self._clock = clock

    def append(self, event: str, fields: Mapping[str, str | int]) -> None:
        """Write one event, sync it, and sign the new head.

        Raises ValueError for an event or a field that is not listed or has not its form, and
        ReceiptError where the log is damaged or the record cannot be made durable. It may be there
        all the same then, but it was not promised. An fsync that fails is not tried again.
        """
        check_event(event, fields)
        with system_errors(self.path, kind=ReceiptError):
            self.path.parent.parent.mkdir(parents=True, exist_ok=True)
            make_private_directory(self.path.parent)
            with self._alone(), self._open_to_write() as fd:
                end = self._mended(fd)
                # A writer that was killed may have left its head renamed and not synced: were that
                # one lost with the power now, two records would stand beyond the head before it.
                sync_directory(self.path.parent)
                line = self._line(end.newest, event, fields)
                self._add(fd, line, end.whole_bytes)
                self._sign(Head(end.newest.seq + 1, line_digest(line)))

    def newest(self, event: str = "", /, **fields: str | int) -> Mapping[str, Any] | None:
        """As `Chain.newest`, for those who act on the answer: what it says is on disk. A record
        that a crash left without a head is mended first. Raises ReceiptError where it cannot be.
        """
        found = super().newest(event, **fields)
        if found is not None and found["seq"] > self.head().seq:
            self.mend()
            found = super().newest(event, **fields)
        return found

    def mend(self) -> bool:
        """End what a crash cut off: drop half a line, sign the record that no head names yet.

        Whether anything was to be done; a second run does nothing. Raises ReceiptError for a
        damaged log.
        """
        with system_errors(self.path, kind=ReceiptError):
            if not present(self.path):
                self.head()
                return False
            with self._alone(), self._open_to_write() as fd:
                drop_scratch(self.path.parent)
                end = self._mended(fd)
                return bool(end.torn_bytes or end.beyond)

    def _line(self, newest: Head, event: str, fields: Mapping[str, str | int]) -> bytes:
        record = {
            "seq": newest.seq + 1,
            "prev": newest.digest,
            "time": utc(self._clock()),
            "event": event,
            "data": dict(fields),
        }
        return canonical_bytes({**record, "sig": self._signer.mark(canonical_bytes(record))})

    def _mended(self, fd: int) -> End:
        """The end of the log, now with nothing behind it and nothing that no head names."""
        size, head = os.fstat(fd).st_size, self._read_head()
        if head is None and not size:
            self._sign(NOTHING)  # from here on, a log without a head is a damaged one
            return End(NOTHING, 0)
        end = self._end(fd, size, head, head)
        if end.torn_bytes:
            os.ftruncate(fd, end.whole_bytes)
        if end.beyond:
            # An fsync may have failed on it, and the next one would not say so: write it again.
            (line,) = end.beyond
            self._write(fd, line, end.whole_bytes - len(line) - 1)
            self._sign(end.newest)
        elif end.torn_bytes:
            os.fsync(fd)
        return end

    def _add(self, fd: int, line: bytes, at: int) -> None:
        """Put `line` at the end of the log; nothing of it stays where that fails, as far as the
        system lets us.
        """
        try:
            self._write(fd, line, at)
        except OSError:
            with suppress(OSError):  # the first error is the one to tell
                os.ftruncate(fd, at)
            raise

    def _write(self, fd: int, line: bytes, at: int) -> None:
        """Write `line` at the offset `at` and sync it."""
        data = line + b"\n"
        os.lseek(fd, at, os.SEEK_SET)
        while data:
            data = data[os.write(fd, data) :]
        os.fsync(fd)

    def _sign(self, head: Head) -> None:
        write_head(
            self.path.parent, Head(head.seq, head.digest, time=utc(self._clock())), self._signer
        )

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with locked(self.path.with_suffix(".lock"), timeout_s=LOCK_TIMEOUT_S):
            yield

    @contextmanager
    def _open_to_write(self) -> Iterator[int]:
        fd = open_plain(self.path, os.O_RDWR | os.O_CREAT)
        try:
            yield fd
        finally:
            os.close(fd)


def audit_log(folder: Path, signer: Signer) -> AuditLog:
    """The log of the state or vault folder `folder`, to be added to: `audit/log.jsonl` in it."""
    return AuditLog(log_path(folder), signer)


def audit_chain(folder: Path, keys: Mapping[str, Ed25519PublicKey]) -> Chain:
    """The log of the state or vault folder `folder`, to be read and checked."""
    return Chain(log_path(folder), keys)


def log_path(folder: Path) -> Path:
    """Where the log of the state or vault folder `folder` lies."""
    return folder / "audit" / "log.jsonl"


def log_decision(log: AuditLog, decision: Decision, receipt: Receipt) -> None:
    """Record that `decision` was made, `receipt` written, and each rule that a waiver set aside.

    Raises ReceiptError.
    """
    log.append(
        "decision",
        {
            "receipt": receipt.id,
            "decision": decision.digest,
            "statement": receipt.digest,
            "route": decision.route.word,
            "files": decision.coverage.files,
            "records": decision.coverage.records,
        },
    )
    for reason in decision.reasons:
        if reason.waived_by:
            log.append("waiver", {"decision": decision.digest, "waiver": waiver_digest(reason)})


def waiver_digest(reason: Reason) -> str:
    """The digest under which the waivers that set `reason` aside are logged: of the policy, the
    rule and the words, as they stand in the decision and in its receipt.
    """
    return digest_of({"policy": reason.policy, "rule": reason.rule, "waived_by": reason.waived_by})
