"""The eighteen identifiers of HIPAA Safe Harbor, as a table over the evidence of a dataset.

45 CFR 164.514(b)(2)(i)(A)-(R). Pure: evidence, the entities of each letter, and the entities that
were looked for → rows. No row says `clear` where nothing looked, where part of the dataset was not
scanned, or where a text cannot tell: biometrics, faces and "any other unique code" (P, Q, R).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from gatekeeper.model import Confidence, Evidence

FOUND, CLEAR, UNDECIDABLE, NOT_LOOKED_FOR = "found", "clear", "not decidable", "not looked for"
LETTERS = {
    "A": "names",
    "B": "geography below the state",
    "C": "dates but the year, ages over 89",
    "D": "telephone numbers",
    "E": "fax numbers",
    "F": "electronic mail addresses",
    "G": "social security numbers",
    "H": "medical record numbers",
    "I": "health plan beneficiary numbers",
    "J": "account numbers",
    "K": "certificate and license numbers",
    "L": "vehicle identifiers and plates",
    "M": "device identifiers and serials",
    "N": "web addresses",
    "O": "internet protocol addresses",
    "P": "biometric identifiers",
    "Q": "full-face photographs",
    "R": "any other unique code",
}
NOT_IN_TEXT = frozenset("PQR")
"""A text can show that one of these is there, never that none is."""


@dataclass(frozen=True, slots=True)
class Row:
    """One letter: `state`, findings by entity, and the entities of it that nothing looked for."""

    letter: str
    title: str
    state: str
    counts: Mapping[str, int]
    missing: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Sorted by entity."""
        return {
            "letter": self.letter,
            "title": self.title,
            "state": self.state,
            "counts": dict(sorted(self.counts.items())),
            "not_looked_for": list(self.missing),
        }


def safe_harbor(
    evidence: Evidence,
    entities: Mapping[str, Collection[str]],
    looked_for: Collection[str],
    *,
    confidence: Confidence = Confidence.LIKELY,
) -> tuple[Row, ...]:
    """The eighteen rows, A to R.

    Args:
        evidence: what was counted.
        entities: for each letter the entities that serve it.
        looked_for: the entities that the detector was asked for.
        confidence: the least confidence of a finding that counts.
    """
    whole = not any(t.refused_count or t.bytes_unscanned or t.bytes_left for _, t in evidence)
    read = any(t.records for _, t in evidence)
    return tuple(
        _row(letter, evidence, entities.get(letter, ()), looked_for, confidence, whole and read)
        for letter in LETTERS
    )


def _row(
    letter: str,
    evidence: Evidence,
    entities: Collection[str],
    looked_for: Collection[str],
    confidence: Confidence,
    whole: bool,
) -> Row:
    counts: dict[str, int] = {}
    for _, tally in evidence:
        for (entity, _field, tier), n in tally.counts.items():
            if entity in entities and tier >= confidence and n:
                counts[entity] = counts.get(entity, 0) + n
    missing = tuple(sorted(set(entities) - set(looked_for) - set(counts)))
    if counts:
        state = FOUND
    elif len(missing) == len(set(entities)):
        state = NOT_LOOKED_FOR
    elif letter in NOT_IN_TEXT or not whole:
        state = UNDECIDABLE
    else:
        state = CLEAR
    return Row(letter, LETTERS[letter], state, counts, missing)
