"""strace: which calls a run makes, and one fault at one of them.

A call is named by its name and its number among the calls of that name, which is how strace counts.
"""

from __future__ import annotations

import compileall
import functools
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.faults import short

_CALL = re.compile(r"(?:\d+ +)?(\w+)\((.*)")
_NOT_FILES = ("execve", "mmap")  # the start of the process; what maps its code
_CREATES = ("write", "pwrite64", "mkdir", "mkdirat", "rename", "renameat", "renameat2", "link",
            "linkat", "fsync", "fdatasync", "openat", "ftruncate", "symlink", "symlinkat")  # fmt: skip
CHANGES = (*_CREATES, "unlink", "unlinkat", "rmdir", "fchmod", "chmod")
_INTERRUPTED = ("read", "pread64", "getdents64", "write", "pwrite64", "fsync", "fdatasync", "flock", "openat", "ftruncate",
                "close")  # fmt: skip
HANG_S = 20.0
"""A run takes a fifth of a second."""
HUNG = -1000
FAULTS = ("KILL", "EIO", "ENOSPC", "EDQUOT", "EROFS", "EMFILE", "EINTR", "SHORT")


@functools.cache
def missing() -> str:
    """Empty where strace can inject faults here, else why not."""
    if shutil.which("strace") is None:
        return "strace is not here"
    probe = ["strace", "-f", "-o", os.devnull, "-e", "inject=fsync:error=EIO:when=1", "true"]
    works = subprocess.run(probe, capture_output=True, check=False).returncode == 0
    return "" if works else "strace may not trace here"


@dataclass(frozen=True)
class Call:
    """The `number`-th call of `name` in a run; `text` is what strace showed of it."""

    name: str
    number: int
    text: str = ""

    @property
    def failed(self) -> bool:
        """It failed in the clean run as well: what was to be made is there already."""
        return " = -1 " in self.text

    @property
    def moved(self) -> int:
        """How many bytes it read or wrote in the clean run."""
        found = re.search(r"= (\d+)$", self.text)
        return int(found[1]) if found else 0

    def faults(self) -> tuple[str, ...]:
        """Those of `FAULTS` that can befall this call."""
        fits = {
            "KILL": True,
            "EIO": True,
            "ENOSPC": self.name in _CREATES,
            "EDQUOT": self.name in _CREATES,
            "EROFS": self.name in CHANGES,
            "EMFILE": self.name == "openat",
            "EINTR": self.name in _INTERRUPTED,
            "SHORT": self.name in short.NUMBERS and self.moved > 1 and not short.missing(),
        }
        return tuple(fault for fault in FAULTS if fits[fault])


@dataclass(frozen=True)
class Ran:
    """How a traced process ended. `hit`: the injected call was one of the place's."""

    exit_code: int
    said: bytes
    hit: bool = True


def snapshot(folder: Path) -> Path:
    """A copy of the product and of this bench, so that a sweep tries what it began with; compiled,
    for the calls of every run must be the same.
    """
    for name in ("gatekeeper", "bench"):
        source = Path(__file__).parents[2] / name
        shutil.copytree(
            source, folder / name, ignore=shutil.ignore_patterns("__pycache__", "results", "model")
        )
    compileall.compile_dir(folder, quiet=2)
    return folder


def child(operation: str, root: Path) -> list[str]:
    """The command of the process under test; it runs in a snapshot."""
    return [sys.executable, "-m", "bench.faults.child", operation, str(root)]


def environment(source: Path) -> dict[str, str]:
    """That of the process under test: the same start every time."""
    return {**os.environ, "PYTHONHASHSEED": "0", "PYTHONPATH": str(source)}


def trace(command: Sequence[str], root: Path, source: Path) -> list[Call]:
    """Every call of a clean run that names a path under `root` or a descriptor of one."""
    with tempfile.NamedTemporaryFile("r", errors="replace") as log:
        code = _strace(command, log.name, [], source).exit_code
        if code != 0:
            raise RuntimeError(f"the clean run failed: exit {code}")
        count: Counter[str] = Counter()
        calls = []
        for line in log:
            found = _CALL.match(line)
            if found is None:
                continue
            count[found[1]] += 1
            if _touches(line, root) and found[1] not in _NOT_FILES:
                calls.append(Call(found[1], count[found[1]], found[2]))
        return calls


def inject(command: Sequence[str], root: Path, call: Call, fault: str, source: Path) -> Ran:
    """Run `command` with `fault` at `call`."""
    if fault == "SHORT":
        return Ran(
            *short.run(
                command, root, call.name, call.number, timeout_s=HANG_S,
                environment=environment(source), folder=source,
            )
        )  # fmt: skip
    how = "signal=KILL" if fault == "KILL" else f"error={fault}"
    with tempfile.NamedTemporaryFile("r", errors="replace") as log:
        options = ["-e", f"trace={call.name}", "-e", f"inject={call.name}:{how}:when={call.number}"]
        if fault != "KILL":  # a signal does not arrive that way (strace 6.1)
            options.append("--seccomp-bpf")
        ran = _strace(command, log.name, options, source)
        lines = [line for line in log if _CALL.match(line)]
    at = lines[call.number - 1] if len(lines) >= call.number else ""
    return Ran(ran.exit_code, ran.said, hit=_touches(at, root))


def _touches(line: str, root: Path) -> bool:
    return f'"{root}' in line or f"<{root}" in line


def _strace(command: Sequence[str], log: str, options: Sequence[str], source: Path) -> Ran:
    with subprocess.Popen(
        ["strace", "-f", "-qq", "-y", "-s", "0", "-o", log, *options, *command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=environment(source),
        cwd=source,
        start_new_session=True,
    ) as process:
        try:
            _, err = process.communicate(timeout=HANG_S)
            code = process.returncode
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            _, err = process.communicate()
            code = HUNG
    said = b"\n".join(x for x in err.splitlines() if not x.startswith(b"strace:"))
    return Ran(code, said)
