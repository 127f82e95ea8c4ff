"""What the first reading found, kept for the second: packed numbers, never any text."""

from __future__ import annotations

import os
import struct
import tempfile
from collections.abc import Sequence
from types import TracebackType
from typing import IO, cast

from gatekeeper.detect.spans import Span
from gatekeeper.model import PlainTexts, Record

MEMORY_BYTES = 1 << 20
"""What is held in memory; beyond that it lies in a temporary file that has no name."""
_RECORD = struct.Struct("<II")
"""Texts of the record, and characters in them."""
_QUIET = 0xFFFFFFFF
"""In place of the number of texts, of a record of which there is nothing to keep."""
_COUNT = struct.Struct("<I")
_SPAN = struct.Struct("<IIHHH")
"""Start, end, entity, recognizer, score in ten-thousandths."""
_SCORE_UNIT = 10_000


class Lost(Exception):  # noqa: N818  (it names the event)
    """The records of the second reading are not those of the first."""


class Spool:
    """Spans of records, put in order and taken in the same order, part by part of a content."""

    def __init__(self) -> None:
        """Empty."""
        self._file = cast("IO[bytes]", tempfile.SpooledTemporaryFile(max_size=MEMORY_BYTES))  # noqa: SIM115  (`__exit__` closes it)
        self._names: list[str] = []
        self._numbers: dict[str, int] = {}
        self._starts: list[int] = []
        self._left = 0

    def __enter__(self) -> Spool:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._file.close()

    def begin(self) -> None:
        """What is `put` from now on is another part."""
        self._starts.append(self._file.tell())

    def put(self, record: Record, found: Sequence[Sequence[Span]]) -> None:
        """Keep the spans of each text of `record`."""
        if not found:
            self._file.write(_RECORD.pack(_QUIET, _characters(record)))
            return
        parts = [_RECORD.pack(len(record.texts), _characters(record))]
        if not any(found):
            parts.append(bytes(_COUNT.size * len(found)))
            found = ()
        for spans in found:
            parts.append(_COUNT.pack(len(spans)))
            parts += [self._packed(span) for span in spans]
        self._file.write(b"".join(parts))

    def rewind(self, part: int = 0) -> None:
        """From now on `take`, from the start of `part`."""
        starts = [*(self._starts or [0]), self._file.seek(0, os.SEEK_END)]
        self._left = starts[part + 1] - starts[part]
        self._file.seek(starts[part])

    def take(self, record: Record) -> list[list[Span]]:
        """The spans of each text of `record`. Raises Lost where it is not the one that was put."""
        count, characters = self._read(_RECORD)
        if characters != _characters(record) or count not in (_QUIET, len(record.texts)):
            raise Lost
        if count == _QUIET:
            return []
        return [
            [self._unpacked(self._read(_SPAN)) for _ in range(self._read(_COUNT)[0])]
            for _ in record.texts
        ]

    def at_end(self) -> bool:
        """Whether every record of the part was taken."""
        return not self._left

    def _packed(self, span: Span) -> bytes:
        entity, recognizer = self._number(span.entity), self._number(span.recognizer)
        score = round(span.score * _SCORE_UNIT)
        return _SPAN.pack(span.start, span.end, entity, recognizer, score)

    def _unpacked(self, packed: tuple[int, ...]) -> Span:
        start, end, entity, recognizer, score = packed
        return Span(start, end, self._names[entity], score / _SCORE_UNIT, self._names[recognizer])

    def _number(self, name: str) -> int:
        number = self._numbers.get(name)
        if number is None:
            number = self._numbers[name] = len(self._names)
            self._names.append(name)
        return number

    def _read(self, form: struct.Struct) -> tuple[int, ...]:
        if self._left < form.size:
            raise Lost
        self._left -= form.size
        return form.unpack(self._file.read(form.size))


def _characters(record: Record) -> int:
    if isinstance(record.texts, PlainTexts):
        return sum(map(len, record.texts.strings))
    return sum(len(text.value) for text in record.texts)
