"""Street addresses of the US, the UK and Canada, post-office boxes, rural routes, crossings."""

from __future__ import annotations

import re

from gatekeeper.detect.lazy import lazy
from gatekeeper.detect.recognizers.places.states import STATE_NAMES, STATES
from gatekeeper.detect.recognizers.spec import END, START, Pattern, Recognizer, before

_CLEAR = (
    r"Street|Avenue|Boulevard|Road|Lane|Highway|Parkway|Terrace|Turnpike|Expressway|Crescent|Freeway|Causeway|"
    r"St|Ave|Av|Blvd|Rd|Ln|Hwy|Pkwy|Ter|Terr|Tpke|Cres|Fwy"
)
_UNCLEAR = (
    r"Drive|Court|Place|Way|Circle|Square|Trail|Loop|Row|Alley|Plaza|Close|Mews|Walk|Path|Run|"
    r"Pike|Ridge|Point|Pass|Commons|Crossing|Gardens|Grove|Hill|Rise|Green|Parade|Cove|Landing|Bend|"
    r"Dr|Ct|Pl|Cir|Sq|Trl|Aly|Plz|Xing|Gdns"
)
UNIT = (
    r"(?:,?\s{1,2}(?:(?:Apt|Apartment|Unit|Suite|Ste|Floor|Fl|Room|Rm|Bldg|Building|Flat|Lot|Trlr|Trailer|PH|Penthouse)\.?\s?\#?\s?[A-Z0-9][A-Z0-9-]{0,5}\b"
    r"|\#\s?[A-Z0-9-]{1,6}\b|\d{1,2}(?:st|nd|rd|th)\s(?:Floor|Fl)\b\.?)){0,2}"
)
_ZIP = r"(?:,?\s{1,2}\d{5}(?:-\d{4})?(?!\d))?"
UK_POSTCODE = r"(?:GIR\s?0AA|[A-PR-UWYZ](?:\d{1,2}|[A-HK-Y]\d|[A-HK-Y]\d\d|\d[A-HJKPSTUW]|[A-HK-Y]\d[ABEHMNPRV-Y])\s{0,2}\d[ABD-HJLNP-UW-Z]{2})"
CA_POSTCODE = r"(?:[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z][\s-]?\d[ABCEGHJ-NPRSTV-Z]\d)"
_WORDS = r"(?:[A-ZÀ-Ý][\w.'’-]{1,20}\s?){1,3}"
TOWN = (
    rf"(?:(?:,?\s{{1,2}}|,?\s?\n\s?){_WORDS},?\s{{1,2}}(?:(?:{STATES}|{STATE_NAMES})\b{_ZIP})"
    rf"|(?:,\s{{1,2}}{_WORDS}){{1,2}}(?:,\s{{1,2}}(?:[A-Z]{{2}}\s)?|\s)(?:{UK_POSTCODE}|{CA_POSTCODE})\b)?"
)
_NUMBER = r"(?<![\w.,$€£#:/-]|\d )\d{1,6}[A-Z]?(?:-\d{1,4})?(?:\s(?:1/2|½))?"
_HEADING = r"(?:(?:[NSEW]|[NS][EW]|North|South|East|West)\.?\s)?"
_NAME = r"(?:(?:[A-ZÀ-Ý][A-Za-zÀ-ž'’.-]{0,20}|\d{1,3}(?:st|nd|rd|th)|of|the|de|la)\s{1,2}){1,4}?"
_TAIL = rf"\b\.?(?:\s(?:[NSEW]{{1,2}}|North|South|East|West)\b)?{UNIT}{TOWN}"


def _street(suffixes: str) -> str:
    return rf"{_NUMBER}[ ]{{1,2}}{_HEADING}{_NAME}(?:{suffixes}){_TAIL}"


def _flat(suffixes: str) -> str:
    return rf"{START}(?:Flat|Apartment|Apt|Unit|Suite|Room)\.?\s\#?[A-Z0-9-]{{1,5}},\s{{1,2}}\d{{1,5}}[A-Z]?,?\s{{1,2}}{_HEADING}{_NAME}(?:{suffixes}){_TAIL}"


def _lower(suffixes: str) -> str:
    return (
        rf"(?<![\w.,$€£#:/-]|\d )\d{{1,5}}\s(?:[a-z'-]{{3,15}}\s){{1,2}}"
        rf"(?:{suffixes})\b(?:\s(?:apt|unit|suite|\#)\.?\s?[a-z0-9]{{1,5}})?"
    )


_ADDRESS_WORDS = (
    "address", "lives", "live", "living", "lived", "resides", "resided", "residence", "home", "street",
    "ship", "deliver", "delivered", "mail", "moved", "located", "apartment", "visit", "at", "addr", "residing",
)  # fmt: skip
_THINGS_COUNTED = lazy(r"^\d{1,4}\s(?:of|the)\s", re.IGNORECASE)
_YEAR = lazy(r"(?:1[89]|20)\d{2}\s")
_IN = lazy(r"\b(?:in|since|by|during|until|of|the|from|early|late|for)\s$")
_STEP = lazy(r"(?:chapter|section|step|page|figure|table|route|level|version|episode)\s$")


_BROKEN = lazy(r"\n[^\W\d]+\.?\Z")
_NEXT = lazy(r"\s?#?\d")
"""A kind of street at the beginning of a line and a number behind it: `28 RBI in 896 PA`, `Lane 36`."""


def _no_count(text: str, start: int, end: int, score: float) -> float:
    """`12 of the Road` and `Chapter 5 Road Safety` are no addresses."""
    near = before(text, start, 12)
    if _THINGS_COUNTED.match(text[start:end]) or _STEP.search(near):
        return 0.0
    if _BROKEN.search(text[start:end]) and _NEXT.match(text, end):
        return 0.0
    if _YEAR.match(text[start:end]) and _IN.search(near):
        return 0.0
    return score


