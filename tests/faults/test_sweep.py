"""Faults at system calls: the short form. `make faults` tries every call of every operation."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.faults import sweep, tracing
from bench.faults.operations import FILES, LARGE_ROWS, ON_CASES, ROWS
from bench.faults.tracing import Call, Ran
from gatekeeper.errors import InputError

pytestmark = pytest.mark.skipif(bool(tracing.missing()), reason=tracing.missing())
POINTS = 24


@pytest.mark.parametrize("operation", ON_CASES)
def test_a_fault_loses_nothing_and_is_no_success(operation: str) -> None:
    calls, results = sweep.run(operation, at_most=POINTS)
    names = {call.name for call in calls}
    assert {"openat", "read", "write", "fsync", "rename", "mkdir", "flock", "unlink"} <= names
    assert len(results) == POINTS
    assert [f"{r.point}: {r.violations}" for r in results if r.violations] == []


@pytest.mark.parametrize("operation", ["quarantine", "release", "rewrap", "rotate"])
def test_a_fault_to_either_thread_that_reads_a_large_case_loses_nothing(operation: str) -> None:
    calls, results = sweep.run(operation, rows=LARGE_ROWS, at_most=POINTS)
    read = [c for c in calls if c.name == "read" and c.paths[0].endswith(".age")]
    assert sum(c.result for c in read) > len(FILES["a.jsonl"]) * LARGE_ROWS // ROWS
    assert [f"{r.point}: {r.violations}" for r in results if r.violations] == []


def test_a_point_is_named_by_its_call() -> None:
    _, (result,) = sweep.run("quarantine", only="fsync:1:EIO")
    assert (str(result.point), result.outcome) == ("fsync:1:EIO", "error: plain")
    _, (result,) = sweep.run("quarantine", only="unlinkat:2:KILL")
    assert (result.outcome, result.violations) == ("killed: plain and vault", ())


def test_which_faults_can_befall_a_call() -> None:
    of = {
        "write": ("KILL", "EIO", "ENOSPC", "EDQUOT", "EROFS", "EINTR", "SHORT"),
        "read": ("KILL", "EIO", "EINTR", "SHORT"),
        "openat": ("KILL", "EIO", "ENOSPC", "EDQUOT", "EROFS", "EMFILE", "EINTR"),
        "unlink": ("KILL", "EIO", "EROFS"),
        "newfstatat": ("KILL", "EIO"),
        "fsync": ("KILL", "EIO", "ENOSPC", "EDQUOT", "EROFS", "EINTR"),
    }
    assert {name: Call(name, 1, result=64).faults() for name in of} == of
    assert "SHORT" not in Call("read", 1, result=1).faults()
    assert Call("mkdir", 1, result=-17).failed
    assert not Call("mkdir", 1).failed


class TestTracing:
    @pytest.fixture(autouse=True)
    def folder(self, tmp_path: Path) -> None:
        self.root = tmp_path
        (tmp_path / "in").write_bytes(b"0123456789")

    def action(self) -> None:
        folder = os.open(self.root, os.O_RDONLY)
        source = os.open("in", os.O_RDONLY, dir_fd=folder)
        target = os.open(self.root / "out", os.O_WRONLY | os.O_CREAT)
        moved = len(os.pread(source, 10, 0)), os.write(target, b"abcdefgh"), os.write(target, b"ij")
        os.rename("in", "moved", src_dir_fd=folder, dst_dir_fd=folder)
        os.write(2, repr(moved).encode())
        raise InputError("the end of it")

    def run(self, at: Call | None = None, fault: str = "") -> Ran:
        return tracing.run(self.action, self.root, at=at, fault=fault)

    def call(self, name: str) -> Call:
        call = next(call for call in self.run().calls if call.name == name)
        (self.root / "moved").rename(self.root / "in")
        (self.root / "out").unlink()
        return call

    def test_every_call_on_the_root_is_told(self) -> None:
        ran = self.run()
        assert (ran.exit_code, ran.hung) == (3, False)
        assert ran.said == b"(10, 8, 2)InputError: the end of it\n"
        root = str(self.root)
        numbers = {call.name: call.number for call in ran.calls}
        told = [(c.name, tuple(p.removeprefix(root) for p in c.paths), c.result) for c in ran.calls]
        opened = ran.calls[0].result
        assert told == [
            ("openat", ("",), opened),
            ("openat", ("/in",), opened + 1),
            ("openat", ("/out",), opened + 2),
            ("pread64", ("/in",), 10),
            ("write", ("/out",), 8),
            ("write", ("/out",), 2),
            ("renameat", ("/in", "/moved"), 0),
        ]
        assert numbers["renameat"] == 1
        assert str(ran.calls[4]) == f"write({root}/out) = 8"

    def test_an_error_is_given_and_nothing_done(self) -> None:
        at = self.call("renameat")
        ran = self.run(at, "ENOSPC")
        assert ran.exit_code == 1
        assert ran.said.endswith(b"OSError: [Errno 28] No space left on device: 'in' -> 'moved'\n")
        assert [(c.name, c.result) for c in ran.calls] == [("renameat", -28)]
        assert (self.root / "in").exists()

    def test_a_kill_comes_before_the_call(self) -> None:
        ran = self.run(self.call("renameat"), "KILL")
        assert (ran.exit_code, len(ran.calls)) == (-signal.SIGKILL, 1)
        assert (self.root / "in").exists()
        assert (self.root / "out").read_bytes() == b"abcdefghij"

    @pytest.mark.parametrize(
        ("name", "said"), [("write", b"(10, 4, 2)"), ("pread64", b"(5, 8, 2)")]
    )
    def test_a_short_call_moves_half(self, name: str, said: bytes) -> None:
        ran = self.run(self.call(name), "SHORT")
        assert ran.said.startswith(said)
        content = b"abcdij" if name == "write" else b"abcdefghij"
        assert (self.root / "out").read_bytes() == content

    def test_a_call_elsewhere_is_not_befallen(self) -> None:
        at = self.call("write")
        ran = tracing.run(self.action, self.root / "elsewhere", at=at, fault="EIO")
        assert (ran.calls, ran.said[:10]) == ((), b"(10, 8, 2)")

    def test_the_calls_of_every_thread_are_told_and_befallen(self) -> None:
        def write(name: str) -> None:
            (self.root / name).write_bytes(name.encode())

        def action() -> None:
            for name in ("one", "two"):
                thread = threading.Thread(target=write, args=(name,))
                thread.start()
                thread.join()
                write(f"after-{name}")

        def written(ran: Ran) -> list[tuple[str, int, int]]:
            calls = [call for call in ran.calls if call.name == "write"]
            return [(Path(c.paths[0]).name, c.number, c.result) for c in calls]

        ran = tracing.run(action, self.root)
        assert written(ran) == [
            ("one", 1, 3), ("after-one", 2, 9), ("two", 3, 3), ("after-two", 4, 9)
        ]  # fmt: skip
        short = tracing.run(action, self.root, at=Call("write", 3, result=3), fault="SHORT")
        assert (short.exit_code, written(short)) == (0, [("two", 3, 1)])
        full = tracing.run(action, self.root, at=Call("write", 3), fault="ENOSPC")
        assert written(full) == [("two", 3, -28)]
        killed = tracing.run(action, self.root, at=Call("write", 3), fault="KILL")
        assert killed.exit_code == -signal.SIGKILL

    def test_a_run_that_hangs_is_ended(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(tracing, "HANG_S", 0.3)
        ran = tracing.run(lambda: time.sleep(60), self.root)
        assert (ran.exit_code, ran.hung) == (-signal.SIGKILL, True)


def test_what_is_swallowed_is_a_violation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A build that takes no notice of a failed fsync is found out."""
    monkeypatch.setattr(os, "fsync", swallowing(os.fsync))
    found = sweep.points("quarantine", [])
    assert found == []
    start = sweep.template(sweep.OPERATIONS["quarantine"], tmp_path)
    sweep.warm("quarantine", start, tmp_path)
    calls = sweep.calls(sweep.OPERATIONS["quarantine"], start, tmp_path)
    call = next(call for call in calls if call.name == "fsync")
    (point,) = (p for p in sweep.points("quarantine", [call]) if p.fault == "EIO")
    result = sweep.try_point(point, start, tmp_path)
    assert result.violations == ("exit 0 although a change or a sync failed",)
    assert sweep.table([result]).splitlines()[-2:] == [
        f"VIOLATION --point fsync:{call.number}:EIO: exit 0 although a change or a sync failed",
        f"    at {call}",
    ]


def swallowing(sync: Callable[[int], None]) -> Callable[[int], None]:
    def swallow(fd: int) -> None:
        try:
            sync(fd)
        except OSError:
            return

    return swallow
