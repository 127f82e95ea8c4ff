"""Faults at system calls: the short form. `make faults` tries every call of every operation."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bench.faults import short, strace, sweep
from bench.faults.operations import ON_CASES
from bench.faults.strace import Call

pytestmark = pytest.mark.skipif(bool(strace.missing()), reason=strace.missing())
POINTS = 11


@pytest.mark.parametrize("operation", ON_CASES)
def test_a_fault_loses_nothing_and_is_no_success(operation: str) -> None:
    calls, results = sweep.run(operation, at_most=POINTS)
    names = {call.name for call in calls}
    assert {"openat", "read", "write", "fsync", "rename", "mkdir", "flock", "unlink"} <= names
    assert len(results) == POINTS
    assert [f"{r.point}: {r.violations}" for r in results if r.violations] == []
    assert all(r.hit for r in results)


def test_a_fault_is_named_by_its_call() -> None:
    _, (result,) = sweep.run("quarantine", only="fsync:1:EIO")
    assert (str(result.point), result.outcome) == ("fsync:1:EIO", "error: plain")
    _, (result,) = sweep.run("quarantine", only="unlinkat:2:KILL")
    assert (result.outcome, result.violations) == ("killed: plain and vault", ())


def test_which_faults_can_befall_a_call() -> None:
    half = () if short.missing() else ("SHORT",)
    of = {
        "write": ("KILL", "EIO", "ENOSPC", "EDQUOT", "EROFS", "EINTR", *half),
        "read": ("KILL", "EIO", "EINTR", *half),
        "openat": ("KILL", "EIO", "ENOSPC", "EDQUOT", "EROFS", "EMFILE", "EINTR"),
        "unlink": ("KILL", "EIO", "EROFS"),
        "newfstatat": ("KILL", "EIO"),
        "fsync": ("KILL", "EIO", "ENOSPC", "EDQUOT", "EROFS", "EINTR"),
    }
    assert {name: Call(name, 1, "…) = 64").faults() for name in of} == of
    assert "SHORT" not in Call("read", 1, "…) = 1").faults()
    assert Call("mkdir", 1, '"x", 0777) = -1 EEXIST (File exists)').failed
    assert not Call("mkdir", 1, '"x", 0777) = 0').failed


@pytest.mark.skipif(bool(short.missing()), reason=short.missing())
def test_a_short_call_moves_half(tmp_path: Path) -> None:
    (tmp_path / "in").write_bytes(b"0123456789")
    program = """
import os, sys
source, target = os.open("in", os.O_RDONLY), os.open("out", os.O_WRONLY | os.O_CREAT)
print(len(os.pread(source, 10, 0)), os.write(target, b"abcdefgh"), os.write(target, b"ij"), file=sys.stderr)
sys.exit(7)
"""
    command = [sys.executable, "-I", "-S", "-c", program]

    def run(name: str, number: int, root: Path) -> tuple[int, bytes, bool]:
        (tmp_path / "out").unlink(missing_ok=True)
        return short.run(
            command, root, name, number, timeout_s=20, environment={}, folder=tmp_path
        )

    assert run("write", 1, tmp_path) == (7, b"10 4 2\n", True)
    assert (tmp_path / "out").read_bytes() == b"abcdij"
    assert run("write", 2, tmp_path) == (7, b"10 8 1\n", True)
    assert run("write", 1, tmp_path / "other") == (7, b"10 4 2\n", False)
    found = [run("pread64", n, tmp_path) for n in range(1, 6)]
    assert (7, b"5 8 2\n", True) in found


def test_a_run_that_hangs_is_ended_and_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strace, "HANG_S", 0.5)
    command = [sys.executable, "-I", "-S", "-c", "import time; time.sleep(60)"]
    call = Call("fsync", 1)
    assert strace.inject(command, tmp_path, call, "EIO", tmp_path).exit_code == strace.HUNG
