"""Paths → sources. What cannot or must not be opened is a value with its reason, never a gap."""

from __future__ import annotations

import errno
import io
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import BinaryIO

from gatekeeper.errors import InputError
from gatekeeper.model import Unscanned
from gatekeeper.model.display import shown
from gatekeeper.read.formats import format_of_option
from gatekeeper.read.limits import DEFAULT, Limits
from gatekeeper.read.refusal import Refusal, io_refusal, over_limit
from gatekeeper.read.source import Source

EXCLUDED_FOLDERS = frozenset({".git", ".gatekeeper"})
"""Folders inside a dataset folder that are not part of it: git's objects and Gatekeeper's state."""

STDIN = "-"

_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
)


def open_sources(paths: Sequence[str | Path], *, input_format: str | None = None,
                 stdin: BinaryIO | None = None,
                 limits: Limits = DEFAULT) -> list[Source | Unscanned]:  # fmt: skip
    """The sources that `paths` name, in order; each folder's own files sorted by name.

    A folder is walked to the bottom. Everything in it is a source or a refusal, but for
    `EXCLUDED_FOLDERS`. Symbolic links are never followed, and only regular files are opened.

    Args:
        paths: files and folders; `-` is `stdin`.
        input_format: one of `FORMATS`, with `.gz` or `.zst`, in place of every suffix.
        stdin: what `-` reads; it is held in memory, up to `limits.max_in_memory_bytes`.
        limits: bounds on reading.

    Raises:
        InputError: a path does not exist, or `-` was given without `stdin`.
        UsageError: `input_format` is unknown.
    """
    if input_format:
        format_of_option(input_format)
    found: list[Source | Unscanned] = []
    for path in paths:
        if str(path) == STDIN:
            found.append(_stdin(stdin, input_format, limits))
            continue
        for name in _files(_given(path), limits.max_files - len(found)):
            if isinstance(name, Unscanned):
                found.append(name)
            else:
                found.append(_source(name, input_format, limits))
    return found


def open_regular(path: Path) -> BinaryIO:
    """`path` opened for reading, if it is a regular file. Never follows a link, never blocks.

    Raises:
        Refusal: it is a link, a folder, a pipe, a socket or a device.
        OSError: the system cannot open it.
    """
    try:
        # Opening a pipe for reading does not block with O_NONBLOCK; a device or socket may refuse.
        descriptor = os.open(path, _FLAGS)
    except OSError as error:
        if error.errno not in (errno.ELOOP, errno.EMLINK, errno.ENXIO):
            raise
        descriptor = -1
        link = error.errno != errno.ENXIO
    if descriptor < 0:
        raise _symlink() if link else _not_regular()
    raw = os.fdopen(descriptor, "rb", buffering=0)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        raw.close()
        raise _not_regular()
    return raw


def _symlink() -> Refusal:
    return Refusal("symlink", "a symbolic link is not followed; give the file it points to")


def _not_regular() -> Refusal:
    return Refusal("not-regular", "not a regular file (a pipe, socket or device); copy it to one")


def _given(path: str | Path) -> Path:
    """`path`, which somebody named: it must exist."""
    name = shown(str(path))
    try:
        Path(path).lstat()
    except FileNotFoundError:
        problem = f"no such file or folder: {name}"
    except (OSError, ValueError) as error:
        kind = os.strerror(error.errno or 0).lower() if isinstance(error, OSError) else "bad name"
        problem = f"cannot open {name}: {kind}"
    else:
        return Path(path)
    raise InputError(problem, hint="check the path")


def _files(path: Path, most: int) -> Iterator[Path | Unscanned]:
    """The files under `path`, or `path` itself; no more than `most`, and then a refusal."""
    name = shown(str(path))
    if not stat.S_ISDIR(path.lstat().st_mode):
        yield path
        return
    count = 0
    for item in _walk(path):
        if count >= most:
            yield over_limit("the number of files", most, "files").unscanned(name, 1)
            return
        count += 1
        yield item
    if not count:
        yield Refusal("empty", "a folder without files; give one that holds data").unscanned(
            name, 0
        )


def _walk(folder: Path) -> Iterator[Path | Unscanned]:
    try:
        with os.scandir(folder) as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
    except OSError as error:
        yield io_refusal(error).unscanned(shown(str(folder)), 1)
        return
    for entry in entries:
        path = folder / entry.name
        if entry.is_dir(follow_symlinks=False):
            if entry.name not in EXCLUDED_FOLDERS:
                yield from _walk(path)
        else:
            yield path


def _source(path: Path, input_format: str | None, limits: Limits) -> Source | Unscanned:
    """`path` as a source, looked at once and closed again; or why it cannot even be opened.

    A file that opens but cannot be read as records is a source all the same, with `refused` set:
    its bytes have a digest, so it can be decided on, and quarantined, with the others.
    """
    source = source_of_file(path, input_format, limits)
    try:
        raw = open_regular(path)
    except Refusal as refusal:
        refused = refusal
    except OSError as error:
        refused = io_refusal(error)
    else:
        with closing(raw):
            source.look(raw, os.fstat(raw.fileno()).st_size)
        return source
    return refused.unscanned(source.name, 1)


def source_of_file(path: Path, input_format: str | None, limits: Limits) -> Source:
    """`path` as a source that nobody has looked at yet."""
    return Source(str(path), lambda: _reopen(path), path=path, input_format=input_format,
                  limits=limits, regular=True)  # fmt: skip


def _reopen(path: Path) -> BinaryIO:
    """`path` again, for the reading proper."""
    try:
        return open_regular(path)
    except Refusal as refusal:
        reason = refusal.reason
    raise OSError(errno.ESTALE, f"became a {reason}")


def _stdin(stdin: BinaryIO | None, input_format: str | None, limits: Limits) -> Source:
    """What `-` reads, held in memory, for every source is read twice."""
    if stdin is None:
        raise InputError("there is no standard input to read", hint="name a file or a folder")
    held: list[bytes] = []

    def opened() -> BinaryIO:
        if not held:
            held.append(_read_whole(stdin, limits.max_in_memory_bytes))
        return io.BytesIO(held[0])

    return Source("stdin", opened, input_format=input_format, limits=limits)


def _read_whole(stream: BinaryIO, most: int) -> bytes:
    data = stream.read(most + 1)
    if len(data) > most:
        raise InputError(
            f"standard input holds more than {most:,} bytes", hint="write it to a file first"
        )
    return data
