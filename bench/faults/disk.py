"""File systems of our own in an image file, mounted by a loop device, whose power can be cut.

A cut is either a copy of the image while it is mounted (it holds what the file system has sent to
the disk, and nothing of what still waits in memory) or the shutdown ioctl of ext4 and xfs, which
drops what waits, at any instant.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import os
import shutil
import struct
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

KINDS = ("ext4", "xfs")
_MIB = {"ext4": 24, "xfs": 300}  # xfs makes none smaller
_MAKE = {"ext4": ("mkfs.ext4", "-q", "-F"), "xfs": ("mkfs.xfs", "-q", "-f")}
# ext4 would sync a file that is renamed over another by itself, and hide that nobody else does.
_MOUNT = {"ext4": "loop,noauto_da_alloc,commit=300", "xfs": "loop,nouuid"}
_SHUTDOWN = 0x8004587D  # EXT4_IOC_SHUTDOWN, XFS_IOC_GOINGDOWN
_NO_LOG_FLUSH = 2
_COPY_BYTES = 1 << 20


@functools.cache
def missing(kind: str) -> str:
    """Empty where such a file system can be made and mounted here, else why not."""
    if os.geteuid() != 0:
        return "power cuts need root"
    if shutil.which(_MAKE[kind][0]) is None:
        return f"{_MAKE[kind][0]} is not here"
    with tempfile.TemporaryDirectory(prefix="gk-disk-") as folder:
        disk = Disk(kind, Path(folder))
        try:
            disk.make()
            with disk.mounted():
                return ""
        except (OSError, subprocess.CalledProcessError):
            return f"no {kind} can be mounted by a loop device here"


@dataclass(frozen=True)
class Disk:
    """A file system of `kind`; its image and its mount point are in `folder`."""

    kind: str
    folder: Path

    @property
    def image(self) -> Path:
        return self.folder / "disk.img"

    @property
    def mount(self) -> Path:
        return self.folder / "mnt"

    def make(self) -> None:
        """A new one, in place of what was there."""
        self.mount.mkdir(parents=True, exist_ok=True)
        self.image.unlink(missing_ok=True)
        with self.image.open("wb") as stream:
            stream.truncate(_MIB[self.kind] << 20)
        subprocess.run([*_MAKE[self.kind], self.image], check=True, capture_output=True)

    @contextlib.contextmanager
    def mounted(self, image: Path | None = None) -> Iterator[Path]:
        """Mounted: its own image, or `image`; the file system replays its journal."""
        source = image or self.image
        command = ["mount", "-t", self.kind, "-o", _MOUNT[self.kind], source, self.mount]
        subprocess.run(command, check=True, capture_output=True)
        try:
            yield self.mount
        finally:
            self._unmount()

    def cut(self) -> None:
        """The power is gone, now."""
        fd = os.open(self.mount, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.ioctl(fd, _SHUTDOWN, struct.pack("I", _NO_LOG_FLUSH))
        finally:
            os.close(fd)

    def _unmount(self) -> None:
        for _ in range(100):
            done = subprocess.run(["umount", self.mount], capture_output=True, check=False)
            if done.returncode == 0:
                return
            time.sleep(0.05)
        raise OSError(f"{self.mount} cannot be unmounted")


def copy_sparse(source: Path, target: Path) -> None:
    """Copy an image without its holes."""
    with source.open("rb", buffering=0) as old, target.open("wb", buffering=0) as new:
        size = os.fstat(old.fileno()).st_size
        new.truncate(size)
        at = 0
        while at < size:
            try:
                at = os.lseek(old.fileno(), at, os.SEEK_DATA)
            except OSError:  # no more data
                return
            end = os.lseek(old.fileno(), at, os.SEEK_HOLE)
            while at < end:
                data = os.pread(old.fileno(), min(_COPY_BYTES, end - at), at)
                at += os.pwrite(new.fileno(), data, at)
