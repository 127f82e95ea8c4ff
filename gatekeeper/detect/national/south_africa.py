"""South Africa: identity, tax, traffic and passport numbers, licences, plates, companies.

Its telephone numbers are found always, as PHONE_NUMBER.
"""

from __future__ import annotations

from gatekeeper.detect.national.checks import luhn_of, south_african
from gatekeeper.detect.national.papers import (
    DRIVING,
    DRIVING_NEEDS,
    PASSPORT,
    PLATE,
    PLATE_NEEDS,
)
from gatekeeper.detect.national.spec import (
    COMPANY,
    HOLDER,
    NEAR,
    PERSON,
    SHAPED,
    NationalId,
    unchecked,
)

_PROVINCE = r"(?:GP|ZN|WP|EC|NC|FS|LP?|MP|NW)"
_PLATE = (
    rf"[A-Z]{{2,3}}[ -]?\d{{2,3}}[ -]?(?:[A-Z]{{2}}[ -]?)?{_PROVINCE}|CAA?[ -]?\d{{3}}[ -]?\d{{3}}"
)
_COMPANY = (
    r"(?:18|19|20)\d{2}/\d{6}/\d{2}|(?:CK|K|T|W|B|M|NR?)[ ]?(?:19|20)?\d{2}/\d{5,6}(?:/\d{2})?"
)

IDS = (
    NationalId(
        "ZA_ID_NUMBER",
        "South African identity number",
        PERSON,
        "ZaIdNumberRecognizer",
        labels=r"(?:(?:south[ _-]african?|rsa|sa|smart|national)[ _-]id(?:entity)?|id(?=[ _-]?(?:n|card|doc))|identity)"
        r"(?:[ _-](?:card|doc(?:ument)?))?|identiteitsnommer",
        shape=r"\d{6}[ ]?\d{4}[ ]?[0-2]\d[ ]?\d",
        verdict=south_african,
        canaries=("ID number: [[8001015009087]]", "South African ID: [[610905 9235 187]]"),
        needs=("id", "identi"),
        alone=((r"\d{6}[ ]?\d{4}[ ]?[0-2][89]\d", NEAR),),
        context=("rsa", "identity", "identiteitsnommer", "sa"),
    ),
    NationalId(
        "ZA_INCOME_TAX_NUMBER",
        "South African income tax number",
        PERSON,
        "ZaIncomeTaxNumberRecognizer",
        labels=r"(?:south[ _-]african[ _-])?(?:income[ _-])?tax(?:payer)?[ _-]?(?:reference|ref\.?|registration|id)?|sars|itr",
        shape=r"[01239]\d{3}[ /-]?\d{3}[ /-]?\d{2}[ /-]?\d",
        # Luhn (SARS, modulus 10 test of reference numbers), which Presidio leaves out.
        verdict=luhn_of,
        canaries=(
            "Income tax number: [[0001339050]]",
            "SARS tax reference number [[2162/998/64/1]]",
        ),
        needs=("tax", "sars", "itr"),
        alone=((r"[01239]\d{9}", NEAR),),
        context=("sars",),
    ),
    NationalId(
        "ZA_TRAFFIC_REGISTER_NUMBER",
        "South African traffic register number",
        PERSON,
        "ZaTrafficRegisterNumberRecognizer",
        labels=r"traffic[ _-]register|e?natis(?=[ _-]?(?:n|:))",
        shape=r"\d{13}",
        verdict=unchecked,
        canaries=("Traffic register number: [[4829301756284]]", "eNaTIS number [[7120394856713]]"),
        needs=("traffic", "natis"),
    ),
    NationalId(
        "ZA_PASSPORT",
        "South African passport number",
        PERSON,
        "ZaPassportRecognizer",
        labels=rf"(?:(?:south[ _-]african|rsa|sa)[ _-])?{PASSPORT}|paspoort(?:nommer)?",
        shape=r"[ADMT]\d{8}",
        verdict=unchecked,
        canaries=("South African passport: [[A48293175]]", "Passport no. [[M12039485]]"),
        needs=("passport", "paspoort"),
        hipaa=("K",),
    ),
    NationalId(
        "ZA_DRIVER_LICENSE",
        "South African driving licence number",
        PERSON,
        "ZaDriverLicenseRecognizer",
        labels=rf"(?:south[ _-]african[ _-])?(?:{DRIVING})|bestuurderslisensie",
        shape=r"\d{6,10}[A-Z0-9]{0,2}[A-Z][A-Z0-9]{0,2}",
        verdict=unchecked,
        canaries=(
            "Driving licence number: [[60480004D2QZ]]",
            "Driver's licence no. [[482931705ABC]]",
        ),
        needs=("bestuurder", *DRIVING_NEEDS),
        hipaa=("K",),
    ),
    NationalId(
        "ZA_LICENSE_PLATE",
        "South African licence plate",
        HOLDER,
        "ZaLicensePlateRecognizer",
        labels=PLATE,
        shape=_PLATE,
        verdict=unchecked,
        canaries=("Number plate: [[BX 48 TK GP]]", "Licence plate [[CA 482 731]]"),
        needs=PLATE_NEEDS,
        hipaa=("L",),
    ),
    NationalId(
        "ZA_VAT_NUMBER",
        "South African VAT number",
        COMPANY,
        "ZaVatNumberRecognizer",
        labels=r"(?:south[ _-]african[ _-])?vat(?:[ _-]?(?:reg(?:istration)?\.?|id))?|value[ _-]added[ _-]tax|btw",
        shape=r"4\d{9}",
        verdict=luhn_of,
        canaries=("VAT number: [[4032979231]]", "VAT reg. no. [[4073202154]]"),
        needs=("vat", "value", "btw"),
        hipaa=("A",),
        alone=((r"4\d{9}", NEAR),),
        context=("vat",),
    ),
    NationalId(
        "ZA_COMPANY_REGISTRATION",
        "South African company registration number",
        COMPANY,
        "ZaCompanyRegistrationRecognizer",
        labels=r"(?:company[ _-])?reg(?:istration)?\.?|cipc|enterprise(?=[ _-]?n)|company(?=[ _-]?n)",
        shape=_COMPANY,
        verdict=unchecked,
        canaries=("Company registration number: [[2015/482931/07]]", "Reg. No. [[1998/012345/23]]"),
        needs=("reg", "cipc", "enterprise", "company"),
        hipaa=("A",),
        alone=((r"(?:19|20)\d{2}/\d{6}/\d{2}", SHAPED),),
        context=("registration", "cipc", "reg", "pty"),
    ),
)
