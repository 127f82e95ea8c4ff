"""Street addresses, ZIP codes, coordinates; and towns that the name model may believe in."""

from __future__ import annotations

import re

from gatekeeper.detect.recognizers.spec import (
    END,
    START,
    Pattern,
    Recognizer,
    before,
    labelled,
    one,
)

_CLEAR = (
    r"Street|Avenue|Boulevard|Road|Lane|Highway|Parkway|Terrace|Turnpike|Expressway|Crescent|"
    r"St|Ave|Av|Blvd|Rd|Ln|Hwy|Pkwy|Ter|Tpke|Cres"
)
_UNCLEAR = (
    r"Drive|Court|Place|Way|Circle|Square|Trail|Loop|Row|Alley|Plaza|Close|Mews|Walk|Path|Run|"
    r"Pike|Ridge|Point|Pass|Commons|Crossing|Dr|Ct|Pl|Cir|Sq|Trl|Aly|Plz"
)
_STATES = (
    r"AL|AK|AZ|AR|CA|CO|CT|DE|DC|FL|GA|HI|ID|IL|IN|IA|KS|KY|LA|ME|MD|MA|MI|MN|MS|MO|MT|NE|NV|NH|NJ|"
    r"NM|NY|NC|ND|OH|OK|OR|PA|RI|SC|SD|TN|TX|UT|VT|VA|WA|WV|WI|WY|PR|GU|VI"
)
_STATE_NAMES = (
    r"Alabama|Alaska|Arizona|Arkansas|California|Colorado|Connecticut|Delaware|Florida|Georgia|Hawaii|"
    r"Idaho|Illinois|Indiana|Iowa|Kansas|Kentucky|Louisiana|Maine|Maryland|Massachusetts|Michigan|"
    r"Minnesota|Mississippi|Missouri|Montana|Nebraska|Nevada|New Hampshire|New Jersey|New Mexico|"
    r"New York|North Carolina|North Dakota|Ohio|Oklahoma|Oregon|Pennsylvania|Rhode Island|"
    r"South Carolina|South Dakota|Tennessee|Texas|Utah|Vermont|Virginia|Washington|West Virginia|"
    r"Wisconsin|Wyoming"
)
_WORDS_TOO = (
    "IN|OR|ME|OK|HI|PA|MA|LA|DE|ID|AL|MS|CO|OH|MD|MT|MI|PR|VA|CT|AR|KS|SD|ND|VI|DC|GA|NE|SC"
)
_UNIT = r"(?:,?\s{1,2}(?:Apt|Apartment|Unit|Suite|Ste|Floor|Fl|Room|Rm|Bldg|Building|\#)\.?\s?\#?[A-Z0-9-]{1,6}\b)?"
_TOWN = (
    rf"(?:,?\s{{1,2}}(?:[A-Z][\w.'-]{{1,20}}\s?){{1,3}},\s{{1,2}}(?:{_STATES}|{_STATE_NAMES})"
    r"(?:\s{1,2}\d{5}(?:-\d{4})?)?)?"
)
_NUMBER = r"(?<![\w.,$€£#:/-]|\d )\d{1,6}[A-Z]?(?:-\d{1,4})?(?:\s(?:1/2|½))?"
_HEADING = r"(?:(?:[NSEW]|[NS][EW]|North|South|East|West)\.?\s)?"
_NAME = r"(?:(?:[A-Z][A-Za-zÀ-ž'’.-]{0,20}|\d{1,3}(?:st|nd|rd|th))\s{1,2}){1,4}?"


def _street(suffixes: str) -> str:
    return rf"{_NUMBER}\s{{1,2}}{_HEADING}{_NAME}(?:{suffixes})\b\.?(?:\s(?:[NSEW]{{1,2}})\b)?{_UNIT}{_TOWN}"


def _lower(suffixes: str) -> str:
    return (
        rf"(?<![\w.,$€£#:/-]|\d )\d{{2,5}}\s(?:[a-z'-]{{3,15}}\s){{1,2}}"
        rf"(?:{suffixes})\b(?:\s(?:apt|unit|suite|\#)\.?\s?[a-z0-9]{{1,5}})?"
    )


