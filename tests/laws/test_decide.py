"""Laws 1, 2, 4, 5 and 9: ALLOW is earned, decide is monotone, pure and order-independent."""

import dataclasses
import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gatekeeper.decide import decide, strictest_route
from gatekeeper.model import (
    Agreement,
    Attestation,
    Confidence,
    Count,
    Decision,
    Destination,
    Duty,
    Evidence,
    Policy,
    Requirement,
    Route,
    Rule,
    SameRecord,
    Tally,
    Unscanned,
    Waiver,
)
from tests.laws.strategies import (
    ATTESTED,
    TODAY,
    agreements,
    destination,
    evidences,
    policies,
    tallies,
    waivers,
)

some_policies = st.lists(policies(), min_size=1, max_size=3)
some_evidence = evidences.filter(lambda e: bool(e.tallies))
CLEAN = Tally(frozenset({"data/a.jsonl"}), 100, 0, 12)
SSN = Policy(
    "ours",
    1,
    "t",
    "s",
    "ours.yaml",
    "sha256:p",
    (Rule("ssn", "clause", Count(frozenset({"US_SSN"})), Route.ON_PREM, "ours.yaml:3:5"),),
)


def run(
    tally: Tally = CLEAN, policy: Policy = SSN, where: Destination | None = None, **more: object
) -> Decision:
    return decide(
        [policy],
        Evidence({"sha256:x": tally}),
        where or destination(),
        more.pop("attestation", ATTESTED),  # type: ignore[arg-type]
        today=more.pop("today", TODAY),  # type: ignore[arg-type]
        **more,  # type: ignore[arg-type]
    )


def rules(decision: Decision) -> set[str]:
    return {r.rule for r in decision.reasons}


def test_a_duty_travels_with_its_reason_and_moves_no_route() -> None:
    tally = dataclasses.replace(CLEAN, counts={("US_SSN", "/text", Confidence.LIKELY): 1})
    (rule,) = SSN.rules
    owed = dataclasses.replace(
        SSN, rules=(dataclasses.replace(rule, route=Route.QUARANTINE, must=Duty.DESTROY),)
    )
    decided, plain = run(tally, owed), run(tally)
    assert [r.to_json().get("must") for r in decided.reasons] == ["destroy"]
    assert [r.to_json().get("must") for r in plain.reasons] == [None]
    (line,) = decided.duties
    assert line.startswith("ours/ssn: may not be kept, even encrypted")
    assert line.endswith("(clause)")
    assert plain.duties == ()
    until = TODAY + datetime.timedelta(days=1)
    waiver = Waiver("ours", "ssn", "*", until, "me", "why", "here")
    assert run(tally, owed, waivers=[waiver]).duties == ()


@given(some_policies, evidences, st.lists(waivers, max_size=2), st.lists(agreements, max_size=2))
def test_decide_is_pure_and_order_independent(
    p: list[Policy], e: Evidence, w: list[Waiver], a: list[Agreement]
) -> None:
    backwards = Evidence(dict(reversed(e.tallies.items())))
    first = decide(p, e, destination(), ATTESTED, waivers=w, agreements=a, today=TODAY)
    again = decide(
        [*p[::-1], *p],
        backwards,
        destination(),
        ATTESTED,
        waivers=[*w[::-1], *w],
        agreements=[*a[::-1], *a],
        today=TODAY,
    )
    assert first.to_bytes() == again.to_bytes()


def test_what_was_not_read_to_the_end_is_never_allowed() -> None:
    assert run().route is Route.ALLOW
    decided = run(dataclasses.replace(CLEAN, bytes_left=1))
    assert decided.route is Route.ON_PREM
    assert rules(decided) == {"not-read-to-the-end"}
    assert decided.coverage.partial
    assert decided.coverage.bytes_scanned == 99
    assert decided.to_json()["coverage"]["partial"] is True
    assert "partial" not in run().to_json()["coverage"]


@given(some_policies, evidences)
def test_no_evidence_is_stricter_than_the_strictest_route(p: list[Policy], e: Evidence) -> None:
    decided = decide(p, e, destination(), ATTESTED, today=TODAY)
    assert decided.route <= strictest_route(p)


@given(some_policies, evidences)
def test_replay_on_stored_evidence_gives_the_same_bytes(p: list[Policy], e: Evidence) -> None:
    stored = Evidence.from_json(e.to_json())
    first = decide(p, e, destination(), ATTESTED, today=TODAY)
    assert decide(p, stored, destination(), ATTESTED, today=TODAY).to_bytes() == first.to_bytes()


@settings(suppress_health_check=[HealthCheck.too_slow])  # it is about the machine, not the law
@given(some_policies, some_evidence, evidences, st.lists(waivers, max_size=2))
def test_more_data_can_only_tighten(
    p: list[Policy], e: Evidence, more: Evidence, w: list[Waiver]
) -> None:
    less = decide(p, e, destination(), ATTESTED, waivers=w, today=TODAY)
    all_of_it = decide(p, e.merge(more), destination(), ATTESTED, waivers=w, today=TODAY)
    if any(t.records for _, t in e):  # "nothing was read" is the one thing that data mends
        assert all_of_it.route >= less.route


