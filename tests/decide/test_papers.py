"""What a policy requires in vain, to the letter, and which paper reaches which endpoint."""

from __future__ import annotations

from typing import Any

import pytest

from gatekeeper.decide import Reach, reach, why_not_met
from gatekeeper.model import (
    Agreement,
    Count,
    Destination,
    Endpoint,
    Place,
    Reason,
    Requirement,
    Route,
    Where,
)
from tests.decide.kit import (
    DAY,
    LIKELY,
    TODAY,
    decided,
    found,
    paper,
    place,
    policy,
    requirement,
    rule,
)

EVERY = frozenset({"BAA", "DPA", "RESIDENCY", "ZDR"})
EU = frozenset({"eu"})


def with_endpoints(*names: str, **changes: Any) -> Destination:
    """A place with these endpoints, which every kind of paper can reach."""
    return place(
        endpoints={n: Endpoint(n, covers=EVERY, zdr_eligible=True) for n in names}, **changes
    )


def why(asked: Requirement, there: Destination, *papers: Agreement) -> str:
    return why_not_met(asked, there, papers, TODAY)


# --- one paper -----------------------------------------------------------------------------------

YESTERDAY, TOMORROW = TODAY - DAY, TODAY + DAY
ENDED: dict[str, Any] = {"until": YESTERDAY}
AHEAD: dict[str, Any] = {"valid_from": TOMORROW}


@pytest.mark.parametrize(
    "papers",
    [
        [paper()],
        [paper("DPA"), paper(party="others"), paper("BAA", "other"), paper()],
        [paper(valid_from=TODAY)],
        [paper(until=TODAY)],
        [paper("BAA", "personal", "phi")],
        [paper(**ENDED), paper(**AHEAD), paper()],
    ],
)
def test_a_paper_in_force_is_all_that_is_asked_for(papers: list[Agreement]) -> None:
    assert why(requirement(), place(), *papers) == ""


@pytest.mark.parametrize(
    ("papers", "said"),
    [
        ([], "no BAA with acme covers `phi`"),
        ([paper("DPA")], "no BAA with acme covers `phi`"),
        ([paper(party="others")], "no BAA with acme covers `phi`"),
        ([paper("BAA", "personal")], "no BAA with acme covers `phi`"),
        ([paper("BAA", "personal"), paper("DPA", "phi")], "no BAA with acme covers `phi`"),
        (
            [paper(region="us")],
            "the BAA with acme is not about this endpoint of `there` in an unknown region",
        ),
        (
            [paper(endpoints=("files",)), paper(region="us")],
            "the BAA with acme is not about this endpoint of `there` in an unknown region",
        ),
        (
            [paper(**ENDED)],
            "the BAA with acme is not in force on 2026-06-01: it ended on 2026-05-31",
        ),
        (
            [paper(until=TODAY - 5 * DAY), paper(**ENDED), paper(until=TODAY - 4 * DAY)],
            "the BAA with acme is not in force on 2026-06-01: it ended on 2026-05-31",
        ),
        (
            [paper(**AHEAD)],
            "the BAA with acme is not in force on 2026-06-01: it begins on 2026-06-02",
        ),
        (
            [paper(valid_from=TODAY + 5 * DAY), paper(**AHEAD), paper(valid_from=TODAY + 4 * DAY)],
            "the BAA with acme is not in force on 2026-06-01: it begins on 2026-06-02",
        ),
        (
            [paper(**AHEAD), paper(**ENDED)],
            "the BAA with acme is not in force on 2026-06-01: it ended on 2026-05-31",
        ),
        (
            [paper("BAA", "personal"), paper(**ENDED)],
            "the BAA with acme is not in force on 2026-06-01: it ended on 2026-05-31",
        ),
        ([paper("BAA", "personal", **ENDED)], "no BAA with acme covers `phi`"),
    ],
)
def test_a_paper_that_is_missing_or_other_or_over_is_told(
    papers: list[Agreement], said: str
) -> None:
    assert why(requirement(), place(), *papers) == said


