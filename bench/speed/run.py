"""Lanes as fresh processes, and what several rounds of them come to."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.speed.lanes import Lane, lanes

ROOT = Path(__file__).parents[2]
PEERS = ROOT / ".bench"
"""Where `make bench-peers` installs; `BENCH_PEERS` names another folder."""
MB = 1e6


class Failed(Exception):  # noqa: N818  (it names the event)
    """A lane did not end well, or not in time; the message is its last line."""


@dataclass(frozen=True)
class Figures:
    """What one process of a lane measured."""

    lane: str
    cpu_s: float
    wall_s: float
    start_s: float
    bytes: int
    hits: int
    entities: int
    peak_mb: float

    @property
    def mb_each_s(self) -> float:
        """MB per processor second of the scan alone."""
        return self.bytes / MB / max(self.cpu_s, 1e-9)


def interpreter(lane: Lane, peers: Path | None = None) -> str | None:
    """The interpreter in which the package of `lane` is installed; None where there is none.

    That of the peer's folder comes before our own.
    """
    if lane.name == "ripgrep":
        return sys.executable if shutil.which("rg") else None
    if lane.distribution != "gatekeeper":
        folder = peers or Path(os.environ.get("BENCH_PEERS", PEERS))
        own = folder / lane.distribution / "bin" / "python"
        if own.exists():
            return str(own.absolute())
        if not _installed_here(lane.distribution):
            return None
    return sys.executable


def _installed_here(distribution: str) -> bool:
    from importlib.metadata import PackageNotFoundError, version

    try:
        version(distribution)
    except PackageNotFoundError:
        return False
    return True


def run(
    lane: Lane | str,
    path: Path,
    *,
    warm: Path | None = None,
    peers: Path | None = None,
    limit_s: float | None = None,
) -> Figures:
    """One process of a lane over `path`. Raises Failed."""
    lane = lanes()[lane] if isinstance(lane, str) else lane
    python = interpreter(lane, peers)
    if python is None:
        raise Failed("not installed")
    command = [python, "-m", "bench.speed.lane", lane.name, str(path)]
    if warm:
        command += ["--warm", str(warm)]
    paths = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    environment = {**os.environ, "PYTHONPATH": paths}
    try:
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=limit_s
        )
    except subprocess.TimeoutExpired:
        raise Failed(f"not done in {limit_s:g} s") from None
    if done.returncode:
        raise Failed((done.stderr.strip().splitlines() or ["no word"])[-1])
    return Figures(**json.loads(done.stdout.splitlines()[-1]))


def require_hits(figures: Figures) -> None:
    """A lane that found nothing where there is something has measured nothing: SystemExit."""
    if not figures.hits:
        raise SystemExit(f"{figures.lane}: a lane without a hit measures nothing")


@dataclass(frozen=True)
class Spread:
    """Least, median and most of what several rounds gave."""

    least: float
    median: float
    most: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Spread:
        """The spread of `values`, of which there is one at least."""
        known = sorted(values)
        return cls(known[0], statistics.median(known), known[-1])


def ratios(ours: Sequence[Figures], other: Sequence[Figures]) -> Spread:
    """How many times as fast as `other` ours is, round by round."""
    return Spread.of(a.mb_each_s / b.mb_each_s for a, b in zip(ours, other, strict=True))
