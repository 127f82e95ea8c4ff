"""A row as a line: nothing is dropped, nothing is invented, equal rows give equal lines."""

import base64
import dataclasses
import datetime
import decimal
import fractions
import json
import math
import pathlib
import uuid
from collections import OrderedDict, namedtuple
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.integrations.canonical import line, unique
from gatekeeper.read import source_from_bytes

PNG = b"\x89PNG\r\n\x1a\n\x00\x00"
Pair = namedtuple("Pair", "left right")

scalars = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
)  # fmt: skip
values = st.recursive(
    scalars, lambda v: st.lists(v, max_size=4) | st.dictionaries(st.text(), v, max_size=4)
)


def told(value: Any) -> Any:
    return json.loads(line({"v": value}))["v"]


@given(st.dictionaries(st.text(), values, max_size=5))
def test_plain_rows_come_back_as_they_were(row: dict[str, Any]) -> None:
    written = line(row)
    assert json.loads(written) == row
    assert written.count(b"\n") == 1
    assert line(row) == written


@dataclasses.dataclass
class Holder:
    name: str
    _private: str


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (datetime.datetime(2020, 1, 2, 3, 4), "2020-01-02T03:04:00"),
        (datetime.date(2020, 1, 2), "2020-01-02"),
        (datetime.time(3, 4), "03:04:00"),
        (datetime.timedelta(days=1), "1 day, 0:00:00"),
        (decimal.Decimal("41.10"), "41.10"),
        (fractions.Fraction(1, 3), "1/3"),
        (uuid.UUID(int=7), "00000000-0000-0000-0000-000000000007"),
        (pathlib.PurePosixPath("a/b"), "a/b"),
        (float("nan"), None),
        (math.inf, None),
        (b"as text", "as text"),
        (bytearray(b"as text"), "as text"),
        (memoryview(b"as text"), "as text"),
        ((1, "x"), [1, "x"]),
        (Pair(1, "x"), [1, "x"]),
        (range(3), [0, 1, 2]),
        ({"b", "a"}, ["a", "b"]),
        (frozenset({2, 1}), [1, 2]),
        (MappingProxyType({"k": 1}), {"k": 1}),
        (OrderedDict(k=1), {"k": 1}),
        (Holder("seen", "seen too"), {"name": "seen", "_private": "seen too"}),
        (2**70, 2**70),
        ({1: "a", None: "b", False: "c"}, {"1": "a", "null": "b", "false": "c"}),
        ({2.5: "d"}, {"2.5": "d"}),
        ({(1, 2): "a", b"k": "b"}, {"[1, 2]": "a", "k": "b"}),
        ({1: {(1,): float("nan")}}, {"1": {"[1]": None}}),
    ],
)  # fmt: skip
def test_what_json_has_no_form_for(value: Any, expected: Any) -> None:
    assert told(value) == expected


def test_keys_that_are_spelled_alike_both_stay() -> None:
    assert line({1: "a", "1": "b"}) == b'{"1":"a","1":"b"}\n'
    assert told({1: "a", "1": "b", (): "c"}) == {"1": "a", "1 (2)": "b", "[]": "c"}
    assert unique(["a", "a", "a (2)", 1, "1"]) == ["a", "a (2)", "a (2) (2)", "1", "1 (2)"]


def test_texts_and_other_rows_become_objects() -> None:
    assert line("a\nb") == b'{"text":"a\\nb"}\n'
    assert line([1, 2]) == b'{"value":[1,2]}\n'
    assert line(None) == b'{"value":null}\n'
    assert line(Holder("n", "p")).startswith(b'{"name":"n"')


class Strange:
    """Nothing that is known."""


@pytest.mark.parametrize(
    ("value", "media_type"),
    [
        (PNG, "image/"),
        (b"\xff\xfe binary", "application/octet-stream"),
        (b"nul \0 byte", "application/octet-stream"),
        (b"ID3\xff", "audio/"),
        (Strange(), "application/x-object"),
        (iter(["hidden"]), "application/x-object"),
    ],
)
def test_what_cannot_be_looked_into_is_opaque_to_the_reader(value: Any, media_type: str) -> None:
    written = line({"text": "seen", "v": value})
    assert json.loads(written)["v"].startswith(f"data:{media_type}")
    items = list(source_from_bytes("d", written, input_format="jsonl").read())
    assert [i.opaque for i in items if hasattr(i, "opaque")] == [True]


def test_the_line_changes_with_what_is_opaque_and_does_not_hold_it() -> None:
    assert line({"v": PNG}) != line({"v": PNG + b"\1"})
    secret = b"\xff\xfe" + b"visible secret"
    assert b"visible" not in line({"v": secret})
    assert base64.b64encode(secret)[4:12] not in line({"v": secret})


def test_half_a_surrogate_pair_is_refused_by_the_reader_and_not_lost() -> None:
    items = list(source_from_bytes("d", line({"v": "x\ud800y"}), input_format="jsonl").read())
    assert [i.reason for i in items if hasattr(i, "reason")] == ["broken-json"]


def test_a_row_without_end_is_an_error() -> None:
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(RecursionError):
        line({"v": endless})


def test_numpy() -> None:
    numpy = pytest.importorskip("numpy", reason="numpy is not installed")
    assert told(numpy.int64(4)) == 4
    assert told(numpy.float32(1.5)) == 1.5
    assert told(numpy.float64("nan")) is None
    assert told(numpy.bool_(True)) is True
    assert told(numpy.str_("x")) == "x"
    assert told(numpy.arange(3)) == [0, 1, 2]
    assert told(numpy.array([{"role": "user"}], dtype=object)) == [{"role": "user"}]
    assert told(numpy.array(["x"] * 2000)) == ["x"] * 2000
    assert told(numpy.datetime64("2020-01-02T03:04", "ns")).startswith("2020-01-02T03:04")
    assert told(numpy.array(["2020-01-02"], dtype="M8[ns]"))[0].startswith("2020-01-02")
    assert told({numpy.int64(1): "a"}) == {"1": "a"}
    picture = numpy.zeros((8, 8, 3), dtype="uint8")
    sound = numpy.zeros(16_000, dtype="float32")
    for opaque in (picture, sound):
        assert told(opaque).startswith("data:application/x-array;base64,")
    assert told(picture) != told(picture + 1)
