"""Fields whose values are codes, another one in every record: over a content, who is who.

45 CFR 164.514(b)(2)(i)(R) names "any other unique identifying number, characteristic, or code". One
`K7-22391` says nothing; a field that holds nothing but such, and none twice, tells the records
apart. It may as well number parcels, so it is possible and no more. Only keyed digests are kept.

A field is known by its first values, in order, and the fields are the first by name: so what was
taken from the parts of a content and merged in their order is what was taken from the whole.
"""

from __future__ import annotations

import secrets
from functools import lru_cache
from hashlib import blake2b

from gatekeeper.detect.lazy import lazy
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
"""Distinct values after which a field is settled, and no further one is looked at."""
FIELDS_MAX = 256
"""Fields that are followed: the first by name."""

_CODE = lazy(r"(?=(?:\D{0,12}\d){3})(?=\d{0,12}[A-Za-z/-])[A-Za-z0-9][\w/.-]{3,38}[A-Za-z0-9]")
_NO_CODE = lazy(
    r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}.*|[-+]?\d+(?:\.\d+)*(?:[eE][-+]?\d+)?|v?\d+(?:\.\d+)+[\w.+-]*"
    r"|.*\.[A-Za-z][A-Za-z0-9]{1,4}|\d+\s?[A-Za-z]{1,3}|\d+-\d+|0x.*"
)
"""Dates, figures, versions, names of files, quantities, ranges."""


class _Field:
    """The values of one field: digests in order, until one of them rules it out."""

    __slots__ = ("out", "values")

    def __init__(self) -> None:
        self.values: dict[bytes, None] = {}
        self.out = False

    @property
    def open(self) -> bool:
        return not self.out and len(self.values) < ENOUGH

    @property
    def stands(self) -> bool:
        return not self.out and len(self.values) >= LEAST

    def take(self, value: bytes | None) -> None:
        """One value more; None is one that is no code."""
        if value is None or value in self.values:
            self.out = True
        else:
            self.values[value] = None

    def merge(self, later: _Field) -> None:
        """The values of `later`, as if they were taken one by one."""
        for value in later.values:
            if not self.open:
                return
            self.take(value)
        if later.out and self.open:
            self.out = True


class Columns:
    """The fields of one content: `take` every text, then ask which `stands`."""

    def __init__(self, key: bytes | None = None) -> None:
        """With `key`, or one of its own, and nothing taken."""
        self._key = key or secrets.token_bytes(32)
        self._fields: dict[str, _Field] = {}
        self._last = ""

    def __bool__(self) -> bool:
        return any(field.stands for field in self._fields.values())

    def take(self, text: Text) -> None:
        """Count the value of `text`; one that is no code, or stands twice, rules its field out."""
        if not _may_hold(text):
            return
        field = self._field(field_of(text.pointer))
        if field is not None and field.open:
            code = text.value.strip()
            field.take(self._digest(code) if is_code(code) else None)

    def merge(self, later: Columns) -> None:
        """Take over what was taken, under the same key, from what follows."""
        for name, theirs in later._fields.items():
            mine = self._field(name)
            if mine is not None:
                mine.merge(theirs)

    def _field(self, name: str) -> _Field | None:
        """The field `name`, new where it must be; None where it is beyond the last that is kept."""
        found = self._fields.get(name)
        if found is None and (len(self._fields) < FIELDS_MAX or name < self._last):
            found = self._fields[name] = _Field()
            if len(self._fields) > FIELDS_MAX:
                del self._fields[self._last]
            self._last = max(self._fields)
        return found

    def _digest(self, code: str) -> bytes:
        return blake2b(code.encode(), key=self._key, digest_size=8).digest()

    def span(self, text: Text) -> Span | None:
        """The value of `text`, where its field tells the records apart."""
        if not _may_hold(text):
            return None
        field = self._fields.get(field_of(text.pointer))
        if field is None or not field.stands:
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
