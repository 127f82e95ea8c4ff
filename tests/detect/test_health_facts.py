"""Identifier and health fact meet in every shape of record; the lexicon is what its lists say."""

import runpy
from functools import cache
from pathlib import Path

import pytest

from gatekeeper.detect import Detector, load_catalogue, load_detector
from gatekeeper.detect.recognizers.citations import citations, in_citation
from gatekeeper.detect.recognizers.health.codes import verhoeff
from gatekeeper.model import Confidence, Record, Text

ROOT = Path(__file__).parents[2]
PHI = [
    "MRN: 00483921. Assessment: COPD, continue tiotropium.",
    "Mail roe84@example.com: your hemoglobin A1c was 8.2 %.",
    "Member ID: XJH883920174, CPT 99213, ICD-10 E11.9",
    "SSN: 536-22-8179. She is 32 weeks pregnant.",
    "Phone (312) 555-0142, takes sertraline for PTSD.",
    "Student ID: S4482019 reports daily marijuana use.",
    "| MRN | Dx |\n|---|---|\n| 00483921 | asthma |",
    "mrn,medication\n00483921,metformin\n00483922,losartan\n",
    "PID|1||00483921^^^HOSP^MR||DOE^JANE\rDG1|1||J45.909^Asthma^I10",
    "username: christopher975 wrote: I was diagnosed with HIV last year.",
    "Patient ID: PT-448201. Allergies: penicillin",
    "Pacemaker serial no. PJN448201S; atrial fibrillation since 2019.",
    "HICN: 536-22-8179A, SNOMED CT: 73211009",
]
NO_PHI = [
    "MRN: 00483921. The chart was scanned.",
    "Asthma is a disease of the airways; salbutamol opens them.",
    "What is the role of metformin in type 2 diabetes?",
    "The order 00483921 has shipped.",
]


@cache
def detector() -> Detector:
    catalogue = load_catalogue()
    return load_detector(entities=catalogue.resolve("identifier") | catalogue.resolve("health"))


def classes(text: str) -> set[str]:
    catalogue = load_catalogue()
    ((_, findings),) = detector().detect([Record("h", 0, (Text("/t", text, "content"),), 0)])
    likely = [f.entity for f in findings if f.confidence >= Confidence.LIKELY]
    return {c for e in likely for c in catalogue.entities[e].classes} & {"identifier", "health"}


@pytest.mark.parametrize("text", PHI)
def test_an_identifier_beside_a_health_fact(text: str) -> None:
    assert classes(text) == {"identifier", "health"}


@pytest.mark.parametrize("text", NO_PHI)
def test_one_without_the_other(text: str) -> None:
    assert classes(text) != {"identifier", "health"}


def test_the_lexicon_is_what_its_lists_say() -> None:
    built = runpy.run_path(str(ROOT / "train" / "health" / "build.py"))
    assert built["packed"]() == built["OUT"].read_bytes()


def test_verhoeff() -> None:
    assert verhoeff("73211009")
    assert not verhoeff("73211008")
    assert not verhoeff("72311009")


@pytest.mark.parametrize(
    ("text", "cited"),
    [
        ("See 347 U.S. 483 (1954).", "347 U.S. 483 (1954)"),
        ("under 42 U.S.C. § 1983 and", "42 U.S.C. § 1983"),
        ("at 2019 WL 1234567, ", "2019 WL 1234567"),
        ("[2020] EWHC 123 (Ch) held", "[2020] EWHC 123 (Ch)"),
        ("AIR 1978 SC 597", "AIR 1978 SC 597"),
        ("Pub. L. No. 104-191 of", "Pub. L. No. 104-191"),
        ("Regulation (EU) 2016/679", "Regulation (EU) 2016/679"),
        ("at 12 Main St. 60614", None),
        ("call 312 555 0142", None),
        ("Case No. 3:21-cv-04857", None),
    ],
)
def test_citations(text: str, cited: str | None) -> None:
    assert [text[a:b] for a, b in citations(text)] == ([cited] if cited else [])
    if cited:
        at = text.index(cited)
        assert in_citation(text, at + 2, at + 5)
        assert not in_citation(text, 0, at)
