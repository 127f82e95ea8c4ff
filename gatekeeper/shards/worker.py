"""A worker: a process of its own with a detector of its own, which does what it is told.

It is started by `pool`, never by hand. It ends when its standard input does, so that none is left
behind whatever becomes of the process that asked for it.
"""

from __future__ import annotations

import ctypes
import os
import queue
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gatekeeper.errors import ConfigError, DetectorError, GatekeeperError
from gatekeeper.model import Finding, Record, Unscanned
from gatekeeper.read.opening import source_of_file
from gatekeeper.read.parts import Part, PartReading
from gatekeeper.read.row_groups import GroupReading, Groups
from gatekeeper.read.source import Reading, Source
from gatekeeper.shards.frames import Inbox, write_all
from gatekeeper.shards.jobs import Recipe
from gatekeeper.shards.messages import (
    Beat,
    Begin,
    Done,
    Failed,
    File,
    Forget,
    LookAt,
    Looked,
    Ready,
    Reported,
    ReportOn,
    Tallied,
    TallyFile,
    Told,
)
from gatekeeper.tally import look, report, tally

if TYPE_CHECKING:
    from gatekeeper.detect import Detector
    from gatekeeper.detect.survey import Survey

BEAT_S = 0.1
"""Between two signs of progress."""
TOLD_MAX = 200
"""Records with findings that are told at once."""
_DATA_SPARE_BYTES = 1 << 30
"""What the system lets a worker ask for beyond its limit, for not all of that is ever used."""
_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Serve the process that started this one, until it closes the pipe."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # that process decides what an interruption ends
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _die_with_parent()
    asked, answers = os.dup(0), os.dup(1)
    silence = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):  # whatever a library prints goes nowhere: it may quote a record
        os.dup2(silence, descriptor)
    serve(_messages(asked), lambda answer: write_all(answers, answer))


