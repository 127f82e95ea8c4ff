"""A clearance cannot be had but from a decision that allows."""

import copy
import dataclasses
import pickle

import pytest

from gatekeeper.model import Route
from gatekeeper.model.cleared import Cleared, issue_cleared
from tests.enforce.support import decision, destination, digest

DATA = b"bytes"


def cleared() -> Cleared:
    return issue_cleared(decision(DATA), digest(DATA), destination())


def test_it_names_what_was_decided() -> None:
    made = decision(DATA)
    got = issue_cleared(made, digest(DATA), destination())
    assert (got.decision, got.content, got.host) == (made.digest, digest(DATA), "api.example.com")


def test_it_cannot_be_built() -> None:
    fields = {f.name: "x" for f in dataclasses.fields(Cleared)}
    with pytest.raises(TypeError):
        Cleared(**fields)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="issued by the gate"):
        Cleared(**fields, token=object())


def test_it_cannot_be_altered_copied_or_unpickled() -> None:
    with pytest.raises((TypeError, ValueError)):
        dataclasses.replace(cleared(), host="elsewhere.example.com")
    with pytest.raises(TypeError):
        copy.copy(cleared())
    with pytest.raises(TypeError):
        copy.deepcopy(cleared())
    with pytest.raises(TypeError):
        pickle.dumps(cleared())
    with pytest.raises(dataclasses.FrozenInstanceError):
        cleared().content = digest(b"other")  # type: ignore[misc]


@pytest.mark.parametrize("route", [Route.ON_PREM, Route.QUARANTINE])
def test_only_allow_clears(route: Route) -> None:
    with pytest.raises(ValueError, match="not cleared"):
        issue_cleared(decision(DATA, route=route), digest(DATA), destination())


def test_only_what_was_decided_on_is_cleared() -> None:
    with pytest.raises(ValueError, match="not made on this content"):
        issue_cleared(decision(DATA), digest(b"other"), destination())


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
        issue_cleared(decision(DATA), digest(DATA), other)  # type: ignore[arg-type]
