"""Dates with a month in words: `March 3rd, 2024`, `3 March`, `the 14th of May`, `12-14 March`.

Each month's name is an anchor; what stands around it is read from there, in bounded windows, so the
time is linear in the text. Scores: a day with its month is likely, and a month with its year is, for
Safe Harbor lets only the year stand (45 CFR 164.514(b)(2)(i)(C)); a month alone is a mere guess.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from gatekeeper.detect.lazy import lazy
from gatekeeper.detect.recognizers.dates.words import (
    AT_CLOCK,
    DAY,
    MONTH,
    NTH,
    ORDINAL_WORD,
    WEEKDAY,
    YEAR,
)
from gatekeeper.detect.recognizers.spec import Recognizer

_BEFORE, _AFTER = 80, 90
"""Characters looked at on either side of a month."""
_FULL, _DAY_MONTH, _MONTH_YEAR, _UNSURE, _MONTH_ALONE = 0.85, 0.65, 0.65, 0.45, 0.35

_ANCHOR = lazy(rf"(?<![^\W\d_]){MONTH}", re.IGNORECASE)
_JOIN = r"(?:\s?[-–—&+/]\s?|\s(?:to|and|or|through|thru|until|till)\s(?:the\s)?|,\s(?:and\s|or\s)?)"
_A_DAY = rf"(?:{NTH}|{ORDINAL_WORD})"
_DAYS_BEFORE = lazy(
    rf"(?<![\w.,/:$€£#-])(?:{WEEKDAY},?\s(?:the\s)?)?(?P<days>{_A_DAY}(?:{_JOIN}(?:{WEEKDAY},?\s)?{_A_DAY}){{0,5}})"
    rf"(?P<join>\s{{1,2}}(?:of\s|day\sof\s)?|[-/.]\s?|,\s)?\Z",
    re.IGNORECASE,
)
_WEEKDAY_BEFORE = lazy(rf"(?<!\w){WEEKDAY},?\s(?:the\s)?\Z", re.IGNORECASE)
_SHORT_YEAR = r"['’‘`]\d{2}"
_DAYS_AFTER = lazy(
    rf"\.?(?P<join>\s{{1,2}}(?:the\s)?|[-/]|,\s|(?<=[.])|(?=[0-3]\d,?\s?{YEAR}))(?P<days>{_A_DAY}(?:{_JOIN}{_A_DAY}){{0,5}})(?![\w%]|[:.,/]\d)"
    rf"(?P<year>(?:[,.]?\s{{1,2}}|,|[-/]|\sof\s|\sin\s|,\sin\s)(?:{YEAR}(?!\d)|{_SHORT_YEAR}(?!\w))|[-/]\d{{2}}(?![\w/-]))?",
    re.IGNORECASE,
)
_DASHED_AFTER = lazy(rf"(?P<d>[-/.]){DAY}(?P=d)(?:{YEAR}|\d{{2}})(?![\w/-])")
_YEAR_AFTER = lazy(
    rf"\.?(?:,?\s{{1,2}}(?:of\s)?(?:the\syear\s)?|[-/,.]\s?|(?={YEAR}))(?:{YEAR}(?![\w])|{_SHORT_YEAR}(?!\w))"
    rf"|-\d{{2}}(?![\w:.-])",
    re.IGNORECASE,
)
_YEAR_BEFORE = lazy(rf"(?<![\w.,/-])(?P<year>{YEAR})(?:[-/.,]\s?|\s)\Z")
_TIME_AFTER = lazy(AT_CLOCK, re.IGNORECASE)
_PREPOSITION = lazy(
    r"(?<!\w)(?:in|since|until|till|by|last|next|early|late|mid|during|of|from|to|between|every|this)[\s-]{1,2}\Z",
    re.IGNORECASE,
)

_GAP = 14
_RANGE = lazy(r",?\s(?:and|to|until|till|through)\s(?:the\s)?|\s?[-–—]\s?", re.IGNORECASE)
_LIST = lazy(
    r",?\s?(?:(?:and|or|to|until|till|through|on|and\son)\s)?|\s?[-–—/&]\s?", re.IGNORECASE
)
_BETWEEN = lazy(r"(?:between|from)\s(?:the\s)?\Z", re.IGNORECASE)

# --- what a month's name means besides ---------------------------------------------------------

_VERBS = frozenset({"may", "march", "mar"})
_CODE_WORDS = frozenset({"dec", "oct", "sep", "mar", "may", "march"})
_GOES_ON = lazy(
    r"\s{0,2}(?:[.,;:!?)\]\"'’”|<\n]|\Z|[-–—]\s|(?:at|and|or|to|from|through|until|for|in|on|is|was|were|are|"
    r"we|i|he|she|they|it|with|the|a|an|pm|am|but|because|if|when|after|before|by|as|please|does|do|will|"
    r"works?|would|should|seems|then|due|via|that|which)\b)",
    re.IGNORECASE,
)
_COUNTED = lazy(
    r"\s{1,2}(?:people|persons|men|women|children|kids|of|percent|miles?|km|kilomet\w{2,4}|times|hundred|thousand|"
    r"million|billion|more|others?|items?|units?|points?|x|bits?|bytes?|or\smore|hours?|days?|weeks?|months?|years?)\b",
    re.IGNORECASE,
)
_JOURNAL = lazy(r"\.?\s?(?:L\.|J\.|Rev\.|Law\b|Q\.)")


def find(text: str) -> Iterator[tuple[int, int, float]]:
    """Every date around a month's name."""
    last: tuple[int, int, float] | None = None
    for anchor in _ANCHOR.finditer(text):
        found = _around(text, anchor.start(), anchor.end())
        if found is None:
            continue
        if last is not None and found[0] - last[1] <= _GAP:
            if _RANGE.fullmatch(text, last[1], found[0]) and _BETWEEN.search(
                text, max(0, last[0] - 9), last[0]
            ):
                yield last[0], found[1], max(last[2], found[2])
            elif _LIST.fullmatch(text, last[1], found[0]):
                yield last[0], last[1], max(last[2], min(found[2], _DAY_MONTH))
        yield found
        last = found


