"""Values spread over the fields of a record: joined, with the field and the place of each part.

A record's strings are read one by one; what was split over two of them is in neither. So parts are
put together where the shape of the record says that they belong together: the elements of an array,
fields whose names say so, a prompt and its completion, the turns of a chat.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, pairwise

from gatekeeper.detect.lazy import lazy
from gatekeeper.detect.views.grouping import SSN_NEAR, card_valid, phone_valid, ssn_valid
from gatekeeper.detect.words import label_of, words_of
from gatekeeper.model import Text

EDGE = 64
"""Characters on each side of the border of two texts that are looked at together."""
PART_MAX = 64
"""Characters of a field that may be a part of a value."""
FRAGMENT_MAX = 400
"""Characters of a turn in which a part of a number may be told."""
TEXTS_MAX = 4000
"""Texts of one record of which parts are put together; beyond it only neighbours are."""

DIGITS = lazy(r"[-+( ]?\d{1,10}[-) ]?\Z")
_LOOSE_END = lazy(r"[\d@-][\"' ]?\Z|[A-Za-z0-9]@\Z")
_LOOSE_START = lazy(r"[\"' ]?[-@\d.]")
_PLACES = frozenset(
    [
        "area",
        "group",
        "serial",
        "part",
        "first",
        "second",
        "third",
        "last",
        "1",
        "2",
        "3",
        "4",
        "5",
        "a",
        "b",
        "c",
        "d",
        "prefix",
        "middle",
        "mid",
        "suffix",
        "exchange",
        "line",
        "code",
        "start",
        "end",
        "head",
        "tail",
        "left",
        "right",
        "segment",
        "block",
        "chunk",
        "piece",
        "p1",
        "p2",
        "p3",
        "p4",
        "g1",
        "g2",
        "g3",
        "g4",
        "one",
        "two",
        "three",
        "four",
        "local",
        "number",
    ]
)
_SSN_PARTS = ({"area", "group", "serial"}, {"area", "group", "sequence"})
_PHONE_PARTS = (
    {"exchange"},
    {"npa", "nxx"},
    {"area", "prefix", "line"},
    {"area", "code", "number"},
)
_LOCAL = frozenset(
    [
        "user",
        "username",
        "local",
        "localpart",
        "local_part",
        "mailbox",
        "account",
        "login",
        "handle",
        "name",
        "id",
    ]
)
_DOMAIN = frozenset("domain host hostname provider server mailhost".split())  # noqa: SIM905
_HOST = lazy(r"@?[A-Za-z0-9][A-Za-z0-9-]{0,40}(?:\.[A-Za-z0-9-]{1,30}){1,3}\Z")
_LOCAL_VALUE = lazy(r"[A-Za-z0-9][\w.+-]{1,40}@?\Z")
_GIVEN = frozenset("first given fname firstname forename givenname vorname prenom".split())  # noqa: SIM905
_FAMILY = frozenset("last family surname lname lastname familyname nachname nom".split())  # noqa: SIM905
_NAME_VALUE = lazy(r"[A-ZÀ-Þ][\w'’-]{1,24}\.?\Z")
_YEAR = frozenset(("year", "yyyy", "y", "yr"))
_MONTH = frozenset(("month", "mm", "mon", "m"))
_DAY = frozenset(("day", "dd", "d"))
_BIRTH = lazy(r"birth|dob|born", re.IGNORECASE)

_SSN_SAID = lazy(r"\bssns?\b|social(?: security)?|\bss#", re.IGNORECASE)
_CARD_SAID = lazy(r"\b(?:card|visa|mastercard|amex|pan)\b", re.IGNORECASE)
_PHONE_SAID = lazy(r"\b(?:phone|cell|mobile|number|call me|telephone)\b", re.IGNORECASE)
_FRAGMENT = lazy(r"(?<![\w.,$€£%/:])\d{2,6}(?:[ -]\d{2,6}){0,3}(?![\w%/:]|[.,]\d)")


@dataclass(frozen=True, slots=True, repr=False)
class Joined:
    """A text put together of parts: (place in it, number of the text in the record, place there)."""

    text: str
    parts: Sequence[tuple[int, int, int, int]]
    """(start, end) in `text`, the number of the record's text, and where the part begins in it."""
    entities: frozenset[str] | None = None
    """What may be found so; None: anything."""

    def __repr__(self) -> str:
        return f"Joined({len(self.text)} characters of {len(self.parts)} parts)"

    def placed(self, start: int, end: int) -> list[tuple[int, int, int]]:
        """(text, start, end) of the parts under `text[start:end]`."""
        found: list[tuple[int, int, int]] = []
        for a, b, n, at in self.parts:
            low, high = max(a, start), min(b, end)
            if low < high:
                found.append((n, at + low - a, at + high - a))
        return found


