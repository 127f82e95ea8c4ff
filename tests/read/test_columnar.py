"""Parquet and Arrow: nested columns, binary columns, metadata, damage."""

import datetime
import decimal
import io
from typing import Any

import pytest

from gatekeeper.read import Limits, open_sources, source_from_bytes
from tests.read.helpers import (
    only,
    read,
    read_source,
    reasons,
    records,
    texts,
    unscanned,
    values,
)

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")

PNG = b"\x89PNG\r\n\x1a\n\xff\xfe\x00"
KINDS = ["parquet", "arrow-file", "arrow-stream"]


def stored(table: Any, kind: str) -> tuple[str, bytes]:
    out = io.BytesIO()
    if kind == "parquet":
        pq.write_table(table, out, row_group_size=3)
        return "a.parquet", out.getvalue()
    make = pa.ipc.new_file if kind == "arrow-file" else pa.ipc.new_stream
    with make(out, table.schema) as writer:
        writer.write_table(table, max_chunksize=3)
    return "a.arrow", out.getvalue()


def table() -> Any:
    chat = [{"role": "user", "content": "hello é😀"}]
    return pa.table(
        {
            "messages": [chat, [], chat, chat, None],
            "n": [1, 2, 3, 4, None],
            "score": [0.5, None, 1.5, 2.5, 3.5],
            "flag": [True, False, None, True, True],
            "day": [datetime.date(1970, 1, 2)] * 5,
            "at": pa.array([1, 2, 3, 4, None], pa.timestamp("ns")),
            "price": [decimal.Decimal("1.20")] * 5,
            "map": pa.array([[("key one", "v1")], [], [], [], None], pa.map_(pa.utf8(), pa.utf8())),
            "word": pa.array(["red", "blue", "red", None, "red"]).dictionary_encode(),
            "raw": [b"plain bytes", None, b"", None, b"x"],
        }
    )


@pytest.mark.parametrize("kind", KINDS)
def test_every_column_is_walked_like_json(kind: str) -> None:
    items = read(*stored(table(), kind))
    assert [r.index for r in records(items)] == [0, 1, 2, 3, 4]
    assert not unscanned(items)
    first = {(t.pointer, t.value) for t in records(items)[0].texts if not t.is_key}
    assert first == {
        ("/messages/0/role", "user"),
        ("/messages/0/content", "hello é😀"),
        ("/n", "1"),
        ("/score", "0.5"),
        ("/day", "1970-01-02"),
        ("/at", "1970-01-01 00:00:00.000000001"),
        ("/price", "1.20"),
        ("/map/key one", "v1"),
        ("/word", "red"),
        ("/raw", "plain bytes"),
    }
    keys = [t.value for t in texts(items) if t.is_key]
    assert {"n", "key one"} <= set(keys)
    assert keys.count("n") == 1


@pytest.mark.parametrize("kind", KINDS)
def test_metadata_is_read(kind: str) -> None:
    fields = [pa.field("text", pa.utf8(), metadata={"source": "canary in a field"})]
    schema = pa.schema(fields, metadata={"note": "canary in the file", "pandas": '{"x": "inner"}'})
    items = read(*stored(pa.table({"text": ["t"]}, schema=schema), kind))
    assert {"canary in a field", "canary in the file", "inner", "t"} <= values(items)
    assert all(t.pointer.startswith("/#metadata/") for t in texts(items) if "canary" in t.value)


@pytest.mark.parametrize("kind", KINDS)
def test_images_in_binary_columns_are_present(kind: str) -> None:
    rows = pa.table({"image": [{"bytes": PNG, "path": "1.png"}], "text": ["a caption"]})
    items = read(*stored(rows, kind))
    assert {m.entity for r in records(items) for m in r.media} == {"IMAGE_PRESENT", "IMAGE_URL"}
    assert {(u.reason, u.opaque) for u in unscanned(items)} == {
        ("image", True),
        ("remote-image", True),
    }
    assert "a caption" in values(items)


@pytest.mark.parametrize("kind", KINDS)
def test_no_cut_passes(kind: str) -> None:
    name, data = stored(table(), kind)
    for end in {*range(1, len(data), 37), len(data) - 1, len(data) - 8}:
        assert reasons(read(name, data[:end])), end


@pytest.mark.parametrize("kind", KINDS)
def test_bytes_that_belong_to_no_column_are_refused(kind: str) -> None:
    name, data = stored(table(), kind)
    assert reasons(read(name, data + b"canary 555-0100"))


def test_bytes_between_the_columns_of_a_parquet_file_are_refused() -> None:
    _, data = stored(pa.table({"text": ["t"]}), "parquet")
    footer = 8 + int.from_bytes(data[-8:-4], "little")
    items = read("a.parquet", data[:-footer] + b"canary 555-0100" + data[-footer:])
    assert ("uncovered", "whole file") in reasons(items)


@pytest.mark.parametrize("kind", KINDS)
def test_no_row_is_no_record(kind: str) -> None:
    assert reasons(read(*stored(table().slice(0, 0), kind))) == [("empty", "whole file")]


def test_a_row_that_is_not_text_is_refused_alone() -> None:
    bad = pa.array([b"good", b"\xff\xfe", b"fine"]).view(pa.utf8())
    items = read(*stored(pa.table({"text": bad}), "arrow-file"))
    assert reasons(items) == [("not-utf8", "record 1")]
    assert values(items) == {"good", "fine"}


def test_one_string_repeated_without_end_is_a_bomb() -> None:
    rows = pa.table({"text": pa.array(["x" * 100_000] * 4000).dictionary_encode()})
    for kind in KINDS:
        name, data = stored(rows, kind)
        assert "decompression-bomb" in {r for r, _ in reasons(read(name, data, max_ratio=20))}


def test_a_column_of_nulls_cannot_go_on_for_ever() -> None:
    rows = pa.table({"text": pa.nulls(40_000_000)})
    out = io.BytesIO()
    with pa.ipc.new_stream(out, rows.schema) as writer:
        writer.write_table(rows)
    items = read("a.arrow", out.getvalue(), max_ratio=1, ratio_floor_bytes=1 << 16)
    assert "decompression-bomb" in {r for r, _ in reasons(items)}


@pytest.mark.parametrize("limit", [{"max_record_bytes": 1000}, {"max_values": 100}])
def test_a_row_over_a_limit_is_refused_alone(limit: Any) -> None:
    rows = pa.table({"text": ["small", "x" * 5000, "fine"], "list": [[1], [2] * 500, [3]]})
    items = read(*stored(rows, "parquet"), None, **limit)
    assert reasons(items) == [("over-limit", "record 1")]
    assert {"small", "fine"} <= values(items)


def test_a_file_is_read_in_place_and_memory_is_bounded_elsewhere(tmp_path: Any) -> None:
    name, data = stored(table(), "parquet")
    (tmp_path / name).write_bytes(data)
    source = only(open_sources([tmp_path]))
    assert len(records(read_source(source))) == 5
    small = Limits(max_in_memory_bytes=100)
    items = read_source(source_from_bytes(name, data, limits=small))
    assert reasons(items) == [("over-limit", "whole file")]
