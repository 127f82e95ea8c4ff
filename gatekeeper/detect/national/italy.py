"""Italy: fiscal codes, papers, VAT numbers."""

from __future__ import annotations

from gatekeeper.detect.national.checks import presidio_says, strictly
from gatekeeper.detect.national.papers import DRIVING, DRIVING_NEEDS, PASSPORT
from gatekeeper.detect.national.spec import (
    COMPANY,
    NEAR,
    PERSON,
    SPECIAL,
    NationalId,
    unchecked,
)

_FIGURE = "[0-9LMNPQRSTUV]"
"""A digit, or the letter that stands for it where two people would share a code."""
_FISCAL = rf"[A-Z]{{3}}{{s}}[A-Z]{{3}}{{s}}{_FIGURE}{{2}}[ABCDEHLMPRST]{_FIGURE}{{2}}{{s}}[A-Z]{_FIGURE}{{3}}[A-Z]"
_says = presidio_says("ItVatCodeRecognizer")


def _vat(value: str) -> bool | None:
    """Presidio's check digit, over the number without its country."""
    return _says(value.upper().removeprefix("IT"))


IDS = (
    NationalId(
        "IT_FISCAL_CODE",
        "Italian fiscal code",
        PERSON,
        "ItFiscalCodeRecognizer",
        labels=r"(?:codice|cod\.?)[ _-]?(?:fiscale|fisc\.?)|c\.?f\.?(?=[ _]?(?:n|:|=|[A-Z]{6}\d))|"
        r"(?:italian[ _-])?(?:fiscal|tax)[ _-]code",
        shape=_FISCAL.replace("{s}", "[ ]?"),
        verdict=strictly(presidio_says("ItFiscalCodeRecognizer")),
        canaries=("Codice fiscale: [[RSSMRA85T10A562S]]", "CF: [[PLPGVN99B12F506L]]"),
        needs=("fisc", "cf", "c.f", "tax"),
        alone=((f"(?-i:{_FISCAL.replace('{s}', '')})", SPECIAL),),
    ),
    NationalId(
        "IT_IDENTITY_CARD",
        "Italian identity card number",
        PERSON,
        "ItIdentityCardRecognizer",
        labels=r"carta[ _-](?:d['’ ]?)?identit[àa]['’]?(?:[ _-]elettronica)?|c\.?i\.?e\.?(?=[ _]?(?:n|:|=))|"
        r"(?:italian[ _-])?id(?:entity)?[ _-]card",
        shape=r"[A-Z]{2}[ ]?\d{7}|\d{7}[A-Z]{2}|[A-Z]{2}[ ]?\d{5}[ ]?[A-Z]{2}",
        verdict=unchecked,
        canaries=("Carta d'identità: [[CA48213BK]]", "Identity card no. [[AX4821937]]"),
        needs=("carta", "cie", "c.i.e", "card"),
    ),
    NationalId(
        "IT_DRIVER_LICENSE",
        "Italian driving licence number",
        PERSON,
        "ItDriverLicenseRecognizer",
        labels=rf"patente(?:[ _-]di[ _-]guida)?|licenza[ _-]di[ _-]guida|{DRIVING}",
        shape=r"[A-Z]{2}\d{7}[A-Z]|U1[BCDEFGHLJKMNPRSTUWYXZ0-9]{7}[A-Z]",
        verdict=unchecked,
        canaries=("Patente di guida: [[U1H48K29LB]]", "Driving licence number [[MI4829317C]]"),
        needs=("patente", "licenza", *DRIVING_NEEDS),
        hipaa=("K",),
    ),
    NationalId(
        "IT_PASSPORT",
        "Italian passport number",
        PERSON,
        "ItPassportRecognizer",
        labels=rf"passaporto(?:[ _-]elettronico)?|(?:italian[ _-])?{PASSPORT}",
        shape=r"[A-Z]{2}\d{7}",
        verdict=unchecked,
        canaries=("Passaporto n. [[YA4829317]]", "Italian passport number: [[YB1203948]]"),
        needs=("passaporto", "passport"),
        hipaa=("K",),
    ),
    NationalId(
        "IT_VAT_CODE",
        "Italian VAT number",
        COMPANY,
        "ItVatCodeRecognizer",
        labels=r"partita[ _-]?iva|p\.?[ _-]?iva|(?:italian[ _-])?vat(?:[ _-]?(?:code|id|reg(?:istration)?\.?))?",
        shape=r"(?:IT[ ]?)?\d{11}",
        verdict=_vat,
        canaries=("Partita IVA: [[12345670017]]", "P.IVA [[IT00743110157]]"),
        needs=("iva", "vat"),
        hipaa=("A",),
        alone=((r"\d{11}", NEAR),),
        context=("iva", "piva"),
    ),
)