def joined_fields(texts: Sequence[Text]) -> list[Joined]:
    """What is put together of the texts of one record; empty for most."""
    if len(texts) < 2:
        return []
    values = [(n, t) for n, t in enumerate(texts) if not t.is_key and t.value]
    result = list(_borders(values))
    if len(values) <= TEXTS_MAX:
        short = [(n, t) for n, t in values if len(t.value) <= PART_MAX]
        if sum(DIGITS.match(t.value) is not None or _is_part(t.key) for _, t in short) < 2:
            short = []
        for parent, group in groupby(short, key=lambda nt: nt[1].pointer.rpartition("/")[0]):
            fields = list(group)
            if len(fields) > 1:
                result += _siblings(parent, fields)
        result += _turns(values)
    return result


def _built(label: str, parts: Iterable[tuple[int, str, int]], glue: str = "",
           entities: frozenset[str] | None = None) -> Joined:  # fmt: skip
    text = label
    places: list[tuple[int, int, int, int]] = []
    for n, value, at in parts:
        if places:
            text += glue
        places.append((len(text), len(text) + len(value), n, at))
        text += value
    return Joined(text, tuple(places), entities)


# --- the border of two texts ---------------------------------------------------------------------


def _borders(values: Sequence[tuple[int, Text]]) -> Iterator[Joined]:
    """A text that stops inside a value, and the next, which goes on with it."""
    for (n, one), (m, two) in pairwise(values):
        if one.pointer == two.pointer or plainly_apart(one.value[-1], two.value[0]):
            continue
        a, b = one.value.rstrip(), two.value.lstrip()
        if not a or not b or not _goes_on(a, b):
            continue
        if len(one.value) <= 4 and len(two.value) <= 4:
            continue  # the elements of an array
        tail, skip = a[-EDGE:], len(two.value) - len(b)
        parts = [(n, tail, len(a) - len(tail)), (m, b[:EDGE], skip)]
        label = label_of(one.key) if len(a) <= EDGE else ""
        yield _built(label, parts)
        if a[-1].isdigit() and b[0].isdigit():
            yield _built(label, parts, "-")


def plainly_apart(last: str, first: str) -> bool:
    """Whether nothing goes on over these two characters: most texts end with a word or a stop."""
    return (last.isalpha() or last in ".,;:!?)") and first != "@" and not first.isspace()


def _goes_on(a: str, b: str) -> bool:
    if a[-1] == "@" and a[-2:-1].isalnum():
        return b[0].isalnum()
    return bool(_LOOSE_END.search(a[-2:]) and _LOOSE_START.match(b[:2])) or (
        b[0] == "@" and a[-1].isalnum() and b[1:2].isalnum()
    )


# --- fields of one object, elements of one array ---------------------------------------------------


_ANY_PART = _DOMAIN | _GIVEN | _FAMILY | _YEAR


@lru_cache(maxsize=4096)
def _is_part(key: str) -> bool:
    """Whether a field of this name may hold a part of something, beside another."""
    return not _ANY_PART.isdisjoint(words_of(key))


