"""Power cuts on ext4 and xfs, and whether each sync of the product is there for a reason.

    python -m bench.faults powercut [OPERATION] [--cuts N]      N random instants on each file system
    python -m bench.faults syncs [OPERATION]                    each sync left out in turn

Three ways of looking, all of them on file systems of our own (`disk`):

1. Random instants: the operation runs, the power is cut by the shutdown ioctl at a random moment,
   the file system replays its journal, and `verdict` looks at what is left. In every second round
   another process syncs a file of its own all the while: it commits names whose data still waits.
2. Every step: what has reached the disk is copied right before each call that changes a file.
3. Promises: at the steps that an operation names, what its syncs are there for must be on disk.

With one sync left out, 2 and 3 must find something; a sync that nothing misses is told.
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.faults import disk
from bench.faults.disk import Disk, copy_sparse
from bench.faults.operations import OPERATIONS, Operation
from bench.faults.place import Place, scratch
from bench.faults.steps import Step, Steps
from bench.faults.verdict import judge
from gatekeeper.errors import GatekeeperError

KILLED = -9
_SPREAD = 1.3
"""Cuts fall into as many times the length of a clean run."""


@dataclass(frozen=True)
class Cut:
    """One power cut and what does not hold after it."""

    where: str
    violations: tuple[str, ...]
    outcome: str = ""


@dataclass
class Bench:
    """A prepared place of one operation on one file system."""

    op: Operation
    disk: Disk
    start: Path = field(init=False)
    """The image before the operation."""

    def __post_init__(self) -> None:
        self.start = self.disk.folder / "start.img"
        self.disk.make()
        with self.disk.mounted() as mount:
            self.op.prepare(Place(mount / "place").init())
            os.sync()
        os.replace(self.disk.image, self.start)

    @contextlib.contextmanager
    def fresh(self) -> Iterator[Place]:
        """The place as prepared, mounted."""
        copy_sparse(self.start, self.disk.image)
        with self.disk.mounted() as mount:
            yield Place(mount / "place")

    @contextlib.contextmanager
    def after(self, image: Path) -> Iterator[Place]:
        """What a machine finds in `image` when it is started again; as a copy, to be worked on,
        under the very path that the place had: the journal names paths.
        """
        with self.disk.mounted(image) as mount:
            copy = Place(mount / "place").copied(self.disk.folder / "after")
        here = copy.root.rename(self.disk.mount / "place")
        try:
            yield Place(here)
        finally:
            shutil.rmtree(here)


def benches(operation: str) -> Iterator[Bench]:
    """On each file system that can be had here."""
    for kind in disk.KINDS:
        if why := disk.missing(kind):
            print(why)
            continue
        with tempfile.TemporaryDirectory(prefix="gk-power-", dir=scratch()) as folder:
            yield Bench(OPERATIONS[operation], Disk(kind, Path(folder)))


def forked(run: Callable[[], object]) -> int:
    """The pid of a child that does `run`, silently, and then ends: with 0, or 1 for an error."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            null = os.open(os.devnull, os.O_RDWR)
            for fd in (0, 1, 2):
                os.dup2(null, fd)
            run()
            code = 0
        except GatekeeperError as e:
            code = e.exit_code
        finally:
            os._exit(code)
    return pid


