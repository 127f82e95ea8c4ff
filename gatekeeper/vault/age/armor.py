"""ASCII armor: an age file as text, in strict PEM (C2SP age.md, "ASCII armor"; RFC 7468 section 3).

One file has one spelling here, but for the ends of lines (LF or CRLF) and white space before and
after it; everything else is refused, so that armor cannot be changed without breaking. Memory does
not grow with the file.
"""

from __future__ import annotations

import base64
import binascii
import contextlib

from gatekeeper.errors import VaultError
from gatekeeper.vault.age.streams import ByteSink, ByteSource

BEGIN_LINE = b"-----BEGIN AGE ENCRYPTED FILE-----"
END_LINE = b"-----END AGE ENCRYPTED FILE-----"
MAX_WHITE_BYTES = 1_024
"""More white space than this before or after the armor is refused."""
_BEGIN_LINES = (BEGIN_LINE + b"\n", BEGIN_LINE + b"\r\n")
_FIRST_BYTES = MAX_WHITE_BYTES + len(BEGIN_LINE) + 2
_WHITE = b" \t\r\n"
_COLUMNS = 64
_LINE_BYTES = _COLUMNS // 4 * 3
_BLOCK_LINES = 1_024
_BLOCK_BYTES = _BLOCK_LINES * (_COLUMNS + 1)


class ArmorWriter:
    """Writes what it is given as armor; `close` writes its end and must be called."""

    def __init__(self, stream: ByteSink) -> None:
        stream.write(BEGIN_LINE + b"\n")
        self._stream = stream
        self._held = bytearray()

    def write(self, data: bytes) -> int:
        """Take `data`; whole lines of it are written out."""
        self._held += data
        whole = len(self._held) - len(self._held) % _LINE_BYTES
        for start in range(0, whole, _BLOCK_LINES * _LINE_BYTES):
            stop = min(whole, start + _BLOCK_LINES * _LINE_BYTES)
            self._stream.write(_wrapped(self._held[start:stop]))
        del self._held[:whole]
        return len(data)

    def close(self) -> None:
        """Write the rest and the end line; the stream stays open."""
        self._stream.write(_wrapped(self._held) + END_LINE + b"\n")
        self._held.clear()


def dearmored(stream: ByteSource) -> ByteSource:
    """The age file in `stream`, whether it is armored or not: its first line tells.

    White space may stand before armor. What is armored is read strictly, and what is not is given
    as it is.
    """
    seen = line = stream.readline(_FIRST_BYTES)
    while line and not line.strip(_WHITE) and len(seen) <= MAX_WHITE_BYTES:
        line = stream.readline(_FIRST_BYTES)
        seen += line
    text = seen.lstrip(_WHITE)
    if text in _BEGIN_LINES and len(seen) - len(text) <= MAX_WHITE_BYTES:
        return ArmorReader(stream, begun=True)
    return _Rejoined(seen, stream)


