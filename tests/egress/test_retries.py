"""What is tried again, and that nothing is held twice for it."""

from __future__ import annotations

import pytest

pytest.importorskip("openai", reason="the extra gatekeeper[openai] is not installed")

from gatekeeper.egress.asking import NotSent, OutcomeUnknown, Patience, Refused, persistently
from gatekeeper.errors import UploadError
from gatekeeper.model.job import JobRequest
from tests.egress.kit import DATA, VALID, Place, parts_destination
from tests.servers.files_api import Fault, FilesApi

JOB = JobRequest("gpt-4o-mini")


def lost(on: str, **more: object) -> Fault:
    """What is asked is done, and the answer is lost, once."""
    facts = {"acts": True, "close_before_answer": True, "method": "POST", "times": 1, "on": on}
    return Fault(**{**facts, **more})  # type: ignore[arg-type]


def test_a_lost_answer_is_looked_for_and_nothing_is_sent_again(place: Place) -> None:
    with FilesApi(fault=lost("/v1/files")) as server:
        done = place.send(server)
        assert list(server.files) == [done.file_id]
    assert [r.method for r in server.requests] == ["POST", "GET"]
    assert place.events() == ["upload-intent", "upload"]
    assert place.only.state == "sent"


def test_an_error_after_the_file_was_kept_is_looked_for_too(place: Place) -> None:
    fault = Fault(acts=True, status=503, method="POST", times=1)
    with FilesApi(fault=fault) as server:
        place.send(server)
        assert len(server.files) == 1


def test_a_lost_answer_of_a_file_that_is_not_there_stays_open(place: Place) -> None:
    with FilesApi(fault=Fault(close_before_answer=True, method="POST")) as server:
        with pytest.raises(OutcomeUnknown) as caught:
            place.send(server)
        assert place.only.state == "intended"
        assert "gatekeeper uploads reconcile" in caught.value.hint
        with pytest.raises(UploadError, match="of the same decision is intended"):
            place.send(server)
    assert sum(r.method == "POST" for r in server.requests) == 1


def test_what_did_not_leave_whole_is_sent_again(place: Place) -> None:
    data = DATA * 2_000
    with FilesApi(fault=Fault(close_after_bytes=1_000, times=2)) as server:
        done = place.send(server, data)
        assert server.files[done.file_id][1] == data
    assert len(server.files) == 1
    assert place.only.files[0].attempts == 3


def test_too_many_requests_are_waited_for(place: Place) -> None:
    waits: list[float] = []
    fault = Fault(status=429, retry_after="7", times=1, method="POST")
    with FilesApi(fault=fault) as server:
        place.send(server, patience=Patience(sleep=waits.append))
        assert len(server.files) == 1
    assert waits == [7.0]


@pytest.mark.parametrize("status", [400, 401, 403, 413, 422])
def test_a_refusal_is_not_argued_with(status: int, place: Place) -> None:
    with FilesApi(fault=Fault(status=status)) as server, pytest.raises(Refused):
        place.send(server)
    assert len(server.requests) == 1
    assert place.only.state == "lost"
    assert place.events() == ["upload-intent", "upload-lost"]


def test_after_a_refusal_the_same_decision_may_be_sent_again(place: Place) -> None:
    with FilesApi(fault=Fault(status=401, times=1)) as server:
        with pytest.raises(Refused):
            place.send(server)
        place.send(server)
        assert len(server.files) == 1


def test_a_wrong_size_is_deleted_there(place: Place) -> None:
    with FilesApi(fault=Fault(says_bytes=12)) as server:
        with pytest.raises(UploadError, match="does not hold"):
            place.send(server)
        assert not server.files
    assert place.only.state == "lost"


def test_a_second_file_that_fails_leaves_the_first_on_record_and_no_job(place: Place) -> None:
    fault = Fault(status=400, method="POST", skip=1)
    with FilesApi(fault=fault) as server:
        with pytest.raises(Refused):
            place.send(server, DATA, VALID, job=JOB)
        assert len(server.files) == 1
        assert not server.jobs
    record = place.only
    assert [f.state for f in record.files] == ["sent", "lost"]
    assert (record.job_state, record.state) == ("lost", "sent")


# --- in parts --------------------------------------------------------------------------------


