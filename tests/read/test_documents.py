"""JSON documents, plain text: streamed in pieces, placed over the whole."""

import json
from itertools import pairwise

import pytest

from gatekeeper.model import Record, Unscanned
from tests.read.helpers import read, reasons, records, refused, texts, total, unscanned, values

BLOCK = 1 << 18


@pytest.mark.parametrize("indent", [None, 2])
def test_an_array_is_a_record_per_element(indent: int | None) -> None:
    rows = [{"text": f"row {n} é"} for n in range(5)]
    items = read("a.json", json.dumps(rows, indent=indent, ensure_ascii=False).encode())
    assert [r.index for r in records(items)] == [0, 1, 2, 3, 4]
    assert values(items) == {f"row {n} é" for n in range(5)}


@pytest.mark.parametrize(
    ("data", "count"),
    [
        (b'{"text": "one"}', 1),
        (b'\xef\xbb\xbf {"text": "one"} \n', 1),
        (b'{"text": "one"}\n{"text": "two"}\n', 2),
        (b'{\n "text": "one"\n}\n{\n "text": "two"\n}', 2),
        (b'[1, 22, "three", [4], {"five": 5}, null]', 6),
        (b"12", 1),
    ],
)
def test_other_values_are_a_record_each(data: bytes, count: int) -> None:
    items = read("a.json", data)
    assert len(records(items)) == count
    assert not refused(items)


@pytest.mark.parametrize(
    ("data", "reason", "read_before"),
    [
        (b'[{"text": "a"}, {"text": ', "broken-json", 1),
        (b'[{"text": "a"} {"text": "b"}]', "broken-json", 0),
        (b'[{"text": "a"},]', "broken-json", 1),
        (b'[{"text": "a"}] {"text": "b"}', "trailing-data", 1),
        (b'[{"text": "a"}, {"text": "\xff"}]', "not-utf8", 0),
        (b'[{"text": "a"}, "\x00"]', "nul-bytes", 0),
        (b'[{"text": "a"}, ' + b"[" * 100_000, "too-deep", 1),
        (b'{"text": "a"}x', "broken-json", 0),
        (b"[]", "empty", 0),
        (b" \n ", "empty", 0),
    ],
)
def test_what_follows_a_fault_is_refused(data: bytes, reason: str, read_before: int) -> None:
    items = read("a.json", data)
    assert [r for r, _ in reasons(items)] == [reason]
    assert len(records(items)) == read_before


def test_an_element_that_is_too_deep_does_not_stop_the_others() -> None:
    deep = b"[" * 300 + b"]" * 300
    items = read("a.json", b'["a", ' + deep + b', "b"]')
    assert reasons(items) == [("too-deep", "record 1")]
    assert values(items) == {"a", "b"}


def test_values_across_many_blocks_are_whole() -> None:
    rows = ["x" * (BLOCK - 7), 1, "é" * BLOCK, {"text": "y" * (3 * BLOCK)}, "end"]
    data = json.dumps(rows, ensure_ascii=False).encode()
    items = read("a.json", data)
    assert values(items) == {rows[0], "1", rows[2], "y" * (3 * BLOCK), "end"}
    assert total(items) == len(data)


def test_a_number_that_is_cut_by_a_block_is_one_number() -> None:
    number = b"-123.5e+10"
    assert values(read("a.json", b"[" + number + b"]")) == {number.decode()}
    for space in range(BLOCK - 16, BLOCK + 8):
        for data in (b"[" + b" " * space + number + b"]", b" " * space + number + b"\n12"):
            assert values(read("a.json", data)) <= {number.decode(), "12"}
            assert not refused(read("a.json", data))


def test_a_value_over_the_limit_is_refused() -> None:
    data = json.dumps(["a", "x" * (3 * BLOCK)]).encode()
    assert reasons(read("a.json", data, max_record_bytes=BLOCK)) == [("over-limit", "record 1")]
    many = b"[" + b"1," * (4 * BLOCK) + b"1]"
    assert reasons(read("a.json", b"[" + many + b"]", max_values=1000)) == [
        ("over-limit", "record 0")
    ]


def placed(items: list[Record | Unscanned], whole: str) -> None:
    """Every piece stands where it says, and together they cover the whole."""
    covered = 0
    for text in texts(items):
        assert whole[text.base : text.base + len(text.value)] == text.value
        assert text.base <= covered
        covered = max(covered, text.base + len(text.value))
    assert covered == len(whole)


@pytest.mark.parametrize("unit", ["word 😀 é ", "nospacehere", "x" * 1000 + "\n"])
@pytest.mark.parametrize("suffix", ["txt", "md", "log", "rst"])
def test_long_text_comes_in_pieces_that_overlap(unit: str, suffix: str) -> None:
    whole = (unit * 400_000)[:300_001]
    items = read(f"a.{suffix}", whole.encode())
    found = records(items)
    assert {r.index for r in found} == {0}
    assert len(found) >= 4
    placed(items, whole)
    pieces = texts(items)
    for before, after in pairwise(pieces):
        assert before.base + len(before.value) - after.base >= 512
        assert len(after.value) <= 64 * 1024


def test_nothing_is_lost_at_an_edge() -> None:
    canary = "canary-at-the-edge"
    for shift in range(0, 70_000, 997):
        whole = "a" * shift + canary + "b" * 90_000
        assert any(canary in v for v in values(read("a.txt", whole.encode())))


def test_a_byte_order_mark_is_not_part_of_the_text() -> None:
    assert values(read("a.txt", b"\xef\xbb\xbfhello")) == {"hello"}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"caf\xe9 au lait", "not-utf8"),
        (b"cut in a character \xe2\x82", "not-utf8"),
        ("text".encode("utf-16-le"), "nul-bytes"),
        ("text".encode("utf-16"), "not-utf8"),
        (b"\n \n", "empty"),
        (b"", "empty"),
    ],
)
def test_text_that_cannot_be_read_is_refused(data: bytes, reason: str) -> None:
    items = read("a.txt", data)
    assert [r for r, _ in reasons(items)] == [reason]
    assert not records(items)


def test_a_bad_byte_far_in_refuses_what_follows_and_no_more() -> None:
    data = b"good text " * 40_000 + b"\xff" + b" more" * 10
    items = read("a.txt", data)
    assert reasons(items) == [("not-utf8", "whole file")]
    assert records(items)


def test_an_image_in_markdown_is_present() -> None:
    data = b"# notes\n" + b"x " * 40_000 + b"![s](data:image/png;base64," + b"QUJD" * 30_000 + b")"
    items = read("a.md", data)
    assert any(u.opaque and u.reason == "image" for u in unscanned(items))
