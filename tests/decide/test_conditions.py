"""What a condition counts, when that is enough, and which places it names."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gatekeeper.decide import PLACES_SHOWN
from gatekeeper.model import (
    AllOf,
    AnyOf,
    Condition,
    Confidence,
    Count,
    Place,
    SameRecord,
    Tally,
    Unit,
    Where,
)
from tests.decide.kit import CERTAIN, LIKELY, POSSIBLE, found, held, tally

SSN, NAME, CARD, DRUG = (frozenset({e}) for e in ("SSN", "NAME", "CARD", "DRUG"))
RECORDS = Unit.RECORDS


def number(when: Condition, *tallies: Tally) -> int:
    """What was counted; 0 where the condition does not hold."""
    reason = held(when, *tallies)
    return reason.count if reason else 0


def together(number: int, *entities: str, tier: Confidence = LIKELY) -> Tally:
    """So many records in each of which all of these meet."""
    return tally(signatures={frozenset((e, tier) for e in entities): number})


# --- counts --------------------------------------------------------------------------------------

MIXED = tally(
    counts={
        ("SSN", "/text", POSSIBLE): 50,
        ("SSN", "/text", LIKELY): 2,
        ("SSN", "/note", CERTAIN): 3,
        ("NAME", "/text", LIKELY): 7,
        ("CARD", "/text", CERTAIN): 100,
    }
)


@pytest.mark.parametrize(
    ("when", "total"),
    [
        (Count(SSN), 5),
        (Count(SSN | NAME), 12),
        (Count(SSN | NAME, confidence=POSSIBLE), 62),
        (Count(SSN | NAME, confidence=CERTAIN), 3),
        (Count(DRUG), 0),
    ],
)
def test_a_count_is_of_what_is_named_at_its_tier_or_above(when: Count, total: int) -> None:
    assert number(when, MIXED) == total
    assert number(when, MIXED, tally(), MIXED) == 2 * total


@pytest.mark.parametrize("when", [Count, lambda e, n: Count(e, n, unit=RECORDS)])
@pytest.mark.parametrize("group", [SSN, SSN | NAME])
def test_a_count_holds_from_its_threshold_on(
    when: Callable[..., Count], group: frozenset[str]
) -> None:
    signatures = {frozenset({("SSN", LIKELY)}): 5}
    five = tally(counts={("SSN", "/text", LIKELY): 5}, signatures=signatures)
    enough = held(when(group, 5), five)
    assert enough is not None
    assert (enough.count, enough.at_least) == (5, 5)
    assert held(when(group, 6), five) is None
    more = held(when(group, 6), five, five)
    assert more is not None
    assert (more.count, more.at_least) == (10, 6)


@pytest.mark.parametrize(
    ("fields", "total"),
    [
        ((), 1111),
        (("/text",), 1001),
        (("/messages/*/content",), 1010),
        (("/nowhere", "/text", "/m*"), 1011),
        (("/nowhere",), 1000),
        (("/TEXT",), 1000),
    ],
)
def test_fields_are_globs_and_what_no_field_was_kept_for_matches_each(
    fields: tuple[str, ...], total: int
) -> None:
    names = {"/text": 1, "/messages/*/content": 10, "/other": 100, "*": 1000}
    seen = tally(counts={("SSN", field, LIKELY): n for field, n in names.items()})
    assert number(Count(SSN, fields=fields), seen) == total


@pytest.mark.parametrize(
    ("files", "total"),
    [
        ((), 111),
        (("*.jsonl",), 101),
        (("docs/*",), 10),
        (("else/*",), 100),
        (("no/*", "docs/*", "data/b*"), 110),
        (("DATA/*",), 0),
    ],
)
def test_files_are_globs_and_one_source_of_a_content_is_enough(
    files: tuple[str, ...], total: int
) -> None:
    contents = (1, "data/a.jsonl"), (10, "docs/a.csv"), (100, "data/b.jsonl", "else/b.csv")
    apart = frozenset({("SSN", LIKELY), ("NAME", LIKELY)})
    seen = [found(n, *names, signatures={apart: n}) for n, *names in contents]
    assert number(Count(SSN, files=files), *seen) == total
    assert number(Count(SSN, unit=RECORDS, files=files), *seen) == total
    assert number(SameRecord((SSN, NAME), files=files), *seen) == total


def test_a_record_with_several_findings_is_one_record() -> None:
    signatures = {
        frozenset({("SSN", LIKELY), ("NAME", CERTAIN)}): 4,
        frozenset({("SSN", POSSIBLE), ("CARD", CERTAIN)}): 20,
        frozenset({("NAME", LIKELY)}): 300,
    }
    seen = tally(counts={("SSN", "/text", LIKELY): 9}, signatures=signatures)
    assert number(Count(SSN | NAME, unit=RECORDS), seen) == 304
    assert number(Count(SSN, unit=RECORDS), seen) == 4
    assert number(Count(SSN, unit=RECORDS, confidence=POSSIBLE), seen) == 24
    assert number(Count(SSN | NAME, unit=RECORDS, confidence=CERTAIN), seen) == 4


def test_records_of_some_fields_are_no_more_than_the_findings_there() -> None:
    signatures = {frozenset({("SSN", LIKELY)}): 4}
    counts = {("SSN", "/text", LIKELY): 3, ("SSN", "/note", LIKELY): 9}
    seen = tally(counts=counts, signatures=signatures)
    assert number(Count(SSN, unit=RECORDS, fields=("/text",)), seen) == 3
    assert number(Count(SSN, unit=RECORDS, fields=("/note",)), seen) == 4
    assert number(Count(SSN, unit=RECORDS), tally(signatures=signatures)) == 4


# --- what meets in one record --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("groups", "present", "holds"),
    [
        ((SSN,), ("SSN",), True),
        ((SSN, NAME), ("SSN", "NAME", "CARD"), True),
        ((SSN, NAME), ("SSN", "CARD"), False),
        ((SSN, SSN), ("SSN", "NAME"), False),
        ((SSN | NAME, SSN), ("NAME", "SSN"), True),
        ((SSN, SSN | NAME), ("NAME", "SSN"), True),
        ((SSN | NAME, SSN | NAME), ("SSN", "CARD"), False),
        ((SSN, SSN | NAME, NAME), ("NAME", "SSN"), False),
        ((SSN | NAME, NAME | CARD, SSN), ("NAME", "CARD", "SSN"), True),
        ((SSN, NAME, CARD), ("SSN", "NAME", "CARD"), True),
        ((SSN, NAME, CARD), ("SSN", "NAME", "DRUG"), False),
    ],
)
def test_every_group_needs_an_entity_of_its_own(
    groups: tuple[frozenset[str], ...], present: tuple[str, ...], holds: bool
) -> None:
    assert number(SameRecord(groups), together(3, *present)) == (3 if holds else 0)


def test_what_meets_in_a_record_is_counted_over_all_at_its_tier_or_above() -> None:
    both = SameRecord((SSN, NAME), 9)
    apart = tally(signatures={frozenset({("SSN", LIKELY)}): 50, frozenset({("NAME", LIKELY)}): 50})
    seen = [together(4, "SSN", "NAME"), together(5, "SSN", "NAME", "CARD", tier=CERTAIN), apart]
    reason = held(both, *seen)
    assert reason is not None
    assert (reason.count, reason.at_least) == (9, 9)
    assert held(SameRecord((SSN, NAME), 10), *seen) is None
    assert held(SameRecord((SSN, NAME), 1, POSSIBLE), apart) is None
    assert number(SameRecord((SSN, NAME), 1, CERTAIN), *seen) == 5
    assert number(SameRecord((SSN, NAME), 1, POSSIBLE), together(2, "SSN", "NAME")) == 2
    assert held(both, together(50, "SSN", "NAME", tier=POSSIBLE)) is None


# --- all of, any of ------------------------------------------------------------------------------

HOLDS, ALSO, NOT = Count(SSN), Count(NAME, 2), Count(SSN, 100)
THREE = tally(counts={("SSN", "/text", LIKELY): 3, ("NAME", "/text", LIKELY): 4})


@pytest.mark.parametrize(
    ("when", "counted"),
    [
        (AllOf((HOLDS,)), (1, 1)),
        (AllOf((HOLDS, ALSO)), (2, 2)),
        (AllOf((HOLDS, NOT)), None),
        (AllOf((NOT, HOLDS)), None),
        (AnyOf((HOLDS, ALSO)), (3, 1)),
        (AnyOf((NOT, ALSO, HOLDS)), (4, 2)),
        (AnyOf((NOT, NOT)), None),
        (AnyOf((AllOf((HOLDS, NOT)), AllOf((ALSO, HOLDS, HOLDS)))), (3, 3)),
    ],
)
def test_all_parts_hold_or_the_first_that_does(
    when: Condition, counted: tuple[int, int] | None
) -> None:
    reason = held(when, THREE)
    assert (reason and (reason.count, reason.at_least)) == counted


def test_a_condition_of_no_known_kind_is_not_one_that_does_not_hold() -> None:
    for when in ("SSN", AnyOf((HOLDS, "SSN")), AllOf((NOT, "SSN"))):  # type: ignore[arg-type]
        with pytest.raises((AttributeError, TypeError)):
            held(when, tally())  # type: ignore[arg-type]


# --- places --------------------------------------------------------------------------------------


def at(record: int, pointer: str = "/text") -> Place:
    return Place(record, pointer, 0, 9)


def shown(when: Condition, *tallies: Tally) -> list[tuple[str, str, int]]:
    """Source, entity and record of every place that is named."""
    reason = held(when, *tallies)
    assert reason is not None
    return [(w.source, w.entity, w.place.record) for w in reason.where]


def seen(*sources: str, **places: int) -> Tally:
    """One place of each entity, in the record of this number."""
    counts = {(e, "/text", LIKELY): 1 for e in places}
    kept = {(e, LIKELY): (at(n),) for e, n in places.items()}
    signatures = {frozenset((e, LIKELY) for e in places): 1}
    return tally(*sources, counts=counts, places=kept, signatures=signatures)


def test_a_place_is_named_with_its_source_and_entity() -> None:
    reason = held(Count(SSN), seen("b.jsonl", "a.jsonl", SSN=7))
    assert reason is not None
    assert reason.where == (Where("a.jsonl", "SSN", at(7)),)


def test_places_are_those_of_what_was_counted() -> None:
    places = {
        ("SSN", POSSIBLE): (at(1),),
        ("SSN", LIKELY): (at(2), at(3, "/rows/12/note")),
        ("SSN", CERTAIN): (at(4, "/rows/13/note"),),
        ("NAME", LIKELY): (at(5),),
    }
    counts = {("SSN", "/text", POSSIBLE): 1, ("SSN", "/rows/*/note", CERTAIN): 2}
    signatures = {frozenset({("SSN", CERTAIN), ("NAME", LIKELY)}): 1}
    one = tally("a.jsonl", counts=counts, places=places, signatures=signatures)
    other = tally("b.csv", places={("SSN", LIKELY): (at(6),)})

    def records(when: Condition) -> list[int]:
        return [record for _, _, record in shown(when, one, other)]

    assert records(Count(SSN)) == [2, 3, 4, 6]
    assert records(Count(SSN, confidence=POSSIBLE)) == [1, 2, 3, 4, 6]
    assert records(Count(SSN, confidence=CERTAIN)) == [4]
    assert records(Count(SSN, files=("*.jsonl",))) == [2, 3, 4]
    assert records(Count(SSN, fields=("/rows/?/note",))) == [3, 4]
    assert records(SameRecord((SSN,))) == [2, 3, 4, 6]
    assert records(SameRecord((SSN, NAME))) == [2, 3, 4, 5, 6]
    assert records(SameRecord((SSN,), confidence=CERTAIN)) == [4]
    assert records(SameRecord((SSN,), files=("*.jsonl",))) == [2, 3, 4]


def test_places_are_in_the_order_of_source_place_and_entity() -> None:
    tallies = seen("b.csv", SSN=1, NAME=1), seen("a.csv", NAME=3, SSN=2), seen("a.csv", SSN=2)
    in_order = [
        ("a.csv", "SSN", 2),
        ("a.csv", "NAME", 3),
        ("b.csv", "NAME", 1),
        ("b.csv", "SSN", 1),
    ]
    assert shown(Count(SSN | NAME), *tallies) == in_order
    assert shown(SameRecord((SSN, NAME)), *tallies) == in_order
    assert shown(AllOf((Count(SSN), Count(NAME), Count(SSN))), *tallies) == in_order
    assert shown(AnyOf((Count(NAME), Count(SSN))), *tallies) == in_order[1:3]


def test_the_smallest_places_are_named_and_all_are_counted() -> None:
    kept = tuple(at(n) for n in range(PLACES_SHOWN))
    many = [
        found(PLACES_SHOWN, "b.csv", entity="SSN", places={("SSN", LIKELY): kept}),
        found(PLACES_SHOWN, "a.csv", entity="NAME", places={("NAME", LIKELY): kept[1:]}),
    ]
    expected = [("a.csv", "NAME", n) for n in range(1, PLACES_SHOWN)] + [("b.csv", "SSN", 0)]
    assert shown(Count(SSN | NAME), *many) == expected
    assert shown(AllOf((Count(SSN), Count(NAME))), *many) == expected
    assert number(Count(SSN | NAME), *many) == 2 * PLACES_SHOWN


def test_a_content_without_a_name_counts_though_no_place_of_it_can_be_named() -> None:
    nameless = Tally(
        frozenset(),
        9,
        0,
        1,
        counts={("SSN", "/text", LIKELY): 2},
        places={("SSN", LIKELY): (at(0),)},
    )
    assert number(Count(SSN), nameless) == 2
    assert shown(Count(SSN), nameless, seen("a.csv", SSN=4)) == [("a.csv", "SSN", 4)]
