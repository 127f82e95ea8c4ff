"""Dates in figures: ISO 8601, US and European orders, dotted, HL7, ranges, month and year.

The order of day and month is not decided: a value is a date where it is one in some order.
"""

from __future__ import annotations

import re

from gatekeeper.detect.lazy import lazy
from gatekeeper.detect.recognizers.citations import in_citation
from gatekeeper.detect.recognizers.dates.words import AT_CLOCK, DAY, YEAR
from gatekeeper.detect.recognizers.spec import END, START, Pattern, Recognizer, before

_MONTH = r"(?:1[0-2]|0?[1-9])"
_LEFT, _RIGHT = r"(?<![^\W_])(?<![/.,:$€£#+=-])", r"(?![^\W_]|[/:]\w|[.,-]\d)"
_TIME = r"(?:[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?:\s?Z|\s?[+-]\d{2}:?\d{2})?(?!\d))?"
_HMS = r"(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d(?:\.\d{1,6})?)?(?:[+-]\d{4})?"
COMPACT = rf"(?:19|20)\d{{2}}(?:0[1-9]|1[0-2])(?:3[01]|[12]\d|0[1-9])(?:{_HMS})?"
"""HL7 v2 DT and TS: `YYYYMMDD[HHMM[SS]]`."""
ISO = rf"{YEAR}(?P<i>[-/.])(?:1[0-2]|0?[1-9])(?P=i){DAY}(?!\d)"
YEAR_LAST = rf"{DAY}(?P<n>[-/.]){DAY}(?P=n)(?:{YEAR}|\d{{2}})(?!\d)"

_NOT_BEFORE = lazy(
    r"(?:\bv|versions?|release|build|rev|ratio|scored?|firmware|isbn|section|sec\.|chapter|verse|clause|art(?:icle)?\.?|"
    r"figure|fig\.|table|part|p/n|sku|model|catalog|no\.?|nr|num|number|kernel|python|patch|odds|fraction|extension|ext\.|model|size|tire|thread|dose|[a-z]-)\W{0,3}$"
)
_UNIT_AFTER = lazy(
    r"\s?(?:%|\"|″|in(?:\.|\b(?=\s?(?:[x)]|by\b|thick|wide|long|deep|diameter)))|inch(?:es)?\b|cups?|tabs?|tablets?|tsp|tbsp|teaspoons?|tablespoons?|"
    r"miles?|mm|cm|mg|ml|doses?|strength|pints?|quarts?|of\b|lbs?|oz|an?\b|inch|ounces?|pounds?|odds|ratio|stars?|points?|"
    r"split|full|scale|on\sthe\spain|strings?|time\b|page)",
    re.IGNORECASE,
)
_CUES = lazy(
    r"(?:\bon|\bdated?|\bseen|\bsince|\buntil|\btill|\bby|\bthru|\bthrough|\bdob|\badmit(?:ted)?|\bd/c|\bdos|\bvisit|\bappt|"
    r"\bdue|\bfrom|\bbetween|\beffective|\bas\sof|\bstarting|\b(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6})[:,.]?\s{1,2}$"
)


def _numbers(text: str, start: int, end: int) -> list[int]:
    return [int(p) for p in re.findall(r"\d+", text[start:end])[:3]]


def _order(first: int, second: int) -> bool:
    return (1 <= first <= 12 and 1 <= second <= 31) or (1 <= second <= 12 and 1 <= first <= 31)


def whole(text: str, start: int, end: int, score: float) -> float:
    """Day, month and year: a date in some order, no version and no fraction."""
    parts = _numbers(text, start, end)
    first, second = (parts[1], parts[2]) if parts[0] > 31 else (parts[0], parts[1])
    if not _order(first, second) or _NOT_BEFORE.search(before(text, start)):
        return 0.0
    if in_citation(text, start, end):
        return 0.0
    return score


def _short(text: str, start: int, end: int, score: float) -> float:
    """A year of two digits: `03/14/24` yes, `1.2.10` and `10-4-22` only behind a cue."""
    score = whole(text, start, end, score)
    value = text[start:end]
    cue = bool(_CUES.search(before(text, start, 16)))
    if not score or "/" in value:
        return score if _last_is_plausible(value) or cue else min(score, 0.45)
    padded = all(len(p) == 2 for p in re.split(r"\D+", value)[:3])
    if cue:
        return score
    if "." in value:
        return min(score, 0.45) if padded else 0.0
    return min(score, 0.5) if padded else min(score, 0.4)


def _last_is_plausible(value: str) -> bool:
    year = int(re.split(r"\D+", value.split()[0])[2])
    return year <= 40 or year >= 50


def _no_year(text: str, start: int, end: int, score: float) -> float:
    """`on 3/14`: a day and a month behind a cue; never a fraction, a ratio or a measure."""
    first, second = _numbers(text, start, end)[:2]
    if not _order(first, second) or _UNIT_AFTER.match(text[end : end + 16]):
        return 0.0
    cue = _CUES.search(before(text, start, 16))
    if not cue:
        return 0.0
    clear = max(first, second) > 12 or text[start] == "0" or "/0" in text[start:end]
    strong = not cue[0].startswith(("from", "by", "between", "through", "thru"))
    return score if clear and strong else 0.4


