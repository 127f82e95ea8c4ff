"""The policy decision point: policies × evidence × destination × agreements × date → Decision.

Pure, total and order-independent (DESIGN law 5); deny-overrides: the strictest reason wins. More
evidence or more policies can only tighten the route (law 4). Imports `model` and `errors` alone.

ALLOW is what is left when nothing speaks against it (law 1), and these speak against it besides the
rules: no rule was evaluated, no record was read, a byte was not scanned, the destination is closed
or its facts are stale, an entity was not proved detectable, a required agreement is missing.
"""

from __future__ import annotations

import datetime
import fnmatch
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from gatekeeper.model import (
    Agreement,
    AllOf,
    AnyOf,
    Attestation,
    Condition,
    Confidence,
    Count,
    Coverage,
    Decision,
    Destination,
    Evidence,
    Policy,
    Reason,
    Requirement,
    Route,
    Rule,
    SameRecord,
    Signature,
    Tally,
    Unit,
    Waiver,
    Where,
    digest_of,
)
from gatekeeper.model.pointer import OVERFLOW_FIELD, field_of

PLACES_SHOWN = 20
"""Places a reason names; its count counts all."""

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
        *(r for p in in_order for r in _unmet(p, evidence, destination, papers, today)),
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
    because = why_closed(destination, today)
    if because:
        yield _law("destination-closed", because, Route.ON_PREM)


def _law(rule: str, because: str, route: Route, count: int = 0) -> Reason:
    return Reason(THE_GATE, rule, because, "", route, count, 1 if count else 0)


def strictest_route(policies: Iterable[Policy]) -> Route:
    """The strictest route that `policies` could ever give, whatever the evidence."""
    return max(
        (route for p in policies for route in (p.unscanned, *(r.route for r in p.rules))),
        default=Route.ON_PREM,
    )


def why_closed(destination: Destination, today: datetime.date) -> str:
    """Why `destination` cannot be allowed on the day, or empty."""
    name = destination.name
    if destination.opens and today < destination.opens:
        return f"destination `{name}` opens on {destination.opens}"
    if destination.closes and today >= destination.closes:
        why = f": {destination.closes_because}" if destination.closes_because else ""
        return f"destination `{name}` closed on {destination.closes}{why}"
    age_days = (today - destination.as_of).days
    if age_days < 0:
        return f"facts of destination `{name}` are dated {destination.as_of}, after today"
    if age_days > destination.max_age_days:
        return (
            f"facts of destination `{name}` are stale: as of {destination.as_of}, "
            f"older than {destination.max_age_days} days"
        )
    return ""


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
    match = _match(rule.when, tallies)
    if match is None:
        return None
    named = [w for w in waivers if (w.policy, w.rule) == (policy.id, rule.id)]
    active = [w for w in named if today <= w.until]
    waived_by = ""
    if active:
        rest = [t for t in tallies if not _is_waived(t, active)]
        left = _match(rule.when, rest)
        if left is None:
            waived_by = "; ".join(_in_words(w) for w in active)
        else:
            match = left
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
        match.count,
        match.at_least,
        match.where,
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


def _unmet(
    policy: Policy,
    evidence: Evidence,
    destination: Destination,
    agreements: Sequence[Agreement],
    today: datetime.date,
) -> Iterator[Reason]:
    tallies = [t for _, t in evidence]
    for requirement in policy.requires:
        match = _match(requirement.when, tallies)
        why = match and _why_not_agreed(requirement, destination, agreements, today)
        if match and why:
            yield Reason(
                policy.id,
                f"requires-{requirement.agreement.lower()}",
                f"{requirement.because}: {why}",
                requirement.at,
                Route.ON_PREM,
                match.count,
                match.at_least,
                match.where,
            )


def _why_not_agreed(
    requirement: Requirement,
    destination: Destination,
    agreements: Sequence[Agreement],
    today: datetime.date,
) -> str:
    """Why no agreement meets `requirement` at `destination` on the day, or empty."""
    kind = requirement.agreement
    if kind not in destination.covers:
        return f"no {kind} can cover this endpoint of `{destination.name}`"
    held = [a for a in agreements if (a.party, a.kind) == (destination.party, kind)]
    current = [a for a in held if a.valid_from <= today <= a.until]
    for needed in requirement.classes:
        if not any(needed in a.covers for a in current):
            if held and not current:
                return f"the {kind} with {destination.party} is not in force on {today}"
            return f"no {kind} with {destination.party} covers `{needed}`"
    return ""


