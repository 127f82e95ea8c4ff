"""A dataset copied once to where nobody can write, while it is hashed.

What is scanned is known by its digest; what is sent is this copy, never the path again, so nothing
can change in between (DESIGN law 7). The copy is anonymous memory, not a temporary file: it has no
name, it is on no disk, and it goes away with the process. What is too large for memory is a file
without a name, encrypted under a key of this process alone (`read.spool`).
"""

from __future__ import annotations

import fcntl
import hashlib
import io
import os
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from gatekeeper.errors import DatasetChanged, InputError
from gatekeeper.model.display import shown
from gatekeeper.read.opening import open_regular
from gatekeeper.read.refusal import Refusal, io_refusal
from gatekeeper.read.source import Source
from gatekeeper.read.spool import Spool

IN_MEMORY_BYTES = 256 << 20
"""A larger copy is on disk, encrypted."""

_BLOCK_BYTES = 1 << 20
_SEALS = ("F_SEAL_SHRINK", "F_SEAL_GROW", "F_SEAL_WRITE", "F_SEAL_SEAL")


class SealedSnapshot:
    """Bytes that can be read any number of times and changed by nobody, this process included.

    On Linux they are a sealed memfd; elsewhere a `bytes` object; where they are many, a spool.
    """

    def __init__(self, held: int | bytes | Spool, digest: str, size_bytes: int) -> None:
        self._held: int | bytes | Spool | None = held
        self._digest = digest
        self._size_bytes = size_bytes

    @property
    def digest(self) -> str:
        """`sha256:…` of the bytes."""
        return self._digest

    @property
    def size_bytes(self) -> int:
        """How many there are."""
        return self._size_bytes

    def open(self) -> BinaryIO:
        """A new stream over the bytes, from the start; closing it leaves the snapshot open."""
        if self._held is None:
            raise ValueError("the snapshot is closed")
        if isinstance(self._held, bytes):
            return io.BytesIO(self._held)
        if isinstance(self._held, Spool):
            return self._held.open()
        return io.BufferedReader(_Window(os.dup(self._held)), _BLOCK_BYTES)

    def lent(self) -> tuple[int, bytes]:
        """A descriptor of the bytes, and the key they are encrypted under (empty where they are
        not): for a process of ours that is to read them. The caller closes the descriptor.
        """
        if isinstance(self._held, int):
            return os.dup(self._held), b""
        if isinstance(self._held, Spool):
            return self._held.lent()
        raise ValueError("the snapshot is closed, or in no file")

    @classmethod
    def borrowed(cls, descriptor: int, key: bytes, digest: str, size_bytes: int) -> SealedSnapshot:
        """That of another process, made of what was `lent`; takes over `descriptor`."""
        held = Spool.borrowed(descriptor, key, size_bytes) if key else descriptor
        return cls(held, digest, size_bytes)

    def close(self) -> None:
        """Give the memory back, once the streams over it are closed too."""
        if isinstance(self._held, int):
            os.close(self._held)
        elif isinstance(self._held, Spool):
            self._held.close()
        self._held = None

    def __enter__(self) -> SealedSnapshot:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class _Window(io.RawIOBase):
    """Reads a descriptor at a place of its own: descriptors that were duplicated share theirs."""

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self._descriptor = descriptor
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        count = os.preadv(self._descriptor, [buffer], self._at)
        self._at += count
        return count

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        origin = {os.SEEK_SET: 0, os.SEEK_CUR: self._at}.get(whence)
        if origin is None:
            origin = os.fstat(self._descriptor).st_size
        self._at = max(0, origin + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def close(self) -> None:
        if not self.closed:
            os.close(self._descriptor)
        super().close()


def snapshot(source: Source | str | Path, digest: str, max_bytes: int) -> SealedSnapshot:
    """`source` copied into sealed memory, if its bytes are still those of `digest`.

    Args:
        source: a source, or the path of a regular file.
        digest: `sha256:…` of the bytes that were scanned.
        max_bytes: the most that may be copied.

    Raises:
        DatasetChanged: the bytes are others, or the file is gone.
        InputError: there are more than `max_bytes`, or the source can be read only once.
    """
    name = source.name if isinstance(source, Source) else shown(str(source))
    problem = ""
    try:
        raw = source.open() if isinstance(source, Source) else open_regular(Path(source))
    except OSError as error:
        problem = io_refusal(error).detail
    except Refusal as refusal:
        problem = refusal.detail
    if problem:
        raise DatasetChanged(f"{name}: {problem}", hint="check it again")
    with closing(raw):
        sealed = _copy(raw, name, max_bytes)
    if sealed.digest != digest:
        sealed.close()
        raise DatasetChanged(f"{name}: is not what was scanned", hint="check it again")
    return sealed


def _copy(raw: BinaryIO, name: str, max_bytes: int) -> SealedSnapshot:
    sealing = Sealing()
    problem = ""
    try:
        while not problem and (block := raw.read(_BLOCK_BYTES)):
            sealing.write(block)
            if sealing.size_bytes > max_bytes:
                problem = f"{name}: is larger than the {max_bytes:,} bytes that may be sent"
    except OSError as error:
        problem = f"{name}: {io_refusal(error).detail}"
    if problem:
        sealing.discard()
        raise InputError(problem, hint="split it")
    return sealing.seal()


class Sealing:
    """A snapshot that is being written: in memory, and on disk, encrypted, once it is large."""

    def __init__(self, *, in_memory_bytes: int | None = None, folder: Path | None = None) -> None:
        """`folder` is where a large one goes; by default where temporary files do."""
        self._held: _Memory | Spool = _Memory()
        self._folder = folder
        self._in_memory_bytes = IN_MEMORY_BYTES if in_memory_bytes is None else in_memory_bytes
        self._hash = hashlib.sha256()
        self.size_bytes = 0

    def write(self, block: bytes) -> None:
        """Append `block`. Raises OSError where the disk is full."""
        self.size_bytes += len(block)
        self._hash.update(block)
        if isinstance(self._held, _Memory) and self.size_bytes > self._in_memory_bytes:
            memory, self._held = self._held, Spool(self._folder)
            with SealedSnapshot(memory.seal(), "", 0) as written, written.open() as stream:
                while moved := stream.read(_BLOCK_BYTES):
                    self._held.write(moved)
        self._held.write(block)

    def seal(self) -> SealedSnapshot:
        """What was written, unchangeable from here on."""
        return SealedSnapshot(
            self._held.seal(), f"sha256:{self._hash.hexdigest()}", self.size_bytes
        )

    def discard(self) -> None:
        """Give the memory or the space back."""
        if isinstance(self._held, Spool):
            self._held.close()
        else:
            self._held.discard()


class _Memory:
    """Where the copy is written: a memfd where the system has one that can be sealed."""

    def __init__(self) -> None:
        self._descriptor = -1
        self._blocks: list[bytes] = []
        if hasattr(os, "memfd_create") and all(hasattr(fcntl, seal) for seal in _SEALS):
            flags = os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING
            self._descriptor = os.memfd_create("gatekeeper", flags)

    def write(self, block: bytes) -> None:
        """Append `block`."""
        if self._descriptor < 0:
            self._blocks.append(block)
            return
        view = memoryview(block)
        while view:
            view = view[os.write(self._descriptor, view) :]

    def seal(self) -> int | bytes:
        """What was written, unchangeable from here on."""
        if self._descriptor < 0:
            return b"".join(self._blocks)
        seals = 0
        for seal in _SEALS:
            seals |= getattr(fcntl, seal)
        fcntl.fcntl(self._descriptor, fcntl.F_ADD_SEALS, seals)
        return self._descriptor

    def discard(self) -> None:
        """Give the memory back."""
        self._blocks.clear()
        if self._descriptor >= 0:
            os.close(self._descriptor)
