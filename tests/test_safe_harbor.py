"""The table of the eighteen identifiers: found, clear, not decidable, not looked for."""

from __future__ import annotations

from gatekeeper.detect import load_catalogue
from gatekeeper.model import Confidence, Evidence, Tally
from gatekeeper.safe_harbor import (
    CLEAR,
    FOUND,
    LETTERS,
    NOT_LOOKED_FOR,
    UNDECIDABLE,
    Row,
    safe_harbor,
)

ENTITIES = {
    letter: {e.name for e in load_catalogue().entities.values() if letter in e.hipaa}
    for letter in LETTERS
}
EVERYTHING = {name for names in ENTITIES.values() for name in names}


def evidence(
    *entities: str, confidence: Confidence = Confidence.LIKELY, refused: int = 0
) -> Evidence:
    counts = {(entity, "x", confidence): 2 for entity in entities}
    tally = Tally(frozenset({"a"}), 10, 0, 1, refused_count=refused, counts=counts)
    return Evidence({"sha256:0": tally})


def rows(held: Evidence, looked_for: set[str] = EVERYTHING) -> dict[str, Row]:
    return {row.letter: row for row in safe_harbor(held, ENTITIES, looked_for)}


def test_partial_counts_clear_nothing() -> None:
    tally = Tally(frozenset({"a"}), 10, 0, 1, bytes_left=4)
    states = {row.state for row in rows(Evidence({"sha256:0": tally})).values()}
    assert CLEAR not in states


def test_every_letter_has_entities() -> None:
    assert all(ENTITIES[letter] for letter in LETTERS)
    assert "".join(LETTERS) == "ABCDEFGHIJKLMNOPQR"


def test_nothing_found_is_clear_but_for_what_no_text_can_tell() -> None:
    states = {letter: row.state for letter, row in rows(evidence()).items()}
    assert {s for letter, s in states.items() if letter in "PQR"} == {UNDECIDABLE}
    assert {s for letter, s in states.items() if letter not in "PQR"} == {CLEAR}


def test_what_is_found_is_counted_by_entity() -> None:
    table = rows(evidence("US_ZIP", "STREET_ADDRESS", "BIOMETRIC_REFERENCE"))
    assert table["B"].state == FOUND
    assert table["B"].counts == {"US_ZIP": 2, "STREET_ADDRESS": 2}
    assert table["P"].state == FOUND
    assert table["A"].state == CLEAR


def test_a_guess_is_no_finding() -> None:
    assert rows(evidence("US_ZIP", confidence=Confidence.POSSIBLE))["B"].state == CLEAR


def test_what_was_not_looked_for_is_never_clear() -> None:
    table = rows(evidence("US_SSN"), {"US_SSN", "PERSON"})
    assert table["D"].state == NOT_LOOKED_FOR
    assert table["P"].state == NOT_LOOKED_FOR
    assert table["G"].state == FOUND
    assert table["A"].state == CLEAR
    assert "PERSON" not in table["A"].missing
    assert set(table["A"].missing) == ENTITIES["A"] - {"PERSON"}


def test_what_was_not_scanned_is_never_clear() -> None:
    assert rows(evidence(refused=1))["A"].state == UNDECIDABLE
    assert rows(Evidence({}))["A"].state == UNDECIDABLE


def test_an_age_up_to_89_is_allowed() -> None:
    assert rows(evidence("AGE"))["C"].state == CLEAR
