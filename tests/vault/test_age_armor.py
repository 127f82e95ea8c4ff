"""Armor: one spelling for each file, in blocks of any cut, and every other spelling refused."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable

import pytest

from gatekeeper.vault import age
from gatekeeper.vault.age.armor import BEGIN_LINE, END_LINE, MAX_WHITE_BYTES
from tests.vault.age_kit import Reads, noise, refused

BLOCK = 1024 * 65
"""Bytes of text that are read at once: 1,024 full lines that end with LF."""
BLOCK_DATA = 1024 * 48
BEGIN, END = BEGIN_LINE + b"\n", END_LINE + b"\n"
EDGES = sorted(
    {0, 1, 2, 3, 47, 48, 49, 95, 96, 97}
    | {size + d for size in (BLOCK_DATA - 48, BLOCK_DATA, 2 * BLOCK_DATA) for d in (-1, 0, 1, 48)}
)


def body_of(data: bytes) -> bytes:
    text = base64.b64encode(data)
    return b"".join(text[i : i + 64] + b"\n" for i in range(0, len(text), 64))


def armor_of(data: bytes) -> bytes:
    return BEGIN + body_of(data) + END


class Written(list[bytes]):
    def write(self, data: bytes, /) -> int:
        self.append(bytes(data))
        return len(data)


def read_all(text: bytes, piece: int = 10_000) -> bytes:
    """Every read but the last must give what was asked for."""
    reader, given = age.ArmorReader(Reads(text)), b""
    while data := reader.read(piece):
        given += data
        if len(data) < piece:
            break
    assert reader.read(piece) == b""
    assert reader.readline(piece) == b""
    return given


def test_the_lines_are_those_of_the_specification() -> None:
    assert BEGIN_LINE == b"-----BEGIN AGE ENCRYPTED FILE-----"
    assert END_LINE == b"-----END AGE ENCRYPTED FILE-----"
    assert MAX_WHITE_BYTES == 1024


@pytest.mark.parametrize("size", EDGES)
@pytest.mark.parametrize("piece", [1 << 20, 1000, 48, 65])
def test_what_is_written_is_strict_pem_however_it_comes(size: int, piece: int) -> None:
    out, data = Written(), noise(size)
    writer = age.ArmorWriter(out)
    assert out == [BEGIN]
    for start in range(0, size, piece):
        assert writer.write(data[start : start + piece]) == len(data[start : start + piece])
        assert sum(map(len, out[1:])) == (start + len(data[start : start + piece])) // 48 * 65
    writer.close()
    assert b"".join(out) == armor_of(data)
    assert max(map(len, out)) <= BLOCK + len(END)


@pytest.mark.parametrize("size", EDGES)
@pytest.mark.parametrize("ending", [b"\n", b"\r\n"])
@pytest.mark.parametrize("piece", [1 << 20, 997])
def test_what_is_read_is_what_was_written(size: int, ending: bytes, piece: int) -> None:
    text = armor_of(noise(size)).replace(b"\n", ending)
    assert read_all(text, piece) == noise(size)
    assert read_all(text[: -len(ending)], piece) == noise(size)  # the last end of line may lack


def test_no_more_is_read_than_is_asked_for() -> None:
    data = noise(BLOCK_DATA).replace(b"\n", b".") + b"the rest"
    small, block = Reads(armor_of(b"small")), Reads(armor_of(data))
    assert age.ArmorReader(small).read(100) == b"small"
    assert (small.blocks, small.lines) == ([BLOCK], [len(BEGIN_LINE) + 2])
    reader = age.ArmorReader(block)
    assert reader.read(BLOCK_DATA) == data[:BLOCK_DATA]
    assert block.blocks == [BLOCK]
    assert reader.read(100) == b"the rest"
    assert block.blocks == [BLOCK] * 2
    by_line = Reads(armor_of(data))
    assert age.ArmorReader(by_line).readline(BLOCK_DATA) == data[:BLOCK_DATA]
    assert by_line.blocks == [BLOCK]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"\n\n\nabc",
        b"one\ntwo\nthree",
        b"x" * 60_000 + b"\n" + b"y" * 70_000,
        (b"z" * 99 + b"\n") * 1_200,
    ],
)
@pytest.mark.parametrize("limit", [1, 3, 100, 49_152, 1 << 20])
def test_lines_are_those_of_the_file(data: bytes, limit: int) -> None:
    data = data[:2_000] if limit < 100 else data
    reader, expected = age.ArmorReader(Reads(armor_of(data))), io.BytesIO(data)
    while line := expected.readline(limit):
        assert reader.readline(limit) == line
    assert reader.readline(limit) == b""


def test_a_line_is_found_behind_bytes_that_were_read_and_across_blocks() -> None:
    data = b"a" * BLOCK_DATA + b"b\n" + b"c" * 40_000 + b"\nd"
    reader = age.ArmorReader(Reads(armor_of(data)))
    assert reader.read(BLOCK_DATA - 100) == b"a" * (BLOCK_DATA - 100)
    assert reader.readline(5_000) == b"a" * 100 + b"b\n"
    assert reader.readline(1 << 20) == b"c" * 40_000 + b"\n"
    assert reader.read(7) == b"d"


def body_with(change: Callable[[bytes], bytes], size: int = 100) -> bytes:
    return BEGIN + change(body_of(noise(size))) + END


LINE = b"A" * 64 + b"\n"
CUT = "age armor: it is cut off"
COLUMNS = "age armor: a line has not 64 columns"
SHORT = "age armor: a line has not 64 columns, or is empty"
BASE64 = "age armor: base64 is not canonical"
LAST = "age armor: its last line is not that of an age file"
FOLLOWS = "age armor: something follows it"
AFTER = "age armor: a line follows the last one"
LONG = "age armor: a line is too long, or it is cut off"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "age armor: its first line is not that of an age file"),
        (BEGIN_LINE, "age armor: its first line is not that of an age file"),
        (BEGIN_LINE + b" \n" + END, "age armor: its first line is not that of an age file"),
        (b" " + BEGIN + END, "age armor: its first line is not that of an age file"),
        (BEGIN, LONG),
        (BEGIN + LINE, CUT),
        (BEGIN + LINE * 1024, LONG),
        (BEGIN + LINE * 1024 + b"A", CUT),
        (BEGIN + b"A" * BLOCK, LONG),
        (BEGIN + b"A" * 66 + b"\n" + END, COLUMNS),
        (BEGIN + b"A" * 68 + b"\n" + END, COLUMNS),
        (BEGIN + b"A" * 60 + b"\n" + b"A" * 68 + b"\n" + END, COLUMNS),
        (BEGIN + b"A" * 60 + b"\n" + LINE + END, COLUMNS),
        (BEGIN + b"\n" + END, SHORT),
        (BEGIN + LINE + b"\n" + END, SHORT),
        (BEGIN + b"A" * 60 + b"\n\n" + END, SHORT),
        (BEGIN + b"AAAA\nAAAA\n" + END, SHORT),
        (BEGIN + b"AAAA" + END, SHORT),
        (BEGIN + b"A\n" + END, BASE64),
        (BEGIN + b"AAB=\n" + END, BASE64),
        (BEGIN + b"AA\n" + END, BASE64),
        (BEGIN + b"AA*A\n" + END, BASE64),
        (BEGIN + b"AA A\n" + END, BASE64),
        (BEGIN + b"AA==AAAA\n" + END, BASE64),
        (BEGIN + b"A" * 62 + b"==\n" + b"AAAA\n" + END, BASE64),
        (BEGIN + b"AAAA\n" + END_LINE + b" \n", LAST),
        (BEGIN + b"AAAA\n" + END_LINE[1:] + b"\n", LAST),
        (BEGIN + b"AAAA\n" + END_LINE + b"x", LAST),
        (BEGIN + b"AAAA\n" + BEGIN, LAST),
        (BEGIN + b"AAAA\n" + END + b"x", FOLLOWS),
        (BEGIN + b"AAAA\n" + END + BEGIN, FOLLOWS),
        (BEGIN + b"AAAA\n" + END + b"\x0b", FOLLOWS),
        (BEGIN + b"AAAA\n" + END + b" " * 1025, FOLLOWS),
        (BEGIN + b"AAAA\n" + END + b" " * BLOCK * 3, FOLLOWS),
        # where the block ends, a line that must be the last of the file is known as that one
        (BEGIN + LINE * 1023 + b"A" * 60 + b"\n" + LINE * 9 + END, AFTER),
        (BEGIN + LINE * 1023 + b"A" * 63 + b"=\n" + LINE * 9 + END, AFTER),
        (BEGIN + LINE * 1023 + b"A" * 63 + b"=\n" + b"AAAA\n" + END, AFTER),
    ],
)  # fmt: skip
def test_another_spelling_is_refused(text: bytes, message: str) -> None:
    with refused(message):
        age.ArmorReader(Reads(text)).read(1 << 20)
    with refused(message):
        age.ArmorReader(Reads(text)).readline(1 << 20)


@pytest.mark.parametrize("last", [b"A" * 60 + b"\n", b"A" * 63 + b"=\n", LINE])
def test_a_block_may_end_where_the_lines_do(last: bytes) -> None:
    body = LINE * 1023 + last
    assert read_all(BEGIN + body + END) == base64.b64decode(body)


def cut_after_white(white: int) -> bytes:
    """Armor whose first block ends with so much white space after the end line."""
    rest = BLOCK - len(END) - white
    lines, last = divmod(rest, 65)
    spare = (last - 1) % 4
    body = LINE * lines + b"A" * (last - 1 - spare) + b"\n"
    body = body.replace(b"\n", b"\r\n", spare)
    text = body + END + b" " * white
    assert len(text) == BLOCK
    return BEGIN + text


@pytest.mark.parametrize("white", [0, 1, 500, 1023, 1024])
def test_white_space_may_follow_but_nothing_else_behind_the_cut_of_a_block(white: int) -> None:
    text = cut_after_white(white)
    data = read_all(text)
    assert len(data) > 48_000
    assert read_all(text + b"\t" * (1024 - white)) == data
    for more in (b"x", b" " * (1025 - white), b"\t" * (1024 - white) + b"x"):
        with refused(FOLLOWS):
            read_all(text + more)


def test_the_end_is_checked_before_the_last_block_is_given() -> None:
    reader = age.ArmorReader(Reads(armor_of(noise(BLOCK_DATA + 5)) + b"x"))
    assert reader.read(100) == noise(BLOCK_DATA + 5)[:100]
    with refused(FOLLOWS):
        reader.read(BLOCK_DATA)


@pytest.mark.parametrize("ending", [b"\n", b"\r\n"])
@pytest.mark.parametrize(
    "white",
    [b"", b"\n", b" \t\r\n\n", b" ", b"\n" * 1024, b" " * 1000, b" " * 1024, b" " * 999 + b"\n\t"],
    ids=repr,
)
def test_white_space_may_stand_before_armor(white: bytes, ending: bytes) -> None:
    text = white + armor_of(b"data").replace(b"\n", ending)
    assert age.dearmored(Reads(text)).read(100) == b"data"


@pytest.mark.parametrize(
    "white",
    [b"\n" * 1025, b" " * 1025, b" " * 2000, b" " * 1000 + b"\n" * 25, b"\x0b\n", b"\x0b", b"x\n"],
    ids=repr,
)
def test_what_is_no_armor_is_given_as_it_is(white: bytes) -> None:
    text = white + armor_of(b"data")
    assert age.dearmored(Reads(text)).read(10_000) == text


FIRST = 1024 + 34 + 2
"""Bytes of a first line that are looked at."""
PLAIN = [
    b"",
    b"x",
    b"\n",
    b"\n" * 3_000,
    b"age-encryption.org/v1\n-> a\n",
    b" \n\t\n \r\nabc\ndef\n",
    b"y" * (FIRST - 1) + b"\nz\nz",
    b"y" * FIRST + b"\nz\nz",
    b"y" * (FIRST + 1) + b"\nz\nz",
    b" " * FIRST + b"\n \nz",
    b"\n\n" + b"y" * 5_000 + b"\nz",
    BEGIN_LINE + b"x\nabc\n",
]


@pytest.mark.parametrize("data", PLAIN, ids=range(len(PLAIN)))
@pytest.mark.parametrize(
    "steps",
    [
        [100_000],
        [1, 2, 5, 1],
        [-1, 3],
        [-1, -1, -2],
        [-100_000],
        [-1_024],
        [1_000, -1_000],
        [-2, 1],
    ],
    ids=str,
)
def test_a_plain_stream_reads_on_as_it_was(data: bytes, steps: list[int]) -> None:
    """A step reads so many bytes, or, below 0, a line of at most so many."""
    stream, expected = age.dearmored(Reads(data)), io.BytesIO(data)
    for step in steps * (len(data) + 2):
        wanted = expected.read(step) if step > 0 else expected.readline(-step)
        assert (stream.read(step) if step > 0 else stream.readline(-step)) == wanted
        if not wanted:
            break
    assert stream.read(1 << 20) == expected.read()


def test_a_plain_stream_is_asked_for_no_more_than_is_missing() -> None:
    source = Reads(b"ab\ncdefgh\nij\n")
    stream = age.dearmored(source)
    assert (source.lines, source.blocks) == ([FIRST], [])
    assert stream.read(3) == b"ab\n"
    assert source.blocks == []
    assert (stream.read(2), source.blocks) == (b"cd", [2])
    source = Reads(b"ab\ncdefgh\nij\n")
    stream = age.dearmored(source)
    assert (stream.read(1), stream.read(4), source.blocks) == (b"a", b"b\ncd", [2])
    assert (stream.readline(3), source.lines) == (b"efg", [FIRST, 3])
    source = Reads(b"y" * 2_000)
    stream = age.dearmored(source)
    assert stream.readline(FIRST) == b"y" * FIRST
    assert source.lines == [FIRST]
    source = Reads(b"y" * 2_000)
    assert age.dearmored(source).readline(1_500) == b"y" * 1_500
    assert source.lines == [FIRST, 1_500 - FIRST]
