"""Numbers in sequence over a content: a lone `ABC000123` says nothing, a run is a production.

Bates numbers are one prefix and zero-padded numbers of one width that follow each other page by
page. Prefix and place are kept as keyed digests, the numbers as bits; those of the parts of a
content are merged.
"""

from __future__ import annotations

import re
import secrets
from hashlib import blake2b

from gatekeeper.detect.lazy import lazy
from gatekeeper.detect.spans import Span
from gatekeeper.detect.words import CARRIERS, words_of
from gatekeeper.model import Text

NAME = "BatesSequence"
ENTITY = "BATES_NUMBER"
SCORE = 0.7
NAMED = 0.75
"""From here on a label or a range has said that it is one, and so are others of its prefix."""
DISTINCT = 3
"""Numbers that must stand near each other."""
NEAR = 64
"""Numbers that count as near: one bucket, and half of its neighbours."""
WIDTH_MIN = 6
BUCKETS_MAX = 500_000
"""Buckets that are kept, and series. Beyond them every number of a placed series stands: what is no
longer known counts as found."""

_SHAPE = lazy(r"(?P<prefix>[A-Z][A-Z&]{1,11}(?:[-_ .][A-Z]{1,8}){0,2})[-_ ]?(?P<number>\d{6,10})")
_RANGE = lazy(r"\s?(?:-|–|—|through|thru|to)\s?[A-Z]{2,12}[-_ ]?\d{6,10}")
_HEADERS = frozenset(
    (
        "bates",
        "beg",
        "begin",
        "begbates",
        "endbates",
        "begdoc",
        "enddoc",
        "control",
        "page",
        "stamp",
        "prod",
    )
)


class Sequences:
    """The candidates of one content: `take` them all, then ask which of them `stand`."""

    def __init__(self, key: bytes | None = None) -> None:
        """With `key`, or one of its own, and nothing taken."""
        self._key = key or secrets.token_bytes(32)
        self._bits: dict[bytes, int] = {}
        self._placed: dict[bytes, None] = {}
        self._labelled: dict[bytes, None] = {}
        self.overflowed = False
        """Whether there were more candidates than are kept."""

    def __bool__(self) -> bool:
        return bool(self._placed or self._labelled)

    def take(self, text: Text, span: Span) -> None:
        """Count the number at `span`."""
        shape = _SHAPE.fullmatch(text.value, span.start, span.end)
        if shape is None:
            return
        series = self._series(shape)
        if span.score >= NAMED:
            self._keep(self._labelled, series)
        if not shape["number"].startswith("0"):
            return
        bucket, bit = divmod(int(shape["number"]), NEAR)
        self._keep_bits(self._digest(series, bucket), 1 << bit)
        if _is_placed(text, span):
            self._keep(self._placed, series)

    def merge(self, later: Sequences) -> None:
        """Take over what was taken, under the same key, from what follows."""
        if later.overflowed:
            self._overflow()
        for series in later._labelled:
            self._keep(self._labelled, series)
        for series in later._placed:
            self._keep(self._placed, series)
        for key, bits in later._bits.items():
            self._keep_bits(key, bits)

    def _keep(self, kept: dict[bytes, None], series: bytes) -> None:
        if series in kept:
            return
        if len(kept) < BUCKETS_MAX:
            kept[series] = None
        else:
            self._overflow()

    def _keep_bits(self, key: bytes, bits: int) -> None:
        if self.overflowed:
            return
        self._bits[key] = self._bits.get(key, 0) | bits
        if len(self._bits) > BUCKETS_MAX:
            self._overflow()

    def _overflow(self) -> None:
        self.overflowed = True
        self._bits.clear()

    def stands(self, text: Text, span: Span) -> bool:
        """Whether the number at `span` is one of a run, or of a series that was named as one."""
        shape = _SHAPE.fullmatch(text.value, span.start, span.end)
        if shape is None:
            return False
        series = self._series(shape)
        if series in self._labelled:
            return True
        if series not in self._placed or not shape["number"].startswith("0"):
            return False
        if self.overflowed:
            return True
        bucket, bit = divmod(int(shape["number"]), NEAR)
        bits = [self._bits.get(self._digest(series, bucket + n), 0) for n in (-1, 0, 1)]
        row = bits[0] | bits[1] << NEAR | bits[2] << 2 * NEAR
        near = row >> (bit + NEAR // 2) & ((1 << NEAR + 1) - 1)
        return near.bit_count() >= DISTINCT

    def _series(self, shape: re.Match[str]) -> bytes:
        """The prefix and the width, as a digest."""
        prefix = "".join(c for c in shape["prefix"] if c.isalnum())
        return self._hash(f"{prefix}:{len(shape['number'])}".encode())

    def _digest(self, series: bytes, bucket: int) -> bytes:
        return self._hash(series + bucket.to_bytes(8, "big", signed=True))

    def _hash(self, data: bytes) -> bytes:
        return blake2b(data, key=self._key, digest_size=16).digest()


def _is_placed(text: Text, span: Span) -> bool:
    """Whether it stands where stamps stand: alone on a line, in a range, in a field for it."""
    value = text.value
    if _RANGE.match(value, span.end):
        return True
    left = value.rfind("\n", 0, span.start) + 1
    right = value.find("\n", span.end)
    line = value[left : span.start] + value[span.end : right if right >= 0 else len(value)]
    if line.strip(" \t\r|*_[]()"):
        return False
    return not text.key or text.key.lower() in CARRIERS or bool(_HEADERS & set(words_of(text.key)))
