"""The bytes of blobs, streamed from one `git cat-file --batch`: no blob is held whole."""

from __future__ import annotations

import io
import subprocess
from types import TracebackType
from typing import IO, BinaryIO, cast

from gatekeeper.errors import InputError
from gatekeeper.hooks.git import PROGRAM, environment

_PIECE = 1 << 20


class Blobs:
    """An open `git cat-file --batch`; blobs are read one after the other.

    Opening the next blob ends the one before. A process that stopped, as git does at a blob that
    a partial clone lacks, is started anew for the next.
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._current: _Blob | None = None

    def __enter__(self) -> Blobs:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stop()

    def open(self, object_id: str) -> BinaryIO:
        """The blob as a binary stream that cannot seek.

        Raises InputError where it is missing, is no blob, or git stops; and from `read` where the
        bytes end before the size that git announced.
        """
        self._finish()
        process = self._started()
        stdin, stdout = cast("IO[bytes]", process.stdin), cast("IO[bytes]", process.stdout)
        answer = b""
        try:
            stdin.write(object_id.encode("ascii") + b"\n")
            stdin.flush()
            answer = stdout.readline()
        except OSError:
            answer = b""
        fields = answer.split()
        if len(fields) != 3 or fields[:2] != [object_id.encode("ascii"), b"blob"]:
            self._stop()
            raise InputError(
                "a staged blob cannot be read from the repository",
                hint="stage the file anew with `git add`; `git fsck` says what is missing",
            )
        self._current = _Blob(stdout, int(fields[2]))
        return io.BufferedReader(cast("io.RawIOBase", self._current), _PIECE)

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            self._process = subprocess.Popen(  # noqa: S603  (fixed arguments, no shell)
                [PROGRAM, "cat-file", "--batch"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment(),
            )
        return self._process

    def _finish(self) -> None:
        """Read past what is left of the blob before, so that the next answer starts clean."""
        if self._current is not None and not self._current.abandon():
            self._stop()
        self._current = None

    def _stop(self) -> None:
        process, self._process, self._current = self._process, None, None
        if process is not None:
            process.kill()
            process.communicate()


class _Blob(io.RawIOBase):
    """`size` bytes of `pipe`, and the newline that ends them."""

    def __init__(self, pipe: IO[bytes], size: int) -> None:
        super().__init__()
        self._pipe = pipe
        self._left = size
        self._abandoned = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        """At most `len(buffer)` of the bytes that are left."""
        if not self._left:
            return 0
        piece = b"" if self._abandoned else self._pipe.read(min(len(buffer), self._left))
        if not piece:
            raise InputError("git stopped in the middle of a staged blob", hint="try again")
        self._left -= len(piece)
        buffer[: len(piece)] = piece
        return len(piece)

    def abandon(self) -> bool:
        """Skip what is left and the newline; whether all of it was there.

        Whoever reads on gets an error: an end would say that the blob was seen whole.
        """
        self._abandoned = True
        to_skip = self._left + 1
        last = b""
        while to_skip and (piece := self._pipe.read(min(_PIECE, to_skip))):
            to_skip -= len(piece)
            last = piece
        return not to_skip and last.endswith(b"\n")
