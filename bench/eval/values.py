"""The values of the gold set, one method per slot of the carriers, drawn from a seed."""

from __future__ import annotations

from pathlib import Path

import yaml

from bench.eval.values_house import House
from bench.eval.values_numbers import Numbers
from bench.eval.values_plain import Plain

_NAMES = yaml.safe_load(
    (Path(__file__).parent / "carriers" / "names.yaml").read_text(encoding="utf-8")
)


class Values(Numbers, House, Plain):
    """Draws the value of a slot: `value("PHONE_NUMBER", "")`."""

    def value(self, slot: str, variant: str) -> str:
        """A value of `slot`; raises AttributeError for a slot that nobody knows."""
        if slot.isupper():
            return str(getattr(self, f"draw_{slot.lower()}")(variant))
        return super().value(slot, variant)

    def draw_plain_state(self, _: str) -> str:
        return str(self.random.choice(_NAMES["towns"])[1])

    # --- people and places -----------------------------------------------------------------------

    def draw_person(self, variant: str) -> str:
        first, last = self.some(_NAMES["first"]), self.some(_NAMES["last"])
        return {
            "lf": f"{last}, {first}", "f": first, "l": last, "i": f"{first[0]}. {last}",
            "lower": f"{first} {last}".lower(), "mr": last, "dr": f"{first} {last}",
        }.get(variant, f"{first} {last}")  # fmt: skip

    def before(self, slot: str, variant: str) -> str:
        """What stands before a value without belonging to it: a title."""
        if slot == "PERSON" and variant == "mr":
            return self.pick("Mr. ", "Ms. ", "Mrs. ")
        return "Dr. " if slot == "PERSON" and variant == "dr" else ""

    def draw_location(self, _: str) -> str:
        return str(self.random.choice(_NAMES["towns"])[0])

    def draw_organization(self, variant: str) -> str:
        names: list[str] = _NAMES["organizations"]
        wanted = {"hospital": ("Medical", "Hospital", "Practice"), "bank": ("Bank",)}.get(variant)
        return self.some([n for n in names if not wanted or any(w in n for w in wanted)])

    def draw_religion(self, _: str) -> str:
        return self.pick("Muslim", "Hindu", "Buddhist", "Mormon", "Sikh", "Baptist", "Jewish")

    def draw_nationality(self, _: str) -> str:
        return self.pick("Brazilian", "Nigerian", "Vietnamese", "Polish", "Canadian", "Kenyan")

    def draw_ethnicity(self, _: str) -> str:
        return self.pick("Hispanic", "African American", "Pacific Islander", "Native American")

    def draw_political_opinion(self, _: str) -> str:
        return self.pick("Republican", "Democrat", "Green Party", "Libertarian")

    def draw_sexual_orientation(self, _: str) -> str:
        return self.pick("gay", "bisexual", "lesbian")

    def draw_trade_union(self, variant: str) -> str:
        name = self.pick("the Teamsters", "UNISON", "IG Metall")
        return name if variant else f"member of {name}"

    def draw_genetic_data(self, _: str) -> str:
        return self.pick("BRCA2 mutation carrier", "BRCA1 positive", "rs7903146 (T;T)")

    def draw_criminal_record(self, _: str) -> str:
        return self.pick("convicted of burglary", "convicted of fraud", "convicted of assault")

    def draw_street_address(self, variant: str) -> str:
        if variant == "box":
            return f"P.O. Box {self.number(20, 9900)}"
        unit = self.pick("", "", "", f", Apt {self.number(1, 40)}", f", Unit {self.number(1, 9)}B")
        return f"{self.number(11, 9700)} {self.some(_NAMES['streets'])}{unit}"

    def draw_us_zip(self, _: str) -> str:
        code = str(self.random.choice(_NAMES["towns"])[2])
        return self.pick(code, code, f"{code}-{self.digits(4)}")

    def draw_geo_coordinate(self, variant: str) -> str:
        lat, lon = f"{self.random.uniform(25, 48):.5f}", f"-{self.random.uniform(70, 122):.5f}"
        return f"{lat}, {lon}"

    # --- dates and ages --------------------------------------------------------------------------

    def _date(self, first: int, last: int, variant: str) -> str:
        d = self.date(first, last)
        text = (
            f"{d:%B} {d.day}, {d.year}",
            f"{d.day} {d:%B} {d.year}",
            f"{d:%b} {d.day}, {d.year}",
        )
        if variant == "text":
            return self.some(text)
        if variant == "iso":
            return d.isoformat()
        numeric = (f"{d:%m/%d/%Y}", f"{d.month}/{d.day}/{d.year}", f"{d:%d-%b-%Y}", d.isoformat())
        return self.some((*text[:2], *numeric))

    def draw_date_of_birth(self, variant: str) -> str:
        return self._date(1940, 2015, variant)

    def draw_care_date(self, variant: str) -> str:
        return self._date(2019, 2026, variant)

    def draw_date_time(self, variant: str) -> str:
        return self._date(2015, 2026, variant)

    def _age(self, years: int, variant: str) -> str:
        if variant == "hyphen":
            return f"{years}-year-old"
        return self.pick(f"{years} years old", f"{years} years of age", f"{years} y/o")

    def draw_age(self, variant: str) -> str:
        return self._age(self.number(19, 88), variant)

    def draw_age_over_89(self, variant: str) -> str:
        return self._age(self.number(90, 104), variant)

    # --- contact ---------------------------------------------------------------------------------

    def draw_phone_number(self, _: str) -> str:
        area, line = self.some(("212", "503", "617", "305", "404")), f"01{self.number(0, 99):02d}"
        return self.pick(
            f"({area}) 555-{line}", f"{area}-555-{line}", f"{area}.555.{line}",
            f"+1 {area} 555 {line}", f"{area} 555 {line}",
        )  # fmt: skip

    draw_fax_number = draw_phone_number

    def draw_email_address(self, _: str) -> str:
        first, last = self.some(_NAMES["first"]).lower(), self.some(_NAMES["last"]).lower()
        user = self.pick(f"{first}.{last}", f"{first[0]}{last}", f"{first}{self.number(1, 99)}")
        host = self.pick("example.com", "example.org", "mail.example.net")
        return f"{user.replace(chr(39), '')}@{host}"

    def draw_url(self, _: str) -> str:
        host = self.pick("shop", "crm", "tickets", "blog") + ".example.com"
        return f"https://{host}/{self.pick('u', 'case', 'customers')}/{self.number(100, 99999)}"

    def draw_ip_address(self, variant: str) -> str:
        if variant == "six":
            return f"2001:db8:{self.letters(4, '123456789abcdef')}::{self.number(1, 9999)}"
        return self.ip()

    def draw_mac_address(self, _: str) -> str:
        return self.pick(self.mac(), self.mac().replace(":", "-"), self.mac().lower())
