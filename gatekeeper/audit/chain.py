"""Reading an audit log: forwards and whole, or backwards from its signed head as far as is asked.

A record is believed where a signed head says so: the chain of digests leads from the head back to
it. One record may stand beyond the head, for a crash can come between the two; that one is believed
for its own signature. No lock is taken: records are only ever added, so it is enough to read the
head before the log and again after it.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from gatekeeper.audit.events import (
    FIRST_PREV,
    MAX_LINE_BYTES,
    check_query,
    parse_record,
    signed_part,
)
from gatekeeper.audit.head import (
    HEAD_NAME,
    NOTHING,
    Head,
    OtherLogError,
    damage,
    open_plain,
    read_head,
)
from gatekeeper.audit.signing import is_marked
from gatekeeper.errors import ReceiptError
from gatekeeper.model import canonical_bytes
from gatekeeper.vault.durable import system_errors

_FIRST_BLOCK_BYTES = 2 * MAX_LINE_BYTES
_BLOCK_BYTES = 1 << 17
_LINKS = re.compile(
    rb',"prev":"(sha256:[0-9a-f]{64})","seq":([1-9][0-9]{0,18}),"sig":"[0-9a-f]{128}",'
    rb'"time":"[^"]{20}"\}\Z'
)
_LINKS_BYTES = 300
"""The end of a line as it is written holds them: no need to parse what is only passed over."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What a whole log was found to be."""

    head: Head
    """Its newest record."""
    torn_bytes: int
    """Bytes after it: a write that a crash cut off, promised to nobody. The next append drops them.
    """
    signed: Head
    """The signed head; one record may stand beyond it, where a crash came between the two."""


@dataclass(frozen=True, slots=True)
class End:
    """The end of a log that agrees with its heads."""

    newest: Head
    whole_bytes: int
    """Up to the end of the last whole record."""
    torn_bytes: int = 0
    beyond: tuple[bytes, ...] = ()
    """The records that the head does not name yet, newest first, each signed."""