def test_every_class_needs_a_paper_and_two_papers_can_share_them() -> None:
    both = requirement(classes=("phi", "personal"))
    assert why(both, place(), paper("BAA", "phi"), paper("BAA", "personal")) == ""
    assert why(both, place(), paper("BAA", "phi")) == "no BAA with acme covers `personal`"
    assert why(both, place(), paper("BAA", "personal")) == "no BAA with acme covers `phi`"


# --- what a paper can reach ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "changes", "said"),
    [
        (
            "DPA",
            {},
            "no DPA can cover this endpoint of `there`: its facts do not name such a paper",
        ),
        (
            "ZDR",
            {},
            "no ZDR can cover this endpoint of `there`: not eligible for zero data retention",
        ),
        (
            "BAA",
            {"zdr_only": frozenset({"BAA"})},
            "no BAA can cover this endpoint of `there`: not eligible for zero data retention",
        ),
        ("BAA", {"zdr_only": frozenset({"DPA"})}, ""),
        ("BAA", {"zdr_only": frozenset({"BAA"}), "covers": EVERY}, ""),
        ("ZDR", {"covers": EVERY}, ""),
        (
            "RESIDENCY",
            {"covers": EVERY},
            "no RESIDENCY can cover this endpoint of `there`: "
            "not known to keep what is sent within a region",
        ),
        ("RESIDENCY", {"covers": EVERY, "region": "eu"}, ""),
    ],
)
def test_what_a_paper_of_a_kind_can_reach_at_all(
    kind: str, changes: dict[str, Any], said: str
) -> None:
    held = [paper(kind, region="eu" if kind == "RESIDENCY" else "")]
    assert why(requirement(kind), place(**changes), *held) == said
    (reached,) = reach(held, place(**changes), TODAY)
    assert reached == Reach(held[0], "", said)


@pytest.mark.parametrize(
    ("kind", "about", "reached"),
    [
        ("BAA", {}, True),
        ("BAA", {"region": "eu"}, True),
        ("BAA", {"region": "us"}, False),
        ("BAA", {"endpoints": ("uploads", "files")}, True),
        ("BAA", {"endpoints": ("uploads",)}, False),
        ("BAA", {"endpoints": ("files",), "region": "us"}, False),
        ("RESIDENCY", {"region": "eu"}, True),
        ("RESIDENCY", {"region": "us"}, False),
        ("RESIDENCY", {}, False),
    ],
)
def test_a_paper_reaches_the_endpoint_and_the_region_that_it_is_about(
    kind: str, about: dict[str, Any], reached: bool
) -> None:
    files = Endpoint("files", covers=EVERY, regions=EU)
    there = place(endpoints={"files": files}, region="eu")
    where = "endpoint `files` of `there` in region `eu`"
    said = "" if reached else f"the {kind} with acme is not about {where}"
    assert why(requirement(kind), there, paper(kind, **about)) == said


# --- regions -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("region", "kept", "regions", "said"),
    [
        ("eu", EU, ("eu",), ""),
        ("eu", EU, ("us", "eu"), ""),
        ("eu", EU, ("us",), "what is sent is not kept in `us`"),
        ("eu", EU, ("us", "uk"), "what is sent is not kept in `us` or `uk`"),
        ("eu", frozenset({"us"}), ("eu",), "what is sent is not kept in `eu`"),
        ("", EU, ("eu",), "what is sent is not kept in `eu`"),
    ],
)
def test_data_may_be_in_the_regions_that_are_named_and_no_other(
    region: str, kept: frozenset[str], regions: tuple[str, ...], said: str
) -> None:
    files = Endpoint("files", covers=EVERY, regions=kept)
    there = place(endpoints={"files": files}, region=region)
    expected = f"endpoint `files` of `there`: {said}" if said else ""
    assert why(requirement(regions=regions), there, paper()) == expected


@pytest.mark.parametrize(
    ("region", "kept", "unless_in", "free"),
    [
        ("eu", EU, ("eu",), True),
        ("eu", EU, ("us", "eu"), True),
        ("eu", EU, ("us",), False),
        ("eu", EU, (), False),
        ("eu", frozenset(), ("eu",), False),
        ("", frozenset(), ("eu",), False),
    ],
)
def test_no_paper_is_needed_where_the_data_stays_in_a_region_that_is_excepted(
    region: str, kept: frozenset[str], unless_in: tuple[str, ...], free: bool
) -> None:
    files = Endpoint("files", covers=EVERY, regions=kept)
    there = place(endpoints={"files": files}, region=region)
    said = "" if free else "no BAA with acme covers `phi`"
    assert why(requirement(unless_in=unless_in), there) == said