@given(some_policies, some_policies, evidences)
def test_more_policies_can_only_tighten(p: list[Policy], more: list[Policy], e: Evidence) -> None:
    less = decide(p, e, destination(), ATTESTED, today=TODAY)
    assert decide([*p, *more], e, destination(), ATTESTED, today=TODAY).route >= less.route


@given(tallies(), tallies(), st.integers(1, 10**6))
def test_clean_rows_never_dilute(tally: Tally, clean: Tally, rows: int) -> None:
    padded = dataclasses.replace(
        tally, records=tally.records + rows, bytes_seen=tally.bytes_seen + rows * 100
    )
    if tally.records:
        assert run(padded).route == run(tally).route


@given(some_policies, evidences)
def test_allow_is_earned(p: list[Policy], e: Evidence) -> None:
    decision = decide(p, e, destination(), ATTESTED, today=TODAY)
    if decision.route is Route.ALLOW:
        assert any(x.rules for x in p)
        assert sum(t.records for _, t in e) >= 1
        assert all(t.bytes_scanned == t.bytes_seen and not t.refused_count for _, t in e)
        assert not [r for r in decision.reasons if not r.waived_by]


def test_a_clean_dataset_is_allowed() -> None:
    assert run().route is Route.ALLOW


def test_no_policy_no_record_and_no_evidence_are_not_allowed() -> None:
    nothing = decide([], Evidence({"sha256:x": CLEAN}), destination(), ATTESTED, today=TODAY)
    assert nothing.route is Route.ON_PREM
    assert rules(nothing) == {"nothing-evaluated"}
    assert rules(run(dataclasses.replace(CLEAN, records=0))) == {"nothing-read"}
    empty = decide([SSN], Evidence(), destination(), ATTESTED, today=TODAY)
    assert empty.route is Route.ON_PREM


def test_an_entity_that_was_not_proved_takes_the_unscanned_route() -> None:
    decision = run(attestation=Attestation("f", frozenset({"PERSON"})))
    assert decision.route is Route.QUARANTINE
    assert "US_SSN" in decision.reasons[0].because


@pytest.mark.parametrize(
    ("changes", "day", "says"),
    [
        ({"closes": TODAY, "closes_because": "no new jobs"}, TODAY, "closed on 2026-06-01: no new"),
        ({"opens": datetime.date(2026, 6, 2)}, TODAY, "opens on 2026-06-02"),
        ({}, datetime.date(2026, 8, 19), "stale: as of 2026-05-20"),
        ({}, datetime.date(2026, 5, 19), "after today"),
    ],
)
def test_a_closed_stale_or_undated_destination_is_not_allowed(
    changes: dict[str, object], day: datetime.date, says: str
) -> None:
    decision = run(where=destination(**changes), today=day)
    assert decision.route is Route.ON_PREM
    assert says in decision.reasons[0].because


def test_a_destination_is_open_to_the_last_day_of_its_facts_and_until_its_closing() -> None:
    assert run(today=datetime.date(2026, 8, 18)).route is Route.ALLOW
    closing = destination(closes=datetime.date(2026, 6, 2))
    assert run(where=closing).route is Route.ALLOW


def test_refused_bytes_take_the_policys_own_route_and_opaque_ones_on_prem() -> None:
    refused = Unscanned("data/a.jsonl", "line 3", "broken-json", "no JSON", 10)
    tally = dataclasses.replace(
        CLEAN, bytes_unscanned=10, refused_count=1, unscanned=frozenset({refused})
    )
    assert run(tally).route is Route.QUARANTINE
    gentle = dataclasses.replace(SSN, unscanned=Route.ON_PREM)
    assert run(tally, gentle).route is Route.ON_PREM
    assert run(tally).errors == ("data/a.jsonl: line 3: no JSON",)
    image = dataclasses.replace(CLEAN, bytes_unscanned=10, opaque_count=1)
    assert run(image).route is Route.ON_PREM
    assert rules(run(image)) == {"opaque-content"}


def test_bytes_missing_without_a_reason_are_a_refusal() -> None:
    assert run(dataclasses.replace(CLEAN, bytes_unscanned=1)).route is Route.QUARANTINE


def found(n: int, tier: Confidence = Confidence.LIKELY, source: str = "data/a.jsonl") -> Tally:
    signature = frozenset({("US_SSN", tier)})
    return dataclasses.replace(
        CLEAN,
        sources=frozenset({source}),
        counts={("US_SSN", "/text", tier): n},
        signatures={signature: n},
    )


