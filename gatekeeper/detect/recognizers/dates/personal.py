"""Dates of a person: of birth, of care, of death."""

from __future__ import annotations

import re

from gatekeeper.detect.recognizers.dates.numeric import COMPACT, ISO, YEAR_LAST
from gatekeeper.detect.recognizers.dates.words import AT_CLOCK, MONTH, NTH, WEEKDAY, YEAR
from gatekeeper.detect.recognizers.spec import END, SEPARATOR, START, Pattern, Recognizer

_TIME = r"(?:[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?)?"
_TEXTUAL = (
    rf"(?:{WEEKDAY},?\s)?(?:{MONTH}\.?(?:\s{{1,2}}|-){NTH}(?:(?:,?\s{{1,2}}|-){YEAR}|,?\s['’]\d{{2}})?(?!\d|:\d)"
    rf"|(?:the\s)?{NTH}(?:\s(?:of\s)?|-|\sday\sof\s){MONTH}\.?(?:(?:,?\s|-){YEAR})?)"
)
_ANY = rf"(?:{_TEXTUAL}|{ISO}{_TIME}|{YEAR_LAST}){AT_CLOCK}"

# --- dates of a person -----------------------------------------------------------------------

_PRONOUN_GAP = r"[^\n.;!?]{0,24}?"


def _behind(cue: str, *, gap: str = r"[^\n.;!?]{0,40}?") -> str:
    """A date within forty characters after `cue`, on its line and in its sentence."""
    return rf"{START}(?:{cue})s?(?![a-z]){gap}(?<!\d)(?P<value>{_ANY})(?!\d)"


def _labelled(label: str) -> str:
    """A date straight after `label`, in its compact form (HL7) as well."""
    return rf"{START}(?:{label}){SEPARATOR}(?P<value>{_ANY}|{COMPACT}){END}"


def _historic(text: str, start: int, end: int, score: float) -> float:
    """Nobody's care or birth is older than 1890; history books are full of such dates."""
    year = re.search(r"\d{4}", text[start:end])
    return 0.0 if year and len(year[0]) == 4 and 1500 < int(year[0]) < 1890 else score


_BIRTH = (
    r"d\.?o\.?b\.?|date[ _-]of[ _-]birth|birth[ _-]?(?:date|day)|birthday|geb(?:oren|urtsdatum)"
)
DATE_OF_BIRTH = Recognizer("DateOfBirthRecognizer", "DATE_OF_BIRTH", (
    Pattern("labelled", _labelled(_BIRTH), 0.95),
    Pattern("behind a cue", _behind(_BIRTH, gap=_PRONOUN_GAP), 0.85),
    Pattern("born", _behind(r"born", gap=r"[^\n.;!?\d]{0,30}?"), 0.75),
), check=_historic)  # fmt: skip

_STRONG_CARE = (
    r"(?:re)?admi(?:tted|ssion)(?:[ _-]?date)?|discharged?(?:[ _-]?date)?|hospitali[sz]ed|"
    r"date[ _-]of[ _-](?:death|service|admission|discharge|visit|surgery|procedure|injury|"
    r"diagnosis|onset|encounter)|(?:death|service|visit|surgery|encounter|procedure|diagnosis|"
    r"appointment|onset|collection|specimen)[ _-]date|dod|dos|"
    r"(?:underwent|surgery|operation|biopsy|mri|ct scan|colonoscopy|vaccinated|intubated|"
    r"transferred to (?:the )?icu|diagnosed|chemotherapy|follow[- ]?up (?:visit|appointment))"
)
_WEAK_CARE = (
    r"seen|visit(?:ed)?|died|deceased|expired|passed away|procedure|appointment|encounter|"
    r"follow[- ]?up|treated|presented|evaluated|examined|collected|delivered|death|checkup|check-up"
)
_CARE_WORDS = (
    "patient", "pt", "clinic", "hospital", "doctor", "dr", "physician", "nurse", "ward", "icu",
    "emergency", "er", "ed", "medical", "surgeon", "therapy", "he", "she", "mother", "father",
)  # fmt: skip


CARE_DATE = Recognizer("CareDateRecognizer", "CARE_DATE", (
    Pattern("labelled", _labelled(_STRONG_CARE), 0.9),
    Pattern("strong cue", _behind(_STRONG_CARE), 0.75),
    Pattern("weak cue", _behind(_WEAK_CARE), 0.4),
), _CARE_WORDS, _historic)  # fmt: skip


RECOGNIZERS = (DATE_OF_BIRTH, CARE_DATE)
