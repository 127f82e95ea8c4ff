"""Versions of software and arcs of object identifiers, which look like addresses and dates."""

from __future__ import annotations

from gatekeeper.detect.lazy import lazy
from gatekeeper.detect.vetoes.place import Place

_VERSIONS = lazy(
    r"(?:upgrad\w{0,3}|updat\w{0,3}|downgrad\w{0,3}|bump\w{0,3}|versions?|releases?|firmware|migrat\w{0,3})"
    r"\s(?:from\s)?v?\d{1,5}(?:\.\d{1,5}){1,4}\s?(?:to|->|and|or|,|→)\s?v?$"
)
_NUMBERED = lazy(
    r"(?:[=~<>!]=\s?|[@^~]|\b(?:v|versions?|released?|ver|rev|firmware|driver|kernel)[\s.:]{0,2}v?|"
    r"\bv|\w[:/@])$"
)
_PACKAGE = lazy(
    r"\b(?:pip3?|npm|conda|apt(?:-get)?|brew|cargo|gem|yarn|docker)\s[\w\s@/=.:-]{0,40}[=@:-]$"
)
_LETTERED = lazy(r"\d\.\d{1,3}\.\d{1,3}[a-z]\b")
_DOTTED = lazy(r"\d{1,2}\.\d{1,2}\.\d{1,2}")
_DATE_WORD = lazy(
    r"\b(?:dates?|dated|day|on|am|vom|since|until|till|due|born|dob|geb|seen|visit|admit\w{0,4})\b"
)
_ARC = lazy(r"(?:\boids?|object_?identifier|\bec(?: number| no\.?)?|enzyme)\W{0,4}$")
_ARCS = lazy(r"(?:2\.5\.(?:4|29)|1\.3\.(?:6|14|36|101|132|133)|1\.2\.(?:840|643|156|392))\.")
_ADDRESS_WORD = lazy(r"\b(?:ip|ipv4|host|addr|address|server|client|ssh|ping|from)\b")


def version(place: Place) -> bool:
    """The second of two versions: `from 4.10.0.60 to 4.3.6.8`."""
    return bool(_VERSIONS.search(place.before))


def release(place: Place) -> bool:
    """`numpy==8.30.11`, `v8.30.11`, `redis:8.30.11-alpine`: three parts of a version, no date."""
    if not _DOTTED.fullmatch(place.value) or _DATE_WORD.search(place.before[-16:]):
        return False
    if place.after[:1] in {"-", "+", "_"} and place.after[1:2].isalnum():
        return True
    return any(p.search(place.before) for p in (_NUMBERED, _PACKAGE, _LETTERED))


def arc(place: Place) -> bool:
    """An object identifier (ITU-T X.660) or an enzyme's number, not an address."""
    if _ARC.search(place.before):
        return True
    quoted = place.before.endswith(('"', "'", "(", "`")) or place.after.startswith(".")
    return bool(
        quoted and _ARCS.match(place.value) and not _ADDRESS_WORD.search(place.before[-24:])
    )
