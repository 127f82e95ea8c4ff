"""Load: many uploads of mixed sizes at once, bad clients among them, against what is to come of it.

Shown are wrong verdicts, bytes at the destination that are not those sent, the memory of the front
and of the desks, and the throughput beside that of `gate.check` alone on the same files, with as
many processes. `latency` sends allowed files of 100 kB one after the other.
"""

from __future__ import annotations

import asyncio
import hashlib
import multiprocessing
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.gateway.clients import BAD, GOOD, Outcome, send
from bench.gateway.datasets import Dataset, make
from tests.gateway.kit import Gate, chat
from tests.laws.worlds import World

FRONT_MAX_MIB = 300
LEAST_SHARE = 0.8
"""Of the throughput of scanning alone, by the clock or, where others are at work, by the CPU."""
CODES = {"on_prem": "gatekeeper_on_prem", "quarantine": "gatekeeper_quarantine"}
EXPECTED_BAD = {
    "headers": {431},
    "short": {400},
    "no_token": {401},
    "cut": {0},
    "cut_chunk": {0},
}


def add_commands(commands: Any) -> None:
    """`load` and `latency`."""
    parser = commands.add_parser("load", help="200 clients at once")
    parser.add_argument("--uploads", type=int, default=200)
    parser.add_argument("--biggest", type=int, default=200_000_000)
    parser.add_argument("--desks", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--policies", default="house.yaml")
    parser.set_defaults(run=lambda a: run_load(a.uploads, a.biggest, a.desks, a.seed, a.policies))
    parser = commands.add_parser("latency", help="allowed files of 100 kB, one after the other")
    parser.add_argument("--uploads", type=int, default=200)
    parser.add_argument("--policies", default="house.yaml")
    parser.set_defaults(run=lambda a: run_latency(a.uploads, a.policies))


@contextmanager
def gateway(folder: Path, desks: int, policies: str) -> Iterator[tuple[Gate, Path]]:
    """A gateway before a destination that is a process of its own and keeps what it is sent."""
    record = folder / "destination"
    server = Path(__file__).parents[2] / "tests/servers/files_api.py"
    upstream = subprocess.Popen(
        [sys.executable, str(server), "--record", str(record)], stdout=subprocess.PIPE
    )
    base_url = upstream.stdout.readline().decode().strip() if upstream.stdout else ""
    world = World(folder, policies=policies, base_url=base_url)
    made = Gate(world, None, {"idle_s": 60.0}, desks)  # type: ignore[arg-type]
    os.environ.setdefault("GATEKEEPER_CACHE", str(folder / "cache"))
    try:
        with made:
            yield made, record
    finally:
        upstream.terminate()
        upstream.wait()


# --- scanning alone --------------------------------------------------------------------------

_STATE: list[Any] = []


def _ready(root: str) -> None:
    from gatekeeper import gate
    from gatekeeper.policy import load_config

    os.chdir(root)
    setup = gate.prepare(load_config(None, start=Path(root)))
    gate.load_detector_for(setup, setup.entities)
    _STATE.append(setup)
    _alone(Path(__file__).parents[2] / "fixtures/none.jsonl")


def _alone(path: Path) -> tuple[float, int]:
    """CPU seconds, and the peak memory of this process in KiB."""
    import datetime

    from gatekeeper import gate
    from gatekeeper.read import source_from_stream

    began = time.process_time()
    if path.exists():
        source = source_from_stream(path.name, lambda: path.open("rb"), input_format="jsonl")
        gate.check([source], _STATE[0], today=datetime.date.today())
    status = Path("/proc/self/status").read_text()
    return time.process_time() - began, int(status.split("VmHWM:")[1].split()[0])


def scan_alone(root: Path, datasets: list[Dataset], processes: int) -> tuple[float, float, int]:
    """Seconds, CPU seconds, and the peak memory of one process in KiB."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(processes, _ready, (str(root),)) as pool:
        pool.map(_alone, [Path("nowhere")] * processes * 4, chunksize=1)
        began = time.monotonic()
        order = sorted(datasets, key=lambda d: -d.size_bytes)
        done = pool.map(_alone, [d.path for d in order], chunksize=1)
        took = time.monotonic() - began
    return took, sum(cpu for cpu, _ in done), max(rss for _, rss in done)


# --- the load --------------------------------------------------------------------------------


class Watch:
    """Memory and CPU of the gateway's processes, as they go."""

    def __init__(self, front: int) -> None:
        self.front = front
        self.front_kib = 0
        self.desks_kib: dict[int, int] = {}
        self.total_kib = 0

    def desks(self) -> list[int]:
        try:
            text = Path(f"/proc/{self.front}/task/{self.front}/children").read_text()
        except OSError:
            return []
        return [int(pid) for pid in text.split()]

    def look(self) -> None:
        front = _kib(self.front)
        desks = {pid: _kib(pid) for pid in self.desks()}
        self.front_kib = max(self.front_kib, front)
        for pid, kib in desks.items():
            self.desks_kib[pid] = max(self.desks_kib.get(pid, 0), kib)
        self.total_kib = max(self.total_kib, front + sum(desks.values()))

    async def run(self) -> None:
        while True:
            self.look()
            await asyncio.sleep(0.2)


def _kib(pid: int) -> int:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE") // 1024


def cpu_s(pid: int) -> float:
    """CPU seconds of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def _all(
    running: Gate, datasets: list[Dataset], seed: int
) -> tuple[list[tuple[Dataset, Outcome]], Watch, float]:
    rng = random.Random(seed)
    watch = Watch(running.process.pid if running.process else 0)
    watching = asyncio.create_task(watch.run())
    before = {pid: cpu_s(pid) for pid in watch.desks()}
    jobs = []
    for number, dataset in enumerate(datasets):
        way = "plain" if number % 3 == 0 else rng.choice(GOOD)
        jobs.append((dataset, way))
        if number % 5 == 0:
            jobs.append((dataset, BAD[number // 5 % len(BAD)]))

    async def one(dataset: Dataset, way: str, own: random.Random) -> tuple[Dataset, Outcome]:
        return dataset, await send(running.port, running.token, dataset.path, way, own)

    made = [one(d, way, random.Random(f"{seed} {n}")) for n, (d, way) in enumerate(jobs)]
    found = list(await asyncio.gather(*made))
    used = sum(cpu_s(pid) - before.get(pid, 0.0) for pid in watch.desks())
    watching.cancel()
    return found, watch, used


def wrong(found: list[tuple[Dataset, Outcome]]) -> list[str]:
    """Every answer that is not the one that had to be given."""
    lines = []
    for dataset, outcome in found:
        if outcome.way in BAD:
            right = outcome.status in EXPECTED_BAD[outcome.way]
        elif dataset.route == "allow":
            right = outcome.status == 200
        else:
            right = (outcome.status, outcome.code) == (403, CODES[dataset.route])
        if not right:
            lines.append(f"{outcome.way} {dataset.route} {dataset.size_bytes}: "
                         f"{outcome.status} {outcome.code}")  # fmt: skip
    return lines


def mismatches(datasets: list[Dataset], record: Path) -> list[str]:
    """What the destination holds and should not, or lacks."""
    sent = Counter(
        hashlib.sha256(d.path.read_bytes()).hexdigest() for d in datasets if d.route == "allow"
    )
    held = Counter(hashlib.sha256(p.read_bytes()).hexdigest() for p in record.glob("*.bytes"))
    return [f"{digest[:12]}: {held[digest]} there, {sent[digest]} sent"
            for digest in sorted(sent | held) if sent[digest] != held[digest]]  # fmt: skip


def run_load(
    uploads: int, biggest: int, desks: int, seed: int, policies: str, *, throughput: bool = True
) -> int:
    """The whole of it; 1 where a promise does not hold."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "data").mkdir()
        datasets = make(folder / "data", uploads, biggest, seed)
        size = sum(d.size_bytes for d in datasets)
        print(f"{uploads} uploads, {size / 1e6:,.0f} MB, {desks} desks, {policies}, seed {seed}")
        with gateway(folder, desks, policies) as (running, record):
            began = time.monotonic()
            found, watch, used = asyncio.run(_all(running, datasets, seed))
            took = time.monotonic() - began
            metrics = running.plain("/metrics").body.decode()
            bad = wrong(found) + mismatches(datasets, record)
            bad += [f"said: {line}" for line in running.lines() if line["event"] == "desk_lost"]
            alone_s, alone_cpu_s, worker_kib = scan_alone(running.world.root, datasets, desks)
        print(f"gateway: {took:.1f} s, {size / 1e6 / took:.2f} MB/s, desks' CPU {used:.1f} s")
        print(f"alone:   {alone_s:.1f} s, {size / 1e6 / alone_s:.2f} MB/s, CPU {alone_cpu_s:.1f} s")
        share, cpu_share = alone_s / took, alone_cpu_s / max(used, 0.01)
        print(f"throughput {share:.0%} of scanning alone, by the desks' CPU {cpu_share:.0%}")
        desk = max(watch.desks_kib.values(), default=0)
        print(f"memory: front {watch.front_kib >> 10} MiB, desk {desk >> 10} MiB, together "
              f"{watch.total_kib >> 10} MiB; a process that scans alone "
              f"{worker_kib >> 10} MiB")  # fmt: skip
        most = (FRONT_MAX_MIB << 10) + desks * worker_kib
        if watch.total_kib > most:
            bad.append(f"memory: {watch.total_kib >> 10} MiB of {most >> 10}")
        if throughput and max(share, cpu_share) < LEAST_SHARE:
            bad.append(f"throughput: {share:.0%} of scanning alone")
        left = [
            line for line in metrics.splitlines() if line.startswith("gatekeeper_gateway_spool")
        ]
        print(f"{len(found)} clients, {Counter(o.way for _, o in found)}; {left}")
        print(f"wrong: {len(bad)}")
        for line in bad[:20]:
            print(f"  {line}")
    return 1 if bad else 0


def run_latency(uploads: int, policies: str) -> int:
    """p50 and p99 of an allowed file of 100 kB."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        took = []
        with gateway(folder, 1, policies) as (running, _):
            for number in range(uploads + 3):
                rng = random.Random(f"latency {number}")
                path = folder / "one.jsonl"
                path.write_bytes(chat(760, text="my friend", start=1000 * number))
                began = time.monotonic()
                sent = send(running.port, running.token, path, "plain", rng)
                outcome = asyncio.run(sent)
                took.append(time.monotonic() - began)
                if outcome.status != 200:
                    print(f"not sent: {outcome}")
                    return 1
        ordered = sorted(took[3:])
        p50, p99 = (ordered[min(len(ordered) - 1, int(len(ordered) * q))] for q in (0.5, 0.99))
        print(f"{uploads} allowed files of 100 kB, {policies}: p50 {p50 * 1000:.0f} ms, "
              f"p99 {p99 * 1000:.0f} ms")  # fmt: skip
    return 0
