"""What holds of agreements and destinations whatever they say: order does not matter, more can only
tighten or only loosen, and a door that facts have closed does not open by waiting.
"""

from __future__ import annotations

import dataclasses
import datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gatekeeper.decide import decide, reach, why_all_closed, why_not_met
from gatekeeper.model import (
    Agreement,
    Attestation,
    Confidence,
    Count,
    Decision,
    Destination,
    Endpoint,
    Evidence,
    Fact,
    Policy,
    Requirement,
    Route,
    Rule,
    Tally,
)
from tests.laws.strategies import TODAY, destination

DAY = datetime.timedelta(days=1)
KINDS = ("BAA", "DPA", "SCC", "ZDR", "RESIDENCY")
NAMES = ("files", "uploads", "fine_tuning")
REGIONS = ("eu", "us")
NEVER = Rule("never", "c", Count(frozenset({"PRIVATE_KEY"})), Route.ON_PREM, "p.yaml:9:5")
EVIDENCE = Evidence(
    {
        "sha256:x": Tally(
            frozenset({"a.jsonl"}), 100, 0, 9, counts={("PERSON", "/text", Confidence.LIKELY): 1}
        )
    }
)
PROVED = Attestation("sha256:detector", frozenset({"PERSON", "PRIVATE_KEY"}))

days = st.dates(datetime.date(2026, 5, 1), datetime.date(2026, 7, 1))
maybe_days = st.none() | days
some_kinds = st.sampled_from([frozenset(KINDS)] * 3 + [frozenset(), frozenset({"BAA"})])
kinds = st.sampled_from(["DPA", "DPA", "BAA", "RESIDENCY", "ZDR"])
"""Few, so that papers, endpoints and requirements meet often enough for the laws to bite."""
some_regions = st.frozensets(st.sampled_from(REGIONS))
regions_asked = st.lists(st.sampled_from(REGIONS), max_size=2, unique=True).map(tuple)
endpoints_asked = st.just(()) | st.lists(st.sampled_from(NAMES), max_size=2, unique=True).map(tuple)
papers = st.builds(
    Agreement,
    st.sampled_from(["openai", "openai", "acme"]),
    kinds,
    st.sampled_from([("personal",), ("phi", "personal"), ("phi",)]),
    days,
    days,
    st.just(""),
    endpoints_asked,
    st.sampled_from(["", *REGIONS]),
)
requirements = st.builds(
    Requirement,
    kinds,
    st.sampled_from([("personal",), ("phi",), ("personal", "phi")]),
    st.just(Count(frozenset({"PERSON"}))),
    st.just("clause"),
    st.just("p.yaml:3:5"),
    endpoints_asked,
    regions_asked,
    regions_asked,
)


def endpoint(name: str) -> st.SearchStrategy[Endpoint]:
    return st.builds(
        Endpoint,
        st.just(name),
        st.just(()),
        some_kinds,
        st.booleans(),
        some_regions,
        maybe_days,
        maybe_days,
    )


facts = st.builds(
    Fact,
    st.sampled_from(["a", "b"]),
    st.just("a page"),
    st.integers(0, 4).map(lambda n: TODAY - (88 + n) * DAY),
    maybe_days,
    st.sampled_from([True, True, True, False]),
)
"""Around the age at which they are stale."""


@st.composite
def places(draw: st.DrawFn) -> Destination:
    names = draw(st.lists(st.sampled_from(NAMES), unique=True))
    return destination(
        covers=draw(some_kinds),
        region=draw(st.sampled_from(["", *REGIONS])),
        zdr_only=draw(st.sampled_from([frozenset(), frozenset({"BAA"})])),
        endpoints={n: draw(endpoint(n)) for n in names},
        stated=tuple(draw(st.lists(facts, max_size=3))),
        opens=draw(maybe_days),
        closes=draw(maybe_days),
    )


some_papers = st.lists(papers, max_size=4)


