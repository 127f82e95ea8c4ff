"""Every fault at every system call of an operation that touches source, vault, journal or log.

    python -m bench.faults sweep [OPERATION] [--large] [--every N] [--point NAME:NUMBER:FAULT]

The calls come from a clean run. For each of them and each fault that can befall it, a fresh place
is made, the operation runs with the fault at that call (`tracing`), and `verdict` looks at what is
left. Faults: SIGKILL at the entry of the call; EIO, ENOSPC, EDQUOT, EROFS, EMFILE, EINTR; a short
read or write: half of it is moved. A sync or a change that fails with an error and an exit code of
0 is a violation whatever is on disk.
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

from bench.faults import tracing
from bench.faults.operations import OPERATIONS, ROWS, Operation, known, make_files
from bench.faults.place import Place, scratch
from bench.faults.tracing import CHANGES, FAULTS, Call
from bench.faults.verdict import judge

SHOWN = 20
"""Points with a violation that are printed."""
_NO_ERROR = ("KILL", "SHORT", "EINTR")
"""After which a run may succeed: Python calls again (PEP 475), and writes the rest."""


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


def template(op: Operation, folder: Path) -> Path:
    """A place before the operation, to be copied for every run."""
    place = Place(folder / "template")
    op.prepare(place.init())
    return place.root


def warm(operation: str, start: Path, folder: Path, rows: int = ROWS) -> None:
    """Do everything once in this process, so that no run imports anything."""
    make_files(rows)
    op = OPERATIONS[operation]
    place = Place(start).copied(folder / f"warm-{os.getpid()}")
    op.run(place)
    judge(op, place, exit_code=0)
    shutil.rmtree(place.root)


def calls(op: Operation, start: Path, folder: Path) -> tuple[Call, ...]:
    """Every call of a clean run."""
    place = known(Place(start).copied(folder / f"worker-{os.getpid()}"))
    ran = tracing.run(lambda: op.run(place), place.root)
    if ran.exit_code != 0:
        raise RuntimeError(f"the clean run ended with {ran.exit_code}: {ran.said.decode()}")
    return ran.calls


def _calls(operation: str, start: Path, folder: Path) -> tuple[Call, ...]:
    return calls(OPERATIONS[operation], start, folder)


def points(operation: str, found: Iterable[Call]) -> list[Point]:
    """Every fault at every call."""
    return [Point(operation, call, fault) for call in found for fault in call.faults()]


def try_point(point: Point, start: Path, folder: Path) -> Result:
    """One run in a fresh place under `folder`."""
    op, call = OPERATIONS[point.operation], point.call
    place = known(Place(start).copied(folder / f"worker-{os.getpid()}"))
    ran = tracing.run(lambda: op.run(place), place.root, at=call, fault=point.fault)
    verdict = judge(op, place, exit_code=ran.exit_code, said=ran.said)
    found = verdict.violations
    if [(c.name, c.number) for c in ran.calls] != [(call.name, call.number)]:
        found.append("the fault did not hit the call it was meant for")
    if ran.hung:
        found.append(f"it did not end within {tracing.HANG_S:g} s")
    changes = call.name in CHANGES and call.name != "openat" and not call.failed
    if ran.exit_code == 0 and changes and point.fault not in _NO_ERROR:
        found.append("exit 0 although a change or a sync failed")
    if ran.exit_code >= 0 and point.fault == "KILL":
        found.append(f"it was killed, and ended with {ran.exit_code}")
    return Result(point, verdict.outcome, tuple(found))


def run(
    operation: str,
    *,
    rows: int = ROWS,
    every: int = 1,
    only: str = "",
    at_most: int = 0,
    processes: int = 2,
) -> tuple[tuple[Call, ...], list[Result]]:
    """Try all points of `operation` on a dataset of `rows` rows, or every `every`-th, or the one
    named `only`, or `at_most` so many that lie all over the run.
    """
    os.environ["PYTHONHASHSEED"] = "0"  # of the workers: the same calls in each
    with tempfile.TemporaryDirectory(prefix="gk-faults-", dir=scratch()) as name:
        folder = Path(name)
        make_files(rows)
        try:
            start = template(OPERATIONS[operation], folder)
        finally:
            make_files(ROWS)
        with ProcessPoolExecutor(
            processes,
            multiprocessing.get_context("spawn"),
            initializer=warm,
            initargs=(operation, start, folder, rows),
        ) as pool:
            found = pool.submit(_calls, operation, start, folder).result()
            chosen = [p for p in points(operation, found) if only in ("", str(p))][::every]
            if at_most:
                chosen = [chosen[n * len(chosen) // at_most] for n in range(at_most)]
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
        lines.append(f"    at {result.point.call}")
    if len(bad) > SHOWN:
        lines.append(f"… and {len(bad) - SHOWN} more points")
    return "\n".join(lines)


def main(operations: Sequence[str], *, rows: int, every: int, only: str, processes: int) -> int:
    """Print the tables; 1 where anything does not hold, 2 where it cannot be tried."""
    if why := tracing.missing():
        print(why)
        return 2
    all_bad = 0
    for operation in operations:
        begun = time.monotonic()
        found, results = run(operation, rows=rows, every=every, only=only, processes=processes)
        bad = sum(bool(r.violations) for r in results)
        all_bad += bad
        names = Counter(call.name for call in found)
        print(
            f"{operation}: {len(found)} calls: " + ", ".join(f"{n} {c}" for n, c in names.items())
        )
        print(table(results))
        spent = time.monotonic() - begun
        print(
            f"{operation}: {len(results)} points, {bad} with a violation, {spent:.0f} s", flush=True
        )
    return 1 if all_bad else 0
