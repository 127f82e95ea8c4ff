"""Every source tallied, with its work shared over workers; the evidence is that of one process.

A content that a worker had a part in when it was lost is refused whole. An error of the detector
ends it all, as in one process.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from gatekeeper.errors import ConfigError, DetectorError
from gatekeeper.model import Record, Unscanned
from gatekeeper.read import Source
from gatekeeper.read.formats import Format
from gatekeeper.read.parts import JSONL, Cut
from gatekeeper.read.refusal import Refusal
from gatekeeper.read.row_groups import PARQUET, GroupCut
from gatekeeper.shards.contents import CutContent, FileContent, Task
from gatekeeper.shards.jobs import Jobs, Tallies, Workers, tallied
from gatekeeper.shards.messages import Beat, Begin, Failed, Forget, Ready, Told
from gatekeeper.shards.pool import Lost, Pool, Worker
from gatekeeper.tally import Observer, Progress

if TYPE_CHECKING:
    from gatekeeper.detect import Detector

logger = logging.getLogger("gatekeeper")

COMPILED_FROM_BYTES = 8 << 20
"""Data for which every worker would have the pass over all patterns compiled."""
HELD_MAX = 100_000
"""Records whose findings may wait for those before them, before nobody works ahead any more."""
_LOST_MAX = 8
"""Workers that may be lost one after the other while no task comes to its end."""

_CUTS: dict[Format, type[Cut] | type[GroupCut]] = {JSONL: Cut, PARQUET: GroupCut}
"""How files that can be read in parts are cut."""


def tally_shared(
    sources: Sequence[Source | Unscanned],
    detector: Detector,
    observe: Observer | None,
    progress: Progress | None,
    workers: Workers,
) -> Tallies:
    """`tally_each` with as many processes as there is work for."""
    jobs = workers.jobs
    processes = min(jobs.processes, _tasks(sources, jobs))
    if processes < 2:
        return [tallied(source, detector, observe, progress) for source in sources]
    if sum(_size_bytes(s) for s in sources if isinstance(s, Source)) >= COMPILED_FROM_BYTES:
        detector.compile()  # once, for all workers
    begin = Begin(workers.recipe, detector.entities, jobs.memory_bytes)
    done: Tallies = []
    with Pool(begin, silence_s=jobs.silence_s) as pool:
        for shared, group in groupby(sources, key=_is_shared):
            if shared:
                sharing = Sharing(pool, processes, detector, observe, progress, jobs.part_bytes)
                done += sharing.tallies([s for s in group if isinstance(s, Source)])
            else:
                done += [tallied(source, detector, observe, progress) for source in group]
    return done


def _is_shared(source: Source | Unscanned) -> bool:
    return isinstance(source, Source) and source.path is not None and source.regular


def _is_cut(source: Source) -> bool:
    return Format(source.format, source.compression) in _CUTS


def _tasks(sources: Sequence[Source | Unscanned], jobs: Jobs) -> int:
    """About how many tasks there are."""
    count = 0
    for source in sources:
        if isinstance(source, Source) and _is_shared(source):
            count += 1 + (_size_bytes(source) // jobs.part_bytes if _is_cut(source) else 0)
    return count


def _size_bytes(source: Source) -> int:
    try:
        return source.path.stat().st_size if source.path else 0
    except OSError:
        return 0


class Sharing:
    """Sources that are shared over the workers of a pool."""

    def __init__(
        self,
        pool: Pool,
        processes: int,
        detector: Detector,
        observe: Observer | None,
        progress: Progress | None,
        part_bytes: int,
    ) -> None:
        """Of nothing yet: see `tally_each`."""
        self._pool = pool
        self._processes = processes
        self._detector = detector
        self._observe = observe
        self._progress = progress
        self._part_bytes = part_bytes
        self._sources: Sequence[Source] = ()
        self._contents: list[FileContent] = []
        self._handing: FileContent | None = None
        self._open: list[FileContent] = []
        self._telling = 0
        self._held = 0
        self._at_work: dict[Worker, tuple[FileContent, Task]] = {}
        self._lost_in_a_row = 0

    def tallies(self, sources: Sequence[Source]) -> Tallies:
        """The digest and the tally of each of `sources`, which are files."""
        self._sources = sources
        try:
            while self._give_out():
                for worker, said in self._pool.events():
                    self._hear(worker, said)
        finally:
            for content in self._open:
                content.close()
        return [content.result for content in self._contents if content.result]

    # --- what is to be done ----------------------------------------------------------------------

    def _give_out(self) -> bool:
        """A task to everyone who has none. False once all is done and everyone is free again."""
        while self._more and len(self._pool.workers) < self._processes:
            self._pool.start()
        for worker in self._pool.workers:
            if worker.ready and not worker.busy:
                chosen = self._choose(worker)
                if chosen is not None:
                    self._at_work[worker] = chosen
                    worker.ask(chosen[1].message)
        self._tell()
        return self._more or bool(self._open or self._at_work)

    @property
    def _more(self) -> bool:
        """Whether there may be a task that nobody has."""
        return self._handing is not None or len(self._contents) < len(self._sources)

    def _choose(self, worker: Worker) -> tuple[FileContent, Task] | None:
        crowded = self._held > HELD_MAX
        for content in list(self._open):
            if not crowded or self._is_first(content):
                task = content.own_task(worker, crowded=crowded)
                if task is not None:
                    return content, task
        while self._more:
            if self._handing is None:
                self._handing = self._opened(self._sources[len(self._contents)])
                self._contents.append(self._handing)
                self._open.append(self._handing)
            content = self._handing
            if crowded and not self._is_first(content):
                return None
            task = content.next_task(worker)
            if task is not None:
                return content, task
            self._handing = None
            self._close_if_done(content)
        return None

    def _is_first(self, content: FileContent) -> bool:
        """Whether its findings are the next to be told."""
        return content is self._contents[self._telling]

    def _opened(self, source: Source) -> FileContent:
        told = self._observe is not None
        if _is_cut(source) and _size_bytes(source) > self._part_bytes:
            try:
                cut = _CUTS[Format(source.format, source.compression)](source, self._part_bytes)
            except (OSError, Refusal):  # the worker that reads it says so
                return FileContent(source, told=told)
            return CutContent(len(self._contents), source, cut, self._detector, told=told)
        return FileContent(source, told=told)

    # --- what is said ----------------------------------------------------------------------------

    def _hear(self, worker: Worker, said: Any) -> None:
        if isinstance(said, Lost):
            self._lose(worker, said)
        elif isinstance(said, Ready):
            if said.fingerprint != self._detector.fingerprint:
                raise DetectorError(
                    "a worker's detector is not that of this process",
                    hint="recognizers, lists or models changed meanwhile; run it again",
                )
        elif isinstance(said, Beat):
            if self._progress:
                self._progress(Record("", 0, (), said.size_bytes))
        elif isinstance(said, Told):
            content, task = self._at_work[worker]
            before = content.held
            content.found(task.part, said.records)
            self._held += content.held - before
        else:
            self._take(worker, said)

    def _take(self, worker: Worker, answer: Any) -> None:
        content, task = self._at_work.pop(worker, (None, None))
        if isinstance(answer, Failed) and (answer.kind or content is None):
            kind = ConfigError if answer.kind == ConfigError.__name__ else DetectorError
            head = "" if answer.kind else "a worker could not be started: "
            raise kind(head + answer.message, hint=answer.hint)
        if content is None or task is None:
            raise DetectorError("a worker answered what it was not asked")
        self._lost_in_a_row = 0
        if isinstance(answer, Failed):
            content.refuse(f"the worker that read it failed: {answer.message}", "worker-failed")
        else:
            content.done(task.part, answer)
        self._close_if_done(content)

    def _lose(self, worker: Worker, lost: Lost) -> None:
        """Refuse all that cannot be finished without `worker`."""
        at_work, _ = self._at_work.pop(worker, (None, None))
        self._lost_in_a_row += 1
        if not worker.ready or self._lost_in_a_row > _LOST_MAX:
            raise DetectorError(
                f"a worker {lost.what}" + ("" if worker.ready else " before it was ready"),
                hint="run it with fewer jobs, or with more memory for each",
            )
        logger.warning("a worker %s", lost.what)
        for content in list(self._open):
            if content is at_work or worker in content.workers:
                content.refuse(
                    f"the worker that read it {lost.what}; check it again, with fewer jobs",
                    "worker-lost",
                )
                self._close_if_done(content)

    def _close_if_done(self, content: FileContent) -> None:
        if content.result is None or content not in self._open:
            return
        self._open.remove(content)
        content.close()
        if isinstance(content, CutContent):
            for worker in self._pool.workers:
                if worker in content.workers:
                    worker.tell(Forget(content.number))
        if content is self._handing:
            self._handing = None

    def _tell(self) -> None:
        """What was found, in order, as far as it is known."""
        while self._telling < len(self._contents):
            content = self._contents[self._telling]
            before = content.held
            for index, findings in content.tellable():
                if self._observe:
                    self._observe(Record(content.source.name, index, (), 0), findings)
            self._held -= before - content.held
            if content.result is None:
                return
            self._held -= content.held
            self._telling += 1
