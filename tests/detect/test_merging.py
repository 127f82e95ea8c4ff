"""What is taken from the parts of a content, merged in order, is what is taken from the whole."""

import itertools

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gatekeeper.detect import columns, seen, sequences
from gatekeeper.detect.columns import Columns
from gatekeeper.detect.seen import Seen
from gatekeeper.detect.sequences import Sequences
from gatekeeper.detect.spans import Span
from gatekeeper.model import Text

KEY = bytes(32)
cuts = st.lists(st.integers(0, 60), max_size=6).map(sorted)
quick = settings(
    max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)


def in_parts(items: list, at: list[int]) -> list[list]:  # type: ignore[type-arg]
    edges = [0, *at, len(items)]
    return [items[a:b] for a, b in itertools.pairwise(edges)]


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every limit within reach."""
    monkeypatch.setattr(columns, "ENOUGH", 5)
    monkeypatch.setattr(columns, "LEAST", 3)
    monkeypatch.setattr(columns, "FIELDS_MAX", 3)
    monkeypatch.setattr(seen, "DIGESTS_MAX", 8)
    monkeypatch.setattr(sequences, "BUCKETS_MAX", 4)


def columns_of(rows: list[tuple[str, str]]) -> Columns:
    taken = Columns(KEY)
    for name, value in rows:
        taken.take(Text(f"/{name}", value, name))
    return taken


@quick
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["ref", "id", "code", "lot", "batch"]),
            st.integers(0, 25).map(lambda n: f"K-{22000 + n}") | st.just("none"),
        ),
        max_size=60,
    ),
    cuts,
)
def test_columns(rows: list[tuple[str, str]], at: list[int]) -> None:
    merged = Columns(KEY)
    for part in in_parts(rows, at):
        merged.merge(columns_of(part))
    expected = columns_of(rows)
    assert bool(merged) == bool(expected)
    assert [
        (name, list(field.values), field.out) for name, field in sorted(merged._fields.items())
    ] == [(name, list(field.values), field.out) for name, field in sorted(expected._fields.items())]


def seen_of(names: list[str]) -> Seen:
    taken = Seen(KEY)
    for name in names:
        taken.take(name, [Span(0, len(name), "PERSON", 0.9, "x")])
    return taken


@quick
@given(
    st.lists(
        st.sampled_from(
            ["Maria Gonzalez", "Peter Kowalski", "Ana Petrova", "Gonzalez", "Gonzalez, Maria"]
        ),
        max_size=60,
    ),
    cuts,
)
def test_names(names: list[str], at: list[int]) -> None:
    merged = Seen(KEY)
    for part in in_parts(names, at):
        merged.merge(seen_of(part))
    expected = seen_of(names)
    assert list(merged._digests) == list(expected._digests)
    assert merged.overflowed == expected.overflowed


def sequences_of(lines: list[tuple[str, float]]) -> Sequences:
    taken = Sequences(KEY)
    for line, score in lines:
        taken.take(Text("/t", line, "text"), Span(0, len(line), "BATES_NUMBER", score, "x"))
    return taken


@quick
@given(
    st.lists(
        st.tuples(
            st.builds(
                "{}{:06d}".format,
                st.sampled_from(["ABC", "XYZ", "QRS", "TUV", "LMN"]),
                st.sampled_from([1, 2, 3, 60, 130, 400, 123456]),
            ),
            st.sampled_from([0.35, 0.9]),
        ),
        max_size=60,
    ),
    cuts,
)
def test_sequences(lines: list[tuple[str, float]], at: list[int]) -> None:
    merged = Sequences(KEY)
    for part in in_parts(lines, at):
        merged.merge(sequences_of(part))
    expected = sequences_of(lines)
    assert merged._bits == expected._bits
    assert list(merged._placed) == list(expected._placed)
    assert list(merged._labelled) == list(expected._labelled)
    assert merged.overflowed == expected.overflowed


def test_what_is_no_longer_known_of_a_placed_series_counts_as_found() -> None:
    lines = [(f"ABC{n:06d}", 0.35) for n in range(0, 64 * 6, 64)]
    known = sequences_of(lines)
    assert known.overflowed
    text = Text("/t", "ABC009999", "text")
    assert known.stands(text, Span(0, 9, "BATES_NUMBER", 0.35, "x"))


def test_the_order_of_the_records_does_not_count_for_what_fields_are_kept() -> None:
    rows = [(name, f"K-{22000 + n}") for n in range(3) for name in ("d", "b", "e", "a", "c")]
    assert (
        columns_of(rows)._fields.keys()
        == columns_of(rows[::-1])._fields.keys()
        == {"/a", "/b", "/c"}
    )