_UNCLEAR_SURE = (
    rf"{_NUMBER}[ ]{{1,2}}{_HEADING}{_NAME}(?:{_UNCLEAR})\b\.?(?=,?\s{{1,2}}(?:Apt|Unit|Suite|Ste|\#|"
    rf"[A-Z][\w.'-]+(?:\s[A-Z][\w.'-]+){{0,2}},\s(?:{STATES}|{STATE_NAMES})\b|(?:[A-Z][\w'-]+,?\s){{1,3}}{UK_POSTCODE})){UNIT}{TOWN}"
)
STREET_ADDRESS = (
    Recognizer("StreetAddressRecognizer", "STREET_ADDRESS", (
        Pattern("clear suffix", _street(_CLEAR), 0.8),
        Pattern("flat before the number", _flat(f"{_CLEAR}|{_UNCLEAR}"), 0.85),
        Pattern("unclear suffix", _street(_UNCLEAR), 0.5),
        Pattern("unclear suffix, unit or town", _UNCLEAR_SURE, 0.8),
        Pattern("behind a label", rf"{START}(?:[Aa]ddress|ADDRESS|[Ss]treet|STREET|[Aa]ddr|[Ll]ine ?1)[\"']?\s?[:=]\s?[\"']?(?P<value>\d{{1,6}}[A-Z]?\s{{1,2}}{_HEADING}{_NAME}(?:{_CLEAR}|{_UNCLEAR}){_TAIL})", 0.9),
        Pattern("broadway", rf"{_NUMBER}[ ]{_HEADING}(?:Broadway|Park Avenue|Fifth Avenue|Wall Street|The Strand|Strand){UNIT}{TOWN}", 0.75),
    ), _ADDRESS_WORDS, _no_count, ignore_case=False),
    Recognizer("StreetAddressLowerRecognizer", "STREET_ADDRESS", (
        Pattern("lower case", _lower("street|avenue|boulevard|lane|road|ave|blvd|rd|drive|court|terrace|highway|parkway|st|dr|ln"), 0.45),
        Pattern("upper case", _street(_CLEAR.upper()), 0.75),
    ), _ADDRESS_WORDS, _no_count, ignore_case=False),
    Recognizer("PostOfficeBoxRecognizer", "STREET_ADDRESS", (
        Pattern("box", START + r"(?:P\.?\s?O\.?\s?|Post\s(?:Office\s)?|Postal\s)Box\s{0,2}\#?\d{1,6}" + END, 0.75),
        Pattern("postfach", START + r"(?:Postfach|Apartado(?:\sPostal)?|Casilla|Boîte\sPostale)\s{1,2}\d{1,6}(?:\s\d{2})?" + END, 0.7),
        Pattern("rural route", START + r"(?:R\.?R\.?|Rural\sRoute|HC|HCR|Star\sRoute)\s\#?\d{1,3},?\sBox\s\#?\d{1,5}" + END, 0.75),
        Pattern("military", START + r"(?:PSC|CMR|Unit)\s\d{1,5},?\sBox\s\d{1,5}(?:,?\s(?:APO|FPO|DPO),?\sA[AEP](?:\s\d{5}(?:-\d{4})?)?)?" + END, 0.8),
    ), needs=("box", "post", "apartado", "casilla", "boîte")),
    Recognizer("HighwayAddressRecognizer", "STREET_ADDRESS", (
        Pattern("number on a highway", rf"{_NUMBER}[ ]{_HEADING}(?:County|State|US|U\.S\.|Farm[- ]to[- ]Market)\s(?:Road|Rd|Route|Rte|Highway|Hwy)\s\d{{1,4}}(?:\s[NSEW]{{1,2}})?\b{UNIT}{TOWN}", 0.8),
        Pattern("route", rf"(?<![\w.,$€£#:/-]|\d )\d{{2,5}}[ ](?:Route|Rte|Highway|Hwy|FM|CR|SR)\s\d{{1,4}}\b{UNIT}{TOWN}", 0.45),
        Pattern("grid", rf"(?<![\w.,])\d{{2,5}}\s[NSEW]\.?\s\d{{2,5}}\s[NSEW]\b\.?{UNIT}{TOWN}", 0.65),
    ), _ADDRESS_WORDS, ignore_case=False),
    Recognizer("CrossingRecognizer", "STREET_ADDRESS", (
        Pattern("corner of", rf"(?i:{START}(?:(?:at|near|on)\s)?(?:the\s)?(?:corner|intersection|junction)\sof\s)(?P<value>(?:(?:[NSEW]|[A-Z][\w'’.-]{{1,20}}|\d{{1,3}}(?:st|nd|rd|th))\s){{1,3}}?(?:(?:{_CLEAR}|{_UNCLEAR})\b\.?\s)?(?:and|&)\s(?:[A-Z][\w'’.-]{{1,20}}|\d{{1,3}}(?:st|nd|rd|th))(?:\s[A-Z][\w'’-]{{1,20}}){{0,2}})", 0.7),
        Pattern("two streets", rf"(?<![\w.])(?:(?:[A-Z][a-z'’-]{{1,20}}|\d{{1,3}}(?:st|nd|rd|th))\s){{1,2}}(?:{_CLEAR})\b\.?\s(?:and|&)\s(?:[A-Z][a-z'’-]{{1,20}}|\d{{1,3}}(?:st|nd|rd|th))\s(?:{_CLEAR})\b", 0.65),
    ), needs=("corner", "intersection", "junction", " and ", "&"), ignore_case=False),
)  # fmt: skip
RECOGNIZERS = STREET_ADDRESS
