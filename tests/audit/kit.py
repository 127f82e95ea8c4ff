"""A decision, its evidence, and a signer whose home is the test's own."""

from __future__ import annotations

import datetime
from pathlib import Path

from gatekeeper.audit import Receipt, Signer, load_signer, make_receipt
from gatekeeper.model import Confidence, Coverage, Decision, Evidence, Place, Reason, Route, Tally

NOW = datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.timezone.utc)
CONTENT = "sha256:" + "ab" * 32


def evidence() -> Evidence:
    tally = Tally(
        sources=frozenset({"a.jsonl"}),
        bytes_seen=100,
        bytes_unscanned=0,
        records=2,
        counts={("US_SSN", "/text", Confidence.LIKELY): 2},
        places={("US_SSN", Confidence.LIKELY): (Place(0, "/text", 0, 11),)},
    )
    return Evidence({CONTENT: tally})


def decision(route: Route = Route.QUARANTINE, subject: str = CONTENT) -> Decision:
    reason = Reason("hipaa", "ssn", "164.514(b)(2)(i)(G)", "hipaa.yaml:1:1", route, 2, 1)
    return Decision(
        route=route,
        reasons=() if route is Route.ALLOW else (reason,),
        coverage=Coverage(1, 2, 100, 100, 0),
        destination="openai",
        host="api.openai.com",
        date="2026-03-01",
        subjects=(subject,),
        policies=("hipaa",),
        digests={"evidence": evidence().digest, "policies": CONTENT, "detector": CONTENT},
    )


def receipt(home: Path, route: Route = Route.QUARANTINE) -> tuple[Receipt, Signer]:
    signer = load_signer(home)
    made = make_receipt(
        decision(route),
        evidence(),
        signer=signer,
        now=NOW,
        version="0.1.0",
        subjects={"a.jsonl": CONTENT},
    )
    return made, signer
