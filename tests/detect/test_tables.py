"""Tables inside a text: a cell is read under the head of its column."""

import pytest

from gatekeeper.detect.fields import within
from gatekeeper.detect.tables import cells_of

FIXED = """Name          DOB       MRN
Smith J       3/4/62    483921
Brown K       4/5/71    483922
"""
BARS = """| Patient name | Date of birth | Phone |
|---|---|---|
| maria gonzalez | 1962-03-14 | 3125550142 |
| LI WEI | 1971-05-04 | 3125550143 |
"""
COMMAS = """first_name,last_name,zip
maria,gonzalez,60614
li,wei,2139
"""
TABS = "Vorname\tNachname\tPLZ\nmaria\tschmidt\t10115\nli\twei\t10117\n"


def spans(text: str) -> list[tuple[str, str]]:
    return sorted({(text[s.start : s.end], s.entity) for s in within(text) if s.score >= 0.6})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (FIXED, {"Smith J": "PERSON", "Brown K": "PERSON", "3/4/62": "DATE_OF_BIRTH"}),
        (FIXED, {"483922": "MEDICAL_RECORD_NUMBER"}),
        (BARS, {"maria gonzalez": "PERSON", "LI WEI": "PERSON", "3125550143": "PHONE_NUMBER"}),
        (COMMAS, {"gonzalez": "PERSON", "li": "PERSON", "2139": "US_ZIP"}),
        (TABS, {"schmidt": "PERSON", "wei": "PERSON", "10117": "US_ZIP"}),
        ("intro\n\n" + FIXED + "\nthat was it", {"Brown K": "PERSON"}),
    ],
)  # fmt: skip
def test_cells_are_typed_by_the_heads(text: str, expected: dict[str, str]) -> None:
    found = spans(text)
    for value, entity in expected.items():
        assert (value, entity) in found


def test_a_rule_below_the_heads_is_no_row() -> None:
    text = FIXED.replace("\nSmith", "\n----          ---       ---\nSmith")
    assert ("Smith J", "PERSON") in spans(text)


@pytest.mark.parametrize(
    "text",
    [
        "Name  Size  Kind\nlaser pointer  12  tool\nrose garden  14  place\n",
        "| Name | Stars |\n|---|---|\n| numpy | 21000 |\n| flask | 60000 |\n",
        "name,price\nrose tea,12\nvictoria sponge,14\n",
        "Some prose.  With two blanks.  After stops.\nAnd more.  Of it.  Here.\n",
        "phone,brand,price\niPhone,Apple,999\nPixel,Google,799\n",
    ],
)
def test_tables_of_things_hold_no_people(text: str) -> None:
    assert spans(text) == []


def test_a_long_text_without_tables_costs_little() -> None:
    assert cells_of("a  b " * 12_000 + "\n") == ()
