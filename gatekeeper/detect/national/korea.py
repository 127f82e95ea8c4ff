"""South Korea: resident and foreigner registration, passports, licences, businesses."""

from __future__ import annotations

from gatekeeper.detect.national.checks import korean, presidio_says
from gatekeeper.detect.national.papers import DRIVING, DRIVING_NEEDS, PASSPORT
from gatekeeper.detect.national.spec import (
    COMPANY,
    NEAR,
    PERSON,
    SHAPED,
    NationalId,
    unchecked,
)

_DAY = r"\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_licence = presidio_says("KrDriverLicenseRecognizer")

IDS = (
    NationalId(
        "KR_RRN",
        "Korean resident registration number",
        PERSON,
        "KrRrnRecognizer",
        labels=r"주민(?:등록)?번호|(?:korean[ _-])?resident[ _-]registration|rrn",
        shape=rf"{_DAY}[ -]?[1-4]\d{{6}}",
        verdict=korean("KrRrnRecognizer"),
        canaries=("주민등록번호: [[450522-2393127]]", "RRN: [[861210-2209604]]"),
        needs=("주민", "resident", "rrn"),
        alone=((rf"{_DAY}-[1-4]\d{{6}}", SHAPED),),
        context=("rrn", "resident", "주민등록번호", "주민번호"),
    ),
    NationalId(
        "KR_FRN",
        "Korean foreigner registration number",
        PERSON,
        "KrFrnRecognizer",
        labels=r"외국인(?:등록)?번호|(?:korean[ _-])?(?:foreigner|alien)[ _-]registration|frn|arc(?=[ _-]?(?:n|:))",
        shape=rf"{_DAY}[ -]?[5-8]\d{{6}}",
        verdict=korean("KrFrnRecognizer"),
        canaries=("외국인등록번호: [[450411-6186488]]", "FRN: [[960621-6104824]]"),
        needs=("외국인", "foreigner", "alien", "frn", "arc"),
        alone=((rf"{_DAY}-[5-8]\d{{6}}", SHAPED),),
        context=("frn", "foreigner", "외국인등록번호"),
    ),
    NationalId(
        "KR_PASSPORT",
        "Korean passport number",
        PERSON,
        "KrPassportRecognizer",
        labels=rf"(?:대한민국[ ]?)?여권(?:[ ]?번호)?|(?:(?:south[ ])?korean[ _-])?{PASSPORT}",
        shape=r"[MSROD]\d{3}[A-Z]\d{4}|[MSROD]\d{8}",
        verdict=unchecked,
        canaries=("여권번호: [[M482K9317]]", "Korean passport number [[M48293175]]"),
        needs=("여권", "passport"),
        hipaa=("K",),
    ),
    NationalId(
        "KR_DRIVER_LICENSE",
        "Korean driving licence number",
        PERSON,
        "KrDriverLicenseRecognizer",
        labels=rf"(?:운전)?면허(?:증)?(?:[ ]?번호)?|{DRIVING}",
        shape=r"\d{2}[ -]?\d{2}[ -]?\d{6}[ -]?\d{2}",
        # Presidio knows the regions; there is no public check digit.
        verdict=lambda value: False if _licence(value) is False else None,
        canaries=(
            "운전면허번호: [[11-15-482931-70]]",
            "Driver's license number [[13-08-204857-21]]",
        ),
        needs=("면허", *DRIVING_NEEDS),
        hipaa=("K",),
    ),
    NationalId(
        "KR_BRN",
        "Korean business registration number",
        COMPANY,
        "KrBrnRecognizer",
        labels=r"사업자(?:등록)?번호|brn|(?:korean[ _-])?business[ _-](?:registration[ _-]?)?(?=n)",
        shape=r"\d{3}[ -]?\d{2}[ -]?\d{5}",
        verdict=presidio_says("KrBrnRecognizer"),
        canaries=("사업자등록번호: [[120-81-47521]]", "BRN [[2208162517]]"),
        needs=("사업자", "brn", "business"),
        hipaa=("A",),
        alone=((r"\d{3}-\d{2}-\d{5}", NEAR),),
        context=("brn", "사업자등록번호", "사업자번호"),
    ),
)
