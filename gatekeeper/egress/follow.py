"""Follow a fine-tuning job to its end: its status, and its events as far as they are numbers.

An event's message is the destination's own text, and may quote a row of the dataset. What has one
of the service's known forms is shown; of any other, only that there was one.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from gatekeeper.egress.asking import PATIENT, Patience, is_passing, persistently
from gatekeeper.egress.bound import Account
from gatekeeper.egress.records import CREATED, UploadRecord
from gatekeeper.egress.send import load_door
from gatekeeper.errors import UploadError

POLL_S = 5.0
_NUMBER = r"[0-9.e+-]{1,24}"
_FILE = r"(?:ftjob|file)-[A-Za-z0-9]{1,64}"
_KNOWN = re.compile(
    "|".join(
        [
            rf"Created fine-tuning job: {_FILE}",
            rf"Validating (training|validation) file: {_FILE}( and validation file: {_FILE})?",
            r"Files validated, moving job to queued state",
            r"Job enqueued\. Waiting for jobs ahead to complete\.?( Queue number: [0-9]+\.)?",
            r"Fine-tuning job started",
            r"Fine-tuning job (succeeded|failed|cancelled)",
            rf"Step [0-9]+(/[0-9]+)?: training loss={_NUMBER}"
            rf"(, validation loss={_NUMBER})?(, full validation loss={_NUMBER})?",
            r"Checkpoint created at step [0-9]+",
            r"The job has (successfully completed|been cancelled|failed)",
            r"Training has (started|ended)",
        ]
    )
)
_STEP = re.compile(r"Step ([0-9]{1,9})/([0-9]{1,9}):")


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to a job."""

    id: str
    created_at: int
    level: str
    words: str
    """What the service said, where it has a known form; else what kind of thing it was."""
    step: int = 0
    steps: int = 0
    """How far the training is; 0 where the event does not say."""


@dataclass(frozen=True, slots=True)
class Status:
    """The job's status, each time it has changed."""

    word: str
    model: str = ""


def follow(
    record: UploadRecord,
    account: Account,
    *,
    poll_s: float = POLL_S,
    patience: Patience = PATIENT,
    timeout_s: float = 60.0,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[Event | Status]:
    """Events and changes of status of the job of `record`, until it has ended.

    `poll_s` is the pause between two questions, in seconds.

    Raises UploadError where the upload has no job, or the destination cannot be asked.
    """
    from gatekeeper.egress.calls import job_events, retrieve_job

    if record.job_state != CREATED:
        raise UploadError(f"upload {record.id[:12]} has no fine-tuning job")
    seen: set[str] = set()
    status = ""
    with load_door(record.terms)(record.terms, account, timeout_s=timeout_s) as client:
        while True:
            job = persistently(lambda: retrieve_job(client, record.job_id), patience, is_passing)
            told = persistently(lambda: job_events(client, record.job_id), patience, is_passing)
            fresh = [e for e in map(event_of, told) if e.id not in seen]
            seen |= {e.id for e in fresh}
            yield from sorted(fresh, key=lambda e: (e.created_at, e.step))
            if job.status != status:
                status = job.status
                yield Status(status, job.model)
            if job.has_ended:
                return
            sleep(poll_s)


def event_of(answer: Any) -> Event:
    """An event as the SDK gives it, without what may be anybody's text."""
    message = getattr(answer, "message", "")
    message = message if isinstance(message, str) else ""
    data = getattr(answer, "data", None)
    numbers = data if isinstance(data, dict) else {}
    step, steps = (_whole(numbers.get(k)) for k in ("step", "total_steps"))
    told = _STEP.match(message)
    if told and not step:
        step, steps = int(told[1]), int(told[2])
    level = getattr(answer, "level", "")
    kind = f"a message of {len(message)} characters"
    return Event(
        id=str(getattr(answer, "id", ""))[:128],
        created_at=_whole(getattr(answer, "created_at", 0)),
        level=level if level in ("info", "warn", "error") else "info",
        words=message if _KNOWN.fullmatch(message) else kind,
        step=step,
        steps=steps,
    )


def _whole(value: object) -> int:
    return value if type(value) is int and 0 <= value < 1 << 40 else 0