# --- several endpoints ---------------------------------------------------------------------------


def test_endpoints_with_the_same_fault_are_named_together_in_their_order() -> None:
    there = with_endpoints("uploads", "files", "fine_tuning")
    only = paper(endpoints=("fine_tuning",))
    assert why(requirement(), there, only) == (
        "the BAA with acme is not about endpoints `files`, `uploads` of `there` "
        "in an unknown region"
    )
    assert why(requirement(), there) == "no BAA with acme covers `phi`"


def test_each_fault_is_told_by_itself() -> None:
    good = Endpoint("files", covers=EVERY)
    there = place(endpoints={"uploads": Endpoint("uploads"), "files": good})
    only = paper(endpoints=("uploads",))
    assert why(requirement(), there, only) == (
        "the BAA with acme is not about endpoint `files` of `there` in an unknown region; "
        "no BAA can cover endpoint `uploads` of `there`: its facts do not name such a paper"
    )


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        (("files",), "endpoint `files`"),
        (("files", "uploads"), "endpoints `files`, `uploads`"),
        (("files", "elsewhere"), "endpoint `files`"),
        (("elsewhere",), "endpoints `files`, `uploads`"),
        ((), "endpoints `files`, `uploads`"),
    ],
)
def test_endpoints_that_are_asked_about_count_and_all_where_none_of_them_is_there(
    asked: tuple[str, ...], named: str
) -> None:
    there = with_endpoints("files", "uploads")
    said = f"the BAA with acme is not about {named} of `there` in an unknown region"
    assert why(requirement(endpoints=asked), there, paper(endpoints=("nowhere",))) == said


# --- the reason, and what `destinations check` tells ---------------------------------------------


def test_a_requirement_in_vain_is_a_reason_with_what_was_found() -> None:
    spot = Place(2, "/text", 0, 9)
    asked = requirement("DPA", when=Count(frozenset({"SSN"}), 3), because="Art. 28(3)")
    late = rule(Count(frozenset({"SSN"}), 100))
    policies = (policy(late, requires=(requirement(when=Count(frozenset({"CARD"}))), asked)),)
    covers = {"destination": place(covers=EVERY)}
    made = decided(found(3, places={("SSN", LIKELY): (spot,)}), policies=policies, **covers)
    assert made.reasons == (
        Reason(
            "ours",
            "requires-dpa",
            "Art. 28(3): no DPA with acme covers `phi`",
            "p.yaml:2:3",
            Route.ON_PREM,
            3,
            3,
            (Where("a.jsonl", "SSN", spot),),
        ),
    )
    assert decided(found(2), policies=policies, **covers).reasons == ()
    assert decided(found(3), policies=policies, agreements=[paper("DPA")], **covers).reasons == ()


def test_the_day_of_the_decision_is_that_of_the_paper() -> None:
    policies = (policy(rule(Count(frozenset({"SSN"}), 9)), requires=(requirement(),)),)
    ends = paper(until=TODAY)
    assert decided(found(1), policies=policies, agreements=[ends]).route is Route.ALLOW
    after = decided(found(1), policies=policies, agreements=[ends], today=TODAY + DAY)
    assert after.route is Route.ON_PREM


def test_reach_is_told_of_every_paper_with_the_party_and_every_endpoint_in_order() -> None:
    there = with_endpoints("uploads", "files")
    first, second = paper("BAA", "phi", "personal"), paper("DPA", endpoints=("files",))
    told = reach([second, first, paper(party="others"), second], there, TODAY)
    unreached = "the DPA with acme is not about endpoint `uploads` of `there` in an unknown region"
    assert told == (
        Reach(first, "files", ""),
        Reach(first, "uploads", ""),
        Reach(second, "files", ""),
        Reach(second, "uploads", unreached),
    )
    over = "the BAA with acme is not in force on 2026-07-02: it ended on 2026-07-01"
    assert {r.why_not for r in reach([first], there, first.until + DAY)} == {over}
