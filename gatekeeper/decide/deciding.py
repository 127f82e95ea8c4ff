"""The decision itself: every law of the gate, every rule and every requirement, strictest first.

Pure, total and order-independent (DESIGN law 5); deny-overrides: the strictest reason wins. More
evidence or more policies can only tighten the route (law 4).

ALLOW is what is left when nothing speaks against it (law 1), and these speak against it besides the
rules: no rule was evaluated, no record was read, a byte was not scanned, the destination is closed
or its facts are stale, an entity was not proved detectable, a required agreement is missing.
"""

from __future__ import annotations

import datetime
import fnmatch
from collections.abc import Iterable, Iterator, Sequence

from gatekeeper.decide.conditions import match
from gatekeeper.decide.doors import why_all_closed
from gatekeeper.decide.papers import unmet
from gatekeeper.model import (
    Agreement,
    Attestation,
    Coverage,
    Decision,
    Destination,
    Evidence,
    Policy,
    Reason,
    Route,
    Rule,
    Tally,
    Waiver,
    digest_of,
)

THE_GATE = "gatekeeper"
"""The `policy` of a reason that is a law of the gate itself."""

STOPPED = "not-read-to-the-end"
"""The rule by which partial counts allow nothing."""


def decide(
    policies: Iterable[Policy],
    evidence: Evidence,
    destination: Destination,
    attestation: Attestation,
    *,
    agreements: Iterable[Agreement] = (),
    waivers: Iterable[Waiver] = (),
    today: datetime.date,
) -> Decision:
    """The route for `evidence` under `policies` on the day `today`, with every reason.

    The order of policies, agreements and waivers, and repetitions among them, do not matter.
    """
    in_order = sorted(
        {(p.id, p.digest): p for p in policies}.values(), key=lambda p: (p.id, p.digest)
    )
    papers = sorted(set(agreements), key=repr)
    set_aside = sorted(set(waivers), key=repr)
    reasons = [
        *_laws_of_the_gate(in_order, evidence, destination, today),
        *(r for p in in_order for r in _of_policy(p, evidence, attestation, set_aside, today)),
        *(r for p in in_order for r in unmet(p, evidence, destination, papers, today)),
    ]
    reasons.sort(key=lambda r: (bool(r.waived_by), -r.route, r.policy, r.rule, r.at))
    return Decision(
        route=max((r.route for r in reasons if not r.waived_by), default=Route.ALLOW),
        reasons=tuple(reasons),
        coverage=Coverage.of(evidence),
        destination=destination.name,
        host=destination.host,
        date=today.isoformat(),
        subjects=tuple(digest for digest, _ in evidence),
        policies=tuple(p.id for p in in_order),
        digests={
            "evidence": evidence.digest,
            "policies": digest_of([[p.id, p.digest] for p in in_order]),
            "destination": destination.digest,
            "agreements": digest_of([repr(a) for a in papers]),
            "waivers": digest_of([repr(w) for w in set_aside]),
            "detector": attestation.fingerprint,
        },
    )


# --- the gate's own laws ---------------------------------------------------------------------


def _laws_of_the_gate(
    policies: Sequence[Policy], evidence: Evidence, destination: Destination, today: datetime.date
) -> Iterator[Reason]:
    if not any(p.rules for p in policies):
        yield _law("nothing-evaluated", "no policy rule was evaluated", Route.ON_PREM)
    if not any(t.records for _, t in evidence):
        yield _law(
            "nothing-read", "no record was read: nothing checked is not clean", Route.ON_PREM
        )
    opaque = sum(t.opaque_count for _, t in evidence)
    if opaque:
        because = "images, audio and attached files cannot be looked into"
        yield _law("opaque-content", because, Route.ON_PREM, opaque)
    if any(t.bytes_left for _, t in evidence):
        because = "reading was stopped early: what was not read is not clean"
        yield _law(STOPPED, because, Route.ON_PREM)
    for because in why_all_closed(destination, today):
        yield _law("destination-closed", because, Route.ON_PREM)


def _law(rule: str, because: str, route: Route, count: int = 0) -> Reason:
    return Reason(THE_GATE, rule, because, "", route, count, 1 if count else 0)


def strictest_route(policies: Iterable[Policy]) -> Route:
    """The strictest route that `policies` could ever give, whatever the evidence."""
    return max(
        (route for p in policies for route in (p.unscanned, *(r.route for r in p.rules))),
        default=Route.ON_PREM,
    )


# --- rules -----------------------------------------------------------------------------------


def _of_policy(
    policy: Policy,
    evidence: Evidence,
    attestation: Attestation,
    waivers: Sequence[Waiver],
    today: datetime.date,
) -> Iterator[Reason]:
    refused = sum(_refused(t) for _, t in evidence)
    if refused:
        because = "part of the dataset could not be scanned"
        yield Reason(policy.id, "unscanned", because, policy.path, policy.unscanned, refused, 1)
    unproved = policy.entities - attestation.entities
    if unproved:
        because = f"the detector has not proved that it finds {', '.join(sorted(unproved))}"
        yield Reason(
            policy.id, "not-attested", because, policy.path, policy.unscanned, len(unproved), 1
        )
    for rule in policy.rules:
        reason = _apply(policy, rule, evidence, waivers, today)
        if reason:
            yield reason


def _refused(tally: Tally) -> int:
    """Refusals in `tally`; bytes that went missing without one count as one (law 2)."""
    return tally.refused_count or int(tally.bytes_unscanned > 0 and not tally.opaque_count)


def _apply(
    policy: Policy,
    rule: Rule,
    evidence: Evidence,
    waivers: Sequence[Waiver],
    today: datetime.date,
) -> Reason | None:
    tallies = [t for _, t in evidence]
    held = match(rule.when, tallies)
    if held is None:
        return None
    named = [w for w in waivers if (w.policy, w.rule) == (policy.id, rule.id)]
    active = [w for w in named if today <= w.until]
    waived_by = ""
    if active:
        rest = [t for t in tallies if not _is_waived(t, active)]
        left = match(rule.when, rest)
        if left is None:
            waived_by = "; ".join(_in_words(w) for w in active)
        else:
            held = left
    because = rule.because
    expired = [w for w in named if w not in active]
    if expired and not waived_by:
        because += "; " + "; ".join(f"the waiver of {w.owner} ended on {w.until}" for w in expired)
    return Reason(
        policy.id,
        rule.id,
        because,
        rule.at,
        rule.route,
        held.count,
        held.at_least,
        held.where,
        waived_by,
        rule.must,
    )


def _is_waived(tally: Tally, waivers: Sequence[Waiver]) -> bool:
    """Whether every source of `tally` is under some waiver: one that is not keeps the rule on."""
    return bool(tally.sources) and all(
        any(fnmatch.fnmatchcase(source, w.dataset) for w in waivers) for source in tally.sources
    )


def _in_words(waiver: Waiver) -> str:
    return f"{waiver.owner} until {waiver.until}: {waiver.because} ({waiver.at})"
