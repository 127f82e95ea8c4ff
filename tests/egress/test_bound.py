"""Whatever a clearance binds: another value at the door, and nothing is sent. Twice is once."""

from __future__ import annotations

import dataclasses
import datetime
import multiprocessing
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("openai", reason="the extra gatekeeper[openai] is not installed")

from gatekeeper.egress.bound import Account, Parcel, parcels_for
from gatekeeper.egress.send import send
from gatekeeper.errors import DatasetChanged, UploadError
from gatekeeper.model.cleared import Cleared, Terms
from gatekeeper.model.job import JobRequest
from tests.egress.kit import DATA, KEY, PRESENT, QUICK, VALID, Place, clear
from tests.enforce.support import Sealed, destination, digest
from tests.servers.files_api import FilesApi

JOB = JobRequest("gpt-4o-mini", suffix="quick")


@pytest.fixture
def server() -> Iterator[FilesApi]:
    with FilesApi() as api:
        yield api


def attempt(place: Place, server: FilesApi, *, cleared: Cleared | None = None, **changes: object
            ) -> None:  # fmt: skip
    """An upload in which everything is right but `changes`."""
    to = destination(server.base_url)
    cleared = cleared or clear([DATA], to, job=JOB)
    right: dict[str, object] = {
        "parcels": parcels_for(cleared, [Sealed(DATA)]),
        "destination": to,
        "account": Account(KEY),
        "present": PRESENT,
        "job": JOB,
        "ledger": place.ledger,
        "patience": QUICK,
    }
    send(cleared, **{**right, **changes})  # type: ignore[arg-type]


def test_with_everything_right_it_is_sent(place: Place, server: FilesApi) -> None:
    attempt(place, server)
    assert len(server.files) == len(server.jobs) == 1


NAME = "gk-0000000000000000.jsonl"
OTHERS: dict[str, object] = {
    "policies": {"present": dataclasses.replace(PRESENT, policies=digest(b"x"))},
    "detector": {"present": dataclasses.replace(PRESENT, detector=digest(b"x"))},
    "date": {"present": dataclasses.replace(PRESENT, today=datetime.date(2026, 11, 21))},
    "organization": {"account": Account(KEY, organization="org-b")},
    "project": {"account": Account(KEY, project="proj-b")},
    "purpose": {"purpose": "batch"},
    "expires_after_s": {"expires_after_s": 7_200},
    "job": {"job": dataclasses.replace(JOB, suffix="slow")},
    "no job": {"job": None},
    "name": {"parcels": [Parcel("training", NAME, Sealed(DATA))]},
    "no file": {"parcels": []},
}


@pytest.mark.parametrize("name", OTHERS)
def test_another_value_is_refused(name: str, place: Place, server: FilesApi) -> None:
    with pytest.raises(UploadError, match="nothing was sent"):
        attempt(place, server, **OTHERS[name])  # type: ignore[arg-type]
    assert not server.requests
    assert not place.ledger.records()


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("destination", {"name": "other"}),
        ("destination_digest", {"digest": digest(b"edited")}),
        ("host", {"host": "elsewhere.example.com"}),
        ("expires_after_s", {"expires_after_s": 9_999}),
    ],
)
def test_another_destination_is_refused(
    name: str, changes: dict[str, object], place: Place, server: FilesApi
) -> None:
    other = destination(server.base_url, **changes)
    with pytest.raises(UploadError, match=f"another `{name}`"):
        attempt(place, server, destination=other)
    assert not server.requests


def test_another_address_of_the_same_host_is_refused(place: Place, server: FilesApi) -> None:
    to = destination(server.base_url)
    with FilesApi() as elsewhere:
        other = destination(elsewhere.base_url, digest=to.digest)
        with pytest.raises(UploadError, match="another `base_url`"):
            attempt(place, server, destination=other)
        assert not elsewhere.requests
    assert not server.requests


@pytest.mark.parametrize("data", [DATA + b"\n", DATA[:-1], VALID])
def test_another_snapshot_is_refused(data: bytes, place: Place, server: FilesApi) -> None:
    cleared = clear([DATA], destination(server.base_url), job=JOB)
    with pytest.raises(DatasetChanged):
        attempt(place, server, cleared=cleared, parcels=parcels_for(cleared, [Sealed(data)]))
    assert not server.requests


def test_every_term_is_held_against_the_clearance(place: Place, server: FilesApi) -> None:
    """A field that is added to the terms is refused too, where it differs."""
    to = destination(server.base_url)
    for field in dataclasses.fields(Terms):
        cleared = clear([DATA], to, job=JOB)
        value = 3_601 if field.name == "expires_after_s" else "other"
        bound = dataclasses.replace(cleared.terms, **{field.name: value})
        object.__setattr__(cleared, "terms", bound)
        object.__setattr__(cleared, "_seal", cleared._sealed())  # as a forger in the process would
        with pytest.raises(UploadError, match=f"another `{field.name}`"):
            attempt(place, server, cleared=cleared)
    assert not server.requests


def test_a_clearance_that_was_altered_is_none(place: Place, server: FilesApi) -> None:
    cleared = clear([DATA], destination(server.base_url), job=JOB)
    object.__setattr__(cleared, "decision", digest(b"another decision"))
    with pytest.raises(UploadError, match="nothing was cleared"):
        attempt(place, server, cleared=cleared)
    assert not server.requests


def test_a_clearance_is_used_once(place: Place, tmp_path: Path, server: FilesApi) -> None:
    cleared = clear([DATA], destination(server.base_url), job=JOB)
    attempt(place, server, cleared=cleared)
    for again in (place, Place(tmp_path / "elsewhere")):
        with pytest.raises(UploadError, match="used before"):
            attempt(again, server, cleared=cleared)
    assert len(server.files) == 1


def test_a_decision_is_uploaded_once(place: Place, server: FilesApi) -> None:
    attempt(place, server)
    with pytest.raises(UploadError, match="of the same decision is job; nothing was sent"):
        attempt(place, server)
    assert len(server.files) == 1


def _in_another_process(place: Place, server_url: str, cleared: Cleared, go: object) -> None:
    to = destination(server_url)
    go.wait()  # type: ignore[attr-defined]
    send(cleared, parcels_for(cleared, [Sealed(DATA)]), to, account=Account(KEY), present=PRESENT,
         ledger=place.ledger, job=JOB, patience=QUICK)  # fmt: skip


def test_a_clearance_that_two_processes_have_is_used_once(place: Place, server: FilesApi) -> None:
    """A fork has the clearance too, and the list of those spent as it was: the record decides."""
    fork = multiprocessing.get_context("fork")
    cleared = clear([DATA], destination(server.base_url), job=JOB)
    go = fork.Event()
    both = [
        fork.Process(target=_in_another_process, args=(place, server.base_url, cleared, go))
        for _ in range(4)
    ]
    for process in both:
        process.start()
    go.set()
    for process in both:
        process.join()
    assert sorted(p.exitcode or 0 for p in both) == [0, 1, 1, 1]
    assert len(server.files) == len(server.jobs) == 1
