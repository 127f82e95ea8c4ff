"""multipart/form-data, read piece by piece, with a bound on everything (RFC 7578, RFC 2046).

Stricter than the standard: nothing before the first delimiter or after the last one, no transfer
encoding, no padding. A body that two readers could take in two ways is taken in none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from gatekeeper.gateway.answers import Answer, bad

BOUNDARY_MAX = 70
HEADERS_MAX_BYTES = 4 << 10
HEADERS_MAX = 8
PARTS_MAX = 16

_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]\Z")
_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # noqa: S105  (of RFC 9110, section 5.6.2)
_PARAMETER = re.compile(rf';[ \t]*({_TOKEN})=("(?:[^"\\\r\n]|\\[^\r\n])*"|{_TOKEN})[ \t]*')
_HEADER = re.compile(rf"({_TOKEN}):[ \t]*([^\r\n\0]*?)[ \t]*\Z")


@dataclass(frozen=True, slots=True)
class Begin:
    """A part begins. Its file name is not kept."""

    name: str


@dataclass(frozen=True, slots=True)
class Data:
    """Bytes of the part that began last."""

    block: bytes


@dataclass(frozen=True, slots=True)
class End:
    """The part has ended."""


Event = Begin | Data | End


def boundary_of(content_type: str) -> bytes:
    """The boundary that a Content-Type names. Raises Answer where it is no form."""
    kind, _, rest = content_type.partition(";")
    if kind.strip().lower() != "multipart/form-data":
        raise Answer(415, "invalid_content_type", "the body must be multipart/form-data")
    parameters = _parameters(f";{rest}") if rest else None
    boundary = (parameters or {}).get("boundary", "")
    if not boundary or not _BOUNDARY.match(boundary):
        raise bad("the Content-Type names no boundary, or one that cannot be")
    return boundary.encode("ascii")


def _parameters(text: str) -> dict[str, str] | None:
    """`; a=b; c="d"` as a mapping; None where it is not that, or says something twice."""
    found: dict[str, str] = {}
    at = 0
    while at < len(text):
        match = _PARAMETER.match(text, at)
        if match is None or match[1].lower() in found:
            return None
        value = match[2]
        if value.startswith('"'):
            value = re.sub(r"\\(.)", r"\1", value[1:-1])
        found[match[1].lower()] = value
        at = match.end()
    return found


class FormReader:
    """Feed it the body; it yields what begins, comes and ends."""

    def __init__(self, boundary: bytes) -> None:
        self._delimiter = b"\r\n--" + boundary
        self._buffer = bytearray(b"\r\n")  # so that the first delimiter is as the others
        self._state: Callable[[], Event | bool | None] = self._first
        self._parts = 0
        self.finished = False
        """Whether the last delimiter has come."""

    def feed(self, block: bytes) -> Iterator[Event]:
        """What `block` brings. Raises Answer where it is no form."""
        self._buffer += block
        while True:
            event = self._state()
            if event is None:
                return
            if not isinstance(event, bool):
                yield event

    # Each state gives an event, True for "go on", or None where it needs more.

    def _first(self) -> bool | None:
        if len(self._buffer) < len(self._delimiter):
            return None
        if not self._buffer.startswith(self._delimiter):
            raise bad("the form does not begin with its delimiter")
        del self._buffer[: len(self._delimiter)]
        self._state = self._after_delimiter
        return True

    def _after_delimiter(self) -> bool | None:
        if len(self._buffer) < 2:
            return None
        mark = bytes(self._buffer[:2])
        del self._buffer[:2]
        if mark == b"--":
            self.finished = True
            self._state = self._epilogue
        elif mark == b"\r\n":
            self._parts += 1
            if self._parts > PARTS_MAX:
                raise bad("the form has too many parts")
            self._state = self._headers
        else:
            raise bad("a delimiter of the form does not end its line")
        return True

    def _headers(self) -> Event | None:
        end = self._buffer.find(b"\r\n\r\n", 0, HEADERS_MAX_BYTES)
        if self._buffer.startswith(b"\r\n"):
            raise bad("a part of the form has no name")
        if end < 0:
            if len(self._buffer) >= HEADERS_MAX_BYTES:
                raise bad("the headers of a part are too long")
            return None
        head = bytes(self._buffer[:end])
        del self._buffer[: end + 4]
        name = _name_in(head)
        self._state = self._data
        return Begin(name)

    def _data(self) -> Event | None:
        found = self._buffer.find(self._delimiter)
        if found > 0:
            block = bytes(self._buffer[:found])
            del self._buffer[:found]
            return Data(block)
        if found == 0:
            del self._buffer[: len(self._delimiter)]
            self._state = self._after_delimiter
            return End()
        sure = len(self._buffer) - len(self._delimiter) + 1
        if sure <= 0:
            return None
        block = bytes(self._buffer[:sure])
        del self._buffer[:sure]
        return Data(block)

    def _epilogue(self) -> None:
        if bytes(self._buffer) not in (b"", b"\r", b"\r\n"):
            raise bad("something comes after the end of the form")


def _name_in(head: bytes) -> str:
    """The name of a part, by its headers."""
    headers: dict[str, str] = {}
    for line in head.decode("utf-8", "replace").split("\r\n"):
        match = _HEADER.match(line)
        if match is None or match[1].lower() in headers or len(headers) == HEADERS_MAX:
            raise bad("the headers of a part are malformed")
        headers[match[1].lower()] = match[2]
    if headers.get("content-transfer-encoding", "binary").lower() not in ("binary", "8bit", "7bit"):
        raise bad("a part has a transfer encoding")
    kind, semicolon, rest = headers.get("content-disposition", "").partition(";")
    parameters = _parameters(semicolon + rest)
    if kind.strip().lower() != "form-data" or parameters is None or "name" not in parameters:
        raise bad("a part of the form has no name")
    return parameters["name"]
