"""Dates with day and month, birth and care dates, ages.

A bare year is no finding: Safe Harbor allows it (45 CFR 164.514(b)(2)(i)(C)).
"""

from __future__ import annotations

import re

from gatekeeper.detect.recognizers.spec import (
    END,
    SEPARATOR,
    START,
    Pattern,
    Recognizer,
    before,
    one,
)

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_NTH = rf"{_DAY}(?:st|nd|rd|th)?"
_YEAR = r"(?:1[6-9]|20)\d{2}"
_ISO = rf"{_YEAR}(?P<i>[-/.])(?:0?[1-9]|1[0-2])(?P=i)(?:3[01]|[12]\d|0?[1-9])(?!\d)"
_TIME = r"(?:[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?)?"
_NUMERIC = rf"(?:0?[1-9]|[12]\d|3[01])(?P<n>[-/.])(?:0?[1-9]|[12]\d|3[01])(?P=n)(?:{_YEAR}|\d{{2}})"
_TEXTUAL = (
    rf"(?:{_MONTH}\s{{1,2}}{_NTH}(?:,?\s{{1,2}}{_YEAR}|,?\s'\d{{2}})"
    rf"|{_NTH}(?:\s(?:of\s)?|-){_MONTH}(?:,?\s|-){_YEAR})"
)
_DAY_MONTH = rf"(?:{_MONTH}\s{{1,2}}{_NTH}(?!\d|:\d)|{_NTH}\s(?:of\s)?{_MONTH})"
_COMPACT = rf"{_YEAR}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_ANY = rf"(?:{_TEXTUAL}|{_ISO}|{_NUMERIC}|{_DAY_MONTH})"
_LEFT, _RIGHT = r"(?<![\w/.,-])", r"(?![\w/]|[.-]\d)"

_VERSION = re.compile(r"(?:\bv|version|release|build|rev|ratio|score|firmware)\W{0,3}$")


def _numeric(text: str, start: int, end: int, score: float) -> float:
    """Month and day in one order or the other; not a version, not a fraction."""
    parts = [int(p) for p in re.findall(r"\d+", text[start:end])[:3]]
    first, second = (parts[1], parts[2]) if parts[0] > 31 else (parts[0], parts[1])
    if not (first <= 12 or second <= 12) or _VERSION.search(before(text, start)):
        return 0.0
    short = len(text[start:end]) < 8 or re.search(r"\D\d{2}$", text[start:end])
    if short and "." in text[start:end]:
        return 0.0
    return score


DATE_TIME = (
    Recognizer("DateTextRecognizer", "DATE_TIME", (
        Pattern("month, day and year", START + _TEXTUAL + _TIME + r"(?![\w]|-\d)", 0.85),
        Pattern("day and month", START + _DAY_MONTH + r"(?![\w]|[-/.]\d)", 0.45),
    )),
    Recognizer("DateRecognizer", "DATE_TIME", (
        Pattern("year first", r"(?<![\w/.,-])" + _ISO + _TIME + r"(?![\w/]|[.-]\d)", 0.8),
        Pattern("year last", _LEFT + rf"{_DAY}(?P<m>[-/.]){_DAY}(?P=m){_YEAR}" + _RIGHT, 0.75),
        Pattern("short year", _LEFT + rf"{_DAY}(?P<k>[/-]){_DAY}(?P=k)\d{{2}}" + _RIGHT, 0.5),
    ), ("date", "on", "dated", "day", "visit", "seen", "since", "until"), _numeric),
)  # fmt: skip


# --- dates of a person -----------------------------------------------------------------------

_PRONOUN_GAP = r"[^\n.;!?]{0,24}?"


def _behind(cue: str, *, gap: str = r"[^\n.;!?]{0,40}?") -> str:
    """A date within forty characters after `cue`, on its line and in its sentence."""
    return rf"{START}(?:{cue})s?(?![a-z]){gap}(?<!\d)(?P<value>{_ANY})(?!\d)"


def _labelled(label: str) -> str:
    """A date straight after `label`, in its compact form (HL7) as well."""
    return rf"{START}(?:{label}){SEPARATOR}(?P<value>{_ANY}|{_COMPACT}){END}"


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


# --- ages --------------------------------------------------------------------------------------