def _around(text: str, start: int, end: int) -> tuple[int, int, float] | None:
    low = max(0, start - _BEFORE)
    window = text[low:start]
    after = text[end : end + _AFTER]
    name = text[start:end]
    before = _DAYS_BEFORE.search(window)
    if before and _fits(before["join"] or "", name, after) and not _JOURNAL.match(after):
        return _day_first(text, low + before.start(), end, before, name)
    if text[start - 1 : start].isdigit():
        return None
    dashed = _DASHED_AFTER.match(after)
    if dashed:
        return start, _with_time(text, end + dashed.end()), _FULL
    days = _DAYS_AFTER.match(after)
    if days:
        return _month_first(text, window, start, end, days, name)
    return _month_only(window, after, start, end, name)


def _fits(join: str, name: str, after: str) -> bool:
    """`14Mar2024` and `14-Mar-2024` are dates; `3.may` and `12/dec` without a year are not."""
    if join.strip() in {"", "of", "day of", ","} and (join or name[0].isupper()):
        return join.strip() != "," and (bool(join) or bool(_YEAR_AFTER.match(after)))
    return bool(_YEAR_AFTER.match(after)) or (join.strip() == "-" and not after[:1].isalnum())


def _day_first(
    text: str, start: int, end: int, before: re.Match[str], name: str
) -> tuple[int, int, float] | None:
    year = _YEAR_AFTER.match(text[end : end + _AFTER]) or re.match(
        r"[-/ ]\d{2}(?![\w:.,/-]|\s(?:\w|%))" if before["join"] in {"-", "/", " "} else r"(?!)",
        text[end : end + 8],
    )
    ordinal = bool(re.search(r"[a-z]", before["days"])) or "of" in (before["join"] or "")
    if year:
        score, stop = _FULL, end + year.end()
    else:
        stop = end + (1 if text[end : end + 1] == "." and len(name) < 5 else 0)
        score = _plain_score(text, stop, name, ordinal=ordinal, first=False)
    if "of" not in (before["join"] or "") and not _possible_words(before["days"], name, bool(year)):
        score = min(score, _UNSURE)
    return start, _with_time(text, stop), score


def _possible_words(days: str, name: str, year: bool) -> bool:
    """`second may` and `first march` are mostly no dates."""
    return year or any(c.isdigit() for c in days) or name.lower() not in _VERBS


