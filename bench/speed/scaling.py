"""`slope` and `memory`: what a scan costs as the input grows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from bench.speed.corpus import CORPORA, write
from bench.speed.run import MB, Figures, require_hits, run

WARM_BYTES = 40_000
Rows = list[dict[str, object]]


def least_squares(points: Sequence[tuple[float, float]]) -> float:
    """The slope of the line through `points` that misses them by the least sum of squares."""
    n = len(points)
    middle_x, middle_y = (sum(p[i] for p in points) / n for i in (0, 1))
    across = sum((x - middle_x) ** 2 for x, _ in points)
    return sum((x - middle_x) * (y - middle_y) for x, y in points) / across


def slope(folder: Path, lane: str, megabytes: Sequence[float], corpus: str = "chat") -> Rows:
    """Print seconds for each size, and the slope of their logarithms: 1 is linear."""
    rows: Rows = []
    points: list[tuple[float, float]] = []
    print(f"{lane}, {CORPORA[corpus].title}\n{'MB':>8} {'CPU s':>9} {'MB/CPU s':>9} {'peak MB':>8}")
    for size in sorted(megabytes):
        figures = _one(folder, lane, corpus, size)
        require_hits(figures)
        points.append((math.log(figures.bytes), math.log(figures.cpu_s)))
        print(
            f"{figures.bytes / MB:8.1f} {figures.cpu_s:9.2f} {figures.mb_each_s:9.3f} "
            f"{figures.peak_mb:8.0f}",
            flush=True,
        )
        rows.append(asdict(figures))
    found = least_squares(points) if len(points) > 1 else math.nan
    print(f"slope of log time over log bytes: {found:.3f}")
    return [*rows, {"lane": lane, "slope": found}]


def memory(folder: Path, lanes: Sequence[str], megabytes: Sequence[float]) -> Rows:
    """Print the peak resident memory of one process over clean chats of each size, in MB."""
    rows: Rows = []
    print(f"{'':12} {'MB':>8} {'peak MB':>8} {'CPU s':>9}")
    for lane in lanes:
        for size in sorted(megabytes):
            figures = _one(folder, lane, "clean", size)
            print(
                f"{lane:12} {figures.bytes / MB:8.1f} {figures.peak_mb:8.0f} {figures.cpu_s:9.1f}",
                flush=True,
            )
            rows.append(asdict(figures))
    return rows


def _one(folder: Path, lane: str, corpus: str, megabytes: float) -> Figures:
    path, warm = folder / "scaling.jsonl", folder / "warm.jsonl"
    write(CORPORA[corpus].rows(1), path, int(megabytes * MB))
    write(CORPORA[corpus].rows(2), warm, WARM_BYTES)
    try:
        return run(lane, path, warm=warm)
    finally:
        path.unlink()
