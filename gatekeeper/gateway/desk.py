"""A desk: a process of its own that decides on what the front has spooled, and sends what may go.

It is started by `desks`, never by hand, and ends when the front does. The detector does one thing
at a time; sending, which waits for others, is done beside it by threads.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import socket
import sys
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gatekeeper.errors import GatekeeperError
from gatekeeper.gateway.answers import Answer, not_here
from gatekeeper.gateway.frames import Line
from gatekeeper.gateway.logs import kind_of, silence_libraries
from gatekeeper.model import digest_of
from gatekeeper.read import SealedSnapshot

if TYPE_CHECKING:
    from gatekeeper.gate import Setup
    from gatekeeper.gateway.judge import Bench, Done

SENDERS = 32
LOOKERS = 8
"""Threads for what needs no detector, so that they need not wait for those that send."""
_FRAMEWORKS = ("torch", "transformers", "tensorflow")
_PR_SET_PDEATHSIG = 1


def main(descriptor: int) -> None:
    """Serve the front at the other end of the socket `descriptor`."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # the front decides what an interruption ends
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    silence_libraries()
    line = Line(socket.socket(fileno=descriptor))
    begin, _ = line.receive()
    try:
        bench = _bench(begin)
    except BaseException as error:  # noqa: BLE001  (told to the front, by its kind or our own words)
        own = isinstance(error, GatekeeperError)
        line.send({"failed": str(error) if own else kind_of(error)})
        return
    line.send({"ready": setup_digest(bench.setup)})
    Desk(bench, line).serve()


def setup_digest(setup: Setup) -> str:
    """What front and desks must agree on: policies, destination, and the configuration."""
    policies = [[p.id, p.digest] for p in setup.policies]
    return digest_of([policies, setup.destination.digest, repr(setup.config)])


def _bench(begin: Mapping[str, Any]) -> Bench:
    from gatekeeper import gate
    from gatekeeper import upload as out
    from gatekeeper.egress.bound import Account
    from gatekeeper.gateway.judge import Bench
    from gatekeeper.policy import load_config
    from gatekeeper.prepare import beside

    named = Path(begin["config"]) if begin["config"] else None
    config = load_config(named, start=Path(begin["start"]))
    if config.names is None:
        for name in _FRAMEWORKS:  # spaCy loads them where they are installed; nothing here does
            sys.modules.setdefault(name, None)  # type: ignore[arg-type]
    policies = beside(config, begin["policies"])
    setup = gate.prepare(config, policies=policies, destination=begin["destination"])
    detector, _ = gate.load_detector_for(setup, setup.entities)
    detector.compile()  # now, and not while somebody waits
    _warm(setup)
    return Bench(
        setup,
        Account(begin["api_key"], begin["organization"], begin["project"]),
        out.ledger_of(config.state),
        None if begin["no_cache"] else gate.open_memory(),
        threading.Lock(),
    )


def _warm(setup: Setup) -> None:
    """Have what the first dataset would wait for loaded before."""
    import datetime
    import importlib

    from gatekeeper import gate
    from gatekeeper.read import source_from_bytes

    for name in ("openai", "judge", "jobs", "remote", "telling"):
        importlib.import_module(name if name == "openai" else f"gatekeeper.gateway.{name}")
    line = b'{"messages":[{"role":"user","content":"What is 2 times 3? Write to Ann Lee."}]}\n'
    warm = source_from_bytes("warm.jsonl", line * 10, input_format="jsonl")
    gate.check([warm], setup, today=datetime.date.today())


class Desk:
    """The desk at work."""

    def __init__(self, bench: Bench, line: Line) -> None:
        self._bench = bench
        self._line = line
        self._senders = ThreadPoolExecutor(SENDERS)
        self._lookers = ThreadPoolExecutor(LOOKERS)

    def serve(self) -> None:
        """Take what is asked until the front ends."""
        while True:
            try:
                task, descriptor = self._line.receive()
            except (EOFError, OSError):
                os._exit(0)
            judges = task["kind"] in ("file", "job")
            pool = self._senders if judges else self._lookers
            pool.submit(self._do, task, descriptor)

    def _do(self, task: Mapping[str, Any], descriptor: int | None) -> None:
        said: dict[str, Any] = {"task": task["task"]}
        try:
            done = self._done(task, descriptor)
            said |= {"body": done.body, "facts": dict(done.facts)}
        except Answer as answer:
            said["answer"] = answer.to_json()
        except GatekeeperError as error:
            from gatekeeper.gateway.telling import of_error

            said |= {"answer": of_error(error).to_json(), "error": kind_of(error)}
        except BaseException as error:  # noqa: BLE001  (told to the front, by its kind alone)
            internal = Answer(500, "gatekeeper_internal", "the gateway failed", again=False)
            said |= {"answer": internal.to_json(), "error": kind_of(error)}
        self._say(said)

    def _say(self, message: dict[str, Any]) -> None:
        try:
            self._line.send(message)
        except OSError:  # the front is gone, and this process with it
            os._exit(0)

    def _done(self, task: Mapping[str, Any], descriptor: int | None) -> Done:
        from gatekeeper.gateway import remote

        kind, bench = task["kind"], self._bench

        def judged() -> None:
            self._say({"task": task["task"], "judged": True})

        if kind == "file":
            return self._file(task, descriptor, judged)
        if kind == "job":
            from gatekeeper.gateway.jobs import create_job

            return create_job(bench, task["body"], judged)
        if kind == "reconcile":
            return _reconciled(bench)
        about = task.get("id", "")
        if about and not remote.ID.match(about):
            raise not_here("file or job")
        query = task.get("query", {})
        known: dict[str, Callable[[], Done]] = {
            "files.list": lambda: remote.list_files(bench, query),
            "files.retrieve": lambda: remote.retrieve_file(bench, about),
            "files.delete": lambda: remote.delete_file(bench, about),
            "jobs.list": lambda: remote.list_jobs(bench, query),
            "jobs.retrieve": lambda: remote.retrieve_job(bench, about),
            "jobs.cancel": lambda: remote.cancel_job(bench, about),
            "jobs.events": lambda: remote.events(bench, about, query),
            "jobs.checkpoints": lambda: remote.checkpoints(bench, about, query),
        }
        return known[kind]()

    def _file(
        self, task: Mapping[str, Any], descriptor: int | None, judged: Callable[[], None]
    ) -> Done:
        from gatekeeper.gateway.judge import judge_file

        if descriptor is None:
            raise ValueError("a dataset without its bytes")
        key = bytes.fromhex(task["key"])
        with SealedSnapshot.borrowed(descriptor, key, task["digest"], task["size"]) as snapshot:
            return judge_file(
                self._bench, snapshot, task["purpose"], task["expires_after_s"], judged
            )


def _reconciled(bench: Bench) -> Done:
    """Settle what an earlier run left."""
    from gatekeeper.gateway.judge import Done, settle

    left = any(r.state == "intended" for r in bench.ledger.records())
    return Done({"settled": settle(bench) if left else 0}, {})
