"""Bring the records and the destination together after a crash or a lost answer.

A file is found by its neutral name, which is the same for the same decision and content. Of an
upload that was begun, one file of that name and size is adopted, and every other one is deleted;
where there is none, the record says `lost`. Files with a name that no record here has are somebody
else's, and are left alone.

`lost` is not taken from every look: the account must be the one of the upload (another key may see
another project), and the destination is given some time to show what it received. And a name stays
watched after that: what appears late under it is deleted.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from gatekeeper.egress.asking import PATIENT, Patience, is_passing, persistently
from gatekeeper.egress.bound import Account
from gatekeeper.egress.records import (
    CREATED,
    DELETED,
    INTENDED,
    LOST,
    SENT,
    Ledger,
    RemoteFile,
    UploadRecord,
)
from gatekeeper.egress.send import load_door
from gatekeeper.egress.tell import log_file, log_job
from gatekeeper.errors import UploadError
from gatekeeper.model.cleared import PURPOSE
from gatekeeper.vault.times import parse_utc

if TYPE_CHECKING:
    from openai import OpenAI

    from gatekeeper.egress.calls import Stored

_T = TypeVar("_T")

SETTLE_S = 60.0
"""How long after the last step a file may take to be listed at the destination."""


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What was found of one file or job, and done."""

    upload: str
    what: str
    """`training`, `validation` or `job`; `upload` where nothing could be told of it."""
    outcome: str
    """`adopted`, `lost`, `gone`, `deleted`, `waiting` or `busy`."""
    remote: str = ""
    because: str = ""


def reconcile(
    ledger: Ledger,
    account: Callable[[UploadRecord], Account],
    *,
    settle_s: float = SETTLE_S,
    patience: Patience = PATIENT,
    timeout_s: float = 60.0,
) -> list[Reconciled]:
    """What became of every upload that may have left something, now on record.

    Args:
        ledger: the records.
        account: in whose name the destination of a record is asked.
        settle_s: seconds since the last step within which what is not listed may yet come.
        patience: how often a request that fails is made again.
        timeout_s: seconds without any progress after which a request is given up.

    Raises:
        UploadError: the destination cannot be asked; what was settled before stays settled.
        ReceiptError: a record cannot be read or written.
    """
    done: list[Reconciled] = []
    ledger.sweep()
    by_place: dict[tuple[str, ...], list[UploadRecord]] = {}
    for record in ledger.records():
        if ledger.clock() < record.ends or record.state == INTENDED:
            terms = record.terms
            place = (terms.base_url, terms.host, terms.organization, terms.project, terms.purpose)
            by_place.setdefault(place, []).append(record)
    for records in by_place.values():
        asked_as = account(records[0])
        with contextlib.ExitStack() as held:
            free = [r.id for r in records if _is_free(ledger, r.id, held)]
            done += [Reconciled(r.id, "upload", "busy") for r in records if r.id not in free]
            client = held.enter_context(
                load_door(records[0].terms)(records[0].terms, asked_as, timeout_s=timeout_s)
            )
            here = _Place(client, ledger, asked_as, settle_s, patience)
            done.extend(here.settle(free))
    return done


def _is_free(ledger: Ledger, upload_id: str, held: contextlib.ExitStack) -> bool:
    """Whether no other process works on the upload; none does from now on."""
    try:
        held.enter_context(ledger.hold(upload_id))
    except UploadError:
        return False
    return True


