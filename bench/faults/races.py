"""Many gates on one vault, and some of them are killed.

    python -m bench.faults races [--gates 8] [--rounds 200]

Each gate quarantines one dataset after the other, each time in a process of its own; every third
of them is killed at a random moment. What must hold at last, after one `recover`: every dataset is
in its folder, or in exactly one case that opens, never in neither; the numbers of the cases have no
gap, in the vault and in the log; the log verifies; nothing is left in `tmp` and in the journal.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.faults.operations import left_in
from bench.faults.place import Place, scratch
from bench.faults.powercut import ended, forked
from bench.faults.verdict import recorded

KILLED_OF = 3
"""One of so many is killed."""


@dataclass(frozen=True)
class Raced:
    """What came of a race."""

    cases: int
    kept: int
    """Datasets that stayed where they were."""
    killed: int
    violations: tuple[str, ...]


def dataset(gate: int, number: int) -> dict[str, bytes]:
    """One of its own, for one round of one gate."""
    return {f"{gate}-{number}.jsonl": b'{"text": "Canary-4711 %d of %d"}\n' % (number, gate) * 20}


def race(place: Place, *, gates: int, rounds: int, seed: int = 1) -> Raced:
    """Let them run, and look at what is left."""
    place.init()
    pids = [forked(lambda gate=gate: _gate(place, gate, rounds, seed)) for gate in range(gates)]  # type: ignore[misc]
    codes = [ended(pid) for pid in pids]
    killed = sum(int(p.read_text()) for p in place.root.glob("killed-*"))
    found = [f"gate {gate} ended with {code}" for gate, code in enumerate(codes) if code]
    found.extend(_settled(place, gates, rounds))
    return Raced(len(place.vault().list()), len(place.plain()), killed, tuple(found))


def _gate(place: Place, gate: int, rounds: int, seed: int) -> None:
    chance = random.Random(1000 * seed + gate)
    killed, length_s = 0, 0.05
    for number in range(rounds):
        files = dataset(gate, number)
        place.write(files)
        begun = time.monotonic()
        pid = forked(lambda files=files: place.store(files))  # type: ignore[misc]
        if chance.randrange(KILLED_OF) == 0:
            time.sleep(chance.uniform(0, length_s))
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            killed += ended(pid) == -signal.SIGKILL
        elif (code := ended(pid)) != 0:
            raise RuntimeError(f"a store that nobody disturbed ended with {code}")
        else:
            length_s = time.monotonic() - begun
    (place.root / f"killed-{gate}").write_text(str(killed))


def _settled(place: Place, gates: int, rounds: int) -> Iterator[str]:
    ended_by_recover = place.vault().recover()
    yield from (f"recover: {r.state}: {r.why}" for r in ended_by_recover if r.state == "damaged")
    if again := place.vault().recover():
        yield f"the second recover did something: {[r.state for r in again]}"
    yield from recorded(place)
    for folder in ("tmp", "journal"):
        if left := left_in(place, folder):
            yield f"left in {folder}: {left}"
    inside = Counter(c for files in place.opened().values() for c in files.values())
    plain = place.plain()
    for gate in range(gates):
        for number in range(rounds):
            for name, content in dataset(gate, number).items():
                if inside[content] + (plain.get(name) == content) != 1:
                    yield f"{name}: in {inside[content]} cases, plain: {name in plain}"
    if odd := set(plain) - {n for g in range(gates) for i in range(rounds) for n in dataset(g, i)}:
        yield f"beside the datasets: {sorted(odd)}"


def main(*, gates: int, rounds: int) -> int:
    """Print what came of it; 1 where something does not hold."""
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="gk-race-", dir=scratch()) as folder:
        raced = race(Place(Path(folder) / "place"), gates=gates, rounds=rounds)
    for violation in raced.violations[:20]:
        print(f"VIOLATION {violation}")
    print(
        f"{gates} gates, {gates * rounds} stores, {raced.killed} killed: {raced.cases} cases, "
        f"{raced.kept} datasets kept, {len(raced.violations)} violations, "
        f"{time.monotonic() - begun:.0f} s"
    )
    return 1 if raced.violations else 0
