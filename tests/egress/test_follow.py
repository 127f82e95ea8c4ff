"""A job is followed to its end, and no text of a row comes with its events."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

pytest.importorskip("openai", reason="the extra gatekeeper[openai] is not installed")

from gatekeeper.egress.bound import Account
from gatekeeper.egress.follow import Event, Status, event_of, follow
from gatekeeper.errors import UploadError
from gatekeeper.model.job import JobRequest
from tests.egress.kit import KEY, QUICK, Place
from tests.enforce.support import CANARY, leaks
from tests.servers.files_api import Fault, FilesApi, _event

ACCOUNT = Account(KEY)


def test_a_job_is_followed_to_its_end(place: Place) -> None:
    pauses: list[float] = []
    with FilesApi() as server:
        record = place.send(server, job=JobRequest("gpt-4o-mini")).record
        server.events[record.job_id] += [
            _event(2, "Step 5/10: training loss=0.42", step=5, total_steps=10, train_loss=0.42),
            _event(3, f"line 7 says {CANARY}"),
        ]
        told = list(follow(record, ACCOUNT, poll_s=2, patience=QUICK, sleep=pauses.append))
    events = [e for e in told if isinstance(e, Event)]
    assert [s.word for s in told if isinstance(s, Status)] == ["queued", "running", "succeeded"]
    assert told[-1] == Status("succeeded", "ft:gpt-4o-mini:org-loopback::1")
    assert [e.words for e in events] == [
        f"Created fine-tuning job: {record.job_id}",
        "Step 5/10: training loss=0.42",
        f"a message of {len(CANARY) + 12} characters",
    ]
    assert (events[1].step, events[1].steps) == (5, 10)
    assert pauses == [2, 2]


def test_a_question_that_fails_is_asked_again(place: Place) -> None:
    with FilesApi() as server:
        record = place.send(server, job=JobRequest("gpt-4o-mini")).record
        server.fault = Fault(status=503, on="/v1/fine_tuning", method="GET", times=2)
        told = list(follow(record, ACCOUNT, patience=QUICK, sleep=lambda s: None))
    assert told[-1] == Status("succeeded", "ft:gpt-4o-mini:org-loopback::1")


def test_an_upload_without_a_job_cannot_be_followed(place: Place) -> None:
    with FilesApi() as server:
        record = place.send(server).record
        with pytest.raises(UploadError, match="no fine-tuning job"):
            next(follow(record, ACCOUNT))


@pytest.mark.parametrize(
    "message",
    [
        CANARY,
        f"Created fine-tuning job: ftjob-1 {CANARY}",
        f"Step 1/2: training loss={CANARY}",
        f"Fine-tuning job started\n{CANARY}",
        f"Checkpoint created at step 3 {CANARY}",
        f"{CANARY} Fine-tuning job started",
    ],
)
def test_a_message_of_no_known_form_is_counted_alone(message: str) -> None:
    told = event_of(SimpleNamespace(id="e", created_at=1, level=CANARY, message=message, data={}))
    assert not leaks(repr(told))
    assert told.words == f"a message of {len(message)} characters"


def test_an_event_of_another_shape_is_an_event() -> None:
    told = event_of(SimpleNamespace(id=7, created_at="x", level=None, message=None, data=[1]))
    assert told == Event("7", 0, "info", "a message of 0 characters")
