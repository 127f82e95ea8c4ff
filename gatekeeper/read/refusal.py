"""Why something was not read: one short code, one place, one clear phrase, never a value."""

from __future__ import annotations

import os
from collections.abc import Iterator

from gatekeeper.model import Record, Unscanned

Item = Record | Unscanned | int
"""What a format's reader yields. A number is bytes that carry nothing (a blank line, a byte order
mark): they are accounted for by the neighbouring item."""

Items = Iterator[Item]


class Refusal(Exception):  # noqa: N818  (it names the event)
    """The rest of a source cannot be read. Never leaves this room: it becomes an `Unscanned`.

    Raised outside `except` blocks, so that no exception which holds record text is its context.
    """

    def __init__(self, reason: str, detail: str, at: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail
        self.at = at

    def unscanned(self, source: str, size_bytes: int, at: str = "") -> Unscanned:
        """This refusal as a value, for `size_bytes` of `source`."""
        return Unscanned(
            source, at or self.at or "whole file", self.reason, self.detail, size_bytes
        )


def not_utf8() -> Refusal:
    """Bytes that are not UTF-8."""
    return Refusal("not-utf8", "not valid utf-8; convert it to utf-8")


def nul_bytes() -> Refusal:
    """NUL bytes where text should be."""
    return Refusal("nul-bytes", "holds NUL bytes (utf-16 or binary?); convert it to utf-8 text")


def over_limit(what: str, limit: int, unit: str, at: str = "") -> Refusal:
    """Something is larger than `Limits` allows."""
    return Refusal("over-limit", f"{what} exceeds the limit of {limit:,} {unit}; split it", at)


def too_deep(max_depth: int, at: str = "") -> Refusal:
    """JSON nested beyond the limit."""
    return Refusal("too-deep", f"json is nested deeper than {max_depth} levels; flatten it", at)


def uncovered(size_bytes: int) -> Refusal:
    """Bytes that no record stands for."""
    return Refusal(
        "uncovered", f"{size_bytes:,} bytes belong to no record; write the file again without them"
    )


def changed() -> Refusal:
    """The bytes are not those that were there before."""
    return Refusal("changed", "changed while it was read; read it again when it is still")


def io_refusal(error: OSError) -> Refusal:
    """An operating system error, by its kind alone: its message holds the path."""
    kind = os.strerror(error.errno).lower() if error.errno else type(error).__name__
    return Refusal("unreadable", f"cannot be read ({kind}); check its permissions")