def test_a_rule_counts_against_its_threshold_and_tier() -> None:
    bulk = dataclasses.replace(
        SSN, rules=(dataclasses.replace(SSN.rules[0], when=Count(frozenset({"US_SSN"}), 500)),)
    )
    assert run(found(499), bulk).route is Route.ALLOW
    assert run(found(500), bulk).route is Route.ON_PREM
    assert run(found(9, Confidence.POSSIBLE)).route is Route.ALLOW
    assert run(found(9, Confidence.CERTAIN)).reasons[0].count == 9


def test_the_strictest_rule_wins() -> None:
    gentle = dataclasses.replace(SSN.rules[0], id="gentle", route=Route.ON_PREM)
    harsh = dataclasses.replace(SSN.rules[0], id="harsh", route=Route.QUARANTINE)
    for rules_ in ((gentle, harsh), (harsh, gentle)):
        decision = run(found(1), dataclasses.replace(SSN, rules=rules_))
        assert decision.route is Route.QUARANTINE
        assert [r.rule for r in decision.reasons] == ["harsh", "gentle"]


def test_one_finding_is_no_combination_and_two_entities_are() -> None:
    both = SameRecord((frozenset({"US_SSN", "PERSON"}), frozenset({"US_SSN", "DIAGNOSIS"})))
    policy = dataclasses.replace(SSN, rules=(dataclasses.replace(SSN.rules[0], when=both),))
    assert run(found(3), policy).route is Route.ALLOW
    met = frozenset({("US_SSN", Confidence.LIKELY), ("DIAGNOSIS", Confidence.CERTAIN)})
    assert run(dataclasses.replace(CLEAN, signatures={met: 1}), policy).route is Route.ON_PREM
    apart = {frozenset({x}): 5 for x in met}
    assert run(dataclasses.replace(CLEAN, signatures=apart), policy).route is Route.ALLOW


def waiver(until: datetime.date, dataset: str = "data/*") -> Waiver:
    return Waiver("ours", "ssn", dataset, until, "sec@example.com", "test data", "g.yaml:3:3")


def test_a_waiver_is_named_and_ends() -> None:
    day = datetime.timedelta(days=1)
    waived = run(found(3), waivers=[waiver(TODAY)])
    assert waived.route is Route.ALLOW
    assert "sec@example.com until 2026-06-01" in waived.reasons[0].waived_by
    ended = run(found(3), waivers=[waiver(TODAY - day)])
    assert ended.route is Route.ON_PREM
    assert "ended on 2026-05-31" in ended.reasons[0].because


def test_a_waiver_covers_a_content_only_where_it_covers_every_source_of_it() -> None:
    twice = dataclasses.replace(found(3), sources=frozenset({"data/a.jsonl", "else/a.jsonl"}))
    assert run(twice, waivers=[waiver(TODAY)]).route is Route.ON_PREM


@given(some_policies, evidences, st.lists(waivers, max_size=4))
def test_a_waiver_sets_aside_its_rule_and_nothing_else(
    p: list[Policy], e: Evidence, w: list[Waiver]
) -> None:
    without = decide(p, e, destination(), ATTESTED, today=TODAY)
    with_waivers = decide(p, e, destination(), ATTESTED, waivers=w, today=TODAY)
    touched = {(x.policy, x.rule) for x in w}
    kept = {(r.policy, r.rule) for r in without.reasons} - touched
    assert kept == {(r.policy, r.rule) for r in with_waivers.reasons if not r.waived_by} - touched


PHI = Policy(
    "ours",
    1,
    "t",
    "s",
    "ours.yaml",
    "sha256:p",
    SSN.rules[:0]
    or (Rule("bulk", "c", Count(frozenset({"US_SSN"}), 10**6), Route.ON_PREM, "ours.yaml:3:5"),),
    (Requirement("BAA", ("phi",), Count(frozenset({"US_SSN"})), "164.502(e)", "ours.yaml:2:3"),),
)
PAPER = Agreement("openai", "BAA", ("phi",), datetime.date(2026, 1, 1), TODAY)


@pytest.mark.parametrize(
    ("papers", "covers", "route", "says"),
    [
        ([], {"BAA"}, Route.ON_PREM, "no BAA with openai covers `phi`"),
        ([PAPER], {"BAA"}, Route.ALLOW, ""),
        ([PAPER], {"DPA"}, Route.ON_PREM, "no BAA can cover this endpoint"),
        (
            [dataclasses.replace(PAPER, until=datetime.date(2026, 5, 31))],
            {"BAA"},
            Route.ON_PREM,
            "not in force",
        ),
        ([dataclasses.replace(PAPER, party="azure")], {"BAA"}, Route.ON_PREM, "no BAA with openai"),
        (
            [dataclasses.replace(PAPER, covers=("personal",))],
            {"BAA"},
            Route.ON_PREM,
            "covers `phi`",
        ),
    ],
)
def test_requirements(papers: list[Agreement], covers: set[str], route: Route, says: str) -> None:
    decision = run(found(1), PHI, destination(covers=frozenset(covers)), agreements=papers)
    assert decision.route is route
    assert says in "".join(r.because for r in decision.reasons)
