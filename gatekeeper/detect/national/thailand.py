"""Thailand: national identification numbers."""

from __future__ import annotations

from gatekeeper.detect.national.checks import presidio_says
from gatekeeper.detect.national.spec import NEAR, PERSON, SPECIAL, NationalId

IDS = (
    NationalId(
        "TH_TNIN",
        "Thai national identification number",
        PERSON,
        "ThTninRecognizer",
        # Keys come without marks above and below their letters, hence the optional ones.
        labels=r"เลข(?:ประจ[ำา]?ต[ัว]{1,2}|บ[ัต]{1,2}ร)[ู้]*ประชาชน|รห[ัส]{1,2}ปชช|tnin|"
        r"(?:thai(?:land)?[ _-](?:national[ _-])?|national[ _-])id(?:entity|entification)?(?:[ _-]card)?",
        shape=r"[1-8][ -]?\d{4}[ -]?\d{5}[ -]?\d{2}[ -]?\d",
        verdict=presidio_says("ThTninRecognizer"),
        canaries=("Thai ID number: [[5-5072-16827-52-6]]", "TNIN [[2505888515908]]"),
        needs=("เลข", "รห", "tnin", "thai", "national"),
        alone=((r"[1-8]-\d{4}-\d{5}-\d{2}-\d", SPECIAL), (r"[1-8]\d{12}", NEAR)),
        context=("tnin", "thai"),
    ),
)