def _siblings(parent: str, fields: Sequence[tuple[int, Text]]) -> Iterator[Joined]:
    digits = [(n, t) for n, t in fields if DIGITS.match(t.value)]
    if len(digits) > 1 and sum(len(t.value) for _, t in digits) >= 8:
        yield from _numbers(parent, digits)
    if not any(_is_part(t.key) for _, t in fields):
        return
    keyed = [(n, t, frozenset(words_of(t.key))) for n, t in fields]
    yield from _addresses(keyed)
    given = [f for f in keyed if f[2] & _GIVEN and _NAME_VALUE.match(f[1].value)]
    family = [f for f in keyed if f[2] & _FAMILY and _NAME_VALUE.match(f[1].value)]
    if given and family and given[0][0] != family[0][0]:
        (n, one, _), (m, two, _) = given[0], family[0]
        yield _built(
            "full name: ", [(n, one.value, 0), (m, two.value, 0)], " ", frozenset(("PERSON",))
        )
    yield from _dates(parent, keyed)


def _numbers(parent: str, digits: Sequence[tuple[int, Text]]) -> Iterator[Joined]:
    """Runs of fields with digits alone, under one name or names that differ by a place."""
    for label, run in _runs(parent, digits):
        plain = [(n, re.sub(r"\D", "", t.value), t.value) for n, t in run]
        whole = "".join(d for _, d, _ in plain)
        parts = [(n, d, value.find(d[0])) for n, d, value in plain if d]
        if not 8 <= len(whole) <= 24 or len(parts) < 2:
            continue
        sizes = tuple(len(d) for _, d, _ in plain)
        if len(whole) == 9 and SSN_NEAR.search(label) and ssn_valid(whole):
            yield _built(label, parts, "-" if sizes == (3, 2, 4) else "")
        elif 13 <= len(whole) <= 19 and not card_valid(whole):
            continue
        elif label and (max(sizes) == 1 or len(whole) > 9):
            phone = len(whole) == 10 and phone_valid(whole) and sizes == (3, 3, 4)
            yield _built(label, parts, "-" if phone else "")


def _runs(
    parent: str, digits: Sequence[tuple[int, Text]]
) -> Iterator[tuple[str, list[tuple[int, Text]]]]:
    """(label, fields): elements of an array by their key, members of an object by what they share."""
    above = next(
        (p for p in reversed(parent.split("/")) if p and not p.isdigit() and p[0] != "#"), ""
    )
    for key, group in groupby(digits, key=lambda nt: nt[1].key):
        run = list(group)
        if len(run) > 1:
            yield label_of(key), run
    named = [(n, t, words_of(t.key)) for n, t in digits]
    keys = {w for _, _, ws in named for w in ws}
    if len({t.key for _, t in digits}) < 2:
        return
    shared = frozenset.intersection(*(frozenset(ws) for _, _, ws in named)) - _PLACES
    run = [(n, t) for n, t, _ in named]
    if any(parts <= keys for parts in _SSN_PARTS):
        chosen = [(n, t) for n, t, ws in named if set(ws) & {"area", "group", "serial", "sequence"}]
        yield "ssn: ", chosen
    elif any(parts <= keys for parts in _PHONE_PARTS):
        yield "phone: ", run
    elif shared:
        yield " ".join(w for w in words_of(digits[0][1].key) if w in shared) + ": ", run
    elif all(set(ws) & _PLACES or not ws for _, _, ws in named) and label_of(above):
        yield label_of(above), run
    else:
        for _, members in groupby(
            named, key=lambda f: tuple(w for w in f[2] if w not in _PLACES and not w.isdigit())
        ):
            part = list(members)
            words = [w for w in part[0][2] if w not in _PLACES and not w.isdigit()]
            if len(part) > 1 and words:
                yield " ".join(words) + ": ", [(n, t) for n, t, _ in part]


