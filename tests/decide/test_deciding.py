"""The reasons of a decision to the letter, their order, what sets one aside, and the digests."""

from __future__ import annotations

import dataclasses
import datetime
from typing import Any

import pytest

from gatekeeper.decide import STOPPED, THE_GATE, decide, strictest_route
from gatekeeper.model import (
    Attestation,
    Count,
    Duty,
    Evidence,
    Place,
    Policy,
    Reason,
    Route,
    Tally,
    Unscanned,
    Waiver,
    Where,
    digest_of,
)
from tests.decide.kit import (
    DAY,
    LIKELY,
    PROVED,
    TODAY,
    decided,
    found,
    paper,
    place,
    policy,
    requirement,
    rule,
    tally,
)


def law(name: str, because: str, count: int = 0) -> Reason:
    return Reason(THE_GATE, name, because, "", Route.ON_PREM, count, 1 if count else 0)


def test_a_decision_says_what_it_was_made_of() -> None:
    refused = Unscanned("b.csv", "line 3", "broken-csv", "no CSV", 10)
    tallies = tally("a.csv"), tally("b.csv", refused_count=1, unscanned=frozenset({refused}))
    theirs = policy(rule(), id="hipaa")
    made = decided(*tallies, policies=(policy(rule()), theirs))
    assert made.to_json() == {
        "route": "quarantine",
        "reasons": [r.to_json() for r in made.reasons],
        "errors": ["b.csv: line 3: no CSV"],
        "coverage": made.coverage.to_json(),
        "destination": "there",
        "host": "llm.example.com",
        "date": "2026-06-01",
        "subjects": ["sha256:0", "sha256:1"],
        "policies": ["hipaa", "ours"],
        "digests": dict(made.digests),
    }
    assert (made.coverage.files, made.coverage.records) == (2, 20)
    assert [r.policy for r in made.reasons] == ["hipaa", "ours"]
    clean = decided(tally())
    assert (clean.route, clean.reasons) == (Route.ALLOW, ())


# --- the gate's own laws -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tallies", "reasons"),
    [
        ([], [law("nothing-read", "no record was read: nothing checked is not clean")]),
        (
            [tally(records=0)],
            [law("nothing-read", "no record was read: nothing checked is not clean")],
        ),
        ([tally(records=0), tally(records=1)], []),
        (
            [tally(opaque_count=2), tally(), tally(opaque_count=3)],
            [law("opaque-content", "images, audio and attached files cannot be looked into", 5)],
        ),
        (
            [tally(), tally(bytes_left=1)],
            [law(STOPPED, "reading was stopped early: what was not read is not clean")],
        ),
    ],
)
def test_what_was_not_looked_at_is_not_clean(tallies: list[Tally], reasons: list[Reason]) -> None:
    assert list(decided(*tallies).reasons) == reasons


def test_a_policy_without_rules_evaluates_nothing() -> None:
    silent = policy(id="silent")
    nothing = law("nothing-evaluated", "no policy rule was evaluated")
    assert decided(tally(), policies=(silent,)).reasons == (nothing,)
    assert decided(tally(), policies=(silent, policy(rule()))).reasons == ()
    evidence = Evidence({"sha256:x": tally()})
    assert decide([], evidence, place(), PROVED, today=TODAY).reasons == (nothing,)


def test_a_destination_is_closed_for_every_reason_that_it_has() -> None:
    shut = place(closes=TODAY, opens=TODAY + DAY)
    assert decided(tally(), destination=shut).reasons == (
        law("destination-closed", "destination `there` opens on 2026-06-02"),
        law("destination-closed", "destination `there` closed on 2026-06-01"),
    )


# --- what a policy could not see -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("tallies", "count"),
    [
        ([tally(refused_count=2), tally(), tally(refused_count=3, bytes_unscanned=9)], 5),
        ([tally(bytes_unscanned=1)], 1),
        ([tally(bytes_unscanned=50), tally(bytes_unscanned=7)], 2),
        ([tally(bytes_unscanned=9, opaque_count=1)], 0),
        ([tally(refused_count=1, opaque_count=1)], 1),
    ],
)
@pytest.mark.parametrize("route", [Route.ON_PREM, Route.QUARANTINE])
def test_refusals_take_the_route_of_the_policy(
    tallies: list[Tally], count: int, route: Route
) -> None:
    made = decided(*tallies, policies=(policy(rule(), unscanned=route),))
    because = "part of the dataset could not be scanned"
    expected = [Reason("ours", "unscanned", because, "p.yaml", route, count, 1)] if count else []
    assert [r for r in made.reasons if r.policy != THE_GATE] == expected


