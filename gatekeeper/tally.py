"""Findings → Tally: the step after which nothing can hold record text."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from gatekeeper.model import (
    FIELDS_KEPT,
    PLACES_KEPT,
    SIGNATURES_KEPT,
    Confidence,
    Finding,
    Place,
    Record,
    Signature,
    Tally,
    Unscanned,
)
from gatekeeper.model.evidence import kept
from gatekeeper.model.pointer import OVERFLOW_FIELD, field_of


class Reading(Protocol):
    """What a reader gives: records and refusals, and after the last one the digest and size."""

    def __iter__(self) -> Iterator[Record | Unscanned]: ...

    @property
    def digest(self) -> str: ...  # noqa: D102

    @property
    def bytes_seen(self) -> int: ...  # noqa: D102


class Detector(Protocol):
    """What finds: records in, the same records with their findings out, in order."""

    def detect(  # noqa: D102
        self, records: Iterable[Record]
    ) -> Iterator[tuple[Record, tuple[Finding, ...]]]: ...


Observer = Callable[[Record, tuple[Finding, ...]], None]
"""Called for every record with its findings: a progress bar, or the finding lines of `scan`."""


def tally(
    name: str, reading: Reading, detector: Detector, observe: Observer | None = None
) -> tuple[str, Tally]:
    """Read to the end, detect, count: the content digest (`sha256:…`) and its tally."""
    unscanned: list[Unscanned] = []
    counter = _Counter()

    def records() -> Iterator[Record]:
        for item in reading:
            if isinstance(item, Unscanned):
                counter.refuse(item)
                unscanned.append(item)
                if len(unscanned) > 10_000:
                    unscanned[:] = kept(unscanned)
            else:
                yield item

    for record, findings in detector.detect(records()):
        counter.count(record, findings)
        if observe:
            observe(record, findings)
    return reading.digest, counter.close(name, reading.bytes_seen, unscanned)


def tally_unread(refused: Unscanned) -> tuple[str, Tally]:
    """The key and tally of something that could not even be opened."""
    return f"unread:{refused.reason}:{refused.source}", Tally(
        sources=frozenset({refused.source}),
        bytes_seen=refused.size_bytes,
        bytes_unscanned=refused.size_bytes,
        records=0,
        refused_count=int(not refused.opaque),
        opaque_count=int(refused.opaque),
        unscanned=frozenset({refused}),
    )


class _Counter:
    """Counts as records go by; memory is bounded by the caps of `Tally`."""

    def __init__(self) -> None:
        self.records = 0
        self.bytes_covered = 0
        self.bytes_refused = 0
        self.refused = 0
        self.opaque = 0
        self._last_index = -1
        self._meeting: dict[str, Confidence] = {}
        self._counts: Counter[tuple[str, str, Confidence]] = Counter()
        self._fields: set[str] = set()
        self._signatures: Counter[Signature] = Counter()
        self._overflow: Signature = frozenset()
        self._overflowed = 0
        self._places: dict[tuple[str, Confidence], list[Place]] = {}

    def refuse(self, item: Unscanned) -> None:
        self.bytes_refused += item.size_bytes
        if item.opaque:
            self.opaque += 1
        else:
            self.refused += 1

    def count(self, record: Record, findings: Iterable[Finding]) -> None:
        self.bytes_covered += record.size_bytes
        if record.index != self._last_index:
            self._close_record()
            self._last_index = record.index
            self.records += 1
        for finding in findings:
            self._count_finding(finding)

    def _count_finding(self, finding: Finding) -> None:
        field = field_of(finding.pointer)
        if field not in self._fields:
            if len(self._fields) < FIELDS_KEPT:
                self._fields.add(field)
            else:
                field = OVERFLOW_FIELD
        self._counts[finding.entity, field, finding.confidence] += 1
        highest = self._meeting.get(finding.entity, Confidence.POSSIBLE)
        self._meeting[finding.entity] = max(highest, finding.confidence)
        places = self._places.setdefault((finding.entity, finding.confidence), [])
        places.append(Place(finding.record, finding.pointer, finding.start, finding.end))
        if len(places) > 50 * PLACES_KEPT:
            places[:] = heapq.nsmallest(PLACES_KEPT, set(places))

    def _close_record(self) -> None:
        if not self._meeting:
            return
        signature = frozenset(self._meeting.items())
        self._meeting = {}
        if signature in self._signatures or len(self._signatures) < SIGNATURES_KEPT:
            self._signatures[signature] += 1
        else:
            # Counting the rest under the union of all can only overstate what met: fail closed.
            self._overflow |= signature
            self._overflowed += 1

    def close(self, name: str, bytes_seen: int, unscanned: list[Unscanned]) -> Tally:
        self._close_record()
        signatures = dict(self._signatures)
        if self._overflowed:
            # Sorted, so that of one entity's tiers the highest is the one that stays.
            union = frozenset(dict(sorted(self._overflow)).items())
            signatures[union] = signatures.get(union, 0) + self._overflowed
        uncovered = bytes_seen - self.bytes_covered - self.bytes_refused
        if uncovered > 0:
            what = "bytes that no record covers"
            item = Unscanned(name, "whole file", "uncovered", what, uncovered)
            self.refuse(item)
            unscanned.append(item)
        return Tally(
            sources=frozenset({name}),
            bytes_seen=bytes_seen,
            bytes_unscanned=min(bytes_seen, self.bytes_refused),
            records=self.records,
            refused_count=self.refused,
            opaque_count=self.opaque,
            unscanned=kept(unscanned),
            counts=dict(self._counts),
            signatures=signatures,
            places={
                key: tuple(heapq.nsmallest(PLACES_KEPT, set(places)))
                for key, places in self._places.items()
            },
        )