def _addresses(keyed: Sequence[tuple[int, Text, frozenset[str]]]) -> Iterator[Joined]:
    hosts = [f for f in keyed if f[2] & _DOMAIN and _HOST.match(f[1].value)]
    for m, host, _ in hosts[:1]:
        for n, local, words in keyed:
            if n != m and words & _LOCAL and _LOCAL_VALUE.match(local.value):
                glue = "" if local.value.endswith("@") or host.value.startswith("@") else "@"
                parts = [(n, local.value, 0), (m, host.value, 0)]
                yield _built("email: ", parts, glue, frozenset(("EMAIL_ADDRESS",)))
                return


def _dates(parent: str, keyed: Sequence[tuple[int, Text, frozenset[str]]]) -> Iterator[Joined]:
    """Year, month and day in fields of their own, where a birth is meant."""
    found: list[tuple[int, str, int]] = []
    for words in (_YEAR, _MONTH, _DAY):
        field = next(
            (f for f in keyed if f[2] & words and re.fullmatch(r"\d{1,4}", f[1].value)), None
        )
        if field is None:
            return
        found.append((field[0], field[1].value, 0))
    if _BIRTH.search(parent) or any(_BIRTH.search(f[1].key) for f in keyed):
        yield _built("date of birth: ", found, "-", frozenset(("DATE_OF_BIRTH", "DATE_TIME")))


# --- the turns of a chat ---------------------------------------------------------------------------


_TWO_DIGITS = lazy(r"\d\d")
"""A fragment has as many at least."""


def _turns(values: Sequence[tuple[int, Text]]) -> Iterator[Joined]:
    """A number that is told in parts, turn after turn, after somebody said what it is."""
    short = [(n, t) for n, t in values if len(t.value) <= FRAGMENT_MAX]
    if sum(_TWO_DIGITS.search(t.value) is not None for _, t in short) < 2:
        return
    fragments = [(n, t, list(_FRAGMENT.finditer(t.value))) for n, t in short]
    for i, (n, text, found) in enumerate(fragments):
        if not found:
            continue
        for said, sizes, valid, label in _TOLD:
            match = said.search(text.value)
            if match is None:
                continue
            after = [f for f in found if f.start() >= match.end() and f.start() - match.end() < 40]
            if len(after) == 1:
                first = (n, after[0])
                joined = _told(first, fragments[i + 1 : i + 9], sizes, valid, label)
                if joined is not None:
                    yield joined


def _told(first: tuple[int, re.Match[str]], following: Sequence[tuple[int, Text, list[re.Match[str]]]],
          sizes: Sequence[int], valid: object, label: str) -> Joined | None:  # fmt: skip
    parts = [first]
    digits = re.sub(r"\D", "", first[1][0])
    for n, _, found in following:
        if not found:
            continue
        if len(found) > 1 or len(digits) not in sizes:
            return None
        digits += re.sub(r"\D", "", found[0][0])
        parts.append((n, found[0]))
        if len(digits) >= sizes[-1] or len(parts) > 5:
            break
    if len(digits) != sizes[-1] or len(parts) < 2 or not callable(valid) or not valid(digits):
        return None
    return _shaped(parts, label, digits)


def _shaped(parts: Sequence[tuple[int, re.Match[str]]], label: str, digits: str) -> Joined:
    """The digits as they are usually written, with the part from which each comes."""
    breaks = {9: (3, 5), 10: (3, 6)}.get(len(digits), ())
    text, places, count = label, [], 0
    for n, match in parts:
        begin = len(text)
        for c in match[0]:
            if c.isdigit():
                if count in breaks:
                    text += "-"
                text += c
                count += 1
        places.append((begin, len(text), n, match.start()))
    return Joined(text, tuple(places))


_TOLD = (
    (_SSN_SAID, (3, 5, 9), ssn_valid, "SSN: "),
    (_CARD_SAID, (4, 8, 12, 16), card_valid, "card: "),
    (_PHONE_SAID, (3, 6, 10), phone_valid, "phone: "),
)
