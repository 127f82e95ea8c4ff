"""CSV and TSV: any dialect, every cell, a header only where it surely is one."""

import csv
import io

import pytest

from tests.read.helpers import read, reasons, records, texts, total, values


def cells(data: bytes, name: str = "a.csv") -> list[tuple[int, str, str, str]]:
    """(record, pointer, column name, value)"""
    return [
        (r.index, t.pointer, t.key, t.value)
        for r in records(read(name, data))
        for t in r.texts
        if not t.is_key
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_dialect_is_sniffed(delimiter: str, end: str) -> None:
    out = io.StringIO()
    rows = [["name", "note"], ["Ann, B.", 'say "x";'], ["C|D", "one\ttwo\nthree"]]
    csv.writer(out, delimiter=delimiter, lineterminator=end).writerows(rows)
    data = out.getvalue().encode()
    if end == "\r":
        data = data.replace(b"\n", b" ")
        rows[2][1] = "one\ttwo three"
    assert cells(data) == [
        (0, "/name", "name", "Ann, B."),
        (0, "/note", "note", 'say "x";'),
        (1, "/name", "name", "C|D"),
        (1, "/note", "note", rows[2][1]),
    ]


@pytest.mark.parametrize(
    "first",
    ["name,ssn", "prompt,completion", "text", ",text,label", "Patient Name,date", "a,b,text"],
)
def test_a_row_of_names_is_a_header(first: str) -> None:
    width = first.count(",") + 1
    items = read("a.csv", f"{first}\n{','.join(['123 Main St'] * width)}\n".encode())
    assert [r.index for r in records(items)] == [0]
    assert all(t.key or t.is_key or t.pointer == "/0" for t in texts(items))


@pytest.mark.parametrize(
    "first",
    ["Maria Gonzalez,Boston", "maria@example.com,text", "name,name", "1,2", "id,123456", "x y,"],
)
def test_in_doubt_the_first_row_is_data(first: str) -> None:
    items = read("a.csv", f"{first}\nJohn Smith,Chicago\n".encode())
    assert [r.index for r in records(items)] == [0, 1]
    assert set(filter(None, first.split(","))) <= values(items)
    assert not any("Maria" in t.pointer for t in texts(items))


def test_column_names_are_read_once_and_hidden_where_they_are_no_plain_words() -> None:
    items = read("a.csv", b"text,call 5550100\nx,1\n")
    assert {t.pointer for t in texts(items)} == {"/0", "/1"}
    items = read("a.csv", b"text,ssn of Ann\nx y z. 1,1\nx.2!,2\n")
    keys = [(t.pointer, t.masked, t.value) for t in texts(items) if t.is_key]
    assert keys == [("/ssn of Ann", "/#1", "ssn of Ann")]
    assert len([t for t in texts(items) if t.is_key]) == 1  # with the first row alone


def test_rows_longer_than_the_header_are_read_to_the_end() -> None:
    data = b"name,note\na,b,extra,more\nc\n"
    assert cells(data)[2:] == [
        (0, "/2", "", "extra"),
        (0, "/3", "", "more"),
        (1, "/name", "name", "c"),
    ]


@pytest.mark.parametrize(
    ("data", "reason", "place"),
    [
        (b'name,note\na,b\nc,"never closed\nd,e\n', "broken-csv", "line 3"),
        (b'name,note\na,b\nc,"x"y\n', "broken-csv", "line 3"),
        (b"name,note\na,b\nc,d\x00e\n", "nul-bytes", "line 3"),
        (b"name,note\na,b\nc,caf\xe9\n", "not-utf8", "line 3"),
        (b"name,note\n", "empty", "line 1"),
        (b"\n\n", "empty", "whole file"),
    ],
)
def test_what_cannot_be_read_is_refused_by_line(data: bytes, reason: str, place: str) -> None:
    items = read("a.csv", data)
    assert reasons(items) == [(reason, place)]
    assert values(items) == ({"a", "b"} if b"a,b" in data else set())


def test_a_bad_cell_does_not_stop_the_rows_after_it() -> None:
    items = read("a.csv", b"name,note\na,\xff\nc,d\n")
    assert reasons(items) == [("not-utf8", "line 2")]
    assert [r.index for r in records(items)] == [1]


def test_a_large_cell_is_read() -> None:
    large = "x, y\n" * 40_000
    items = read("a.csv", f'text,n\n"{large}",1\n'.encode())
    assert large in values(items)
    assert reasons(read("a.csv", b'text\n"' + b"y\n" * 9000, max_record_bytes=5000))[0][0] in (
        "over-limit",
        "broken-csv",
    )


def test_cells_may_hold_json_and_media() -> None:
    items = read("a.csv", b'id,messages\n1,"[{""role"": ""user"", ""content"": ""canary""}]"\n')
    (text,) = [t for t in texts(items) if t.value == "canary"]
    assert (text.pointer, text.key, text.role) == ("/messages", "content", "user")


def test_tabs_without_quoting() -> None:
    data = b'name\tnote\nAnn\t"Hello" she said\nBob\t5" pipe\n'
    assert cells(data, "a.tsv")[1][3] == '"Hello" she said'
    assert cells(data, "a.tsv")[3][3] == '5" pipe'


def test_blank_lines_count_with_their_neighbours() -> None:
    data = b"\xef\xbb\xbfname,note\n\na,b\n\n\n"
    items = read("a.csv", data)
    assert total(items) == len(data)
    assert values(items) == {"a", "b"}


def test_json_lines_under_a_csv_name_are_refused() -> None:
    assert reasons(read("a.csv", b'{"text": "x, y"}\n')) == [("format-mismatch", "whole file")]
