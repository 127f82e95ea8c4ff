"""Records and destination are brought together, and nobody else's files are touched."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

pytest.importorskip("openai", reason="the extra gatekeeper[openai] is not installed")

from gatekeeper.egress.back import take_back
from gatekeeper.egress.bound import Account
from gatekeeper.errors import ReceiptError, UploadError
from gatekeeper.model.job import JobRequest
from tests.egress.kit import DATA, KEY, QUICK, VALID, Place
from tests.servers.files_api import Fault, FilesApi

UNKNOWN = Fault(close_before_answer=True)


class Clock:
    def __init__(self) -> None:
        self.now = datetime.datetime(2026, 11, 20, 12, tzinfo=datetime.timezone.utc)

    def __call__(self) -> datetime.datetime:
        return self.now

    def go(self, **by: float) -> None:
        self.now += datetime.timedelta(**by)


def begun(place: Place, server: FilesApi) -> str:
    """An upload whose outcome nobody knows; gives the name of its file."""
    server.fault = Fault(close_before_answer=True)
    with pytest.raises(UploadError, match="unknown"):
        place.send(server)
    server.fault = None
    (record,) = [r for r in place.ledger.records() if r.state == "intended"]
    return record.files[0].name


def store(server: FilesApi, name: str, data: bytes = DATA) -> str:
    return str(server._store(data, name, "fine-tune", 86_400, {})["id"])


def test_with_nothing_sent_there_is_nothing_to_do(place: Place) -> None:
    assert place.reconcile() == []


def test_what_arrived_is_adopted(place: Place) -> None:
    with FilesApi() as server:
        file_id = store(server, begun(place, server))
        (fact,) = place.reconcile()
        assert (fact.what, fact.outcome, fact.remote) == ("training", "adopted", file_id)
        assert place.reconcile() == []
    assert place.only.files[0].remote == file_id
    assert place.events() == ["upload-intent", "upload"]
    place.ledger.log.check()


def test_what_did_not_is_lost(place: Place) -> None:
    with FilesApi() as server:
        begun(place, server)
        (fact,) = place.reconcile()
        assert fact.outcome == "lost"
        place.send(server)
        assert len(server.files) == 1


def test_of_several_one_is_adopted_and_the_others_are_deleted(place: Place) -> None:
    with FilesApi(page=2) as server:
        name = begun(place, server)
        ids = [store(server, name) for _ in range(5)]
        wrong = store(server, name, DATA[:-1])
        facts = place.reconcile()
        assert len(server.files) == 1
        (kept,) = server.files
    assert {f.remote for f in facts if f.outcome == "deleted"} == {*ids, wrong} - {kept}
    assert [f.remote for f in facts if f.outcome == "adopted"] == [kept]


def test_one_of_another_size_is_deleted_and_the_upload_lost(place: Place) -> None:
    with FilesApi() as server:
        store(server, begun(place, server), DATA + DATA)
        facts = place.reconcile()
        assert not server.files
    assert {f.outcome for f in facts} == {"lost", "deleted"}


def test_what_comes_late_under_a_name_that_was_lost_is_deleted(place: Place) -> None:
    with FilesApi() as server:
        name = begun(place, server)
        place.reconcile()
        store(server, name)
        (fact,) = place.reconcile()
        assert fact.outcome == "deleted"
        assert not server.files


def test_what_comes_late_beside_its_successor_is_deleted(place: Place) -> None:
    with FilesApi() as server:
        name = begun(place, server)
        place.reconcile()
        done = place.send(server)
        store(server, name)
        place.reconcile()
        assert list(server.files) == [done.file_id]


def test_files_of_others_are_left_alone(place: Place) -> None:
    with FilesApi() as server:
        begun(place, server)
        others = [
            store(server, "gk-0123456789abcdef.jsonl"),
            store(server, "train.jsonl"),
            str(server._store(DATA, place.only.files[0].name, "batch", 0, {})["id"]),
        ]
        place.reconcile()
        assert list(server.files) == others


def test_a_file_that_may_yet_come_is_waited_for(tmp_path: Path) -> None:
    clock = Clock()
    place = Place(tmp_path, clock)
    with FilesApi() as server:
        begun(place, server)
        (fact,) = place.reconcile(settle_s=60)
        assert (fact.outcome, place.only.state) == ("waiting", "intended")
        clock.go(seconds=61)
        (fact,) = place.reconcile(settle_s=60)
        assert (fact.outcome, place.only.state) == ("lost", "lost")


def test_another_key_sees_perhaps_another_project_and_loses_nothing(tmp_path: Path) -> None:
    clock = Clock()
    place = Place(tmp_path, clock)
    with FilesApi() as server:
        begun(place, server)
        (fact,) = place.reconcile(key="sk-other")
        assert (fact.outcome, fact.because) == ("waiting", "it was sent with another key")
        clock.go(days=3)  # longer than any file of it can live
        (fact,) = place.reconcile(key="sk-other")
        assert fact.outcome == "lost"


def test_what_the_destination_deleted_is_gone(place: Place) -> None:
    with FilesApi() as server:
        done = place.send(server)
        assert place.reconcile() == []
        del server.files[done.file_id]
        assert [f.outcome for f in place.reconcile(key="sk-other")] == ["waiting"]
        (fact,) = place.reconcile()
        assert (fact.outcome, place.only.state) == ("gone", "deleted")
    assert place.events() == ["upload-intent", "upload", "upload-deleted"]


def test_one_that_another_process_works_on_is_left_to_it(place: Place) -> None:
    with FilesApi() as server:
        name = begun(place, server)
        store(server, name)
        with place.ledger.hold(place.only.id):
            (fact,) = place.reconcile()
        assert fact.outcome == "busy"
        assert len(server.files) == 1
        assert place.only.state == "intended"


def test_a_lost_upload_does_not_cost_its_successor_the_file(place: Place) -> None:
    """Both have the name of the decision; what another process just sends under it stays."""
    with FilesApi() as server:
        name = begun(place, server)
        place.reconcile()
        assert begun(place, server) == name
        store(server, name)
        (later,) = [r for r in place.ledger.records() if r.state == "intended"]
        with place.ledger.hold(later.id):
            place.reconcile()
        assert len(server.files) == 1


def test_both_files_of_an_upload_are_settled(place: Place) -> None:
    with FilesApi(fault=Fault(close_before_answer=True, skip=1, method="POST")) as server:
        with pytest.raises(UploadError):
            place.send(server, DATA, VALID)
        server.fault = None
        validation = place.only.file("validation")
        assert (place.only.file("training").state, validation.state) == ("sent", "intended")
        store(server, validation.name, VALID)
        place.reconcile()
        assert [f.state for f in place.only.files] == ["sent", "sent"]


# --- taking back -----------------------------------------------------------------------------


def test_what_was_sent_can_be_taken_back(place: Place) -> None:
    with FilesApi() as server:
        done = place.send(server, DATA, VALID, job=JobRequest("gpt-4o-mini"))
        record = take_back(place.ledger, done.record.id[:12], Account(KEY), patience=QUICK)
        assert not server.files
        assert server.jobs[done.record.job_id]["status"] == "cancelled"
        assert record.state == place.only.state == "deleted"
        assert place.events("upload-deleted") == ["upload-deleted"] * 2
        take_back(place.ledger, record.id, Account(KEY), patience=QUICK)
        place.send(server, DATA, VALID)
        assert len(server.files) == 2


def test_a_lost_answer_to_a_deletion_is_asked_again(place: Place) -> None:
    with FilesApi() as server:
        done = place.send(server)
        server.fault = Fault(acts=True, close_before_answer=True, method="DELETE", times=1)
        take_back(place.ledger, done.record.id, Account(KEY), patience=QUICK)
        assert not server.files
    assert place.only.state == "deleted"


def test_what_is_not_known_is_reconciled_first(place: Place) -> None:
    with FilesApi() as server:
        begun(place, server)
        with pytest.raises(UploadError, match="not known yet") as caught:
            take_back(place.ledger, place.only.id, Account(KEY), patience=QUICK)
    assert "reconcile" in caught.value.hint


def test_an_unknown_upload_cannot_be_taken_back(place: Place) -> None:
    with pytest.raises(UploadError, match="no upload"):
        take_back(place.ledger, "00", Account(KEY), patience=QUICK)


# --- records ---------------------------------------------------------------------------------


def test_a_record_that_was_changed_stops_everything(place: Place) -> None:
    with FilesApi() as server:
        place.send(server)
        (path,) = place.ledger.folder.glob("*.dsse")
        whole = path.read_bytes()
        for changed in (whole[:-9], whole.replace(b"payload", b"pay1oad", 1), b"", b"{}"):
            path.write_bytes(changed)
            with pytest.raises(ReceiptError):
                place.send(server)
            with pytest.raises(ReceiptError):
                place.reconcile()
        assert len(server.files) == 1


def test_a_record_under_another_id_is_none(place: Place) -> None:
    with FilesApi() as server:
        place.send(server)
    (path,) = place.ledger.folder.glob("*.dsse")
    path.rename(path.with_name("0" * 32 + ".dsse"))
    with pytest.raises(ReceiptError, match="not the record of this upload"):
        place.ledger.records()


def test_a_record_of_another_gate_is_none(place: Place, tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    other = Place(tmp_path / "b")
    with FilesApi() as server:
        place.send(server)
    other.ledger.folder = place.ledger.folder
    with pytest.raises(ReceiptError, match="no trusted key"):
        other.ledger.records()


def test_the_record_says_nothing_of_the_key_or_the_rows(place: Place) -> None:
    with FilesApi() as server:
        place.send(server)
    (path,) = place.ledger.folder.glob("*.dsse")
    record = repr(place.only)
    assert KEY not in record
    assert "Question" not in record
    assert KEY.encode() not in path.read_bytes()
    assert place.ledger.key_of(KEY) != place.ledger.key_of(KEY + "x")
    assert place.ledger.live(place.only.files[0].remote) == place.only
    assert place.ledger.live("file-other") is None
    assert place.ledger.live("") is None


def test_no_lock_and_no_scratch_is_left(place: Place) -> None:
    with FilesApi() as server:
        place.send(server)
        place.reconcile()
    assert [p.suffix for p in place.ledger.folder.iterdir() if p.name != ".lock"] == [".dsse"]
