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

    def stop(self) -> None: ...  # noqa: D102


class Survey(Protocol):
    """Both readings of one content; holds nothing of it but what the second one needs."""

    def __enter__(self) -> Survey: ...

    def __exit__(self, *_: object) -> None: ...

    def look(  # noqa: D102
        self, records: Iterable[Record]
    ) -> Iterator[tuple[Record, tuple[Finding, ...]]]: ...

    @property
    def complete(self) -> bool: ...  # noqa: D102

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
    """Read to the end, detect, count: the content digest (`sha256:…`) and its tally.

    What is said on the last page may tell what stands on the first. Where it does, all is read
    again, and the second reading counts; where that does not give the bytes of the first, the
    content is refused as changed. `read` begins a reading. An observer is told after the last word,
    so for one all is read twice.

    Where `enough` says so of what is settled, reading stops: refusals, and findings that nothing on
    a later page can take back. What is left is hashed, and the tally says so in `bytes_left`; what
    it counts, the whole would count as well.
    """
    with detector.survey() as survey:
        first = read()
        counter, unscanned = _Counter(), list[Unscanned]()
        floor = _Floor() if enough else None
        for record, findings in survey.look(_records(first, counter, unscanned)):
            counter.count(record, findings)
            if progress:
                progress(record)
            if floor and enough:
                settled = tuple(f for f in findings if f.entity not in detector.unsettled)
                floor.add(record, settled, counter)
                if floor.is_due() and enough(floor.so_far(name, unscanned)):
                    first.stop()
                    return first.digest, floor.close(
                        name, first.bytes_seen, unscanned, stopped=True
                    )
        if survey.complete and observe is None:
            return first.digest, counter.close(name, first.bytes_seen, unscanned)
        second = read()
        counter, unscanned = _Counter(), []
        for record, findings in survey.report(_records(second, counter, unscanned)):
            counter.count(record, findings)
            if observe:
                observe(record, findings)
        problem = _problem(survey, same=first.digest == second.digest)
    if problem:
        what, reason = problem
        item = Unscanned(name, "whole file", reason, what, max(1, second.bytes_seen))
        counter.refuse(item)
        unscanned.append(item)
    return second.digest, counter.close(name, second.bytes_seen, unscanned)


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
        self._findings = self._closed = self._asked = 0

    def add(self, record: Record, findings: tuple[Finding, ...], whole: _Counter) -> None:
        """Count what is settled of a record; `whole` has counted what was refused before it."""
        self._findings += len(findings)
        self.bytes_refused = whole.bytes_refused
        self.refused, self.opaque = whole.refused, whole.opaque
        self.count(record, findings)

    def _close_record(self) -> None:
        self._closed += bool(self._meeting)
        super()._close_record()

    def is_due(self) -> bool:
        """Whether an eighth more was found than when this was last so; deciding takes its time."""
        found = self._findings + self._closed + self.refused + self.opaque
        due = self.records > 0 and found >= self._asked + max(1, self._asked // 8)
        self._asked = found if due else self._asked
        return due

    def so_far(self, name: str, unscanned: list[Unscanned]) -> Tally:
        """The tally without the record that may go on in another piece."""
        return Tally(
            sources=frozenset({name}),
            bytes_seen=self.bytes_covered + self.bytes_refused,
            bytes_unscanned=self.bytes_refused,
            records=self.records,
            refused_count=self.refused,
            opaque_count=self.opaque,
            unscanned=kept(unscanned),
            counts=dict(self._counts),
            signatures=dict(self._signatures),
        )
