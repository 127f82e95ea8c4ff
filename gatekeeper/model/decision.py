"""What was decided and why, in values that cannot hold record text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gatekeeper.model.canonical import canonical_bytes, digest_of
from gatekeeper.model.evidence import Evidence, Place, kept
from gatekeeper.model.policy import Duty, Route
from gatekeeper.model.values import Unscanned


@dataclass(frozen=True, slots=True)
class Where:
    """A place, with its source and what was found there."""

    source: str
    entity: str
    place: Place

    def to_json(self) -> dict[str, Any]:
        """As in a finding line."""
        return {
            "source": self.source,
            "record": self.place.record,
            "pointer": self.place.pointer,
            "start": self.place.start,
            "end": self.place.end,
            "entity": self.entity,
        }


@dataclass(frozen=True, slots=True)
class Reason:
    """One ground for the route: a rule that held, a requirement unmet, a law of the gate itself.

    `policy` is `gatekeeper` for the gate's own laws (closed destination, nothing evaluated, …).
    A reason with `waived_by` did not count.
    """

    policy: str
    rule: str
    because: str
    at: str
    route: Route
    count: int = 0
    at_least: int = 0
    where: tuple[Where, ...] = ()
    waived_by: str = ""
    must: Duty = Duty.NOTHING

    def to_json(self) -> dict[str, Any]:
        """The published shape (DESIGN section 6)."""
        data: dict[str, Any] = {
            "policy": self.policy,
            "rule": self.rule,
            "because": self.because,
            "at": self.at,
            "route": self.route.word,
            "count": self.count,
            "at_least": self.at_least,
            "where": [w.to_json() for w in self.where],
        }
        if self.must is not Duty.NOTHING:
            data["must"] = self.must.value
        if self.waived_by:
            data["waived_by"] = self.waived_by
        return data


@dataclass(frozen=True, slots=True)
class Coverage:
    """The denominator: what was seen, and what of it was scanned."""

    files: int
    records: int
    bytes_seen: int
    bytes_scanned: int
    unscanned_count: int
    unscanned: tuple[Unscanned, ...] = ()
    partial: bool = False
    """Whether reading was stopped before the end: no route could become stricter."""

    @classmethod
    def of(cls, evidence: Evidence) -> Coverage:
        """The sums over all of `evidence`."""
        tallies = [t for _, t in evidence]
        unscanned = kept(u for t in tallies for u in t.unscanned)
        return cls(
            files=sum(len(t.sources) for t in tallies),
            records=sum(t.records for t in tallies),
            bytes_seen=sum(t.bytes_seen for t in tallies),
            bytes_scanned=sum(t.bytes_scanned for t in tallies),
            unscanned_count=sum(t.refused_count + t.opaque_count for t in tallies),
            unscanned=tuple(sorted(unscanned, key=lambda u: (u.opaque, u))),
            partial=any(t.bytes_left for t in tallies),
        )

    def to_json(self) -> dict[str, Any]:
        """The published shape."""
        return {
            "files": self.files,
            "records": self.records,
            "bytes_seen": self.bytes_seen,
            "bytes_scanned": self.bytes_scanned,
            "unscanned_count": self.unscanned_count,
            **({"partial": True} if self.partial else {}),
            "unscanned": [
                {
                    "source": u.source,
                    "at": u.at,
                    "reason": u.reason,
                    "detail": u.detail,
                    "bytes": u.size_bytes,
                    "opaque": u.opaque,
                }
                for u in self.unscanned
            ],
        }


@dataclass(frozen=True, slots=True)
class Decision:
    """The route, every reason, and the digests of all that it was computed from."""

    route: Route
    reasons: tuple[Reason, ...]
    coverage: Coverage
    destination: str
    host: str
    date: str
    subjects: tuple[str, ...]
    """Content digests that were decided on, sorted."""
    policies: tuple[str, ...]
    digests: Mapping[str, str] = field(default_factory=dict)

    @property
    def errors(self) -> tuple[str, ...]:
        """One line for every refusal: source, place, what and what to do."""
        return tuple(f"{u.source}: {u.at}: {u.detail}" for u in self.coverage.unscanned)

    def to_json(self) -> dict[str, Any]:
        """The published decision; `receipt` is added by the gate, which writes it."""
        return {
            "route": self.route.word,
            "reasons": [r.to_json() for r in self.reasons],
            "errors": list(self.errors),
            "coverage": self.coverage.to_json(),
            "destination": self.destination,
            "host": self.host,
            "date": self.date,
            "subjects": list(self.subjects),
            "policies": list(self.policies),
            "digests": dict(self.digests),
        }

    def to_bytes(self) -> bytes:
        """Canonical bytes: the same inputs give the same bytes."""
        return canonical_bytes(self.to_json())

    @property
    def digest(self) -> str:
        """`sha256:…` of the canonical bytes."""
        return digest_of(self.to_json())

    @property
    def duties(self) -> tuple[str, ...]:
        """One line for every rule in force that asks for more than a route can do."""
        return tuple(
            f"{r.policy}/{r.rule}: {r.must.words} ({r.because})"
            for r in self.reasons
            if r.must is not Duty.NOTHING and not r.waived_by
        )
