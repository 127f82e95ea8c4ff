"""Words, figures and rows that look like somebody's, each beside the value that they look like."""

from functools import cache

import pytest

from gatekeeper.detect import Detector, load_detector
from gatekeeper.detect.designations import is_broken, is_designation
from gatekeeper.detect.surroundings import Surroundings
from gatekeeper.model import Confidence, Record, Text

ENTITIES = (
    "BATES_NUMBER", "ICD10_CODE", "LAB_RESULT", "PHONE_NUMBER", "SNOMED_CODE", "STREET_ADDRESS",
)  # fmt: skip


@cache
def detector() -> Detector:
    return load_detector(entities=ENTITIES)


def likely(text: str) -> set[tuple[str, str]]:
    ((_, findings),) = detector().detect([Record("l", 0, (Text("", text),), 0)])
    return {
        (f.entity, text[f.start : f.end]) for f in findings if f.confidence >= Confidence.LIKELY
    }


@pytest.mark.parametrize(
    "text",
    [
        "step 672139 | loss 9.4534372 | grad_norm 7.1234",
        "HIP 79734, SAO 195127, TYC 9928-2266-1",
        "CCDC 1697336, ICSD 169650, space group P2",
        "hdl:78679/741031",
        "hdl: 78679",
        "Bearing 1024-2RS, seal 12x27x49",
        "Engineering 101 is full; Sharing 12 files; Brigade 12 and Katie 12",
        "28 RBI in 896 PA\nLane 36, heat 41",
        "x y z\n298 497 9797\n706 651 7390",
        "706 651 7390\n195 438 2453",
        "Call number QA76.32 .C550\nhdl:16928/146472",
        "The doctor diagnoses the engine.\nCode F41.18 in the table stands for a screw.",
    ],
)
def test_left_alone(text: str) -> None:
    assert likely(text) == set()


@pytest.mark.parametrize(
    ("text", "entity", "value"),
    [
        ("22298006 | Myocardial infarction (disorder) |", "SNOMED_CODE", "22298006"),
        ("ABC0001234 to ABC0001239", "BATES_NUMBER", "ABC0001234 to ABC0001239"),
        ("ABC001234, ABC001239", "BATES_NUMBER", "ABC001239"),
        ("HDL: 45", "LAB_RESULT", "HDL: 45"),
        ("WBC: 11200", "LAB_RESULT", "WBC: 11200"),
        ("Altstadtring 5", "STREET_ADDRESS", "Altstadtring 5"),
        ("Nordring 12-14", "STREET_ADDRESS", "Nordring 12-14"),
        ("12bis rue Lepic", "STREET_ADDRESS", "12bis rue Lepic"),
        ("lives at 896 Penny\nLane", "STREET_ADDRESS", "896 Penny\nLane"),
        ("Maria G Lopez\n706 651 7390", "PHONE_NUMBER", "706 651 7390"),
        ("212 555 0134\n415 555 0187", "PHONE_NUMBER", "212 555 0134"),
        ("my phone: 6465581149", "PHONE_NUMBER", "6465581149"),
        ("The patient came.\nE11.9", "ICD10_CODE", "E11.9"),
    ],
)
def test_found(text: str, entity: str, value: str) -> None:
    assert (entity, value) in likely(text)


def around(marked: str) -> Surroundings:
    start, end = marked.index("«"), marked.index("»") - 1
    return Surroundings.of(marked.replace("«", "").replace("»", ""), start, end)


@pytest.mark.parametrize(
    "marked",
    [
        "«Tuning E A D G B E», capo 2",
        "«Engineering C» is a course",
        "«J. Appl». Phys. 877",
        "«Roma tomatoes»",
        "«Yukon» Gold potatoes",
        "«Bing» cherries",
        "«Shogi»: P-7f, P-3d, P-2f",
        "set «GCH, rarity R», cost 3",
        "LNCS 2850, «Springer\nJ. Appl»",
        "«Parkinson» and Alzheimer gave their names to diseases",
    ],
)
def test_designations(marked: str) -> None:
    assert is_designation(around(marked))


@pytest.mark.parametrize(
    "marked",
    [
        "«Maria C» is here",
        "«J. Smith». 3 days later",
        "«Maria Lopez»",
        "«Maria\nLopez»",
        "«van der Berg»",
        "«Deepika Mukherjee, Ostrava Steel a.s.»",
        "Patient: «Roma tomatoes»",
        "Dear «Springer\nJ. Appl»",
        "«Parkinson» gave me a call",
        "«Maria»: B-12, C-14, room 3",
        "«Oyelaran»: hello, I am here",
        "«Maria» ate two pears",
    ],
)
def test_names(marked: str) -> None:
    assert not is_designation(around(marked))


def test_a_wrapped_line_is_not_broken() -> None:
    line = "The results of the whole trial were presented by Zhadyra"
    at = line.index("Zhadyra")
    assert not is_broken(f"{line}\nOspanova and others", at, at + 16)
    assert is_broken("by Zhadyra\nOspanova and others", 3, 19)