def _month_year(text: str, start: int, end: int, score: float) -> float:
    """`03/2024`; one digit of a month is as often a count of cases."""
    if _NOT_BEFORE.search(before(text, start)) or in_citation(text, start, end):
        return 0.0
    return score if text[start] in "01" and text[start + 1].isdigit() else 0.45


_CONTEXT = (
    "date",
    "on",
    "dated",
    "day",
    "visit",
    "seen",
    "since",
    "until",
    "admitted",
    "discharged",
)
RECOGNIZERS = (
    Recognizer("DateRecognizer", "DATE_TIME", (
        Pattern("year first", r"(?<![^\W_])(?<![/.,:$€£#+-])" + ISO + _TIME + r"(?![^\W_]|/\w|[.-]\d)", 0.8),
        Pattern("year first, after a name", r"(?<=[A-Za-z]{3}[-/=:,])" + ISO + _TIME + r"(?![^\W_]|/\w|[.-]\d)", 0.7),
        Pattern("year last", _LEFT + rf"{DAY}(?P<m>[-/.]){DAY}(?P=m){YEAR}(?!\d){AT_CLOCK}" + _RIGHT, 0.75),
        Pattern("spaced", _LEFT + rf"{DAY}\s?(?P<s>[-/.])\s?{DAY}\s?(?P=s)\s?(?:19|20)\d{{2}}" + _RIGHT, 0.7),
        Pattern("year first, spaced", _LEFT + rf"(?:19|20)\d{{2}}\s(?P<t>[-/.])\s{DAY}\s(?P=t)\s{DAY}" + _RIGHT, 0.65),
    ), _CONTEXT, whole, needs=tuple("0123456789")),
    Recognizer("DateShortYearRecognizer", "DATE_TIME", (
        Pattern("short year", _LEFT + rf"{DAY}(?P<k>[-/.]){DAY}(?P=k)\d{{2}}(?!\d){AT_CLOCK}" + _RIGHT, 0.65),
        Pattern("year first, two digits", _LEFT + r"['’]?\d{2}-(?:0[1-9]|1[0-2])-(?:[12]\d|3[01])" + _RIGHT, 0.35),
    ), _CONTEXT, _short, needs=tuple("0123456789")),
    Recognizer("DateRangeRecognizer", "DATE_TIME", (
        Pattern("two dates", _LEFT + rf"{DAY}/{DAY}(?:/(?:{YEAR}|\d{{2}}))?\s?(?:[-–—]|to|through|thru|until)\s?{DAY}/{DAY}/(?:{YEAR}|\d{{2}})" + _RIGHT, 0.75),
        Pattern("days of a month", _LEFT + rf"{DAY}\.\s?[-–—]\s?{DAY}\.{_MONTH}\.(?:{YEAR})" + _RIGHT, 0.75),
        Pattern("two days without a year", _LEFT + rf"{DAY}/{DAY}\s?(?:[-–—]|to|through|thru)\s?{DAY}/{DAY}" + _RIGHT, 0.4),
    ), _CONTEXT, lambda text, start, end, score: score if _order(*_numbers(text, start, end)[:2]) else 0.0, needs=tuple("/.")),
    Recognizer("DateNoYearRecognizer", "DATE_TIME", (
        Pattern("behind a cue", r"(?<=[\s:(])" + rf"{DAY}/{DAY}" + r"(?![^\W_]|[/:.,-]\w)", 0.6),
    ), (), _no_year, needs=("/",)),
    Recognizer("DateMonthYearRecognizer", "DATE_TIME", (
        Pattern("month and year", _LEFT + rf"{_MONTH}[/](?:19|20)\d{{2}}" + _RIGHT, 0.6),
        Pattern("year and month, labelled", START + r"(?:date|month|since|onset|period|dated)\W{1,4}(?P<value>(?:19|20)\d{2}[-/](?:0[1-9]|1[0-2]))" + _RIGHT, 0.65),
    ), (), _month_year, needs=("/", "-")),
    Recognizer("DateCompactRecognizer", "DATE_TIME", (
        Pattern("date and time", r"(?<![\w.,/:+=-])(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:3[01]|[12]\d|0[1-9])(?:[01]\d|2[0-3])[0-5]\d[0-5]\d(?:\.\d{1,6})?(?:[+-]\d{4})?(?![\w.,]\d|\w)", 0.65),
        Pattern("date alone", r"(?<![\w.,/:+=$€£#-])(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:3[01]|[12]\d|0[1-9])(?:(?:[01]\d|2[0-3])[0-5]\d)?(?![\w.,/:-]\d|\w)", 0.35),
        Pattern("in a segment", rf"(?<=\|)(?P<value>{COMPACT})(?=[|^\r\n]|$)", 0.8),
        Pattern("labelled", START + rf"(?:date|dated|dt|timestamp|datetime|admit|discharge|visit|effective|collected|received|signed|dos)[\"'\s_:=-]{{1,5}}(?P<value>{COMPACT}){END}", 0.75),
    ), ("date", "hl7", "admit", "visit", "timestamp", "seen"), needs=("19", "20")),
)  # fmt: skip
