"""`hook`, `rescan` and `jobs`: the command line as people run it, whole processes by the clock."""

from __future__ import annotations

import datetime
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import NamedTuple

from bench.speed.corpus import chat, write
from bench.speed.run import MB, ROOT, Spread

Rows = list[dict[str, object]]
ROUTES = {0: "allow", 10: "on_prem", 20: "quarantine"}
DESTINATION = """\
destination: here
party: here
base_url: http://127.0.0.1:9/v1
as_of: {today}
"""
HEAD = "least, median and most seconds, and the median of the processor"
CONFIG = """\
policies: [{policy}]
destination: destination.yaml
datasets: [data]
"""


class Run(NamedTuple):
    """What a command took, by the clock and of the processor, and where the data may go."""

    wall_s: float
    cpu_s: float
    route: str


class House:
    """A folder with a configuration, a home and a cache of its own."""

    def __init__(self, top: Path, policy: str) -> None:
        """Write the configuration; `policy` is a shipped one."""
        self.top = top / "repository"
        self.cache = top / "cache"
        self.data = self.top / "data"
        self.data.mkdir(parents=True)
        (self.top / "gatekeeper.yaml").write_text(CONFIG.format(policy=policy), encoding="utf-8")
        (self.top / "destination.yaml").write_text(
            DESTINATION.format(today=datetime.date.today()), encoding="utf-8"
        )
        self._environment: Mapping[str, str] = {
            **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
            "PYTHONPATH": os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH")))),
            "GATEKEEPER_HOME": str(top / "home"),
            "GATEKEEPER_CACHE": str(self.cache),
        }

    def git(self, *arguments: str) -> None:
        """Run git here."""
        who = ("-c", "user.name=bench", "-c", "user.email=bench@example.com")
        command = ["git", *who, *arguments]
        subprocess.run(command, cwd=self.top, env=self._environment, check=True)

    def gatekeeper(self, *arguments: str) -> Run:
        """A `gatekeeper` command from its start to its end. Raises SystemExit without a route."""
        command = [sys.executable, "-m", "gatekeeper", *arguments]
        begun, before = time.perf_counter(), os.times()
        done = subprocess.run(
            command, cwd=self.top, env=self._environment, capture_output=True, text=True
        )
        took, after = time.perf_counter() - begun, os.times()
        if done.returncode not in ROUTES:
            raise SystemExit(f"gatekeeper {arguments[0]}: {done.returncode}\n{done.stderr}")
        user, system = after.children_user, after.children_system
        cpu = user + system - before.children_user - before.children_system
        return Run(took, cpu, ROUTES[done.returncode])

    def knows(self, command: str, option: str) -> bool:
        """Whether a `gatekeeper` command has an option."""
        shown = subprocess.run(
            [sys.executable, "-m", "gatekeeper", command, "--help"],
            cwd=self.top, env=self._environment, capture_output=True, text=True, check=True,
        )  # fmt: skip
        return option in shown.stdout

    def forget(self, *, patterns: bool = True) -> None:
        """Empty the cache, of the compiled patterns as well unless `patterns` is False."""
        for path in list(self.cache.glob("*")):
            if patterns or not path.name.startswith("patterns-"):
                shutil.rmtree(path) if path.is_dir() else path.unlink()


def hook(folder: Path, policies: Sequence[str], megabytes: float, runs: int) -> Rows:
    """The git hook with one clean file staged: with an empty cache, and with a filled one.

    A third row has a new file staged each time, so that only the compiled patterns are kept.
    """
    rows: Rows = []
    print(f"the hook, {megabytes:g} MB staged: {HEAD}")
    for policy in policies:
        house = House(folder / f"hook-{policy}", policy)
        house.git("init", "--quiet")
        house.git("add", "gatekeeper.yaml", "destination.yaml")
        house.git("commit", "--quiet", "--no-verify", "--message", "rules")
        for state in ("cold", "warm", "new file"):
            taken = []
            for n in range(runs):
                seed = 10 + n if state == "new file" else 1
                write(chat(0, seed), house.data / "chat.jsonl", int(megabytes * MB))
                house.git("add", "data")
                if state == "cold":
                    house.forget()
                taken.append(house.gatekeeper("hook", "run"))
            rows.append(_spread(f"{policy}, {state}", taken))
    return rows


def rescan(folder: Path, files: int, megabytes: float, policy: str) -> Rows:
    """`check` on a folder, with nothing changed, and with one file in a hundred changed."""
    house = House(folder / "rescan", policy)
    _folder(house, files, megabytes)
    print(f"check of {files} files, {megabytes:g} MB together, policy {policy}: {HEAD}")
    first, again = (house.gatekeeper("check", "data") for _ in range(2))
    rows = [_spread("first", [first]), _spread("unchanged", [again])]
    for n in range(max(1, files // 100)):
        write(chat(0, 90_000 + n), house.data / f"{n:05}.jsonl", int(megabytes * MB / files))
    changed = house.gatekeeper("check", "data")
    rows.append(_spread("1 % changed", [changed]))
    print(
        f"first / 1 % changed: {first.wall_s / changed.wall_s:.1f} times by the clock, "
        f"{first.cpu_s / changed.cpu_s:.1f} of the processor"
    )
    return rows


def jobs(folder: Path, counts: Sequence[int], files: int, megabytes: float, policy: str) -> Rows:
    """`check --jobs N` for each N, on a folder of files and on a single one."""
    rows: Rows = []
    for many in (files, 1):
        house = House(folder / f"jobs-{many}", policy)
        if not house.knows("check", "--jobs"):
            raise SystemExit("`gatekeeper check` has no option --jobs here: nothing was measured")
        _folder(house, many, megabytes)
        house.gatekeeper("check", "data")  # compiles the patterns
        print(f"check of files: {many}, {megabytes:g} MB together, policy {policy}: {HEAD}")
        times = []
        for count in counts:
            house.forget(patterns=False)
            taken = house.gatekeeper("check", "data", "--jobs", str(count))
            rows.append(_spread(f"--jobs {count}, {many} files", [taken]))
            times.append(taken.wall_s)
        print(f"--jobs {counts[-1]} against {counts[0]}: {times[0] / times[-1]:.2f} times as fast")
    return rows


def _folder(house: House, files: int, megabytes: float) -> None:
    for n in range(files):
        write(chat(0, 1000 + n), house.data / f"{n:05}.jsonl", int(megabytes * MB / files))


def _spread(name: str, taken: Sequence[Run]) -> dict[str, object]:
    """Print and give the spread of some runs, and the routes that they took."""
    wall = Spread.of(one.wall_s for one in taken)
    cpu = Spread.of(one.cpu_s for one in taken)
    routes = ", ".join(sorted({one.route for one in taken}))
    print(
        f"{name:16} {wall.least:7.2f} {wall.median:7.2f} {wall.most:7.2f} {cpu.median:7.2f}"
        f"  {routes}",
        flush=True,
    )
    return {"run": name, "routes": routes, "wall_s": asdict(wall), "cpu_s": asdict(cpu)}
