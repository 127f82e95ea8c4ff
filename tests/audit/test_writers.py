"""Many processes write at once, and some are killed: no gap, nothing lost that was promised."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import IO

from tests.audit.kit import REMOVAL, empty_log, log_of

_WRITER = """
import pathlib, sys
from tests.audit.kit import empty_log
log, number, many = empty_log(pathlib.Path(sys.argv[1])), sys.argv[2], int(sys.argv[3])
print("ready", flush=True)
sys.stdin.readline()
for n in range(many):
    log.append("removal", {"case": number * 32, "unlinked": n, "kept": 0})
    print(n, flush=True)
"""
_HOLDER = """
import pathlib, sys
from gatekeeper.vault.durable import locked
with locked(pathlib.Path(sys.argv[1]), timeout_s=60):
    print("held", flush=True)
    sys.stdin.readline()
"""


def start(code: str, *args: object) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, args)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        bufsize=0,  # what was not read yet is left for `communicate`
        cwd=Path(__file__).parents[2],
    )


def pipes(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    assert process.stdin is not None
    assert process.stdout is not None
    return process.stdin, process.stdout


def test_writers_at_once_leave_no_gap_and_lose_nothing_though_some_are_killed(
    tmp_path: Path,
) -> None:
    many, killed_after = 40, {1: 3, 3: 11, 5: 17}
    log = log_of(tmp_path, 1)  # the gate's key is there
    started = [
        start(_WRITER, tmp_path, n, 100_000 if n in killed_after else many) for n in range(6)
    ]
    for process in started:
        assert pipes(process)[1].readline() == b"ready\n"
    for process in started:
        pipes(process)[0].write(b"\n")
        pipes(process)[0].flush()
    promised = dict.fromkeys(range(6), b"")
    for number, lines in killed_after.items():
        for _ in range(lines):
            promised[number] += pipes(started[number])[1].readline()
        started[number].kill()
    for number, process in enumerate(started):
        promised[number] += process.communicate()[0]
        assert process.returncode == (-signal.SIGKILL if number in killed_after else 0)
    log.append("removal", REMOVAL)  # the lock is free, and what was cut off is mended
    found = log.check()
    assert (found.torn_bytes, found.signed) == (0, found.head)
    records = list(log.records())
    assert [r["seq"] for r in records] == list(range(1, found.head.seq + 1))
    for number, said in promised.items():
        mine = [
            r["data"]["unlinked"] for r in records[1:-1] if r["data"]["case"] == str(number) * 32
        ]
        assert mine == list(range(len(mine)))  # in its order, each once
        told = [int(n) for n in said.split()]
        assert told == list(range(len(told)))
        more = (0, 1) if number in killed_after else (0,)  # it was killed before it could say so
        assert len(mine) - len(told) in more
        assert len(told) >= killed_after.get(number, many)


def test_a_holder_that_is_killed_frees_the_lock(tmp_path: Path) -> None:
    log = log_of(tmp_path, 1)
    lock = log.path.parent / "log.lock"
    inode = lock.stat().st_ino
    holder = start(_HOLDER, lock)
    assert pipes(holder)[1].readline() == b"held\n"
    waiting = start(_WRITER, tmp_path, 7, 1)
    assert pipes(waiting)[1].readline() == b"ready\n"
    pipes(waiting)[0].write(b"\n")
    pipes(waiting)[0].flush()
    assert empty_log(tmp_path).check().head.seq == 1
    holder.kill()
    holder.communicate()
    assert waiting.communicate()[0] == b"0\n"
    assert log.check().head.seq == 2
    assert lock.stat().st_ino == inode


def test_two_gates_share_a_log_once_they_trust_each_other(tmp_path: Path) -> None:
    from gatekeeper.audit import AuditLog, load_signer

    homes = [tmp_path / "one", tmp_path / "two"]
    keys = [load_signer(home).public_pem for home in homes]
    for home, other in zip(homes, reversed(keys), strict=True):
        (home / "trusted").mkdir()
        (home / "trusted/other.pub").write_bytes(other)
    logs = [AuditLog(tmp_path / "audit/log.jsonl", load_signer(home)) for home in homes]
    for number in range(4):
        logs[number % 2].append("removal", {**REMOVAL, "unlinked": number})
    assert [r["data"]["unlinked"] for r in logs[0].records()] == [0, 1, 2, 3]
    assert logs[0].check() == logs[1].check()
