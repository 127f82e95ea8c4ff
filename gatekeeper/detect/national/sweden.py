"""Sweden: personal identity and organisation numbers."""

from __future__ import annotations

from gatekeeper.detect.national.checks import presidio_says
from gatekeeper.detect.national.spec import COMPANY, NEAR, PERSON, SHAPED, SPECIAL, NationalId

_DAY = r"\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]|6[1-9]|[78]\d|9[01])"

IDS = (
    NationalId(
        "SE_PERSONNUMMER",
        "Swedish personal identity number",
        PERSON,
        "SePersonnummerRecognizer",
        labels=r"(?:svenskt[ ])?person(?:nummer|nr\b\.?)(?:et)?|samordnings(?:nummer|nr\b\.?)|pnr(?=[ _.]{0,2}(?:n|:|\d))|"
        r"(?:swedish[ _-])?(?:personal[ _-](?:identity|id)|coordination)(?=[ _-]?n)",
        shape=rf"(?:18|19|20)?{_DAY}[ +-]?\d{{4}}",
        verdict=presidio_says("SePersonnummerRecognizer"),
        canaries=(
            "Personnummer: [[640823-3234]]",
            "Swedish personal identity number [[198112189876]]",
        ),
        needs=("person", "samordning", "pnr", "coordination"),
        alone=(
            (rf"(?:19|20){_DAY}[-+]\d{{4}}", SPECIAL),
            (rf"{_DAY}[-+]\d{{4}}", SHAPED),
            (rf"(?:19|20){_DAY}\d{{4}}", NEAR),
        ),
        context=("personnummer", "pnr", "personnr", "samordningsnummer"),
    ),
    NationalId(
        "SE_ORGANISATIONSNUMMER",
        "Swedish organisation number",
        COMPANY,
        "SeOrganisationsnummerRecognizer",
        labels=r"org(?:anisations)?\.?[ _-]?(?:nummer|nr\b\.?)|f[öo]retagsnummer|(?:swedish[ _-])?(?:organi[sz]ation|company)[ _-](?=n)",
        shape=r"(?:16)?\d{2}[2-9]\d{3}-?\d{4}",
        verdict=presidio_says("SeOrganisationsnummerRecognizer"),
        canaries=("Organisationsnummer: [[556036-0793]]", "Org.nr [[2120000142]]"),
        needs=("org", "retagsnummer", "company"),
        hipaa=("A",),
        alone=((r"\d{2}[2-9]\d{3}-\d{4}", NEAR),),
        context=("organisationsnummer", "orgnr", "org", "bolaget", "ab"),
    ),
)
