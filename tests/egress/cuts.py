"""Kill -9, cut connections and lost answers at every step of an upload, and what must hold after.

    python -m tests.egress.cuts [--every N]

goes through all of them (`make upload-cuts`): the sender is killed at every line that it runs in
the rooms of the way out, of the log and of durable writing; it is killed, and the connection is
cut, at every step of every request; and reconciliation itself is cut off once, too. After each,
`reconcile` must end with at most one live file for a decision, none that is not on record, and
nothing on record that is not there.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import os
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

import gatekeeper
import gatekeeper.egress.calls  # both here, so that a first upload runs no more lines
import gatekeeper.egress.door
from gatekeeper.egress.records import CREATED, INTENDED, SENT
from gatekeeper.errors import GatekeeperError, UploadError
from gatekeeper.model.job import JobRequest
from tests.egress.kit import DATA, VALID, Place, parts_destination
from tests.enforce.support import destination
from tests.servers.files_api import Cut, FilesApi, Request

ROOM = Path(gatekeeper.__file__).parent
STEPS_IN = ("send", "steps", "records", "calls", "asking", "tell", "door", "back")
WATCHED = (
    *(str(ROOM / "egress" / f"{name}.py") for name in STEPS_IN),
    str(ROOM / "audit/log.py"),
    str(ROOM / "audit/head.py"),
    str(ROOM / "vault/durable.py"),
)
"""What only reads and checks the rows, before anything is begun, is left out."""
STEPS = ("begun", "half", "received", "done", "answered")
JOB = JobRequest("gpt-4o-mini", suffix="quick")


@dataclass(frozen=True)
class Scenario:
    """What is sent, and how."""

    name: str
    contents: tuple[bytes, ...]
    job: JobRequest | None = None
    in_parts: bool = False

    def send(self, place: Place, server: FilesApi) -> None:
        to = parts_destination(server) if self.in_parts else destination(server.base_url)
        part_bytes = len(DATA) // 3 + 1
        place.send(to, *self.contents, job=self.job, part_bytes=part_bytes, timeout_s=5)


SCENARIOS = (
    Scenario("a file", (DATA,)),
    Scenario("two files and a job", (DATA, VALID), JOB),
    Scenario("a file in parts", (DATA,), in_parts=True),
    Scenario("two files in parts and a job", (DATA, VALID), JOB, in_parts=True),
)


@dataclass
class Counted:
    """How many attempts there were, and how they ended."""

    ended: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        about = ", ".join(f"{n} {what}" for what, n in sorted(self.ended.items()))
        return f"{self.ended.total()} cuts: {about}"


# --- what must hold --------------------------------------------------------------------------


def assert_settled(place: Place, server: FilesApi, scenario: Scenario) -> str:
    """Reconcile, and see that records and destination are one; gives the state they ended in."""
    place.reconcile()
    assert place.reconcile() == []
    records = place.ledger.records()
    live = {i: m["filename"] for i, (m, _) in server.files.items()}
    on_record = {f.remote: f for r in records for f in r.files if f.state == SENT}
    assert set(live) == set(on_record), "what is live is on record, and the other way about"
    assert max(Counter(live.values()).values(), default=0) <= 1, "one live file for a content"
    assert not any(f.state == INTENDED for r in records for f in r.files)
    for remote, about in on_record.items():
        assert server.files[remote][1] in scenario.contents
        assert live[remote] == about.name
    jobs = {r.job_id for r in records if r.job_state == CREATED}
    assert jobs == set(server.jobs), "every job is on record"
    assert len(jobs) <= 1
    for upload in server.uploads.values():
        parts = any(owner == upload["id"] for owner, _ in server.parts.values())
        assert upload["status"] in ("completed", "cancelled") or not parts
    assert_logged(place, set(on_record))
    (state,) = {r.state for r in records} or {"nothing"}
    return state


def assert_logged(place: Place, live: set[str]) -> None:
    """The log is whole, and names every live file, before which stands the intent."""
    log = place.ledger.log
    if not log.path.exists():
        assert not live
        return
    assert log.check().signed.seq > 0
    told = [r["data"].get("remote") for r in log.records() if r["event"] == "upload"]
    assert live <= set(told)
    assert len(told) == len(set(told))


def assert_can_go_on(place: Place, server: FilesApi, scenario: Scenario, state: str) -> None:
    """A second upload of the decision is refused while the first is there, and else succeeds."""
    if state in ("sent", "job"):
        try:
            scenario.send(place, server)
        except UploadError as e:
            assert "of the same decision" in str(e)  # noqa: PT017
        else:
            raise AssertionError("a second upload was accepted")
        return
    server.on_step = server.fault = None
    scenario.send(place, server)
    names = Counter(m["filename"] for m, _ in server.files.values())
    assert names.total() == len(names) == len(scenario.contents)


# --- ways to be cut off ----------------------------------------------------------------------


def begin_in_child(what: Callable[[], object]) -> int:
    """Run `what` in a fork, whose process id it gives: 1 is the exit code of our errors."""
    child = os.fork()
    if child == 0:
        code = 3
        try:
            what()
            code = 0
        except GatekeeperError:
            code = 1
        finally:
            os._exit(code)
    return child


def end_of(child: int) -> int:
    """The exit code of a process, or the negative number of the signal that ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def in_child(what: Callable[[], object]) -> int:
    """Run `what` in a fork to its end; see `end_of`."""
    return end_of(begin_in_child(what))


