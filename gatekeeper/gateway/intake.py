"""Bodies of requests: read within bounds of size and time, into a spool or as strict JSON."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, MutableMapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, NoReturn

from gatekeeper.gateway.answers import Answer, bad, too_large
from gatekeeper.gateway.forms import Begin, Data, FormReader, boundary_of
from gatekeeper.gateway.settings import Limits
from gatekeeper.gateway.spools import Spooling, Spools

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

FIELD_MAX_BYTES = 1 << 10
FORM_OVERHEAD_BYTES = 64 << 10
"""Of a form, beside its file."""


class ClientGone(Exception):  # noqa: N818
    """Nobody waits for an answer any more."""


@dataclass
class Form:
    """What a form holds: its fields, and its one file."""

    fields: dict[str, str]
    file: Spooling
    taken: bool = False

    def take(self) -> Spooling:
        """The file, whose room is the caller's to give back from now on."""
        self.taken = True
        return self.file


class Body:
    """The body of one request."""

    def __init__(self, headers: Mapping[str, str], receive: Receive, limits: Limits) -> None:
        self._headers = headers
        self._receive = receive
        self._limits = limits
        self.size_bytes = 0
        """How much of it has come."""

    async def blocks(self, most_bytes: int) -> AsyncIterator[bytes]:
        """Piece by piece. Raises Answer where it is too long or too slow, and ClientGone."""
        if self._headers.get("content-encoding", "identity").lower() != "identity":
            raise Answer(415, "invalid_encoding", "the body must not be compressed")
        said = self._headers.get("content-length", "")
        if said.isascii() and said.isdigit() and int(said[:20]) > most_bytes:
            raise too_large(f"the body may have {most_bytes:,} bytes")
        began = time.monotonic()
        while True:
            message = await self._next()
            if message["type"] == "http.disconnect":
                raise ClientGone
            block = message.get("body", b"")
            self.size_bytes += len(block)
            if self.size_bytes > most_bytes:
                raise too_large(f"the body may have {most_bytes:,} bytes")
            if block:
                yield block
            if not message.get("more_body", False):
                return
            took_s = time.monotonic() - began
            slow = self.size_bytes < (took_s - self._limits.idle_s) * self._limits.slowest_bytes_s
            if slow:
                raise _too_slow()

    async def _next(self) -> MutableMapping[str, Any]:
        message = None
        try:
            message = await asyncio.wait_for(self._receive(), self._limits.idle_s)
        except asyncio.TimeoutError:
            message = None
        if message is None:
            raise _too_slow()
        return message

    async def json(self, most_bytes: int) -> dict[str, Any]:
        """As a JSON object, in which nothing is said twice. Raises Answer and ClientGone."""
        kind = self._headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise Answer(415, "invalid_content_type", "the body must be application/json")
        text = b"".join([block async for block in self.blocks(most_bytes)])
        found: Any = None
        try:
            found = json.loads(
                text.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_constant
            )
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise bad("the body is not one JSON object")
        return found

    async def empty(self) -> None:
        """Read a body in which nothing is awaited: none, or `{}`."""
        text = b"".join([block async for block in self.blocks(1 << 10)])
        if text.strip() not in (b"", b"{}", b"null"):
            raise bad("the request has a body that is not expected")

    @asynccontextmanager
    async def form(
        self, spools: Spools, file: str, fields: frozenset[str], most_bytes: int
    ) -> AsyncIterator[Form]:
        """As a form with one file named `file` of at most `most_bytes`, and some of `fields`.

        What is not taken by then is released at the end. Raises Answer and ClientGone.
        """
        reader = FormReader(boundary_of(self._headers.get("content-type", "")))
        form = Form({}, spools.new())
        filling = _Filling(form, file, fields, most_bytes)
        try:
            async for block in self.blocks(most_bytes + FORM_OVERHEAD_BYTES):
                for event in reader.feed(block):
                    if isinstance(event, Data):
                        await filling.data(event.block)
                    elif isinstance(event, Begin):
                        filling.begin(event.name)
                    else:
                        filling.end()
            if not reader.finished:
                raise bad("the form does not end")
            if not filling.has_file:
                raise bad(f"the form has no `{file}`", param=file)
            await form.file.seal()
            yield form
        finally:
            if not form.taken:
                form.file.release()


class _Filling:
    """A form, as it comes."""

    def __init__(self, form: Form, file: str, fields: frozenset[str], most_bytes: int) -> None:
        self._form = form
        self._file = file
        self._fields = fields
        self._most_bytes = most_bytes
        self._name = ""
        self._value = bytearray()
        self.has_file = False

    def begin(self, name: str) -> None:
        if name == self._file and not self.has_file:
            self.has_file = True
        elif name not in self._fields or name in self._form.fields:
            raise bad("the form has a field that is not known, or one twice")
        self._name, self._value = name, bytearray()

    async def data(self, block: bytes) -> None:
        if self._name == self._file:
            if self._form.file.size_bytes + len(block) > self._most_bytes:
                raise too_large(f"a file here may have {self._most_bytes:,} bytes")
            await self._form.file.write(block)
            return
        self._value += block
        if len(self._value) > FIELD_MAX_BYTES:
            raise bad("a field of the form is too long")

    def end(self) -> None:
        if self._name == self._file:
            return
        text = bytes(self._value).decode("utf-8", "replace")
        self._form.fields[self._name] = text


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key twice")
    return found


def _no_constant(_: str) -> NoReturn:
    raise ValueError("not JSON")


def _too_slow() -> Answer:
    return Answer(408, "gatekeeper_too_slow", "the body did not come in time", again=False)
