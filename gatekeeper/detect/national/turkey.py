"""Turkey: national identification numbers, plates."""

from __future__ import annotations

from gatekeeper.detect.national.checks import presidio_says
from gatekeeper.detect.national.papers import PLATE, PLATE_NEEDS
from gatekeeper.detect.national.spec import HOLDER, PERSON, SHAPED, NationalId, unchecked

_PLATE = r"(?:0[1-9]|[1-7]\d|8[01])[ -]?[A-PR-VYZ]{1,3}[ -]?\d{2,5}"

IDS = (
    NationalId(
        "TR_NATIONAL_ID",
        "Turkish national identification number",
        PERSON,
        "TrNationalIdRecognizer",
        labels=r"(?:t\.?c\.?[ _-]?)?kimlik(?:[ _-]?(?:no|numaras[ıi]|numaram))?|tckn|t\.?c\.?[ _-]?no|"
        r"(?:turkish[ _-](?:national[ _-])?|national[ _-])id(?:entity|entification)?|id(?=[ _-]?n)",
        shape=r"[1-9]\d{2}[ ]?\d{3}[ ]?\d{3}[ ]?\d{2}",
        verdict=presidio_says("TrNationalIdRecognizer"),
        canaries=("TC kimlik no: [[10000000146]]", "TCKN [[55847445248]]"),
        needs=("kimlik", "tckn", "tc", "t.c", "national", "id"),
        alone=((r"[1-9]\d{10}", SHAPED - 0.1),),
        context=("kimlik", "tckn", "tc", "turkish"),
    ),
    NationalId(
        "TR_LICENSE_PLATE",
        "Turkish licence plate",
        HOLDER,
        "TrLicensePlateRecognizer",
        labels=rf"(?:ara[çc][ _-])?plaka(?:s[ıi])?(?:[ _-](?:no|numaras[ıi]))?|{PLATE}",
        shape=_PLATE,
        verdict=unchecked,
        canaries=("Plaka: [[34 ABC 123]]", "Licence plate [[06 TK 4821]]"),
        needs=("plaka", *PLATE_NEEDS),
        hipaa=("L",),
    ),
)
