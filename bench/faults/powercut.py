"""Power cuts on ext4 and xfs, and whether each sync of the product is there for a reason.

    python -m bench.faults powercut [OPERATION] [--cuts N]    N random instants on each file system
    python -m bench.faults syncs [OPERATION]                  each sync left out in turn

Three ways of looking, on file systems of our own (`disk`):

1. Random instants: the operation runs, the power is cut by the shutdown ioctl at a random moment,
   the file system replays its journal, and `verdict` looks at what is left. In every second round
   another process syncs a file of its own all the while: it commits names whose data still waits.
2. Every step: what has reached the disk is copied right before each call that changes a file.
3. Promises: at the steps that an operation names, what its syncs are there for must be on disk.

2 and 3 are done as well on the strictest disk that POSIX allows (`strict`), without any device.
With one sync left out, they must find something; a sync that nothing misses is told.
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import astuple, dataclass, field
from pathlib import Path

from bench.faults import disk
from bench.faults.disk import Disk, copy_sparse
from bench.faults.operations import OPERATIONS, Operation, Promise
from bench.faults.place import Place, scratch
from bench.faults.steps import Step, Steps
from bench.faults.strict import StrictDisk
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
        self.disk.image.replace(self.start)

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
    length_s = min(_clean_run_s(bench) for _ in range(5))
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
    images = _emptied(bench.disk.folder / "cuts")
    with bench.fresh() as place:
        device = os.open(bench.disk.mount / "noise", os.O_CREAT | os.O_WRONLY)

        def run() -> None:
            def cut(name: str) -> None:
                if noise:
                    os.pwrite(device, name.encode(), 0)
                    steps.sync(device)
                copy_sparse(bench.disk.image, images / name)

            steps = Steps(place.root, _cutter(bench.op, cut, every=every), skip=skip)
            bench.op.run(place)
            steps.end()

        pid = forked(run)
        os.close(device)
        if (code := ended(pid)) != 0:
            raise RuntimeError(f"the run that is cut failed: exit {code}")
    for image in sorted(images.iterdir()):
        yield from looks(bench.op, image.name, lambda image=image: bench.after(image))  # type: ignore[misc]


def strict_cuts(
    op: Operation, folder: Path, *, skip: str = "", every: bool = True, judged: bool = True
) -> Iterator[Cut]:
    """The same on the strictest disk that POSIX allows, in `folder`, where `start` is the place;
    where not `judged`, the promises alone are looked at.
    """
    trees = _emptied(folder / "cuts")
    place = Place(folder / "start").copied(folder / "place")

    def run() -> None:
        disk = StrictDisk(place.root)
        cut = _cutter(op, lambda name: disk.write_out(trees / name), every=every)

        def before(step: Step) -> None:
            if step.name in ("unlink", "rmdir", "replace", "rename", "remove"):
                disk.keep(Path(step.target or step.path))
            cut(step)

        steps = Steps(place.root, before, skip=skip, synced=disk.sync)
        op.run(place)
        steps.end()

    if (code := ended(forked(run))) != 0:
        raise RuntimeError(f"the run that is cut failed: exit {code}")

    @contextlib.contextmanager
    def after(tree: Path) -> Iterator[Place]:
        yield Place(tree).copied(place.root)

    for tree in sorted(trees.iterdir()):
        yield from looks(op, tree.name, lambda tree=tree: after(tree), judged=judged)  # type: ignore[misc]


def strict_place(op: Operation, folder: Path) -> Path:
    """`folder`, with the place of `op` in it that `strict_cuts` starts from; the journal of what is
    cut names paths of the copy that runs.
    """
    place = Place(folder / "place").init()
    op.prepare(place)
    place.copied(folder / "start")
    return folder


def looks(
    op: Operation,
    name: str,
    after: Callable[[], contextlib.AbstractContextManager[Place]],
    *,
    judged: bool = True,
) -> Iterator[Cut]:
    """What does not hold after the cut `name`: each promise of its step, and the verdict."""
    _, step, marks = name.split("~")
    for mark in filter(None, marks.split(".")):
        promise = op.promises[int(mark)]
        with after() as place:
            yield Cut(name, tuple(_broken(promise, place)))
    if not judged:
        return
    with after() as place:
        verdict = judge(op, place, exit_code=0 if step == "exit" else KILLED)
        yield Cut(name, tuple(verdict.violations), verdict.outcome)


def _broken(promise: Promise, place: Place) -> Iterator[str]:
    try:
        why = promise.broken(place)
    except (GatekeeperError, OSError) as e:
        why = f"{type(e).__name__}: {e}"
    if why:
        yield f"promise `{promise.text}`: {why}"


def _cutter(op: Operation, cut: Callable[[str], None], *, every: bool) -> Callable[[Step], None]:
    """Calls `cut` with the name of a step: `number~call~the promises of it`."""
    count = 0

    def before(step: Step) -> None:
        nonlocal count
        count += 1
        marks = [str(n) for n, p in enumerate(op.promises) if step.matches(p.step, p.path)]
        if every or marks:
            cut(f"{count:03}~{step.name}~{'.'.join(marks)}")

    return before


def _emptied(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


def steps_of(op: Operation, folder: Path) -> list[Step]:
    """Every step of a clean run in a folder of `strict_place`."""
    said = folder / "steps"
    place = Place(folder / "start").copied(folder / "place")

    def run() -> None:
        found: list[Step] = []
        steps = Steps(place.root, found.append)
        op.run(place)
        steps.end()
        said.write_text("\n".join("\t".join(map(str, astuple(s))) for s in found))

    if ended(forked(run)):
        raise RuntimeError("the clean run failed")
    fields = [line.split("\t") for line in said.read_text().splitlines()]
    return [Step(name, path, site, int(number), to) for name, path, site, number, to in fields]


def sync_sites(op: Operation, folder: Path) -> list[str]:
    """The call sites of `os.fsync` in a clean run, each once, in order."""
    return list(dict.fromkeys(s.site for s in steps_of(op, folder) if s.name == "fsync"))


def unkept_promises(op: Operation, folder: Path) -> list[str]:
    """The promises whose step is not in a clean run: they would never be looked at."""
    steps = steps_of(op, folder)
    return [p.text for p in op.promises if not any(s.matches(p.step, p.path) for s in steps)]


def first_missed(cuts: Iterator[Cut]) -> str:
    """The first thing that does not hold; empty where all does."""
    return next((f"{cut.where}: {cut.violations[0]}" for cut in cuts if cut.violations), "")


def without(bench: Bench, site: str) -> str:
    """What is found first on a disk when the sync at `site` is left out; empty where nothing is."""
    for every in (False, True):
        for noise in (False, True):
            if found := first_missed(step_cuts(bench, skip=site, noise=noise, every=every)):
                return found
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


def main_syncs(operations: Sequence[str], *, devices: bool) -> int:
    """Each sync left out in turn; 1 where one is missed by nothing on any disk."""
    unmissed = 0
    for operation in operations:
        op = OPERATIONS[operation]
        with tempfile.TemporaryDirectory(prefix="gk-strict-", dir=scratch()) as name:
            folder = strict_place(op, Path(name))
            for promise in unkept_promises(op, folder):
                print(f"{operation}: the promise `{promise}` names no step of a clean run")
                unmissed += 1
            found = {
                site: {"strict": first_missed(strict_cuts(op, folder, skip=site))}
                for site in sync_sites(op, folder)
            }
        for bench in benches(operation) if devices else ():
            for site, missed in found.items():
                missed[bench.disk.kind] = without(bench, site)
        for site, missed in found.items():
            unmissed += not any(missed.values())
            print(f"{operation}: without {site}")
            for kind, why in missed.items():
                print(f"    {kind}: {why or 'nothing is missed'}", flush=True)
    return 1 if unmissed else 0
