"""Check digits: asked of Presidio, or our own where Presidio's are missing, wrong or by the clock."""

from __future__ import annotations

import datetime

from gatekeeper.detect.national.spec import Verdict, compact
from gatekeeper.detect.recognizers.spec import luhn

_BASE36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def presidio_says(recognizer: str, keep: str = "") -> Verdict:
    """The verdict of Presidio's `recognizer` on the value without separators but those in `keep`.

    A recognizer that only rejects (`invalidate_result`) accepts what it does not reject.
    """

    def verdict(value: str) -> bool | None:
        from gatekeeper.detect.presidio.rules import country_verdict

        return country_verdict(recognizer, compact(value, keep))

    return verdict


def strictly(verdict: Verdict) -> Verdict:
    """`verdict`, for a recognizer that says None where the check digits do not hold."""
    return lambda value: verdict(value) is True


def leniently(verdict: Verdict) -> Verdict:
    """`verdict` on a check that its authority does not publish: failing it says nothing."""
    return lambda value: verdict(value) or None


def luhn_of(value: str) -> bool:
    """Luhn over all digits (ISO/IEC 7812-1, annex B)."""
    return luhn("".join(filter(str.isdecimal, value)))


def document_number(value: str) -> bool | None:
    """A German serial number: nine characters, printed without the check digit that follows them in
    the machine-readable zone (PAuswG § 2(8); ICAO Doc 9303-3, 4.9: weights 7, 3, 1).

    Presidio takes the ninth character for the check digit, and so refuses nine of ten.
    """
    core = compact(value)
    if len(core) != 10:
        return None
    total = sum(int(c, 36) * (7, 3, 1)[n % 3] for n, c in enumerate(core[:9]))
    return str(total % 10) == core[9]


def german_licence(value: str) -> bool:
    """The tenth of eleven characters: weights 9 to 1 over the first nine, modulo 11, X for ten
    (Kraftfahrt-Bundesamt; specimen B072RRE2I55). Presidio asks for two letters and eight digits.
    """
    core = compact(value)
    total = sum(int(c, 36) * (9 - n) for n, c in enumerate(core[:9]))
    return len(core) == 11 and "0123456789X"[total % 11] == core[9]


def gstin(value: str) -> bool:
    """The fifteenth character: weights 1 and 2 in turn in base 36, quotient and remainder added
    (GSTN, GSTIN format). Presidio checks no check character, and its states lack 18, 19, 28, 29.
    """
    core = compact(value)
    products = (_BASE36.index(c) * (1 + n % 2) for n, c in enumerate(core[:14]))
    total = sum(p // 36 + p % 36 for p in products)
    return len(core) == 15 and _BASE36[(36 - total % 36) % 36] == core[14]


def nric(value: str) -> bool:
    """The last letter: weights 2, 7, 6, 5, 4, 3, 2 modulo 11, 4 more for T and G, 3 more for M
    (Singapore, ICA). Presidio checks none.
    """
    core = compact(value)
    digits = zip(core[1:8], (2, 7, 6, 5, 4, 3, 2), strict=True)
    total = sum(int(c) * w for c, w in digits)
    total += {"T": 4, "G": 4, "M": 3}.get(core[0], 0)
    letters = {"S": "JZIHGFEDCBA", "T": "JZIHGFEDCBA", "M": "XWUTRQPNJLK"}
    return letters.get(core[0], "XWUTRQPNMLK")[total % 11] == core[8]


_uen = presidio_says("SgUenRecognizer")


def uen(value: str) -> bool | None:
    """A local company's number, weights 10, 8, 6, 4, 9, 7, 5, 3, 1 modulo 11 (ACRA), Presidio's
    verdict on the other two forms. Presidio compares the year with the clock.
    """
    core = compact(value)
    if len(core) != 10 or not core[0].isdecimal():
        return _uen(value)
    digits = zip(core[:9], (10, 8, 6, 4, 9, 7, 5, 3, 1), strict=True)
    return "ZKCMDNERGWH"[sum(int(c) * w for c, w in digits) % 11] == core[9]


def is_date(year: int, month: int, day: int) -> bool:
    """Whether there is such a day."""
    try:
        datetime.date(year, month, day)
    except ValueError:
        return False
    return True


def south_african(value: str) -> bool:
    """A day of either century, citizenship 0 to 2, and Luhn (Department of Home Affairs).

    Presidio compares the day with the clock.
    """
    d = compact(value)
    month, day = int(d[2:4]), int(d[4:6])
    held = any(is_date(c + int(d[:2]), month, day) for c in (1900, 2000))
    return held and d[10] in "012" and luhn(d)


def korean(recognizer: str) -> Verdict:
    """The verdict of Presidio's `recognizer`; numbers given since October 2020 have random last
    digits (Resident Registration Act, enforcement rule of 2020), so failing it says nothing of those
    born since.
    """
    says = presidio_says(recognizer)

    def verdict(value: str) -> bool | None:
        d = compact(value)
        if says(value):
            return True
        return None if d[6] in "3478" and d[:4] >= "2010" else False

    return verdict
