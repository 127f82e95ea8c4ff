"""JSON lines: nothing dropped, and a broken line refused by its number."""

import json

import pytest

from tests.read.helpers import jsonl, read, reasons, records, refused, texts, total, values

GOOD = b'{"text": "good"}\n'


def test_every_scalar_is_a_text_with_its_key() -> None:
    items = read("a.jsonl", b'{"ssn": 123456789, "ok": true, "x": null, "f": -1.50e3}\n')
    found = {(t.pointer, t.value, t.key) for t in texts(items) if not t.is_key}
    assert found == {("/ssn", "123456789", "ssn"), ("/f", "-1.50e3", "f")}


def test_both_values_of_a_repeated_key_are_read_under_positions() -> None:
    items = read("a.jsonl", b'{"note": "first", "text": "t", "note": "second"}\n')
    found = {(t.pointer, t.value) for t in texts(items) if not t.is_key}
    assert found == {("/#0", "first"), ("/text", "t"), ("/#2", "second")}


def test_keys_that_may_be_record_text_are_read_and_hidden() -> None:
    items = read("a.jsonl", jsonl({"maria@example.com": {"content": "x"}, "mrn": "y"}))
    keys = [(t.pointer, t.masked, t.value) for t in texts(items) if t.is_key]
    assert keys == [("/#0", "/#0", "maria@example.com"), ("/mrn", "/#1", "mrn")]
    assert "/#0/content" in {t.pointer for t in texts(items)}


def test_known_keys_are_not_texts_themselves() -> None:
    items = read("a.jsonl", jsonl({"messages": [{"role": "user", "content": "x"}]}))
    assert not [t for t in texts(items) if t.is_key]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"text": "cut', "broken-json"),
        (b'{"text": "a"} {"text": "b"}', "broken-json"),
        (b'{"text": NaN}', "broken-json"),
        (b'{"text": -Infinity}', "broken-json"),
        (b'{"text": "\\ud800"}', "broken-json"),
        (b'{"\\udfff": "x"}', "broken-json"),
        (b"{'text': 'x'}", "broken-json"),
        (b'{"text": "a\x01b"}', "broken-json"),
        (b'{"text": "a\x00b"}', "nul-bytes"),
        ('{"text": "x"}'.encode("utf-16-le"), "nul-bytes"),
        (b'{"text": "caf\xe9"}', "not-utf8"),
        (b'{"text": "\xc0\xaf"}', "not-utf8"),
        (b'{"text": "\xed\xa0\x80"}', "not-utf8"),
        (b"[" * 100_000, "too-deep"),
        (b"[" * 100_000 + b"]" * 100_000, "too-deep"),
        (b'{"a":' * 300 + b"1" + b"}" * 300, "too-deep"),
        (jsonl({"text": "[" * 300 + "]" * 300}).strip(), "too-deep"),
    ],
)
def test_a_bad_line_is_refused_by_number_and_the_next_is_read(line: bytes, reason: str) -> None:
    items = read("a.jsonl", GOOD + line + b"\n" + GOOD)
    assert reasons(items) == [(reason, "line 2")]
    whole = [r.index for r in records(items) if r.size_bytes]
    assert whole == [0, 2]
    assert refused(items)[0].size_bytes == len(line) + 1


def test_a_broken_line_is_shown_to_the_detector_as_it_stands() -> None:
    items = read("a.jsonl", GOOD + b'{"a": 1} // after the value\n')
    shown = [r for r in records(items) if not r.size_bytes]
    assert [(r.index, t.pointer, t.value) for r in shown for t in r.texts] == [
        (1, "", '{"a": 1} // after the value\n')
    ]
    assert reasons(items) == [("broken-json", "line 2")]
    assert total(items) == len(GOOD) + 28


def test_utf16_with_a_byte_order_mark_is_refused_not_guessed() -> None:
    items = read("a.jsonl", GOOD.decode().encode("utf-16"))
    assert not records(items)
    assert refused(items)


def test_a_utf8_byte_order_mark_is_no_part_of_the_first_value() -> None:
    items = read("a.jsonl", b"\xef\xbb\xbf" + GOOD)
    assert values(items) == {"good"}


def test_blank_lines_count_with_their_neighbours() -> None:
    data = b"\n \r\n" + GOOD + b"\n\n" + GOOD + b"\t\n"
    items = read("a.jsonl", data)
    assert [r.index for r in records(items)] == [0, 1]
    assert total(items) == len(data)


@pytest.mark.parametrize("data", [b"", b"\n\n \n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n"])
def test_nothing_is_not_clean(data: bytes) -> None:
    assert reasons(read("a.jsonl", data)) == [("empty", "whole file")]


def test_lines_end_at_a_newline_and_nowhere_else() -> None:
    inside = "one\u2028two\u0085three\u000bfour"
    items = read("a.jsonl", jsonl({"text": inside}, ascii_only=False).replace(b"\n", b"\r\n"))
    assert inside.replace("\u000b", "\u000b") in values(items)
    assert len(records(items)) == 1


def test_the_last_line_needs_no_newline() -> None:
    assert len(records(read("a.jsonl", GOOD + GOOD.strip()))) == 2


def test_numbers_of_any_length_keep_their_digits() -> None:
    digits = "7" * 50_000
    assert digits in values(read("a.jsonl", b'{"n": ' + digits.encode() + b"}"))
    assert "1e999999999" in values(read("a.jsonl", b"[1e999999999]"))


def test_scalar_lines_are_records() -> None:
    items = read("a.jsonl", b'"a string"\n42\nnull\n')
    assert len(records(items)) == 3
    assert values(items) == {"a string", "42"}


def test_a_line_over_the_limit_is_refused_and_the_next_is_read() -> None:
    data = jsonl({"text": "x" * 5000}) + GOOD
    items = read("a.jsonl", data, max_record_bytes=1000)
    assert reasons(items) == [("over-limit", "line 1")]
    assert values(items) == {"good"}
    assert refused(items)[0].size_bytes == len(data) - len(GOOD)


def test_too_many_values_are_refused_before_they_are_built() -> None:
    data = b"[" + b"1," * 2000 + b"1]\n" + GOOD
    assert reasons(read("a.jsonl", data, max_values=1000)) == [("over-limit", "line 1")]


def test_many_keys_are_many_texts() -> None:
    row = {f"key {n % 10} {chr(97 + n % 26)}{n}": n for n in range(20_000)}
    found = {t.value for t in texts(read("a.jsonl", json.dumps(row).encode())) if t.is_key}
    assert found == set(row)
