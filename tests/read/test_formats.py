"""What a source is: suffix and bytes must tell one story."""

import gzip
from pathlib import Path

import pytest

from gatekeeper.errors import UsageError
from gatekeeper.read import FORMATS, Source, open_sources, source_from_bytes
from tests.read.helpers import read, reasons, refused, values

MAGICS = {
    "gzip": gzip.compress(b"x"),
    "parquet": b"PAR1....PAR1",
    "png": b"\x89PNG\r\n\x1a\n....",
    "zip": b"PK\x03\x04....",
    "pdf": b"%PDF-1.7 ....",
    "pickle": b"\x80\x04\x95....",
    "sqlite": b"SQLite format 3\x00....",
}


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.csv", "a.tsv", "a.txt", "a.md"])
@pytest.mark.parametrize("kind", MAGICS)
def test_a_suffix_that_lies_is_refused(name: str, kind: str) -> None:
    assert reasons(read(name, MAGICS[kind])) == [("format-mismatch", "whole file")]


@pytest.mark.parametrize("name", ["a.parquet", "a.arrow", "a.jsonl.gz", "a.jsonl.zst"])
def test_text_under_a_binary_name_is_refused(name: str) -> None:
    assert reasons(read(name, b'{"text": "x"}\n')) == [("format-mismatch", "whole file")]


@pytest.mark.parametrize(
    "suffix", [".xlsx", ".pdf", ".docx", ".zip", ".pkl", ".yaml", ".html", ".py", ".xyz", ".bak"]
)
def test_a_suffix_that_is_not_supported_is_refused_by_name(suffix: str) -> None:
    (item,) = refused(read(f"a{suffix}", b"some text"))
    assert item.reason == "unsupported-format"
    assert f"`{suffix}`" in item.detail
    assert ".jsonl" in item.detail


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b'{"text": "canary"}\n{"text": "b"}\n', "jsonl"),
        (b'\xef\xbb\xbf{"text": "canary"}', "jsonl"),
        (b'{\n  "text": "canary"\n}\n', "json"),
        (b'[{"text": "canary"}]', "json"),
        (b"canary in plain words", "text"),
        (gzip.compress(b'{"text": "canary"}\n'), "jsonl"),
    ],
)
def test_without_a_suffix_the_bytes_tell(data: bytes, found: str) -> None:
    assert source_from_bytes("README", data).format == found
    assert any("canary" in value for value in values(read("README", data)))


@pytest.mark.parametrize("kind", ["png", "zip", "pdf", "pickle", "sqlite"])
def test_binary_content_without_a_suffix_is_refused(kind: str) -> None:
    assert reasons(read("blob", MAGICS[kind]))[0][0] == "unsupported-format"


@pytest.mark.parametrize(
    "data",
    [
        b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n",
        b"/annex/objects/SHA256E-s5--00.jsonl\n",
        b"outs:\n- md5: 00\n  size: 5\n  path: a.jsonl\n",
    ],
)
@pytest.mark.parametrize("name", ["a.jsonl", "a.parquet", "a.txt", "a"])
def test_a_pointer_is_not_the_data(name: str, data: bytes) -> None:
    assert reasons(read(name, data)) == [("pointer-file", "whole file")]


def test_a_dvc_file_is_a_pointer_by_its_name() -> None:
    assert reasons(read("a.jsonl.dvc", b"anything")) == [("pointer-file", "whole file")]


def test_the_input_format_takes_the_place_of_the_suffix() -> None:
    row = b'{"text": "canary"}\n'
    assert values(read("a.xyz", row, "jsonl")) == {"canary"}
    assert values(read("-", gzip.compress(row), "jsonl")) == {"canary"}
    assert values(read("-", gzip.compress(row), "jsonl.gz")) == {"canary"}
    assert reasons(read("-", row, "jsonl.gz")) == [("format-mismatch", "whole file")]
    assert reasons(read("-", MAGICS["png"], "jsonl")) == [("format-mismatch", "whole file")]


@pytest.mark.parametrize("word", ["", "xml", "jsonl.bz2", "json.l", "canary\x1b[31m"])
def test_an_unknown_input_format_is_a_usage_error(word: str) -> None:
    if not word:
        assert source_from_bytes("a.txt", b"x", input_format=word).format == "text"
        return
    with pytest.raises(UsageError, match="unknown input format") as raised:
        source_from_bytes("a", b"x", input_format=word)
    assert str(raised.value).isprintable()


def test_upper_case_suffixes_are_the_same() -> None:
    assert source_from_bytes("A.JSONL", b'{"text": "x"}').format == "jsonl"
    assert set(FORMATS) == {"jsonl", "json", "csv", "tsv", "parquet", "arrow", "text"}


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv.gz", "a.parquet", "A.JSON"])
def test_a_structured_file_is_not_read_as_text(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text('{"text": "broken\n')
    (source,) = open_sources([path], input_format="text")
    assert isinstance(source, Source)
    assert source.refused
    assert source.refused.reason == "format-mismatch"


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a", "a.out"])
def test_any_other_file_is(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("One and two.\n")
    (source,) = open_sources([path], input_format="text")
    assert isinstance(source, Source)
    assert source.refused is None
