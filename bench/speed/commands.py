"""`hook`, `rescan` and `jobs`: the command line as people run it, whole processes by the clock."""

from __future__ import annotations

import datetime
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

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
CONFIG = """\
policies: [{policy}]
destination: destination.yaml
datasets: [data]
"""


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

    def gatekeeper(self, *arguments: str) -> tuple[float, str]:
        """Seconds of a `gatekeeper` command from its start to its end, and its route."""
        command = [sys.executable, "-m", "gatekeeper", *arguments]
        begun = time.perf_counter()
        done = subprocess.run(
            command, cwd=self.top, env=self._environment, capture_output=True, text=True
        )
        took = time.perf_counter() - begun
        if done.returncode not in ROUTES:
            raise SystemExit(f"gatekeeper {arguments[0]}: {done.returncode}\n{done.stderr}")
        return took, ROUTES[done.returncode]

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
    print(f"the hook, {megabytes:g} MB staged: seconds, least, median and most")
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
    print(f"check of {files} files, {megabytes:g} MB together, policy {policy}, seconds")
    rows = [_spread("first", [house.gatekeeper("check", "data")])]
    rows.append(_spread("unchanged", [house.gatekeeper("check", "data")]))
    for n in range(max(1, files // 100)):
        write(chat(0, 90_000 + n), house.data / f"{n:05}.jsonl", int(megabytes * MB / files))
    rows.append(_spread("1 % changed", [house.gatekeeper("check", "data")]))
    times = [float(str(row["median_s"])) for row in rows]
    print(f"first / 1 % changed: {times[0] / times[2]:.1f} times")
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
        print(f"check of {many} files, {megabytes:g} MB together, policy {policy}, seconds")
        times = []
        for count in counts:
            house.forget(patterns=False)
            taken = house.gatekeeper("check", "data", "--jobs", str(count))
            rows.append(_spread(f"--jobs {count}", [taken]))
            times.append(float(str(rows[-1]["median_s"])))
        print(f"--jobs {counts[-1]} against {counts[0]}: {times[0] / times[-1]:.2f} times as fast")
    return rows


def _folder(house: House, files: int, megabytes: float) -> None:
    for n in range(files):
        write(chat(0, 1000 + n), house.data / f"{n:05}.jsonl", int(megabytes * MB / files))


def _spread(name: str, taken: Sequence[tuple[float, str]]) -> dict[str, object]:
    """Print and give the spread of some runs, and the routes that they took."""
    seconds = Spread.of(took for took, _ in taken)
    routes = ", ".join(sorted({route for _, route in taken}))
    print(
        f"{name:16} {seconds.least:7.2f} {seconds.median:7.2f} {seconds.most:7.2f}  {routes}",
        flush=True,
    )
    return {
        "run": name, "routes": routes,
        "least_s": seconds.least, "median_s": seconds.median, "most_s": seconds.most,
    }  # fmt: skip
