"""The steps of one upload: send a file, in one piece or in parts, and create the job on it.

After every step the record is written anew. A step that may have left something at the destination
ends in one of three ways: it is on record with its id; it is certain that nothing is there; or the
record stays `intended`, for `reconcile`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from gatekeeper.egress.asking import (
    NotSent,
    OutcomeUnknown,
    Patience,
    Refused,
    is_harmless,
    is_passing,
    persistently,
)
from gatekeeper.egress.bound import Parcel
from gatekeeper.egress.reading import Measured
from gatekeeper.egress.records import (
    BY_PARTS,
    CREATED,
    INTENDED,
    LOST,
    SENT,
    Ledger,
    UploadRecord,
)
from gatekeeper.egress.tell import log_file, log_job
from gatekeeper.errors import GatekeeperError, UploadError
from gatekeeper.model.cleared import TRAINING, VALIDATION
from gatekeeper.model.job import JobRequest

if TYPE_CHECKING:
    from openai import OpenAI

    from gatekeeper.egress.calls import Job, Stored

_T = TypeVar("_T")

LOOKS = 3
"""How often what had no answer is looked for at once, before it is left to `reconcile`."""


class Sending:
    """One upload that is going on; the ledger's claim on it is held meanwhile."""

    def __init__(
        self,
        client: OpenAI,
        ledger: Ledger,
        record: UploadRecord,
        patience: Patience,
        on_bytes: Callable[[int], None] | None,
        job_extra: Mapping[str, str],
    ) -> None:
        self.client = client
        self.ledger = ledger
        self.record = record
        self.patience = patience
        self.on_bytes = on_bytes
        self.job_extra = job_extra
        self._begun: set[str] = set()
        self._job_begun = False

    def run(
        self, parcels: Sequence[Parcel], measured: Sequence[Measured], job: JobRequest | None
    ) -> Job | None:
        """Send every file, and create the job on them. Raises as `send` does."""
        try:
            for parcel in parcels:
                log_file(self.ledger, self.record, parcel.role)
            for parcel, of_it in zip(parcels, measured, strict=True):
                self._file(parcel, of_it)
            return self._job(job) if job else None
        except GatekeeperError:
            self._leave_off()
            raise

    def _file(self, parcel: Parcel, measured: Measured) -> None:
        """Send one file, and put on record what the destination holds of it then."""
        role = parcel.role
        send = self._in_parts if self.record.file(role).way == BY_PARTS else self._whole
        try:
            stored = send(parcel, measured)
            if stored.size_bytes != measured.whole.size_bytes:
                self._drop(stored.id)
                raise UploadError(
                    f"upload of {parcel.name}: the destination does not hold the "
                    f"{measured.whole.size_bytes} bytes sent; it was deleted there",
                    hint="try again",
                )
        except OutcomeUnknown:
            raise
        except GatekeeperError:
            if self._is_withdrawn(role):
                self._write(role, state=LOST)
                log_file(self.ledger, self.record, role)
            raise
        self._write(role, state=SENT, remote=stored.id, expires_at=stored.expires_at)
        log_file(self.ledger, self.record, role)

    def _leave_off(self) -> None:
        """After a failure: what was not begun is not to come any more, and the record says so."""
        for file in self.record.files:
            if file.state == INTENDED and file.role not in self._begun:
                self._write(file.role, state=LOST)
                log_file(self.ledger, self.record, file.role)
        if self.record.job_state == INTENDED and not self._job_begun:
            self._put(dataclasses.replace(self.record, job_state=LOST))

    def _job(self, request: JobRequest) -> Job:
        """Create the job on the files that were sent."""
        from gatekeeper.egress.calls import create_job

        self._job_begun = True
        training = self.record.file(TRAINING).remote
        validation = {f.role: f.remote for f in self.record.files}.get(VALIDATION, "")
        try:
            made = persistently(
                lambda: create_job(
                    self.client, request.arguments(), training, validation, self.job_extra
                ),
                self.patience,
            )
        except OutcomeUnknown as e:
            found = self._look(lambda: self._job_on(training))
            if found is None:
                raise UploadError(f"uploaded as {training}, but {e}", hint=e.hint) from None
            made = found
        except UploadError as e:
            self._put(dataclasses.replace(self.record, job_state=LOST))
            raise UploadError(f"uploaded as {training}, but {e}", hint=e.hint) from None
        self._put(dataclasses.replace(self.record, job_state=CREATED, job_id=made.id))
        log_job(self.ledger, self.record)
        return made

    def _job_on(self, training: str) -> Job | None:
        from gatekeeper.egress.calls import jobs_on

        found = jobs_on(self.client, training)
        return min(found, key=lambda j: (j.created_at, j.id)) if found else None

    # --- one file ----------------------------------------------------------------------------

    def _whole(self, parcel: Parcel, measured: Measured) -> Stored:
        from gatekeeper.egress.calls import create_file

        terms = self.record.terms

        def once() -> Stored:
            self._begin(parcel.role)
            return create_file(
                self.client,
                parcel.snapshot,
                measured.whole,
                name=parcel.name,
                purpose=terms.purpose,
                expires_after_s=terms.expires_after_s,
                on_bytes=self.on_bytes,
            )

        try:
            return persistently(once, self.patience)
        except OutcomeUnknown as e:
            found = self._look(lambda: self._named(parcel.name, measured.whole.size_bytes))
            if found is None:
                raise OutcomeUnknown(str(e), hint=e.hint) from None
            return found

    def _in_parts(self, parcel: Parcel, measured: Measured) -> Stored:
        from gatekeeper.egress.calls import add_part, create_upload

        terms, role = self.record.terms, parcel.role
        self._begin(role)
        upload = persistently(
            lambda: create_upload(
                self.client,
                name=parcel.name,
                size_bytes=measured.whole.size_bytes,
                purpose=terms.purpose,
                expires_after_s=terms.expires_after_s,
            ),
            self.patience,
            is_passing,
        )
        self._write(role, upload=upload)
        parts = [
            persistently(
                partial(
                    add_part,
                    self.client,
                    upload,
                    parcel.snapshot,
                    piece,
                    name=parcel.name,
                    on_bytes=self.on_bytes,
                ),
                self.patience,
                is_passing,
            )
            for piece in measured.parts
        ]
        return self._complete(parcel, measured, upload, parts)

    def _complete(
        self, parcel: Parcel, measured: Measured, upload: str, parts: list[str]
    ) -> Stored:
        """The file made of the parts; asked again as long as it is unknown whether it was."""
        from gatekeeper.egress.calls import complete_upload

        unknown: UploadError | None = None
        for attempt in range(self.patience.attempts):
            try:
                return complete_upload(
                    self.client, upload, parts, md5=measured.md5, name=parcel.name
                )
            except (OutcomeUnknown, NotSent, Refused) as e:
                if isinstance(e, Refused) and not is_harmless(e) and unknown is None:
                    raise
                failed = e
                unknown = e if isinstance(e, OutcomeUnknown) else unknown
            found = self._named(parcel.name, measured.whole.size_bytes) if unknown else None
            if found is not None:
                return found
            if attempt + 1 < self.patience.attempts:
                self.patience.wait(attempt, failed)
        last = unknown or failed
        raise type(last)(str(last), hint=last.hint) from None

    def _named(self, name: str, size_bytes: int) -> Stored | None:
        """The one file of that name and size that the destination lists; None for none."""
        from gatekeeper.egress.calls import list_files

        listed = list_files(self.client, self.record.terms.purpose)
        found = [f for f in listed if (f.name, f.size_bytes) == (name, size_bytes)]
        return found[0] if len(found) == 1 else None

    def _look(self, find: Callable[[], _T | None]) -> _T | None:
        """What `find` finds, after a few looks; None also where it cannot look."""
        for attempt in range(LOOKS):
            try:
                found = find()
            except UploadError:
                found = None
            if found is not None:
                return found
            if attempt + 1 < LOOKS:
                self.patience.wait(attempt, UploadError(""))
        return None

    def _drop(self, file_id: str) -> None:
        from gatekeeper.egress.calls import delete_file

        persistently(lambda: delete_file(self.client, file_id), self.patience, is_passing)

    # --- the record --------------------------------------------------------------------------

    def _is_withdrawn(self, role: str) -> bool:
        """Whether no file can come of what was begun: an Upload is cancelled first."""
        from gatekeeper.egress.calls import cancel_upload

        upload = self.record.file(role).upload
        if not upload:
            return True
        try:
            persistently(lambda: cancel_upload(self.client, upload), self.patience, is_passing)
        except UploadError:
            return False
        return True

    def _begin(self, role: str) -> None:
        """Before the bytes are begun to be sent; the first time is on record already."""
        if role in self._begun:
            self._write(role, attempts=self.record.file(role).attempts + 1)
        self._begun.add(role)

    def _write(self, role: str, **changes: Any) -> None:
        self._put(self.record.with_file(role, **changes))

    def _put(self, record: UploadRecord) -> None:
        self.record = self.ledger.write(record)
