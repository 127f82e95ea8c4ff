"""Towns that the name model may believe in, and figures that it may not."""

from __future__ import annotations

from gatekeeper.detect.lazy import lazy
from gatekeeper.detect.recognizers.spec import before

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
_OF_SOMEBODY = lazy(
    r"\b(?:from|in|to|near|at|of|outside)\s+(?:downtown |north |south |east |west )?$"
)


_CAPITALISED = lazy(r"[A-ZÀ-Ý][\w'’.-]{2,}")


def is_quantity(text: str, start: int, end: int) -> bool:
    """Whether `text[start:end]` starts with a figure and names nothing: `285 g`, `2700 K`."""
    span = text[start:end]
    return span[:1].isdigit() and not _CAPITALISED.search(span)


def is_town(text: str, start: int, end: int) -> bool:
    """Whether `text[start:end]` is a well-known town, and something or somebody is there."""
    name = " ".join(text[start:end].lower().split())
    return name in _TOWNS and bool(_OF_SOMEBODY.search(before(text, start, 24)))