_THING = re.compile(
    r"[\s-]{1,3}(?:\w+\s){0,2}?(?:building|tree|house|home|company|firm|church|cathedral|bridge|tradition|"
    r"castle|ship|boat|car|wine|whisk[e]?y|port|book|painting|record|document|bug|problem|rule|law|"
    r"theorem|conjecture|hotel|restaurant|farm|oak|barn|piano|violin|clock|map|theat(?:er|re)|school|"
    r"university|newspaper|brand|recipe|song|film|movie|temple|fort|tunnel|railway|railroad|mortgage|"
    r"bond|lease|contract|war|star|fossil|rock|code|codebase|cemetery|tortoise|whale|shark|bottle)s?\b",
    re.IGNORECASE,
)
_THING_BEFORE = re.compile(
    r"\b(?:it|its|building|tree|house|company|church|bridge|castle|ship|universe|earth|tradition|"
    r"bottle|wine|law|school|university|car|library|city|town|which|that|this|planet|star|fossil|"
    r"software|codebase|language|club|team)\s+(?:is|was|are|were|turns?|turned|about|over|almost|nearly|\s)+$",
    re.IGNORECASE,
)


def _of_person(text: str, start: int, end: int, score: float) -> float:
    """Old houses and whiskies are no people."""
    if _THING.match(text, end) or _THING_BEFORE.search(text, max(0, start - 40), start):
        return 0.0
    return score


def _ages(number: str) -> tuple[Pattern, ...]:
    years = r"(?:y(?:ea)?rs?|y)\.?"
    return (
        Pattern("years old", rf"(?<![\w.,$€£:/-]){number}[ -]?{years}[ -]old{END}", 0.45),
        Pattern("y/o", rf"(?<![\w.,$€£:/-]){number}[ -]?(?:y/o|y\.o\.|yo|yof|yom){END}", 0.8),
        Pattern("age", rf"{START}(?:aged?|age at \w+)[\"']?{SEPARATOR}(?P<value>{number})(?![\w%]|[.,:/-]\d)", 0.65),
        Pattern("years of age", rf"(?<![\w.,$€£:/-]){number} (?:{years}|years) of age{END}", 0.65),
        Pattern("age and sex", rf"(?<![\w.,$€£:/-]){number}(?:[MF]|[ -](?:male|female)){END}", 0.45),
    )  # fmt: skip


_PEOPLE = (
    "patient", "pt", "man", "woman", "male", "female", "gentleman", "lady", "guy", "person",
    "people", "resident", "residents", "neighbor", "neighbour", "mother", "father", "mom", "dad",
    "mum", "parent", "grandmother", "grandfather", "grandma", "grandpa", "granny", "grandparent",
    "aunt", "uncle", "husband", "wife", "widow", "widower", "spouse", "partner", "brother",
    "sister", "cousin", "friend", "veteran", "victim", "client", "member", "customer", "employee",
    "applicant", "defendant", "plaintiff", "retiree", "senior", "pensioner", "boy", "girl",
    "child", "infant", "toddler", "son", "daughter", "baby", "kid", "teen", "teenager", "student",
    "he", "she", "him", "her", "his", "i", "who", "someone", "somebody", "im", "individual", "mr",
    "mrs", "ms", "miss", "dr", "age", "aged", "women", "men", "pensioners",
)  # fmt: skip
OVER_89 = r"(?:9\d|1[01]\d|12[0-5])"
AGE_OVER_89 = (
    Recognizer("AgeOver89Recognizer", "AGE_OVER_89", _ages(OVER_89), _PEOPLE, _of_person),
    one("AgeWordRecognizer", "AGE_OVER_89", START + r"(?:nonagenarian|centenarian|supercentenarian|in (?:her|his|their) (?:late |early |mid[- ])?nineties|ninety[- ](?:one|two|three|four|five|six|seven|eight|nine)[- ]years?[- ]old)" + END, 0.7),
)  # fmt: skip
AGE = Recognizer("AgeRecognizer", "AGE", _ages(r"(?:[1-8]?\d)"), _PEOPLE, _of_person)

RECOGNIZERS = (*DATE_TIME, DATE_OF_BIRTH, CARE_DATE, *AGE_OVER_89, AGE)