def test_a_large_file_goes_in_parts(place: Place) -> None:
    with FilesApi() as server:
        done = place.send(parts_destination(server), part_bytes=700)
        assert server.files[done.file_id][1] == DATA
        assert len(server.parts) == len(DATA) // 700 + 1
        (upload,) = server.uploads.values()
        assert upload["status"] == "completed"
        assert upload["expires_after"] == 86_400
    assert done.training.way == "uploads"
    assert {r.path for r in server.requests}.isdisjoint({"/v1/files"})


@pytest.mark.parametrize(
    "fault",
    [
        lost("/v1/uploads", skip=0),
        lost("/v1/uploads", skip=1),
        lost("/v1/uploads", skip=5),
        Fault(status=500, on="/v1/uploads", method="POST", times=1, skip=2),
        Fault(status=429, on="/v1/uploads", method="POST", times=1, skip=2),
        Fault(status=503, on="/v1/uploads", method="POST", times=1, skip=5),
        Fault(close_after_bytes=100, on="/v1/uploads", method="POST", times=1, skip=3),
    ],
)
def test_any_request_of_an_upload_in_parts_may_fail_once(fault: Fault, place: Place) -> None:
    part_bytes = len(DATA) // 3  # an Upload, four parts, and the end: the sixth request
    with FilesApi(fault=fault) as server:
        done = place.send(parts_destination(server), part_bytes=part_bytes)
        assert [d for _, d in server.files.values()] == [DATA]
        assert list(server.files) == [done.file_id]


def test_parts_that_are_refused_end_the_upload(place: Place) -> None:
    fault = Fault(status=400, on="/v1/uploads", method="POST", skip=2, times=1)
    with FilesApi(fault=fault) as server:
        with pytest.raises(Refused):
            place.send(parts_destination(server), part_bytes=700)
        (upload,) = server.uploads.values()
        assert upload["status"] == "cancelled"
        assert not server.files
    assert place.only.state == "lost"


def test_a_completion_without_an_answer_is_found_out(place: Place) -> None:
    """It was done, the answer is lost, and the second one says that the upload has ended."""
    fault = lost("/v1/uploads", skip=2)
    with FilesApi(fault=fault, page=1) as server:
        done = place.send(parts_destination(server), part_bytes=1 << 20)
        assert list(server.files) == [done.file_id]


# --- jobs ------------------------------------------------------------------------------------


def test_a_job_without_an_answer_is_looked_for(place: Place) -> None:
    with FilesApi(fault=lost("/v1/fine_tuning")) as server:
        done = place.send(server, job=JOB)
        assert list(server.jobs) == [done.record.job_id]
    assert place.events("job") == ["job"]


def test_a_job_that_cannot_be_found_stays_open(place: Place) -> None:
    fault = Fault(close_before_answer=True, on="/v1/fine_tuning", method="POST")
    with FilesApi(fault=fault) as server:
        with pytest.raises(UploadError, match="uploaded as file-000001, but"):
            place.send(server, job=JOB)
        assert sum(r.path.endswith("jobs") and r.method == "POST" for r in server.requests) == 1
        assert (place.only.state, place.only.job_state) == ("intended", "intended")
        (fact,) = place.reconcile()
        assert (fact.what, fact.outcome) == ("job", "lost")
    assert place.only.state == "sent"


def test_only_what_may_be_is_asked_again() -> None:
    asked: list[int] = []

    def failing(error: UploadError) -> None:
        asked.append(1)
        raise error

    quick = Patience(attempts=3, sleep=lambda seconds: None)
    for error, times in [
        (NotSent("x"), 3),
        (Refused("x", status=429), 3),
        (Refused("x", status=400), 1),
        (OutcomeUnknown("x"), 1),
        (UploadError("x"), 1),
    ]:
        asked.clear()
        with pytest.raises(type(error)):
            persistently(lambda error=error: failing(error), quick)  # type: ignore[misc]
        assert len(asked) == times


def test_waits_grow_and_end() -> None:
    waits: list[float] = []
    patience = Patience(attempts=9, first_wait_s=1, most_wait_s=10, sleep=waits.append)
    with pytest.raises(NotSent):
        persistently(lambda: (_ for _ in ()).throw(NotSent("x")), patience)
    assert len(waits) == 8
    assert all(2**n / 2 <= wait or wait == 10 for n, wait in enumerate(waits))
    assert max(waits) == 10
