"""The Philippines: taxpayer, UMID and passport numbers."""

from __future__ import annotations

from gatekeeper.detect.national.checks import leniently, presidio_says
from gatekeeper.detect.national.papers import PASSPORT
from gatekeeper.detect.national.spec import PERSON, SHAPED, NationalId, unchecked

IDS = (
    NationalId(
        "PH_TIN",
        "Philippine taxpayer identification number",
        PERSON,
        "PhTinRecognizer",
        labels=r"(?:philippine[ _-])?tax(?:payer)?(?:['’]s)?[ _-](?:id\b|identification)|tin|bir(?:[ _-]tin)?(?=[ _-]?(?:n|:|\#|tin))",
        shape=r"\d{3}[ -]?\d{3}[ -]?\d{3}(?:[ -]?\d{3,5})?",
        # The BIR publishes no check digit; that Presidio's (modulo 11) fails says nothing.
        verdict=leniently(presidio_says("PhTinRecognizer")),
        canaries=("TIN: [[482-931-704-000]]", "Taxpayer identification number [[220 483 915]]"),
        needs=("tin", "tax", "bir"),
    ),
    NationalId(
        "PH_UMID",
        "Philippine unified multi-purpose or social security number",
        PERSON,
        "PhUmidRecognizer",
        labels=r"umid(?:[ _-]card)?|unified[ _-]multi-?purpose(?:[ _-]id)?|common[ _-]reference|"
        r"(?:sss|gsis)(?=[ _-]?(?:n|id|:|\#))",
        shape=r"\d{4}[ -]?\d{7}[ -]?\d",
        verdict=unchecked,
        canaries=("UMID: [[0048-2931704-5]]", "Common reference number [[002193847561]]"),
        needs=("umid", "unified", "common", "sss", "gsis"),
        hipaa=("G",),
        alone=((r"00\d{2}-\d{7}-\d", SHAPED),),
        context=("umid", "sss", "gsis"),
    ),
    NationalId(
        "PH_PASSPORT",
        "Philippine passport number",
        PERSON,
        "PhPassportRecognizer",
        labels=rf"pasaporte|(?:philippines?[ _-])?{PASSPORT}",
        shape=r"[A-Z]\d{7}[A-Z]|[A-Z]{2}\d{7}",
        verdict=unchecked,
        canaries=("Philippine passport number: [[P4829317B]]", "Pasaporte no. [[EB1203948]]"),
        needs=("pasaporte", "passport"),
        hipaa=("K",),
    ),
)
