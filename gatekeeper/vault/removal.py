"""Taking the originals away once a case is on disk: steps 10 and 11 of the order of operations.

Every original is looked at again, moved to a private name in its own folder, hashed once more and
only then unlinked, so that a writer who replaces the file in between loses nothing. Either all go,
or, where one of them changed, all are put back. What is hard-linked is kept: unlinking one name of
it would remove nothing.

Unlinked is all that can be said: copies may remain in snapshots, backups, git objects, swap and the
flash translation layer.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from gatekeeper.errors import DatasetChanged, InputError
from gatekeeper.model.display import shown
from gatekeeper.model.snapshot import Snapshot
from gatekeeper.vault.durable import (
    FileIdentity,
    digest_of_stream,
    open_directory,
    open_regular,
    reason,
)

UNLINKED = "unlinked"
KEPT_HARD_LINK = "kept-hard-link"
PRIVATE_PREFIX = ".gatekeeper-"


@dataclass(frozen=True, slots=True)
class Original:
    """A source and the digest it was decided on; `identity` is known to whoever read it."""

    path: Path
    digest: str
    identity: FileIdentity | None = None
    snapshot: Snapshot | None = None
    """The bytes, where they are in no file: `path` is a name then, and nothing is unlinked."""

    @property
    def size_bytes(self) -> int:
        """How many bytes it has, as it was sealed or read."""
        if self.snapshot is not None:
            return self.snapshot.size_bytes
        return self.identity.size_bytes if self.identity else 0

    def private_name(self, case_id: str, number: int) -> str:
        """The name it has for a moment before it is unlinked; it says nothing of the file."""
        return f"{PRIVATE_PREFIX}{case_id}-{number}"


@dataclass(frozen=True, slots=True)
class Removal:
    """What became of one original: `unlinked` or `kept-hard-link`."""

    path: Path
    outcome: str


@contextlib.contextmanager
def source_errors(path: Path) -> Iterator[None]:
    """Turn the system's error about `path` into ours: gone is a change, the rest is unreadable."""
    why, gone = "", False
    try:
        yield
    except OSError as e:
        why, gone = reason(e), e.errno in (errno.ENOENT, errno.ENOTDIR)
    if gone:
        raise DatasetChanged(f"{shown(path)}: it is gone since it was scanned")
    if why:
        raise InputError(f"{shown(path)}: cannot be read: {why}")


class _Held:
    """An original during its removal: where it is now."""

    def __init__(self, original: Original, private: str, folder: int) -> None:
        self.original = original
        self.private = private
        self._folder = folder
        self._finish_put_back()
        self.moved = self._inode(private) is not None
        self.gone = not self.moved and self._inode(original.path.name) is None

    @property
    def name(self) -> str:
        return self.private if self.moved else self.original.path.name

    def links(self) -> int:
        return os.lstat(self.name, dir_fd=self._folder).st_nlink

    def check(self) -> None:
        """Raise DatasetChanged unless it is still the file, and the bytes, that were stored."""
        path, known = self.original.path, self.original.identity
        opened = open_regular(self.name, dir_fd=self._folder, place=path)
        with source_errors(path), opened as stream:
            same = known is None or FileIdentity.of(stream.fileno()) == known
            if not same or digest_of_stream(stream) != self.original.digest:
                raise DatasetChanged(f"{shown(path)}: it changed since it was scanned")

    def move(self) -> None:
        if not self.moved:
            self._rename(self.original.path.name, self.private)
            self.moved = True

    def unlink(self) -> None:
        os.unlink(self.private, dir_fd=self._folder)

    def put_back(self) -> None:
        """Give it its name again; where another file took that name meanwhile, both stay."""
        if not self.moved:
            return
        name = self.original.path.name
        try:
            os.link(self.private, name, src_dir_fd=self._folder, dst_dir_fd=self._folder)
        except FileExistsError:
            return
        except OSError:  # a file system without hard links
            if self._inode(name) is None:
                self._rename(self.private, name)
        else:
            os.unlink(self.private, dir_fd=self._folder)
        self.moved = False

    def _finish_put_back(self) -> None:
        inode = self._inode(self.private)
        if inode is not None and inode == self._inode(self.original.path.name):
            os.unlink(self.private, dir_fd=self._folder)

    def _inode(self, name: str) -> int | None:
        try:
            return os.lstat(name, dir_fd=self._folder).st_ino
        except FileNotFoundError:
            return None

    def _rename(self, old: str, new: str) -> None:
        os.rename(old, new, src_dir_fd=self._folder, dst_dir_fd=self._folder)


def remove_originals(
    case_id: str, originals: Sequence[Original], *, again: bool = False
) -> tuple[Removal, ...]:
    """Unlink `originals`, whose bytes are durable in case `case_id`.

    `again` is for recovery: what is gone already was unlinked by the run that was cut off. Raises
    DatasetChanged, with every original that is still there under its own name, where one of them is
    not what was stored.
    """
    with contextlib.ExitStack() as stack:
        folders: dict[Path, int] = {}
        for original in originals:
            parent = original.path.parent
            if parent not in folders:
                with source_errors(original.path):
                    folders[parent] = stack.enter_context(open_directory(parent))
        held = [
            _Held(o, o.private_name(case_id, n), folders[o.path.parent])
            for n, o in enumerate(originals)
        ]
        try:
            outcomes = _remove(held, again=again)
        except BaseException as e:
            _put_back(held, e)
            raise
        finally:
            for folder in folders.values():
                os.fsync(folder)
    return tuple(Removal(h.original.path, outcomes[h.original.path]) for h in held)


def _remove(held: Sequence[_Held], *, again: bool) -> dict[Path, str]:
    present = [h for h in held if not (again and h.gone)]
    outcomes = {h.original.path: UNLINKED for h in held}
    for h in present:
        h.check()
    for h in present:
        if h.links() == 1:
            h.move()
    for h in present:
        if h.moved:
            h.check()
    for h in present:
        if h.moved and h.links() == 1:
            h.unlink()
            h.moved = False
        else:
            h.put_back()
            outcomes[h.original.path] = KEPT_HARD_LINK
    return outcomes


def _put_back(held: Sequence[_Held], error: BaseException) -> None:
    for h in held:
        with contextlib.suppress(OSError):  # the first error is told; recover tries again
            h.put_back()
    left = [shown(h.original.path.with_name(h.private)) for h in held if h.moved]
    if left and isinstance(error, DatasetChanged):
        why = "its name is taken, or cannot be given back"
        error.hint = f"{why}; the bytes that were there are in {left[0]}"
