"""The policy traps: each refused, each at its exact place."""

from __future__ import annotations

import datetime
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.errors import PolicyError
from gatekeeper.policy.strict_yaml import MAX_BYTES, MAX_DEPTH, parse, read_file, shown


def refusal(source: str | bytes) -> PolicyError:
    data = source.encode() if isinstance(source, str) else source
    with pytest.raises(PolicyError) as caught:
        parse(data, "p.yaml")
    return caught.value


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("a: 1\nb: 2\na: 3\n", "p.yaml:3:1: key `a` is given twice, first on line 1"),
        ("r:\n  - {x: 1, x: 2}\n", "p.yaml:2:12: key `x` is given twice, first on line 2"),
        ('a: 1\n"a": 2\n', "p.yaml:2:1: key `a` is given twice, first on line 1"),
        ("a: &n 1\nb: 2\n", "p.yaml:1:4: anchor `&n` is not allowed"),
        ("a: [x]\nb: *a\n", "p.yaml:2:4: alias `*a` is not allowed"),
        ("a: !!python/object/apply:os.system [x]\n", "p.yaml:1:4: tag `tag:yaml.org,2002:python/"),
        ("a: !!str 1\n", "p.yaml:1:4: tag `tag:yaml.org,2002:str` is not allowed"),
        ("a: ! 1\n", "p.yaml:1:4: tag `!` is not allowed"),
        ("a: 1\n---\nb: 2\n", "p.yaml:2:1: a second document starts here"),
        ("%YAML 1.1\n---\na: 1\n", "p.yaml:1:1: directives (`%…`) are not allowed"),
        ("1: a\n", "p.yaml:1:1: a key must be text"),
        ("a:\n  ? [x]\n  : y\n", "p.yaml:2:5: a key must be text"),
        ("~: a\n", "p.yaml:1:1: a key must be text"),
        ("true: a\n", "p.yaml:1:1: a key must be text"),
        ("on: a\n", "p.yaml:1:1: `on` may be read as a boolean: only `true` and `false` are"),
        ("<<: {a: 1}\n", "p.yaml:1:1: merge keys are not allowed"),
        ("a: no\n", "p.yaml:1:4: `no` may be read as a boolean: only `true` and `false` are"),
        ("a: Yes\n", "p.yaml:1:4: `Yes` may be read as a boolean: only `true` and `false` are"),
        ("a: off\n", "p.yaml:1:4: `off` may be read as a boolean: only `true` and `false` are"),
        ("a: [y]\n", "p.yaml:1:5: `y` may be read as a boolean: only `true` and `false` are"),
        ("a: N\n", "p.yaml:1:4: `N` may be read as a boolean: only `true` and `false` are"),
        ("a: True\n", "p.yaml:1:4: `True` may be read as a boolean: only `true` and `false` are"),
        ("a: 12:30:45\n", "p.yaml:1:4: `12:30:45` may be read as a number in base 60"),
        ("a: 10:30\n", "p.yaml:1:4: `10:30` may be read as a number in base 60"),
        ("a: 010\n", "p.yaml:1:4: `010` may be read as different numbers"),
        ("a: 0o17\n", "p.yaml:1:4: `0o17` may be read as different numbers"),
        ("a: 0x1F\n", "p.yaml:1:4: `0x1F` may be read as different numbers"),
        ("a: 1_000\n", "p.yaml:1:4: `1_000` may be read as different numbers"),
        ("a: 1e3\n", "p.yaml:1:4: `1e3` may be read as different numbers"),
        ("a: .inf\n", "p.yaml:1:4: `.inf` may be read as different numbers"),
        ("a: " + "9" * 30 + "\n", "p.yaml:1:4: `999999999999999999999999999999` may be read as"),
        ("a: 2026-1-31\n", "p.yaml:1:4: `2026-1-31` may be read as a point in time"),
        ("a: 2026-01-31T10:00:00Z\n", "p.yaml:1:4: `2026-01-31T10:00:00Z` may be read as a point"),
        ("a: 2026-01-31 10:00:00\n", "p.yaml:1:4: `2026-01-31 10:00:00` may be read as a point in"),
        ("a: 2026-02-30\n", "p.yaml:1:4: `2026-02-30` is not a day of the calendar"),
        ("", "p.yaml:1:1: the file is empty"),
        ("# only words\n", "p.yaml:1:1: the file is empty"),
        ("---\n...\n", "p.yaml:1:1: the file is empty"),
        ("a:\n\tb: 1\n", "p.yaml:2:1: a tab where YAML wants spaces"),
        ("a: 'x\n", "p.yaml:2:1: found unexpected end of stream"),
        ("a: b: c\n", "p.yaml:1:5: mapping values are not allowed in this context"),
        ("a: 1\nb: x\x00y\n", "p.yaml:2:5: character U+0000 is not allowed"),
        ("# x\u2028a: 1\n", "p.yaml:1:4: character U+2028 is not allowed"),
        ("a: é\rb: 2\n", "p.yaml:1:5: character U+000D is not allowed"),
        ("a: x\u202ey\n", "p.yaml:1:5: character U+202E is not allowed"),
        (b"a: 1\nb: \xff\n", "p.yaml:2:4: not UTF-8"),
        ("a: 1\n".encode("utf-16-le"), "p.yaml:1:2: character U+0000 is not allowed"),
        ("a: 1\n".encode("utf-16"), "p.yaml:1:1: not UTF-8"),
        ("é: ü\nß: no\n", "p.yaml:2:4: `no` may be read as a boolean"),
    ],
)
def test_a_trap_is_refused_at_its_place(source: str | bytes, message: str) -> None:
    assert str(refusal(source)).startswith(message)


