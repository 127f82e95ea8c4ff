"""What speaks against a span, whatever recognizer found it: one layer for all of them.

A telephone number behind `ISBN` is a book, an address behind `ObjectIdentifier("` is an arc, a host
behind `from` and before `import` is a module. Each veto looks at a bounded piece of the text around
the span, so the cost grows with the spans and not with the text, and what else is found or asked
for changes nothing.

A veto speaks of the form of what stands there, and only where what it goes by governs that very
value: a label that this number could not have borne takes nothing away. It never speaks of intent:
no word of the data ("example", "not an SSN", an allow comment) takes a finding away (DESIGN law 9).
A span whose recognizer is certain, because a label and a check digit agree, is left alone by all
but the vetoes that say so.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from gatekeeper.detect.national import national_entities
from gatekeeper.detect.recognizers.citations import in_citation
from gatekeeper.detect.spans import Span
from gatekeeper.detect.vetoes import figures, registers, speech, versions, writing
from gatekeeper.detect.vetoes.place import AFTER, BEFORE, Place, Veto

__all__ = ["AFTER", "BEFORE", "VETOES", "Veto", "standing", "veto_of"]

CERTAIN = 0.9
"""From this score on a span stands, unless a veto is `over_certain`."""
_POSSIBLE = 0.4
"""What a veto leaves where it speaks against the words around, and not against the value."""


def standing(text: str, spans: Iterable[Span]) -> list[Span]:
    """The spans that no veto takes away, in their order; some with a lower score."""
    judged = ((span, veto_of(text, span)) for span in spans)
    return [
        span if veto is None else replace(span, score=min(span.score, veto.leaves))
        for span, veto in judged
        if veto is None or veto.leaves
    ]


def veto_of(text: str, span: Span) -> Veto | None:
    """The veto that speaks against `span`, or None."""
    candidates = _BY_ENTITY.get(span.entity, ())
    if not candidates:
        return None
    place = Place.of(text, span)
    for veto in candidates:
        if (span.score < CERTAIN or veto.over_certain) and veto.speaks(place):
            return veto
    return None


# --- what the vetoes are about --------------------------------------------------------------------

_NUMBERS = frozenset({
    "PHONE_NUMBER", "FAX_NUMBER", "US_SSN", "US_ITIN", "US_ZIP", "US_NPI", "US_BANK_NUMBER",
    "ACCOUNT_NUMBER", "ABA_ROUTING_NUMBER", "US_PASSPORT", "US_DRIVER_LICENSE", "MEDICAL_LICENSE",
    "MEDICAL_RECORD_NUMBER", "HEALTH_PLAN_ID", "CERTIFICATE_NUMBER", "UNIQUE_CODE", "DEVICE_SERIAL",
    "NDC_CODE", "PROCEDURE_CODE", "EMPLOYEE_ID", "MATTER_NUMBER", "BAR_NUMBER", "CREDIT_CARD",
    "CVV", "CARD_PIN", "BATES_NUMBER",
}) | national_entities()  # fmt: skip
"""Entities whose value is a number that a book, a clock or a counter may have as well."""
_ADDRESSES = frozenset({"IP_ADDRESS", "PRIVATE_IP"})
_NAMES = frozenset({"PERSON", "LOCATION", "ORGANIZATION"})

_CITED = _NAMES | _NUMBERS | frozenset({"DATE_TIME", "ICD10_CODE", "LICENSE_PLATE", "AGE"})


def _citation(place: Place) -> bool:
    """Inside a legal citation; a name beside one, as of a party, stands."""
    span = place.span
    if span.entity in _NAMES and not any(c.isdecimal() or c == "." for c in place.value):
        return False
    return in_citation(place.text, span.start, span.end)


VETOES = (
    Veto("library", _NUMBERS, registers.library),
    Veto("tracker", frozenset({"BATES_NUMBER"}), registers.tracker, over_certain=True),
    Veto("epoch", _NUMBERS, registers.epoch),
    Veto("cell", frozenset({"PHONE_NUMBER"}), registers.cell),
    Veto("zone", frozenset({"DEVICE_SERIAL"}), registers.zone),
    Veto("other number", frozenset({"PHONE_NUMBER"}), speech.other_number, leaves=_POSSIBLE),
    Veto("other matter", frozenset({"ICD10_CODE"}), speech.other_matter, leaves=_POSSIBLE),
    Veto("digest", _NUMBERS, registers.digest),
    Veto("version", _ADDRESSES, versions.version, over_certain=True),
    Veto("release", frozenset({"DATE_TIME", "CARE_DATE", "DATE_OF_BIRTH"}), versions.release),
    Veto(
        "arc",
        _ADDRESSES | {"CARE_DATE", "DATE_OF_BIRTH", "DATE_TIME"},
        versions.arc,
        over_certain=True,
    ),
    Veto("figures", frozenset({"CREDIT_CARD"}), figures.figures, over_certain=True),
    Veto("vector", frozenset({"GEO_COORDINATE"}), figures.vector),
    Veto("sky", frozenset({"AGE"}), figures.sky),
    Veto("attribute", frozenset({"INTERNAL_HOST"}), writing.attribute),
    Veto("escaped", frozenset({"UNC_PATH"}), writing.escaped),
    Veto("algorithm", frozenset({"EMAIL_ADDRESS"}), writing.algorithm, over_certain=True),
    Veto("key", _NAMES, writing.key),
    Veto("joined", _NAMES | {"DIAGNOSIS", "MEDICATION"}, writing.joined),
    Veto("currency", frozenset({"DIAGNOSIS"}), writing.currency),
    Veto("verse", _NAMES, writing.verse, over_certain=True),
    Veto("citation", _CITED, _citation),
)
"""Every veto there is, in the order in which they are asked."""

_BY_ENTITY = {
    entity: tuple(v for v in VETOES if entity in v.entities)
    for entity in frozenset().union(*(v.entities for v in VETOES))
}
