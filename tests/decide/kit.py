"""A policy of few rules, a clean tally, and what is decided on them."""

from __future__ import annotations

import datetime
from typing import Any

from gatekeeper.decide import decide
from gatekeeper.model import (
    Agreement,
    Attestation,
    Condition,
    Confidence,
    Count,
    Decision,
    Destination,
    Evidence,
    Policy,
    Reason,
    Requirement,
    Route,
    Rule,
    Tally,
)

TODAY = datetime.date(2026, 6, 1)
DAY = datetime.timedelta(days=1)
POSSIBLE, LIKELY, CERTAIN = Confidence
PROVED = Attestation("sha256:detector", frozenset({"SSN", "NAME", "CARD", "DRUG"}))


def tally(*sources: str, **changes: Any) -> Tally:
    """Ten clean records."""
    known = {"bytes_seen": 100, "bytes_unscanned": 0, "records": 10, **changes}
    return Tally(frozenset(sources or ("a.jsonl",)), **known)


def found(number: int, *sources: str, entity: str = "SSN", **changes: Any) -> Tally:
    """So many findings of one entity."""
    return tally(*sources, counts={(entity, "/text", LIKELY): number}, **changes)


def rule(when: Condition | None = None, **changes: Any) -> Rule:
    known = {"id": "ssn", "because": "the clause", "route": Route.ON_PREM, "at": "p.yaml:3:5"}
    return Rule(when=when or Count(frozenset({"SSN"})), **{**known, **changes})


def policy(*rules: Rule, **changes: Any) -> Policy:
    known = {"id": "ours", "version": 1, "title": "t", "source": "s", "path": "p.yaml"}
    return Policy(**{**known, "digest": "sha256:p", "rules": rules, **changes})


def requirement(kind: str = "BAA", **changes: Any) -> Requirement:
    known = {"classes": ("phi",), "because": "the clause", "at": "p.yaml:2:3"}
    return Requirement(kind, **{"when": Count(frozenset({"SSN"})), **known, **changes})


def place(**changes: Any) -> Destination:
    """A destination that is open, and that a BAA can reach."""
    known = {
        "name": "there",
        "title": "t",
        "party": "acme",
        "base_url": "https://llm.example.com/v1",
        "host": "llm.example.com",
        "as_of": TODAY - 10 * DAY,
        "max_age_days": 90,
        "digest": "sha256:there",
        "covers": frozenset({"BAA"}),
    }
    return Destination(**{**known, **changes})


def paper(kind: str = "BAA", *covers: str, **changes: Any) -> Agreement:
    """With the party of the place, and in force."""
    known = {"party": "acme", "valid_from": TODAY - 30 * DAY, "until": TODAY + 30 * DAY}
    return Agreement(kind=kind, covers=covers or ("phi",), **{**known, **changes})


def decided(*tallies: Tally, policies: tuple[Policy, ...] = (), **changes: Any) -> Decision:
    known = {"destination": place(), "attestation": PROVED, "today": TODAY}
    evidence = Evidence({f"sha256:{n}": t for n, t in enumerate(tallies)})
    return decide(policies or (policy(rule()),), evidence, **{**known, **changes})


def held(when: Condition, *tallies: Tally) -> Reason | None:
    """What a rule with this condition says about these tallies; None where it does not hold."""
    reasons = decided(*tallies, policies=(policy(rule(when)),)).reasons
    return next((r for r in reasons if r.rule == "ssn"), None)
