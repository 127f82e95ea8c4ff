"""One process, traced: which system calls it makes on files, and one fault at one of them.

`strace` can do most of it, at the price of a fresh start for every run, and can make a call only
say that it moved less. Here a fork of this process is traced (`ptrace`, x86-64 Linux), so that a
run takes milliseconds, and a short read or write really happens: half as much is asked of the
kernel.

A call is named by its name and its number among the calls of that name, whichever thread makes it:
the calls of one name must come in the same order in every run.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import signal
import struct
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from gatekeeper.errors import GatekeeperError

CALLS = {
    0: ("read", "f"), 1: ("write", "f"), 3: ("close", "f"), 4: ("stat", "p"), 5: ("fstat", "f"),
    6: ("lstat", "p"), 8: ("lseek", "f"), 16: ("ioctl", "f"), 17: ("pread64", "f"),
    18: ("pwrite64", "f"), 19: ("readv", "f"), 20: ("writev", "f"), 21: ("access", "p"),
    40: ("sendfile", "ff"), 72: ("fcntl", "f"), 73: ("flock", "f"), 74: ("fsync", "f"),
    75: ("fdatasync", "f"), 76: ("truncate", "p"), 77: ("ftruncate", "f"), 78: ("getdents", "f"),
    82: ("rename", "pp"), 83: ("mkdir", "p"), 84: ("rmdir", "p"), 85: ("creat", "p"),
    86: ("link", "pp"), 87: ("unlink", "p"), 89: ("readlink", "p"), 90: ("chmod", "p"),
    91: ("fchmod", "f"), 137: ("statfs", "p"), 138: ("fstatfs", "f"), 217: ("getdents64", "f"),
    221: ("fadvise64", "f"), 257: ("openat", "a"), 258: ("mkdirat", "a"), 262: ("newfstatat", "a"),
    263: ("unlinkat", "a"), 264: ("renameat", "aa"), 265: ("linkat", "aa"),
    267: ("readlinkat", "a"), 268: ("fchmodat", "a"), 269: ("faccessat", "a"),
    280: ("utimensat", "a"), 285: ("fallocate", "f"), 316: ("renameat2", "aa"),
    326: ("copy_file_range", "f"), 332: ("statx", "a"), 439: ("faccessat2", "a"),
}  # fmt: skip
"""The system calls on files, on x86-64: their names, and how their arguments name a file:
f, a descriptor; p, a path; a, a path below a descriptor.
"""
_CREATES = ("write", "pwrite64", "mkdir", "mkdirat", "rename", "renameat", "renameat2", "link",
            "linkat", "fsync", "fdatasync", "openat", "ftruncate")  # fmt: skip
CHANGES = (*_CREATES, "unlink", "unlinkat", "rmdir", "fchmod", "chmod")
_INTERRUPTED = ("read", "pread64", "getdents64", "write", "pwrite64", "fsync", "fdatasync", "flock",
                "openat", "ftruncate", "close")  # fmt: skip
_MOVES = ("read", "pread64", "write", "pwrite64")
FAULTS = ("KILL", "EIO", "ENOSPC", "EDQUOT", "EROFS", "EMFILE", "EINTR", "SHORT")
HANG_S = 20.0
"""A run takes a twentieth of a second."""

_TRACEME, _GETREGS, _SETREGS, _SYSCALL, _SETOPTIONS = 0, 12, 13, 24, 0x4200
_SYSGOOD, _TRACECLONE, _EXITKILL = 1, 8, 0x100000
_ALL = 0x40000000
"""`__WALL` of waitpid: threads as well."""
_RAX, _ORIG_RAX = 10, 15  # in user_regs_struct, eight bytes each
_ARGUMENTS = (14, 13, 12, 7)
_LENGTH = 12
_AT_FDCWD = -100
_LIBC = ctypes.CDLL(None, use_errno=True)
_Registers = ctypes.c_ulonglong * 27


def missing() -> str:
    """Empty where processes can be traced here, else why not."""
    if sys.platform != "linux" or platform.machine() != "x86_64":
        return "calls are traced by ptrace on x86-64 Linux alone"
    try:
        run(lambda: None, Path("/"))
    except OSError:
        return "ptrace is not allowed here"
    return ""


@dataclass(frozen=True)
class Call:
    """The `number`-th call of `name` in a run, on which paths, and what it gave."""

    name: str
    number: int
    paths: tuple[str, ...] = ()
    result: int = 0

    def __str__(self) -> str:
        return f"{self.name}({', '.join(self.paths)}) = {self.result}"

    @property
    def failed(self) -> bool:
        """It failed in the clean run as well: what was to be made is there already."""
        return self.result < 0

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
            "SHORT": self.name in _MOVES and self.result > 1,
        }
        return tuple(fault for fault in FAULTS if fits[fault])


@dataclass(frozen=True)
class Ran:
    """How a traced process ended."""

    exit_code: int
    """Below 0: the signal that ended it."""
    said: bytes
    calls: tuple[Call, ...] = ()
    """Those on paths under the root; where there was a fault, the one that it befell."""
    hung: bool = False


def run(
    action: Callable[[], object], root: Path, *, at: Call | None = None, fault: str = ""
) -> Ran:
    """Run `action` in a fork of this process, with `fault` at the call `at`; its exit code is that
    of the product for the errors of the product, and 1 with a traceback for others.
    """
    with tempfile.TemporaryFile() as said:
        pid = os.fork()
        if pid == 0:
            _child(action, said.fileno())
        tracer = _Tracer(pid, root, at, fault)
        before = signal.signal(signal.SIGALRM, tracer.hang)
        signal.setitimer(signal.ITIMER_REAL, HANG_S)
        try:
            code = tracer.follow()
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
        said.seek(0)
        return Ran(code, said.read(), tuple(tracer.calls), tracer.hung)


def _child(action: Callable[[], object], said: int) -> None:
    code = 1
    try:
        null = os.open(os.devnull, os.O_RDWR)
        for fd, to in ((null, 0), (null, 1), (said, 2)):
            os.dup2(fd, to)
        os.setpgid(0, 0)  # its tracer waits for all of the group, which are its threads
        if _LIBC.ptrace(_TRACEME, 0, None, None) == 0:
            os.kill(os.getpid(), signal.SIGSTOP)
            action()
            code = 0
    except GatekeeperError as e:
        os.write(2, f"{type(e).__name__}: {e}\n".encode(errors="replace"))
        code = e.exit_code
    except BaseException:  # noqa: BLE001  (the process ends here, whatever it was)
        os.write(2, traceback.format_exc().encode(errors="replace"))
    finally:
        os._exit(code)


@dataclass
class _Thread:
    """Where a traced thread is."""

    inside: bool = False
    """It has entered a system call."""
    call: Call | None = None
    given: int | None = None
    """What that call is to give instead of being made."""


class _Tracer:
    """Follows one process, with all of its threads, to its end."""

    def __init__(self, pid: int, root: Path, at: Call | None, fault: str) -> None:
        self.calls: list[Call] = []
        self.hung = False
        self._pid, self._root, self._at, self._fault = pid, str(root), at, fault
        self._count: Counter[str] = Counter()
        self._registers = _Registers()
        self._threads = {pid: _Thread()}

    def hang(self, *_: object) -> None:
        self.hung = True
        os.kill(self._pid, signal.SIGKILL)

    def follow(self) -> int:
        tid, status = os.waitpid(self._pid, 0)
        if not os.WIFSTOPPED(status):
            raise PermissionError(errno.EPERM, "ptrace")
        self._ask(_SETOPTIONS, tid, _SYSGOOD | _TRACECLONE | _EXITKILL)
        give = 0
        while True:
            self._ask(_SYSCALL, tid, give)
            tid, status = self._next_stop()
            if not os.WIFSTOPPED(status):
                return os.waitstatus_to_exitcode(status)
            give = self._stopped(tid, status)

    def _next_stop(self) -> tuple[int, int]:
        """The next thread that stopped, or the end of the process."""
        while True:
            tid, status = os.waitpid(-self._pid, _ALL)
            if os.WIFSTOPPED(status) or tid == self._pid:
                return tid, status
            del self._threads[tid]

    def _stopped(self, tid: int, status: int) -> int:
        """See to a thread that stopped; gives the signal that it is to get."""
        reason = os.WSTOPSIG(status)
        if tid not in self._threads:  # its first stop, at its birth
            self._threads[tid] = _Thread()
            return 0
        if status >> 16:  # it made a thread
            return 0
        if reason != signal.SIGTRAP | 0x80:
            return reason
        thread = self._threads[tid]
        _LIBC.ptrace(_GETREGS, tid, None, ctypes.byref(self._registers))
        if thread.inside:
            self._exit(tid, thread)
        else:
            self._entry(tid, thread)
        thread.inside = not thread.inside
        return 0

    def _entry(self, tid: int, thread: _Thread) -> None:
        name, kinds = CALLS.get(self._registers[_ORIG_RAX], ("", ""))
        if not name:
            return
        self._count[name] += 1
        number = self._count[name]
        if self._at and (self._at.name, self._at.number) != (name, number):
            return
        paths = tuple(self._paths(kinds))
        if any(path.startswith(self._root) for path in paths):
            thread.call = Call(name, number, paths)
            if self._at:
                self._do(self._at, tid, thread)

    def _do(self, at: Call, tid: int, thread: _Thread) -> None:
        if self._fault == "KILL":
            self.calls.append(Call(at.name, at.number))
            os.kill(self._pid, signal.SIGKILL)
            return
        if self._fault == "SHORT":
            self._registers[_LENGTH] = max(1, at.result // 2)
        else:
            thread.given = -getattr(errno, self._fault)
            self._registers[_ORIG_RAX] = 2**64 - 1  # no call
        _LIBC.ptrace(_SETREGS, tid, None, ctypes.byref(self._registers))

    def _exit(self, tid: int, thread: _Thread) -> None:
        if thread.given is not None:
            self._registers[_RAX] = thread.given % 2**64
            _LIBC.ptrace(_SETREGS, tid, None, ctypes.byref(self._registers))
            thread.given = None
        if thread.call is not None:
            (result,) = struct.unpack("q", struct.pack("Q", self._registers[_RAX]))
            self.calls.append(replace(thread.call, result=result))
            thread.call = None

    def _paths(self, kinds: str) -> list[str]:
        arguments = iter([self._registers[index] for index in _ARGUMENTS])
        found = []
        for kind in kinds:
            if kind == "f":
                found.append(self._link(f"fd/{next(arguments) & 0xFFFFFFFF}"))
                continue
            (folder,) = struct.unpack("i", struct.pack("I", next(arguments) & 0xFFFFFFFF)) if (
                kind == "a"
            ) else (_AT_FDCWD,)  # fmt: skip
            name = self._string(next(arguments))
            base = self._link("cwd" if folder == _AT_FDCWD else f"fd/{folder}")
            found.append(os.path.normpath(os.path.join(base, name)))  # noqa: PTH118
        return found

    def _link(self, name: str) -> str:
        try:
            return os.readlink(f"/proc/{self._pid}/{name}")  # noqa: PTH115
        except OSError:
            return ""

    def _string(self, address: int) -> str:
        if address == 0:
            return ""
        with Path(f"/proc/{self._pid}/mem").open("rb", buffering=0) as memory:
            data = b""
            while b"\0" not in data and len(data) < 8192:
                room = 4096 - (address + len(data)) % 4096  # the next page may not be there
                memory.seek(address + len(data))
                data += memory.read(room)
        return os.fsdecode(data.split(b"\0")[0])

    def _ask(self, what: int, tid: int, data: int) -> None:
        _LIBC.ptrace(what, tid, None, ctypes.c_void_p(data))
