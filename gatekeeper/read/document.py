"""JSON documents: a top-level array is a record per element; other values are a record each."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator

from gatekeeper.read.limits import Limits
from gatekeeper.read.plain import decode, without_bom
from gatekeeper.read.refusal import Items, Refusal, over_limit, too_deep
from gatekeeper.read.streams import Stream
from gatekeeper.read.strict_json import DECODER, Value, broken, check_count, check_surrogates
from gatekeeper.read.walk import walk

_NUMBER_TAIL = 3
"""What of a number is no number by itself (`e+`), and one more: so far, one may be cut."""

_SPACE = re.compile(r"[ \t\r\n]*")


def read_document(stream: Stream, source: str, limits: Limits) -> Items:
    """The elements of a top-level array, or the values of the document one after the other.

    Files named `.json` often hold JSON lines: those are read too. Raises Refusal where the text is
    no JSON: what follows cannot be told apart.
    """
    bom_bytes, text = without_bom(stream)
    yield bom_bytes
    buffer = _Buffer(text, limits)
    for index, (value, size_bytes) in enumerate(_values(buffer)):
        refusal: Refusal | None = None
        try:
            walked = walk(value, limits)
        except Refusal as refused:
            refusal = refused
        if refusal:
            yield refusal.unscanned(source, size_bytes, f"record {index}")
        else:
            yield from walked.items(source, index, size_bytes)
    yield buffer.taken_bytes()


def _values(buffer: _Buffer) -> Iterator[tuple[Value, int]]:
    """Each value, with the bytes from the end of the one before it."""
    number = 0
    if buffer.peek() != "[":
        while buffer.peek():
            yield buffer.value(f"record {number}"), buffer.taken_bytes()
            number += 1
        return
    buffer.skip()
    going_on = buffer.peek() != "]"
    while going_on:
        value = buffer.value(f"record {number}", before=",]")
        going_on = buffer.peek() == ","
        if going_on:
            buffer.skip()
        elif buffer.peek() != "]":
            raise broken(f"record {number}")
        yield value, buffer.taken_bytes()
        number += 1
    buffer.skip()
    if buffer.peek():
        raise Refusal(
            "trailing-data", "text follows the array; remove it", f"after record {number}"
        )


class _Buffer:
    """The text being read, and a cursor in it. Holds one value and one block at most."""

    def __init__(self, stream: Stream, limits: Limits) -> None:
        self._stream = stream
        self._limits = limits
        self._decoder = codecs.getincrementaldecoder("utf-8")("strict")
        self._text = ""
        self._at = 0
        self._taken = 0
        """How much of `_text` was asked for by `taken_bytes`."""
        self._ended = False

    def peek(self) -> str:
        """The next character that is not space; empty at the end."""
        while True:
            space = _SPACE.match(self._text, self._at)
            self._at = space.end() if space else self._at
            if self._at < len(self._text) or self._ended:
                return self._text[self._at : self._at + 1]
            self._extend(1)

    def skip(self) -> None:
        """Go past the character that `peek` showed."""
        self._at += 1

    def taken_bytes(self) -> int:
        """How many bytes the cursor has gone past since this was last asked."""
        piece = self._text[self._taken : self._at]
        self._taken = self._at
        return len(piece) if piece.isascii() else len(piece.encode("utf-8"))

    def value(self, place: str, before: str = "") -> Value:
        """The JSON value at the cursor, which stands before space, the end or one of `before`.

        A value that is not whole is tried again only when the text has doubled, so that the work
        stays in proportion to the size. Raises Refusal, at `place`.
        """
        self.peek()
        while (found := self._try(place, before)) is None:
            if self._ended:
                raise broken(place)
            pending = self._text[self._at :]
            if len(pending) > self._limits.max_record_bytes:
                raise over_limit("the value", self._limits.max_record_bytes, "bytes", place)
            check_count(pending, self._limits, place)
            self._extend(len(pending))
        value, self._at = found
        return value

    def _try(self, place: str, before: str) -> tuple[Value, int] | None:
        """The value at the cursor and its end; None where it is not whole, or not JSON."""
        value: Value = None
        end = 0
        try:
            value, end = DECODER.raw_decode(self._text, self._at)
        except json.JSONDecodeError:
            return None
        except RecursionError:
            end = -1
        if end < 0:
            raise too_deep(self._limits.max_depth, place)
        following = self._text[end : end + _NUMBER_TAIL]
        if following[:1] not in tuple(" \t\r\n" + before):
            if not self._ended and len(following) < _NUMBER_TAIL:
                return None  # a number may go on
            if following:
                raise broken(place)
        check_surrogates(self._text[self._at : end], value, place)
        return value, end

    def _extend(self, least: int) -> None:
        """Read on: `least` characters or more, where there are so many."""
        parts = [self._text[self._taken :]]
        self._at -= self._taken
        self._taken = 0
        while least > 0 and not self._ended:
            block = self._stream.read()
            self._ended = not block
            parts.append(decode(self._decoder, block, final=self._ended))
            least -= len(parts[-1])
        self._text = "".join(parts)