def _die_with_parent() -> None:
    """Where the system can: end at once with the process that asked, even amid a long pattern."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _messages(descriptor: int) -> Iterator[Any]:
    """What is asked, one after the other; the end of the pipe is the end of the process."""
    asked: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def listen() -> None:
        inbox = Inbox(descriptor)
        try:
            while True:
                for message in inbox.receive():
                    asked.put(message)
        finally:
            os._exit(0)

    threading.Thread(target=listen, daemon=True).start()
    while True:
        yield asked.get()


def serve(messages: Iterator[Any], answer: Callable[[object], None]) -> None:
    """Answer `messages`: `Begin` first, then tasks."""
    begin: Begin = next(messages)
    signs = _Signs(answer)
    detector: Detector | None = None
    try:
        _limit_memory(begin.memory_bytes)
        detector = load(begin.recipe, begin.entities)
        detector.attest(begin.entities)
    except BaseException as error:  # noqa: BLE001  (told to the process that asked, by its kind)
        answer(_failure(error))
    if detector is None:
        return
    answer(Ready(detector.fingerprint))
    held: dict[int, _Held] = {}
    for message in messages:
        if isinstance(message, Forget):
            _forget(held, message.content)
            continue
        done: Done
        try:
            done = _done(message, detector, held, signs)
        except BaseException as error:  # noqa: BLE001  (told to the process that asked, by its kind)
            done = _failure(error)
        signs.flush()
        answer(done)


def load(recipe: Recipe, entities: frozenset[str]) -> Detector:
    """The detector of `recipe`. Raises DetectorError and ConfigError."""
    from gatekeeper.detect import load_detector
    from gatekeeper.detect.analyzer import TIMEOUT_S
    from gatekeeper.detect.lists import load_lists

    return load_detector(
        entities=entities,
        recognizers=recipe.recognizers,
        names=recipe.names,
        lists=load_lists(recipe.lists, default_key=recipe.list_key),
        locales=recipe.locales,
        timeout_s=recipe.timeout_s or TIMEOUT_S,
    )


def _limit_memory(most_bytes: int) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    most = most_bytes + _DATA_SPARE_BYTES
    if hard == resource.RLIM_INFINITY or most < hard:
        with suppress(ValueError, OSError):  # not every system has it; the other process looks too
            resource.setrlimit(resource.RLIMIT_DATA, (most, most))


def _failure(error: BaseException) -> Failed:
    """What became of a task: our own words, or no more than the type of anything else."""
    if isinstance(error, (ConfigError, DetectorError)):
        return Failed(type(error).__name__, str(error), error.hint)
    own = f": {error}" if isinstance(error, GatekeeperError) else ""
    return Failed("", f"{type(error).__name__}{own}")


# --- tasks -----------------------------------------------------------------------------------


@dataclass(slots=True)
class _Held:
    """A content of which this worker has looked at parts."""

    source: Source
    survey: Survey
    parts: list[Part | Groups] = field(default_factory=list)


def _forget(held: dict[int, _Held], content: int) -> None:
    forgotten = held.pop(content, None)
    if forgotten is not None:
        forgotten.survey.close()


def _done(message: Any, detector: Detector, held: dict[int, _Held], signs: _Signs) -> Done:
    if isinstance(message, TallyFile):
        source = _source(message.file)
        observe = signs.tell if message.told else None
        digest, counted = tally(
            source.name,
            lambda: _BeatingWhole(source.read(), signs),
            detector,
            observe,
            signs.looked,
        )
        return Tallied(digest, counted)
    if isinstance(message, LookAt):
        mine = held.get(message.content)
        if mine is None:
            survey = detector.survey(message.key)
            mine = held[message.content] = _Held(_source(message.file), survey)
        mine.parts.append(message.part)
        return _looked(mine, message.part, signs)
    if isinstance(message, ReportOn):
        mine = held[message.content]
        if message.whole is not None:
            mine.survey.whole = message.whole
        reading = _reading(mine.source, mine.parts[message.nth])
        observe = signs.tell if message.told else None
        count = report(_Beating(reading, signs), mine.survey, observe, message.nth)
        return Reported(count.packed(), reading.same and not mine.survey.lost)
    raise TypeError("no task")


def _looked(mine: _Held, part: Part | Groups, signs: _Signs) -> Looked:
    reading = _reading(mine.source, part)
    count = look(_Beating(reading, signs), mine.survey, signs.looked).packed()
    whole = mine.survey.whole
    if isinstance(reading, PartReading):
        return Looked(count, whole, reading.same)
    budget = reading.budget
    spent = budget.spent_bytes, budget.allowed_bytes
    return Looked(count, whole, reading.same, reading.whole, *spent)


def _reading(source: Source, part: Part | Groups) -> PartReading | GroupReading:
    return PartReading(source, part) if isinstance(part, Part) else GroupReading(source, part)


def _source(file: File) -> Source:
    return source_of_file(file.path, file.input_format, file.limits)


class _Beating:
    """A reading that gives a sign of progress for every item."""

    def __init__(self, reading: Reading, signs: _Signs) -> None:
        self._reading = reading
        self._signs = signs

    def __iter__(self) -> Iterator[Record | Unscanned]:
        for item in self._reading:
            self._signs.beat()
            yield item

    @property
    def digest(self) -> str:
        return self._reading.digest

    @property
    def bytes_seen(self) -> int:
        return self._reading.bytes_seen


class _BeatingWhole(_Beating):
    """That of a whole content."""

    def __init__(self, reading: Reading, signs: _Signs) -> None:
        super().__init__(reading, signs)
        self._whole = reading

    def stop(self) -> None:
        self._whole.stop()


class _Signs:
    """What is said while a task goes on, a few times a second."""

    def __init__(self, answer: Callable[[object], None]) -> None:
        self._answer = answer
        self._last = 0.0
        self._looked_bytes = 0
        self._told: list[tuple[int, tuple[Finding, ...]]] = []

    def beat(self) -> None:
        """A sign that the task goes on."""
        now = time.monotonic()
        if now - self._last >= BEAT_S:
            self._last = now
            self._answer(Beat(self._looked_bytes))
            self._looked_bytes = 0

    def looked(self, record: Record) -> None:
        """One record more was looked at."""
        self._looked_bytes += record.size_bytes
        self.beat()

    def tell(self, record: Record, findings: tuple[Finding, ...]) -> None:
        """One record more has all its findings."""
        if findings:
            self._told.append((record.index, findings))
        if len(self._told) >= TOLD_MAX:
            self.flush()

    def flush(self) -> None:
        """Say what was not said yet."""
        if self._told:
            self._answer(Told(tuple(self._told)))
            self._told = []
        if self._looked_bytes:
            self._answer(Beat(self._looked_bytes))
            self._looked_bytes = 0
