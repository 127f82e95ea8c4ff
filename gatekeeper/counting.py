"""Counts of findings as records go by, and what may be told of them before the end."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Iterable

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

Meeting = tuple[tuple[str, Confidence], ...]
"""A signature in order."""


class Count:
    """Counts as records go by; memory is bounded by the caps of `Tally`.

    What is kept within a cap is the first by name, so that counts of the parts of a content, merged
    in any order, are the count of the whole.
    """

    def __init__(self) -> None:
        """Nothing counted."""
        self._records = 0
        self._bytes_covered = 0
        self._bytes_refused = 0
        self._refused = 0
        self._opaque = 0
        self._unscanned: list[Unscanned] = []
        self._last_index = -1
        self._meeting: dict[str, Confidence] = {}
        self._fields: dict[str, Counter[tuple[str, Confidence]]] = {}
        self._last_field = ""
        self._rest: Counter[tuple[str, Confidence]] = Counter()
        self._signatures: dict[Meeting, int] = {}
        self._last_signature: Meeting = ()
        self._union: Signature = frozenset()
        self._overflowed = 0
        self._places: dict[tuple[str, Confidence], list[Place]] = {}

    def refuse(self, item: Unscanned) -> None:
        """Count what was not scanned."""
        self._bytes_refused += item.size_bytes
        if item.opaque:
            self._opaque += 1
        else:
            self._refused += 1
        self._keep_unscanned([item])

    def refuse_whole(self, name: str, bytes_seen: int, problem: tuple[str, str]) -> None:
        """Refuse all that was counted: what speaks against it, and its reason code."""
        what, reason = problem
        self.refuse(Unscanned(name, "whole file", reason, what, max(1, bytes_seen)))

    def count(self, record: Record, findings: Iterable[Finding]) -> None:
        """Count a record with its findings; pieces of one record follow each other."""
        self._bytes_covered += record.size_bytes
        if record.index != self._last_index:
            self._close_record()
            self._last_index = record.index
            self._records += not record.refused
        for finding in findings:
            self._count_finding(finding)

    def merge(self, other: Count) -> None:
        """Count as well what `other` did, of another part of the same content; closes both."""
        self._close_record()
        other._close_record()
        self._records += other._records
        self._bytes_covered += other._bytes_covered
        self._bytes_refused += other._bytes_refused
        self._refused += other._refused
        self._opaque += other._opaque
        self._keep_unscanned(other._unscanned)
        for field, counts in other._fields.items():
            self._counts_of(field).update(counts)
        for signature, n in other._signatures.items():
            self._count_signature(signature, n)
        self._rest.update(other._rest)
        self._union |= other._union
        self._overflowed += other._overflowed
        for key, places in other._places.items():
            self._keep_places(key, places)

    def _keep_unscanned(self, items: Iterable[Unscanned]) -> None:
        self._unscanned.extend(items)
        if len(self._unscanned) > 10_000:
            self._unscanned = list(kept(self._unscanned))

    def _count_finding(self, finding: Finding) -> None:
        key = finding.entity, finding.confidence
        self._counts_of(field_of(finding.pointer))[key] += 1
        highest = self._meeting.get(finding.entity, Confidence.POSSIBLE)
        self._meeting[finding.entity] = max(highest, finding.confidence)
        place = Place(finding.record, finding.pointer, finding.start, finding.end)
        self._keep_places(key, (place,))

    def _keep_places(self, key: tuple[str, Confidence], more: Iterable[Place]) -> None:
        places = self._places.setdefault(key, [])
        places.extend(more)
        if len(places) > 50 * PLACES_KEPT:
            places[:] = heapq.nsmallest(PLACES_KEPT, set(places))

    def _counts_of(self, field: str) -> Counter[tuple[str, Confidence]]:
        """The counts of `field`; those of all the fields that are not kept are one."""
        found = self._fields.get(field)
        if found is not None:
            return found
        if len(self._fields) >= FIELDS_KEPT:
            if field > self._last_field:
                return self._rest
            self._rest.update(self._fields.pop(self._last_field))
            self._last_field = max(self._fields, default="")
        self._last_field = max(self._last_field, field)
        found = self._fields[field] = Counter()
        return found

    def _close_record(self) -> None:
        if self._meeting:
            self._count_signature(tuple(sorted(self._meeting.items())), 1)
            self._meeting = {}

    def _count_signature(self, signature: Meeting, n: int) -> None:
        if signature in self._signatures:
            self._signatures[signature] += n
            return
        if len(self._signatures) >= SIGNATURES_KEPT:
            if signature > self._last_signature:
                self._overflow(signature, n)
                return
            self._overflow(self._last_signature, self._signatures.pop(self._last_signature))
            self._last_signature = max(self._signatures, default=())
        self._last_signature = max(self._last_signature, signature)
        self._signatures[signature] = n

    def _overflow(self, signature: Meeting, n: int) -> None:
        # Counting the rest under the union of all can only overstate what met: fail closed.
        self._union |= frozenset(signature)
        self._overflowed += n

    def packed(self) -> Count:
        """Itself, with no more than is needed, to be sent to another process."""
        self._close_record()
        self._unscanned = list(kept(self._unscanned))
        self._places = {key: _first(places) for key, places in self._places.items()}
        return self

    def close(self, name: str, bytes_seen: int, *, stopped: bool = False) -> Tally:
        """All of it, for the content `name` of `bytes_seen` stored bytes; what no record covers was
        not read where it was `stopped`.
        """
        self._close_record()
        signatures = {frozenset(s): n for s, n in self._signatures.items()}
        if self._overflowed:
            # Sorted, so that of one entity's tiers the highest is the one that stays.
            union = frozenset(dict(sorted(self._union)).items())
            signatures[union] = signatures.get(union, 0) + self._overflowed
        uncovered = bytes_seen - self._bytes_covered - self._bytes_refused
        if uncovered > 0 and not stopped:
            what = "bytes that no record covers"
            self.refuse(Unscanned(name, "whole file", "uncovered", what, uncovered))
        fields = {**self._fields, OVERFLOW_FIELD: self._rest}
        return Tally(
            sources=frozenset({name}),
            bytes_seen=bytes_seen,
            bytes_unscanned=min(bytes_seen, self._bytes_refused),
            records=self._records,
            refused_count=self._refused,
            opaque_count=self._opaque,
            unscanned=kept(self._unscanned),
            counts={(e, f, c): n for f, counts in fields.items() for (e, c), n in counts.items()},
            signatures=signatures,
            places={key: tuple(_first(places)) for key, places in self._places.items()},
            bytes_left=max(1, uncovered) if stopped else 0,
        )

    def so_far(self, name: str) -> Tally:
        """The tally without the record that may go on in another piece."""
        return Tally(
            sources=frozenset({name}),
            bytes_seen=self._bytes_covered + self._bytes_refused,
            bytes_unscanned=self._bytes_refused,
            records=self._records,
            refused_count=self._refused,
            opaque_count=self._opaque,
            unscanned=kept(self._unscanned),
            counts={(e, f, c): n for f, all_ in self._fields.items() for (e, c), n in all_.items()},
            signatures={frozenset(s): n for s, n in self._signatures.items()},
        )


class Floor(Count):
    """What is settled so far, and whether that is enough."""

    def __init__(
        self, name: str, unsettled: frozenset[str], enough: Callable[[Tally], bool]
    ) -> None:
        super().__init__()
        self._name, self._unsettled, self._enough = name, unsettled, enough
        self._findings = self._closed = self._asked = 0
        self.is_enough = False

    def takes(self, record: Record, findings: Iterable[Finding], whole: Count) -> bool:
        """Count what is settled of a record, and what `whole` has refused so far. Whether that is
        enough.
        """
        settled = tuple(f for f in findings if f.entity not in self._unsettled)
        self._findings += len(settled)
        self._bytes_refused = whole._bytes_refused
        self._refused, self._opaque = whole._refused, whole._opaque
        self._unscanned = whole._unscanned
        self.count(record, settled)
        self.is_enough = self._is_due() and self._enough(self.so_far(self._name))
        return self.is_enough

    def _close_record(self) -> None:
        self._closed += bool(self._meeting)
        super()._close_record()

    def _is_due(self) -> bool:
        """Whether an eighth more was found than when this was last so; deciding takes its time."""
        found = self._findings + self._closed + self._refused + self._opaque
        due = self._records > 0 and found >= self._asked + max(1, self._asked // 8)
        self._asked = found if due else self._asked
        return due


def _first(places: list[Place]) -> list[Place]:
    return heapq.nsmallest(PLACES_KEPT, set(places))
