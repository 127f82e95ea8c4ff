"""`adversarial`: is there an input of a megabyte that takes much longer than a clean one?"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.speed.corpus import chat, write
from bench.speed.inputs import Input, inputs
from bench.speed.run import MB, Failed, Figures, run

LIMIT_S = 300.0
WARM_BYTES = 40_000


def made(one: Input, size_bytes: int, seed: int) -> bytes:
    """The bytes of an input; the same for the same seed, whichever others are made."""
    return one.make(size_bytes, random.Random(f"{seed} {one.name}"))


def slowest_first(
    folder: Path, lane: str, size_bytes: int, seed: int, chosen: Sequence[Input]
) -> Iterator[tuple[str, Figures | str]]:
    """A clean chat and each input through `lane`, as measured or why not; not sorted."""
    warm, path = folder / "warm.jsonl", folder / "input.jsonl"
    write(chat(0.05, seed + 1), warm, WARM_BYTES)
    write(chat(0, seed), path, size_bytes)
    yield "clean chat", run(lane, path, warm=warm)
    for one in chosen:
        path.write_bytes(made(one, size_bytes, seed))
        try:
            yield one.name, run(lane, path, warm=warm, limit_s=LIMIT_S * size_bytes / MB + 20)
        except Failed as failed:
            yield one.name, str(failed)


def report(
    folder: Path, lane: str, size_bytes: int, seed: int = 1, only: str = ""
) -> list[dict[str, object]]:
    """Print each input as it is measured, then the slowest; the rows of the table."""
    chosen = [one for one in inputs() if only in one.name]
    rows: list[dict[str, object]] = []
    clean = 0.0
    begun = time.perf_counter()
    print(f"{lane}, {size_bytes / MB:g} MB each\n{'MB/s':>9} {'of clean':>9} {'hits':>8}  input")
    for name, figures in slowest_first(folder, lane, size_bytes, seed, chosen):
        if isinstance(figures, str):
            print(f"{'-':>9} {'-':>9} {'-':>8}  {name}: {figures}", flush=True)
            rows.append({"lane": lane, "input": name, "failed": figures})
            continue
        clean = clean or figures.mb_each_s
        share = figures.mb_each_s / clean
        print(f"{figures.mb_each_s:9.3f} {share:9.2f} {figures.hits:8,}  {name}", flush=True)
        rows.append({"lane": lane, "input": name, "of_clean": share, **vars(figures)})
    measured = [row for row in rows if "of_clean" in row]
    slowest = min(measured, key=lambda row: float(str(row["of_clean"])))
    failed = [str(row["input"]) for row in rows if "failed" in row]
    print(
        f"slowest: {slowest['input']}, {slowest['of_clean']:.3f} of the clean rate; "
        f"{len(rows) - 1} inputs, {time.perf_counter() - begun:.0f} s"
    )
    if failed:
        print(f"and slower, or refused, {len(failed)}: {'; '.join(failed)}")
    return rows