def _month_first(
    text: str, window: str, start: int, end: int, days: re.Match[str], name: str
) -> tuple[int, int, float] | None:
    stop = end + days.end()
    weekday = _WEEKDAY_BEFORE.search(window)
    begin = start - len(window) + weekday.start() if weekday else start
    year = _YEAR_BEFORE.search(window)
    if year:
        begin = start - len(window) + year.start()
    ordinal = bool(re.search(r"[a-z]", days["days"], re.IGNORECASE))
    if days["year"] or year:
        score = _FULL
    elif days["join"].strip() in {"-", "/", ","} or not days["join"]:
        score = _UNSURE if name[0].isupper() else 0.0
    else:
        score = _plain_score(text, stop, name, ordinal=ordinal, first=True)
        if weekday:
            score = max(score, _DAY_MONTH)
        if not _possible_words(days["days"], name, False):
            score = min(score, _UNSURE)
    return (begin, _with_time(text, stop), score) if score else None


def _plain_score(text: str, stop: int, name: str, *, ordinal: bool, first: bool) -> float:
    """A day and a month without a year."""
    rest = text[stop : stop + 24]
    if ordinal:
        return _DAY_MONTH
    if _COUNTED.match(rest) and first:
        return _UNSURE if name[0].isupper() else 0.0
    lower = name.lower()
    if name[0].islower() and lower in _CODE_WORDS:
        return _UNSURE if lower not in {"may", "mar"} else 0.35
    if lower in _VERBS and not _GOES_ON.match(rest):
        return _UNSURE
    return _DAY_MONTH


def _month_only(
    window: str, after: str, start: int, end: int, name: str
) -> tuple[int, int, float] | None:
    year = _YEAR_AFTER.match(after)
    if year:
        sure = re.search(rf"{YEAR}|['’‘`]", year[0]) is not None
        named = name[0].isupper() or name.lower() not in _CODE_WORDS
        score = _MONTH_YEAR if sure and named else _UNSURE
        return (start, end + year.end(), score) if named else None
    before = _YEAR_BEFORE.search(window)
    if before and name[0].isupper():
        return start - len(window) + before.start(), end, _MONTH_YEAR
    if name[0].isupper() and len(name) > 2 and _PREPOSITION.search(window):
        return start, end, _MONTH_ALONE
    return None


def _with_time(text: str, stop: int) -> int:
    time = _TIME_AFTER.match(text[stop : stop + 40])
    return stop + time.end() if time else stop


_CAPITAL = (
    "(?:(?-i:J)an(?:uary)?|(?-i:F)eb(?:ruary)?|(?-i:M)ar(?:ch)?|(?-i:A)pr(?:il)?|(?-i:M)ay|(?-i:J)une?"
    "|(?-i:J)uly?|(?-i:A)ug(?:ust)?|(?-i:S)ept?(?:ember)?|(?-i:O)ct(?:ober)?|(?-i:N)ov(?:ember)?"
    "|(?-i:D)ec(?:ember)?)(?![^\\W\\d_])"
)
_TRIGGERS = (
    (
        rf"(?:\d(?:\s?(?:st|nd|rd|th))?|{ORDINAL_WORD})"
        rf"(?:\s{{1,2}}(?:of\s|day\sof\s)?|[-/.,]\s?)?{MONTH}",
        True,
    ),
    (
        rf"{MONTH}\.?(?:,?\s{{0,2}}(?:of\s)?(?:the\s)?(?:year\s)?|[-/,.]\s?)"
        rf"(?:\d|{ORDINAL_WORD}|['’‘`]\d)",
        True,
    ),
    (
        r"(?:in|since|until|till|by|last|next|early|late|mid|during|of|from|to|between|every|this)"
        rf"[\s-]{{1,2}}(?:{_CAPITAL})",
        True,
    ),
)
"""A day or a year beside the month, or a preposition before a capital one."""


@cache
def _months() -> tuple[str, ...]:
    names = "jan feb mar apr may jun jul aug sep oct nov dec"
    return tuple(names.split())


RECOGNIZERS = (
    Recognizer(
        "DateTextRecognizer", "DATE_TIME", (),
        ("date", "dated", "seen", "visit", "since", "until", "born", "admitted", "discharged", "due"),
        needs=_months(), find=find, triggers=_TRIGGERS,
    ),
)  # fmt: skip
