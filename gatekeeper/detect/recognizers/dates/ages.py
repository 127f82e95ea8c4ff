"""Ages: those over 89, which Safe Harbor names, and the others, which it lets stand.

A year of birth that implies an age over 89 is such an age too (45 CFR 164.514(b)(2)(i)(C): "all
elements of dates (including year) indicative of such age"). It is reckoned from the latest year
that the text itself names, else from the fixed year in `data/ages.yaml`: today's date would make
the same bytes give other findings next year.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import yaml

from gatekeeper.detect.lazy import lazy
from gatekeeper.detect.prefilter.triggers import triggers
from gatekeeper.detect.recognizers.spec import END, SEPARATOR, START, Pattern, Recognizer

_DATA = Path(__file__).parents[2] / "data" / "ages.yaml"
OLDEST = 122
"""Nobody on record lived longer."""

_THING = lazy(
    r"[\s-]{1,3}(?:\w+\s){0,2}?(?:building|tree|house|home|company|firm|church|cathedral|bridge|tradition|"
    r"castle|ship|boat|car|wine|whisk[e]?y|port|book|painting|record|document|bug|problem|rule|law|"
    r"theorem|conjecture|hotel|restaurant|farm|oak|barn|piano|violin|clock|map|theat(?:er|re)|school|"
    r"university|newspaper|brand|recipe|song|film|movie|temple|fort|tunnel|railway|railroad|mortgage|"
    r"bond|lease|contract|war|star|fossil|rock|code|codebase|cemetery|tortoise|whale|shark|bottle)s?\b",
    re.IGNORECASE,
)
_THING_BEFORE = lazy(
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


_ONES = r"one|two|three|four|five|six|seven|eight|nine"
_TENS = r"twenty|thirty|forty|fifty|sixty|seventy|eighty"
_TEENS = r"ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen"
OVER_89 = rf"(?:9\d|1[01]\d|12[0-2]|ninety(?:[- ](?:{_ONES}))?|(?:one|a)\shundred(?:\s(?:and\s)?(?:{_ONES}|ten|eleven|twelve))?)"
UP_TO_89 = rf"(?:[1-8]?\d|(?:{_TENS})(?:[- ](?:{_ONES}))?|{_TEENS}|{_ONES})"
_PERSON = (
    r"(?:\w{2,15}[\s-]){0,3}?(?:man|woman|male|female|boy|girl|child|infant|baby|toddler|gentleman|lady|patient|pt|"
    r"m|f|person|resident|veteran|widow(?:er)?|student|teenager|girl|mother|father|son|daughter|grand\w{4,8}|"
    r"neonate|newborn|adolescent|youth|employee|driver|farmer|retiree|plaintiff|defendant|victim|pedestrian|nurse|teacher)"
)
_FRONT = r"(?<![\w.,$€£:/#-])(?<!\d\s)"


def _ages(number: str) -> tuple[Pattern, ...]:
    years = r"(?:y(?:ea)?rs?|y)\.?"
    return (
        Pattern("years old", rf"{_FRONT}{number}[ -]?{years}[ -]old{END}", 0.45),
        Pattern("years old, a person", rf"{_FRONT}(?P<value>{number}[ -]?{years}[ -]old),?\s{_PERSON}{END}", 0.8),
        Pattern("somebody is years old", rf"{START}(?:i\sam|i['’]m|(?:s?he|who|patient|pt|mother|father|wife|husband|son|daughter|sister|brother|they|you)(?:\sis|\swas|['’]s|\sjust\sturned|\sturned|\sis\snow|\sare)|turn(?:s|ed|ing))\s(?:about\s|almost\s|nearly\s|now\s)?(?P<value>{number}(?:\s{years}(?:\sold)?)?)(?=\s{{0,2}}(?:[.,;!?)\n]|$|and\b|years\b|with\b|but\b|now\b|in\b|today\b|this\b|at\b|when\b|who\b))(?!\s?(?:[.,]\d|%|years\s(?:ago|later|into)))", 0.45),
        Pattern("y/o", rf"{_FRONT}{number}[ -]?(?:y/o|y\.\s?o\.?|yo|yof|yom|yr\.?\s?o|y\.?/?o\.?\s?[mf])(?![^\W_])", 0.8),
        Pattern("age", rf"{START}(?:aged?|age at \w+|age\s\(?(?:in\s)?(?:yrs|years)\)?|current\sage|patient\sage|pt\sage)[\"']?{SEPARATOR}(?P<value>{number})(?![\w%]|[.,:/-]\d|\s?(?:months?|weeks?|days?|and\s(?:over|above|up|older)|or\s(?:over|above|older)))", 0.65),
        Pattern("years of age", rf"{_FRONT}{number} (?:{years}|years) of age{END}", 0.65),
        Pattern("at the age of", rf"{START}at\s(?:the\s)?age\s(?:of\s)?(?P<value>{number})(?![\w%]|[.,:/-]\d|\s(?:and|or)\s(?:over|above|up|older))", 0.65),
        Pattern("age and sex", rf"{_FRONT}{number}(?:[MF]|[ -](?:male|female)){END}", 0.45),
        Pattern("age and sex, chart", rf"{_FRONT}(?P<value>{number}\s?(?:y\s?)?/?\s?[MF])\s(?=(?:with|w/|c/o|presents|p/w|s/p|admitted|hx|h/o|who|pt|seen|here|is|found|brought|BIBA)\b)", 0.7),
    )  # fmt: skip


_INFANT = (
    Pattern("months old", rf"{_FRONT}(?:\d{{1,3}}|{UP_TO_89})[ -]?(?:months?|mos?|weeks?|wks?|days?|hours?)[ -]old{END}", 0.45),
    Pattern("months old, a child", rf"{_FRONT}(?P<value>(?:\d{{1,3}}|{UP_TO_89})[ -]?(?:months?|mos?|weeks?|wks?|days?|hours?)[ -]old),?\s(?:\w{{2,12}}\s){{0,2}}(?:boy|girl|infant|baby|child|male|female|neonate|newborn|son|daughter|toddler|twins?){END}", 0.8),
    Pattern("m.o.", rf"{_FRONT}\d{{1,2}}\s?(?:m/o|m\.o\.|w/o|d/o)(?=\s(?:boy|girl|infant|baby|child|male|female|[mf]\b))", 0.7),
)  # fmt: skip
_OLD_WORDS = (
    Pattern("word", START + r"(?:super)?(?:nonagenarian|centenarian)s?" + END, 0.6),
    Pattern("nineties", rf"{START}in\s(?:her|his|their|my)\s(?:(?:late|early|mid)[- ])?(?:nineties|hundreds|(?:90|100)['’]?s){END}", 0.75),
    Pattern("birthday", rf"{START}(?P<value>(?:9\d|1[01]\d)(?:st|nd|rd|th)|ninetieth|ninety-(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)|hundredth)\sbirthday{END}", 0.7),
    Pattern("over ninety", rf"{START}(?:s?he|patient|pt|who|mother|father|grand\w{{4,8}}|aunt|uncle)\s(?:is|was)\s(?:well\s)?(?P<value>(?:over|past)\s(?:90|ninety|100|a\shundred)(?:\syears\sold)?){END}", 0.65),
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

# --- a year of birth that implies the age ------------------------------------------------------

_BORN = lazy(
    rf"{START}(?:(?P<label>y\.?o\.?b\.?|(?:year|yr)[ _-]of[ _-]birth|birth[ _-]?year){SEPARATOR}"
    rf"|(?P<person>(?:s?he|who|patient|pt|mother|father|wife|husband|resident|client|plaintiff|defendant|i)(?:\s(?:is|was)|,|['’]s)?\s)?"
    r"(?:born\s(?:in\s)?|b\.\s))(?P<year>1[89]\d\d)(?![\w]|[-/.]\d)",
    re.IGNORECASE,
)
_A_YEAR = lazy(r"(?<!\d)(?<![.,$€£]\d)(?:19|20)\d{2}(?!\d)")


@cache
def reference_year() -> int:
    """The year ages are reckoned from where a text names none (`data/ages.yaml`)."""
    return int(yaml.safe_load(_DATA.read_text(encoding="utf-8"))["reference_year"])


def old_by_birth(text: str) -> Iterator[tuple[int, int, float]]:
    """Years of birth from which an age over 89 follows."""
    latest: int | None = None
    for match in _BORN.finditer(text):
        born = int(match["year"])
        if latest is None:
            years = (int(m[0]) for m in _A_YEAR.finditer(text))
            latest = max((y for y in years if y <= reference_year()), default=0)
        now = latest if latest > born else reference_year()
        if 90 <= now - born <= OLDEST:
            sure = match["label"] or match["person"]
            yield match.start("year"), match.end("year"), 0.8 if sure else 0.45


AGE_OVER_89 = (
    Recognizer("AgeOver89Recognizer", "AGE_OVER_89", _ages(OVER_89), _PEOPLE, _of_person),
    Recognizer("AgeWordRecognizer", "AGE_OVER_89", _OLD_WORDS, needs=(
        "genarian", "centenarian", "ninet", "hundred", "90", "100", "birthday")),
    Recognizer("BirthYearRecognizer", "AGE_OVER_89", (), _PEOPLE, needs=("born", "birth", "b.", "yob", "y.o.b"), find=old_by_birth, triggers=triggers(_BORN)),
)  # fmt: skip
AGE = (
    Recognizer("AgeRecognizer", "AGE", _ages(UP_TO_89), _PEOPLE, _of_person),
    Recognizer("InfantAgeRecognizer", "AGE", _INFANT, _PEOPLE, _of_person, needs=("old", "m/o", "m.o", "w/o", "d/o")),
)  # fmt: skip

RECOGNIZERS = (*AGE_OVER_89, *AGE)
