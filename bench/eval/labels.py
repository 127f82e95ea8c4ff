"""Which predicted entities answer which gold label: gold schemes are coarser than ours, or finer.

A gold label of ours (`US_SSN`) is answered by the entity of that name and by the few below that
mean the same to a reader; a label of the public corpora (`ID`, `LOCATION`) by all it embraces.
"""

from __future__ import annotations

from functools import cache

from gatekeeper.detect import load_catalogue

COARSE: dict[str, frozenset[str]] = {
    "PERSON": frozenset({"PERSON"}),
    "ORGANIZATION": frozenset({"ORGANIZATION"}),
    "LOCATION": frozenset({"LOCATION", "STREET_ADDRESS", "US_ZIP", "GEO_COORDINATE"}),
    "NRP": frozenset({"NRP", "NATIONALITY", "ETHNICITY", "RELIGION", "POLITICAL_OPINION"}),
    "DATE_TIME": frozenset({"DATE_TIME", "DATE_OF_BIRTH", "CARE_DATE"}),
    "EMAIL": frozenset({"EMAIL_ADDRESS"}),
    "PHONE": frozenset({"PHONE_NUMBER", "FAX_NUMBER"}),
    "DEM": frozenset({"NRP", "NATIONALITY", "ETHNICITY", "RELIGION", "AGE", "AGE_OVER_89"}),
}
"""Labels of the public corpora. `ID` is computed: every number or code of the catalogue."""

SAME: dict[str, frozenset[str]] = {
    "DATE_OF_BIRTH": frozenset({"DATE_TIME"}),
    "CARE_DATE": frozenset({"DATE_TIME"}),
    "DATE_TIME": frozenset({"DATE_OF_BIRTH", "CARE_DATE"}),
    "STREET_ADDRESS": frozenset({"LOCATION"}),
    "US_ZIP": frozenset({"LOCATION", "STREET_ADDRESS"}),
    "LOCATION": frozenset({"STREET_ADDRESS"}),
    "FAX_NUMBER": frozenset({"PHONE_NUMBER"}),
    "PRIVATE_IP": frozenset({"IP_ADDRESS"}),
    "INTERNAL_HOST": frozenset({"URL"}),
    "STORAGE_BUCKET": frozenset({"URL"}),
    "ACCOUNT_NUMBER": frozenset({"US_BANK_NUMBER"}),
    "US_BANK_NUMBER": frozenset({"ACCOUNT_NUMBER"}),
    "AGE_OVER_89": frozenset({"AGE"}),
    "TRACK_DATA": frozenset({"CREDIT_CARD"}),
    "BASIC_AUTH_URL": frozenset({"URL"}),
    "PASSWORD_ASSIGNMENT": frozenset({"GENERIC_API_KEY"}),
    "GENERIC_API_KEY": frozenset({"PASSWORD_ASSIGNMENT"}),
}
"""Beside the entity itself, what means the same: stock Presidio knows one kind of date."""

NOT_AN_ID = frozenset({"AGE", "AGE_OVER_89", "URL"})


@cache
def accepted(label: str) -> frozenset[str]:
    """The predicted entities that answer gold `label`."""
    if label == "ID":
        return ids()
    if label in COARSE and label not in load_catalogue().entities:
        return COARSE[label]
    return frozenset({label}) | COARSE.get(label, frozenset()) | SAME.get(label, frozenset())


@cache
def ids() -> frozenset[str]:
    """Every entity of the catalogue that is a number, code or credential of somebody."""
    classes = {"identifier", "financial", "unique_code", "online", "secret"}
    words = {"DOCKET_NUMBER", "BATES_NUMBER", "BAR_NUMBER", "MATTER_NUMBER", "EMPLOYEE_ID"}
    others = frozenset().union(*COARSE.values()) | NOT_AN_ID
    named = {
        e.name for e in load_catalogue().entities.values() if e.classes & classes and not e.media
    }
    return frozenset(named | words) - others


def label_of(entity: str, labels: frozenset[str]) -> str | None:
    """The label of `labels` that `entity` would answer; None where none does (it is unknown)."""
    if entity in labels:
        return entity
    answered = sorted((label for label in labels if entity in accepted(label)), key=_breadth)
    return answered[0] if answered else None


def _breadth(label: str) -> tuple[int, str]:
    return len(accepted(label)), label
