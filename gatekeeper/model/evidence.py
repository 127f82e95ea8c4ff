"""Evidence: counts of what was found, as a join-semilattice.

`Evidence` maps a content digest to a `Tally`; merging is a union, and two tallies of one digest are
joined key by key (maximum, or union). Both are idempotent, commutative and associative, so shards,
retries, caches and batches of file names cannot double-count (DESIGN law 3). The idea is deequ's
mergeable state: merge what is counted, decide once, on the whole.

Nothing here can hold record text: names of entities, safe pointers and numbers only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from gatekeeper.model.canonical import digest_of
from gatekeeper.model.values import Confidence, Unscanned

PLACES_KEPT = 20
"""Places kept per (entity, confidence) and tally: the smallest, so that joining stays a join."""

FIELDS_KEPT = 1000
"""Fields named per tally; findings in any further field count under `*`."""

SIGNATURES_KEPT = 4096
"""Distinct signatures per tally; further ones are counted under the union of them all."""

UNSCANNED_KEPT = 100
"""Unscanned places kept per tally, refusals first; the counts still count every one."""

CountKey = tuple[str, str, Confidence]
"""(entity, field, confidence)"""

Signature = frozenset[tuple[str, Confidence]]
"""What meets in one record: each entity with the highest confidence it reached there."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a finding stands, within its source."""

    record: int
    pointer: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Tally:
    """What was counted in one content. Byte figures are of the file as stored."""

    sources: frozenset[str]
    bytes_seen: int
    bytes_unscanned: int
    records: int
    """Records that the detector saw whole."""
    refused_count: int = 0
    opaque_count: int = 0
    unscanned: frozenset[Unscanned] = frozenset()
    counts: Mapping[CountKey, int] = field(default_factory=dict)
    signatures: Mapping[Signature, int] = field(default_factory=dict)
    places: Mapping[tuple[str, Confidence], tuple[Place, ...]] = field(default_factory=dict)
    bytes_left: int = 0
    """Bytes that were hashed but not read, since no route could become stricter: the counts are
    partial then, and nothing is allowed.
    """

    @property
    def bytes_scanned(self) -> int:
        """Bytes that a record accounted for and the detector saw."""
        return max(0, self.bytes_seen - self.bytes_unscanned - self.bytes_left)

    def join(self, other: Tally) -> Tally:
        """The least tally that says at least what both say. Order and repetition do not matter."""
        return Tally(
            sources=self.sources | other.sources,
            bytes_seen=max(self.bytes_seen, other.bytes_seen),
            bytes_unscanned=max(self.bytes_unscanned, other.bytes_unscanned),
            records=max(self.records, other.records),
            refused_count=max(self.refused_count, other.refused_count),
            opaque_count=max(self.opaque_count, other.opaque_count),
            unscanned=kept(self.unscanned | other.unscanned),
            counts=_join_max(self.counts, other.counts),
            signatures=_join_max(self.signatures, other.signatures),
            places=_join_places(self.places, other.places),
            bytes_left=max(self.bytes_left, other.bytes_left),
        )

    def to_json(self) -> dict[str, Any]:
        """A canonical form: lists are sorted, so equal tallies give equal JSON."""
        return {
            "sources": sorted(self.sources),
            "bytes": {
                "seen": self.bytes_seen,
                "unscanned": self.bytes_unscanned,
                **({"left": self.bytes_left} if self.bytes_left else {}),
            },
            "records": self.records,
            "refused_count": self.refused_count,
            "opaque_count": self.opaque_count,
            "unscanned": [
                [u.source, u.at, u.reason, u.detail, u.size_bytes, u.opaque]
                for u in sorted(self.unscanned)
            ],
            "counts": [[e, f, c.word, n] for (e, f, c), n in sorted(self.counts.items())],
            "signatures": sorted(
                [sorted([e, c.word] for e, c in signature), n]
                for signature, n in self.signatures.items()
            ),
            "places": [
                [e, c.word, [[p.record, p.pointer, p.start, p.end] for p in places]]
                for (e, c), places in sorted(self.places.items())
            ],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Tally:
        """The tally that `to_json` wrote; raises KeyError, TypeError or ValueError on any other."""
        return cls(
            sources=frozenset(data["sources"]),
            bytes_seen=data["bytes"]["seen"],
            bytes_unscanned=data["bytes"]["unscanned"],
            records=data["records"],
            refused_count=data["refused_count"],
            opaque_count=data["opaque_count"],
            unscanned=frozenset(Unscanned(*row) for row in data["unscanned"]),
            counts={(e, f, Confidence.parse(c)): n for e, f, c, n in data["counts"]},
            signatures={
                frozenset((e, Confidence.parse(c)) for e, c in signature): n
                for signature, n in data["signatures"]
            },
            places={
                (e, Confidence.parse(c)): tuple(Place(*p) for p in places)
                for e, c, places in data["places"]
            },
            bytes_left=data["bytes"].get("left", 0),
        )


def kept(unscanned: Iterable[Unscanned]) -> frozenset[Unscanned]:
    """The places to keep of `unscanned`: refusals before what is opaque, then the smallest."""
    return frozenset(sorted(set(unscanned), key=lambda u: (u.opaque, u))[:UNSCANNED_KEPT])


def _join_max(left: Mapping[Any, int], right: Mapping[Any, int]) -> dict[Any, int]:
    return {key: max(left.get(key, 0), right.get(key, 0)) for key in {*left, *right}}


def _join_places(
    left: Mapping[tuple[str, Confidence], tuple[Place, ...]],
    right: Mapping[tuple[str, Confidence], tuple[Place, ...]],
) -> dict[tuple[str, Confidence], tuple[Place, ...]]:
    return {
        key: tuple(sorted({*left.get(key, ()), *right.get(key, ())})[:PLACES_KEPT])
        for key in {*left, *right}
    }


@dataclass(frozen=True, slots=True)
class Evidence:
    """Content digest (`sha256:…`) → Tally."""

    tallies: Mapping[str, Tally] = field(default_factory=dict)

    def merge(self, other: Evidence) -> Evidence:
        """The union; tallies of one digest are joined."""
        merged = dict(self.tallies)
        for digest, tally in other.tallies.items():
            merged[digest] = merged[digest].join(tally) if digest in merged else tally
        return Evidence(merged)

    @classmethod
    def union(cls, parts: Iterable[Evidence]) -> Evidence:
        """All parts merged."""
        whole = cls()
        for part in parts:
            whole = whole.merge(part)
        return whole

    def __iter__(self) -> Iterator[tuple[str, Tally]]:
        return iter(sorted(self.tallies.items(), key=lambda item: item[0]))

    def to_json(self) -> dict[str, Any]:
        """Canonical: equal evidence gives equal JSON."""
        return {digest: tally.to_json() for digest, tally in self}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Evidence:
        """The evidence that `to_json` wrote."""
        return cls({digest: Tally.from_json(tally) for digest, tally in data.items()})

    @property
    def digest(self) -> str:
        """`sha256:…` of the canonical form."""
        return digest_of(self.to_json())
