"""Geographic coordinates: decimal, degrees, geo URIs, map links, UTM, MGRS, plus codes, words."""

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


def _pair(text: str, start: int, end: int, score: float) -> float:
    """Latitude and longitude in range, just two of them: longer lists are vectors."""
    numbers = [float(n) for n in re.findall(r"[-+]?\d{1,3}\.\d+", text[start:end])[:2]]
    if len(numbers) < 2 or abs(numbers[0]) > 90 or abs(numbers[1]) > 180:
        return 0.0
    if abs(numbers[0]) < 1 and abs(numbers[1]) < 1:
        return 0.0
    if re.match(r"\s?,\s?-?\d", text[end : end + 4]) or re.search(
        r"\d\s?,\s?$", before(text, start, 4)
    ):
        return 0.0
    return score


def _swapped(text: str, start: int, end: int, score: float) -> float:
    """GeoJSON writes the longitude first (RFC 7946, 3.1.1)."""
    numbers = [float(n) for n in re.findall(r"[-+]?\d{1,3}\.\d+", text[start:end])[:2]]
    return score if len(numbers) == 2 and abs(numbers[0]) <= 180 and abs(numbers[1]) <= 90 else 0.0


_DECIMAL = r"[-+]?\d{1,3}\.\d{4,15}"
_DMS = r"\d{1,3}(?:\.\d{1,8})?\s?[°º]\s?(?:\d{1,2}(?:\.\d{1,6})?\s?['′’]\s?(?:\d{1,2}(?:\.\d{1,6})?\s?(?:[\"″”]|'')\s?)?)?"
_WORDS = (
    "lat", "latitude", "lon", "lng", "long", "longitude", "gps", "coordinates", "coordinate", "location", "geo",
    "geolocation", "position", "coords", "pinned", "pin", "map",
)  # fmt: skip
RECOGNIZERS = (
    one("CoordinatePairRecognizer", "GEO_COORDINATE", rf"(?<![\w.-]){_DECIMAL}\s?[,;/]\s{{0,2}}{_DECIMAL}(?![\w.]\d|\d)", 0.45,
        *_WORDS, check=_pair, needs=(".",)),
    Recognizer("CoordinateDegreesRecognizer", "GEO_COORDINATE", (
        Pattern("letter behind", rf"(?<![\w.]){_DMS}[NS]\b,?;?\s{{0,2}}{_DMS}[EWO]{END}", 0.85),
        Pattern("letter before", rf"{START}[NS]\s?{_DMS},?\s{{0,2}}[EWO]\s?{_DMS}", 0.85),
        Pattern("decimal, letter behind", rf"(?<![\w.])\d{{1,2}}\.\d{{3,10}}\s?[NS],?\s{{1,2}}\d{{1,3}}\.\d{{3,10}}\s?[EW]{END}", 0.75),
    ), needs=("°", "º", "n", "s")),
    Recognizer("CoordinateLabelRecognizer", "GEO_COORDINATE", (
        Pattern("labelled", labelled(r"lat(?:itude)?|lon(?:g(?:itude)?)?|lng", r"[-+]?\d{1,3}\.\d{3,15}", noun=""), 0.8),
        Pattern("degrees behind a label", rf"{START}(?:lat(?:itude)?|lon(?:g(?:itude)?)?|lng)[\"']?\s?[:=]?\s?(?P<value>{_DMS}[NSEW])", 0.8),
    ), needs=("lat", "lon", "lng")),
    Recognizer("CoordinateGeoJsonRecognizer", "GEO_COORDINATE", (
        Pattern("coordinates", rf"coordinates[\"']?\s?[:=]\s?\[\s{{0,4}}(?P<value>{_DECIMAL}\s?,\s{{0,4}}{_DECIMAL})\s{{0,4}}\]", 0.85),
        Pattern("coordinates, one", rf"{START}coordinates?:\s(?P<value>{_DECIMAL})(?=\s?$)", 0.65),
        Pattern("point", rf"{START}POINT\s?\(\s?(?P<value>{_DECIMAL}\s{_DECIMAL})\s?\)", 0.85),
    ), (), lambda text, start, end, score: score if text.count(".", start, end) == 1 else _swapped(text, start, end, score),
        needs=("coordinate", "point")),
    Recognizer("CoordinateLinkRecognizer", "GEO_COORDINATE", (
        Pattern("geo URI", START + r"geo:(?P<value>-?\d{1,2}\.\d{2,15},-?\d{1,3}\.\d{2,15})", 0.9),
        Pattern("map link", r"(?:google\.[a-z.]{2,6}/maps|maps\.google\.[a-z.]{2,6}|maps\.apple\.com|openstreetmap\.org|bing\.com/maps|waze\.com)[^\s\"'<>]{0,200}?(?:@|[?&#/](?:q|ll|query|sll|center|daddr|saddr|map)=(?:\d{1,2}/)?|!3d)(?P<value>-?\d{1,2}\.\d{3,15}(?:,|%2C|/)-?\d{1,3}\.\d{3,15})", 0.85),
    ), needs=("geo:", "maps", "openstreetmap", "waze")),
    Recognizer("CoordinateGridRecognizer", "GEO_COORDINATE", (
        Pattern("UTM", START + r"(?:UTM|zone)[:\s]{1,3}(?P<value>(?:zone\s)?\d{1,2}\s?[C-HJ-NP-X]\s{1,2}(?:E\s?)?\d{6}(?:\.\d{1,3})?\s?(?:m?E)?,?\s{1,2}(?:N\s?)?\d{7}(?:\.\d{1,3})?\s?(?:m?N)?)", 0.8),
        Pattern("MGRS", START + r"(?:MGRS|USNG|grid(?:\sref(?:erence)?)?)[:\s]{1,3}(?P<value>\d{1,2}[C-HJ-NP-X]\s?[A-HJ-NP-Z]{2}\s?(?:\d{5}\s?\d{5}|\d{4}\s?\d{4}|\d{3}\s?\d{3}))" + END, 0.85),
        Pattern("plus code", r"(?<![\w+])[23456789CFGHJMPQRVWX]{8}\+[23456789CFGHJMPQRVWX]{2,3}(?![\w+])", 0.7),
        Pattern("short plus code", r"(?<![\w+])[23456789CFGHJMPQRVWX]{4}\+[23456789CFGHJMPQRVWX]{2,3}(?=,?\s[A-Z][a-z])", 0.65),
        Pattern("three words", r"(?:(?:what3words|w3w)(?:\.com/|[:\s]{1,3}(?:/{3})?)|(?<![\w:/])/{3})(?P<value>[a-z]{3,15}\.[a-z]{3,15}\.[a-z]{3,15})(?![\w.])", 0.7),
    ), needs=("utm", "zone", "mgrs", "usng", "grid", "+", "w3w", "what3words", "///"), ignore_case=False),
)  # fmt: skip
