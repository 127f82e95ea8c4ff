"""gzip and Zstandard: every member, to the last byte, within bounds."""

import gzip
import io
import zlib

import pytest

from gatekeeper.read import source_from_bytes
from tests.read.helpers import jsonl, read, reasons, records, refused, values

zstandard = pytest.importorskip("zstandard")

ROWS = jsonl({"text": "one"}, {"text": "two"})
LONG = b"".join(jsonl({"text": f"row {n} {n * 7919 % 10007}"}) for n in range(60_000))


def squeeze(kind: str, data: bytes) -> bytes:
    if kind == "gz":
        return gzip.compress(data, mtime=0)
    return bytes(zstandard.ZstdCompressor(write_checksum=True).compress(data))


@pytest.mark.parametrize("kind", ["gz", "zst"])
@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.jsonl", ROWS),
        ("a.json", b'["one", "two"]'),
        ("a.csv", b"text,n\none,1\ntwo,2\n"),
        ("a.txt", b"one two"),
    ],
)
def test_every_text_format_is_read_compressed(kind: str, name: str, data: bytes) -> None:
    source = source_from_bytes(f"{name}.{kind}", squeeze(kind, data))
    assert source.compression == {"gz": "gzip", "zst": "zstd"}[kind]
    items = list(source.read())
    assert "one" in " ".join(values(items))
    assert "two" in " ".join(values(items))
    assert not refused(items)


@pytest.mark.parametrize("kind", ["gz", "zst"])
def test_every_member_is_data(kind: str) -> None:
    parts = [squeeze(kind, part) for part in (ROWS, b"", jsonl({"text": "three"}))]
    assert values(read(f"a.jsonl.{kind}", b"".join(parts))) == {"one", "two", "three"}


@pytest.mark.parametrize("kind", ["gz", "zst"])
def test_no_cut_passes(kind: str) -> None:
    for whole in (squeeze(kind, ROWS), squeeze(kind, ROWS) * 2):
        for end in range(1, len(whole)):
            if end != len(whole) // 2 or whole == squeeze(kind, ROWS):
                assert refused(read(f"a.jsonl.{kind}", whole[:end])), end


@pytest.mark.parametrize("kind", ["gz", "zst"])
def test_what_was_read_before_a_cut_stands(kind: str) -> None:
    data = squeeze(kind, LONG)
    items = list(source_from_bytes(f"a.jsonl.{kind}", data[: len(data) * 3 // 4]).read())
    assert reasons(items) == [("truncated", "whole file")]
    assert len(records(items)) > 10_000


@pytest.mark.parametrize("kind", ["gz", "zst"])
def test_no_flipped_byte_passes_as_other_data(kind: str) -> None:
    whole = squeeze(kind, ROWS)
    for at in range(len(whole)):
        flipped = whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :]
        items = read(f"a.jsonl.{kind}", flipped)
        assert refused(items) or values(items) == {"one", "two"}, at


@pytest.mark.parametrize("kind", ["gz", "zst"])
@pytest.mark.parametrize("tail", [b"\0", b"canary 555-0100", b"\x50\x2a\x4d\x18\x04\0\0\0can!"])
def test_what_follows_the_data_is_refused(kind: str, tail: bytes) -> None:
    items = read(f"a.jsonl.{kind}", squeeze(kind, ROWS) + tail)
    assert refused(items)


@pytest.mark.parametrize("kind", ["gz", "zst"])
def test_a_bomb_is_stopped(kind: str) -> None:
    out = io.BytesIO()
    if kind == "gz":
        squeezer = zlib.compressobj(9, zlib.DEFLATED, 31)
        for _ in range(256):
            out.write(squeezer.compress(bytes(1 << 20)))
        out.write(squeezer.flush())
    else:
        with zstandard.ZstdCompressor(level=3).stream_writer(out, closefd=False) as writer:
            for _ in range(256):
                writer.write(bytes(1 << 20))
    data = out.getvalue()
    items = read(f"a.jsonl.{kind}", data)
    assert reasons(items) == [("decompression-bomb", "whole file")]
    assert sum(i.size_bytes for i in items) == len(data)


def test_honest_repetition_is_not_a_bomb() -> None:
    row = jsonl({"messages": [{"role": "system", "content": "You are a patient teacher. " * 40}]})
    items = read("a.jsonl.gz", squeeze("gz", row * 10_000))
    assert len(records(items)) == 10_000


@pytest.mark.parametrize("flag", [4, 16])
def test_a_gzip_header_that_carries_data_is_refused(flag: int) -> None:
    whole = squeeze("gz", ROWS)
    field = b"\x06\0canary" if flag == 4 else b"canary 555-0100\0"
    data = whole[:3] + bytes([flag]) + whole[4:10] + field + whole[10:]
    assert gzip.decompress(data) == ROWS
    assert reasons(read("a.jsonl.gz", data)) == [("uncovered", "whole file")]


def test_a_gzip_file_name_is_no_place_for_data() -> None:
    whole = squeeze("gz", ROWS)
    named = whole[:3] + b"\x08" + whole[4:10] + b"train.jsonl\0" + whole[10:]
    assert values(read("a.jsonl.gz", named)) == {"one", "two"}
    stuffed = whole[:3] + b"\x08" + whole[4:10] + b"x" * 5000 + b"\0" + whole[10:]
    assert refused(read("a.jsonl.gz", stuffed))


def test_a_layer_within_a_layer_is_refused() -> None:
    twice = squeeze("gz", squeeze("gz", ROWS))
    assert reasons(read("a.jsonl.gz", twice)) == [("nested-compression", "whole file")]
    assert reasons(read("a.jsonl.gz.gz", twice)) == [("nested-compression", "whole file")]
    assert reasons(read("data", twice)) == [("nested-compression", "whole file")]


@pytest.mark.parametrize("kind", ["gz", "zst"])
def test_compressed_nothing_is_not_clean(kind: str) -> None:
    for data in (b"", b"\n\n"):
        assert reasons(read(f"a.jsonl.{kind}", squeeze(kind, data))) == [("empty", "whole file")]


def test_a_bad_line_is_charged_to_the_stored_bytes() -> None:
    data = squeeze("gz", ROWS + b"broken\n" + ROWS)
    items = list(source_from_bytes("a.jsonl.gz", data).read())
    assert reasons(items) == [("broken-json", "line 3")]
    assert 1 <= refused(items)[0].size_bytes <= len(data)
    assert sum(i.size_bytes for i in items) >= len(data)
