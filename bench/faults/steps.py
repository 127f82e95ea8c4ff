"""The steps of a run: every call of `os` that changes files, in order, with the code it comes from.

Something can be done right before each step, so that a power cut can fall exactly between two of
them, and one call site of `os.fsync` can be left out. The product knows nothing of it. What is
patched stays so: this is for a process that ends after the run.
"""

from __future__ import annotations

import fnmatch
import os
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_CHANGES = (
    "mkdir",
    "rename",
    "replace",
    "link",
    "unlink",
    "remove",
    "rmdir",
    "ftruncate",
    "pwrite",
)
_PRODUCT = f"{os.sep}gatekeeper{os.sep}"
_HELPERS = ("durable.py", "log.py", "head.py")
"""What syncs for others: the site goes on to whoever called it."""


@dataclass(frozen=True)
class Step:
    """One call about to be made: its name, the path, and the lines of the product it comes from.

    `number` counts the calls of that name on paths that end alike (`…#1`); `target` is what a
    rename is to.
    """

    name: str
    path: str
    site: str
    number: int
    target: str = ""

    def matches(self, name: str, pattern: str) -> bool:
        """Whether it is the step that a promise names: `*/end`, or `*/end#2` for the second."""
        path, _, number = pattern.partition("#")
        if self.name != name or (number and int(number) != self.number):
            return False
        return name == "exit" or fnmatch.fnmatch(self.path, path)


class Steps:
    """Watches the calls of `os` in this process on paths under `root`, from now on."""

    def __init__(
        self,
        root: Path,
        before: Callable[[Step], None],
        *,
        skip: str = "",
        synced: Callable[[Path], None] = lambda path: None,
    ) -> None:
        self._root, self._before, self._skip, self._synced = str(root), before, skip, synced
        self._count: Counter[tuple[str, str]] = Counter()
        self._inside = False
        self._fsync = os.fsync
        for name in _CHANGES:
            setattr(os, name, self._watched(name, getattr(os, name)))
        os.open = self._watched_open(os.open)
        os.write = self._watched_write(os.write)
        os.fsync = self._watched_fsync
        os.posix_fadvise = lambda *_: (
            None
        )  # Linux begins to write there, which hides a missing sync

    def sync(self, fd: int) -> None:
        """`os.fsync` as it was."""
        self._fsync(fd)

    def end(self) -> None:
        """The step after the last one."""
        self._step("exit", self._root)

    def _step(self, name: str, path: str, site: str = "", target: str = "") -> None:
        if self._inside or not path.startswith(self._root):
            return
        kind = (name, os.path.basename(path))  # noqa: PTH119
        self._count[kind] += 1
        self._inside = True
        self._before(Step(name, path, site or _site(), self._count[kind], target))
        self._inside = False

    def _watched(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*args: Any, **options: Any) -> Any:
            folder = options.get("dir_fd", options.get("src_dir_fd"))
            target = ""
            if name in ("rename", "replace", "link"):
                target = _path(args[1], options.get("dst_dir_fd"))
            self._step(name, _path(args[0], folder), target=target)
            return call(*args, **options)

        return watched

    def _watched_open(self, call: Callable[..., int]) -> Callable[..., int]:
        def watched(path: Any, flags: int, *args: Any, **options: Any) -> int:
            if flags & os.O_CREAT and path != os.devnull:
                self._step("create", _path(path, options.get("dir_fd")))
            return call(path, flags, *args, **options)

        return watched

    def _watched_write(self, call: Callable[..., int]) -> Callable[..., int]:
        """Only the log is written without a buffer."""

        def watched(fd: int, data: bytes) -> int:
            self._step("append", _path(fd, None))
            return call(fd, data)

        return watched

    def _watched_fsync(self, fd: int) -> None:
        site = _site()
        self._step("fsync", _path(fd, None), site)
        if site != self._skip:
            self._fsync(fd)
            self._synced(Path(_path(fd, None)))


def _path(name: Any, folder: int | None) -> str:
    if isinstance(name, int):
        return os.readlink(f"/proc/self/fd/{name}")  # noqa: PTH115
    base = Path(f"/proc/self/fd/{folder}").readlink() if folder is not None else Path.cwd()
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
