"""What the audit log is told of an upload: digests, ids and sizes."""

from __future__ import annotations

from gatekeeper.egress.records import CREATED, INTENDED, LOST, SENT, Ledger, UploadRecord

EVENTS = {INTENDED: "upload-intent", SENT: "upload", LOST: "upload-lost"}


def log_file(ledger: Ledger, record: UploadRecord, role: str) -> None:
    """Append the event of the state that a file of the upload has come to. Raises ReceiptError."""
    file = record.file(role)
    event = EVENTS.get(file.state, "upload-deleted")
    with_id = {"remote": file.remote} if event in ("upload", "upload-deleted") else {}
    ledger.log.append(
        event,
        {
            "decision": record.decision,
            "content": file.content,
            "host": record.terms.host,
            "bytes": file.size_bytes,
            **with_id,
        },
    )


def log_job(ledger: Ledger, record: UploadRecord) -> None:
    """Append the event of a job that was created. Raises ReceiptError."""
    if record.job_state == CREATED:
        about = {"decision": record.decision, "host": record.terms.host, "remote": record.job_id}
        ledger.log.append("job", about)
