"""What agreements unlock, held against the clauses: every combination, not some.

The tables in `tests/policy/truth/` are what is decided. The oracle below was written from the
clauses, not from the code: for every kind of paper it lists what makes a transfer lawful
(`UNLOCKS`), and what forbids it (`FORBIDS`); each combination must be in exactly one of the two.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.policy.truth_table import FOLDER, TABLES, Row, rendered

Pattern = Mapping[str, str | tuple[str, ...]]
"""Column → the values that it may have; any in a column that is not named."""

IN_FORCE = ("first", "within", "last")
ABOUT_IT = ("all", "this")

UNLOCKS: list[tuple[str, Pattern]] = [
    (
        "45 CFR 164.502(e)(1)(i): PHI may go to a business associate that gives assurance of it",
        {
            "kind": "BAA", "paper": "signed", "about": ABOUT_IT, "place": ("any", "here"),
            "day": IN_FORCE, "named": "yes", "bound": "no",
        },
    ),
    (
        "45 CFR 164.502(e)(1)(i): where its BAA is for zero retention only, to what can have it",
        {
            "kind": "BAA", "paper": "signed", "about": ABOUT_IT, "place": ("any", "here"),
            "day": IN_FORCE, "named": "yes", "bound": "yes", "zdr": "yes",
        },
    ),
    (
        "GDPR Art. 28(3): processing by a processor is governed by a contract",
        {
            "kind": "DPA", "paper": "signed", "about": ABOUT_IT, "place": ("any", "here"),
            "day": IN_FORCE, "named": "yes", "bound": "no",
        },
    ),
    (
        "GDPR Art. 28(3): and where that contract is for zero retention only, where it can be had",
        {
            "kind": "DPA", "paper": "signed", "about": ABOUT_IT, "place": ("any", "here"),
            "day": IN_FORCE, "named": "yes", "bound": "yes", "zdr": "yes",
        },
    ),
    (
        "GDPR Art. 46(2)(c): a transfer under standard data protection clauses",
        {
            "kind": "SCC", "paper": "signed", "about": ABOUT_IT, "place": ("any", "here"),
            "day": IN_FORCE, "named": "yes", "bound": "no",
        },
    ),
    (
        "GDPR Art. 46(2)(c): and where those are for zero retention only, where it can be had",
        {
            "kind": "SCC", "paper": "signed", "about": ABOUT_IT, "place": ("any", "here"),
            "day": IN_FORCE, "named": "yes", "bound": "yes", "zdr": "yes",
        },
    ),
    (
        "The party's own terms of zero data retention: an endpoint that is eligible",
        {
            "kind": "ZDR", "paper": "signed", "about": ABOUT_IT, "place": ("any", "here"),
            "day": IN_FORCE, "named": "yes", "zdr": "yes",
        },
    ),
    (
        "A residency addendum names the region, and the endpoint keeps what is sent there",
        {
            "kind": "RESIDENCY", "paper": "signed", "about": ABOUT_IT, "place": "here",
            "day": IN_FORCE, "named": "yes", "kept": "here", "bound": "no",
        },
    ),
    (
        "A residency addendum for zero retention only, at an endpoint that is eligible",
        {
            "kind": "RESIDENCY", "paper": "signed", "about": ABOUT_IT, "place": "here",
            "day": IN_FORCE, "named": "yes", "kept": "here", "bound": "yes", "zdr": "yes",
        },
    ),
]  # fmt: skip

FORBIDS: list[tuple[str, Pattern]] = [
    (
        "45 CFR 164.502(e)(2): the assurance is documented in a contract; GDPR Art. 28(3): by a "
        "contract; Art. 46(1): only with safeguards. Nothing is signed, or something else",
        {"paper": ("none", "other-kind")},
    ),
    (
        "45 CFR 164.502(e)(1)(i), GDPR Art. 28(3): the contract is with who gets the data",
        {"paper": "other-party"},
    ),
    (
        "45 CFR 164.504(e)(2)(i): the contract sets out the permitted uses; GDPR Art. 28(3): the "
        "type of personal data. These data are not in it",
        {"paper": "other-class"},
    ),
    (
        "45 CFR 164.504(e)(2)(i), GDPR Art. 28(3): its subject-matter is another service",
        {"about": "other"},
    ),
    (
        "45 CFR 164.504(e)(2)(ii)(J): nothing is held after it ends; GDPR Art. 28(3): its duration",
        {"day": ("day-before", "day-after")},
    ),
    ("GDPR Art. 44: the paper is about a transfer to another place", {"place": "elsewhere"}),
    ("The party's terms do not name the endpoint for such a paper", {"named": "no"}),
    ("Nothing but an eligible endpoint is without retention", {"kind": "ZDR", "zdr": "no"}),
    (
        "OpenAI's BAA, help centre 8660679: only endpoints eligible for zero data retention",
        {"bound": "yes", "zdr": "no"},
    ),
    ("A residency addendum that names no region", {"kind": "RESIDENCY", "place": "any"}),
    (
        "GDPR Art. 44: what is sent there may leave the region, whatever the addendum says",
        {"kind": "RESIDENCY", "kept": "no"},
    ),
]

REVIEWED: list[tuple[str, str, Row, str]] = [
    (
        "45 CFR 164.502(e): a BAA in force that reaches the endpoint lets PHI go",
        "papers",
        {"kind": "BAA", "paper": "signed", "about": "all", "place": "any", "day": "within",
         "named": "yes", "zdr": "no", "bound": "no", "kept": "no"},
        "allow",
    ),
    (
        "45 CFR 164.502(e): OpenAI's BAA at its fine-tuning endpoints, which cannot have ZDR",
        "papers",
        {"kind": "BAA", "paper": "signed", "about": "all", "place": "any", "day": "within",
         "named": "yes", "zdr": "no", "bound": "yes", "kept": "no"},
        "on_prem",
    ),
    (
        "45 CFR 164.502(e)(2): no BAA",
        "papers",
        {"kind": "BAA", "paper": "none", "about": "-", "place": "-", "day": "-",
         "named": "yes", "zdr": "yes", "bound": "no", "kept": "here"},
        "on_prem",
    ),
    (
        "45 CFR 164.504(e)(2)(i): a BAA about other data",
        "papers",
        {"kind": "BAA", "paper": "other-class", "about": "-", "place": "-", "day": "-",
         "named": "yes", "zdr": "yes", "bound": "no", "kept": "here"},
        "on_prem",
    ),
    (
        "45 CFR 164.504(e)(2)(ii)(J): the day after the BAA ended",
        "papers",
        {"kind": "BAA", "paper": "signed", "about": "all", "place": "any", "day": "day-after",
         "named": "yes", "zdr": "yes", "bound": "no", "kept": "here"},
        "on_prem",
    ),
    (
        "45 CFR 164.504(e): a BAA for the Files API alone does not reach the job",
        "endpoints",
        {"files": "reachable", "fine_tuning": "reachable", "asked": "all", "paper": "files"},
        "on_prem",
    ),
    (
        "45 CFR 164.502(e): one endpoint out of reach is enough",
        "endpoints",
        {"files": "reachable", "fine_tuning": "barred", "asked": "all", "paper": "all"},
        "on_prem",
    ),
    (
        "GDPR Art. 28(3): a contract on its last day",
        "papers",
        {"kind": "DPA", "paper": "signed", "about": "all", "place": "any", "day": "last",
         "named": "yes", "zdr": "no", "bound": "no", "kept": "no"},
        "allow",
    ),
    (
        "GDPR Art. 28(3): a contract that begins tomorrow",
        "papers",
        {"kind": "DPA", "paper": "signed", "about": "all", "place": "any", "day": "day-before",
         "named": "yes", "zdr": "no", "bound": "no", "kept": "no"},
        "on_prem",
    ),
    (
        "GDPR Art. 28(3): a contract with somebody else",
        "papers",
        {"kind": "DPA", "paper": "other-party", "about": "-", "place": "-", "day": "-",
         "named": "yes", "zdr": "no", "bound": "no", "kept": "no"},
        "on_prem",
    ),
    (
        "GDPR Art. 44: kept in the Union, nothing is transferred and no clauses are needed",
        "places",
        {"in": "-", "unless_in": "eu", "region": "eu", "kept": "yes", "paper": "none"},
        "allow",
    ),
    (
        "GDPR Art. 44: stored in the Union and processed anywhere is a transfer",
        "places",
        {"in": "-", "unless_in": "eu", "region": "eu", "kept": "no", "paper": "none"},
        "on_prem",
    ),
    (
        "GDPR Art. 45, 46: nobody knows where it is kept: clauses are needed",
        "places",
        {"in": "-", "unless_in": "eu", "region": "unknown", "kept": "yes", "paper": "none"},
        "on_prem",
    ),
    (
        "GDPR Art. 46(2)(c): and are enough",
        "places",
        {"in": "-", "unless_in": "eu", "region": "unknown", "kept": "yes", "paper": "signed"},
        "allow",
    ),
    (
        "GDPR Art. 46: standard clauses are no contract with a processor (Art. 28)",
        "papers",
        {"kind": "DPA", "paper": "other-kind", "about": "-", "place": "-", "day": "-",
         "named": "yes", "zdr": "yes", "bound": "no", "kept": "here"},
        "on_prem",
    ),
]  # fmt: skip


def table(name: str) -> list[Row]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def matches(row: Row, pattern: Pattern) -> bool:
    wanted = {k: (v,) if isinstance(v, str) else v for k, v in pattern.items()}
    return all(row[column] in values for column, values in wanted.items())


@pytest.mark.parametrize("name", sorted(TABLES))
def test_the_committed_table_is_what_is_decided(name: str) -> None:
    committed = (FOLDER / f"{name}.csv").read_text(encoding="utf-8")
    assert committed == rendered(name), "run `make truth-table`, and review what changed"


def test_what_unlocks_and_what_forbids_are_told_apart_by_the_clauses() -> None:
    wrong = []
    for row in table("papers"):
        unlocked = [c for c, p in UNLOCKS if matches(row, p)]
        forbidden = [c for c, p in FORBIDS if matches(row, p)]
        if bool(unlocked) is bool(forbidden) or (row["route"] == "allow") is not bool(unlocked):
            wrong.append((row, unlocked, forbidden))
    assert wrong == []


def test_every_clause_of_the_oracle_has_combinations_of_its_own() -> None:
    """Without it some combination would be unlocked by nothing, or forbidden by nothing."""
    rows = table("papers")
    for clauses in (UNLOCKS, FORBIDS):
        alone: Counter[str] = Counter()
        for row in rows:
            held = [c for c, p in clauses if matches(row, p)]
            if len(held) == 1:
                alone[held[0]] += 1
        assert [c for c, _ in clauses if not alone[c]] == []


@pytest.mark.parametrize(("clause", "name", "row", "route"), REVIEWED, ids=lambda v: str(v)[:60])
def test_rows_that_counsel_would_ask_for(clause: str, name: str, row: Row, route: str) -> None:
    (found,) = [r for r in table(name) if matches(r, row)]
    assert found["route"] == route, clause


OPEN = {
    "open", "opens-today", "closes-tomorrow", "endpoint-closes-tomorrow", "facts-of-today",
    "facts-on-their-last-day", "fact-until-today",
}  # fmt: skip
"""The days on which a door is open by the words of its own file: `opens` is the first day, `closes`
the first that is not, `until` the last, and facts hold for 90 days.
"""
NAMES = {
    "opens-tomorrow": ["2026-06-02"],
    "closes-today": ["2026-06-01", "no new jobs"],
    "endpoint-opens-tomorrow": ["`files`", "2026-06-02"],
    "endpoint-closes-today": ["`files`", "2026-06-01"],
    "facts-of-tomorrow": ["`terms`", "their terms", "2026-06-02"],
    "facts-a-day-too-old": ["`terms`", "their terms", "2026-03-02", "90 days"],
    "one-fact-of-two-too-old": ["`terms`", "their terms", "2026-03-02"],
    "fact-until-yesterday": ["`terms`", "a ruling", "2026-05-31"],
    "fact-unknown": ["`terms`", "ask the party"],
    "template": ["base_url", "extends"],
}


@pytest.mark.parametrize("row", table("doors"), ids=lambda r: f"{r['door']}-{r['requirement']}")
def test_a_door_is_open_on_its_days_and_says_date_and_source_when_it_is_not(row: Row) -> None:
    open_ = row["door"] in OPEN
    assert (row["route"] == "allow") is (open_ and row["requirement"] != "unmet")
    assert all(word in row["why"] for word in NAMES.get(row["door"], []))
    assert open_ is (row["door"] not in NAMES)


def test_where_the_data_may_be() -> None:
    for row in table("places"):
        kept = row["region"] if row["kept"] == "yes" and row["region"] != "unknown" else "nowhere"
        excluded = row["in"] not in ("-", kept)
        free = row["unless_in"] == kept
        lawful = not excluded and (free or row["paper"] == "signed")
        assert (row["route"] == "allow") is lawful, row


def test_the_strictest_endpoint_counts() -> None:
    for row in table("endpoints"):
        asked = [row["asked"]] if row["asked"] in ("files", "fine_tuning") else list(BOTH)
        about = [row["paper"]] if row["paper"] in BOTH else list(BOTH)
        lawful = all(row[e] == "reachable" and e in about for e in asked)
        assert (row["route"] == "allow") is lawful, row


BOTH = ("files", "fine_tuning")


def test_the_tables_are_those_of_this_folder_and_not_empty() -> None:
    assert {p.stem for p in Path(FOLDER).glob("*.csv")} == set(TABLES)
    assert Counter(r["route"] for r in table("papers"))["allow"] > 100
