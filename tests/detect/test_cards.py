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
