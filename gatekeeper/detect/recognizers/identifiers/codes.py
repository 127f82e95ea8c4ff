"""Unique codes of a person: encounters, claims, studies, students, biometric records."""

from __future__ import annotations

import re

from gatekeeper.detect.lazy import lazy
from gatekeeper.detect.recognizers.identifiers.labels import NEEDS_NOUN, given
from gatekeeper.detect.recognizers.spec import (
    CODE,
    END,
    START,
    Pattern,
    Recognizer,
    before,
    labelled,
)

_CODES = (
    r"(?:(?:hospital|clinical|trial|research|pharmacy|medical|lab(?:oratory)?|pathology|insurance|patient)[ _-])?(?:study|subject|participant|encounter|accession|specimen|sample(?=[ _-]?id)|enrol?l?ment|claim|referral|"
    r"prescription|rx|case[ _-]?report|(?:prior[ _-]?)?auth(?:ori[sz]ation)?(?! (?:key|code|token))|pre-?cert(?:ification)?|visit|trial|donor|cohort|admission|episode|randomi[sz]ation|"
    r"screening|pedigree|proband|biobank|respondent|case[ _-]?record|contact[ _-]?serial|explanation[ _-]of[ _-]benefits|eob|document[ _-]?control)"
    r"(?:[ _-](?:subject|participant|patient|control|tracking|reference))?"
)
_SHORT = r"(?-i:CSN|HAR|FIN|ICN|DCN|TCN|PCN|VISN)(?=[ ]?(?:\#|:|=|No|no|[Nn]umber))|csn(?=[ _]?(?:\#|:|=|no\b|number))"
_BIOMETRIC = (
    r"(?:(?:finger|palm|voice|thumb)[ _-]?prints?|retina(?:l)?|iris|face|facial|biometric|dna|genetic|hand[ _-]geometry|vein|gait)"
    r"(?:[ _-](?:template|scan|hash|record|sample|profile|recognition|enrol?lment|reference|ref|print|vector|embedding|pattern|image|file)){0,2}(?![A-Z0-9])"
)
_KEY = lazy(
    r"\b(?:ssh|gpg|pgp|key|keys|certificate|cert|tls|ssl|browser|device|host|docker|image|sha\d*|md5|public)\b"
)


def _biometric(text: str, start: int, end: int, score: float) -> float:
    """The fingerprint of a key or a browser is nobody's finger."""
    if re.match(r"(?:sha-?\d|md5|rsa|0x)", text[start:end].lower()):
        return 0.0
    return 0.0 if _KEY.search(before(text, start, 48)) else given(text, start, end, score)


RECOGNIZERS = (
    Recognizer("UniqueCodeRecognizer", "UNIQUE_CODE", (
        Pattern("labelled", labelled(_CODES, r"(?=[A-Z0-9/.-]{0,24}\d{3})[A-Z0-9][A-Z0-9/.-]{2,22}[A-Z0-9]", noun=NEEDS_NOUN), 0.8),
        Pattern("short label", labelled(_SHORT, r"(?=[A-Z0-9-]{0,20}\d{4})[A-Z0-9][A-Z0-9-]{4,20}[A-Z0-9]"), 0.75),
        Pattern("foreign", labelled(r"(?:studien|probanden|teilnehmer|rezept|proben|aufnahme|schaden)-?(?:nummer|nr\.?|id)|num[ée]ro (?:de s[ée]jour|d['’]inclusion|de pr[ée]l[èe]vement|de sinistre)|n[úu]mero de (?:episodio|muestra|receta|siniestro)", CODE), 0.75),
    ), (), given),
    Recognizer("StudentRecognizer", "STUDENT_ID", (
        Pattern("labelled", labelled(r"(?:student|pupil|learner|undergrad(?:uate)?|university|college|campus|school|exam(?:ination)?[ _-]candidate|candidate|alumn(?:i|us))(?:[ _-](?:id(?:entification)?|record|enrol?lment|registration|roll|card|loan))?", CODE, noun=NEEDS_NOUN), 0.8),
        Pattern("matriculation", labelled(r"matric(?:ulation)?\.?(?=[ _-]?(?:n|\#|id))|matrikel-?(?:nummer|nr\.?)|num[ée]ro (?:d['’])?[ée]tudiant|n° [ée]tudiant|n[úu]mero de (?:alumno|matr[íi]cula|estudiante)|roll(?=[ _-]?(?:no\b|num|number|\#))|(?-i:UPN|ULN|EMPLID|PUID|UIN)(?=[ ]?[:\#=])|student[ _-]?(?:no|nr|id|num|\#)", CODE), 0.8),
    ), (), given, needs=("student", "pupil", "learner", "undergrad", "universit", "college", "campus", "school", "candidate", "alumn", "matri", "tudiant", "alumno", "estudiante", "roll", "upn", "uln", "emplid", "puid", "uin")),
    Recognizer("BiometricRecognizer", "BIOMETRIC_REFERENCE", (
        Pattern("labelled", labelled(_BIOMETRIC, CODE), 0.85),
        Pattern("on file", START + r"(?:fingerprints?|palm ?prints?|voice ?prints?|retinal? scan|iris scan|face template|facial scan|dna (?:sample|profile))\s+(?:(?:is|are|was|were|has been|have been)\s+)?(?:on file|enrolled|registered|captured|collected|matched|stored)" + END, 0.5),
    ), ("patient", "employee", "subject", "enrolled", "template"), _biometric, needs=("print", "retina", "iris", "face", "facial", "biometric", "dna", "genetic", "hand", "vein", "gait")),
)  # fmt: skip
