"""What only the whole of a content shows: names seen elsewhere, numbers in sequence."""

import json
import random
from collections.abc import Sequence

import pytest

from gatekeeper.detect import Detector, load_detector, seen, sequences
from gatekeeper.detect.seen import Seen
from gatekeeper.detect.sequences import Sequences
from gatekeeper.detect.spans import Span
from gatekeeper.detect.spool import Lost, Spool
from gatekeeper.model import Confidence, Finding, Record, Tally, Text
from gatekeeper.read import Source, source_from_bytes
from gatekeeper.tally import tally


@pytest.fixture(scope="module")
def detector() -> Detector:
    return load_detector(entities=["PERSON", "BATES_NUMBER", "EMAIL_ADDRESS"])


def source(rows: Sequence[str]) -> Source:
    data = "".join(json.dumps({"text": row}) + "\n" for row in rows).encode()
    return source_from_bytes("rows", data, input_format="jsonl")


def counted(detector: Detector, rows: Sequence[str]) -> Tally:
    return tally("rows", source(rows).read, detector)[1]


def found(detector: Detector, rows: Sequence[str]) -> list[list[tuple[str, str]]]:
    """For each row the likely findings: their text and entity."""
    result: list[list[tuple[str, str]]] = []

    def observe(record: Record, findings: tuple[Finding, ...]) -> None:
        value = next(t.value for t in record.texts if not t.is_key)
        likely = [f for f in findings if f.confidence >= Confidence.LIKELY]
        result.append([(value[f.start : f.end], f.entity) for f in likely])

    tally("rows", source(rows).read, detector, observe)
    return result


# --- names -------------------------------------------------------------------------------------


def remembered(*names: str) -> Seen:
    kept = Seen()
    for name in names:
        kept.take(name, [Span(0, len(name), "PERSON", 0.9, "x")])
    return kept


def again(kept: Seen, text: str) -> list[str]:
    return [text[s.start : s.end] for s in kept.find(text)]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("Maria Gonzalez", "so maria gonzalez wrote", ["maria gonzalez"]),
        ("Maria Gonzalez", "GONZALEZ, MARIA", ["GONZALEZ, MARIA"]),
        ("Gonzalez, Maria", "maria gonzalez", ["maria gonzalez"]),
        ("Maria T. Gonzalez", "Maria Gonzalez", ["Maria Gonzalez"]),
        ("Maria Gonzalez", "maria t. gonzalez", ["maria t. gonzalez"]),
        ("Maria de la Cruz", "maria de la cruz", ["maria de la cruz"]),
        ("Maria Gonzalez", "then gonzalez's car", ["gonzalez"]),
        ("José Muñoz", "jose munoz", ["jose munoz"]),
        ("Maria Wojtowski", "wojtowski left", ["wojtowski"]),
        ("Maria Brown", "MARIA BROWN came", ["MARIA BROWN"]),
        ("Maria\nGonzalez", "maria  gonzalez", ["maria  gonzalez"]),
        ("Gonzalez", "gonzalez", ["gonzalez"]),
    ],
)
def test_a_name_is_found_again(name: str, text: str, expected: list[str]) -> None:
    assert again(remembered(name), text) == expected


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Maria Brown", "the brown fox"),
        ("Maria Brown", "Brown rice"),
        ("Theresa May", "it may rain in May"),
        ("Neil Young", "Young people"),
        ("Rose Garden", "a rose garden"),
        ("Maria Gonzalez", "gonzalez@example.com"),
        ("Maria Gonzalez", "/home/gonzalez/notes"),
        ("Maria Gonzalez", "gonzalez_id = 4"),
        ("Maria Gonzalez", "gonzalez.com"),
        ("Maria Gonzalez", "Gonzalez University"),
        ("Maria Gonzalez", "gonzalezes"),
        ("Maria Gonzalez", "Gonzalez Vineyards"),
        ("Maria Gonzalez", "Gonzalez & Sons"),
        ("Maria Gonzalez", "Maria Gonzalez International Airport"),
        ("user42", "user42"),
        ("Li Wu", "li"),
    ],
)
def test_what_is_not_the_name(name: str, text: str) -> None:
    assert again(remembered(name), text) == []


def test_no_name_is_kept() -> None:
    kept = remembered("Maria Gonzalez")
    assert all(isinstance(d, bytes) and len(d) == 16 for d in kept._digests)
    others = remembered("Maria Gonzalez")._digests
    assert kept._digests.keys().isdisjoint(others), "a key for each content"


