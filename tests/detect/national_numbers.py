"""Synthetic ids of other countries from a seed, with check digits worked out anew: what Gatekeeper
and Presidio say of them is what is tested.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

Make = Callable[[Random], str]

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
BASE36 = "0123456789" + LETTERS
SERIAL = "CFGHJKLMNPRTVWXYZ0123456789"
NIF = "TRWAGMYFPDXBNJZSQVHLCKE"


def digits(r: Random, count: int, first: str = "123456789") -> str:
    """`count` digits, no more than three of them alike in a row."""
    while True:
        made = r.choice(first) + "".join(r.choice("0123456789") for _ in range(count - 1))
        if count < 3 or (len(set(made)) > min(3, count - 1) and made not in "01234567890123456789"):
            return made


def letters(r: Random, count: int, among: str = LETTERS) -> str:
    return "".join(r.choice(among) for _ in range(count))


def day(r: Random) -> tuple[str, str, str]:
    """Year of the last century, month and day, two digits each."""
    return f"{r.randint(40, 99):02}", f"{r.randint(1, 12):02}", f"{r.randint(1, 28):02}"


def weighted(value: str, weights: Sequence[int]) -> int:
    return sum(int(c) * w for c, w in zip(value, weights, strict=False))


def luhn_digit(value: str) -> str:
    total = 0
    for n, c in enumerate(reversed(value)):
        d = int(c) * (2 if n % 2 == 0 else 1)
        total += d - 9 if d > 9 else d
    return str(-total % 10)


def until(r: Random, make: Callable[[Random], str | None]) -> str:
    while True:
        if (made := make(r)) is not None:
            return made


def verhoeff_digit(value: str) -> str:
    """By the dihedral group D5, its table built from the group's own rule."""

    def times(a: int, b: int) -> int:
        if a < 5:
            return (a + b) % 5 if b < 5 else 5 + (a + b - 5) % 5
        return 5 + (a - 5 - b) % 5 if b < 5 else (a - b) % 5

    step = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)
    total = 0
    for n, c in enumerate(reversed(value), 1):
        d = int(c)
        for _ in range(n % 8):
            d = step[d]
        total = times(total, d)
    return str(next(x for x in range(10) if times(total, x) == 0))


def tfn(r: Random) -> str:
    def one(r: Random) -> str | None:
        head = digits(r, 8)
        last = next(
            (x for x in range(10) if (weighted(head, (1, 4, 3, 7, 5, 8, 6, 9)) + 10 * x) % 11 == 0),
            None,
        )
        return None if last is None else f"{head}{last}"

    return until(r, one)


def medicare(r: Random) -> str:
    head = digits(r, 8, "23456")
    return f"{head}{weighted(head, (1, 3, 7, 9) * 2) % 10}{r.randint(1, 9)}"


