"""What is nobody's: the figures, digests and codes of clean sentences and hard negatives."""

from __future__ import annotations

import re
import string

from fixtures.synthetic import Maker

HEX = "0123456789abcdef"
_COUNTED = re.compile(r"(d|f|hex|letters|b64x)(\d+)\Z")


class Plain(Maker):
    """Slots in lower case: `d6` six digits, `f4` four decimals, `hex40` a digest, and the named ones."""

    def before(self, slot: str, variant: str) -> str:
        """What stands before a value without belonging to it."""
        return ""

    def value(self, slot: str, variant: str) -> str:
        """A value of `slot`; raises AttributeError for a slot that nobody knows."""
        counted = _COUNTED.match(slot)
        if counted:
            return self._counted(counted[1], int(counted[2]))
        return str(getattr(self, f"draw_plain_{slot}")(variant))

    def _counted(self, kind: str, size: int) -> str:
        if kind == "d":
            return str(self.number(1, 9)) + self.digits(size - 1)
        if kind == "f":
            return f"{self.random.uniform(0, 10 ** self.number(0, 2)):.{size}f}"
        if kind == "hex":
            return self.letters(size, HEX)
        if kind == "letters":
            return self.letters(size, string.ascii_uppercase)
        return self.letters(size, string.ascii_letters + string.digits + "+/")

    def draw_plain_int(self, _: str) -> str:
        return str(self.number(2, 60))

    def draw_plain_two(self, _: str) -> str:
        return f"{self.number(10, 59)}"

    def draw_plain_three(self, _: str) -> str:
        return self.digits(3)

    def draw_plain_long(self, _: str) -> str:
        return str(self.number(10**5, 10**8))

    def draw_plain_port(self, _: str) -> str:
        return str(self.number(1024, 65535))

    def draw_plain_month(self, _: str) -> str:
        return f"{self.number(1, 12):02d}"

    def draw_plain_letter(self, _: str) -> str:
        return self.letters(1, "ABCDEFGHJK")

    def draw_plain_status(self, _: str) -> str:
        return self.pick("200", "404", "301", "500", "418")

    def draw_plain_version(self, _: str) -> str:
        return f"{self.number(0, 9)}.{self.number(0, 30)}.{self.number(0, 12)}"

    def draw_plain_sci(self, _: str) -> str:
        return f"{self.random.uniform(-10, 10):.{self.number(2, 6)}e}"

    def draw_plain_epoch(self, _: str) -> str:
        return str(self.number(1_300_000_000, 1_800_000_000))

    def draw_plain_epochms(self, _: str) -> str:
        return str(self.number(1_300_000_000_000, 1_800_000_000_000))

    def draw_plain_clock(self, _: str) -> str:
        return f"{self.number(0, 23):02d}:{self.number(0, 59):02d}"

    def draw_plain_cas(self, _: str) -> str:
        """A CAS registry number with its check digit."""
        body = str(self.number(50, 999_999)) + self.digits(2)
        check = sum(i * int(c) for i, c in enumerate(reversed(body), 1)) % 10
        return f"{body[:-2]}-{body[-2:]}-{check}"

    def draw_plain_isbn13(self, _: str) -> str:
        body = "978" + self.digits(9)
        check = -sum(int(c) * (3 if i % 2 else 1) for i, c in enumerate(body)) % 10
        return self.pick(f"978-{body[3]}-{body[4:8]}-{body[8:]}-{check}", f"{body}{check}")

    def draw_plain_isbn10(self, _: str) -> str:
        body = self.digits(9)
        check = sum(i * int(c) for i, c in enumerate(body, 1)) % 11
        last = "X" if check == 10 else str(check)
        return self.pick(f"{body[0]}-{body[1:4]}-{body[4:]}-{last}", f"{body}{last}")

    def draw_plain_issn(self, _: str) -> str:
        body = self.digits(7)
        check = -sum(int(c) * w for c, w in zip(body, range(8, 1, -1), strict=True)) % 11
        return f"{body[:4]}-{body[4:]}{'X' if check == 10 else check}"

    def draw_plain_skux(self, _: str) -> str:
        return f"{self.letters(3)}-{self.digits(4)}-{self.letters(2)}"

    def draw_plain_part(self, _: str) -> str:
        return f"{self.digits(3)}-{self.digits(4)}-{self.digits(2)}"

    def draw_plain_stamp(self, _: str) -> str:
        day = self.date(2015, 2026)
        clock = f"{self.number(0, 23):02d}:{self.number(0, 59):02d}:{self.number(0, 59):02d}"
        return self.pick(
            f"{day.isoformat()}T{clock}Z", f"{day.isoformat()} {clock},{self.digits(3)}"
        )
