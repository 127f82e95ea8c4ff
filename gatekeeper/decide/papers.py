"""Which agreement reaches which endpoint on a day, and what a policy requires in vain.

An agreement reaches an endpoint where the paper and the facts agree: it is with the destination's
party, of the kind that is asked for, about these data classes, this endpoint and this region, and
in force; and the endpoint is one that a paper of this kind can reach at all. What is not said by
both is not reached.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from gatekeeper.decide.conditions import match
from gatekeeper.model import (
    RESIDENCY,
    ZDR,
    Agreement,
    Destination,
    Endpoint,
    Evidence,
    Policy,
    Reason,
    Requirement,
    Route,
)


def unmet(
    policy: Policy,
    evidence: Evidence,
    destination: Destination,
    agreements: Sequence[Agreement],
    today: datetime.date,
) -> Iterator[Reason]:
    """A reason for every requirement of `policy` whose data was found and that is not met."""
    tallies = [t for _, t in evidence]
    for requirement in policy.requires:
        held = match(requirement.when, tallies)
        why = held and why_not_met(requirement, destination, agreements, today)
        if held and why:
            yield Reason(
                policy.id,
                f"requires-{requirement.agreement.lower()}",
                f"{requirement.because}: {why}",
                requirement.at,
                Route.ON_PREM,
                held.count,
                held.at_least,
                held.where,
            )


def why_not_met(
    requirement: Requirement,
    destination: Destination,
    agreements: Iterable[Agreement],
    today: datetime.date,
) -> str:
    """Why `requirement` is not met at `destination` on the day, or empty.

    Every endpoint has to meet it; those that do not are named with the same words together.
    """
    papers = [a for a in agreements if a.party == destination.party]
    about = [e for e in destination.used if e.name in requirement.endpoints]
    missing: dict[str, list[str]] = {}
    for endpoint in about or destination.used:
        why = _why_not_at(requirement, destination, endpoint, papers, today)
        if why:
            missing.setdefault(why, []).append(endpoint.name)
    return "; ".join(why.replace("{where}", _where(names)) for why, names in missing.items())


def _where(names: Sequence[str]) -> str:
    if names == [""]:
        return "this endpoint"
    return f"endpoint{'s' if len(names) > 1 else ''} {', '.join(f'`{n}`' for n in names)}"


def _why_not_at(
    requirement: Requirement,
    destination: Destination,
    endpoint: Endpoint,
    papers: Sequence[Agreement],
    today: datetime.date,
) -> str:
    region = _kept_in(destination, endpoint)
    if requirement.regions and region not in requirement.regions:
        wanted = " or ".join(f"`{r}`" for r in requirement.regions)
        return f"{{where}} of `{destination.name}`: what is sent is not kept in {wanted}"
    if region and region in requirement.unless_in:
        return ""
    return _why_no_paper(
        requirement.agreement, requirement.classes, destination, endpoint, papers, today
    )


def _why_no_paper(
    kind: str,
    classes: Sequence[str],
    destination: Destination,
    endpoint: Endpoint,
    papers: Sequence[Agreement],
    today: datetime.date,
) -> str:
    barred = why_barred(kind, destination, endpoint)
    if barred:
        return f"no {kind} can cover {{where}} of `{destination.name}`{barred}"
    held = [a for a in papers if a.kind == kind]
    reaching = [a for a in held if _is_about(a, destination, endpoint)]
    current = [a for a in reaching if a.valid_from <= today <= a.until]
    for needed in classes:
        if not any(needed in a.covers for a in current):
            return _why_not_covered(kind, needed, destination, held, reaching, today)
    return ""


def why_barred(kind: str, destination: Destination, endpoint: Endpoint) -> str:
    """Why no paper of `kind` can reach `endpoint`: the end of a sentence, empty where one can."""
    if kind in destination.zdr_only | {ZDR} and not endpoint.zdr_eligible:
        return ": not eligible for zero data retention"
    if kind not in endpoint.covers:
        return ": its facts do not name such a paper"
    if kind == RESIDENCY and not _kept_in(destination, endpoint):
        return ": not known to keep what is sent within a region"
    return ""


def _kept_in(destination: Destination, endpoint: Endpoint) -> str:
    """The region that what is sent to `endpoint` does not leave; empty where none is promised."""
    return destination.region if destination.region in endpoint.regions else ""


def _is_about(agreement: Agreement, destination: Destination, endpoint: Endpoint) -> bool:
    if agreement.endpoints and endpoint.name not in agreement.endpoints:
        return False
    if agreement.kind == RESIDENCY and not agreement.region:
        return False
    return not agreement.region or agreement.region == destination.region


def _why_not_covered(
    kind: str,
    needed: str,
    destination: Destination,
    held: Sequence[Agreement],
    reaching: Sequence[Agreement],
    today: datetime.date,
) -> str:
    party = destination.party
    if not held:
        return f"no {kind} with {party} covers `{needed}`"
    if not reaching:
        return f"the {kind} with {party} is not about {{where}} of `{destination.name}` " + (
            f"in region `{destination.region}`" if destination.region else "in an unknown region"
        )
    about = [a for a in reaching if needed in a.covers]
    if about:  # those in force would have been enough
        return f"the {kind} with {party} is not in force on {today}: {_when(about, today)}"
    return f"no {kind} with {party} covers `{needed}`"


def _when(papers: Sequence[Agreement], today: datetime.date) -> str:
    ended = [a.until for a in papers if a.until < today]
    if ended:
        return f"it ended on {max(ended)}"
    return f"it begins on {min(a.valid_from for a in papers)}"


@dataclass(frozen=True, slots=True)
class Reach:
    """Whether one agreement reaches one endpoint on a day; `why_not` is empty where it does."""

    agreement: Agreement
    endpoint: str
    why_not: str


def reach(
    agreements: Iterable[Agreement], destination: Destination, today: datetime.date
) -> tuple[Reach, ...]:
    """Every agreement with the destination's party against every endpoint, in a fixed order."""
    papers = sorted({a for a in agreements if a.party == destination.party}, key=repr)
    return tuple(
        Reach(a, e.name, _why_not_reached(a, destination, e, today))
        for a in papers
        for e in destination.used
    )


def _why_not_reached(
    agreement: Agreement, destination: Destination, endpoint: Endpoint, today: datetime.date
) -> str:
    kind, classes = agreement.kind, agreement.covers
    why = _why_no_paper(kind, classes, destination, endpoint, [agreement], today)
    return why.replace("{where}", _where([endpoint.name]))
