"""The desks as the front sees them: started, given work, watched and ended.

A desk has one dataset before its detector at a time. What waits goes by size and time: a small
dataset overtakes a large one, and a large one is not overtaken for ever.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import os
import queue
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gatekeeper.gateway.answers import Answer
from gatekeeper.gateway.frames import Line
from gatekeeper.gateway.settings import Settings
from gatekeeper.read import SealedSnapshot

OVERTAKEN_BYTES_S = 1_000_000
"""So much larger, a dataset counts as having come a second later."""
START_S = 600.0
TICK_S = 1.0
BACKOFF_S = (1.0, 2.0, 5.0, 15.0, 60.0)
"""Before a desk is started again that was lost before it was ready."""
_ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS"), "1"
)


@dataclass(order=True)
class Task:
    """One thing to do, in the order in which it is to be done."""

    rank: float
    number: int
    message: dict[str, Any] = field(compare=False)
    answer: asyncio.Future[dict[str, Any]] = field(compare=False)
    snapshot: SealedSnapshot | None = field(compare=False, default=None)
    judges: bool = field(compare=False, default=True)
    began: float = field(compare=False, default_factory=time.monotonic)


class Desk:
    """One process, and what it has in hand."""

    def __init__(self, settings: Settings, tell: Callable[[Desk, Any], None]) -> None:
        """Starts it. `tell` is called, by another thread, with each message; None at the end."""
        ours, theirs = socket.socketpair()
        path = [str(folder) for folder in sys.path]
        code = (
            f"import sys; sys.path[:] = {path!r}; "
            f"from gatekeeper.gateway.desk import main; main({theirs.fileno()})"
        )
        self._process = subprocess.Popen(  # noqa: S603  (this interpreter, and our own module)
            [sys.executable, "-c", code],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(theirs.fileno(),),
            env={**os.environ, **_ONE_THREAD, "TOKENIZERS_PARALLELISM": "false"},
            start_new_session=True,
        )
        theirs.close()
        self.line = Line(ours)
        self._outbox: queue.SimpleQueue[tuple[dict[str, Any], int | None] | None] = (
            queue.SimpleQueue()
        )
        self.ready = False
        self.judging: Task | None = None
        self.tasks: dict[int, Task] = {}
        self.started = time.monotonic()
        self.lost = False
        self._tell = tell
        for run in (self._listen, self._speak):
            threading.Thread(target=run, daemon=True).start()
        self.put(
            {
                "config": str(settings.config) if settings.config else "",
                "start": str(settings.start),
                "policies": list(settings.policies),
                "destination": settings.destination,
                "api_key": settings.api_key,
                "organization": settings.organization,
                "project": settings.project,
                "no_cache": settings.no_cache,
            }
        )

    def put(self, message: dict[str, Any], descriptor: int | None = None) -> None:
        """Send it soon; the descriptor is closed then."""
        self._outbox.put((message, descriptor))

    def _speak(self) -> None:
        while (item := self._outbox.get()) is not None:
            message, descriptor = item
            try:
                self.line.send(message, descriptor)
            except OSError:  # who listens tells that it is gone
                pass
            finally:
                if descriptor is not None:
                    os.close(descriptor)

    def _listen(self) -> None:
        try:
            while True:
                self._tell(self, self.line.receive()[0])
        except (EOFError, OSError, ValueError):
            self._tell(self, None)

    @property
    def memory_bytes(self) -> int:
        """What the process holds in memory, where the system tells."""
        try:
            pages = Path(f"/proc/{self._process.pid}/statm").read_text(encoding="ascii").split()[1]
        except (OSError, IndexError):
            return 0
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    def kill(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()
        self._outbox.put(None)


class Desks:
    """All desks of a gateway, and what waits for them. To be used in the event loop alone."""

    def __init__(
        self, settings: Settings, digest: str, say: Callable[..., None], count: Callable[..., None]
    ) -> None:
        """Of none yet. `digest` is what each must find to apply; `say` logs, `count` counts."""
        self._settings = settings
        self._digest = digest
        self._say = say
        self._count = count
        self._numbers = itertools.count()
        self._waiting: list[Task] = []
        self._desks: list[Desk] = []
        self._failures = 0
        self._start_at = 0.0
        self._closing = False
        self.why_not_ready = "starting"

    # --- work --------------------------------------------------------------------------------

    @property
    def ready(self) -> bool:
        """Whether there is a desk that works."""
        return any(d.ready for d in self._desks)

    @property
    def waiting(self) -> int:
        """Datasets that wait for a desk."""
        return len(self._waiting)

    async def judge(
        self, message: dict[str, Any], snapshot: SealedSnapshot | None, size_bytes: int
    ) -> dict[str, Any]:
        """What a desk makes of a dataset or a job, when it is its turn. Raises Answer."""
        rank = time.monotonic() + size_bytes / OVERTAKEN_BYTES_S
        task = self._task(message, rank, snapshot)
        heapq.heappush(self._waiting, task)
        self._give_out()
        return await self._answer(task)

    async def ask(self, message: dict[str, Any]) -> dict[str, Any]:
        """What a desk says to something that needs no detector. Raises Answer."""
        free = [d for d in self._desks if d.ready]
        if not free:
            raise not_ready()
        task = self._task(message, 0, None)
        task.judges = False
        self._give(min(free, key=lambda d: len(d.tasks)), task)
        return await self._answer(task)

    def _task(self, message: dict[str, Any], rank: float, snapshot: SealedSnapshot | None) -> Task:
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        number = next(self._numbers)
        return Task(rank, number, {**message, "task": number}, answer, snapshot)

    async def _answer(self, task: Task) -> dict[str, Any]:
        said = await task.answer
        if said.get("error"):
            self._say("error", what=said["error"])
        if "answer" in said:
            raise Answer.from_json(said["answer"])
        return said

    def _give_out(self) -> None:
        for desk in self._desks:
            if desk.ready and desk.judging is None and self._waiting:
                task = heapq.heappop(self._waiting)
                desk.judging = task
                self._give(desk, task)

    def _give(self, desk: Desk, task: Task) -> None:
        descriptor = None
        message, task.began = task.message, time.monotonic()
        if task.snapshot is not None:
            descriptor, key = task.snapshot.lent()
            message = {**message, "key": key.hex()}
        desk.tasks[task.number] = task
        desk.put(message, descriptor)

    # --- desks -------------------------------------------------------------------------------

    def _heard(self, desk: Desk, message: dict[str, Any] | None) -> None:
        if desk.lost:
            return
        if message is None:
            self._lose(desk, "ended")
        elif "failed" in message:
            self.why_not_ready = "failed"
            self._say("desk_failed", why=message["failed"])
            self._lose(desk, "failed")
        elif "ready" in message:
            if message["ready"] != self._digest:
                self.why_not_ready = "changed"
                self._lose(desk, "policies or settings changed; start the gateway anew")
                return
            desk.ready, self._failures, self.why_not_ready = True, 0, ""
            self._say("desk_ready", took_ms=round((time.monotonic() - desk.started) * 1000))
        else:
            task = desk.tasks.get(message["task"])
            if task is not None and desk.judging is task:
                desk.judging = None
            if task is not None and not message.get("judged"):
                del desk.tasks[task.number]
                if not task.answer.done():
                    task.answer.set_result(message)
        self._give_out()

    def _lose(self, desk: Desk, why: str) -> None:
        """End a desk; who waits for it is told."""
        desk.lost = True
        self._desks.remove(desk)
        desk.kill()
        if not desk.ready:
            self._start_at = time.monotonic() + BACKOFF_S[min(self._failures, len(BACKOFF_S) - 1)]
            self._failures += 1
        for task in desk.tasks.values():
            if not task.answer.done():
                task.answer.set_result({"answer": _lost(why).to_json()})
        if not self._closing:
            self._count("desks_lost_total")
            self._say("desk_lost", why=why, tasks=len(desk.tasks))

    def tend(self) -> None:
        """Start what lacks, and end what takes too much or too long."""
        limits, at = self._settings.limits, time.monotonic()
        for desk in list(self._desks):
            old = min((t.began for t in desk.tasks.values()), default=at)
            if at - old > limits.judge_s:
                self._lose(desk, "timeout")
            elif desk.memory_bytes > limits.desk_bytes:
                self._lose(desk, "memory")
            elif not desk.ready and at - desk.started > START_S:
                self._lose(desk, "start")
        while len(self._desks) < self._settings.desks and at >= self._start_at:
            self._desks.append(Desk(self._settings, self._from_thread(asyncio.get_running_loop())))

    def _from_thread(
        self, loop: asyncio.AbstractEventLoop
    ) -> Callable[[Desk, dict[str, Any] | None], None]:
        def tell(desk: Desk, message: dict[str, Any] | None) -> None:
            try:
                loop.call_soon_threadsafe(self._heard, desk, message)
            except RuntimeError:  # the loop has ended, and with it whoever wanted to know
                return

        return tell

    async def run(self) -> None:
        """Tend them for ever."""
        while True:
            self.tend()
            await asyncio.sleep(TICK_S)

    @property
    def memory_bytes(self) -> int:
        """Of all of them."""
        return sum(d.memory_bytes for d in self._desks)

    def close(self) -> None:
        """End them all."""
        self._closing = True
        for desk in list(self._desks):
            self._lose(desk, "ended")


def not_ready() -> Answer:
    """503: no desk is at work."""
    return Answer(
        503, "gatekeeper_busy", "the gateway is starting, or starting again", retry_after_s=5
    )


def _lost(why: str) -> Answer:
    if why == "timeout":
        return Answer(504, "gatekeeper_timeout", "the dataset took too long", again=False)
    return Answer(
        503, "gatekeeper_desk_lost", "the process at work on it was lost; try again", again=True
    )
