"""Shapes that the value of a typed field must have: generous, for the header speaks already."""

from __future__ import annotations

import re
from collections.abc import Callable

from gatekeeper.detect.lazy import lazy
from gatekeeper.detect.lexicon import fold, lexicon
from gatekeeper.detect.names import is_organisation
from gatekeeper.detect.recognizers.people import is_no_person
from gatekeeper.detect.recognizers.spec import dull

_NAME = lazy(r"[^\W\d_](?:[^\W\d_]|['’.\u0300-\u036f-]|,? ){1,79}")
_WORD = lazy(r"[^\W\d_](?:[^\W\d_]|['’\u0300-\u036f-](?=[^\W\d_]))*")
_NO_VALUE = frozenset({
    "n/a", "na", "nan", "nil", "none", "null", "unknown", "unk", "tbd", "tba", "test", "testing",
    "anonymous", "anon", "redacted", "withheld", "removed", "missing", "undefined", "empty",
    "blank", "default", "string", "text", "varchar", "str", "int", "integer", "number", "object",
    "array", "boolean", "bool", "float", "double", "char", "date", "datetime", "timestamp",
    "required", "optional", "true", "false", "yes", "no", "male", "female", "other", "self",
    "same", "various", "multiple", "name", "names", "value", "values", "example", "placeholder",
    "sample", "deleted", "hidden", "masked", "confidential", "not", "on", "see", "ask", "enter",
    "please", "your", "type", "select",
})  # fmt: skip
"""Words with which no name begins: fillers, types of a schema, what a form asks."""
_FLOAT = lazy(r"\.0+\Z")
_MONTH = (
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mai|juni?|juli?|okt|dez|janv|fev|avr|juin|juil|aou|ene"
    r"|abr|ago|dic|gen|mag|giu|lug|set|ott)[^\W\d_]{0,8}"
)
_DATE = lazy(
    rf"""(?:
      \d{{4}}[-/.]\d{{1,2}}[-/.]\d{{1,2}}(?:[T ][\d:.+Z-]{{4,24}})? | \d{{1,2}}[-/. ]\d{{1,2}}[-/. ](?:\d{{4}}|\d{{2}})(?:[T ][\d:. APM]{{4,16}})?
    | \d{{8}} | \d{{6}} | \d{{14}} | -?\d{{9,13}} | \d{{4}}年\d{{1,2}}月\d{{1,2}}日
    | \d{{1,2}}(?:st|nd|rd|th|\.)?[ -]?(?:of\ |de\ )?{_MONTH}\.?,?[ -]?(?:de\ )?(?:\d{{4}}|'?\d{{2}})
    | {_MONTH}\.?[ -]?\d{{1,2}}(?:st|nd|rd|th)?,?[ -]?(?:\d{{4}}|'?\d{{2}})
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_SSN = lazy(r"\d{3}[-. –—‑]?\d{2}[-. –—‑]?\d{4}|\d{7,8}|[*xX#•]{3}[- ]?[*xX#•]{2}[- ]?\d{4}")
_PHONE = lazy(
    r"[+(\d][\d\s().+/‐-–—-]{5,24}\d(?:[ ,;]{0,3}(?:x|ext\.?|extension|#)[ .]{0,2}\d{1,6})?",
    re.IGNORECASE,
)
_ZIP = lazy(r"\d{4,5}(?:[-–]?\d{4})?")
_CODE = lazy(r"(?=[\w./ -]{0,36}?\d[-./ ]?\d[-./ ]?\d)[^\W_][\w./-]{2,34}[^\W_]")
_POINTED = lazy(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[T ].*)?|\d+\.\d+")
"""A date, a version or a fraction."""
_HOUSE_FIRST = lazy(
    r"(?:\w{1,10}[ .#]{1,2}){0,2}\d{1,6}[A-Za-z]?(?:[-/]\d{1,4}[A-Za-z]?)?,? +[^\W\d_]{1,2}[^@=<>{}]{2,160}"
)
_HOUSE_LAST = lazy(
    r"[^\W\d_][^\d@=<>{}:]{3,60}[ ,]\d{1,5} ?[A-Za-z]?(?:[-/]\d{1,4})?(?:[ ,][^@=<>{}]{0,100})?"
)
_ADDRESS_WORDS, _NAME_WORDS = 16, 6
_TOWN = lazy(r"[^\W\d_](?:[^\W\d_]|['’. -]){1,40}(?:, ?[A-Z]{2})?")


def fits(shape: str, value: str, people: bool = False) -> bool:
    """Whether `value` has the shape; `people` where the headers beside it are those of people."""
    if value.lower() in _NO_VALUE:
        return False
    if shape == "address":
        return _is_address(value, people)
    return _SHAPES[shape](_FLOAT.sub("", value))


def is_name(value: str) -> bool:
    """Whether `value` may be a name in any case: words, and neither a filler nor a sentence."""
    if not _NAME.fullmatch(value) or is_no_person(value, 0, len(value)):
        return len(value) == 1 and value > "\u2e7f"
    words = _WORD.findall(value)
    if not 0 < len(words) <= _NAME_WORDS or words[0].lower() in _NO_VALUE or _all_one(value):
        return False
    if len(words) > 2 and value.islower():
        return any(lexicon().known(fold(w)) for w in words)
    return len(words) < 4 or sum(w[0].islower() for w in words) <= len(words) // 2


def _all_one(value: str) -> bool:
    letters = {c for c in value.lower() if c.isalpha()}
    return len(letters) <= 1 and value.isascii()


def names_known(value: str) -> tuple[int, int, int]:
    """How many words of `value` are names, how many are nothing else, and how many there are.

    Without a given name none counts as nothing else: a laser pointer bears two surnames.
    """
    words = [fold(w) for w in _WORD.findall(value) if len(w) > 1]
    names = lexicon()
    strong = sum(map(names.strong, words)) if not names.given.isdisjoint(words) else 0
    return sum(map(names.known, words)), strong, len(words)


def _is_address(value: str, people: bool) -> bool:
    words = value.split()
    if not 2 <= len(words) <= _ADDRESS_WORDS or "://" in value or value.startswith("0x"):
        return False
    if _HOUSE_FIRST.fullmatch(value):
        return any(len(w) > 2 and w[:1].isalpha() for w in words)
    return bool(_HOUSE_LAST.fullmatch(value)) and (people or len(words) <= 4)


def _is_ssn(value: str) -> bool:
    """Areas, groups and serials that are never issued are left out (SSA, POMS RM 10201)."""
    if not _SSN.fullmatch(value):
        return False
    digits = "".join(c for c in value if c.isdecimal())
    if len(digits) < 7:
        return not dull(digits)
    digits = digits.zfill(9)  # a column of numbers drops the zeros in front
    area, group, serial = digits[:3], digits[3:5], digits[5:]
    issued = area not in {"000", "666"} and area < "900" and group != "00" and serial != "0000"
    return issued and len(set(digits)) > 1


def _is_phone(value: str) -> bool:
    digits = "".join(c for c in value.lower().partition("x")[0] if c.isdigit())
    return bool(_PHONE.fullmatch(value)) and 7 <= len(digits) <= 15 and not dull(digits)


def _is_code(value: str) -> bool:
    return bool(_CODE.fullmatch(value)) and not _POINTED.fullmatch(value) and not dull(value)


_SHAPES: dict[str, Callable[[str], bool]] = {
    "name": lambda v: is_name(v) and not is_organisation(v),
    "date": lambda v: bool(_DATE.fullmatch(v)) and not dull(v),
    "ssn": _is_ssn,
    "four": lambda v: len(v) == 4 and v.isdecimal(),
    "phone": _is_phone,
    "zip": lambda v: bool(_ZIP.fullmatch(v)) and not dull(v),
    "code": _is_code,
    "town": lambda v: bool(_TOWN.fullmatch(v)) and not is_organisation(v),
}