def test_a_file_over_the_limit_is_refused() -> None:
    assert str(refusal(b"# " + b"x" * MAX_BYTES)).startswith("p.yaml:1:1: the file is larger")
    assert parse(b"a: 1 #" + b"x" * (MAX_BYTES - 6), "p.yaml").data == {"a": 1}


@pytest.mark.parametrize("opening", ["[", "{a: ", "- "])
def test_deep_nesting_is_refused_without_recursion(opening: str) -> None:
    error = refusal(opening * 100_000)
    column = len(opening) * MAX_DEPTH + 1
    # libyaml looks ahead; a newer one has a bound of its own, and then it is the one that speaks.
    assert str(error) == f"p.yaml:1:{column}: nested deeper than {MAX_DEPTH} levels" or (
        str(error).endswith("exceeded maximum nesting depth")
    )


def test_nesting_up_to_the_limit_is_read() -> None:
    text = "[" * MAX_DEPTH + "]" * MAX_DEPTH
    assert parse(text.encode(), "p.yaml").name == "p.yaml"


def test_a_hint_says_what_to_do() -> None:
    assert refusal("a: no\n").hint == "put it in quotes if text is meant"
    assert refusal("a:\n\tb: 1\n").hint == "indent with spaces"


def test_values_and_places() -> None:
    text = (
        'a: "no"\nb: [1, -2, 0.5, true]\nc:\n  - id: x\n    on day: 2026-01-31\n'
        "d: |\n  yes\ne: 'é😀'\nf:\ng: No way\nh: 2026-01-31 to 2026-02-01\n"
    )
    document = parse(text.encode(), "p.yaml")
    assert document.data == {
        "a": "no",
        "b": [1, -2, 0.5, True],
        "c": [{"id": "x", "on day": datetime.date(2026, 1, 31)}],
        "d": "yes\n",
        "e": "é😀",
        "f": None,
        "g": "No way",
        "h": "2026-01-31 to 2026-02-01",
    }
    assert document.at(("b", 1)) == "p.yaml:2:8"
    assert document.at(("c", 0)) == "p.yaml:4:5"
    assert document.at(("c", 0, "on day")) == "p.yaml:5:13"
    assert document.at(("c", 0, "on day"), key=True) == "p.yaml:5:5"
    assert document.at(("c", 0, "gone"), key=True) == "p.yaml:4:5"
    assert document.at() == "p.yaml:1:1"


def test_a_byte_order_mark_and_windows_line_ends_are_read() -> None:
    document = parse(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n", "p.yaml")
    assert document.data == {"a": 1, "b": 2}
    assert document.at(("b",)) == "p.yaml:2:4"


def test_what_is_shown_is_one_short_printable_line() -> None:
    assert shown("a\nb\x1b[31m`c") == "`a\\nb\\x1b[31m'c`"
    assert shown("x" * 100) == "`" + "x" * 60 + "…`"


def test_only_a_regular_file_is_read(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    for path, what in (
        (tmp_path / "none", "no such file"),
        (tmp_path, "not a regular file"),
        (fifo, "not a regular file"),
        (Path("x\x00y"), "cannot be read: ValueError"),
    ):
        with pytest.raises(PolicyError, match=what):
            read_file(path)


def test_a_file_name_is_escaped_in_messages(tmp_path: Path) -> None:
    with pytest.raises(PolicyError) as caught:
        read_file(tmp_path / "a\nb\x1b.yaml")
    assert "\\n" in str(caught.value)
    assert str(caught.value).isprintable()


def refused(source: bytes) -> PolicyError | None:
    try:
        parse(source, "p.yaml")
    except PolicyError as error:
        return error
    return None


@given(st.text(max_size=200) | st.text("a: -[]{}'\"#&*!|>%@,?\n\t0", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    error = refused(text.encode("utf-8", "surrogatepass"))
    if error is not None:
        assert str(error).isprintable()
        assert str(error).startswith("p.yaml:")
        assert error.__context__ is None


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(source: bytes) -> None:
    error = refused(source)
    assert error is None or error.__context__ is None
