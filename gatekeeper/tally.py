"""Findings → Tally: the step after which nothing can hold record text."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
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

    def stop(self) -> None: ...  # noqa: D102


class Survey(Protocol):
    """Both readings of one content; holds nothing of it but what the second one needs."""

    def __enter__(self) -> Survey: ...

    def __exit__(self, *_: object) -> None: ...

    def look(self, records: Iterable[Record]) -> Iterator[Record]: ...  # noqa: D102

    def settled(self) -> tuple[Finding, ...]: ...  # noqa: D102

    def report(  # noqa: D102
        self, records: Iterable[Record]
    ) -> Iterator[tuple[Record, tuple[Finding, ...]]]: ...

    @property
    def lost(self) -> bool: ...  # noqa: D102

    @property
    def overflowed(self) -> bool: ...  # noqa: D102


class Detector(Protocol):
    """What finds: records in, the same records with their findings out, in order."""

    def survey(self) -> Survey: ...  # noqa: D102

    @property
    def unsettled(self) -> frozenset[str]: ...  # noqa: D102


Observer = Callable[[Record, tuple[Finding, ...]], None]
"""Called for every record with its findings: the finding lines of `scan`."""

Progress = Callable[[Record], None]
"""Called for every record when it has been looked at, which is where the time goes."""


Enough = Callable[[Tally], bool]
"""Whether what was counted so far settles the route, whatever else there is."""


def tally(
    name: str,
    read: Callable[[], Reading],
    detector: Detector,
    observe: Observer | None = None,
    progress: Progress | None = None,
    enough: Enough | None = None,
) -> tuple[str, Tally]:
    """Read to the end twice, detect, count: the content digest (`sha256:…`) and its tally.

    The first reading looks, the second counts, for what is said on the last page tells what stands
    on the first. `read` begins a reading; where the second does not give the bytes of the first,
    the content is refused as changed.

    Where `enough` says so of what is settled, reading stops: refusals, and findings that nothing on
    a later page can take back. What is left is hashed, and the tally says so in `bytes_left`; what
    it counts, the whole would count as well.
    """
    unscanned: list[Unscanned] = []
    counter, floor = _Counter(), _Floor()
    with detector.survey() as survey:
        first = read()
        looked = _look(name, first, survey, floor, progress, enough)
        second = read()
        for record, findings in survey.report(islice(_records(second, counter, unscanned), looked)):
            if looked is not None:
                findings = tuple(f for f in findings if f.entity not in detector.unsettled)
            counter.count(record, findings)
            if observe:
                observe(record, findings)
        if looked is not None:
            second.stop()
            unscanned = counter.take_refusals(floor)
        problem = _problem(survey, same=first.digest == second.digest)
    if problem:
        what, reason = problem
        item = Unscanned(name, "whole file", reason, what, max(1, second.bytes_seen))
        counter.refuse(item)
        unscanned.append(item)
    stopped = looked is not None
    return second.digest, counter.close(name, second.bytes_seen, unscanned, stopped=stopped)


def _look(
    name: str,
    reading: Reading,
    survey: Survey,
    floor: _Floor,
    progress: Progress | None,
    enough: Enough | None,
) -> int | None:
    """The first reading: after how many records it was `enough`, or None at the end."""
    records = _records(reading, floor, floor.unscanned)
    for looked, record in enumerate(survey.look(records), 1):
        if progress:
            progress(record)
        if enough is not None:
            floor.count(record, survey.settled())
            if floor.is_due() and enough(floor.so_far(name)):
                reading.stop()
                return looked
    return None


def tally_unread_rest(name: str, size_bytes: int) -> Tally:
    """The tally of a content of which nothing was read, since the route was settled before."""
    return Tally(frozenset({name}), size_bytes, 0, 0, bytes_left=size_bytes)


def _records(reading: Reading, counter: _Counter, unscanned: list[Unscanned]) -> Iterator[Record]:
    for item in reading:
        if isinstance(item, Unscanned):
            counter.refuse(item)
            unscanned.append(item)
            if len(unscanned) > 10_000:
                unscanned[:] = kept(unscanned)
        else:
            yield item


def _problem(survey: Survey, *, same: bool) -> tuple[str, str] | None:
    """What speaks against the count as a whole, and its reason code."""
    if survey.lost or not same:
        return "changed between two readings; check it again when it is still", "changed"
    if survey.overflowed:
        return "more distinct names than can be followed; split the file", "over-limit"
    return None


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

    def take_refusals(self, floor: _Floor) -> list[Unscanned]:
        """Those of the first reading, which looks ahead of the record that is enough."""
        self.bytes_refused = floor.bytes_refused
        self.refused, self.opaque = floor.refused, floor.opaque
        return floor.unscanned

    def count(self, record: Record, findings: Iterable[Finding]) -> None:
        self.bytes_covered += record.size_bytes
        if record.index != self._last_index:
            self._close_record()
            self._last_index = record.index
            self.records += not record.refused
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

    def close(
        self, name: str, bytes_seen: int, unscanned: list[Unscanned], *, stopped: bool = False
    ) -> Tally:
        self._close_record()
        signatures = dict(self._signatures)
        if self._overflowed:
            # Sorted, so that of one entity's tiers the highest is the one that stays.
            union = frozenset(dict(sorted(self._overflow)).items())
            signatures[union] = signatures.get(union, 0) + self._overflowed
        uncovered = bytes_seen - self.bytes_covered - self.bytes_refused
        if uncovered > 0 and not stopped:
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
            bytes_left=max(1, uncovered) if stopped else 0,
        )


class _Floor(_Counter):
    """What is settled so far, and whether there is enough more to ask about it again."""

    def __init__(self) -> None:
        super().__init__()
        self.unscanned: list[Unscanned] = []
        self._findings = self._closed = self._asked = 0

    def count(self, record: Record, findings: Iterable[Finding]) -> None:
        held = tuple(findings)
        self._findings += len(held)
        super().count(record, held)

    def _close_record(self) -> None:
        self._closed += bool(self._meeting)
        super()._close_record()

    def is_due(self) -> bool:
        """Whether an eighth more was found than when this was last so; deciding takes its time."""
        found = self._findings + self._closed + self.refused + self.opaque
        due = self.records > 0 and found >= self._asked + max(1, self._asked // 8)
        self._asked = found if due else self._asked
        return due

    def so_far(self, name: str) -> Tally:
        """The tally without the record that may go on in another piece."""
        return Tally(
            sources=frozenset({name}),
            bytes_seen=self.bytes_covered + self.bytes_refused,
            bytes_unscanned=self.bytes_refused,
            records=self.records,
            refused_count=self.refused,
            opaque_count=self.opaque,
            unscanned=kept(self.unscanned),
            counts=dict(self._counts),
            signatures=dict(self._signatures),
        )