class ArmorReader:
    """The bytes in an armored `stream`; `begun` where its first line was read already.

    Its methods raise VaultError for every spelling that is not the strict one. The end of the armor
    and what follows it are checked before the bytes of its last block are given.
    """

    def __init__(self, stream: ByteSource, *, begun: bool = False) -> None:
        if not begun:
            line = stream.readline(len(BEGIN_LINE) + 2)
            if line not in _BEGIN_LINES:
                raise _refused("its first line is not that of an age file")
        self._stream = stream
        self._text = b""
        self._held = bytearray()
        self._start = 0
        self._last_line_seen = False
        self._ended = False

    def read(self, size: int, /) -> bytes:
        """`size` bytes, fewer only at the end."""
        while len(self._held) - self._start < size and self._fill():
            pass
        return self._take(min(size, len(self._held) - self._start))

    def readline(self, limit: int, /) -> bytes:
        """Up to and with the next line feed of the age file, `limit` bytes at most."""
        searched = 0
        while True:
            place = self._held.find(b"\n", self._start + searched)
            if place >= 0:
                return self._take(min(limit, place + 1 - self._start))
            searched = len(self._held) - self._start
            if searched >= limit or not self._fill():
                return self._take(min(limit, searched))

    def _take(self, size: int) -> bytes:
        data = bytes(memoryview(self._held)[self._start : self._start + size])
        self._start += size
        return data

    def _fill(self) -> bool:
        """Decode the next block; False at the end of the armor."""
        if self._ended:
            return False
        del self._held[: self._start]
        self._start = 0
        block = self._stream.read(_BLOCK_BYTES)
        at_end = len(block) < _BLOCK_BYTES
        text = self._text + block
        stop = len(text) if at_end else text.rfind(b"\n") + 1
        if not stop:
            raise _refused("a line is too long, or it is cut off")
        lines, self._text = text[:stop].replace(b"\r\n", b"\n"), text[stop:]
        body, dash, rest = lines.partition(b"-")
        if dash:  # no base64, so the end line, or refused as it
            self._check_end(dash + rest + self._text, at_end=at_end)
        elif at_end:
            raise _refused("it is cut off")
        self._decode(body)
        return True

    def _decode(self, body: bytes) -> None:
        """Append what `body` spells: whole lines, of which only the last of the file is short."""
        count = len(body) // (_COLUMNS + 1)
        full, short = body[: count * (_COLUMNS + 1)], body[count * (_COLUMNS + 1) :]
        if body and self._last_line_seen:
            raise _refused("a line follows the last one")
        if full[_COLUMNS :: _COLUMNS + 1].count(b"\n") != count or full.count(b"\n") != count:
            raise _refused("a line has not 64 columns")
        if short and (short == b"\n" or short.find(b"\n") != len(short) - 1):
            raise _refused("a line has not 64 columns, or is empty")
        text = body.replace(b"\n", b"")
        self._last_line_seen = bool(short) or text.endswith(b"=")
        self._held += _decoded(text)

    def _check_end(self, text: bytes, *, at_end: bool) -> None:
        line, _, after = text.partition(b"\n")
        while not at_end and len(after) <= MAX_WHITE_BYTES:
            block = self._stream.read(_BLOCK_BYTES)
            after, at_end = after + block, len(block) < _BLOCK_BYTES
        if line != END_LINE:
            raise _refused("its last line is not that of an age file")
        if after.strip(_WHITE) or len(after) > MAX_WHITE_BYTES:
            raise _refused("something follows it")
        self._ended = True


class _Rejoined:
    """A stream whose first bytes were read already."""

    def __init__(self, seen: bytes, stream: ByteSource) -> None:
        self._seen = seen
        self._stream = stream

    def read(self, size: int, /) -> bytes:
        """As the stream would have."""
        if not self._seen:
            return self._stream.read(size)
        data, self._seen = self._seen[:size], self._seen[size:]
        return data + self._stream.read(size - len(data)) if len(data) < size else data

    def readline(self, limit: int, /) -> bytes:
        """As the stream would have."""
        if not self._seen:
            return self._stream.readline(limit)
        stop = self._seen.find(b"\n") + 1 or len(self._seen)
        stop = min(stop, limit)
        line, self._seen = self._seen[:stop], self._seen[stop:]
        if line.endswith(b"\n") or len(line) == limit:
            return line
        return line + self._stream.readline(limit - len(line))


def _wrapped(data: bytes | bytearray) -> bytes:
    text = base64.b64encode(data)
    return b"".join(text[i : i + _COLUMNS] + b"\n" for i in range(0, len(text), _COLUMNS))


def _decoded(text: bytes) -> bytes:
    data = None
    with contextlib.suppress(binascii.Error):
        data = base64.b64decode(text)
    if data is None or base64.b64encode(data) != text:
        raise _refused("base64 is not canonical")
    return data


def _refused(why: str) -> VaultError:
    return VaultError(f"age armor: {why}")
