"""Messages over pipes: a length, then a pickle of our own values, made by our own process.

Reading never waits for the rest of a message, nor writing for a reader: a process that is stuck
must not hold up the one that watches it.
"""

from __future__ import annotations

import os
import pickle
import struct
from collections.abc import Iterator
from typing import Any

_LENGTH = struct.Struct("<Q")
_BLOCK_BYTES = 1 << 20


def packed(message: object) -> bytes:
    """`message` as it goes over a pipe."""
    data = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    return _LENGTH.pack(len(data)) + data


class Inbox:
    """The messages that arrive at a descriptor."""

    def __init__(self, descriptor: int) -> None:
        """Of an open pipe, which stays the caller's."""
        self._descriptor = descriptor
        self._held = bytearray()

    def receive(self) -> Iterator[Any]:
        """The messages that one read completes. Raises EOFError where the other end is gone."""
        block = os.read(self._descriptor, _BLOCK_BYTES)
        if not block:
            raise EOFError
        self._held += block
        while (message := self._next()) is not None:
            yield message

    def _next(self) -> Any:
        if len(self._held) < _LENGTH.size:
            return None
        end = _LENGTH.size + _LENGTH.unpack_from(self._held)[0]
        if len(self._held) < end:
            return None
        data = bytes(memoryview(self._held)[_LENGTH.size : end])
        del self._held[:end]
        return pickle.loads(data)  # noqa: S301  (a pipe between this process and its own child)


class Outbox:
    """What is still to be written to a descriptor that does not block."""

    def __init__(self, descriptor: int) -> None:
        """Of an open pipe, which stays the caller's."""
        os.set_blocking(descriptor, False)
        self._descriptor = descriptor
        self._held = bytearray()

    def __bool__(self) -> bool:
        return bool(self._held)

    def put(self, message: object) -> None:
        """To be sent by and by."""
        self._held += packed(message)

    def send(self) -> None:
        """Write what can be written now. Raises OSError where nobody can read it any more."""
        try:
            written = os.write(self._descriptor, memoryview(self._held)[:_BLOCK_BYTES])
        except BlockingIOError:
            return
        del self._held[:written]

    def clear(self) -> None:
        """Nobody will read it."""
        self._held.clear()


def write_all(descriptor: int, message: object) -> None:
    """Write `message`, and wait until it is written."""
    view = memoryview(packed(message))
    while view:
        view = view[os.write(descriptor, view) :]
