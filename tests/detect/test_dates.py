"""Dates in clinical, legal and chat text: characters leaked, precision, by kind and by format."""

from __future__ import annotations

from collections import defaultdict
from functools import cache

import pytest

from gatekeeper.detect import Detector, load_detector
from gatekeeper.model import Confidence, Finding, Record, Text
from tests.detect.date_texts import CARRIERS, FORMATS, dated, look_alikes

SEED = 20260101
DATES = {"DATE_TIME", "DATE_OF_BIRTH", "CARE_DATE"}
MOST_LEAKED, LEAST_PRECISION = 0.01, 0.95


@cache
def detector() -> Detector:
    return load_detector(entities=DATES)


def found(texts: list[str]) -> list[list[Finding]]:
    records = [Record("d", n, (Text("/x", text, "content"),), 0) for n, text in enumerate(texts)]
    return [
        [f for f in findings if f.entity in DATES and f.confidence >= Confidence.LIKELY]
        for _, findings in detector().detect(records)
    ]


def leaked(start: int, end: int, text: str, findings: list[Finding]) -> int:
    covered = {n for f in findings for n in range(f.start, f.end)}
    return sum(n not in covered and not text[n].isspace() for n in range(start, end))


def test_there_are_sixty_formats() -> None:
    assert len(FORMATS) >= 60


@pytest.mark.parametrize("kind", CARRIERS)
def test_dates_are_found_and_little_else(kind: str) -> None:
    cases = [case for case in dated(SEED) if case[0] == kind]
    out = found([case[2] for case in cases])
    lost = total = right = wrong = 0
    by_format: dict[str, int] = defaultdict(int)
    for (_, name, text, start, end), findings in zip(cases, out, strict=True):
        missing = leaked(start, end, text, findings)
        by_format[name] += missing
        lost, total = lost + missing, total + sum(not c.isspace() for c in text[start:end])
        hits = [f for f in findings if f.start < end and start < f.end]
        right, wrong = right + len(hits), wrong + len(findings) - len(hits)
    worst = {name: n for name, n in by_format.items() if n}
    assert lost / total <= MOST_LEAKED, worst
    assert right / (right + wrong) >= LEAST_PRECISION


def test_look_alikes_are_left_alone() -> None:
    texts = list(look_alikes(SEED))
    wrong = [text for text, findings in zip(texts, found(texts), strict=True) if findings]
    assert len(wrong) <= len(texts) // 100, wrong
