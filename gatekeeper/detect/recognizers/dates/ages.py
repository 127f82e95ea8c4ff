"""Ages: those over 89, which Safe Harbor names, and the others, which it lets stand."""

from __future__ import annotations

import re

from gatekeeper.detect.recognizers.spec import END, SEPARATOR, START, Pattern, Recognizer, one

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

RECOGNIZERS = (*AGE_OVER_89, AGE)
