"""A clearance cannot be had but from a decision that allows, and is what it was issued for."""

from __future__ import annotations

import copy
import dataclasses
import pickle

import pytest

from gatekeeper.egress.bound import Account
from gatekeeper.model import Route
from gatekeeper.model.cleared import Cleared, Terms, issue_cleared
from gatekeeper.model.job import JobRequest
from tests.egress.kit import KEY, PRESENT, clear
from tests.enforce.support import decision, destination, digest

DATA = b"bytes"
OTHER = b"other bytes"
TO = destination()
SIZED = [("training", digest(DATA), len(DATA))]


def cleared() -> Cleared:
    return clear([DATA], TO)


def terms() -> Terms:
    return PRESENT.terms(TO, Account(KEY))


def test_it_names_what_was_decided() -> None:
    made = decision(DATA)
    got = issue_cleared(made, SIZED, TO, terms())
    (content,) = got.contents
    assert (got.decision, content.digest, content.size_bytes) == (made.digest, digest(DATA), 5)
    assert (got.terms.host, got.job) == ("api.example.com", "")
    assert got.holds
    assert got.id.startswith(made.digest.removeprefix("sha256:")[:12])


def test_two_of_the_same_are_told_apart() -> None:
    assert cleared().id != cleared().id
    assert cleared().contents == cleared().contents


def test_it_cannot_be_built() -> None:
    fields = {f.name: "x" for f in dataclasses.fields(Cleared) if f.init}
    with pytest.raises(TypeError):
        Cleared(**fields)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="issued by the gate"):
        Cleared(**fields, token=object())  # type: ignore[arg-type]


def test_it_cannot_be_altered_copied_or_unpickled() -> None:
    with pytest.raises((TypeError, ValueError)):
        dataclasses.replace(cleared(), job="sha256:other")
    with pytest.raises(TypeError):
        copy.copy(cleared())
    with pytest.raises(TypeError):
        copy.deepcopy(cleared())
    with pytest.raises(TypeError):
        pickle.dumps(cleared())
    with pytest.raises(dataclasses.FrozenInstanceError):
        cleared().decision = digest(OTHER)  # type: ignore[misc]


@pytest.mark.parametrize("name", ["id", "decision", "contents", "terms", "job"])
def test_one_that_was_altered_by_force_does_not_hold(name: str) -> None:
    one, other = cleared(), clear([OTHER], destination("https://b.example.com/v1"))
    value = digest(b"a job") if name == "job" else getattr(other, name)
    object.__setattr__(one, name, value)
    assert not one.holds


@pytest.mark.parametrize("route", [Route.ON_PREM, Route.QUARANTINE])
def test_only_allow_clears(route: Route) -> None:
    with pytest.raises(ValueError, match="not cleared: the route"):
        issue_cleared(decision(DATA, route=route), SIZED, TO, terms())


@pytest.mark.parametrize(
    ("contents", "message"),
    [
        ([("training", digest(OTHER), 5)], "not made on this content"),
        ([], "one training file"),
        ([("validation", digest(DATA), 5)], "one training file"),
        ([*SIZED, ("training", digest(OTHER), 5)], "one training file"),
        ([*SIZED, ("validation", digest(OTHER), 5)], "not made on this content"),
        ([*SIZED, ("validation", digest(DATA), 5)], "the same content twice"),
    ],
)
def test_only_what_was_decided_on_is_cleared(
    contents: list[tuple[str, str, int]], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        issue_cleared(decision(DATA), contents, TO, terms())


def test_a_job_is_cleared_only_where_its_texts_were_decided_on() -> None:
    job = JobRequest("gpt-4o-mini", suffix="kestrel")
    with pytest.raises(ValueError, match="not made on this content"):
        issue_cleared(decision(DATA), SIZED, TO, terms(), job=job)
    got = issue_cleared(decision(DATA, job.texts()), SIZED, TO, terms(), job=job)
    assert got.job == job.digest


@pytest.mark.parametrize(
    "other",
    [
        destination(name="other"),
        destination("https://elsewhere.example.com/v1"),
        destination(digest=digest(b"edited")),
    ],
)
def test_only_the_destination_of_the_decision_is_cleared(other: object) -> None:
    with pytest.raises(ValueError, match="another destination"):
        issue_cleared(decision(DATA), SIZED, other, terms())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "name", ["destination", "destination_digest", "host", "policies", "detector", "date"]
)
def test_the_terms_are_those_of_the_decision(name: str) -> None:
    with pytest.raises(ValueError, match="the terms are not"):
        issue_cleared(decision(DATA), SIZED, TO, dataclasses.replace(terms(), **{name: "other"}))
