"""Rows in memory as a source: canonical lines, made as they are read."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, BinaryIO, cast

from gatekeeper.errors import GatekeeperError, InputError
from gatekeeper.integrations.canonical import line
from gatekeeper.integrations.rows import Rows
from gatekeeper.read import Source, source_from_stream

_BUFFER_BYTES = 1 << 18


def source_of(name: str, rows: Rows, *, once: bool = False) -> Source:
    """`rows` as a JSONL source; its digest is that of the canonical lines.

    Every source is read twice. The lines of rows that come only `once` are kept in memory.
    """
    kept: list[bytes] = []
    began = False

    def opened() -> BinaryIO:
        nonlocal began
        pieces = iter(kept) if once and began else _lines(rows)
        if once and not began:
            began = True
            pieces = _keeping(pieces, kept)
        return io.BufferedReader(cast("io.RawIOBase", _Lines(pieces)), _BUFFER_BYTES)

    return source_from_stream(name, opened, input_format="jsonl")


def _keeping(pieces: Iterator[bytes], kept: list[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        kept.append(piece)
        yield piece


def _lines(rows: Rows) -> Iterator[bytes]:
    for number, row in enumerate(foreign(rows)):
        yield _line(row, number)


def _line(row: Any, number: int) -> bytes:
    problem = ""
    try:
        return line(row)
    except GatekeeperError:
        raise
    except Exception as error:  # noqa: BLE001  (re-raised below, without what it may hold)
        problem = type(error).__name__
    raise InputError(
        f"record {number} cannot be written as json: {problem}",
        hint="give rows of dicts, lists, texts and numbers",
    )


def foreign(rows: Rows) -> Iterator[Any]:
    """The rows of somebody else's iterator; of what it raises only the type stays."""
    running: Iterator[Any] | None = None
    number = 0
    while True:
        problem = ""
        try:
            running = rows() if running is None else running
            row = next(running)
        except StopIteration:
            return
        except GatekeeperError:
            raise
        except Exception as error:  # noqa: BLE001  (re-raised below, without what it may hold)
            problem = type(error).__name__
        if problem:
            raise InputError(
                f"the dataset raised {problem} at record {number}",
                hint="iterate over it without gatekeeper to see what is wrong",
            )
        yield row
        number += 1


class _Lines(io.RawIOBase):
    """A stream of the pieces that an iterator yields."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        super().__init__()
        self._pieces = pieces
        self._piece = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        """At most `len(buffer)` bytes, none only at the end."""
        while not self._piece:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._piece = piece
        taken = self._piece[: len(buffer)]
        self._piece = self._piece[len(taken) :]
        buffer[: len(taken)] = taken
        return len(taken)
