"""The strictest disk that POSIX allows, kept beside the real one: what no sync asked for is lost.

A sync of a file keeps its bytes as they are, a sync of a directory keeps its entries, and nothing
else is kept, however long ago it was written. ext4 and xfs keep more, since a sync commits what
happened before it: a sync that only this disk misses is one that those give for nothing.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

Inode = int


class StrictDisk:
    """What is durable of the tree at `root`; what is there now was written long ago."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._files: dict[Inode, bytes] = {}
        self._folders: dict[Inode, dict[str, tuple[Inode, bool]]] = {}
        self._held: list[int] = []
        for path in (root, *root.rglob("*")):
            self.sync(path)

    def sync(self, path: Path) -> None:
        """What is at `path`, a file or a directory, was synced."""
        at = path.stat()
        if stat.S_ISDIR(at.st_mode):
            self._folders[at.st_ino] = {
                p.name: (p.lstat().st_ino, p.is_dir()) for p in path.iterdir()
            }
        else:
            self._files[at.st_ino] = path.read_bytes()

    def keep(self, path: Path) -> None:
        """`path` is about to be unlinked: no new file may get its inode number."""
        if path.is_dir() or path.is_file():
            self._held.append(os.open(path, os.O_RDONLY))

    def write_out(self, target: Path) -> None:
        """The tree as it is found after a power cut, into the new folder `target`."""
        self._write(self._root.stat().st_ino, target)

    def _write(self, folder: Inode, target: Path) -> None:
        target.mkdir(mode=0o700)
        for name, (inode, is_folder) in self._folders.get(folder, {}).items():
            if is_folder:
                self._write(inode, target / name)
            else:
                (target / name).touch(mode=0o600)
                (target / name).write_bytes(self._files.get(inode, b""))