class Chain:
    """The log in the file `path`, with its head beside it, as written by holders of `keys`."""

    def __init__(self, path: Path, keys: Mapping[str, Ed25519PublicKey]) -> None:
        self.path = path
        self.keys = keys

    def head(self) -> Head:
        """The signed head, once the end of the log was held against it; raises ReceiptError."""
        with self._opened() as (fd, size, before):
            after = self._read_head()
            self._end(fd, size, before, after)
            return after or NOTHING

    def records(self, since: int = 1) -> Iterator[dict[str, Any]]:
        """Every whole record from number `since` on. All of the chain is checked on the way, and
        its end last of all; raises ReceiptError.
        """
        with self._opened() as (fd, size, before):
            for record, _, _ in self._forwards(fd, size, before):
                if record["seq"] >= since:
                    yield record

    def newest_first(
        self, marker: bytes = b"", after: Head = NOTHING
    ) -> Generator[dict[str, Any], None, None]:
        """The records from the newest back to that behind `after`, a head of this log as it was
        once; those alone whose bytes hold `marker`.

        What is given out is what the signed head leads to. Raises ReceiptError for a damaged log,
        and at last where it does not lead to `after`.
        """
        with self._opened() as (fd, size, before):
            end = self._end(fd, size, before, self._read_head())
            reached = NOTHING
            for reached, line in self._backwards(fd, end.whole_bytes, end.newest):
                if reached.seq <= after.seq:
                    break
                if marker in line:
                    yield self._parsed(line, reached.seq)
            reached = NOTHING if after.seq == 0 else reached
            self._check_kept(end.newest, {reached.seq: reached.digest}, after)

    def newest(self, event: str = "", /, **fields: str | int) -> Mapping[str, Any] | None:
        """The newest record (`seq`, `time`, `event`, `data`, …) of `event`, or of any, whose data
        agrees with `fields`, or None. Read backwards from the end: what is near costs little.

        Raises ReceiptError for a damaged log, ValueError for an event or field that is not listed.
        """
        check_query(event, fields)
        with closing(self.newest_first(marker_of(event, fields))) as found:
            for record in found:
                if event in ("", record["event"]) and fields.items() <= record["data"].items():
                    return record
        return None

    def check(self, kept: Iterable[Head] = ()) -> Checked:
        """Where the log ends, once every record and the signed head were checked.

        `kept` are heads of this log that were kept elsewhere: each of them shows that nothing up to
        it was changed, dropped or inserted since. Raises ReceiptError, naming the first line that
        does not hold, and what to do. A log that was never begun ends at record 0.
        """
        heads = list(kept)
        digests, newest, whole = {0: FIRST_PREV}, NOTHING, 0
        with self._opened() as (fd, size, before):
            for _, newest, at in self._forwards(fd, size, before):
                whole = at
                if any(newest.seq == head.seq for head in heads):
                    digests[newest.seq] = newest.digest
            signed = self._read_head() or NOTHING
        for head in heads:
            self._check_kept(newest, digests, head)
        return Checked(newest, size - whole, signed)

    # --- the end, and the way to it --------------------------------------------------------------

    def _end(self, fd: int, size: int, before: Head | None, after: Head | None) -> End:
        """Where the first `size` bytes of the log end, its head having been read before and after.

        Raises ReceiptError where they do not agree. It reads a few kilobytes.
        """
        low, high = self._bounds(size, before, after)
        whole = self._whole_bytes(fd, size)
        newest = NOTHING
        beyond: list[bytes] = []
        for here, line in self._backwards(fd, whole):
            if newest is NOTHING:
                newest = here
                self._check_within(newest, low, high)
            self._check_named(here, low, high)
            if here.seq <= low.seq:
                break
            self._check_signed(self._parsed(line, here.seq))
            beyond.append(line)
        self._check_within(newest, low, high)
        return End(newest, whole, size - whole, tuple(beyond))

    def _backwards(
        self, fd: int, whole: int, expected: Head | None = None
    ) -> Iterator[tuple[Head, bytes]]:
        """Each line from the end at `whole`, and its place; the first is `expected` where given.

        Raises ReceiptError where one does not lead to the one before it.
        """
        for line in self._lines_back(fd, whole):
            links = _LINKS.search(line, max(0, len(line) - _LINKS_BYTES))
            if links is None:
                at = f"line {expected.seq}" if expected else "last line"
                raise damage(self.path, f"{at}: not a record of the audit log")
            here = Head(int(links[2]), line_digest(line))
            if expected is not None and here != expected:
                raise self._broken(expected.seq)
            yield here, line
            expected = Head(here.seq - 1, links[1].decode("ascii"))
        if expected is not None and expected != NOTHING:
            raise self._broken(1)

    def _lines_back(self, fd: int, whole: int) -> Iterator[bytes]:
        """The lines of the first `whole` bytes, from the last, each without its line feed."""
        rest, block = b"", _FIRST_BLOCK_BYTES
        while whole:
            start = max(0, whole - block)
            lines = (os.pread(fd, whole - start, start) + rest).split(b"\n")
            lines.pop()  # what comes after the last line feed: nothing
            if start:
                rest = lines.pop(0) + b"\n"
                if len(rest) > MAX_LINE_BYTES:
                    raise damage(self.path, "a line is too long for a record of the audit log")
            yield from reversed(lines)
            whole, block = start, _BLOCK_BYTES

    def _whole_bytes(self, fd: int, size: int) -> int:
        """The bytes up to the last line feed."""
        start = max(0, size - MAX_LINE_BYTES)
        at = os.pread(fd, size - start, start).rfind(b"\n") if size else -1
        if at < 0 and start:
            raise damage(self.path, "the last line is too long for a record of the audit log")
        return start + at + 1

    def _forwards(
        self, fd: int, size: int, before: Head | None
    ) -> Iterator[tuple[dict[str, Any], Head, int]]:
        """Each record, its place, and the bytes up to its end; at last the heads are checked."""
        low, here, at = before or NOTHING, NOTHING, 0
        recent = [low]  # what the head after may name
        for number, line in enumerate(self._lines(fd, size), start=1):
            record = self._parsed(line, number)
            if (record["seq"], record["prev"]) != (here.seq + 1, here.digest):
                raise self._broken(number)
            here = Head(number, line_digest(line))
            at += len(line) + 1
            self._check_named(here, low)
            if number > low.seq:
                self._check_signed(record)
                recent.append(here)
            yield record, here, at
        low, high = self._bounds(size, before, self._read_head())
        for one in recent:
            self._check_named(one, high)
        self._check_within(here, low, high)

    def _lines(self, fd: int, size: int) -> Iterator[bytes]:
        """The whole lines of the first `size` bytes, each without its line feed."""
        rest = b""
        for start in range(0, size, _BLOCK_BYTES):
            *lines, rest = (rest + os.pread(fd, min(_BLOCK_BYTES, size - start), start)).split(
                b"\n"
            )
            yield from lines
            if len(rest) >= MAX_LINE_BYTES:
                raise damage(self.path, "a line is too long for a record of the audit log")

    # --- what must hold --------------------------------------------------------------------------

    def _bounds(self, size: int, before: Head | None, after: Head | None) -> tuple[Head, Head]:
        """The heads between which the end must lie; a head is written before the first record."""
        if after is None and (size or before):
            raise damage(self.path, f"its signed head {HEAD_NAME} is missing")
        return before or NOTHING, after or NOTHING

    def _check_within(self, newest: Head, low: Head, high: Head) -> None:
        if newest.seq < low.seq:
            raise damage(
                self.path,
                f"it ends at line {newest.seq}, and its signed head names record {low.seq}: "
                "the end was cut off",
            )
        if newest.seq > high.seq + 1:
            raise damage(
                self.path,
                f"line {high.seq + 1}: the log goes on to record {newest.seq} beyond its signed "
                f"head, which names {high.seq}: an old head was put back, or records were added",
            )

    def _check_named(self, here: Head, *heads: Head) -> None:
        for head in heads:
            if here.seq == head.seq and here.digest != head.digest:
                raise damage(
                    self.path,
                    f"line {here.seq}: not the record that the signed head names: "
                    "the log was written anew",
                )

    def _check_kept(self, newest: Head, digests: Mapping[int, str], kept: Head) -> None:
        if kept.seq > newest.seq:
            raise damage(
                self.path,
                f"it ends at record {newest.seq}, and a head kept elsewhere names {kept.seq}: "
                "the end was cut off, or an old state was put back",
                kind=OtherLogError,
            )
        if digests[kept.seq] != kept.digest:
            raise damage(
                self.path,
                f"line {kept.seq}: not the record that a head kept elsewhere names: "
                "the log was written anew",
                kind=OtherLogError,
            )

    def _check_signed(self, record: Mapping[str, Any]) -> None:
        if not is_marked(signed_part(record), record["sig"], self.keys.values()):
            raise damage(
                self.path,
                f"line {record['seq']}: beyond the signed head, and no trusted key signed it: "
                "it was added or changed",
            )

    def _parsed(self, line: bytes, number: int) -> dict[str, Any]:
        record = parse_record(line)
        if record is None:
            raise damage(self.path, f"line {number}: not a record of the audit log")
        return record

    def _broken(self, number: int) -> ReceiptError:
        return damage(
            self.path,
            f"line {number}: the chain breaks here: a record was changed, dropped or inserted",
        )

    # --- files -----------------------------------------------------------------------------------

    def _read_head(self) -> Head | None:
        return read_head(self.path.parent, self.keys)

    @contextmanager
    def _opened(self) -> Iterator[tuple[int, int, Head | None]]:
        """A descriptor of the log (-1 where it is not there), its size, and the head before."""
        with system_errors(self.path, kind=ReceiptError):
            before = self._read_head()
            try:
                fd = open_plain(self.path)
            except FileNotFoundError:
                yield -1, 0, before
                return
            try:
                yield fd, os.fstat(fd).st_size, before
            finally:
                os.close(fd)


def marker_of(event: str, fields: Mapping[str, str | int]) -> bytes:
    """Bytes that every record of `event` with `fields` holds, and few others: the longest field."""
    hints: list[Mapping[str, str | int]] = [{name: value} for name, value in fields.items()]
    hints += [{"event": event}] if event else []
    return max((canonical_bytes(hint)[1:-1] for hint in hints), key=len, default=b"")


def line_digest(line: bytes) -> str:
    """The digest of a record, by its line without the line feed."""
    return f"sha256:{hashlib.sha256(line).hexdigest()}"
