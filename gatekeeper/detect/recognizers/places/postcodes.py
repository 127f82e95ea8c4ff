"""ZIP codes and other postal codes; the ZIP3 population rule.

The first three digits of a ZIP code may stay where more than 20,000 people live behind them, else
they must read `000` (45 CFR 164.514(b)(2)(i)(B)(1)-(2)). Who does not is in `data/zip3.yaml`.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import yaml

from gatekeeper.detect.recognizers.places.states import STATE_NAMES, STATES
from gatekeeper.detect.recognizers.places.streets import CA_POSTCODE, UK_POSTCODE
from gatekeeper.detect.recognizers.spec import (
    END,
    Pattern,
    Recognizer,
    before,
    labelled,
    one,
)

_DATA = Path(__file__).parents[2] / "data" / "zip3.yaml"
_ZIP = r"\d{5}(?:-\d{4})?"
_ZIP_END = r"(?![\w-]|[.,]\d)"


@cache
def restricted_zip3() -> frozenset[str]:
    """Three-digit prefixes behind which 20,000 people or fewer live, by any of the lists."""
    lists = yaml.safe_load(_DATA.read_text(encoding="utf-8"))["lists"]
    return frozenset(prefix for one_list in lists for prefix in one_list["prefixes"])


def _after_comma(text: str, start: int, end: int, score: float) -> float:
    """`IN 47401` may be code; `Bloomington, IN 47401` is not."""
    near = before(text, start, 8)
    return 0.8 if re.search(r"[a-z.]\s?,\s{1,2}[a-z.]{2}\s{1,2}$", near) else score


def _not_called(text: str, start: int, end: int, score: float) -> float:
    """Not the argument of a function of the label's name: `zip(60614)`."""
    return 0.0 if text[max(0, start - 3) : start].rstrip().endswith("(") else score


def _restricted(text: str, start: int, end: int, score: float) -> float:
    """Only the prefixes of few people are findings; `000` is what they are replaced by."""
    return score if text[start : start + 3] in restricted_zip3() else 0.0


_MASK = r"(?:\*{2}|[Xx]{2}|\#{2}|_{2}|•{2}|\.{2})"
_ZIP3_LABEL = (
    r"zip[ _-]?3|zip[ _-]?(?:code[ _-]?)?prefix|(?:3|three)[- ]digit[ _-]zip(?:[ _-]?code)?|zcta[ _-]?3|"
    r"first (?:3|three) (?:digits )?of (?:the |her |his )?zip(?:[ _-]?code)?|zip(?:[ _-]?codes?)?|postal[ _-]?code"
)
RECOGNIZERS = (
    Recognizer("ZipRecognizer", "US_ZIP", (
        Pattern("behind a state", rf"(?<![\w-])(?:{STATES})\s{{1,2}}(?P<value>{_ZIP}){_ZIP_END}", 0.4),
        Pattern("behind a state's name", rf"\b(?:{STATE_NAMES}),?\s{{1,2}}(?P<value>{_ZIP}){_ZIP_END}", 0.65),
    ), ("zip", "address", "city", "state"), _after_comma, ignore_case=False),
    one("ZipLabelRecognizer", "US_ZIP", labelled(r"zip(?:[ _-]?codes?)?|postal[ _-]?codes?|post[ _-]?codes?|zip\+4|zcta", _ZIP, noun=""), 0.85,
        needs=("zip", "post", "zcta")),
    Recognizer("Zip3Recognizer", "US_ZIP3", (
        Pattern("labelled", labelled(_ZIP3_LABEL, rf"\d{{3}}{_MASK}?", noun="").removesuffix(END) + r"(?![\w*-]|\.\d)", 0.85),
        Pattern("masked behind a state", rf"(?<![\w-])(?:{STATES})\s{{1,2}}(?P<value>\d{{3}}{_MASK})(?![\w*])", 0.75),
    ), (), _restricted, needs=("zip", "postal", "zcta", "**", "xx", "##", "__", "••", "..")),
    Recognizer("PostalCodeRecognizer", "POSTAL_CODE", (
        Pattern("british", rf"(?<![\w-]){UK_POSTCODE}(?![\w-])", 0.4),
        Pattern("british, behind a town", rf"(?<=[A-Z][a-z]{{2,20}},?\s){UK_POSTCODE}(?=\s?[.,;)\n]|\s?$|\s(?:UK|United|England|and|in|since)\b)", 0.65),
        Pattern("canadian", rf"(?<![\w-]){CA_POSTCODE}(?![\w-])", 0.4),
        Pattern("canadian, behind a province", rf"(?<![\w])(?:ON|QC|BC|AB|MB|SK|NS|NB|NL|PE|YT|NT|NU|Ontario|Quebec|Québec|British Columbia|Alberta|Manitoba|Saskatchewan|Nova Scotia),?\s{{1,2}}(?P<value>{CA_POSTCODE})(?![\w-])", 0.85),
        Pattern("indian, behind a town", r"(?<![\w])(?!Chapter|Section|Order|Page|Part|Ref|Invoice|Room|Model|Item|Number|Code|Ticket|Total)[A-Z][a-z]{2,20}\s?[-–]\s?(?P<value>[1-8]\d{2}\s?\d{3})(?![\w.,-]\d|\d)", 0.65),
        Pattern("continental, with its country", r"(?<![\w-])(?P<value>(?:D|A|CH|F|I|E|NL|B|L|DK|PL)-\d{4,5})(?=\s[A-ZÀ-Ý])", 0.65),
    ), ("postcode", "postal", "address", "post", "zip", "plz", "cap", "pin", "lives", "moved", "pincode"), ignore_case=False),
    one("PostalCodeLabelRecognizer", "POSTAL_CODE",
        labelled(r"post(?:al)?[ _-]?codes?|plz|postleitzahl|pin[ _-]?code|code[ _-]postal|c\.?a\.?p\.?|c[oó]digo[ _-]postal|cep|eircode|zip",
                 rf"(?:{UK_POSTCODE}|{CA_POSTCODE}|\d{{4}}\s?[A-Z]{{2}}|[1-8]\d{{2}}\s?\d{{3}}|(?:[A-Z]{{1,2}}-)?\d{{5}}|(?<!pin.{{0,8}})\d{{4}}|\d{{3}}\s\d{{2}}|\d{{2}}-\d{{3}}|\d{{5}}-\d{{3}}|\d{{4}}-\d{{3}}|[AC-FHKNPRTV-Y]\d[\dW]\s?[0-9AC-FHKNPRTV-Y]{{4}})", noun="") + r"(?!\*|-\d)", 0.8,
        check=_not_called, needs=("post", "plz", "pin", "cap", "c.a.p", "cep", "eircode", "postal", "zip")),
)  # fmt: skip
