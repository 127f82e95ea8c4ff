"""What is counted: bounded, and the same whatever the order of the parts it was counted in."""

import itertools
import pickle

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gatekeeper import counting
from gatekeeper.counting import Count
from gatekeeper.model import Confidence, Finding, Record, Tally, Text, Unscanned

ENTITIES = ("PERSON", "US_SSN", "DIAGNOSIS")


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every limit within reach."""
    monkeypatch.setattr(counting, "FIELDS_KEPT", 2)
    monkeypatch.setattr(counting, "SIGNATURES_KEPT", 3)


found = st.tuples(st.sampled_from(ENTITIES), st.sampled_from("abcde"), st.sampled_from(Confidence))
rows = st.lists(st.lists(found, max_size=3) | st.none(), max_size=25)
Row = list[tuple[str, str, Confidence]] | None


def counted(first: int, part: list[Row]) -> Count:
    """Rows from number `first` on; None is one that was refused."""
    count = Count()
    for n, row in enumerate(part, first):
        if row is None:
            count.refuse(Unscanned("s", f"line {n}", "broken-json", "broken", 7, opaque=n % 3 == 0))
            continue
        findings = [
            Finding("s", n, f"/{field}", n, n + 1, entity, 0.5, confidence, "R")
            for entity, field, confidence in row
        ]
        count.count(Record("s", n, (Text("/a", "x"),), 10), findings)
    return count


def closed(count: Count, rows: list[Row]) -> Tally:
    return count.close("s", sum(7 if row is None else 10 for row in rows))


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows, st.lists(st.integers(0, 25), max_size=5).map(sorted), st.randoms())
def test_counts_of_parts_are_the_count_of_the_whole(
    rows: list[Row], at: list[int], random: object
) -> None:
    edges = [0, *at, len(rows)]
    parts = [counted(a, rows[a:b]) for a, b in itertools.pairwise(edges)]
    random.shuffle(parts)  # type: ignore[attr-defined]
    merged = Count()
    for part in parts:
        merged.merge(pickle.loads(pickle.dumps(part.packed())))  # noqa: S301
    assert closed(merged, rows) == closed(counted(0, rows), rows)


def test_what_is_beyond_the_limits_is_counted_still() -> None:
    rows: list[Row] = [
        [(entity, field, confidence)]
        for entity in ENTITIES
        for field in "edcba"
        for confidence in Confidence
    ]
    tallied = closed(counted(0, rows), rows)
    assert {field for _, field, _ in tallied.counts} == {"/a", "/b", "*"}
    assert sum(tallied.counts.values()) == len(rows)
    assert sum(tallied.signatures.values()) == len(rows)
    assert len(tallied.signatures) == 4
    union = max(tallied.signatures, key=len)
    assert {entity for entity, _ in union} >= {"PERSON", "US_SSN"}
