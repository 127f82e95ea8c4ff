"""The laws of overlap: no order of the input matters, nothing is lost, doing it twice is once."""

import random

from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.detect.catalogue import load_catalogue
from gatekeeper.detect.overlap import merged, resolve
from gatekeeper.detect.spans import Span
from gatekeeper.model import Confidence

ENTITIES = load_catalogue().entities
NAMES = [
    "PHONE_NUMBER", "FAX_NUMBER", "CREDIT_CARD", "US_SSN", "URL", "DATE_TIME", "DATE_OF_BIRTH",
    "CARE_DATE", "GENERIC_API_KEY", "PASSWORD_ASSIGNMENT", "JWT", "PERSON", "EMAIL_ADDRESS", "UUID",
]  # fmt: skip


@st.composite
def spans(draw: st.DrawFn) -> Span:
    start = draw(st.integers(0, 30))
    end = start + draw(st.integers(1, 12))
    score = draw(st.sampled_from([0.2, 0.35, 0.5, 0.65, 0.8, 0.95]))
    return Span(start, end, draw(st.sampled_from(NAMES)), score, draw(st.sampled_from("abc")))


MANY = st.lists(spans(), max_size=14)


@given(MANY, st.integers(0, 1000))
def test_the_order_of_the_input_does_not_matter(found: list[Span], seed: int) -> None:
    shuffled = random.Random(seed).sample(found, len(found))  # noqa: S311
    assert resolve(found, ENTITIES) == resolve(shuffled, ENTITIES)


@given(MANY)
def test_resolving_again_changes_nothing(found: list[Span]) -> None:
    once = resolve(found, ENTITIES)
    assert resolve(once, ENTITIES) == once


@given(MANY)
def test_every_character_stays_covered_with_its_confidence(found: list[Span]) -> None:
    def tier(span: Span) -> Confidence | None:
        return ENTITIES[span.entity].tier(span.score)

    kept = resolve(found, ENTITIES)
    for span in found:
        mine = tier(span)
        if mine is not None:
            assert any(
                k.start <= span.start and k.end >= span.end and (tier(k) or 0) >= mine for k in kept
            )


@given(MANY)
def test_only_what_yields_is_dropped(found: list[Span]) -> None:
    kept = resolve(found, ENTITIES)
    whole = merged(s for s in found if ENTITIES[s.entity].tier(s.score) is not None)
    for span in set(whole) - set(kept):
        assert any(
            o.entity in ENTITIES[span.entity].yields_to
            and o.start <= span.start
            and o.end >= span.end
            for o in whole
        )


def test_a_number_inside_an_address_survives() -> None:
    url, ssn = Span(0, 40, "URL", 0.8, "u"), Span(20, 31, "US_SSN", 0.65, "s")
    assert resolve([url, ssn], ENTITIES) == [url, ssn]


def test_a_weaker_reading_does_not_displace_a_stronger_one() -> None:
    phone, fax = Span(0, 12, "PHONE_NUMBER", 0.95, "p"), Span(0, 12, "FAX_NUMBER", 0.7, "f")
    assert resolve([phone, fax], ENTITIES) == [phone, fax]
    assert (
        resolve([phone, Span(0, 12, "FAX_NUMBER", 0.95, "f")], ENTITIES)[0].entity == "FAX_NUMBER"
    )


def test_twins_of_one_entity_are_one() -> None:
    assert merged([Span(0, 5, "URL", 0.5, "a"), Span(3, 9, "URL", 0.8, "b")]) == [
        Span(0, 9, "URL", 0.8, "b")
    ]
