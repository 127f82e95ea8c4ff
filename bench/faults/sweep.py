"""Every fault at every system call of an operation that touches source, vault, journal or log.

    python -m bench.faults sweep [OPERATION] [--every N] [--point NAME:NUMBER:FAULT]

The calls come from a trace of a clean run. For each of them and each fault that can befall it, a
fresh place is made, the operation runs under strace with the fault at that call, and `verdict` looks
at what is left. Faults: SIGKILL at the entry of the call, the errors EIO, ENOSPC, EDQUOT, EROFS,
EMFILE, EINTR, and a short read or write: half of it is moved. A sync or a change that
fails with an error and an exit code of 0 is a violation whatever is on disk.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from bench.faults import strace
from bench.faults.operations import OPERATIONS, Operation
from bench.faults.place import Place, scratch
from bench.faults.strace import CHANGES, FAULTS, Call
from bench.faults.verdict import judge

SHOWN = 20
"""Points with a violation that are printed."""
_SYNCS = ("fsync", "fdatasync")
_RETRIED = "EINTR"  # Python calls again (PEP 475), so the run may succeed


@dataclass(frozen=True)
class Point:
    """One fault at one call."""

    operation: str
    call: Call
    fault: str

    def __str__(self) -> str:
        return f"{self.call.name}:{self.call.number}:{self.fault}"


@dataclass(frozen=True)
class Result:
    """What came of it."""

    point: Point
    outcome: str
    violations: tuple[str, ...]
    hit: bool


def template(op: Operation, folder: Path) -> Path:
    """A place before the operation, to be copied for every run."""
    place = Place(folder / "template")
    op.prepare(place.init())
    return place.root


def fresh(start: Path, root: Path) -> Place:
    """A copy of the place `start` at `root`."""
    return Place(start).copied(root)


def calls(op: Operation, start: Path, folder: Path) -> list[Call]:
    """Every call of a clean run, after one that warmed what Python keeps."""
    for _ in range(2):
        place = fresh(start, folder / "traced")
        found = strace.trace(strace.child(op.name, place.root), place.root, folder / "source")
    return found


def points(op: Operation, found: Iterable[Call]) -> list[Point]:
    """Every fault at every call."""
    return [Point(op.name, call, fault) for call in found for fault in call.faults()]


def try_point(point: Point, start: Path, folder: Path) -> Result:
    """One run in a fresh place under `folder`."""
    op = OPERATIONS[point.operation]
    place = fresh(start, folder / f"worker-{os.getpid()}")
    command = strace.child(op.name, place.root)
    ran = strace.inject(command, place.root, point.call, point.fault, folder / "source")
    verdict = judge(op, place, exit_code=ran.exit_code, said=ran.said)
    found = verdict.violations
    if not ran.hit:
        found.append("the fault did not hit the call it was meant for")
    if ran.exit_code == strace.HUNG:
        found.append(f"it did not end within {strace.HANG_S:g} s")
    hard = point.fault not in ("KILL", "SHORT", _RETRIED)
    hard = hard and point.call.name in CHANGES and point.call.name != "openat"
    if ran.exit_code == 0 and hard and not point.call.failed:
        found.append("exit 0 although a change or a sync failed")
    if ran.exit_code == 0 and point.call.name in _SYNCS and point.fault == "KILL":
        found.append("exit 0 although it was killed")
    shutil.rmtree(place.root)
    return Result(point, verdict.outcome, tuple(found), ran.hit)


def run(
    operation: str, *, every: int = 1, only: str = "", at_most: int = 0, processes: int = 2
) -> tuple[list[Call], list[Result]]:
    """Try all points of `operation`, or every `every`-th, or the one named `only`, or `at_most` so
    many that lie all over the run.
    """
    op = OPERATIONS[operation]
    with tempfile.TemporaryDirectory(prefix="gk-faults-", dir=scratch()) as name:
        folder = Path(name)
        strace.snapshot(folder / "source")
        start = template(op, folder)
        found = calls(op, start, folder)
        chosen = [p for p in points(op, found) if only in ("", str(p))][::every]
        if at_most:
            chosen = [chosen[n * len(chosen) // at_most] for n in range(at_most)]
        with ProcessPoolExecutor(processes, multiprocessing.get_context("forkserver")) as pool:
            jobs = [pool.submit(try_point, p, start, folder) for p in chosen]
            return found, [job.result() for job in jobs]


def table(results: Sequence[Result]) -> str:
    """Points by fault and outcome, then each violation with the point to run again."""
    count = Counter((r.point.fault, r.outcome) for r in results)
    outcomes = sorted({r.outcome for r in results})
    lines = [f"{'':8}" + "".join(f"{o:>26}" for o in outcomes)]
    for fault in (f for f in FAULTS if any(r.point.fault == f for r in results)):
        lines.append(f"{fault:8}" + "".join(f"{count[fault, o]:>26}" for o in outcomes))
    bad = [r for r in results if r.violations]
    for result in bad[:SHOWN]:
        lines.extend(f"VIOLATION --point {result.point}: {v}" for v in result.violations)
        lines.append(f"    at {result.point.call.name}({result.point.call.text[:150].strip()}")
    if len(bad) > SHOWN:
        lines.append(f"… and {len(bad) - SHOWN} more points")
    return "\n".join(lines)


def main(operations: Sequence[str], *, every: int, only: str, processes: int) -> int:
    """Print the tables; 1 where anything does not hold, 2 where it cannot be tried."""
    if why := strace.missing():
        print(why)
        return 2
    bad = 0
    for operation in operations:
        begun = time.monotonic()
        found, results = run(operation, every=every, only=only, processes=processes)
        bad += sum(bool(r.violations) for r in results)
        names = Counter(call.name for call in found)
        print(
            f"{operation}: {len(found)} calls: " + ", ".join(f"{n} {c}" for n, c in names.items())
        )
        print(table(results))
        spent = time.monotonic() - begun
        print(
            f"{operation}: {len(results)} points, {bad} with a violation, {spent:.0f} s", flush=True
        )
    return 1 if bad else 0