def decided(
    asked: list[Requirement],
    place: Destination,
    held: list[Agreement],
    today: datetime.date = TODAY,
) -> Decision:
    policy = Policy("p", 1, "t", "s", "p.yaml", "sha256:p", (NEVER,), tuple(asked))
    return decide([policy], EVIDENCE, place, PROVED, agreements=held, today=today)


quick = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=200)


@quick
@given(st.lists(requirements, max_size=2), places(), some_papers)
def test_the_order_of_papers_and_endpoints_does_not_matter(
    asked: list[Requirement], place: Destination, held: list[Agreement]
) -> None:
    turned = dataclasses.replace(place, endpoints=dict(reversed(place.endpoints.items())))
    first, again = decided(asked, place, held), decided(asked, turned, held[::-1])
    assert first.to_bytes() == again.to_bytes()


@quick
@given(requirements, places(), some_papers, some_papers, days)
def test_a_paper_more_takes_nothing_away(
    asked: Requirement,
    place: Destination,
    held: list[Agreement],
    more: list[Agreement],
    today: datetime.date,
) -> None:
    if not why_not_met(asked, place, held, today):
        assert not why_not_met(asked, place, [*held, *more], today)


@quick
@given(st.lists(requirements, max_size=2), requirements, places(), some_papers)
def test_a_requirement_more_can_only_tighten(
    asked: list[Requirement], more: Requirement, place: Destination, held: list[Agreement]
) -> None:
    assert decided([*asked, more], place, held).route >= decided(asked, place, held).route


@quick
@given(requirements, places(), endpoint("uploads"), some_papers, days)
def test_an_endpoint_more_can_only_tighten_what_is_asked_of_all(
    asked: Requirement,
    place: Destination,
    more: Endpoint,
    held: list[Agreement],
    today: datetime.date,
) -> None:
    if not place.endpoints or "uploads" in place.endpoints:
        return  # without endpoints the destination speaks for itself
    everywhere = dataclasses.replace(asked, endpoints=())
    wider = dataclasses.replace(place, endpoints={**place.endpoints, "uploads": more})
    if why_not_met(everywhere, place, held, today):
        assert why_not_met(everywhere, wider, held, today)


@quick
@given(places(), st.integers(0, 5).map(lambda n: TODAY + n * DAY), st.integers(1, 3))
def test_facts_that_have_closed_a_door_do_not_open_it_by_waiting(
    place: Destination, today: datetime.date, later: int
) -> None:
    known = tuple(dataclasses.replace(f, known=True) for f in place.stated)
    shut = dataclasses.replace(place, opens=None, closes=None, endpoints={}, stated=known)
    if why_all_closed(shut, today):
        assert why_all_closed(shut, today + later * DAY)


@quick
@given(requirements, places(), some_papers, days)
def test_the_command_and_the_decision_tell_one_story(
    asked: Requirement, place: Destination, held: list[Agreement], today: datetime.date
) -> None:
    """What `destinations check` says is reached is what unlocks, and nothing else is."""
    alone = dataclasses.replace(asked, classes=("personal",), regions=(), unless_in=())
    about = [e.name for e in place.used if e.name in alone.endpoints]
    reached = {
        r.endpoint
        for r in reach(held, place, today)
        if not r.why_not
        and r.agreement.kind == alone.agreement
        and "personal" in r.agreement.covers
    }
    met = not why_not_met(alone, place, held, today)
    assert met is (set(about or [e.name for e in place.used]) <= reached)


@quick
@given(places(), some_papers, days)
def test_every_reason_names_the_party_the_endpoint_or_the_fact(
    place: Destination, held: list[Agreement], today: datetime.date
) -> None:
    for one in reach(held, place, today):
        assert "{where}" not in one.why_not
        assert not one.why_not or "openai" in one.why_not
    for why in why_all_closed(place, today):
        assert "`openai`" in why
