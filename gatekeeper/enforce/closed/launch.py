"""Close the network for this process and all its children, then become another program.

    python -I launch.py [--python-only] PROGRAM [ARGUMENT...]

On Linux the process moves into a network namespace of its own, in which nothing is but an own
loopback (namespaces(7)); without the right to, it takes a user namespace along. Where the kernel
allows neither, the guard of this folder refuses sockets to Python code. Which of the two is in
force is said on stderr. Standard library only, and no import of Gatekeeper: it runs isolated.
"""

import ctypes
import fcntl
import os
import socket
import struct
import sys
from pathlib import Path
from typing import NoReturn

CLONE_NEWUSER = 0x10000000
CLONE_NEWNET = 0x40000000
SIOCGIFFLAGS = 0x8913
SIOCSIFFLAGS = 0x8914
IFF_UP = 0x1
"""Of sched.h, sockios.h and if.h of Linux."""

GUARD = Path(__file__).resolve().parent / "guard"
BY_KERNEL = "closed by the kernel (a network namespace of its own)"
BY_GUARD = "closed for Python code only (the kernel allows no namespace here)"


def close_by_kernel() -> bool:
    """Move into an empty network namespace; False where that cannot be had."""
    if not sys.platform.startswith("linux"):
        return False
    before = _namespace()
    if not _unshare(CLONE_NEWNET) and not (_tried_in_a_child() and _enter_user_namespace()):
        return False
    if _namespace() == before:
        return False
    _raise_loopback()
    return True


def _namespace() -> str:
    return str(Path("/proc/self/ns/net").readlink())


def _unshare(flags: int) -> bool:
    return bool(ctypes.CDLL(None, use_errno=True).unshare(flags) == 0)


def _tried_in_a_child() -> bool:
    """Whether a user namespace can be entered whole: half in one, no file could be written."""
    child = os.fork()
    if child == 0:
        os._exit(0 if _enter_user_namespace() else 1)
    return os.waitpid(child, 0)[1] == 0


def _enter_user_namespace() -> bool:
    """Be the same user inside as outside, so that files keep their owner (user_namespaces(7))."""
    uid, gid = os.getuid(), os.getgid()
    if not _unshare(CLONE_NEWUSER | CLONE_NEWNET):
        return False
    try:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
        Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")
    except OSError:
        return False
    return True


def _raise_loopback() -> None:
    """Bring up the namespace's own loopback: distributed training talks to itself over it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        request = struct.pack("16sh14x", b"lo", 0)
        try:
            flags = struct.unpack("16sh14x", fcntl.ioctl(control, SIOCGIFFLAGS, request))[1]
            fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", flags | IFF_UP))
        except OSError as e:
            sys.stderr.write(f"gatekeeper: note: no loopback for training ({e.strerror})\n")


def main(argv: list[str]) -> NoReturn:
    """Close the network and become the program; exit with 2 where none is named."""
    kernel = argv[:1] != ["--python-only"] and close_by_kernel()
    program = argv[argv[:1] == ["--python-only"] :]
    if not program:
        sys.stderr.write("gatekeeper: error: no program to launch\n")
        sys.exit(2)
    environment = dict(os.environ)
    if not kernel:
        environment["PYTHONPATH"] = str(GUARD)
    sys.stderr.write(f"gatekeeper: network: {BY_KERNEL if kernel else BY_GUARD}\n")
    sys.stderr.flush()
    os.execve(program[0], program, environment)  # noqa: S606  (no shell: that is the point)


if __name__ == "__main__":
    main(sys.argv[1:])
