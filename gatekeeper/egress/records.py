"""What was sent, or was about to be: one signed record for each upload, and who holds it.

A record is `<state>/uploads/<clearance id>.dsse`: an in-toto statement under the gate's signature.
It is on disk, synced, before a socket is opened, and again after every step, so a crash leaves a
record of all that the destination may hold. Files go `intended` → `sent` → `deleted`, or `lost`
where it turned out that nothing is there; the job goes `intended` → `created`, or `lost`.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import fcntl
import json
import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from gatekeeper.audit import AuditLog, Signer, audit_log
from gatekeeper.errors import ReceiptError, UploadError, VaultError
from gatekeeper.model.cleared import Cleared, Terms
from gatekeeper.model.display import shown
from gatekeeper.vault.durable import (
    locked,
    make_private_directory,
    open_regular,
    present,
    sync_directory,
    system_errors,
    write_new,
)
from gatekeeper.vault.statement import make_statement, parse_statement
from gatekeeper.vault.times import parse_utc, utc

PREDICATE_TYPE = "https://gatekeeper.dev/upload/v1"
SUFFIX = ".dsse"
FOLDER = "uploads"

INTENDED, SENT, DELETED, LOST, CREATED = "intended", "sent", "deleted", "lost", "created"
BY_FILES, BY_PARTS = "files", "uploads"
"""The two APIs by which a file can go."""

_ID = re.compile(r"[0-9a-f]{32}\Z")
_MAX_BYTES = 1 << 20
_LOCK_TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """One file of an upload, and what is known of it at the destination."""

    role: str
    name: str
    content: str
    size_bytes: int
    way: str
    """`files` or `uploads`."""
    state: str = INTENDED
    upload: str = ""
    """Id of the Upload whose parts it is made of."""
    remote: str = ""
    """Id of the file."""
    expires_at: int = 0
    """Unix time at which the destination deletes it; 0 where it did not say."""
    attempts: int = 1
    """How often its bytes were begun to be sent."""


@dataclass(frozen=True, slots=True)
class UploadRecord:
    """One upload: what it was cleared for, its files and its job."""

    id: str
    created: str
    """RFC 3339, UTC; so is `changed`."""
    changed: str
    decision: str
    terms: Terms
    key: str
    """Says whether a key is the one that it was sent with, and nothing else about it."""
    files: tuple[RemoteFile, ...]
    job: str = ""
    """Digest of the job that was asked for; empty for none."""
    job_state: str = ""
    job_id: str = ""

    @property
    def state(self) -> str:
        """In one word: `intended`, `sent`, `job`, `deleted` or `lost`."""
        states = {f.state for f in self.files}
        if INTENDED in states or (self.job_state == INTENDED and SENT in states):
            return INTENDED
        if SENT in states:
            return "job" if self.job_state == CREATED else SENT
        return DELETED if DELETED in states else LOST

    @property
    def is_open(self) -> bool:
        """Whether the destination may hold something of it."""
        return self.state not in (DELETED, LOST)

    @property
    def ends(self) -> datetime.datetime:
        """When nothing of it can be there any more: the files delete themselves before."""
        kept_s = self.terms.expires_after_s + 86_400
        return parse_utc(self.created) + datetime.timedelta(seconds=kept_s)

    def file(self, role: str) -> RemoteFile:
        """Its file of that role; raises KeyError."""
        return {f.role: f for f in self.files}[role]

    def with_file(self, role: str, **changes: Any) -> UploadRecord:
        """The same with other facts about one file."""
        files = (dataclasses.replace(f, **changes) if f.role == role else f for f in self.files)
        return dataclasses.replace(self, files=tuple(files))


class Ledger:
    """The records under one state folder; the folder is made at the first upload."""

    def __init__(
        self,
        state: Path,
        signer: Signer,
        *,
        log: AuditLog | None = None,
        clock: Callable[[], datetime.datetime] = lambda: datetime.datetime.now(
            datetime.timezone.utc
        ),
    ) -> None:
        self.folder = state / FOLDER
        self.log = log or audit_log(state, signer)
        self.clock = clock
        self._signer = signer

    def key_of(self, api_key: str) -> str:
        """16 hex digits that are the same for the same key, and that say nothing about it."""
        import hashlib
        import hmac

        own = self._signer.derive("gatekeeper upload key")
        return hmac.new(own, api_key.encode("utf-8"), hashlib.sha256).hexdigest()[:16]

    # --- reading -----------------------------------------------------------------------------

    def records(self, *, decision: str = "") -> list[UploadRecord]:
        """Every record, or those of one decision, oldest first.

        Raises ReceiptError where one was changed, or is by no key that is trusted: what it stands
        for may be at the destination, so nothing more is sent before somebody has looked.
        """
        start = decision.removeprefix("sha256:")[:12]
        names = (n for n in self._names() if n.endswith(SUFFIX) and n.startswith(start))
        found = [self._read(self.folder / name) for name in names]
        if decision:
            found = [r for r in found if r.decision == decision]
        return sorted(found, key=lambda r: (r.created, r.id))

    def get(self, upload_id: str) -> UploadRecord:
        """The record whose id is, or uniquely begins with, `upload_id`; raises UploadError."""
        names = [n for n in self._names() if upload_id and n.startswith(upload_id)]
        found = [n for n in names if n.endswith(SUFFIX)]
        if len(found) != 1:
            what = "no upload" if not found else "more than one upload"
            raise UploadError(
                f"{what} has an id that begins so", hint="`gatekeeper uploads list` shows them"
            )
        return self._read(self.folder / found[0])

    def live(self, remote: str) -> UploadRecord | None:
        """The upload whose file is `remote` at its destination, if it is there still."""
        for record in self.records():
            for file in record.files:
                ended = file.expires_at and self.clock().timestamp() >= file.expires_at
                if remote and (file.remote, file.state) == (remote, SENT) and not ended:
                    return record
        return None

    def _names(self) -> list[str]:
        with system_errors(self.folder, kind=ReceiptError):
            return os.listdir(self.folder) if present(self.folder) else []  # noqa: PTH208

    def _read(self, path: Path) -> UploadRecord:
        with system_errors(path, kind=ReceiptError), open_regular(path) as stream:
            envelope = stream.read(_MAX_BYTES + 1)
        if len(envelope) > _MAX_BYTES:
            raise ReceiptError(f"{shown(path)}: too large for a record of an upload")
        statement = parse_statement(self._signer.unseal(envelope), PREDICATE_TYPE)
        record = _parsed(statement["predicate"])
        if record is None or path.name != record.id + SUFFIX:
            raise ReceiptError(f"{shown(path)}: not the record of this upload")
        return record

    # --- writing -----------------------------------------------------------------------------

    @contextlib.contextmanager
    def claim(
        self, cleared: Cleared, ways: Sequence[str], *, api_key: str, job: bool
    ) -> Iterator[UploadRecord]:
        """Write the record of an upload that is about to begin, and hold it while it goes on.

        Raises:
            UploadError: the clearance was used before, or an upload of the same decision may be at
                the destination.
            ReceiptError: the record cannot be written; nothing may be sent then.
        """
        now = utc(self.clock())
        record = UploadRecord(
            id=cleared.id,
            created=now,
            changed=now,
            decision=cleared.decision,
            terms=cleared.terms,
            key=self.key_of(api_key),
            files=tuple(
                RemoteFile(c.role, c.name, c.digest, c.size_bytes, way)
                for c, way in zip(cleared.contents, ways, strict=True)
            ),
            job=cleared.job if job else "",
            job_state=INTENDED if job else "",
        )
        with system_errors(self.folder, kind=ReceiptError, what="the upload was not recorded"):
            self.folder.parent.mkdir(parents=True, exist_ok=True)
            make_private_directory(self.folder)
        with self.hold(cleared.id):
            with self._alone():
                self._refuse_a_second(cleared)
                self._put(record, new=True)
            yield record

    def _refuse_a_second(self, cleared: Cleared) -> None:
        if (self.folder / (cleared.id + SUFFIX)).exists():
            raise UploadError("the clearance was used before; nothing was sent")
        for other in self.records(decision=cleared.decision):
            if other.is_open and self.clock() < other.ends:
                raise UploadError(
                    f"upload {other.id[:12]} of the same decision is {other.state}; "
                    "nothing was sent",
                    hint="`gatekeeper uploads reconcile` says what is there, "
                    "`gatekeeper uploads delete` takes it back",
                )

    def write(self, record: UploadRecord) -> UploadRecord:
        """Put `record` in place of the one before; the caller holds it. Raises ReceiptError."""
        record = dataclasses.replace(record, changed=utc(self.clock()))
        self._put(record, new=False)
        return record

    @contextlib.contextmanager
    def hold(self, upload_id: str) -> Iterator[None]:
        """Keep other processes from acting on the upload; a holder that is killed lets go.

        Raises UploadError where another one holds it.
        """
        path = self.folder / f".{upload_id}.lock"
        with system_errors(path, kind=ReceiptError):
            fd = _try_lock(path)
        if fd is None:
            raise UploadError(
                f"upload {upload_id[:12]} is being worked on by another process",
                hint="wait until it is done",
            )
        try:
            yield
        finally:
            path.unlink(missing_ok=True)
            os.close(fd)

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        path = self.folder / ".lock"
        with system_errors(path, kind=ReceiptError), locked(path, timeout_s=_LOCK_TIMEOUT_S):
            yield

    def _put(self, record: UploadRecord, *, new: bool) -> None:
        path = self.folder / (record.id + SUFFIX)
        statement = make_statement(
            PREDICATE_TYPE, asdict(record), [(f.name, f.content) for f in record.files]
        )
        with system_errors(path, kind=ReceiptError, what="the upload was not recorded"):
            scratch = self.folder / f".{os.urandom(8).hex()}.new"
            write_new(scratch, self._signer.seal(statement))
            if new:
                os.link(scratch, path)
                scratch.unlink()
            else:
                scratch.rename(path)
            sync_directory(self.folder)

    def sweep(self) -> None:
        """End what a crash cut off in writing: files that were never records, a line of the log."""
        if not self._names():
            return
        self.log.mend()
        with self._alone():
            for name in self._names():
                if name.endswith(".new"):
                    (self.folder / name).unlink(missing_ok=True)


def _try_lock(path: Path) -> int | None:
    """A descriptor that holds the lock file `path` alone; None where another one does.

    The file is removed by its holder, so it must still be the one of that name once it is held.
    """
    while True:
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(fd)
            return None
        if present(path) and path.stat().st_ino == os.fstat(fd).st_ino:
            return fd
        os.close(fd)


def _parsed(data: dict[str, Any]) -> UploadRecord | None:
    """The record in a predicate; None where it has not that form."""
    try:
        record = UploadRecord(
            **{
                **data,
                "terms": Terms(**data["terms"]),
                "files": tuple(RemoteFile(**f) for f in data["files"]),
            }
        )
        same = json.loads(json.dumps(asdict(record))) == data
        parse_utc(record.created)
    except (TypeError, KeyError, VaultError):
        return None
    return record if same and _ID.match(record.id) and record.files else None