# --- conditions ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Match:
    count: int
    at_least: int
    where: tuple[Where, ...]


def _match(condition: Condition, tallies: Sequence[Tally]) -> _Match | None:
    """What of `tallies` makes `condition` hold, or None where it does not."""
    match condition:
        case Count():
            return _match_count(condition, tallies)
        case SameRecord():
            return _match_same_record(condition, tallies)
        case AllOf(parts=parts):
            held = [m for m in (_match(p, tallies) for p in parts) if m]
            return _together(held) if held and len(held) == len(parts) else None
        case AnyOf(parts=parts):
            return next((m for m in (_match(p, tallies) for p in parts) if m), None)


def _together(held: Sequence[_Match]) -> _Match:
    where = sorted({w for m in held for w in m.where}, key=_place_order)
    return _Match(len(held), len(held), tuple(where[:PLACES_SHOWN]))


def _match_count(condition: Count, tallies: Sequence[Tally]) -> _Match | None:
    within = [t for t in tallies if _in_files(t, condition.files)]
    total = sum(_count(condition, t) for t in within)
    if total < condition.at_least:
        return None
    where = _where(condition.entities, condition.confidence, condition.fields, within)
    return _Match(total, condition.at_least, where)


def _count(condition: Count, tally: Tally) -> int:
    findings = sum(
        n
        for (entity, field, confidence), n in tally.counts.items()
        if entity in condition.entities
        and confidence >= condition.confidence
        and _in_fields(field, condition.fields)
    )
    if condition.unit is Unit.FINDINGS:
        return findings
    records = sum(
        n
        for signature, n in tally.signatures.items()
        if any(e in condition.entities and c >= condition.confidence for e, c in signature)
    )
    # Signatures know no fields; with `fields` given, the smaller of two upper bounds serves.
    return min(records, findings) if condition.fields else records


def _match_same_record(condition: SameRecord, tallies: Sequence[Tally]) -> _Match | None:
    within = [t for t in tallies if _in_files(t, condition.files)]
    total = sum(
        n
        for tally in within
        for signature, n in tally.signatures.items()
        if _meets(signature, condition.groups, condition.confidence)
    )
    if total < condition.at_least:
        return None
    entities = frozenset().union(*condition.groups)
    return _Match(total, condition.at_least, _where(entities, condition.confidence, (), within))


def _meets(signature: Signature, groups: Sequence[frozenset[str]], confidence: Confidence) -> bool:
    """Whether every group has an entity of its own in `signature`: one finding is no combination.

    Groups are few (two or three), so trying every choice is cheap.
    """
    present = frozenset(e for e, c in signature if c >= confidence)

    def assign(i: int, free: frozenset[str]) -> bool:
        return i == len(groups) or any(assign(i + 1, free - {e}) for e in groups[i] & free)

    return assign(0, present)


def _in_files(tally: Tally, globs: Sequence[str]) -> bool:
    return not globs or any(fnmatch.fnmatchcase(s, g) for s in tally.sources for g in globs)


def _in_fields(field: str, globs: Sequence[str]) -> bool:
    return not globs or field == OVERFLOW_FIELD or any(fnmatch.fnmatchcase(field, g) for g in globs)


def _where(
    entities: frozenset[str],
    confidence: Confidence,
    fields: Sequence[str],
    tallies: Sequence[Tally],
) -> tuple[Where, ...]:
    places = {
        Where(min(tally.sources), entity, place)
        for tally in tallies
        if tally.sources
        for (entity, tier), kept_places in tally.places.items()
        if entity in entities and tier >= confidence
        for place in kept_places
        if _in_fields(field_of(place.pointer), fields)
    }
    return tuple(sorted(places, key=_place_order)[:PLACES_SHOWN])


def _place_order(where: Where) -> tuple[object, ...]:
    return (where.source, where.place, where.entity)