@pytest.mark.parametrize("route", [Route.ON_PREM, Route.QUARANTINE])
def test_entities_that_were_not_proved_are_named(route: Route) -> None:
    ours = policy(rule(Count(frozenset({"SSN", "NAME", "CARD"}))), unscanned=route)
    made = decided(tally(), policies=(ours,), attestation=Attestation("f", frozenset({"CARD"})))
    because = "the detector has not proved that it finds NAME, SSN"
    assert made.reasons == (Reason("ours", "not-attested", because, "p.yaml", route, 2, 1),)


# --- rules, and their order ----------------------------------------------------------------------


def test_a_rule_that_holds_says_all_that_it_is() -> None:
    where = Place(4, "/text", 1, 12)
    seen = found(3, places={("SSN", LIKELY): (where,)})
    strict = rule(Count(frozenset({"SSN"}), 2), route=Route.QUARANTINE, must=Duty.DESTROY)
    (reason,) = decided(seen, policies=(policy(strict),)).reasons
    places = (Where("a.jsonl", "SSN", where),)
    assert reason == Reason(
        "ours", "ssn", "the clause", "p.yaml:3:5", Route.QUARANTINE, 3, 2, places, "", Duty.DESTROY
    )


def test_reasons_are_strictest_first_then_by_name_and_place_and_the_waived_last() -> None:
    def of(name: str, *rules: tuple[str, Route, str]) -> Policy:
        made = (rule(id=i, route=r, at=at) for i, r, at in rules)
        return policy(*made, id=name, digest=f"sha256:{name}")

    quarantine, on_prem = Route.QUARANTINE, Route.ON_PREM
    policies = (
        of("b", ("y", on_prem, "9"), ("y", on_prem, "8"), ("w", quarantine, "7")),
        of("c", ("x", quarantine, "1"), ("a", on_prem, "2")),
        of("a", ("z", on_prem, "1"), ("q", quarantine, "3")),
    )
    waiver = Waiver("a", "q", "*", TODAY, "me", "why", "g.yaml:1:1")
    made = decided(found(1), policies=policies, waivers=[waiver])
    assert [(r.policy, r.rule, r.at) for r in made.reasons] == [
        ("b", "w", "7"),
        ("c", "x", "1"),
        ("a", "z", "1"),
        ("b", "y", "8"),
        ("b", "y", "9"),
        ("c", "a", "2"),
        ("a", "q", "3"),
    ]
    assert made.route is quarantine
    again = decided(found(1), policies=policies[::-1] * 2, waivers=[waiver, waiver])
    assert again.to_bytes() == made.to_bytes()


def test_a_rule_that_is_waived_does_not_count_and_the_others_do() -> None:
    rules = rule(id="harsh", route=Route.QUARANTINE), rule(id="gentle", route=Route.ON_PREM)
    waiver = Waiver("ours", "harsh", "*", TODAY, "me", "why", "g.yaml:1:1")
    made = decided(found(1), policies=(policy(*rules),), waivers=[waiver])
    assert made.route is Route.ON_PREM
    assert [(r.rule, bool(r.waived_by)) for r in made.reasons] == [
        ("gentle", False),
        ("harsh", True),
    ]


def test_two_policies_of_one_name_are_both_applied_in_the_order_of_their_digests() -> None:
    first, second = policy(rule(), digest="sha256:1"), policy(rule(), digest="sha256:2")
    made = decided(found(1), policies=(second, first, second))
    assert made.policies == ("ours", "ours")
    assert [r.rule for r in made.reasons] == ["ssn", "ssn"]
    assert made.digests["policies"] == digest_of([["ours", "sha256:1"], ["ours", "sha256:2"]])


@pytest.mark.parametrize(
    ("policies", "route"),
    [
        ([], Route.ON_PREM),
        ([policy(unscanned=Route.ON_PREM)], Route.ON_PREM),
        ([policy()], Route.QUARANTINE),
        ([policy(rule(), unscanned=Route.ON_PREM)], Route.ON_PREM),
        (
            [policy(rule(), rule(route=Route.QUARANTINE), unscanned=Route.ON_PREM), policy()],
            Route.QUARANTINE,
        ),
        (
            [policy(rule(route=Route.QUARANTINE), unscanned=Route.ON_PREM)],
            Route.QUARANTINE,
        ),
    ],
)
def test_the_strictest_route_is_that_of_a_rule_or_of_what_was_not_scanned(
    policies: list[Policy], route: Route
) -> None:
    assert strictest_route(policies) is route


# --- waivers -------------------------------------------------------------------------------------


def waiver(dataset: str = "*", **changes: Any) -> Waiver:
    known = {"policy": "ours", "rule": "ssn", "until": TODAY, "at": "g.yaml:3:3"}
    return Waiver(dataset=dataset, **{**known, "owner": "me", "because": "made up", **changes})


