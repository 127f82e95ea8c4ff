"""A Parquet file in row groups: read one by one they are the file."""

from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from gatekeeper.model import Unscanned
from gatekeeper.read import Limits
from gatekeeper.read.opening import source_of_file
from gatekeeper.read.refusal import Refusal
from gatekeeper.read.row_groups import GroupCut, GroupReading
from tests.read.helpers import Item, read_source


def written(path: Path, rows: list[dict[str, object]], group_rows: int) -> Path:
    table = pa.Table.from_pylist(rows, metadata={"by": "somebody"})
    parquet.write_table(table, path, row_group_size=group_rows)
    return path


def rows(count: int) -> list[dict[str, object]]:
    return [{"name": f"row {n}", "blob": bytes([0, n % 256]) * 9, "n": n} for n in range(count)]


def in_groups(path: Path, part_bytes: int, limits: Limits) -> tuple[list[Item], int]:
    """Every item of every part, and how many parts there are."""
    source = source_of_file(path, None, limits)
    items: list[Item] = []
    with closing(GroupCut(source, part_bytes)) as cut:
        parts = list(cut)
        for part in parts:
            reading = GroupReading(source, part)
            items += reading
            assert reading.same
            assert reading.whole
            assert reading.budget.spent_bytes
        assert cut.same
        assert cut.bytes_seen == path.stat().st_size
        reading_of_all = source.read()
        list(reading_of_all)
        assert cut.digest == reading_of_all.digest
    return items, len(parts)


@pytest.mark.parametrize("part_bytes", [1, 600, 2000])
@pytest.mark.parametrize("group_rows", [1, 7, 130])
def test_the_groups_are_the_whole(tmp_path: Path, part_bytes: int, group_rows: int) -> None:
    path = written(tmp_path / "a.parquet", rows(300), group_rows)
    items, parts = in_groups(path, part_bytes, Limits())
    assert items == read_source(source_of_file(path, None, Limits()))
    assert parts > 1


def test_rows_that_are_refused_keep_their_numbers(tmp_path: Path) -> None:
    made = rows(60)
    for n in (20, 21, 40):
        made[n]["name"] = "x" * 3000
    path = written(tmp_path / "a.parquet", made, 9)
    limits = Limits(max_record_bytes=1000)
    items, _ = in_groups(path, 1, limits)
    assert items == read_source(source_of_file(path, None, limits))
    assert [i.at for i in items if isinstance(i, Unscanned) and not i.opaque] == [
        "record 20", "record 21", "record 40",
    ]  # fmt: skip


def test_column_names_without_a_row_to_stand_in(tmp_path: Path) -> None:
    made = rows(20)
    for n in range(5):
        made[n]["name"] = "x" * 3000
    path = written(tmp_path / "a.parquet", made, 5)
    source = source_of_file(path, None, Limits(max_record_bytes=1000))
    with closing(GroupCut(source, 1)) as cut:
        readings = [GroupReading(source, part) for part in cut]
    for reading in readings:
        list(reading)
    assert [reading.whole for reading in readings] == [False, True, True, True]


def test_a_file_that_changed_shows(tmp_path: Path) -> None:
    path = written(tmp_path / "a.parquet", rows(20), 5)
    source = source_of_file(path, None, Limits())
    with closing(GroupCut(source, 1)) as cut:
        parts = list(cut)
        path.write_bytes(path.read_bytes())
        reading = GroupReading(source, parts[1])
        list(reading)
        assert not reading.same
        assert not cut.same


@pytest.mark.parametrize("data", [b"", b"PAR1", b"PAR1" + bytes(50) + b"PAR1", b"text"])
def test_what_is_no_parquet_is_not_cut(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.parquet"
    path.write_bytes(data)
    with pytest.raises(Refusal):
        GroupCut(source_of_file(path, None, Limits()), 1)


def test_one_group_is_not_cut(tmp_path: Path) -> None:
    path = written(tmp_path / "a.parquet", rows(20), 20)
    with pytest.raises(Refusal):
        GroupCut(source_of_file(path, None, Limits()), 1)
