"""Account numbers: every issuer range, every separator, and few ids that look like one."""

import random
from functools import cache
from itertools import pairwise

import pytest

from gatekeeper.detect import Detector, load_detector
from gatekeeper.detect.recognizers.cards import is_pan, issuer
from gatekeeper.detect.recognizers.spec import luhn
from gatekeeper.model import Confidence, Record, Text

RANGES = [
    ("4", 13), ("4", 16), ("4", 19), ("51", 16), ("55", 16), ("2221", 16), ("2720", 16), ("34", 15),
    ("37", 15), ("6011", 16), ("644", 16), ("65", 16), ("300", 14), ("36", 14), ("38", 14),
    ("3528", 16), ("3589", 16), ("62", 16), ("62", 17), ("62", 19), ("81", 16), ("5018", 16),
    ("6304", 16), ("6759", 18), ("2200", 16), ("2204", 19), ("508", 16), ("5067", 16), ("9792", 16),
    ("6362", 16),
]  # fmt: skip


@cache
def detector() -> Detector:
    return load_detector(entities=["CREDIT_CARD"])


def likely(texts: list[str]) -> list[list[str]]:
    records = [Record("c", n, (Text("/x", text, "content"),), 0) for n, text in enumerate(texts)]
    return [
        [text[f.start : f.end] for f in findings if f.confidence >= Confidence.LIKELY]
        for text, (_, findings) in zip(texts, detector().detect(records), strict=True)
    ]


def number(prefix: str, length: int, seed: int = 3) -> str:
    random_digit = random.Random(f"{prefix}{length}{seed}").choice  # noqa: S311
    while True:
        made = prefix + "".join(random_digit("0123456789") for _ in range(length - len(prefix)))
        if luhn(made):
            return made


def in_fours(pan: str, separator: str) -> str:
    cuts = [0, 4, 10, len(pan)] if len(pan) in {14, 15} else [*range(0, len(pan), 4), len(pan)]
    return separator.join(pan[a:b] for a, b in pairwise(cuts))


@pytest.mark.parametrize(("prefix", "length"), RANGES)
def test_every_issuer_range(prefix: str, length: int) -> None:
    pan = number(prefix, length)
    assert is_pan(pan)
    assert likely([f"card {pan}", f"Card number: {pan}."]) == [[pan], [pan]]
    wrong = pan[:-1] + str((int(pan[-1]) + 1) % 10)
    assert likely([f"card {wrong}"]) == [[]]


@pytest.mark.parametrize(
    "separator", [" ", "-", ".", "\u00a0", "\u202f", "–", "/", "  ", "\t", " - "]
)
@pytest.mark.parametrize(("prefix", "length"), [("4", 16), ("2223", 16), ("37", 15)])
def test_every_separator(separator: str, prefix: str, length: int) -> None:
    written = in_fours(number(prefix, length), separator)
    assert likely([f"We took {written} for it."]) == [[written]]


def test_ranges_of_nobody() -> None:
    assert issuer("0" * 16) == issuer("1" * 16) == issuer("9" * 16) == 0
    assert issuer("2220990000000000") == issuer("2721000000000000") == 0


def test_ids_are_seldom_cards() -> None:
    draw = random.Random(5)  # noqa: S311
    ids = ["".join(draw.choices("0123456789", k=16)) for _ in range(2000)]
    labelled = [f"order {i} shipped" for i in ids[:400]] + [f'{{"id": {i}}}' for i in ids[400:800]]
    assert sum(map(bool, likely(labelled))) == 0
    bare = likely([f"we saw {i} in the list" for i in ids])
    assert sum(map(bool, bare)) <= 60  # 2.2 % have the range of a large network and pass Luhn


@pytest.mark.parametrize("gap", [" ", "-", "\t", ", "])
def test_four_groups_of_a_longer_row_are_no_card(gap: str) -> None:
    card = gap.join(["5864", "4261", "1524", "9634"])
    assert is_pan("5864426115249634")
    rows = [
        f"k v\n{card}{gap}3330",
        f"3330{gap}{card}",
        f"{card}{gap}1111{gap}2222{gap}3333{gap}4444",
    ]
    assert likely(rows) == [[]] * len(rows)


def test_a_row_of_a_table_of_fours_is_no_card() -> None:
    rows = ["7736\t4415\t9176\t2551", "4259\t1882\t2788\t6366", "1111\t2222\t3333\t4445"]
    assert is_pan("4259188227886366")
    assert likely(["\n".join(rows)]) == [[]]
    assert likely([rows[1], f"{rows[1]}\n{rows[1]}"]) == [[rows[1]], [rows[1], rows[1]]]


def test_what_belongs_to_a_card_makes_no_longer_row_of_it() -> None:
    one, other = "4111 1111 1111 1111", "5500 0000 0000 0004"
    texts = [
        f"{one} {other}",
        f"{one} 1227 123",
        f"{one} 0927",
        f"card {one} 3330",
        f"1 {one} 2",
        f"{one} exp 09/27 123",
    ]
    assert likely(texts) == [[one, other], *[[one]] * 5]


def test_a_word_about_paying_speaks_for_its_own_sentence() -> None:
    assert likely(["The plan costs $14, billed yearly.\nNSN 4000-10-952-4310"]) == [[]]
    assert likely(["billed to 4000-10-952-4310"]) == [["4000-10-952-4310"]]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("4111 1111 1111 1111 12/27 123", ["123"]),
        ("4111111111111111|12|27|123", ["123"]),
        ("378282246310005 12/27 1234", ["1234"]),
        ("4111 1111 1111 1111 1227 1234", []),
        ("2531, 2573, 6825, 6774, 2422, 1044, 5839, 7949", []),
        ("4637 5093 1438 1230 7984", []),
    ],
)
def test_a_code_stands_behind_its_card_and_the_date(text: str, codes: list[str]) -> None:
    ((_, findings),) = load_detector(entities=["CVV"]).detect(
        [Record("c", 0, (Text("/x", text, "content"),), 0)]
    )
    found = [text[f.start : f.end] for f in findings if f.confidence >= Confidence.LIKELY]
    assert found == codes
