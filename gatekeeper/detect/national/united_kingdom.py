"""The United Kingdom: NHS and National Insurance numbers, papers, plates.

Its postcodes are found always, as POSTAL_CODE.
"""

from __future__ import annotations

from gatekeeper.detect.national.checks import presidio_says
from gatekeeper.detect.national.papers import (
    DRIVING,
    DRIVING_NEEDS,
    PASSPORT,
    PLATE,
    PLATE_NEEDS,
)
from gatekeeper.detect.national.spec import (
    HOLDER,
    NEAR,
    PERSON,
    SHAPED,
    SPECIAL,
    NationalId,
    unchecked,
)

_PREFIX = r"(?!BG|GB|NK|KN|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]"
_LICENCE = r"[A-Z][A-Z9]{4}[ ]?\d(?:0[1-9]|1[0-2]|5[1-9]|6[0-2])(?:0[1-9]|[12]\d|3[01])\d[ ]?[A-Z9]{2}[A-Z0-9][A-Z]{2}"
_CURRENT = r"[A-HJ-PR-Y]{2}(?:0[1-9]|[1-7]\d)[ -]?[A-HJ-PR-Z]{3}"
_OLDER = r"[A-HJ-NPR-TV-Y]\d{1,3}[ -]?[A-HJ-PR-Y][A-HJ-PR-Z]{2}|[A-HJ-PR-Z]{3}[ -]?\d{1,3}[ -]?[A-HJ-NPR-TV-Y]"

IDS = (
    NationalId(
        "UK_NHS",
        "NHS number",
        PERSON,
        "NhsRecognizer",
        labels=r"(?:my |your )?nhs(?:[ _-]?(?:patient|id))?|national[ _-]health[ _-]service|chi(?=[ _-]?n)",
        shape=r"\d{3}[ .-]?\d{3}[ .-]?\d{4}",
        verdict=presidio_says("NhsRecognizer"),
        canaries=("NHS number: [[478 454 7487]]", "NHS No. [[6545652753]]"),
        needs=("nhs", "national", "chi"),
        hipaa=("I",),
        # Numbers are given from 300 000 0000; what begins with 0 to 2 is mostly a telephone.
        alone=((r"[3-9]\d{2}[ -]?\d{3}[ -]?\d{4}", NEAR),),
        context=("nhs",),
    ),
    NationalId(
        "UK_NINO",
        "National Insurance number",
        PERSON,
        "UkNinoRecognizer",
        labels=r"national[ _-]insurance|nino|ni(?=[ _-]?(?:n(?:o|um)|\#|:))",
        shape=rf"{_PREFIX}[ -]?\d{{2}}[ -]?\d{{2}}[ -]?\d{{2}}(?:[ -]?[A-D])?",
        verdict=unchecked,
        canaries=("National Insurance number: [[AB 12 34 56 C]]", "NINO [[JG103759A]]"),
        needs=("insurance", "nino", "ni"),
        hipaa=("G",),
        alone=(
            (rf"(?-i:{_PREFIX}) \d{{2}} \d{{2}} \d{{2}} (?-i:[A-D])", SPECIAL),
            (rf"(?-i:{_PREFIX})\d{{6}}(?-i:[A-D])", SHAPED),
        ),
        context=("nino", "insurance", "hmrc", "paye"),
    ),
    NationalId(
        "UK_DRIVING_LICENCE",
        "British driving licence number",
        PERSON,
        "UkDrivingLicenceRecognizer",
        labels=rf"(?:(?:uk|british)[ _-])?(?:{DRIVING})|dvla(?:[ _-]driver)?",
        shape=_LICENCE,
        # Presidio rejects names that no letter begins; the check digits are not public.
        verdict=presidio_says("UkDrivingLicenceRecognizer"),
        canaries=(
            "Driving licence: [[KELLE805143RB9IJ]]",
            "DVLA driver number [[ROE99 612078 M99XK]]",
        ),
        needs=("dvla", *DRIVING_NEEDS),
        hipaa=("K",),
        alone=((f"(?-i:{_LICENCE})", SPECIAL),),
    ),
    NationalId(
        "UK_PASSPORT",
        "British passport number",
        PERSON,
        "UkPassportRecognizer",
        labels=rf"(?:(?:uk|british|hm|gb)[ _-])?{PASSPORT}",
        # Nine digits (HM Passport Office); Presidio knows two letters and seven digits alone.
        shape=r"\d{9}|[A-Z]{2}\d{7}",
        verdict=unchecked,
        canaries=("UK passport number: [[482931705]]", "British passport no. [[PB1203948]]"),
        needs=("passport",),
        hipaa=("K",),
    ),
    NationalId(
        "UK_VEHICLE_REGISTRATION",
        "British licence plate",
        HOLDER,
        "UkVehicleRegistrationRecognizer",
        labels=rf"{PLATE}|v5c|dvla",
        shape=f"{_CURRENT}|{_OLDER}",
        verdict=presidio_says("UkVehicleRegistrationRecognizer"),
        canaries=("Registration: [[AB51 KLM]]", "Number plate [[K482 MRT]]"),
        needs=(*PLATE_NEEDS, "v5c", "dvla"),
        hipaa=("L",),
    ),
)
