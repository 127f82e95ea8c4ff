"""The countries whose own numbers can be looked for (`locales` in gatekeeper.yaml)."""

from __future__ import annotations

LOCALES = {
    "au": "Australia",
    "ca": "Canada",
    "de": "Germany",
    "es": "Spain",
    "fi": "Finland",
    "gb": "United Kingdom",
    "in": "India",
    "it": "Italy",
    "kr": "South Korea",
    "ng": "Nigeria",
    "ph": "Philippines",
    "pl": "Poland",
    "se": "Sweden",
    "sg": "Singapore",
    "th": "Thailand",
    "tr": "Turkey",
    "us": "United States",
    "za": "South Africa",
}
"""ISO 3166-1 alpha-2 in lower case → the country. Those of `us` are looked for always."""

LOCALE_SYNONYMS = {"uk": "gb"}
"""Codes that people write, and Presidio does, in place of those of ISO 3166-1."""
