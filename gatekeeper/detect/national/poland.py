"""Poland: PESEL."""

from __future__ import annotations

from gatekeeper.detect.national.checks import is_date, presidio_says
from gatekeeper.detect.national.spec import NEAR, PERSON, NationalId, compact

_says = presidio_says("PlPeselRecognizer")
_CENTURIES = {80: 1800, 0: 1900, 20: 2000, 40: 2100, 60: 2200}


def _pesel(value: str) -> bool:
    """Presidio's check digit, and a day that exists: the century is added to the month (Act on
    population registration, Art. 15).
    """
    d = compact(value)
    century = int(d[2:4]) // 20 * 20
    day = is_date(_CENTURIES[century] + int(d[:2]), int(d[2:4]) - century, int(d[4:6]))
    return day and _says(value) is True


IDS = (
    NationalId(
        "PL_PESEL",
        "Polish PESEL number",
        PERSON,
        "PlPeselRecognizer",
        labels=r"(?:nr\.?[ ]|numer[ ])?pesel(?:u|em)?",
        shape=r"\d{6}[ -]?\d{5}",
        verdict=_pesel,
        canaries=("PESEL: [[44051401359]]", "Her PESEL number is [[55122063295]]."),
        needs=("pesel",),
        alone=((r"\d{11}", NEAR),),
        context=("pesel", "peselu"),
    ),
)
