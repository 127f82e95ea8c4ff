"""Ids of other countries than the United States, switched on by `locales` in gatekeeper.yaml.

What is left out of what Presidio ships, and why, stands in `LEFT_OUT`.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from gatekeeper.detect.national.spec import NationalId

__all__ = ["LEFT_OUT", "NationalId", "locale_of", "national_entities", "national_ids"]

LEFT_OUT = {
    "CA_POSTAL_CODE": "found always, as POSTAL_CODE",
    "DE_PLZ": "found always, as POSTAL_CODE",
    "UK_POSTCODE": "found always, as POSTAL_CODE",
    "ZA_MOBILE_NUMBER": "found always, as PHONE_NUMBER",
    "ZA_TELEPHONE_NUMBER": "found always, as PHONE_NUMBER",
}
"""Entities of Presidio's country recognizers that are no entities here, and the reason."""


@cache
def _by_locale() -> dict[str, tuple[NationalId, ...]]:
    from gatekeeper.detect.national import (
        australia,
        canada,
        finland,
        germany,
        india,
        italy,
        korea,
        nigeria,
        philippines,
        poland,
        singapore,
        south_africa,
        spain,
        sweden,
        thailand,
        turkey,
        united_kingdom,
    )

    return {
        "au": australia.IDS,
        "ca": canada.IDS,
        "de": germany.IDS,
        "es": spain.IDS,
        "fi": finland.IDS,
        "gb": united_kingdom.IDS,
        "in": india.IDS,
        "it": italy.IDS,
        "kr": korea.IDS,
        "ng": nigeria.IDS,
        "ph": philippines.IDS,
        "pl": poland.IDS,
        "se": sweden.IDS,
        "sg": singapore.IDS,
        "th": thailand.IDS,
        "tr": turkey.IDS,
        "us": (),  # part of the catalogue
        "za": south_africa.IDS,
    }


def national_ids(locales: Iterable[str]) -> tuple[NationalId, ...]:
    """The ids of `locales` (ISO 3166-1 alpha-2, lower case). Raises KeyError for an unknown one."""
    known = _by_locale()
    return tuple(i for locale in sorted(set(locales)) for i in known[locale])


@cache
def locale_of() -> dict[str, str]:
    """Entity → the locale that switches it on."""
    return {i.entity: locale for locale, ids in _by_locale().items() for i in ids}


@cache
def national_entities() -> frozenset[str]:
    """The names of all of them, for what speaks of numbers whatever the locale."""
    return frozenset(locale_of())