def test_more_names_than_are_kept_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seen, "DIGESTS_MAX", 4)
    kept = remembered("Maria Gonzalez", "Peter Kowalski", "Ana Petrova")
    assert kept.overflowed
    assert len(kept._digests) <= 5


def test_a_name_is_found_before_it_was_introduced(detector: Detector) -> None:
    rows = ["did gonzalez call again", "Seen today: Maria Gonzalez, 61.", "the weather is fine"]
    assert found(detector, rows) == [[("gonzalez", "PERSON")], [("Maria Gonzalez", "PERSON")], []]


def test_what_is_a_better_explanation_stays_one(detector: Detector) -> None:
    rows = ["Seen today: Maria Gonzalez, 61.", "to gonzalez <gonzalez@example.com>"]
    assert ("gonzalez@example.com", "EMAIL_ADDRESS") in found(detector, rows)[1]
    assert found(detector, rows)[1].count(("gonzalez", "PERSON")) == 1


def test_another_content_knows_nothing_of_it(detector: Detector) -> None:
    rows = ["Seen today: Maria Velkasen, 61.", "file velkasen under pending"]
    assert found(detector, rows)[1] == [("velkasen", "PERSON")]
    assert found(detector, rows[1:]) == [[]]


def test_the_order_of_the_records_does_not_count(detector: Detector) -> None:
    rows = [
        "did gonzalez call again",
        "Seen today: Maria Gonzalez, 61.",
        "ABC000123",
        "ABC000124 of it",
        "and ABC000125",
        "Mr. Robert Keller called.",
        "keller and gonzalez",
    ]
    expected = counted(detector, rows).counts
    for seed in range(3):
        random.Random(seed).shuffle(rows)  # noqa: S311
        assert counted(detector, rows).counts == expected


def test_the_key_changes_no_result(detector: Detector) -> None:
    rows = ["did gonzalez call again", "Seen today: Maria Gonzalez, 61."]
    assert counted(detector, rows) == counted(detector, rows)


# --- sequences ---------------------------------------------------------------------------------


def taken(*lines: str, key: str = "text") -> tuple[Sequences, list[Text]]:
    known = Sequences()
    texts = [Text("/t", line, key) for line in lines]
    for text in texts:
        known.take(text, Span(0, len(text.value), "BATES_NUMBER", 0.35, "x"))
    return known, texts


def standing(known: Sequences, texts: list[Text]) -> list[bool]:
    return [known.stands(t, Span(0, len(t.value), "BATES_NUMBER", 0.35, "x")) for t in texts]


@pytest.mark.parametrize(
    "lines",
    [
        ("ABC000123", "ABC000124", "ABC000125"),
        ("ABC-0001234", "ABC-0001236", "ABC-0001240"),
        ("ABC 001234", "ABC 001235", "ABC 001236"),
        ("SMITH_000063", "SMITH_000064", "SMITH_000065"),
    ],
)
def test_a_run_of_padded_numbers_is_a_production(lines: tuple[str, ...]) -> None:
    known, texts = taken(*lines)
    assert known
    assert standing(known, texts) == [True] * len(lines)


@pytest.mark.parametrize(
    "lines",
    [
        ("ABC000123", "ABC000124"),
        ("ABC000123", "ABC000123", "ABC000123"),
        ("ABC000123", "ABC010124", "ABC020125"),
        ("ABC000123", "ABC0000124", "XYZ000125"),
        ("ABC123456", "ABC123457", "ABC123458"),
        ("JIRA-123", "JIRA-124", "JIRA-125"),
        ("ABC00123", "ABC00124", "ABC00125"),
    ],
)
def test_what_is_no_run(lines: tuple[str, ...]) -> None:
    known, texts = taken(*lines)
    assert not any(standing(known, texts))


def test_a_column_of_articles_is_no_production() -> None:
    lines = ("ABC000123", "ABC000124", "ABC000125")
    known, texts = taken(*lines, key="sku")
    assert not any(standing(known, texts))
    known, texts = taken(*lines, key="BegBates")
    assert all(standing(known, texts))


def test_a_label_speaks_for_all_of_its_prefix() -> None:
    known = Sequences()
    known.take(Text("/t", "XYZ001290"), Span(0, 9, "BATES_NUMBER", 0.9, "x"))
    assert standing(known, [Text("/t", "XYZ004444"), Text("/t", "XYW004444")]) == [True, False]


