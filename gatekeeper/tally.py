"""Findings → Tally: the step after which nothing can hold record text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from gatekeeper.counting import Count, Floor
from gatekeeper.model import Finding, Record, Tally, Unscanned

Items = Iterable[Record | Unscanned]


class Reading(Protocol):
    """What a reader gives: records and refusals, and after the last one the digest and size."""

    def __iter__(self) -> Iterator[Record | Unscanned]: ...

    @property
    def digest(self) -> str: ...  # noqa: D102

    @property
    def bytes_seen(self) -> int: ...  # noqa: D102


class WholeReading(Reading, Protocol):
    """That of a whole content, which can be cut short."""

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
        self, records: Iterable[Record], part: int = 0
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
"""Called for every record with its findings: the finding lines of `scan`. What another process read
comes without its texts, and only where it has findings."""

Progress = Callable[[Record], None]
"""Called for every record when it has been looked at, which is where the time goes."""


Enough = Callable[[Tally], bool]
"""Whether what was counted so far settles the route, whatever else there is."""


def tally(
    name: str,
    read: Callable[[], WholeReading],
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
        floor = Floor(name, detector.unsettled, enough) if enough else None
        count = look(first, survey, progress, floor)
        if floor and floor.is_enough:
            first.stop()
            return first.digest, floor.close(name, first.bytes_seen, stopped=True)
        if survey.complete and observe is None:
            return first.digest, count.close(name, first.bytes_seen)
        second = read()
        count = report(second, survey, observe)
        problem = problem_of(survey, same=first.digest == second.digest)
    if problem:
        count.refuse_whole(name, second.bytes_seen, problem)
    return second.digest, count.close(name, second.bytes_seen)


def tally_unread_rest(name: str, size_bytes: int) -> Tally:
    """The tally of a content of which nothing was read, since the route was settled before."""
    return Tally(frozenset({name}), size_bytes, 0, 0, bytes_left=size_bytes)


def look(
    items: Items,
    survey: Survey,
    progress: Progress | None = None,
    floor: Floor | None = None,
) -> Count:
    """What a first reading of `items` counts; for a part of a content as for the whole of it.

    It ends early where `floor` is enough.
    """
    count = Count()
    for record, findings in survey.look(_records(items, count)):
        count.count(record, findings)
        if progress:
            progress(record)
        if floor and floor.takes(record, findings, count):
            break
    return count


def report(items: Items, survey: Survey, observe: Observer | None = None, part: int = 0) -> Count:
    """What the second reading counts of what the call `part` of `look` read."""
    count = Count()
    for record, findings in survey.report(_records(items, count), part):
        count.count(record, findings)
        if observe:
            observe(record, findings)
    return count


def _records(items: Items, count: Count) -> Iterator[Record]:
    for item in items:
        if isinstance(item, Unscanned):
            count.refuse(item)
        else:
            yield item


def problem_of(survey: Survey, *, same: bool) -> tuple[str, str] | None:
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
