"""A file of JSON lines in parts: read one by one they are the file, wherever it was cut."""

import hashlib
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gatekeeper.read import Limits
from gatekeeper.read.opening import source_of_file
from gatekeeper.read.parts import Cut, Part, PartReading
from gatekeeper.read.refusal import Refusal
from gatekeeper.read.streams import BLOCK_BYTES
from tests.read.helpers import Item, read_source

LIMITS = Limits(max_record_bytes=200)
ROW = b'{"text": "what is written here"}'
LINES = st.sampled_from(
    [
        ROW,
        b'{"a": "' + b"x" * 80 + b'"}',
        b'{"a": "' + b"y" * 250 + b'"}',  # over the limit
        b" " * 250,
        b"",
        b" \t",
        b"\x0b\x0c",
        b"\x85",
        '{"u": "\u2028\u0085"}'.encode(),
        b"{broken",
        b'{"a": "\xff"}',
        b'{"a": "\x00"}',
        b"[1, 2]",
        b"\xef\xbb\xbf",
        b"\xef\xbb\xbf" + ROW,
        b'{"image_url": {"url": "data:image/png;base64,' + b"A" * 40 + b'"}}',
    ]
)


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def in_parts(path: Path, part_bytes: int, limits: Limits = LIMITS) -> tuple[list[Item], list[Part]]:
    """Every item of every part, and the parts."""
    source = source_of_file(path, "jsonl", limits)
    items: list[Item] = []
    with closing(Cut(source, part_bytes)) as cut:
        parts = list(cut)
        for part in parts:
            reading = PartReading(source, part)
            items += reading
            assert reading.same
        assert cut.same
        assert cut.digest == f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"
        assert cut.bytes_seen == path.stat().st_size
    return items, parts


@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.booleans(),
    st.lists(LINES, min_size=1, max_size=25),
    st.sampled_from([b"\n", b"\r\n", b"\n\n"]),
    st.booleans(),
    st.integers(1, 300),
)
def test_the_parts_are_the_whole(
    tmp_path: Path, bom: bool, rows: list[bytes], end: bytes, ended: bool, part_bytes: int
) -> None:
    data = (b"\xef\xbb\xbf" if bom else b"") + end.join(rows) + (end if ended else b"")
    path = tmp_path / "rows"
    path.write_bytes(data or b"\n")
    items, parts = in_parts(path, part_bytes)
    assert items == read_source(source_of_file(path, "jsonl", LIMITS))
    assert sum(part.size_bytes for part in parts) == path.stat().st_size
    assert all(part.size_bytes >= part_bytes for part in parts[:-1])


@pytest.mark.parametrize("part_bytes", [1, 1000, BLOCK_BYTES - 1, BLOCK_BYTES, 3 * BLOCK_BYTES])
def test_blocks_and_parts_have_nothing_to_do_with_each_other(
    tmp_path: Path, part_bytes: int
) -> None:
    path = tmp_path / "rows"
    rows = [b'{"n": "%s"}' % (b"z" * (n * 7919 % 5000)) for n in range(300)]
    rows[40] = b'{"n": "%s"}' % (b"z" * (2 * BLOCK_BYTES))
    rows[80] = b"\n" * (BLOCK_BYTES + 3)
    rows[120:140] = [b""] * 20
    path.write_bytes(b"\n".join(rows) + b"\n" * 1000)
    limits = Limits(max_record_bytes=BLOCK_BYTES)
    items, parts = in_parts(path, part_bytes, limits)
    assert items == read_source(source_of_file(path, "jsonl", limits))
    assert len(parts) > 1 or part_bytes > BLOCK_BYTES


def test_a_part_that_changed_shows(tmp_path: Path) -> None:
    path = tmp_path / "rows"
    path.write_bytes((ROW + b"\n") * 10)
    source = source_of_file(path, "jsonl", LIMITS)
    with closing(Cut(source, 50)) as cut:
        parts = list(cut)
        with path.open("r+b") as file:
            file.seek(parts[1].start + 12)
            file.write(b"W")
        readings = [PartReading(source, part) for part in parts]
        for reading in readings:
            list(reading)
        assert [reading.same for reading in readings] == [True, False] + [True] * (len(parts) - 2)
        assert not cut.same


def test_what_is_no_jsonl_is_not_cut(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b"\x89PNG" + b"x" * 100)
    with pytest.raises(Refusal):
        Cut(source_of_file(path, None, LIMITS), 10)
    path.write_bytes(b"")
    with pytest.raises(Refusal):
        Cut(source_of_file(path, None, LIMITS), 10)
    before = open_files()
    with pytest.raises(Refusal):
        Cut(source_of_file(path, None, LIMITS), 10)
    assert open_files() == before
