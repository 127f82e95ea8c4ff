"""gzip (RFC 1952) and Zstandard (RFC 8878), decompressed in bounded steps and to the last byte."""

from __future__ import annotations

import zlib
from typing import Any, ClassVar, Protocol

from gatekeeper.read.limits import Limits
from gatekeeper.read.refusal import Refusal
from gatekeeper.read.streams import BLOCK_BYTES, StoredStream, truncated

_FEXTRA, _FNAME, _FCOMMENT = 4, 8, 16
_GZIP_HEADER_BYTES = 10
_HEAD_BYTES = 512
"""What is looked at of a frame before it is opened; a file name in it must end in here."""

_ZSTD_WINDOW_BYTES = 1 << 27
_ZSTD_STEP_BYTES = 1 << 10
"""A zstd block of 4 bytes may stand for 128 KiB, so a step of 1 KiB yields 32 MiB at most."""


class _Frame(Protocol):
    """One gzip member or zstd frame being decompressed."""

    magic: ClassVar[bytes]
    name: ClassVar[str]
    ended: bool
    rest: bytes

    def __init__(self, head: bytes) -> None:
        """Look at the first bytes; raises Refusal where they carry data of their own."""

    def feed(self, data: bytes) -> bytes:
        """Decompress; raises Refusal where the data is damaged."""


class _GzipMember(_Frame):
    magic = b"\x1f\x8b"
    name = "gzip"

    def __init__(self, head: bytes) -> None:
        flags = head[3] if len(head) > 3 else 0
        named = flags & _FNAME and head.find(b"\0", _GZIP_HEADER_BYTES) < 0
        if flags & (_FEXTRA | _FCOMMENT) or (named and len(head) >= _HEAD_BYTES):
            detail = "the gzip header carries data of its own; compress again with `gzip -n`"
            raise Refusal("uncovered", detail)
        self._inflate = zlib.decompressobj(wbits=31)
        self.ended = False
        self.rest = b""

    def feed(self, data: bytes) -> bytes:
        try:
            out = self._inflate.decompress(data, BLOCK_BYTES)
        except zlib.error:
            out = None
        if out is None:
            raise damaged(self.name)
        self.ended = self._inflate.eof
        self.rest = self._inflate.unused_data if self.ended else self._inflate.unconsumed_tail
        return out


class _ZstdFrame(_Frame):
    magic = b"\x28\xb5\x2f\xfd"
    name = "zstd"

    def __init__(self, _: bytes) -> None:
        zstandard = load_zstandard()
        self._error: type[Exception] = zstandard.ZstdError
        maker = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW_BYTES)
        self._inflate = maker.decompressobj()
        self.ended = False
        self.rest = b""

    def feed(self, data: bytes) -> bytes:
        step, later = data[:_ZSTD_STEP_BYTES], data[_ZSTD_STEP_BYTES:]
        out: bytes | None = None
        try:
            out = self._inflate.decompress(step)
        except self._error:
            out = None
        if out is None:
            raise damaged(self.name)
        self.ended = self._inflate.eof
        self.rest = (self._inflate.unused_data if self.ended else b"") + later
        return out


def damaged(what: str) -> Refusal:
    """A compressed stream whose checksum or structure is wrong."""
    return Refusal("damaged", f"the {what} stream is damaged; fetch or make the file again")


def load_zstandard() -> Any:
    """The zstandard package. Raises Refusal where it is not installed."""
    try:
        import zstandard
    except ImportError:
        pass
    else:
        return zstandard
    raise Refusal("missing-package", "zstd needs `pip install 'gatekeeper[arrow]'`")


class DecompressedStream:
    """All members (frames) of a compressed stream, one after the other.

    Ends only where the last member ends and nothing follows it: a stream that is cut, that fails
    its checksum, that is followed by anything else, or that grows beyond `Limits` is refused.
    """

    def __init__(self, stored: StoredStream, kind: type[_Frame], limits: Limits) -> None:
        self._stored = stored
        self._kind = kind
        self._limits = limits
        self._frame: _Frame | None = None
        self._input = b""
        self._ready = b""
        self._given = 0

    def read(self, size: int = BLOCK_BYTES) -> bytes:
        """Up to `size` decompressed bytes; empty at the end. Raises Refusal."""
        while not self._ready:
            if self._frame is None and not self._next_frame():
                return b""
            self._step()
        data, self._ready = self._ready[:size], self._ready[size:]
        return data

    def _next_frame(self) -> bool:
        while len(self._input) < _HEAD_BYTES and (more := self._stored.read(1 << 16)):
            self._input += more
        if not self._input:
            return False
        if not self._input.startswith(self._kind.magic):
            name = self._kind.name
            raise Refusal("trailing-data", f"bytes that are not {name} follow the data; cut them")
        self._frame = self._kind(self._input[:_HEAD_BYTES])
        return True

    def _step(self) -> None:
        frame = self._frame
        if frame is None:
            raise AssertionError("no frame is open")
        self._input = self._input or self._stored.read(1 << 16)
        at_end = not self._input
        # At the end too: zlib may hold back output after it has taken the last input.
        self._ready = frame.feed(self._input)
        if at_end and not self._ready and not frame.ended:
            raise truncated(self._kind.name)
        self._input = frame.rest
        if frame.ended:
            self._frame = None
        self._given += len(self._ready)
        self._check_ratio()

    def _check_ratio(self) -> None:
        allowed = self._limits.max_ratio * self._stored.bytes_taken
        if self._given > self._limits.ratio_floor_bytes + allowed:
            raise Refusal(
                "decompression-bomb",
                f"decompresses to more than {self._limits.max_ratio} times its size; unpack it",
            )


def decompress(stored: StoredStream, compression: str, limits: Limits) -> DecompressedStream:
    """`stored` decompressed; `compression` is `gzip` or `zstd`."""
    return DecompressedStream(stored, _GzipMember if compression == "gzip" else _ZstdFrame, limits)
