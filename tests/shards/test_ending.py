"""Nothing is left behind by an interruption or a kill, and no script runs twice."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.laws.worlds import World

pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="looks into /proc")
ROOT = Path(__file__).parents[2]
COUNT = 16_000
"""Rows of a file that is cut into two; all are the same, and quickly read."""


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path, policies="internal")
    rows = (json.dumps({"text": f"Row {n} says that {n * n} is a square."}) for n in range(20_000))
    made.write("slow/long.jsonl", "\n".join(rows))
    made.write("data/long.jsonl", (json.dumps({"text": "Add two and two. " * 4}) + "\n") * COUNT)
    return made


def children(pid: int) -> list[int]:
    return [int(n) for n in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def started(world: World) -> tuple[subprocess.Popen[bytes], list[int]]:
    """A check by two workers that read the dataset, and their numbers."""
    process = subprocess.Popen(
        [sys.executable, "-m", "gatekeeper", "check", "slow/long.jsonl", "--jobs", "2"],
        cwd=world.root,
        env={**os.environ, "TMPDIR": str(world.tmp)},
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    for _ in range(1200):
        workers = children(process.pid)
        if len(workers) == 2 and all(reads(pid, "long.jsonl") for pid in workers):
            return process, workers
        time.sleep(0.05)
    raise AssertionError("the scan never began")


def reads(pid: int, name: str) -> bool:
    links = Path(f"/proc/{pid}/fd").glob("*")
    return any(link.exists() and link.readlink().name == name for link in links)


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_ends_every_worker(world: World, sent: int) -> None:
    process, workers = started(world)
    process.send_signal(sent)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 130, said
    assert b"Traceback" not in said
    assert not any(runs(pid) for pid in workers)
    assert not [p for p in world.tmp.rglob("*") if p.is_file()]
    assert not world.receipts()


def test_no_worker_outlives_a_killed_process(world: World) -> None:
    process, workers = started(world)
    process.kill()
    process.communicate(timeout=30)
    for _ in range(100):
        if not any(runs(pid) for pid in workers):
            break
        time.sleep(0.05)
    assert not any(runs(pid) for pid in workers)
    assert not [p for p in world.tmp.rglob("*") if p.is_file()]


SCRIPT = """\
import gatekeeper
print("once", flush=True)
verdict = gatekeeper.check("data/long.jsonl", policies=["internal"], jobs=2)
print(verdict.decision.route.word, verdict.decision.coverage.records)
"""


def test_a_script_without_a_guard_runs_once(world: World) -> None:
    """And its working directory is nothing to import from: it may be a dataset."""
    script = world.outside / "train.py"
    script.write_text(SCRIPT)
    for name in ("queue", "ctypes", "pickle", "resource", "orjson"):
        world.write(f"{name}.py", f"open({str(world.tmp / 'imported')!r}, 'w')\nraise SystemExit\n")
    environment = {**os.environ, "TMPDIR": str(world.tmp)}
    environment["PYTHONPATH"] = os.pathsep.join([str(ROOT), environment.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, str(script)],
        cwd=world.root, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout.split() == ["once", "allow", str(COUNT)], done.stderr
    assert not (world.tmp / "imported").exists()


def test_the_command_line_says_the_same_with_jobs(world: World) -> None:
    world.write(
        "data/mail.jsonl", '{"text": "ask jane.roe@example.com or build7.corp.internal"}\n' * 9
    )
    alone = world.run("scan", "data", "--format", "jsonl", expect=0)
    shared = world.run("scan", "data", "--format", "jsonl", "--jobs", "2", expect=0)
    assert shared.stdout == alone.stdout
    assert shared.stderr == alone.stderr
    assert len(alone.stdout.splitlines()) >= 18
    check = world.run("check", "data", "--jobs", "auto", "--format", "json", expect=10)
    assert json.loads(check.stdout)["coverage"]["records"] == COUNT + 9


@pytest.mark.parametrize("given", ["-1", "many", "9999999", "1.5"])
def test_no_number_of_jobs(world: World, given: str) -> None:
    assert "--jobs" in world.run("check", "data", "--jobs", given, expect=2).stderr
