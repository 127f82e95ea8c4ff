"""The steps of a run: every call of `os` that changes files, in order, with the code it comes from.

A step can be left out (one call site of `os.fsync`), and the power can be cut right before a step,
by the shutdown ioctl of ext4 and xfs, which drops what was not yet synced.
"""

from __future__ import annotations

import fcntl
import os
import signal
import struct
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

_SHUTDOWN = 0x8004587D  # EXT4_IOC_SHUTDOWN, XFS_IOC_GOINGDOWN
_NO_LOG_FLUSH = 2
_CHANGES = ("mkdir", "rename", "replace", "link", "unlink", "remove", "rmdir", "ftruncate")
_PRODUCT = f"{os.sep}gatekeeper{os.sep}"
_HELPERS = ("durable.py",)
"""What syncs for others: the site goes on to whoever called it."""


def shut_down(folder: int) -> None:
    """Cut the power of the file system that the open directory `folder` is on."""
    fcntl.ioctl(folder, _SHUTDOWN, struct.pack("I", _NO_LOG_FLUSH))


class Steps:
    """Watches the calls of `os` in this process, from now on."""

    def __init__(
        self, root: Path, *, skip: str | None, cut: int, delay_s: float, mount: Path | None
    ) -> None:
        self.seen: list[tuple[str, str, str]] = []
        """(call, path, site) of every step under `root`, in order."""
        self._root, self._skip, self._cut, self._delay_s = str(root), skip, cut, delay_s
        self._mount = os.open(mount, os.O_RDONLY | os.O_DIRECTORY) if mount else -1
        self._fsync = os.fsync
        for name in _CHANGES:
            setattr(os, name, self._watched(name, getattr(os, name)))
        os.open = self._watched_open(os.open)
        os.fsync = self._watched_fsync

    def end(self) -> None:
        """The step after the last one."""
        self._step("exit", self._root)

    def _step(self, name: str, path: str, site: str = "") -> None:
        if not path.startswith(self._root):
            return
        self.seen.append((name, path, site or _site()))
        if len(self.seen) == self._cut:
            time.sleep(self._delay_s)
            shut_down(self._mount)
            os.kill(os.getpid(), signal.SIGKILL)

    def _watched(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*args: Any, **options: Any) -> Any:
            folder = options.get("dir_fd", options.get("src_dir_fd"))
            self._step(name, _path(args[0], folder))
            return call(*args, **options)

        return watched

    def _watched_open(self, call: Callable[..., int]) -> Callable[..., int]:
        def watched(path: Any, flags: int, *args: Any, **options: Any) -> int:
            if flags & os.O_CREAT and path != os.devnull:
                name = "append" if flags & os.O_APPEND else "create"
                self._step(name, _path(path, options.get("dir_fd")))
            return call(path, flags, *args, **options)

        return watched

    def _watched_fsync(self, fd: int) -> None:
        site = _site()
        self._step("fsync", _path(fd, None), site)
        if site != self._skip:
            self._fsync(fd)


def _path(name: Any, folder: int | None) -> str:
    if isinstance(name, int):
        return os.readlink(f"/proc/self/fd/{name}")
    base = os.readlink(f"/proc/self/fd/{folder}") if folder is not None else os.getcwd()
    return os.path.normpath(os.path.join(base, os.fspath(name)))  # noqa: PTH118


def _site() -> str:
    """The frames of the product from the call to the first one outside the helpers."""
    frame: Any = sys._getframe(2)
    chain: list[str] = []
    while frame is not None:
        code = frame.f_code
        if _PRODUCT in code.co_filename:
            file = os.path.basename(code.co_filename)  # noqa: PTH119
            chain.append(f"{file}:{frame.f_lineno} {code.co_name}")
            if file not in _HELPERS:
                break
        frame = frame.f_back
    return " < ".join(chain)
