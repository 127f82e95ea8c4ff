"""Fields whose values are codes, another one in every record: over a content, who is who.

45 CFR 164.514(b)(2)(i)(R) names "any other unique identifying number, characteristic, or code". One
`K7-22391` says nothing; a field that holds nothing but such, and none twice, tells the records
apart. It may as well number parcels, so it is possible and no more. Only keyed digests are kept.
"""

from __future__ import annotations

import re
import secrets
from functools import lru_cache
from hashlib import blake2b

from gatekeeper.detect.recognizers.spec import dull
from gatekeeper.detect.spans import Span
from gatekeeper.detect.words import CARRIERS
from gatekeeper.model import Text
from gatekeeper.model.pointer import field_of

NAME = "UniqueColumn"
ENTITY = "UNIQUE_CODE"
SCORE = 0.4
LEAST = 20
"""Records from which values that never repeat are no accident."""
ENOUGH = 4096
"""Distinct values after which a field is settled, and none is kept of it any more."""
FIELDS_MAX = 256

_CODE = re.compile(
    r"(?=(?:\D{0,12}\d){3})(?=\d{0,12}[A-Za-z/-])[A-Za-z0-9][\w/.-]{3,38}[A-Za-z0-9]"
)
_NO_CODE = re.compile(
    r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}.*|[-+]?\d+(?:\.\d+)*(?:[eE][-+]?\d+)?|v?\d+(?:\.\d+)+[\w.+-]*"
    r"|.*\.[A-Za-z][A-Za-z0-9]{1,4}|\d+\s?[A-Za-z]{1,3}|\d+-\d+|0x.*"
)
"""Dates, figures, versions, names of files, quantities, ranges."""


class Columns:
    """The fields of one content: `take` every text, then ask which `stands`."""

    def __init__(self) -> None:
        """With a key of its own, and nothing taken."""
        self._key = secrets.token_bytes(32)
        self._open: dict[str, set[bytes]] = {}
        self._settled: set[str] = set()
        self._out: set[str] = set()

    def __bool__(self) -> bool:
        return bool(self._settled or any(len(v) >= LEAST for v in self._open.values()))

    def take(self, text: Text) -> None:
        """Count the value of `text`; one that is no code, or stands twice, rules its field out."""
        if not _may_hold(text):
            return
        field = field_of(text.pointer)
        if field in self._out or field in self._settled:
            return
        if field not in self._open and len(self._open) + len(self._out) >= FIELDS_MAX:
            return
        values = self._open.setdefault(field, set())
        code = text.value.strip()
        value = self._digest(code) if is_code(code) else None
        if value is None or value in values:
            del self._open[field]
            self._out.add(field)
            return
        values.add(value)
        if len(values) >= ENOUGH:
            del self._open[field]
            self._settled.add(field)

    def _digest(self, code: str) -> bytes:
        return blake2b(code.encode(), key=self._key, digest_size=8).digest()

    def span(self, text: Text) -> Span | None:
        """The value of `text`, where its field tells the records apart."""
        if not _may_hold(text):
            return None
        field = field_of(text.pointer)
        if field not in self._settled and len(self._open.get(field, ())) < LEAST:
            return None
        start = len(text.value) - len(text.value.lstrip())
        return Span(start, start + len(text.value.strip()), ENTITY, SCORE, NAME)


def is_code(value: str) -> bool:
    """Whether `value` is spelt like a code: letters or hyphens among three digits or more."""
    return bool(_CODE.fullmatch(value)) and not _NO_CODE.fullmatch(value) and not dull(value)


def _may_hold(text: Text) -> bool:
    """Whether `text` is the value of a field with a name; an empty one says nothing either way."""
    if text.is_key or text.base or not _is_name(text.key):
        return False
    return bool(text.value.strip())


@lru_cache(maxsize=4096)
def _is_name(key: str) -> bool:
    return bool(key) and key.lower() not in CARRIERS
