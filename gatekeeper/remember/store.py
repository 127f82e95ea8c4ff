"""Sealed entries in a folder: written whole or not at all, bounded, the oldest dropped first.

Nothing here fails: an entry that cannot be read or written is no entry. Many processes may use the
folder at once, for an entry is put in place by a rename and never changed.
"""

from __future__ import annotations

import contextlib
import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path

from gatekeeper.remember.seal import TAG_BYTES, Seal

FOLDER = "remembered"
MAX_ENTRIES = 20_000
MAX_BYTES = 64 << 20
"""Of all entries together; what has not been asked for the longest goes first."""
MAX_ENTRY_BYTES = 4 << 20
"""A larger one is neither kept nor read."""
_SWEPT_AFTER = (256, 1 << 20)
"""Entries and bytes that one process writes before it looks at the bounds again."""
_STALE_S = 3600.0
"""After which a file that was never put in place was left by a process that died."""
_SCRATCH = ".new-"
_FLAGS = os.O_NOFOLLOW | os.O_CLOEXEC


class Store:
    """The entries of one user under one key."""

    def __init__(self, cache: Path, seal: Seal) -> None:
        """In a folder of `cache`, which is made when something is first kept."""
        self.folder = cache / FOLDER
        self._seal = seal
        self._written = _SWEPT_AFTER

    def get(self, about: bytes) -> bytes | None:
        """What was kept for `about`, if it is whole and of this user; it counts as new again."""
        with contextlib.suppress(OSError), self._open_folder() as folder:
            handle = os.open(
                self._seal.name(about), os.O_RDONLY | os.O_NONBLOCK | _FLAGS, dir_fd=folder
            )
            with open(handle, "rb") as file:  # noqa: PTH123  (a descriptor)
                if not _is_ours(os.fstat(handle), stat.S_ISREG):
                    return None
                raw = file.read(MAX_ENTRY_BYTES + 1)
                tag, body = raw[:TAG_BYTES], raw[TAG_BYTES:]
                if len(raw) > MAX_ENTRY_BYTES or not self._seal.holds(tag, about, body):
                    return None
                with contextlib.suppress(OSError):
                    os.utime(handle)
                return body
        return None

    def put(self, about: bytes, body: bytes) -> None:
        """Keep `body` for `about`, in the place of whatever was there."""
        entry = self._seal.seal(about, body) + body
        if len(entry) > MAX_ENTRY_BYTES:
            return
        with contextlib.suppress(OSError):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self._open_folder() as folder:
                _write(folder, self._seal.name(about), entry)
                self._sweep(folder, len(entry))

    def size(self) -> tuple[int, int]:
        """How many entries there are, and their bytes."""
        with contextlib.suppress(OSError), self._open_folder() as folder:
            found = list(_entries(folder))
            return len(found), sum(size for _, size, _ in found)
        return 0, 0

    def clear(self) -> int:
        """Remove every entry; how many there were."""
        removed = 0
        with contextlib.suppress(OSError), self._open_folder() as folder:
            for _, _, name in list(_entries(folder)):
                with contextlib.suppress(OSError):
                    os.unlink(name, dir_fd=folder)
                    removed += not name.startswith(_SCRATCH)
        return removed

    @contextlib.contextmanager
    def _open_folder(self) -> Iterator[int]:
        """The folder, if it is no link and nobody else can write to it; else OSError."""
        handle = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY | _FLAGS)
        try:
            if not _is_ours(os.fstat(handle), stat.S_ISDIR):
                raise PermissionError
            yield handle
        finally:
            os.close(handle)

    def _sweep(self, folder: int, size_bytes: int) -> None:
        """Hold the folder to its bounds, every now and then."""
        entries, written = self._written
        self._written = entries + 1, written + size_bytes
        if entries < _SWEPT_AFTER[0] and written < _SWEPT_AFTER[1]:
            return
        self._written = 0, 0
        count = total = 0
        for at, size, name in sorted(_entries(folder), reverse=True):
            left_over = name.startswith(_SCRATCH) and at < time.time() - _STALE_S
            count, total = count + 1, total + size
            if left_over or count > MAX_ENTRIES or total > MAX_BYTES:
                with contextlib.suppress(OSError):
                    os.unlink(name, dir_fd=folder)


def _write(folder: int, name: str, entry: bytes) -> None:
    scratch = f"{_SCRATCH}{os.urandom(8).hex()}"
    handle = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _FLAGS, 0o600, dir_fd=folder)
    try:
        with open(handle, "wb") as file:  # noqa: PTH123  (a descriptor)
            file.write(entry)
        os.replace(scratch, name, src_dir_fd=folder, dst_dir_fd=folder)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(scratch, dir_fd=folder)
        raise


def _entries(folder: int) -> Iterator[tuple[float, int, str]]:
    """(when last asked for, size, name) of everything that `put` made."""
    with os.scandir(folder) as listing:
        for entry in listing:
            with contextlib.suppress(OSError):
                state = entry.stat(follow_symlinks=False)
                if _is_ours(state, stat.S_ISREG):
                    yield state.st_mtime, state.st_size, entry.name


def _is_ours(state: os.stat_result, kind: object) -> bool:
    right = callable(kind) and kind(state.st_mode)
    return bool(right) and state.st_uid == os.geteuid() and not state.st_mode & 0o022
