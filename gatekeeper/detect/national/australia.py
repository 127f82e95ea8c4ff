"""Australia: tax file, Medicare, business and company numbers."""

from __future__ import annotations

from gatekeeper.detect.national.checks import presidio_says
from gatekeeper.detect.national.spec import COMPANY, NEAR, PERSON, NationalId

IDS = (
    NationalId(
        "AU_TFN",
        "Australian tax file number",
        PERSON,
        "AuTfnRecognizer",
        labels=r"(?:australian[ _-])?(?:tax[ _-]?file(?=[ _-]?n)|tfn)",
        shape=r"\d{3}[ .-]?\d{3}[ .-]?\d{3}",
        verdict=presidio_says("AuTfnRecognizer"),
        canaries=("Tax file number: [[865 414 088]]", "His TFN is [[459599230]]."),
        needs=("tax", "tfn"),
        alone=((r"\d{3}[ -]?\d{3}[ -]?\d{3}", NEAR),),
        context=("tfn", "tfns"),
    ),
    NationalId(
        "AU_MEDICARE",
        "Australian Medicare number",
        PERSON,
        "AuMedicareRecognizer",
        labels=r"(?:australian[ _-])?medicare(?:[ _-]card)?",
        shape=r"[2-6]\d{3}[ -]?\d{5}[ -]?\d(?:[ /-]?\d)?",
        verdict=presidio_says("AuMedicareRecognizer"),
        canaries=("Medicare number: [[2428 77813 2]]", "Medicare card no. [[6458073073]]"),
        needs=("medicare",),
        hipaa=("I",),
        alone=((r"[2-6]\d{3}[ -]?\d{5}[ -]?\d", NEAR),),
        context=("medicare",),
    ),
    NationalId(
        "AU_ABN",
        "Australian business number",
        COMPANY,
        "AuAbnRecognizer",
        labels=r"(?:australian[ _-])?business[ _-]?(?=n)|abn",
        shape=r"\d{2}[ -]?\d{3}[ -]?\d{3}[ -]?\d{3}",
        verdict=presidio_says("AuAbnRecognizer"),
        canaries=("ABN [[53 004 085 616]]", "Australian Business Number: [[51824753556]]"),
        needs=("abn", "business"),
        hipaa=("A",),
        alone=((r"\d{2}[ -]?\d{3}[ -]?\d{3}[ -]?\d{3}", NEAR),),
        context=("abn",),
    ),
    NationalId(
        "AU_ACN",
        "Australian company number",
        COMPANY,
        "AuAcnRecognizer",
        labels=r"(?:australian[ _-])?company[ _-]?(?=n)|acn",
        shape=r"\d{3}[ -]?\d{3}[ -]?\d{3}",
        verdict=presidio_says("AuAcnRecognizer"),
        canaries=("ACN [[004 085 616]]", "Australian Company Number: [[000000180]]"),
        needs=("acn", "company"),
        hipaa=("A",),
        alone=((r"\d{3}[ -]?\d{3}[ -]?\d{3}", NEAR),),
        context=("acn",),
    ),
)
