"""Take back what was sent: cancel the job, delete the files, and say so on record."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from gatekeeper.egress.asking import PATIENT, Patience, Refused, is_passing, persistently
from gatekeeper.egress.bound import Account
from gatekeeper.egress.records import CREATED, DELETED, INTENDED, SENT, Ledger, UploadRecord
from gatekeeper.egress.send import load_door
from gatekeeper.egress.tell import log_file
from gatekeeper.errors import UploadError


def take_back(
    ledger: Ledger,
    upload_id: str,
    account: Account,
    *,
    patience: Patience = PATIENT,
    timeout_s: float = 60.0,
) -> UploadRecord:
    """Have everything of the upload `upload_id` deleted at the destination; its record says so.

    A job that is still going on is cancelled first. A model that was trained already stays: the
    service has no way to unlearn.

    Raises:
        UploadError: there is no such upload, what became of it is not known yet, another process
            works on it, or the destination cannot be asked. It may be called again.
    """
    from gatekeeper.egress.calls import cancel_job, delete_file, retrieve_job

    with ledger.hold(ledger.get(upload_id).id):
        record = ledger.get(upload_id)
        if any(f.state == INTENDED for f in record.files):
            raise UploadError(
                f"upload {record.id[:12]}: it is not known yet what is there",
                hint="`gatekeeper uploads reconcile` finds out",
            )
        with load_door(record.terms)(record.terms, account, timeout_s=timeout_s) as client:
            if record.job_state == CREATED:
                job = persistently(
                    lambda: retrieve_job(client, record.job_id), patience, is_passing
                )
                if not job.has_ended:
                    _cancel(lambda: cancel_job(client, record.job_id), patience)
            for file in record.files:
                if file.state == SENT:
                    remote = file.remote
                    persistently(partial(delete_file, client, remote), patience, is_passing)
                    record = ledger.write(record.with_file(file.role, state=DELETED))
                    log_file(ledger, record, file.role)
    return record


def _cancel(request: Callable[[], object], patience: Patience) -> None:
    """Cancel a job that may end by itself meanwhile."""
    try:
        persistently(request, patience, is_passing)
    except Refused as e:
        if e.status not in (400, 404, 409):
            raise
