"""Files that survive a power cut: opened without following links, synced, locked.

An fsync that fails is final: Linux drops the error and a second one "succeeds" (fsyncgate), so
nothing here tries again.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from gatekeeper.errors import GatekeeperError, InputError, VaultError
from gatekeeper.model.display import shown

READ_BYTES = 1 << 20
_RETRY_S = 0.02


def reason(error: OSError) -> str:
    """The system's own word for `error`, without the path it came with."""
    return os.strerror(error.errno).lower() if error.errno else "input/output error"


def present(path: Path) -> bool:
    """Whether `path` is there, links not followed. A system that cannot tell raises OSError, which
    `Path.exists` may take for "no".
    """
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def entries(folder: Path) -> list[Path]:
    """What is in `folder`, sorted; nothing where it is not there."""
    return sorted(folder.iterdir()) if present(folder) else []


@contextlib.contextmanager
def system_errors(
    place: Path, *, kind: type[GatekeeperError] = VaultError, what: str = "", hint: str = ""
) -> Iterator[None]:
    """Turn the system's errors into ours: `place: what: why`."""
    why = ""
    try:
        yield
    except OSError as e:
        why = reason(e)
    if why:
        raise kind(": ".join(filter(None, (shown(place), what, why))), hint=hint)


@dataclass(frozen=True, slots=True)
class FileIdentity:
    """Which file it is, and whether its bytes may have changed."""

    device: int
    inode: int
    size_bytes: int
    mtime_ns: int

    @classmethod
    def of(cls, fd: int) -> FileIdentity:
        """That of the open file `fd`."""
        at = os.fstat(fd)
        return cls(at.st_dev, at.st_ino, at.st_size, at.st_mtime_ns)


@contextlib.contextmanager
def open_directory(path: Path) -> Iterator[int]:
    """A descriptor of the directory `path`, for operations relative to it."""
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield fd
    finally:
        os.close(fd)


@contextlib.contextmanager
def open_regular(
    name: str | Path, *, dir_fd: int | None = None, place: Path | None = None
) -> Iterator[BinaryIO]:
    """`name` for reading, if it is a regular file and no symbolic link; never blocks on a FIFO.

    Raises FileNotFoundError where it is gone, InputError where it is something else, which is told
    of `place` where one is given.
    """
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    link = False
    try:
        fd = os.open(name, flags, dir_fd=dir_fd)
    except OSError as e:
        if e.errno not in (errno.ELOOP, errno.ENXIO):
            raise
        link = True
    if link:
        raise InputError(f"{shown(place or name)}: a symbolic link or a device, not a regular file")
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise InputError(f"{shown(place or name)}: not a regular file")
    with open(fd, "rb") as stream:  # noqa: PTH123  (a descriptor)
        yield stream


def read_small(path: Path, *, max_bytes: int = 1 << 16) -> bytes:
    """The bytes of a small regular file. Raises VaultError, also where it is a link or larger."""
    why = ""
    try:
        with system_errors(path), open_regular(path) as stream:
            data = stream.read(max_bytes + 1)
    except InputError as e:
        why = str(e)
    else:
        if len(data) > max_bytes:
            why = f"{shown(path)}: larger than {max_bytes:,} bytes"
    if why:
        raise VaultError(why)
    return data


def digest_of_stream(stream: BinaryIO) -> str:
    """`sha256:…` of what is left in `stream`; memory does not grow with it."""
    whole = hashlib.sha256()
    while data := stream.read(READ_BYTES):
        whole.update(data)
    return f"sha256:{whole.hexdigest()}"


def make_private_directory(path: Path) -> None:
    """The directory `path`, mode 0700, its entry in its parent synced; kept where it is there."""
    try:
        path.mkdir(mode=0o700)
    except FileExistsError:
        if path.is_symlink() or not path.is_dir():
            raise VaultError(f"{shown(path)}: not a directory") from None
        return
    sync_directory(path.parent)


def create_private(path: Path) -> BinaryIO:
    """A new file, mode 0600, open for writing; raises FileExistsError where there is one."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC  # O_EXCL follows no link
    return open(os.open(path, flags, 0o600), "wb")  # noqa: PTH123  (the caller closes it)


def sync_file(stream: BinaryIO) -> None:
    """Flush `stream` and its file to disk."""
    stream.flush()
    os.fsync(stream.fileno())


def sync_directory(path: Path) -> None:
    """Flush the entries of the directory `path` to disk."""
    with open_directory(path) as fd:
        os.fsync(fd)


def write_new(path: Path, data: bytes) -> None:
    """Write `data` to the new file `path` and sync it; the caller syncs the directory."""
    with create_private(path) as stream:
        stream.write(data)
        sync_file(stream)


def write_durably(path: Path, data: bytes, *, scratch: Path) -> None:
    """Put the new file `path` in place whole or not at all, by way of `scratch`."""
    write_new(scratch, data)
    scratch.rename(path)
    sync_directory(path.parent)


def ensure_file(path: Path, data: bytes) -> None:
    """Put `path` in place, whole, where it is not there yet."""
    if not present(path):
        write_durably(path, data, scratch=path.with_name(f".{os.urandom(8).hex()}.new"))


def drop_cache(stream: BinaryIO) -> None:
    """Ask the system to forget its copy of the file, so that the next read is of the disk."""
    if hasattr(os, "posix_fadvise"):
        os.posix_fadvise(stream.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


@contextlib.contextmanager
def locked(path: Path, *, timeout_s: float) -> Iterator[None]:
    """Hold the lock file `path` alone; a holder that is killed frees it. Raises VaultError late."""
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        deadline = time.monotonic() + timeout_s
        while not _try_lock(fd):
            if time.monotonic() >= deadline:
                raise VaultError(
                    f"{shown(path)}: held by another process for more than {timeout_s:g} s",
                    hint="wait until it is done, and run the command again",
                )
            time.sleep(_RETRY_S)
        yield
    finally:
        os.close(fd)


def _try_lock(fd: int) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