def abn(r: Random) -> str:
    tail = digits(r, 9)
    rest = weighted(tail, (3, 5, 7, 9, 11, 13, 15, 17, 19))
    first = next(f for f in range(11, 100) if ((f // 10 - 1) * 10 + f % 10 + rest) % 89 == 0)
    return f"{first}{tail}"


def acn(r: Random) -> str:
    head = digits(r, 8)
    return f"{head}{-weighted(head, range(8, 0, -1)) % 10}"


def luhn_number(count: int, first: str) -> Make:
    def make(r: Random) -> str:
        head = digits(r, count - 1, first)
        return head + luhn_digit(head)

    return make


def hetu(r: Random) -> str:
    yy, mm, dd = day(r)
    serial = f"{r.randint(2, 899):03}"
    return (
        f"{dd}{mm}{yy}-{serial}"
        + "0123456789ABCDEFHJKLMNPRSTUVWXY"[int(dd + mm + yy + serial) % 31]
    )


def mod_11_10(value: str) -> str:
    """ISO 7064, MOD 11,10."""
    product = 10
    for c in value:
        product = ((int(c) + product) % 10 or 10) * 2 % 11
    return str((11 - product) % 10)


def steuer_id(r: Random) -> str:
    """One digit stands twice in the first ten, the others once or not at all."""
    nine = r.sample("0123456789", 9)
    at, twice = r.randint(1, 9), r.choice(nine)
    ten = "".join([*nine[:at], twice, *nine[at:]])
    return steuer_id(r) if ten[0] == "0" else ten + mod_11_10(ten)


def crossed(value: str, weights: Sequence[int]) -> int:
    """The sum of the digits of the products."""
    return sum(sum(map(int, str(int(c) * w))) for c, w in zip(value, weights, strict=True))


def rvnr(r: Random) -> str:
    yy, mm, dd = day(r)
    letter, serial = r.choice(LETTERS), f"{r.randint(0, 99):02}"
    head = f"{r.randint(10, 89)}{dd}{mm}{yy}"
    full = f"{head}{LETTERS.index(letter) + 1:02}{serial}"
    return f"{head}{letter}{serial}{crossed(full, (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1)) % 10}"


def kvnr(r: Random) -> str:
    letter, body = r.choice(LETTERS), digits(r, 8)
    total = crossed(f"{LETTERS.index(letter) + 1:02}{body}", (1, 2) * 5)
    return f"{letter}{body}{total % 10}"


def mrz_digit(value: str) -> str:
    return str(sum(BASE36.index(c) * (7, 3, 1)[n % 3] for n, c in enumerate(value)) % 10)


def document(first: str) -> Make:
    """Nine characters and the check digit of the machine-readable zone."""

    def make(r: Random) -> str:
        core = r.choice(first) + digits(r, 2) + letters(r, 6, SERIAL)
        return core + mrz_digit(core)

    return make


def licence_de(r: Random) -> str:
    core = r.choice("ABCDEFGHIJKLMNOP") + digits(r, 3) + letters(r, 5, BASE36)
    total = sum(BASE36.index(c) * (9 - n) for n, c in enumerate(core))
    return core + "0123456789X"[total % 11] + r.choice("123456789")


def lanr(r: Random) -> str:
    head = digits(r, 6)
    return f"{head}{-weighted(head, (4, 9) * 3) % 10}{r.randint(1, 99):02}"


def vat_de(r: Random) -> str:
    head = digits(r, 8)
    return "DE" + head + mod_11_10(head)


def aadhaar(r: Random) -> str:
    head = digits(r, 11, "23456789")
    return head + verhoeff_digit(head)


def nin(r: Random) -> str:
    head = digits(r, 10)
    return head + verhoeff_digit(head)


def pan(r: Random) -> str:
    return letters(r, 3) + "P" + letters(r, 1) + digits(r, 4) + letters(r, 1)


def gstin(r: Random) -> str:
    core = f"{r.choice(('07', '18', '19', '27', '29', '33'))}{pan(r)}{r.choice('123')}Z"
    total = 0
    for n, c in enumerate(core):
        product = BASE36.index(c) * (1 + n % 2)
        total += product // 36 + product % 36
    return core + BASE36[-total % 36]


def voter(r: Random) -> str:
    six = digits(r, 6)
    return letters(r, 3) + six + luhn_digit(six)


def codice_fiscale(r: Random) -> str:
    consonants, (yy, _, dd) = "BCDFGLMNPRSTV", day(r)
    core = letters(r, 6, consonants) + yy + r.choice("ABCDEHLMPRST") + dd
    core += r.choice("ABCDEFGHL") + digits(r, 3)
    odd = (
        1,
        0,
        5,
        7,
        9,
        13,
        15,
        17,
        19,
        21,
        2,
        4,
        18,
        20,
        11,
        3,
        6,
        8,
        12,
        14,
        16,
        10,
        22,
        25,
        24,
        23,
    )
    places = [int(c) if c.isdecimal() else LETTERS.index(c) for c in core]
    return core + LETTERS[(sum(odd[p] for p in places[::2]) + sum(places[1::2])) % 26]


def rrn(add: int, centuries: str) -> Make:
    def make(r: Random) -> str:
        head = "".join(day(r)) + r.choice(centuries) + f"{r.randint(0, 95):02}" + digits(r, 3)
        check = (add - weighted(head, (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)) % 11) % 10
        return f"{head[:6]}-{head[6:]}{check}"

    return make


def brn_kr(r: Random) -> str:
    head = digits(r, 9)
    total = weighted(head, (1, 3, 7, 1, 3, 7, 1, 3, 5)) + int(head[8]) * 5 // 10
    return f"{head[:3]}-{head[3:5]}-{head[5:]}{-total % 10}"


def tin_ph(r: Random) -> str:
    def one(r: Random) -> str | None:
        head = digits(r, 8)
        check = weighted(head, range(9, 1, -1)) % 11
        return None if check > 9 else f"{head[:3]}-{head[3:6]}-{head[6:]}{check}-000"

    return until(r, one)


def pesel(r: Random) -> str:
    head = "".join(day(r)) + digits(r, 4)
    return f"{head}{-weighted(head, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3)) % 10}"


def nric(r: Random) -> str:
    first, body = r.choice("STFGM"), digits(r, 7)
    total = weighted(body, (2, 7, 6, 5, 4, 3, 2)) + {"T": 4, "G": 4, "M": 3}.get(first, 0)
    table = "JZIHGFEDCBA" if first in "ST" else "XWUTRQPNJLK" if first == "M" else "XWUTRQPNMLK"
    return f"{first}{body}{table[total % 11]}"


def uen(r: Random) -> str:
    head = str(r.randint(1970, 2019)) + digits(r, 5)
    return head + "ZKCMDNERGWH"[weighted(head, (10, 8, 6, 4, 9, 7, 5, 3, 1)) % 11]


def id_za(r: Random) -> str:
    head = "".join(day(r)) + digits(r, 4) + r.choice("01") + "8"
    return head + luhn_digit(head)


def dni(r: Random) -> str:
    body = digits(r, 8)
    return body + NIF[int(body) % 23]


def nie(r: Random) -> str:
    first, body = r.choice("XYZ"), digits(r, 7)
    return f"{first}{body}{NIF[int(str('XYZ'.index(first)) + body) % 23]}"


def personnummer(r: Random) -> str:
    head = "".join(day(r)) + digits(r, 3)
    return f"{head[:6]}-{head[6:]}{luhn_digit(head)}"


def orgnr(r: Random) -> str:
    head = "5" + digits(r, 1) + r.choice("23456789") + digits(r, 6)
    return f"{head[:6]}-{head[6:]}{luhn_digit(head)}"


def tnin(r: Random) -> str:
    head = (
        r.choice("12345678") + r.choice(("10", "30", "41", "50", "73", "80", "94")) + digits(r, 9)
    )
    return f"{head}{(11 - weighted(head, range(13, 1, -1)) % 11) % 10}"


def tckn(r: Random) -> str:
    nine = digits(r, 9)
    tenth = (sum(map(int, nine[::2])) * 7 - sum(map(int, nine[1::2]))) % 10
    return f"{nine}{tenth}{(sum(map(int, nine)) + tenth) % 10}"


def nhs(r: Random) -> str:
    def one(r: Random) -> str | None:
        head = digits(r, 9, "46")
        check = -weighted(head, range(10, 1, -1)) % 11
        return None if check == 10 else f"{head[:3]} {head[3:6]} {head[6:]}{check}"

    return until(r, one)


def nino(r: Random) -> str:
    return letters(r, 2, "CEHJLMPRSTWX") + digits(r, 6) + r.choice("ABCD")


def licence_uk(r: Random) -> str:
    yy, mm, dd = day(r)
    name = letters(r, 4, "BCDEKLMRST") + "9"
    return f"{name}{yy[0]}{mm}{dd}{yy[1]}{letters(r, 1)}9{digits(r, 1)}{letters(r, 2)}"


def shaped(form: str) -> Make:
    """Of `form`, where A is any letter, # a digit, and what follows a `\\` stands for itself."""

    def once(r: Random) -> str:
        made, literal = "", False
        for c in form:
            if c == "\\" and not literal:
                literal = True
                continue
            kept = literal or c not in "A#"
            made += c if kept else r.choice("BCDFGHJKLMNPRSTV" if c == "A" else "0123456789")
            literal = False
        return made

    def make(r: Random) -> str:
        while True:
            made = once(r)
            if len(set(filter(str.isdecimal, made))) >= min(3, form.count("#")):
                return made

    return make