def traced(what: Callable[[], object], at: int) -> None:
    """Run `what`, and die at the line with number `at` of those watched; 0 counts them instead,
    and tells the number on descriptor 1000.
    """
    lines = 0

    def trace(frame: FrameType, event: str, _: object) -> Any:
        nonlocal lines
        if not frame.f_code.co_filename.startswith(WATCHED):
            return None
        if event == "line":
            lines += 1
            if lines == at:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace

    sys.settrace(trace)
    what()
    sys.settrace(None)
    if not at:
        os.write(1000, str(lines).encode())


def lines_of(scenario: Scenario, folder: Path) -> int:
    """How many watched lines an upload of `scenario` runs."""
    reader, writer = os.pipe()
    os.dup2(writer, 1000)
    with FilesApi() as server:
        place = Place(folder)
        assert in_child(lambda: traced(lambda: scenario.send(place, server), 0)) == 0
    os.close(1000)
    os.close(writer)
    with os.fdopen(reader) as told:
        return int(told.read())


def wait_until_idle(server: FilesApi) -> None:
    """Until no request is in the works: what a killed sender had sent may yet be stored."""
    while server.in_flight:
        time.sleep(0.002)


def killed_at_line(scenario: Scenario, folder: Path, at: int) -> str:
    with FilesApi() as server:
        place = Place(folder)
        ended = in_child(lambda: traced(lambda: scenario.send(place, server), at))
        assert ended in (-signal.SIGKILL, 0)  # 0: this run had fewer lines than the counted one
        wait_until_idle(server)
        state = assert_settled(place, server, scenario)
        assert_can_go_on(place, server, scenario, state)
    return state


def at_request(
    scenario: Scenario, folder: Path, number: int, step: str, *, kill: bool, again: bool
) -> str | None:
    """Cut the connection, or kill the sender, at `step` of its request `number`; None where it has
    not so many. `again`: reconciliation is cut off likewise, once, before it is run to its end.
    """
    armed = {"pid": 0, "left": number, "done": False}

    def on_step(name: str, request: Request) -> None:
        if name == "begun":
            armed["left"] = int(armed["left"]) - 1
        if armed["done"] or armed["left"] != -1 or name != step:
            return
        armed["done"] = True
        if kill and armed["pid"]:
            os.kill(int(armed["pid"]), signal.SIGKILL)
        else:
            raise Cut

    with FilesApi(on_step=on_step) as server:
        place = Place(folder)
        run_cut_off(lambda: scenario.send(place, server), armed, kill=kill)
        wait_until_idle(server)
        if not armed["done"]:
            return None
        if again:
            armed.update(left=number % 2, done=False)
            run_cut_off(place.reconcile, armed, kill=kill)
            wait_until_idle(server)
        armed.update(done=True)
        state = assert_settled(place, server, scenario)
        assert_can_go_on(place, server, scenario, state)
    return state


def run_cut_off(what: Callable[[], object], armed: dict[str, Any], *, kill: bool) -> None:
    """Run `what` where it can be killed, or where its connection is cut and it may fail."""
    if not kill:
        with contextlib.suppress(UploadError):
            what()
        return
    reader, writer = os.pipe()
    child = begin_in_child(lambda: (os.read(reader, 1), what()))
    armed["pid"] = child
    os.write(writer, b"g")
    code = end_of(child)
    os.close(reader)
    os.close(writer)
    armed["pid"] = 0
    assert code in (0, 1, -signal.SIGKILL)


def all_requests(scenario: Scenario) -> Iterator[tuple[int, str, bool, bool]]:
    """(request, step, kill, again), without end: who runs them stops at the last request."""
    for number in itertools.count():
        for step, kill, again in itertools.product(STEPS, (False, True), (False, True)):
            yield number, step, kill, again


def sweep(folder: Path, *, every: int = 1, say: Callable[[str], object] = print) -> Counted:
    """Every cut, or every `every`th."""
    total = Counted()
    run = itertools.count()

    def fresh() -> Path:
        place = folder / str(next(run))
        place.mkdir()
        return place

    for scenario in SCENARIOS:
        counted = Counted()
        lines = lines_of(scenario, fresh())
        for at in range(1, lines + 1, every):
            place = fresh()
            counted.ended[killed_at_line(scenario, place, at)] += 1
            shutil.rmtree(place)
        say(f"{scenario.name}: killed at {lines} lines: {counted}")
        at_requests = Counted()
        for tried, (number, step, kill, again) in enumerate(all_requests(scenario)):
            if tried % every and number < 40:
                continue
            place = fresh()
            state = at_request(scenario, place, number, step, kill=kill, again=again)
            shutil.rmtree(place)
            if state is None and step == "begun":
                break
            at_requests.ended[state or "not reached"] += 1
        say(f"{scenario.name}: at the steps of {number} requests: {at_requests}")
        total.ended += counted.ended + at_requests.ended
    return total


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--every", type=int, default=1, help="try every Nth cut alone")
    arguments = parser.parse_args()
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        total = sweep(Path(folder), every=arguments.every)
    sys.stdout.write(
        f"{total}\nafter each: at most one live file for a decision, none that is not on record, "
        f"none on record that is not there ({time.monotonic() - begun:.0f} s)\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
