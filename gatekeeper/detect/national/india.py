"""India: Aadhaar, tax, voter and passport numbers, plates."""

from __future__ import annotations

from gatekeeper.detect.national.checks import gstin, leniently, luhn_of, presidio_says
from gatekeeper.detect.national.papers import PASSPORT, PLATE, PLATE_NEEDS
from gatekeeper.detect.national.spec import (
    COMPANY,
    HOLDER,
    NEAR,
    PERSON,
    SHAPED,
    SPECIAL,
    NationalId,
    unchecked,
)

_GSTIN = r"\d{2}[A-Z]{5}\d{4}[A-Z][1-9A-Z]Z[0-9A-Z]"
_PLATE = (
    r"[A-Z]{2}[ -]?\d{1,2}[ -]?[A-Z]{1,3}[ -]?\d{4}|\d{2}[ -]?BH[ -]?\d{4}[ -]?[A-HJ-NP-Z]{1,2}"
)

IDS = (
    NationalId(
        "IN_AADHAAR",
        "Indian Aadhaar number",
        PERSON,
        "InAadhaarRecognizer",
        labels=r"a+dh+a+r(?:[ _-]?card)?|uidai|आधार(?:[ ](?:संख्या|नंबर|कार्ड))?|आधर",
        shape=r"[2-9]\d{3}[ :.-]?\d{4}[ :.-]?\d{4}",
        verdict=presidio_says("InAadhaarRecognizer"),
        canaries=("Aadhaar: [[9720 4056 0861]]", "Her aadhar card number is [[769070293130]]."),
        needs=("dhaar", "dhar", "dhhar", "uidai", "आध"),
        alone=(
            (
                r"[2-9]\d{3}(?P<s>[ -])\d{4}(?P=s)\d{4}(?![ -]?\d)(?<![ -]\d{4}[ -]\d{4}[ -]\d{4})",
                SHAPED,
            ),
            (r"[2-9]\d{11}", NEAR),
        ),
        context=("aadhaar", "aadhar", "adhaar", "uidai"),
    ),
    NationalId(
        "IN_PAN",
        "Indian permanent account number",
        PERSON,
        "InPanRecognizer",
        labels=r"permanent[ _-]account|pan(?:[ _-]?card)?",
        shape=r"[A-Z]{3}[ABCFGHJLPTK][A-Z]\d{4}[A-Z]",
        verdict=unchecked,
        canaries=("PAN: [[ABCPK4821L]]", "Permanent account number [[QWEPS7714Z]]"),
        needs=("pan", "permanent"),
        alone=((r"(?-i:[A-Z]{3}P[A-Z]\d{4}[A-Z])", SHAPED),),
        context=("pan", "pancard"),
    ),
    NationalId(
        "IN_GSTIN",
        "Indian goods and services tax number",
        COMPANY,
        "InGstinRecognizer",
        labels=r"gst(?:in|[ _-]?(?:registration|reg\.?|id(?:entification)?|no|number))?|goods and services tax",
        shape=_GSTIN,
        verdict=gstin,
        canaries=("GSTIN: [[27AAPFU0939F1ZV]]", "GST number [[29AAGCB7383J1Z4]]"),
        needs=("gst", "goods"),
        hipaa=("A",),
        alone=((f"(?-i:{_GSTIN})", SPECIAL),),
    ),
    NationalId(
        "IN_VOTER",
        "Indian voter number",
        PERSON,
        "InVoterRecognizer",
        labels=r"voter(?:['’]?s)?(?:[ _-]?(?:id|card|identity))*|epic(?=[ _-]?(?:n|id|card|:))|elect(?:or|oral|ors?)[ _-]photo[ _-]identity(?:[ _-]card)?",
        shape=r"[A-Z]{3}[ ]?\d{7}",
        verdict=leniently(luhn_of),
        canaries=("Voter ID: [[WKH1186253]]", "EPIC No. [[ABX4471903]]"),
        needs=("voter", "epic", "elect"),
    ),
    NationalId(
        "IN_PASSPORT",
        "Indian passport number",
        PERSON,
        "InPassportRecognizer",
        labels=rf"(?:indian[ _-])?{PASSPORT}",
        shape=r"[A-Z][1-9]\d[ ]?\d{4}[1-9]",
        verdict=unchecked,
        canaries=("Indian passport number: [[K4829317]]", "Passport no. [[Z19 48273]]"),
        needs=("passport",),
        hipaa=("K",),
    ),
    NationalId(
        "IN_VEHICLE_REGISTRATION",
        "Indian licence plate",
        HOLDER,
        "InVehicleRegistrationRecognizer",
        labels=rf"{PLATE}|rto",
        shape=_PLATE,
        verdict=leniently(presidio_says("InVehicleRegistrationRecognizer")),
        canaries=("Registration number: [[MH 12 AB 4821]]", "Vehicle no. [[KA05MX7714]]"),
        needs=(*PLATE_NEEDS, "rto"),
        hipaa=("L",),
    ),
)
