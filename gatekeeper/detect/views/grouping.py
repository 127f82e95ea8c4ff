"""A row of digits, however it was broken up: is it a value, and how is that usually written?

Digits that were broken up prove nothing, so each reading asks for more: a check digit, a label near
by, or the value's own grouping.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from gatekeeper.detect.lazy import lazy
from gatekeeper.detect.recognizers.card_rows import among_others
from gatekeeper.detect.recognizers.spec import dull, luhn

SSN_NEAR = lazy(
    r"ssns?(?![a-z])|s\.s\.n|\bss ?#|soc\.? ?sec|\bsocial(?! (?:media|network|studies|work|dist|science|club|event))"
    r"|\bss (?:no|num)|\bitin\b|tax ?(?:payer)? ?id|社保|社会|身份"
)
CARD_NEAR = lazy(
    r"card|visa|master ?card|amex|american express|discover|\bpan\b|\bcc\b|debit|credit|tarjeta|karte|carte|卡"
)
PHONE_NEAR = lazy(
    r"phone|\btel\b|\bcell\b|mobile|\bcall(?! (?:no\b|num|sign))|contact|\btext|\bsms|whatsapp|\bdial|\breach|\bring\b|hotline|fax|number is|电话|手机"
)
LABEL_NEAR = lazy(
    r"(?:mrn|record|account|acct|member|subscriber|policy|license|licence|passport|routing|aba|npi|iban|employee|"
    r"badge|patient|serial|imei|claim|customer|pin|cvv|cvc|zip|dob|birth)[^\n]{0,24}$"
)
_STRONG = lazy(r"4|5[1-5]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)|3[47]|6011|64[4-9]|65|62|35")
_REGULAR = ((4, 4, 4, 4), (4, 6, 5), (4, 4, 4, 4, 3), (4, 4, 4, 4, 1))
_NOT_PHONE = lazy(r"(?:order|invoice|tracking|ticket|case|claim|account|version|isbn)[^\n]{0,12}$")


@dataclass(frozen=True, slots=True)
class Row:
    """Groups of digits, what stands between them, and the words around, in lower case."""

    groups: Sequence[str]
    gaps: Sequence[str]
    before: str
    after: str = ""
    spelled: bool = False
    """Whether they were written as words, which nobody does with a stray number."""


def ssn_valid(digits: str) -> bool:
    """Whether it may be an SSN or an ITIN (never area 000 or 666, group 00, serial 0000)."""
    if (
        len(digits) != 9
        or digits[:3] in ("000", "666")
        or digits[3:5] == "00"
        or digits[5:] == "0000"
    ):
        return False
    return not dull(digits) and digits not in ("123456789", "987654321")


def card_valid(digits: str) -> bool:
    """Whether it is in an issuer's range and passes its check."""
    length = {"3": (15, 16), "4": (13, 16, 19)}.get(digits[:1], (16, 19))
    return (
        len(digits) in length
        and bool(_STRONG.match(digits))
        and luhn(digits)
        and len(set(digits)) > 2
    )


def phone_valid(digits: str) -> bool:
    """Whether the North American plan has such numbers."""
    d = digits[1:] if len(digits) == 11 and digits[0] == "1" else digits
    return (
        len(d) == 10
        and d[0] not in "01"
        and d[3] not in "01"
        and d[1:3] != "11"
        and len(set(d)) > 2
    )


_LENGTHS = frozenset((9, 10, 11, 13, 15, 16, 19))
"""Digits of an SSN, a telephone number (at the start of a row alone) and a card."""


def written(row: Row) -> tuple[int, int, str] | None:
    """The first and the last group of the value in `row`, and the value as usual; else None."""
    sizes = [len(g) for g in row.groups]
    singly = max(sizes) == 1
    for i in range(len(sizes)):
        if i and (singly or not _may_begin(row, i)):
            continue
        total = 0
        for j in range(i, len(sizes)):
            total += sizes[j]
            if total > 19:
                break
            if total not in _LENGTHS or (i and not _may_stand_within(sizes[i : j + 1], total)):
                continue
            if (new := _reading(row, i, j, total)) is not None:
                return i, j, new
    return _plain(row, sizes)


def _may_stand_within(sizes: list[int], total: int) -> bool:
    """Whether a value of these groups may begin behind others: no telephone number does, no short
    card, and an SSN only in its usual groups.
    """
    return total in (16, 19) or (total == 9 and sizes == [3, 2, 4])


def _may_begin(row: Row, i: int) -> bool:
    """Whether a value may begin within a row: after a bigger gap, or as groups of four do."""
    return len(row.groups[i]) == 4 or row.gaps[i - 1] != row.gaps[i] if i < len(row.gaps) else False


def _reading(row: Row, i: int, j: int, total: int) -> str | None:
    digits = "".join(row.groups[i : j + 1])
    if not (
        card_valid(digits)
        if total >= 13
        else ssn_valid(digits)
        if total == 9
        else i == 0 and phone_valid(digits)
    ):
        return None
    sizes, gaps = tuple(map(len, row.groups[i : j + 1])), set(row.gaps[i:j])
    last = j == len(row.groups) - 1
    if total >= 13:
        if total < 16 and not (i == 0 and last):
            return None
        near = CARD_NEAR.search(row.before) or CARD_NEAR.search(row.after)
        spelled_out = row.spelled and i == 0 and last
        in_one_way = (
            max(sizes) == 1 and len(gaps) == 1 and i == 0 and last and gaps.isdisjoint({", ", ","})
        )
        regular = sizes in _REGULAR and len(gaps) == 1
        if sizes == (4, 4, 4, 4):
            regular = regular and not among_others(row.groups, row.gaps, i, card_valid)
        if near or spelled_out or regular or (in_one_way and total == 16):
            return digits
        return None
    if total == 9:
        return _ssn(row, digits, sizes, gaps, whole=i == 0)
    regular = sizes in ((3, 3, 4), (1, 3, 3, 4), (10,), (11,)) and (row.spelled or len(gaps) < 3)
    near = PHONE_NEAR.search(row.before) or PHONE_NEAR.search(row.after)
    usual = max(sizes) == 1 or sizes in ((3, 3, 4), (1, 3, 3, 4))
    listed = not row.spelled and not usual and "," in "".join(gaps)
    if near and not listed and (last or regular) and not _NOT_PHONE.search(row.before):
        return f"{digits[-10:-7]}-{digits[-7:-4]}-{digits[-4:]}"
    return None


def _ssn(
    row: Row, digits: str, sizes: tuple[int, ...], gaps: set[str], *, whole: bool
) -> str | None:
    usual = f"{digits[:3]}-{digits[3:5]}-{digits[5:]}"
    near = SSN_NEAR.search(row.before) or SSN_NEAR.search(row.after)
    if near and (whole or sizes == (3, 2, 4)):
        return usual
    if sizes == (3, 2, 4) and len(gaps) == 1 and digits[0] != "9":
        gap = gaps.pop()
        odd = (
            row.spelled
            or ("-" in gap and gap != "-")
            or re.fullmatch(r"_|\W?\)\W?\(\W?|\]\[|~|\u00b7", gap)
        )
        if odd:
            return usual
    return None


def _plain(row: Row, sizes: Sequence[int]) -> tuple[int, int, str] | None:
    """Digits one by one behind a label: put together, and left to the recognizers."""
    digits = "".join(row.groups)
    if not 6 <= len(digits) <= 24 or dull(digits):
        return None
    if (row.spelled or max(sizes) == 1) and LABEL_NEAR.search(row.before):
        return 0, len(sizes) - 1, digits
    return None
