"""Why a destination is closed on a day: each reason to the letter, and their order."""

from __future__ import annotations

from typing import Any

import pytest

from gatekeeper.decide import why_all_closed, why_closed
from gatekeeper.model import Endpoint, Fact
from tests.decide.kit import DAY, TODAY, place

OLD = TODAY - 91 * DAY


def ago(days: int, key: str = "terms", source: str = "their terms", **more: Any) -> Fact:
    return Fact(key, source, TODAY - days * DAY, **more)


CLOSED = [
    (
        {"base_url": ""},
        "destination `there` is a template without a base_url: "
        "a file of yours that says `extends: there` gives it one",
    ),
    ({"opens": TODAY + DAY}, "destination `there` opens on 2026-06-02"),
    ({"closes": TODAY}, "destination `there` closed on 2026-06-01"),
    ({"closes": TODAY - DAY}, "destination `there` closed on 2026-05-31"),
    (
        {"closes": TODAY, "closes_because": "no new jobs"},
        "destination `there` closed on 2026-06-01: no new jobs",
    ),
    (
        {"endpoints": {"files": Endpoint("files", opens=TODAY + DAY)}},
        "endpoint `files` of `there` opens on 2026-06-02",
    ),
    (
        {"endpoints": {"files": Endpoint("files", closes=TODAY, closes_because="it moved")}},
        "endpoint `files` of `there` closed on 2026-06-01: it moved",
    ),
    (
        {"as_of": TODAY + DAY},
        "facts of destination `there` are dated 2026-06-02, after today",
    ),
    (
        {"as_of": OLD},
        "facts of destination `there` are stale: as of 2026-03-02, older than 90 days",
    ),
    (
        {"stated": (ago(1, source="ask them", known=False),)},
        "fact `terms` of destination `there` is not known (ask them)",
    ),
    (
        {"stated": (ago(3), ago(-1))},
        "facts of destination `there` are dated 2026-06-02, after today: `terms` from their terms",
    ),
    (
        {"stated": (ago(-1, "z"), ago(-3, "a"), ago(-3, "b"), ago(-2, "y"))},
        "facts of destination `there` are dated 2026-06-04, after today: `b` from their terms",
    ),
    (
        {"stated": (ago(3, until=TODAY - DAY), ago(3, until=TODAY))},
        "facts of destination `there` held until 2026-05-31 only: `terms` from their terms",
    ),
    (
        {
            "stated": (
                ago(9, "a", until=TODAY - DAY),
                ago(9, "c", until=TODAY - 3 * DAY),
                ago(9, "b", until=TODAY - 3 * DAY),
            )
        },
        "facts of destination `there` held until 2026-05-29 only: `b` from their terms",
    ),
    (
        {"stated": (ago(91), ago(90), ago(0))},
        "facts of destination `there` are stale: as of 2026-03-02, older than 90 days: "
        "`terms` from their terms",
    ),
    (
        {"stated": (ago(91, "a"), ago(93, "c"), ago(93, "b"))},
        "facts of destination `there` are stale: as of 2026-02-28, older than 90 days: "
        "`b` from their terms, and 2 more",
    ),
    (
        {"stated": (ago(92), ago(91)), "max_age_days": 91},
        "facts of destination `there` are stale: as of 2026-03-01, older than 91 days: "
        "`terms` from their terms",
    ),
    (
        {"stated": (ago(91, "", "the file there.yaml"), ago(91, "z"))},
        "facts of destination `there` are stale: as of 2026-03-02, older than 90 days: "
        "the file from the file there.yaml, and 1 more",
    ),
    (
        {"stated": (ago(91, source=""),)},
        "facts of destination `there` are stale: as of 2026-03-02, older than 90 days",
    ),
]


@pytest.mark.parametrize(("changes", "why"), CLOSED)
def test_a_door_says_why_it_is_closed(changes: dict[str, Any], why: str) -> None:
    assert why_all_closed(place(**changes), TODAY) == (why,)
    assert why_closed(place(**changes), TODAY) == why


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"opens": TODAY, "closes": TODAY + DAY},
        {"as_of": TODAY},
        {"as_of": TODAY - 90 * DAY},
        {"as_of": OLD, "stated": (ago(0), ago(90))},
        {"stated": (ago(3, until=TODAY),)},
        {"endpoints": {"files": Endpoint("files", opens=TODAY, closes=TODAY + DAY)}},
    ],
)
def test_a_door_is_open_on_its_first_and_last_day(changes: dict[str, Any]) -> None:
    assert why_all_closed(place(**changes), TODAY) == ()
    assert why_closed(place(**changes), TODAY) == ""


def test_every_reason_is_told_in_a_fixed_order_and_the_first_alone_where_one_is_asked_for() -> None:
    endpoint = Endpoint("files", opens=TODAY + DAY, closes=TODAY)
    shut = place(
        base_url="",
        opens=TODAY + 2 * DAY,
        closes=TODAY - DAY,
        stated=(
            ago(-1, "ahead"),
            ago(3, "over", until=TODAY - DAY),
            ago(91, "old"),
            ago(3, "open", "ask", known=False),
            ago(3, "also", "ask", known=False),
        ),
        endpoints={"uploads": Endpoint("uploads", closes=TODAY), "files": endpoint},
    )
    every = why_all_closed(shut, TODAY)
    starts = [
        "destination `there` is a template",
        "destination `there` opens on 2026-06-03",
        "destination `there` closed on 2026-05-31",
        "fact `open` of destination `there` is not known (ask)",
        "fact `also` of destination `there` is not known (ask)",
        "facts of destination `there` are dated",
        "facts of destination `there` held until",
        "facts of destination `there` are stale",
        "endpoint `files` of `there` opens on 2026-06-02",
        "endpoint `files` of `there` closed on 2026-06-01",
        "endpoint `uploads` of `there` closed on 2026-06-01",
    ]
    assert [why[: len(start)] for why, start in zip(every, starts, strict=True)] == starts
    assert why_closed(shut, TODAY) == every[0]
