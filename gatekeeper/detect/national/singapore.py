"""Singapore: NRIC and FIN, unique entity numbers."""

from __future__ import annotations

from gatekeeper.detect.national.checks import nric, uen
from gatekeeper.detect.national.spec import COMPANY, PERSON, SHAPED, NationalId

_UEN = r"\d{8,9}[A-Z]|[TSR]\d{2}[A-Z]{2}\d{4}[A-Z]"

IDS = (
    NationalId(
        "SG_NRIC_FIN",
        "Singapore NRIC or FIN",
        PERSON,
        "SgFinRecognizer",
        labels=r"nric(?:[ /]{1,3}fin)?|fin(?=[ _-]?(?:n|:|\#|is|=|[STFGM]\d))|"
        r"(?:singapore[ _-])?(?:national[ _-]registration[ _-])?identity[ _-]card|foreign[ _-]identification",
        shape=r"[STFGM]\d{7}[A-Z]",
        verdict=nric,
        canaries=("NRIC: [[S1234567D]]", "FIN No. [[T7126520F]]"),
        needs=("nric", "fin", "identity", "foreign"),
        alone=((r"(?-i:[STFGM]\d{7}[A-Z])", SHAPED),),
        context=("nric", "nrics", "fin"),
    ),
    NationalId(
        "SG_UEN",
        "Singapore unique entity number",
        COMPANY,
        "SgUenRecognizer",
        labels=r"uen|unique[ _-]entity|acra|(?:gst|business|company)[ _-]reg(?:istration)?\.?",
        shape=_UEN,
        verdict=uen,
        canaries=("UEN: [[199652792G]]", "Unique entity number [[53047642L]]"),
        needs=("uen", "entity", "acra", "reg"),
        hipaa=("A",),
        alone=((r"(?-i:(?:19|20)\d{7}[A-Z]|[TSR]\d{2}[A-Z]{2}\d{4}[A-Z])", SHAPED),),
        context=("uen", "acra"),
    ),
)
