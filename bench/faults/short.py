"""Short reads and writes that really happen: the kernel is asked for half of what the process asked.

strace can only make a call say that it moved less; here the process is traced (`ptrace`, x86-64
Linux) and the length of one call is halved at its entry.
"""

from __future__ import annotations

import ctypes
import os
import platform
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

NUMBERS = {"read": 0, "write": 1, "pread64": 17, "pwrite64": 18}
"""Of the system calls on x86-64; the third argument of each is the length."""
_GETREGS, _SETREGS, _SYSCALL, _SETOPTIONS = 12, 13, 24, 0x4200
_SYSGOOD, _EXITKILL = 1, 0x100000
_RDX, _RDI, _ORIG_RAX = 12, 14, 15  # in user_regs_struct, eight bytes each
_LIBC = ctypes.CDLL(None, use_errno=True)


def missing() -> str:
    """Empty where this can be done, else why not."""
    if sys.platform == "linux" and platform.machine() == "x86_64":
        return ""
    return "short calls are made by ptrace on x86-64 Linux alone"


def run(
    command: Sequence[str], root: Path, name: str, number: int, *, timeout_s: float,
    environment: dict[str, str], folder: Path,
) -> tuple[int, bytes, bool]:  # fmt: skip
    """The exit code of `command`, what it said, and whether the `number`-th call of `name` was on a
    path under `root`: that call asks for half.
    """
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.chdir(folder)
        null = os.open(os.devnull, os.O_RDWR)
        for fd, to in ((null, 0), (null, 1), (writing, 2)):
            os.dup2(fd, to)
        _LIBC.ptrace(0, 0, None, None)
        os.execve(command[0], command, environment)
    os.close(writing)
    os.waitpid(pid, 0)
    _ask(_SETOPTIONS, pid, _SYSGOOD | _EXITKILL)
    hit, code = _trace(pid, root, NUMBERS[name], number, time.monotonic() + timeout_s)
    with open(reading, "rb") as stream:
        return code, stream.read(), hit


def _trace(pid: int, root: Path, call: int, number: int, until: float) -> tuple[bool, int]:
    registers = (ctypes.c_ulonglong * 27)()
    seen, entering, hit, give = 0, True, False, 0
    while True:
        _ask(_SYSCALL, pid, give)
        _, status = os.waitpid(pid, 0)
        give = 0
        if not os.WIFSTOPPED(status):
            return hit, os.waitstatus_to_exitcode(status)
        if time.monotonic() > until:
            os.kill(pid, signal.SIGKILL)
        if os.WSTOPSIG(status) != signal.SIGTRAP | 0x80:
            give = os.WSTOPSIG(status)
            continue
        if entering:
            _LIBC.ptrace(_GETREGS, pid, None, ctypes.byref(registers))
            seen += registers[_ORIG_RAX] == call
            if registers[_ORIG_RAX] == call and seen == number and not hit:
                hit = _path(pid, registers[_RDI]).startswith(str(root))
                registers[_RDX] = max(1, registers[_RDX] // 2)
                _LIBC.ptrace(_SETREGS, pid, None, ctypes.byref(registers))
        entering = not entering


def _ask(what: int, pid: int, data: int) -> None:
    _LIBC.ptrace(what, pid, None, ctypes.c_void_p(data))


def _path(pid: int, fd: int) -> str:
    try:
        return os.readlink(f"/proc/{pid}/fd/{fd}")
    except OSError:
        return ""
