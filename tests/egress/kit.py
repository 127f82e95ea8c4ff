"""What the tests of the way out share: clearances as the gate makes them, and a ledger."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from gatekeeper.audit import load_signer
from gatekeeper.egress.asking import Patience
from gatekeeper.egress.bound import Account, Parcel, Present, parcels_for
from gatekeeper.egress.reconcile import Reconciled, reconcile
from gatekeeper.egress.records import Ledger, UploadRecord
from gatekeeper.egress.send import Uploaded
from gatekeeper.egress.send import send as send_parcels
from gatekeeper.model import Destination
from gatekeeper.model.cleared import TRAINING, VALIDATION, Cleared, issue_cleared
from gatekeeper.model.job import JobRequest
from gatekeeper.model.policy import Endpoint
from gatekeeper.model.snapshot import Snapshot
from tests.enforce.support import Sealed, chat_rows, decision, destination, digest, jsonl
from tests.servers.files_api import FilesApi

DATA = jsonl(chat_rows())
VALID = jsonl(chat_rows(11, text="validation"))
KEY = "sk-test-3f9c1b"
TODAY = datetime.date(2026, 11, 20)
PRESENT = Present(digest(b"policies"), digest(b"detector"), TODAY)
QUICK = Patience(attempts=3, sleep=lambda seconds: None)
"""Tries again without waiting."""


ENDPOINTS = {name: Endpoint(name) for name in ("files", "uploads", "fine_tuning")}


def clear(
    contents: Sequence[bytes],
    to: Destination,
    *,
    job: JobRequest | None = None,
    account: Account | None = None,
    **changes: Any,
) -> Cleared:
    """As the gate clears `contents` (training, validation) and the texts of `job`."""
    texts = [job.texts(to.models)] if job and job.texts(to.models) else []
    made = decision(*contents, *texts, to=to)
    sized = [(r, digest(c), len(c)) for r, c in zip((TRAINING, VALIDATION), contents, strict=False)]
    terms = PRESENT.terms(to, account or Account(KEY), **changes)
    return issue_cleared(made, sized, to, terms, job=job)


class Place:
    """A state folder with a ledger, and a way to send from it."""

    def __init__(self, folder: Path, clock: Callable[[], datetime.datetime] | None = None) -> None:
        self.folder = folder
        settings = {"clock": clock} if clock else {}
        self.ledger = Ledger(folder / "state", load_signer(folder / "home"), **settings)

    def send(
        self,
        server: FilesApi | Destination,
        *contents: bytes,
        job: JobRequest | None = None,
        snapshots: Sequence[Snapshot] = (),
        account: Account | None = None,
        cleared: Cleared | None = None,
        parcels: Sequence[Parcel] | None = None,
        timeout_s: float = 30,
        patience: Patience = QUICK,
        part_bytes: int = 1 << 20,
        **changes: Any,
    ) -> Uploaded:
        """Clear `contents` and send them, as one upload."""
        to = server if isinstance(server, Destination) else destination(server.base_url)
        contents = contents or (DATA,)
        account = account or Account(KEY)
        cleared = cleared or clear(contents, to, job=job, account=account, **changes)
        snapshots = snapshots or [Sealed(c) for c in contents]
        return send_parcels(
            cleared,
            parcels_for(cleared, snapshots) if parcels is None else parcels,
            to,
            account=account,
            present=PRESENT,
            ledger=self.ledger,
            job=job,
            timeout_s=timeout_s,
            patience=patience,
            part_bytes=part_bytes,
            **changes,
        )

    def reconcile(self, *, settle_s: float = 0, key: str = KEY) -> list[Reconciled]:
        def account(record: UploadRecord) -> Account:
            return Account(key, record.terms.organization, record.terms.project)

        return reconcile(self.ledger, account, settle_s=settle_s, patience=QUICK)

    def events(self, *names: str) -> list[str]:
        """The events of the audit log, or those of `names`, in order."""
        told = [r["event"] for r in self.ledger.log.records()]
        return [e for e in told if not names or e in names]

    @property
    def only(self) -> UploadRecord:
        (record,) = self.ledger.records()
        return record


def parts_destination(server: FilesApi, **changes: object) -> Destination:
    """One that takes 100 bytes in one piece, and the rest in parts."""
    return destination(server.base_url, endpoints=ENDPOINTS, **{"max_bytes": 100, **changes})
