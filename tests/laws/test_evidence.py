"""Law 3: evidence merges; the union is idempotent, commutative and associative."""

from hypothesis import given

from gatekeeper.model import Evidence, Tally, canonical_bytes
from tests.laws.strategies import evidences, tallies


@given(evidences, evidences)
def test_merge_is_commutative(a: Evidence, b: Evidence) -> None:
    assert a.merge(b) == b.merge(a)


@given(evidences, evidences, evidences)
def test_merge_is_associative(a: Evidence, b: Evidence, c: Evidence) -> None:
    assert a.merge(b).merge(c) == a.merge(b.merge(c))


@given(evidences)
def test_merge_is_idempotent_and_the_empty_evidence_is_neutral(a: Evidence) -> None:
    assert a.merge(a) == a
    assert a.merge(Evidence()) == a == Evidence().merge(a)


@given(tallies(), tallies())
def test_a_join_says_at_least_what_each_part_says(a: Tally, b: Tally) -> None:
    joined = a.join(b)
    for part in (a, b):
        assert joined.bytes_unscanned >= part.bytes_unscanned
        assert joined.refused_count >= part.refused_count
        assert all(joined.counts[key] >= n for key, n in part.counts.items())
        assert all(joined.signatures[key] >= n for key, n in part.signatures.items())
        assert joined.sources >= part.sources


@given(evidences)
def test_canonical_form_is_lossless_and_equal_for_equal_evidence(a: Evidence) -> None:
    again = Evidence.from_json(a.to_json())
    assert again == a
    assert canonical_bytes(again.to_json()) == canonical_bytes(a.to_json())
    assert again.digest == a.digest


@given(evidences, evidences)
def test_shards_and_retries_do_not_double_count(a: Evidence, b: Evidence) -> None:
    assert Evidence.union([a, b, a, b, b]) == Evidence.union([b, a])
