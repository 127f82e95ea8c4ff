"""The ALLOW route: send the sealed snapshots to the destination of the decision, once.

The bytes sent are the bytes scanned (DESIGN law 7): a snapshot is hashed before the connection is
opened and again on its way out, under a neutral name that says nothing about it. Before a socket is
opened the upload is on record, and after every step again. What may be held there is never sent a
second time: after a lost answer the file is looked for by its name, and where it cannot be found,
`reconcile` has the last word.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper.egress.asking import PATIENT, Patience
from gatekeeper.egress.bound import Account, Parcel, Present, check_clearance, checked_key
from gatekeeper.egress.check import Checked, check_rows
from gatekeeper.egress.jobs import checked_job
from gatekeeper.egress.records import Ledger, RemoteFile, UploadRecord
from gatekeeper.egress.steps import Sending
from gatekeeper.egress.ways import PART_BYTES, job_extra, way_for
from gatekeeper.errors import ConfigError, UploadError
from gatekeeper.model import Destination
from gatekeeper.model.cleared import PURPOSE, TRAINING, Cleared, Terms, spend
from gatekeeper.model.job import JobRequest

if TYPE_CHECKING:
    from openai import OpenAI


@dataclass(frozen=True, slots=True)
class Uploaded:
    """What the destination now holds."""

    record: UploadRecord
    job_status: str = ""
    checked: tuple[Checked, ...] = ()
    """What reading each file once has shown: about how many tokens, and what may be wrong."""

    @property
    def training(self) -> RemoteFile:
        """The training file."""
        return self.record.file(TRAINING)

    @property
    def file_id(self) -> str:
        """Of the training file."""
        return self.training.remote

    @property
    def size_bytes(self) -> int:
        """Of all files together."""
        return sum(f.size_bytes for f in self.record.files)

    def to_json(self) -> dict[str, str | int]:
        """For reports."""
        record, training = self.record, self.training
        others = {f"{f.role}_file_id": f.remote for f in record.files if f.role != TRAINING}
        return {
            "upload": record.id,
            "file_id": training.remote,
            "name": training.name,
            "size_bytes": self.size_bytes,
            "content": training.content,
            "host": record.terms.host,
            "expires_after_s": record.terms.expires_after_s,
            "job_id": record.job_id,
            "job_status": self.job_status,
            "tokens_estimate": sum(c.tokens.total for c in self.checked),
            **others,
        }


def send(
    cleared: Cleared,
    parcels: Sequence[Parcel],
    destination: Destination,
    *,
    account: Account,
    present: Present,
    ledger: Ledger,
    purpose: str = PURPOSE,
    expires_after_s: int | None = None,
    job: JobRequest | None = None,
    part_bytes: int = PART_BYTES,
    patience: Patience = PATIENT,
    timeout_s: float = 600.0,
    on_bytes: Callable[[int], None] | None = None,
) -> Uploaded:
    """Send `parcels` to `destination`, and create a fine-tuning job on them where one is asked for.

    Args:
        cleared: the gate's clearance of these contents for this destination; it is used up.
        parcels: the sealed bytes that were scanned, the training file first.
        destination: the destination of the decision.
        account: whose key, organization and project; nothing is taken from the environment.
        present: what holds now, to be the same as at the decision.
        ledger: where the upload is put on record.
        purpose: what the files are for.
        expires_after_s: seconds until they are deleted there; the destination's own if None.
        job: the job to create on the files; that of the clearance.
        part_bytes: size of the parts where a file goes in parts.
        patience: how often what certainly did not arrive is tried again.
        timeout_s: seconds without any progress after which an attempt is given up.
        on_bytes: called with the number of bytes that went out, as they do.

    Raises:
        DatasetChanged: the bytes are not those of the decision; the upload was not completed.
        ConfigError: the destination, the job or the key is wrong, or the extra is not installed.
        UploadError: the clearance is for something else or was used; an upload of the same decision
            may be at the destination; the destination would refuse the rows, or refused; or the
            outcome is unknown.
        ReceiptError: the upload cannot be put on record; nothing was sent then.
    """
    terms = present.terms(destination, account, purpose, expires_after_s)
    check_clearance(cleared, parcels, destination, terms, job)
    if job is not None:
        checked_job(job, destination)
    checked_key(account.api_key)
    open_client = load_door(terms)
    ways = [way_for(destination, p.snapshot.size_bytes) for p in parcels]
    method = job.method if job else ""
    checked = [_checked(p, method, part_bytes) for p in parcels]
    if not spend(cleared):
        raise UploadError("the clearance was used before; nothing was sent")
    with (
        open_client(terms, account, timeout_s=timeout_s) as client,
        ledger.claim(cleared, ways, api_key=account.api_key, job=job is not None) as record,
    ):
        sending = Sending(client, ledger, record, patience, on_bytes, job_extra(destination))
        made = sending.run(parcels, [c.measured for c in checked], job)
    return Uploaded(sending.record, made.status if made else "", tuple(checked))


def _checked(parcel: Parcel, method: str, part_bytes: int) -> Checked:
    """What is in a file that the service would take; raises UploadError where it would not."""
    snapshot, role = parcel.snapshot, parcel.role
    checked = check_rows(snapshot, snapshot.digest, method=method, role=role, part_bytes=part_bytes)
    checked.refuse()
    return checked


def load_door(terms: Terms) -> Callable[..., AbstractContextManager[OpenAI]]:
    """`door.open_client`, once it is sure that it can go to where the terms say.

    Raises ConfigError where the extra is not installed, or the address is not safe to use.
    """
    import importlib

    try:
        importlib.import_module("openai")
        door = importlib.import_module("gatekeeper.egress.door")
    except ImportError:
        door = None
    if door is None:
        raise ConfigError(
            "the package `openai` is not installed", hint="pip install 'gatekeeper[openai]'"
        )
    door.checked_base_url(terms.base_url, terms.host)
    opened: Callable[..., AbstractContextManager[OpenAI]] = door.open_client
    return opened