class _Place:
    """One account at one destination, and what it lists."""

    def __init__(
        self,
        client: OpenAI,
        ledger: Ledger,
        account: Account,
        settle_s: float,
        patience: Patience,
    ) -> None:
        self.client = client
        self.ledger = ledger
        self.key = ledger.key_of(account.api_key)
        self.settle_s = settle_s
        self.patience = patience
        self.told: set[tuple[str, str]] = set()

    def settle(self, free: list[str]) -> Iterator[Reconciled]:
        """Settle the records of these ids, whose locks are held."""
        from gatekeeper.egress.calls import cancel_upload, list_files

        # Read under their locks: another process may have gone on meanwhile.
        records = [self.ledger.get(upload_id) for upload_id in free]
        for record in records:
            for file in record.files:
                if file.state == INTENDED and file.upload:
                    # First, so that no file can come of it after the list.
                    self._asked(partial(cancel_upload, self.client, file.upload))
        purpose = records[0].terms.purpose if records else PURPOSE
        listed: dict[str, list[Stored]] = {}
        for stored in self._asked(lambda: list_files(self.client, purpose)):
            listed.setdefault(stored.name, []).append(stored)
        # Whatever is listed was on record before: a name of any other record is not ours to touch.
        others = [r for r in self.ledger.records() if r.id not in free and r.is_open]
        busy = {f.name for r in others for f in r.files}
        self.told = {
            (told["data"]["content"], told["data"]["remote"])
            for told in self.ledger.log.records()
            if told["event"] == "upload"
        }
        for record in sorted(records, key=lambda r: (not r.is_open, r.created, r.id)):
            settled = record
            for file in record.files:
                if file.name not in busy:
                    settled, facts = self._file(settled, file, listed)
                    yield from facts
            settled, facts = self._job(settled)
            yield from facts

    def _file(
        self, record: UploadRecord, file: RemoteFile, listed: dict[str, list[Stored]]
    ) -> tuple[UploadRecord, list[Reconciled]]:
        here = listed.get(file.name, [])
        facts: list[Reconciled] = []
        if file.state == INTENDED:
            fitting = [s for s in here if s.size_bytes == file.size_bytes]
            if fitting:
                found = min(fitting, key=lambda s: (s.created_at, s.id))
                record = self._put(
                    record, file, state=SENT, remote=found.id, expires_at=found.expires_at
                )
                facts.append(Reconciled(record.id, file.role, "adopted", found.id))
            else:
                why = self._why_wait(record)
                if why:
                    facts.append(Reconciled(record.id, file.role, "waiting", because=why))
                else:
                    record = self._put(record, file, state=LOST)
                    facts.append(Reconciled(record.id, file.role, LOST))
        elif file.state == SENT and file.remote not in {s.id for s in here}:
            record, facts = self._gone(record, file)
        self._log_missing(record, file.role)
        keep = record.file(file.role).remote if record.file(file.role).state == SENT else ""
        for stored in here:
            if stored.id != keep:
                self._delete(stored.id)
                facts.append(Reconciled(record.id, file.role, DELETED, stored.id))
        listed[file.name] = []  # what is kept belongs to this record, and the rest is gone
        return record, facts

    def _gone(
        self, record: UploadRecord, file: RemoteFile
    ) -> tuple[UploadRecord, list[Reconciled]]:
        """A file that was sent and is not listed: gone, if the destination says so to its owner."""
        from gatekeeper.egress.calls import retrieve_file

        if self.key != record.key and self.ledger.clock() < record.ends:
            why = "it was sent with another key"
            return record, [Reconciled(record.id, file.role, "waiting", file.remote, why)]
        if self._asked(lambda: retrieve_file(self.client, file.remote)) is not None:
            return record, []
        record = self._put(record, file, state=DELETED)
        return record, [Reconciled(record.id, file.role, "gone", file.remote)]

    def _job(self, record: UploadRecord) -> tuple[UploadRecord, list[Reconciled]]:
        """A job that was asked for and had no answer: found by its training file, or lost."""
        from gatekeeper.egress.calls import jobs_on

        training = record.files[0]
        if record.job_state != INTENDED or training.state == INTENDED:
            return record, []
        found = []
        if training.state == SENT:
            found = self._asked(lambda: jobs_on(self.client, training.remote))
        if not found and training.state == SENT:
            why = self._why_wait(record)
            if why:
                return record, [Reconciled(record.id, "job", "waiting", because=why)]
        if not found:
            record = self.ledger.write(dataclasses.replace(record, job_state=LOST))
            return record, [Reconciled(record.id, "job", LOST)]
        job = min(found, key=lambda j: (j.created_at, j.id))
        record = self.ledger.write(dataclasses.replace(record, job_state=CREATED, job_id=job.id))
        log_job(self.ledger, record)
        return record, [Reconciled(record.id, "job", "adopted", job.id)]

    def _why_wait(self, record: UploadRecord) -> str:
        """Why what is not listed may be there nevertheless; empty where it cannot be."""
        now = self.ledger.clock()
        if now >= record.ends:
            return ""
        if self.key != record.key:
            return "it was sent with another key"
        if now < parse_utc(record.changed) + datetime.timedelta(seconds=self.settle_s):
            return f"it may still come; ask again {self.settle_s:g} s after the attempt"
        return ""

    def _put(self, record: UploadRecord, file: RemoteFile, **changes: str | int) -> UploadRecord:
        record = self.ledger.write(record.with_file(file.role, **changes))
        log_file(self.ledger, record, file.role)
        self.told.add((file.content, record.file(file.role).remote))
        return record

    def _log_missing(self, record: UploadRecord, role: str) -> None:
        """A crash between the record and the log leaves the log without its event."""
        file = record.file(role)
        if file.state == SENT and (file.content, file.remote) not in self.told:
            self.told.add((file.content, file.remote))
            log_file(self.ledger, record, role)

    def _delete(self, file_id: str) -> None:
        from gatekeeper.egress.calls import delete_file

        self._asked(lambda: delete_file(self.client, file_id))

    def _asked(self, request: Callable[[], _T]) -> _T:
        return persistently(request, self.patience, is_passing)