def waived(*tallies: Tally, waivers: list[Waiver]) -> Reason:
    (reason,) = decided(*tallies, waivers=waivers).reasons
    return reason


def test_what_is_waived_says_by_whom_until_when_why_and_where() -> None:
    other = waiver("a*", owner="you", until=TODAY + DAY, because="theirs", at="g.yaml:9:3")
    reason = waived(found(3), waivers=[waiver(), other])
    assert reason.waived_by == (
        "me until 2026-06-01: made up (g.yaml:3:3); you until 2026-06-02: theirs (g.yaml:9:3)"
    )
    assert (reason.because, reason.count) == ("the clause", 3)


@pytest.mark.parametrize(
    "other",
    [
        waiver(rule="card"),
        waiver(policy="theirs"),
        waiver("b*"),
        waiver("A*"),
        waiver("a"),
    ],
)
def test_a_waiver_of_something_else_changes_nothing(other: Waiver) -> None:
    reason = waived(found(3), waivers=[other])
    assert (reason.waived_by, reason.because, reason.count) == ("", "the clause", 3)


def test_a_waiver_that_has_ended_is_named_with_its_day() -> None:
    ended = [waiver(until=TODAY - DAY), waiver("a*", owner="you", until=TODAY - 2 * DAY)]
    said = waived(found(3), waivers=ended)
    assert said.waived_by == ""
    assert said.because == (
        "the clause; the waiver of me ended on 2026-05-31; the waiver of you ended on 2026-05-30"
    )
    still = waived(found(3), waivers=[*ended, waiver("*.jsonl")])
    assert still.because == "the clause"
    assert still.waived_by == "me until 2026-06-01: made up (g.yaml:3:3)"


def test_what_a_waiver_leaves_is_counted_alone() -> None:
    seen = found(3, "a.csv"), found(4, "b.csv"), found(20, "c.csv")
    said = waived(*seen, waivers=[waiver("c*"), waiver("a*", until=TODAY - DAY)])
    assert (said.waived_by, said.count) == ("", 7)
    assert said.because == "the clause; the waiver of me ended on 2026-05-31"
    high = decided(
        *seen,
        policies=(policy(rule(Count(frozenset({"SSN"}), 8))),),
        waivers=[waiver("c*")],
    )
    assert (high.route, high.reasons[0].count) == (Route.ALLOW, 27)


@pytest.mark.parametrize(
    ("sources", "datasets", "covered"),
    [
        (("a.csv", "b.csv"), ["a*"], False),
        (("a.csv", "b.csv"), ["b*"], False),
        (("a.csv", "b.csv"), ["a*", "b*"], True),
        (("a.csv", "b.csv"), ["*"], True),
        (("a.csv",), ["b*", "a*"], True),
        ((), ["*"], False),
    ],
)
def test_every_name_of_a_content_has_to_be_under_a_waiver(
    sources: tuple[str, ...], datasets: list[str], covered: bool
) -> None:
    seen = dataclasses.replace(found(3), sources=frozenset(sources))
    assert bool(waived(seen, waivers=[waiver(d) for d in datasets]).waived_by) is covered


# --- digests -------------------------------------------------------------------------------------


def test_digests_are_of_all_that_was_given() -> None:
    papers, waivers = [paper(), paper("DPA")], [waiver(), waiver("b*")]
    made = decided(found(3), agreements=papers, waivers=waivers)
    assert made.digests == {
        "evidence": Evidence({"sha256:0": found(3)}).digest,
        "policies": digest_of([["ours", "sha256:p"]]),
        "destination": "sha256:there",
        "agreements": digest_of(sorted(map(repr, papers))),
        "waivers": digest_of(sorted(map(repr, waivers))),
        "detector": "sha256:detector",
    }
    again = decided(found(3), agreements=papers[::-1] * 2, waivers=waivers[::-1] * 2)
    assert again.digests == made.digests


def test_a_requirement_is_among_the_reasons_and_papers_unlock_it() -> None:
    asking = (policy(rule(Count(frozenset({"SSN"}), 9)), requires=(requirement(),)),)
    because = "the clause: no BAA with acme covers `phi`"
    reason = Reason("ours", "requires-baa", because, "p.yaml:2:3", Route.ON_PREM, 3, 1)
    assert decided(found(3), policies=asking).reasons == (reason,)
    assert decided(found(3), policies=asking, agreements=[paper()]).reasons == ()
    assert decided(found(3), policies=asking, agreements=[paper()]).route is Route.ALLOW


def test_the_day_is_the_one_given() -> None:
    late = datetime.date(2026, 8, 21)
    made = decided(tally(), today=late)
    assert made.date == "2026-08-21"
    assert [r.rule for r in made.reasons] == ["destination-closed"]
