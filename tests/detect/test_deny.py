"""Deny lists find what one alternation of all their words would find, and take as many as asked."""

import random
import re
import sys
from pathlib import Path

import pytest
import regex

from gatekeeper.detect.deny import DenyList, folded
from gatekeeper.detect.own import load_own
from gatekeeper.detect.own_item import MAX_DENIED
from gatekeeper.errors import ConfigError

CASED = [
    c
    for c in map(chr, range(sys.maxunicode + 1))
    if not "\ud800" <= c <= "\udfff" and {c.lower(), c.upper(), c.casefold()} != {c}
]


def alternation(words: list[str], *, ignore_case: bool) -> "regex.Pattern[str]":
    """What a deny list stands for, as Presidio writes it."""
    ordered = "|".join(regex.escape(w) for w in sorted(set(words), key=lambda w: (-len(w), w)))
    flags = regex.IGNORECASE if ignore_case else 0
    return regex.compile(rf"(?<!\w)(?:{ordered})(?!\w)", flags)


@pytest.mark.parametrize("ignore_case", [True, False])
def test_it_finds_what_the_alternation_finds(ignore_case: bool) -> None:
    rng = random.Random(5)  # noqa: S311
    alphabet = "aAbß.- _+\n1é"
    for _ in range(3000):
        words = ["".join(rng.choices(alphabet, k=rng.randint(1, 4))) for _ in range(6)]
        text = "".join(rng.choices(alphabet, k=30))
        expected = [m.span() for m in alternation(words, ignore_case=ignore_case).finditer(text)]
        found = DenyList(words, 0.7, ignore_case=ignore_case).find(text)
        assert [(a, b) for a, b, _ in found] == expected, (words, text)


def test_letters_that_differ_in_case_alone_are_one() -> None:
    """All that the `regex` package holds for one, and no other but the four letters i."""
    groups: dict[str, set[str]] = {}
    for c in CASED:
        groups.setdefault(folded(c), set()).add(c)
    for alike in ("".join(g) for g in groups.values()):
        first = regex.compile(regex.escape(alike[0]), regex.IGNORECASE)
        assert "".join(first.findall(alike)) == alike or set(alike) == set("iI\u0130\u0131")


@pytest.mark.parametrize(
    ("words", "text", "found"),
    [
        (["Night Heron", "Night"], "night heron, Night, nightly", ["night heron", "Night"]),
        (["C++", ".NET", "C"], "C++ and .NET, not ASP.NET; C+", ["C++", ".NET", "C"]),
        (["a b", "b c"], "a b c", ["a b"]),
        (["über"], "ÜBER Überall", ["ÜBER"]),
        (["x"], "", []),
    ],
)
def test_the_longest_from_left_to_right(words: list[str], text: str, found: list[str]) -> None:
    places = DenyList(words, 1.0, ignore_case=True).find(text)
    assert [text[a:b] for a, b, _ in places] == found


def written(path: Path, count: int) -> Path:
    words = ", ".join(f"w{n}" for n in range(count))
    path.write_text(f"- {{name: many, supported_entity: MANY, deny_list: [{words}]}}\n")
    return path


def test_a_hundred_thousand_words_are_found_one_by_one(tmp_path: Path) -> None:
    (own,) = load_own((written(tmp_path / "many.yaml", MAX_DENIED),))
    find = own.recognizer.find
    assert find is not None
    assert own.recognizer.patterns == ()
    text = " ".join(f"W{n}" for n in range(0, 2 * MAX_DENIED, 7))
    assert len(list(find(text))) == len(range(0, MAX_DENIED, 7))
    assert re.fullmatch(r"DenyList\(\d+ words\)", repr(DenyList(["secret"], 1, ignore_case=True)))


def test_more_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=f"more than {MAX_DENIED} members"):
        load_own((written(tmp_path / "more.yaml", MAX_DENIED + 1),))
