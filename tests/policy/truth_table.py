"""What decides, for every combination of requirement, agreement, endpoint, region and day.

`python -m tests.policy.truth_table` (`make truth-table`) writes the tables in `truth/` anew. A test
makes them again and compares, and holds them against an oracle that was written from the clauses.
"""

from __future__ import annotations

import csv
import dataclasses
import datetime
import io
import itertools
from collections.abc import Iterator
from pathlib import Path

from gatekeeper.decide import decide
from gatekeeper.model import (
    Agreement,
    Attestation,
    Confidence,
    Count,
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

FOLDER = Path(__file__).parent / "truth"
Row = dict[str, str]

TODAY = datetime.date(2026, 6, 1)
DAY = datetime.timedelta(days=1)
FRESH = datetime.date(2026, 5, 20)
MAX_AGE_DAYS = 90
KINDS = ("BAA", "DPA", "SCC", "ZDR", "RESIDENCY")
NAME = frozenset({"PERSON"})
NOTHING = Rule("never", "c", Count(frozenset({"PRIVATE_KEY"})), Route.ON_PREM, "p.yaml:9:5")
ATTESTED = Attestation("sha256:detector", frozenset({"PERSON", "PRIVATE_KEY"}))
EVIDENCE = Evidence(
    {
        "sha256:x": Tally(
            frozenset({"a.jsonl"}), 100, 0, 9, counts={("PERSON", "/text", Confidence.LIKELY): 1}
        )
    }
)
DAYS = {
    "day-before": (TODAY + DAY, TODAY + 30 * DAY),
    "first": (TODAY, TODAY + 30 * DAY),
    "within": (TODAY - 30 * DAY, TODAY + 30 * DAY),
    "last": (TODAY - 30 * DAY, TODAY),
    "day-after": (TODAY - 30 * DAY, TODAY - DAY),
}
"""Today against the days of the agreement."""


def decided(
    requires: tuple[Requirement, ...],
    destination: Destination,
    papers: tuple[Agreement, ...],
    today: datetime.date = TODAY,
) -> Row:
    """The route for a dataset with a name in it, and why."""
    policy = Policy("p", 1, "t", "s", "p.yaml", "sha256:p", (NOTHING,), requires)
    made = decide([policy], EVIDENCE, destination, ATTESTED, agreements=papers, today=today)
    return {"route": made.route.word, "why": "; ".join(r.because for r in made.reasons)}


def place(*endpoints: Endpoint, **changes: object) -> Destination:
    """An open destination in the region `eu`, with these endpoints."""
    known: dict[str, object] = {
        "name": "there",
        "title": "t",
        "party": "acme",
        "base_url": "https://api.example.com/v1",
        "host": "api.example.com",
        "as_of": FRESH,
        "max_age_days": MAX_AGE_DAYS,
        "digest": "sha256:d",
        "region": "eu",
        "endpoints": {e.name: e for e in endpoints},
        "stated": (Fact("terms", "their terms of May", FRESH),),
    }
    return Destination(**{**known, **changes})  # type: ignore[arg-type]


def needs(kind: str, **more: tuple[str, ...]) -> Requirement:
    return Requirement(kind, ("personal",), Count(NAME), "clause", "p.yaml:3:5", **more)


def paper(kind: str, **changes: object) -> Agreement:
    known: dict[str, object] = {
        "party": "acme",
        "kind": kind,
        "covers": ("personal",),
        "valid_from": TODAY - 30 * DAY,
        "until": TODAY + 30 * DAY,
        "region": "eu" if kind == "RESIDENCY" else "",
    }
    return Agreement(**{**known, **changes})  # type: ignore[arg-type]


# --- papers: one endpoint, one requirement, one paper -------------------------------------------

UNSIGNED = {"paper": "none", "about": "-", "place": "-", "day": "-"}


def papers() -> Iterator[Row]:
    """kind × paper × what it is about × its region × its days × what the endpoint is."""
    held: list[Row] = [
        {**UNSIGNED, "paper": p} for p in ("none", "other-party", "other-kind", "other-class")
    ]
    held += [
        {"paper": "signed", "about": about, "place": where, "day": day}
        for about, where, day in itertools.product(
            ("all", "this", "other"), ("any", "here", "elsewhere"), DAYS
        )
    ]
    for kind, one in itertools.product(KINDS, held):
        for named, zdr, bound, kept in itertools.product(
            ("yes", "no"), ("yes", "no"), ("yes", "no"), ("here", "no")
        ):
            yield {"kind": kind, **one, "named": named, "zdr": zdr, "bound": bound, "kept": kept}


def of_papers(row: Row) -> Row:
    kind = row["kind"]
    endpoint = Endpoint(
        "files",
        covers=frozenset({kind} if row["named"] == "yes" else ()),
        zdr_eligible=row["zdr"] == "yes",
        regions=frozenset({"eu"} if row["kept"] == "here" else ()),
    )
    bound = frozenset({kind} if row["bound"] == "yes" else ())
    held: tuple[Agreement, ...] = ()
    if row["paper"] == "other-party":
        held = (paper(kind, party="others"),)
    elif row["paper"] == "other-kind":
        held = tuple(paper(k) for k in KINDS if k != kind)
    elif row["paper"] == "other-class":
        held = (paper(kind, covers=("financial",)),)
    elif row["paper"] == "signed":
        start, end = DAYS[row["day"]]
        held = (
            paper(
                kind,
                valid_from=start,
                until=end,
                endpoints={"all": (), "this": ("files",), "other": ("uploads",)}[row["about"]],
                region={"any": "", "here": "eu", "elsewhere": "us"}[row["place"]],
            ),
        )
    route = decided((needs(kind),), place(endpoint, zdr_only=bound), held)["route"]
    return {"route": route}


# --- doors: dates and facts, with a requirement that is met, unmet or not there -----------------

FILES = Endpoint("files", covers=frozenset({"DPA"}))
DOORS: dict[str, tuple[dict[str, object], datetime.date]] = {
    "open": ({}, TODAY),
    "opens-today": ({"opens": TODAY}, TODAY),
    "opens-tomorrow": ({"opens": TODAY + DAY}, TODAY),
    "closes-tomorrow": ({"closes": TODAY + DAY}, TODAY),
    "closes-today": ({"closes": TODAY, "closes_because": "no new jobs"}, TODAY),
    "endpoint-opens-tomorrow": (
        {"endpoints": {"files": dataclasses.replace(FILES, opens=TODAY + DAY)}},
        TODAY,
    ),
    "endpoint-closes-tomorrow": (
        {"endpoints": {"files": dataclasses.replace(FILES, closes=TODAY + DAY)}},
        TODAY,
    ),
    "endpoint-closes-today": (
        {"endpoints": {"files": dataclasses.replace(FILES, closes=TODAY)}},
        TODAY,
    ),
    "facts-of-today": ({"stated": (Fact("terms", "their terms", TODAY),)}, TODAY),
    "facts-of-tomorrow": ({"stated": (Fact("terms", "their terms", TODAY + DAY),)}, TODAY),
    "facts-on-their-last-day": (
        {"stated": (Fact("terms", "their terms", TODAY - MAX_AGE_DAYS * DAY),)},
        TODAY,
    ),
    "facts-a-day-too-old": (
        {"stated": (Fact("terms", "their terms", TODAY - (MAX_AGE_DAYS + 1) * DAY),)},
        TODAY,
    ),
    "one-fact-of-two-too-old": (
        {
            "stated": (
                Fact("retention", "their pages", FRESH),
                Fact("terms", "their terms", TODAY - (MAX_AGE_DAYS + 1) * DAY),
            )
        },
        TODAY,
    ),
    "fact-until-today": ({"stated": (Fact("terms", "a ruling", FRESH, TODAY),)}, TODAY),
    "fact-until-yesterday": ({"stated": (Fact("terms", "a ruling", FRESH, TODAY - DAY),)}, TODAY),
    "fact-unknown": (
        {"stated": (Fact("terms", "ask the party", FRESH, known=False),)},
        TODAY,
    ),
    "template": ({"base_url": "", "host": ""}, TODAY),
}


def doors() -> Iterator[Row]:
    """Every state of the door × no requirement, one that is met, one that is not."""
    for door, asked in itertools.product(DOORS, ("nothing", "met", "unmet")):
        yield {"door": door, "requirement": asked}


def of_doors(row: Row) -> Row:
    changes, today = DOORS[row["door"]]
    requires = () if row["requirement"] == "nothing" else (needs("DPA"),)
    held = (paper("DPA"),) if row["requirement"] == "met" else ()
    return decided(requires, place(FILES, **changes), held, today)


# --- places: where the data may be, and where no paper is needed --------------------------------


def places() -> Iterator[Row]:
    """`in` × `unless_in` × the region that is known × whether the endpoint keeps it × a paper."""
    names = ("in", "unless_in", "region", "kept", "paper")
    for row in itertools.product(
        ("-", "eu", "us"), ("-", "eu", "us"), ("eu", "unknown"), ("yes", "no"), ("signed", "none")
    ):
        yield dict(zip(names, row, strict=True))


def of_places(row: Row) -> Row:
    endpoint = Endpoint(
        "files",
        covers=frozenset({"SCC"}),
        regions=frozenset({"eu"} if row["kept"] == "yes" else ()),
    )
    asked = needs(
        "SCC",
        regions=() if row["in"] == "-" else (row["in"],),
        unless_in=() if row["unless_in"] == "-" else (row["unless_in"],),
    )
    region = "" if row["region"] == "unknown" else row["region"]
    held = (paper("SCC"),) if row["paper"] == "signed" else ()
    return decided((asked,), place(endpoint, region=region), held)


# --- endpoints: an upload uses several, and the strictest counts --------------------------------


def endpoints() -> Iterator[Row]:
    """What reaches each of two endpoints × which of them are asked about × what the paper is of."""
    names = ("files", "fine_tuning", "asked", "paper")
    for row in itertools.product(
        ("reachable", "barred"),
        ("reachable", "barred"),
        ("all", "files", "fine_tuning", "uploads"),
        ("all", "files", "fine_tuning", "both"),
    ):
        yield dict(zip(names, row, strict=True))


def of_endpoints(row: Row) -> Row:
    both = tuple(
        Endpoint(name, covers=frozenset({"BAA"} if row[name] == "reachable" else ()))
        for name in ("files", "fine_tuning")
    )
    asked = () if row["asked"] == "all" else (row["asked"],)
    about = {"all": (), "both": ("files", "fine_tuning")}.get(row["paper"], (row["paper"],))
    held = (paper("BAA", endpoints=about),)
    return decided((needs("BAA", endpoints=asked),), place(*both), held)


TABLES = {
    "papers": (papers, of_papers),
    "doors": (doors, of_doors),
    "places": (places, of_places),
    "endpoints": (endpoints, of_endpoints),
}


def rows(name: str) -> list[Row]:
    """A table: its combinations, and what is decided on each."""
    combinations, outcome = TABLES[name]
    return [{**row, **outcome(row)} for row in combinations()]


def rendered(name: str) -> str:
    """A table as CSV."""
    made = rows(name)
    text = io.StringIO()
    writer = csv.DictWriter(text, list(made[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(made)
    return text.getvalue()


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for _name in TABLES:
        (FOLDER / f"{_name}.csv").write_text(rendered(_name), encoding="utf-8")