def ended(pid: int) -> int:
    """The exit code of a child, below 0 for a signal."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


# --- 1. random instants ----------------------------------------------------------------------


def random_cuts(bench: Bench, count: int, *, seed: int = 1) -> Iterator[Cut]:
    """`count` power cuts at random instants of the operation."""
    chance = random.Random(seed)
    length_s = statistics.median(_clean_run_s(bench) for _ in range(5))
    for number in range(count):
        at_s = chance.uniform(0, length_s * _SPREAD)
        yield _random_cut(bench, at_s, noise=number % 2 == 1, where=f"{number} at {at_s:.4f} s")


def _clean_run_s(bench: Bench) -> float:
    with bench.fresh() as place:
        begun = time.monotonic()
        code = ended(forked(lambda: bench.op.run(place)))
        if code != 0:
            raise RuntimeError(f"the clean run failed: exit {code}")
        return time.monotonic() - begun


def _random_cut(bench: Bench, at_s: float, *, noise: bool, where: str) -> Cut:
    with bench.fresh() as place:
        other = forked(lambda: _make_noise(bench.disk.mount)) if noise else 0
        pid = forked(lambda: bench.op.run(place))
        time.sleep(at_s)
        done, status = os.waitpid(pid, os.WNOHANG)
        bench.disk.cut()
        for process in filter(None, (other, 0 if done else pid)):
            os.kill(process, signal.SIGKILL)
            ended(process)
    code = os.waitstatus_to_exitcode(status) if done else KILLED
    with bench.after(bench.disk.image) as place:
        verdict = judge(bench.op, place, exit_code=code)
    return Cut(where, tuple(verdict.violations), verdict.outcome)


def _make_noise(folder: Path) -> None:
    fd = os.open(folder / "noise", os.O_CREAT | os.O_WRONLY)
    while True:
        os.pwrite(fd, b"x", 0)
        os.fsync(fd)


# --- 2 and 3. at the steps -------------------------------------------------------------------


def step_cuts(
    bench: Bench, *, skip: str = "", noise: bool = False, every: bool = True
) -> Iterator[Cut]:
    """A cut before each step, or before those alone that a promise names; `skip` is the site of a
    sync that is left out. `noise` syncs another file right before each cut.
    """
    images = bench.disk.folder / "cuts"
    images.mkdir(exist_ok=True)
    for old in images.iterdir():
        old.unlink()
    with bench.fresh() as place:
        code = ended(forked(lambda: _run_cutting(bench, place, images, skip, noise, every)))
        if code != 0:
            raise RuntimeError(f"the run that is cut failed: exit {code}")
    promises = bench.op.promises
    for image in sorted(images.iterdir()):
        _, name, marks = image.stem.split("~")
        kept = [promises[int(mark)] for mark in filter(None, marks.split("."))]
        where = f"{image.stem} ({'noise' if noise else 'still'})"
        for promise in kept:
            with bench.after(image) as place:
                yield Cut(where, tuple(_broken(promise.text, promise.broken, place)))
        with bench.after(image) as place:
            verdict = judge(bench.op, place, exit_code=0 if name == "exit" else KILLED)
            yield Cut(where, tuple(verdict.violations), verdict.outcome)


def _broken(text: str, broken: Callable[[Place], str], place: Place) -> Iterator[str]:
    try:
        why = broken(place)
    except (GatekeeperError, OSError) as e:
        why = f"{type(e).__name__}: {e}"
    if why:
        yield f"promise `{text}`: {why}"


def _run_cutting(
    bench: Bench, place: Place, images: Path, skip: str, noise: bool, every: bool
) -> None:
    count = 0
    fd = os.open(bench.disk.mount / "noise", os.O_CREAT | os.O_WRONLY)

    def before(step: Step) -> None:
        nonlocal count
        count += 1
        marks = [str(n) for n, p in enumerate(bench.op.promises) if step.matches(p.step, p.path)]
        if not (every or marks):
            return
        if noise:
            os.pwrite(fd, b"%d" % count, 0)
            steps.sync(fd)
        copy_sparse(bench.disk.image, images / f"{count:03}~{step.name}~{'.'.join(marks)}.img")

    steps = Steps(place.root, before, skip=skip)
    bench.op.run(place)
    steps.end()


def steps_of(bench: Bench) -> list[Step]:
    """Every step of a clean run."""
    said = bench.disk.folder / "steps"
    with bench.fresh() as place:

        def run() -> None:
            found: list[Step] = []
            steps = Steps(place.root, found.append)
            bench.op.run(place)
            steps.end()
            lines = [f"{s.name}\t{s.path}\t{s.site}\t{s.number}" for s in found]
            said.write_text("\n".join(lines))

        if ended(forked(run)):
            raise RuntimeError("the clean run failed")
    fields = [line.split("\t") for line in said.read_text().splitlines()]
    return [Step(name, path, site, int(number)) for name, path, site, number in fields]


def sync_sites(bench: Bench) -> list[str]:
    """The call sites of `os.fsync` in a clean run, each once, in order."""
    return list(dict.fromkeys(s.site for s in steps_of(bench) if s.name == "fsync"))


def unkept_promises(bench: Bench) -> list[str]:
    """The promises whose step is not in a clean run: they would never be looked at."""
    steps = steps_of(bench)
    return [p.text for p in bench.op.promises if not any(s.matches(p.step, p.path) for s in steps)]


def without(bench: Bench, site: str, *, thorough: bool = True) -> str:
    """What is found first when the sync at `site` is left out; empty where nothing is."""
    for every in (False, True) if thorough else (False,):
        for noise in (False, True):
            for cut in step_cuts(bench, skip=site, noise=noise, every=every):
                if cut.violations:
                    return f"{cut.where}: {cut.violations[0]}"
    return ""


# --- the command line --------------------------------------------------------------------------


def main(operations: Sequence[str], *, cuts: int) -> int:
    """Random instants and every step; 1 where something does not hold, 2 where none was made."""
    bad = made = 0
    for operation in operations:
        for bench in benches(operation):
            begun = time.monotonic()
            found = [*random_cuts(bench, cuts)]
            stepped = [c for noise in (False, True) for c in step_cuts(bench, noise=noise)]
            broken = [c for c in (*found, *stepped) if c.violations]
            made, bad = made + len(found), bad + len(broken)
            for cut in broken:
                print(f"VIOLATION {operation} {bench.disk.kind} {cut.where}: {cut.violations}")
            outcomes = sorted({c.outcome for c in found})
            counts = ", ".join(f"{o}: {sum(c.outcome == o for c in found)}" for o in outcomes)
            print(
                f"{operation} on {bench.disk.kind}: {len(found)} random cuts ({counts}), "
                f"{len(stepped)} looks at steps, {len(broken)} violations, "
                f"{time.monotonic() - begun:.0f} s",
                flush=True,
            )
    return (1 if bad else 0) if made else 2


def main_syncs(operations: Sequence[str]) -> int:
    """Each sync left out in turn; 1 where one is missed by nothing on any file system."""
    unmissed = 0
    for operation in operations:
        caught: dict[str, str] = {}
        for bench in benches(operation):
            for promise in unkept_promises(bench):
                print(f"{operation}: the promise `{promise}` names no step of a clean run")
                unmissed += 1
            for site in sync_sites(bench):
                if not caught.get(site):
                    found = without(bench, site)
                    caught[site] = found and f"{bench.disk.kind} {found}"
        for site, found in caught.items():
            unmissed += not found
            print(f"{operation}: without {site}\n    {found or 'NOTHING IS MISSED'}", flush=True)
    return 1 if unmissed else 0
