"""The worker processes: started, spoken to, watched and ended.

None outlives the pool: each is killed when it ends, and ends by itself when this process does.
One that dies, gives no sign for too long, or takes too much memory is `Lost`, and never waited for.
"""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, cast

from gatekeeper.shards.frames import Inbox, Outbox
from gatekeeper.shards.messages import Beat, Begin, Ready, Told

START_S = 600.0
"""For a worker to make its detector, or what it may be silent for where that is more."""
TICK_S = 0.25
"""Between two looks at the memory and the silence of the workers."""
_ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS",
     "RAYON_NUM_THREADS"),
    "1",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Lost:
    """A worker is gone; `what` says how."""

    what: str


class Worker:
    """One process, and what passes between it and this one."""

    def __init__(self, begin: Begin) -> None:
        """Starts it."""
        # Neither `-m` nor `-c` alone: both would import from the working directory first.
        path = [str(folder) for folder in sys.path]
        code = (
            f"import sys; sys.path[:] = {path!r}; from gatekeeper.shards.worker import main; main()"
        )
        self._process = subprocess.Popen(  # noqa: S603  (this interpreter, and our own module)
            [sys.executable, "-c", code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            env={**os.environ, **_ONE_THREAD, "TOKENIZERS_PARALLELISM": "false"},
            start_new_session=True,
        )
        self._pipes = [
            cast("IO[bytes]", self._process.stdout),
            cast("IO[bytes]", self._process.stdin),
        ]
        self.reads, self.writes = (pipe.fileno() for pipe in self._pipes)
        self.inbox, self.outbox = Inbox(self.reads), Outbox(self.writes)
        self.outbox.put(begin)
        self.busy = True
        """Whether an answer is awaited: at first that it is ready."""
        self.ready = False
        """Whether it has proved its detector."""
        self.last_sign = time.monotonic()

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    def tell(self, message: object) -> None:
        """Send `message`, which is not answered."""
        self.outbox.put(message)

    def ask(self, message: object) -> None:
        """Send `message`, and await its answer."""
        self.tell(message)
        self.busy, self.last_sign = True, time.monotonic()

    @property
    def memory_bytes(self) -> int:
        """What the process holds in memory, where the system tells."""
        try:
            pages = Path(f"/proc/{self.pid}/statm").read_text(encoding="ascii").split()[1]
        except (OSError, IndexError):
            return 0
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    def ended(self) -> str:
        """How the process ended, whose pipe is closed."""
        try:
            code = self._process.wait(timeout=TICK_S)
        except subprocess.TimeoutExpired:
            return "closed its pipe"
        if code < 0:
            known = code in {-s for s in signal.Signals}
            return f"was killed ({signal.Signals(-code).name if known else -code})"
        return f"ended with {code}"

    def kill(self) -> None:
        """End the process, and wait until it is gone."""
        self._process.kill()
        self._process.wait()
        for pipe in self._pipes:
            pipe.close()


class Pool:
    """Workers that all began with the same message. Leave it by `with`."""

    def __init__(self, begin: Begin, *, silence_s: float) -> None:
        """Of none so far: one that gives no sign for `silence_s` will be lost."""
        self._begin = begin
        self._silence_s = silence_s
        self._selector = selectors.DefaultSelector()
        self.workers: list[Worker] = []
        self._next_look = 0.0

    def __enter__(self) -> Pool:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for worker in list(self.workers):
            self.remove(worker)
        self._selector.close()

    def start(self) -> Worker:
        """One more."""
        worker = Worker(self._begin)
        self.workers.append(worker)
        self._selector.register(worker.reads, selectors.EVENT_READ, worker)
        return worker

    def remove(self, worker: Worker) -> None:
        """Kill `worker`."""
        self.workers.remove(worker)
        self._selector.unregister(worker.reads)
        if worker.writes in self._selector.get_map():
            self._selector.unregister(worker.writes)
        worker.kill()

    def events(self) -> Iterator[tuple[Worker, Any]]:
        """What the workers say within a moment, or that one is `Lost`: it is removed then."""
        for worker in self.workers:
            if worker.outbox and worker.writes not in self._selector.get_map():
                self._selector.register(worker.writes, selectors.EVENT_WRITE, worker)
        for key, mask in self._selector.select(TICK_S):
            worker = key.data
            if worker not in self.workers:
                continue
            if mask & selectors.EVENT_WRITE:
                self._write(worker)
            else:
                yield from self._read(worker)
        if time.monotonic() >= self._next_look:
            self._next_look = time.monotonic() + TICK_S
            yield from self._watched()

    def _write(self, worker: Worker) -> None:
        gone = False
        try:
            worker.outbox.send()
        except OSError:  # the end of its other pipe says how it went
            gone = True
        if gone or not worker.outbox:
            self._selector.unregister(worker.writes)
        if gone:
            worker.outbox.clear()

    def _read(self, worker: Worker) -> Iterator[tuple[Worker, Any]]:
        messages: list[Any] = []
        gone = False
        try:
            messages += worker.inbox.receive()
        except (EOFError, OSError):
            gone = True
        worker.last_sign = time.monotonic()
        for message in messages:
            if not isinstance(message, (Beat, Told)):
                worker.busy = False
                worker.ready = worker.ready or isinstance(message, Ready)
            yield worker, message
        if gone:
            yield self._lost(worker, worker.ended())

    def _watched(self) -> Iterator[tuple[Worker, Any]]:
        most = self._begin.memory_bytes
        for worker in list(self.workers):
            longest_s = self._silence_s if worker.ready else max(self._silence_s, START_S)
            if worker.memory_bytes > most:
                yield self._lost(worker, f"took more than {most >> 20:,} MiB of memory")
            elif worker.busy and time.monotonic() - worker.last_sign > longest_s:
                yield self._lost(worker, f"gave no sign for {longest_s:g} s")

    def _lost(self, worker: Worker, what: str) -> tuple[Worker, Any]:
        self.remove(worker)
        return worker, Lost(what)
