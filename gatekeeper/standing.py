"""How a destination stands on a day: what closes it, how long its facts hold, who reaches what."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from gatekeeper.decide import Reach, reach, why_all_closed, why_not_met
from gatekeeper.model import Agreement, Destination, Fact, Policy


@dataclass(frozen=True, slots=True)
class Asked:
    """One requirement of a policy, and why it is not met; `why_not` is empty where it is."""

    policy: str
    agreement: str
    classes: tuple[str, ...]
    why_not: str


@dataclass(frozen=True, slots=True)
class Standing:
    """All that `destinations check` says of one destination."""

    destination: Destination
    closed: tuple[str, ...]
    """Every reason why nothing may be sent there on the day; none where it is open."""
    stale_on: datetime.date
    """The first day on which its oldest fact is too old."""
    oldest: Fact
    missing: tuple[str, ...]
    """What its file does not say, and what follows from that."""
    reached: tuple[Reach, ...]
    asked: tuple[Asked, ...]
    elsewhere: tuple[Agreement, ...] = ()
    """The agreements that are with another party."""

    def to_json(self) -> dict[str, Any]:
        """For `--format json`."""
        return {
            "destination": self.destination.name,
            "host": self.destination.host,
            "open": not self.closed,
            "closed": list(self.closed),
            "stale_on": self.stale_on.isoformat(),
            "oldest": {
                "fact": self.oldest.key,
                "source": self.oldest.source,
                "as_of": self.oldest.as_of.isoformat(),
            },
            "missing": list(self.missing),
            "agreements": [
                {
                    "party": r.agreement.party,
                    "kind": r.agreement.kind,
                    "covers": list(r.agreement.covers),
                    "endpoint": r.endpoint,
                    "reaches": not r.why_not,
                    "why_not": r.why_not,
                }
                for r in self.reached
            ],
            "elsewhere": [{"party": a.party, "kind": a.kind} for a in self.elsewhere],
            "requirements": [
                {
                    "policy": a.policy,
                    "agreement": a.agreement,
                    "for": list(a.classes),
                    "met": not a.why_not,
                    "why_not": a.why_not,
                }
                for a in self.asked
            ],
        }


def standing(
    destination: Destination,
    policies: Iterable[Policy],
    agreements: Sequence[Agreement],
    today: datetime.date,
) -> Standing:
    """How `destination` stands on the day, under these policies and agreements."""
    oldest = min(destination.stated, key=lambda f: (f.as_of, f.key))
    return Standing(
        destination=destination,
        closed=why_all_closed(destination, today),
        stale_on=oldest.as_of + datetime.timedelta(days=destination.max_age_days + 1),
        oldest=oldest,
        missing=tuple(_missing(destination)),
        reached=reach(agreements, destination, today),
        elsewhere=tuple(a for a in agreements if a.party != destination.party),
        asked=tuple(
            Asked(
                p.id,
                r.agreement,
                r.classes,
                why_not_met(r, destination, agreements, today),
            )
            for p in policies
            for r in p.requires
        ),
    )


def _missing(destination: Destination) -> list[str]:
    said = []
    if not destination.party:
        said.append("no `party`: no agreement can be with it")
    if not destination.region:
        said.append("no `region`: no residency addendum reaches it, and no region is granted")
    if not destination.endpoints:
        said.append("no `endpoints`: what is said of it holds for whatever is used of it")
    if not destination.covers:
        said.append("no kind of agreement reaches every endpoint")
    return said
