"""Initials behind a label, and employers behind a cue: Safe Harbor's names besides names.

45 CFR 164.514(b)(2)(i) names "relatives, employers, or household members of the individual".
"""

from __future__ import annotations

import re

from gatekeeper.detect.recognizers.spec import END, SEPARATOR, START, Pattern, Recognizer

_ABBREVIATIONS = frozenset(
    [
        "us",
        "uk",
        "eu",
        "am",
        "pm",
        "iv",
        "po",
        "er",
        "im",
        "dc",
        "od",
        "md",
        "rn",
        "do",
        "pt",
        "sc",
        "pr",
        "np",
        "pa",
        "ie",
        "eg",
        "bp",
        "hr",
        "la",
        "ny",
        "ed",
        "or",
        "id",
        "ct",
        "mr",
        "ivf",
        "bid",
        "tid",
        "qid",
        "prn",
        "usa",
        "phd",
        "dds",
    ]
)


def _no_abbreviation(text: str, start: int, end: int, score: float) -> float:
    letters = re.sub(r"[^a-z]", "", text[start:end].lower())
    return 0.0 if letters in _ABBREVIATIONS or len(set(letters)) == 0 else score


_INITIALS = r"[A-ZÀ-Ý]\.\s?(?:[A-ZÀ-Ý]\.\s?){0,2}[A-ZÀ-Ý]\."
_BARE = r"[A-Z]{2,3}"
_WHO = r"(?:[Pp]atient|PATIENT|[Pp]ts?|PT|[Cc]lient|[Ss]ubject|[Cc]hild|[Mm]inor|[Mm]other|[Ff]ather|[Ww]ife|[Hh]usband|[Ss]on|[Dd]aughter|[Ss]ister|[Bb]rother|[Aa]pplicant|[Vv]ictim|[Ww]itness)"
_NAME = r"[A-ZÀ-Ý][\w&'’-]{1,24}"
_FIRM = rf"{_NAME}(?:\s(?:(?:of|and|the|for|de|&)\s){{0,2}}{_NAME}){{0,5}}"
_WORKER = r"(?:[Ss]?[Hh]e|I|[Tt]hey|[Ww]ho|[Pp]atient|[Pp]t|[Ww]ife|[Hh]usband|[Mm]other|[Ff]ather|[Ss]on|[Dd]aughter|[Ss]pouse|[Pp]artner|[Bb]rother|[Ss]ister)"
_JOB = r"(?:a|an|the)\s(?:[a-z-]{2,20}\s){1,4}"
_NO_FIRM = r"(?!(?:Home|Night|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|January|February|March|April|May|June|July|August|September|October|November|December)\b)"

RECOGNIZERS = (
    Recognizer("InitialsRecognizer", "PERSON_INITIALS", (
        Pattern("behind a person", rf"{START}{_WHO}(?:,?\s|:\s?)\(?(?P<value>{_INITIALS})(?![\w])", 0.7),
        Pattern("labelled", rf"{START}(?:(?:[Pp]atient['’]?s?|[Pp]t|[Ss]ubject|[Cc]lient)[ _]?)?(?:[Ii]nitials|INITIALS)(?:\sare\s|(?=\s?[\"'*]?\s?[:=|]){SEPARATOR})(?P<value>{_INITIALS}|{_BARE}){END}", 0.85),
        Pattern("title", rf"{START}(?:Mr|Mrs|Ms|Miss)\.?\s(?P<value>{_INITIALS}|[A-Z]\.(?=\s[a-z]))(?!\s?[A-Z][a-z])", 0.65),
    ), (), _no_abbreviation, ignore_case=False),
    Recognizer("EmployerRecognizer", "EMPLOYER", (
        Pattern("works at", rf"{START}{_WORKER}(?:\s[a-z]{{2,12}}){{0,2}}?\s(?:work(?:s|ed|ing)?|employed)\s(?:(?:part|full)[- ]time\s)?(?:as\s{_JOB})?(?:at|for|by|with)\s(?:the\s)?{_NO_FIRM}(?P<value>{_FIRM})", 0.7),
        Pattern("is a nurse at", rf"{START}{_WORKER}\s(?:is|was)\s{_JOB}(?:at|for|with)\s(?:the\s)?{_NO_FIRM}(?P<value>{_FIRM})", 0.45),
        Pattern("labelled", rf"{START}(?:[Ee]mployer|EMPLOYER|[Pp]lace\s[Oo]f\s[Ee]mployment|[Ww]orkplace)(?:\s[Nn]ame)?(?=\s?[\"'*]?\s?[:=|]){SEPARATOR}(?P<value>{_FIRM})", 0.8),
    ), ("employer", "retired", "job", "occupation"), ignore_case=False, needs=("work", "employ", " is a", " was a")),
)  # fmt: skip
