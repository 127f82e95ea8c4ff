"""Canada: social insurance numbers. Its postal codes are found always, as POSTAL_CODE."""

from __future__ import annotations

from gatekeeper.detect.national.checks import presidio_says
from gatekeeper.detect.national.spec import NEAR, PERSON, SHAPED, NationalId

IDS = (
    NationalId(
        "CA_SIN",
        "Canadian social insurance number",
        PERSON,
        "CaSinRecognizer",
        labels=r"(?:canadian[ _-])?social[ _-]?insurance(?:[ _-]no\b\.?)?|sins?|"
        r"(?:num[ée]ro d['’ ]?)?assurance[ _-]sociale|nas(?=[ _-]?(?:n|:|\#|=))",
        shape=r"[1-79]\d{2}[ .-]?\d{3}[ .-]?\d{3}",
        verdict=presidio_says("CaSinRecognizer"),
        canaries=("Social insurance number: [[130-692-544]]", "SIN [[193456787]]"),
        needs=("sin", "insurance", "sociale", "nas"),
        hipaa=("G",),
        alone=((r"[1-79]\d{2}(?P<s>[ -])\d{3}(?P=s)\d{3}", SHAPED), (r"[1-79]\d{8}", NEAR)),
        context=("sin", "sins", "nas", "assurance"),
    ),
)