_ADDRESS_WORDS = (
    "address", "lives", "live", "living", "resides", "residence", "home", "street", "ship", "deliver",
    "delivered", "mail", "moved", "located", "apartment", "visit", "at",
)  # fmt: skip
STREET_ADDRESS = (
    Recognizer("StreetAddressRecognizer", "STREET_ADDRESS", (
        Pattern("clear suffix", _street(_CLEAR), 0.8),
        Pattern("unclear suffix", _street(_UNCLEAR), 0.5),
        Pattern("unclear suffix, unit or town", rf"{_NUMBER}\s{{1,2}}{_HEADING}{_NAME}(?:{_UNCLEAR})\b\.?(?=,?\s{{1,2}}(?:Apt|Unit|Suite|Ste|\#|[A-Z][\w.'-]+(?:\s[A-Z][\w.'-]+){{0,2}},\s(?:{_STATES})\b)){_UNIT}{_TOWN}", 0.8),
        Pattern("broadway", rf"{_NUMBER}\s(?:Broadway|Park Avenue|Fifth Avenue|Wall Street){_UNIT}{_TOWN}", 0.75),
    ), _ADDRESS_WORDS, ignore_case=False),
    Recognizer("StreetAddressLowerRecognizer", "STREET_ADDRESS", (
        Pattern("lower case", _lower("street|avenue|boulevard|lane|road|ave|blvd|rd"), 0.45),
        Pattern("upper case", _street(_CLEAR.upper()), 0.75),
    ), _ADDRESS_WORDS, ignore_case=False),
    one("PostOfficeBoxRecognizer", "STREET_ADDRESS", START + r"P\.?\s?O\.?\s?Box\s{1,2}\d{1,6}" + END, 0.75),
)  # fmt: skip


def _after_comma(text: str, start: int, end: int, score: float) -> float:
    """`IN 47401` may be code; `Bloomington, IN 47401` is not."""
    near = before(text, start, 8)
    return 0.8 if re.search(r"[a-z.]\s?,\s{1,2}[a-z.]{2}\s{1,2}$", near) else score


ZIP = (
    Recognizer("ZipRecognizer", "US_ZIP", (
        Pattern("behind a state", rf"(?<![\w-])(?:{_STATES})\s{{1,2}}(?P<value>\d{{5}}(?:-\d{{4}})?)(?![\w-]|[.,]\d)", 0.4),
        Pattern("behind a state's name", rf"\b(?:{_STATE_NAMES}),?\s{{1,2}}(?P<value>\d{{5}}(?:-\d{{4}})?)(?![\w-]|[.,]\d)", 0.65),
    ), ("zip", "address", "city", "state"), _after_comma, ignore_case=False),
    one("ZipLabelRecognizer", "US_ZIP", labelled(r"zip(?:[ _-]?codes?)?|postal[ _-]?codes?|post[ _-]?codes?", r"\d{5}(?:-\d{4})?", noun=""), 0.85),
)  # fmt: skip


def _pair(text: str, start: int, end: int, score: float) -> float:
    """Latitude and longitude in range, just two of them: longer lists are vectors."""
    numbers = [float(n) for n in re.findall(r"-?\d{1,3}\.\d+", text[start:end])[:2]]
    if len(numbers) < 2 or abs(numbers[0]) > 90 or abs(numbers[1]) > 180:
        return 0.0
    if abs(numbers[0]) < 1 and abs(numbers[1]) < 1:
        return 0.0
    if re.match(r"\s?,\s?-?\d", text[end : end + 4]) or re.search(
        r"\d\s?,\s?$", before(text, start, 4)
    ):
        return 0.0
    return score


_DECIMAL = r"-?\d{1,3}\.\d{4,10}"
COORDINATES = (
    one("CoordinatePairRecognizer", "GEO_COORDINATE", rf"(?<![\w.-]){_DECIMAL}\s?,\s{{0,2}}{_DECIMAL}(?![\w.]\d|\d)", 0.45,
        "lat", "latitude", "lon", "lng", "long", "longitude", "gps", "coordinates", "coordinate", "location", "geo", "geolocation", "position", "coords", check=_pair),
    one("CoordinateDegreesRecognizer", "GEO_COORDINATE", r"(?<![\w.])\d{1,2}(?:\.\d{2,8})?°\s?(?:\d{1,2}['′]\s?(?:\d{1,2}(?:\.\d+)?[\"″]\s?)?)?[NS]\b,?\s{0,2}\d{1,3}(?:\.\d{2,8})?°\s?(?:\d{1,2}['′]\s?(?:\d{1,2}(?:\.\d+)?[\"″]\s?)?)?[EW]" + END, 0.85),
    one("CoordinateLabelRecognizer", "GEO_COORDINATE", labelled(r"lat(?:itude)?|lon(?:g(?:itude)?)?|lng", r"-?\d{1,3}\.\d{3,10}", noun=""), 0.8),
)  # fmt: skip

