"""What becomes of one content: its tasks, what their answers come to, and its tally in the end."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from gatekeeper.counting import Count
from gatekeeper.model import Finding, Tally, Unscanned
from gatekeeper.read import Source
from gatekeeper.read.parts import Cut, Part
from gatekeeper.read.refusal import Refusal, changed
from gatekeeper.read.row_groups import GroupCut, Groups
from gatekeeper.shards.messages import (
    File,
    LookAt,
    Looked,
    Message,
    Reported,
    ReportOn,
    Tallied,
    TallyFile,
)
from gatekeeper.tally import problem_of

if TYPE_CHECKING:
    from gatekeeper.detect import Detector
    from gatekeeper.shards.pool import Worker

Found = tuple[int, tuple[Finding, ...]]
"""The number of a record, and its findings."""


class Task(NamedTuple):
    """What a worker is asked, and about which part of a content."""

    part: int
    message: Message


class FileContent:
    """A file that one worker tallies by itself."""

    def __init__(self, source: Source, *, told: bool) -> None:
        """Of `source`, which is a file; `told` says that its findings are asked for as well."""
        self.source = source
        self.result: tuple[str, Tally] | None = None
        """The digest and the tally, once they are known."""
        self.held = 0
        """Records whose findings are kept until it is their turn."""
        self._told = told
        self._asked = False
        self._found: list[Found] = []

    @property
    def file(self) -> File:
        """What a worker opens."""
        path = self.source.path
        if path is None:
            raise TypeError("only files are shared")
        return File(path, self.source.input_format, self.source.limits)

    def next_task(self, worker: Worker) -> Task | None:
        """A task for `worker` that any other could do as well; None where all were given out."""
        if self._asked or self.result:
            return None
        self._asked = True
        return Task(0, TallyFile(self.file, self._told))

    def own_task(self, worker: Worker, *, crowded: bool) -> Task | None:
        """A task that `worker` alone can do, if there is one now.

        Where it is `crowded`, only one whose findings are the next to be told.
        """
        return None

    def found(self, part: int, records: tuple[Found, ...]) -> None:
        """Keep what was found in `part`."""
        if not self.result:
            self._found += records
            self.held += len(records)

    def done(self, part: int, answer: Any) -> None:
        """Take the answer to the task on `part`."""
        if not isinstance(answer, Tallied):
            raise TypeError("not an answer to the task")
        self.result = answer.digest, answer.tally

    def tellable(self) -> Iterator[Found]:
        """What was found and not told yet, as far as it is in order."""
        found, self._found, self.held = self._found, [], 0
        yield from found

    @property
    def workers(self) -> Collection[Worker]:
        """Those that keep something without which it cannot be finished."""
        return ()

    def refuse(self, what: str, reason: str) -> None:
        """It cannot be scanned: all of it is refused."""
        digest, size_bytes = self.source.hashed()
        refused = Unscanned(self.source.name, "whole file", reason, what, max(1, size_bytes))
        self.result = (
            digest,
            Tally(
                sources=frozenset({self.source.name}),
                bytes_seen=size_bytes,
                bytes_unscanned=size_bytes,
                records=0,
                refused_count=1,
                unscanned=frozenset({refused}),
            ),
        )

    def close(self) -> None:
        """Nothing more is asked of it."""


class _Shared:
    """A part of a content, the worker that has it, and what came of it so far."""

    __slots__ = ("found", "looked", "nth", "reported", "worker")

    def __init__(self, worker: Worker, nth: int) -> None:
        self.worker, self.nth = worker, nth
        self.looked: Looked | None = None
        self.reported = False
        self.found: list[Found] = []


class CutContent(FileContent):
    """A file whose parts several workers look at.

    Each keeps what it found there for the second reading, which it does where that is needed, when
    all have looked and what they took is merged in the order of the parts. Where something stands
    in the way that the parts do not show, one worker reads it all.
    """

    def __init__(
        self, number: int, source: Source, cut: Cut | GroupCut, detector: Detector, *, told: bool
    ) -> None:
        """Of the parts of `cut`."""
        super().__init__(source, told=told)
        self.number = number
        self._cut = cut
        self._uncut: Iterator[Part | Groups] | None = (part for part in cut)
        self._survey = detector.survey()
        self._count = Count()
        self._changed = False
        self._complete = True
        self._spent_bytes = 0
        self._by_one = False
        self._parts: list[_Shared] = []
        self._taken: defaultdict[Worker, int] = defaultdict(int)
        self._merged = 0
        self._to_report: dict[Worker, deque[int]] = {}
        self._informed: set[Worker] = set()
        self._unreported = 0
        self._to_tell = 0

    def next_task(self, worker: Worker) -> Task | None:
        """The next part, for `worker` to look at."""
        if self._uncut is None or self.result:
            return None
        refusal: Refusal | None = None
        part: Part | Groups | None = None
        try:
            part = next(self._uncut, None)
        except Refusal as refused:
            refusal = refused
        if refusal is not None:
            self.refuse(refusal.detail, refusal.reason)
            return None
        if part is None:
            self._uncut = None
            self._merge()
            return None
        self._parts.append(_Shared(worker, self._taken[worker]))
        self._taken[worker] += 1
        return Task(len(self._parts) - 1, LookAt(self.number, self.file, part, self._survey.key))

    def own_task(self, worker: Worker, *, crowded: bool) -> Task | None:
        """The next part that `worker` has looked at, for it to report on."""
        if self._by_one and not self.result:
            self._by_one = False
            return Task(0, TallyFile(self.file, self._told))
        mine = self._to_report.get(worker)
        if not mine or self.result or (crowded and mine[0] != self._to_tell):
            return None
        part = mine.popleft()
        whole = None if worker in self._informed else self._survey.whole
        self._informed.add(worker)
        nth = self._parts[part].nth
        return Task(part, ReportOn(self.number, nth, whole, self._told))

    def found(self, part: int, records: tuple[Found, ...]) -> None:
        """Keep what was found in `part`."""
        if not self.result:
            self._parts[part].found += records
            self.held += len(records)

    def done(self, part: int, answer: Any) -> None:
        """Take what came of looking at `part`, or of reporting on it."""
        if self.result:
            return
        if isinstance(answer, Tallied):
            super().done(part, answer)
        elif isinstance(answer, Looked):
            self._spent_bytes += answer.spent_bytes
            within = self._spent_bytes <= answer.allowed_bytes or not answer.spent_bytes
            self._complete = self._complete and answer.complete and within
            self._changed = self._changed or not answer.same
            self._parts[part].looked = answer
            self._merge()
        elif isinstance(answer, Reported):
            self._changed = self._changed or not answer.same
            self._parts[part].reported = True
            self._count.merge(answer.count)
            self._unreported -= 1
            if not self._unreported:
                self._finish(problem_of(self._survey, same=self._same))
        else:
            raise TypeError("not an answer to the task")

    def tellable(self) -> Iterator[Found]:
        """What was found and not told yet, as far as it is in order."""
        while self._to_tell < len(self._parts):
            shared = self._parts[self._to_tell]
            found, shared.found = shared.found, []
            self.held -= len(found)
            yield from found
            if not shared.reported:
                return
            self._to_tell += 1

    @property
    def workers(self) -> Collection[Worker]:
        """Those that have a part of it."""
        return self._taken.keys()

    def close(self) -> None:
        """Nothing more is asked of it."""
        self._cut.close()
        self._survey.close()

    @property
    def _same(self) -> bool:
        """Whether it is still the file whose bytes were cut."""
        return not self._changed and self._cut.same

    def _merge(self) -> None:
        """What was looked at, in order; once it is all, go on."""
        while self._merged < len(self._parts):
            looked = self._parts[self._merged].looked
            if looked is None:
                return
            self._count.merge(looked.count)
            self._survey.whole.merge(looked.whole)
            self._parts[self._merged].looked = None
            self._merged += 1
        if self._uncut is not None:
            return
        if not self._same:
            refusal = changed()
            self._finish((refusal.detail, refusal.reason))
        elif not self._complete:
            self._by_one = True
        elif self._survey.complete and not self._told:
            self._finish(None)
        else:
            self._count = Count()
            self._unreported = len(self._parts)
            for part, shared in enumerate(self._parts):
                self._to_report.setdefault(shared.worker, deque()).append(part)

    def _finish(self, problem: tuple[str, str] | None) -> None:
        if problem:
            self._count.refuse_whole(self.source.name, self._cut.bytes_seen, problem)
        tally = self._count.close(self.source.name, self._cut.bytes_seen)
        self.result = self._cut.digest, tally