def test_numbers_of_a_run_are_raised_wherever_they_stand(detector: Detector) -> None:
    rows = ["See page.\nABC000123\n", "as in ABC000124 above", "or ABC000125", "not ABC000900"]
    numbers = [[t for t, e in row if e == "BATES_NUMBER"] for row in found(detector, rows)]
    assert numbers == [["ABC000123"], ["ABC000124"], ["ABC000125"], []]


def test_more_candidates_than_are_kept_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sequences, "BUCKETS_MAX", 1)
    known, _ = taken("ABC000123", "ABC090123")
    assert known.overflowed


# --- two readings ------------------------------------------------------------------------------


def test_the_spool_gives_back_what_was_put() -> None:
    record = Record("s", 0, (Text("/a", "x" * 40), Text("/b", "y")), 1)
    spans = [[Span(1, 4, "PERSON", 0.7, "A"), Span(5, 40, "US_SSN", 0.8312, "B")], []]
    with Spool() as spool:
        spool.put(record, spans)
        spool.rewind()
        assert spool.take(record) == spans
        assert spool.at_end()
        with pytest.raises(Lost):
            spool.take(record)


def test_the_spool_knows_another_record() -> None:
    with Spool() as spool:
        spool.put(Record("s", 0, (Text("/a", "xy"),), 1), [[]])
        spool.rewind()
        with pytest.raises(Lost):
            spool.take(Record("s", 0, (Text("/a", "xyz"),), 1))


NAMED = "Seen today: Maria Gonzalez, 61."
"""What is said here tells of other records, so all is read again."""


class Turning:
    """A source that gives other bytes the second time."""

    def __init__(self, *contents: Sequence[str]) -> None:
        self._sources = [source(rows) for rows in contents]

    def read(self):  # type: ignore[no-untyped-def]
        return self._sources.pop(0).read()


@pytest.mark.parametrize(
    "second", [["Other text."], [f"{NAMED} More.", "More."], [], [NAMED.upper()]], ids=str
)
def test_a_content_that_changes_between_the_readings_is_refused(
    detector: Detector, second: list[str]
) -> None:
    _, counted_ = tally("t", Turning([NAMED], second).read, detector)
    assert "changed" in {u.reason for u in counted_.unscanned}
    assert counted_.refused_count


def test_an_overflow_is_refused(detector: Detector, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seen, "DIGESTS_MAX", 1)
    rows = ["Seen today: Maria Gonzalez, 61.", "Mr. Robert Keller called."]
    assert {u.reason for u in counted(detector, rows).unscanned} == {"over-limit"}


# --- what is settled before the end ------------------------------------------------------------

PARTS = (
    "Maria Gonzalez called", "gonzalez again", "Paris is far", "#MariaGonzalez", "Quill Ltd",
    "ABC000123", "ABC000124", "ABC000125", "call 617-555-0143", "SSN 536-22-8179", "DOB 3/4/1961",
    "write to jo.gonzalez@example.com", "key AKIAQ3EGRIPL7N2WXYZA", "K7-22391", "born in Lima",
    "Dr. Paris saw Lima Gonzalez at 12 Lima Street, Boston MA 02134", "10.1.2.3", "user: mgonzalez",
)  # fmt: skip


@pytest.fixture(scope="module")
def whole_catalogue() -> Detector:
    return load_detector()


@pytest.mark.parametrize("seed", range(12))
def test_what_is_settled_is_reported_whatever_comes_after(
    whole_catalogue: Detector, seed: int
) -> None:
    rng = random.Random(seed)  # noqa: S311
    rows = [" ".join(rng.choices(PARTS, k=rng.randint(1, 3))) for _ in range(30)]
    records = [r for r in source(rows).read() if isinstance(r, Record)]
    with whole_catalogue.survey() as survey:
        settled = [
            [f for f in found if f.entity not in whole_catalogue.unsettled]
            for _, found in survey.look(records)
        ]
        reported = [findings for _, findings in survey.report(records)]
    for early, late in zip(settled, reported, strict=True):
        assert early == [f for f in late if f.entity not in whole_catalogue.unsettled]
    assert any(settled)


def test_what_yields_to_a_name_is_not_settled(whole_catalogue: Detector) -> None:
    assert {"PERSON", "BATES_NUMBER", "UNIQUE_CODE", "PHONE_NUMBER"} <= whole_catalogue.unsettled
    assert not {"US_SSN", "AWS_ACCESS_KEY", "CREDIT_CARD"} & whole_catalogue.unsettled