RECOGNIZERS = (*STREET_ADDRESS, *ZIP, *COORDINATES)

# --- towns that the name model proposes --------------------------------------------------------

_TOWNS = frozenset(
    """
    new york|los angeles|chicago|houston|phoenix|philadelphia|san antonio|san diego|dallas|austin|
    san jose|fort worth|jacksonville|columbus|charlotte|indianapolis|san francisco|seattle|denver|
    oklahoma city|nashville|el paso|boston|portland|las vegas|detroit|memphis|louisville|baltimore|
    milwaukee|albuquerque|tucson|fresno|sacramento|kansas city|mesa|atlanta|omaha|colorado springs|
    raleigh|miami|oakland|minneapolis|tulsa|tampa|new orleans|cleveland|honolulu|anaheim|orlando|
    st. louis|saint louis|pittsburgh|cincinnati|anchorage|newark|toledo|buffalo|madison|boise|
    spokane|salt lake city|richmond|des moines|tacoma|rochester|little rock|savannah|albany|hartford|
    providence|brooklyn|queens|manhattan|bronx|cook county|orange county|london|manchester|birmingham|
    liverpool|leeds|glasgow|edinburgh|bristol|dublin|belfast|cardiff|paris|lyon|marseille|berlin|
    munich|hamburg|cologne|frankfurt|stuttgart|vienna|zurich|geneva|basel|brussels|amsterdam|
    rotterdam|madrid|barcelona|valencia|seville|lisbon|porto|rome|milan|naples|turin|athens|stockholm|
    oslo|copenhagen|helsinki|warsaw|krakow|prague|budapest|bucharest|sofia|belgrade|zagreb|kyiv|moscow|
    istanbul|ankara|tel aviv|jerusalem|cairo|lagos|abuja|nairobi|accra|johannesburg|cape town|
    casablanca|tunis|dubai|abu dhabi|doha|riyadh|tehran|baghdad|karachi|lahore|islamabad|delhi|
    new delhi|mumbai|bangalore|bengaluru|chennai|kolkata|hyderabad|pune|dhaka|colombo|kathmandu|
    bangkok|hanoi|ho chi minh city|jakarta|manila|kuala lumpur|singapore|hong kong|taipei|beijing|
    shanghai|shenzhen|guangzhou|seoul|busan|tokyo|osaka|kyoto|sydney|melbourne|brisbane|perth|
    adelaide|auckland|wellington|toronto|montreal|vancouver|calgary|ottawa|edmonton|mexico city|
    guadalajara|monterrey|bogota|medellin|lima|quito|caracas|santiago|buenos aires|montevideo|
    sao paulo|rio de janeiro|brasilia|havana|san juan|springfield|worcester|bakersfield|stockton
    """.replace("\n    ", "")
    .strip()
    .split("|")
)
_OF_SOMEBODY = re.compile(
    r"\b(?:from|in|to|near|at|of|outside)\s+(?:downtown |north |south |east |west )?$"
)


_CAPITALISED = re.compile(r"[A-ZÀ-Ý][\w'’.-]{2,}")


def is_quantity(text: str, start: int, end: int) -> bool:
    """Whether `text[start:end]` starts with a figure and names nothing: `285 g`, `2700 K`."""
    span = text[start:end]
    return span[:1].isdigit() and not _CAPITALISED.search(span)


_A_STATE = re.compile(rf"(?:(?:{_STATES})|(?i:{_STATE_NAMES}))\Z")


def is_state(text: str, start: int, end: int) -> bool:
    """Whether `text[start:end]` is a US state: Safe Harbor lets those stand
    (45 CFR 164.514(b)(2)(i)(B), "smaller than a State").
    """
    return bool(_A_STATE.match(text[start:end].strip(" .,")))


def is_town(text: str, start: int, end: int) -> bool:
    """Whether `text[start:end]` is a well-known town, and something or somebody is there."""
    name = " ".join(text[start:end].lower().split())
    return name in _TOWNS and bool(_OF_SOMEBODY.search(before(text, start, 24)))
