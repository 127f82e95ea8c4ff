"""Row groups of a Parquet file over several processes, and what only the whole of it shows."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from gatekeeper.detect import Detector
from gatekeeper.model import Finding, Record, canonical_bytes
from gatekeeper.read import Limits, Source, open_sources
from gatekeeper.shards.pool import Pool
from gatekeeper.shards.sharing import Sharing
from gatekeeper.tally import tally
from tests.shards.contents import ROWS


def whole(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return rows


def long_first(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**row, "text": "x" * 3000} for row in rows[:7]] + rows[7:]


def swelling(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each group is within the budget, and all of them are not."""
    return [{**row, "text": "maria.lopez@example.com " * 60} for row in rows]


EXPECTED = {
    (whole, False): set(),
    (whole, True): {"damaged"},
    (swelling, False): {"decompression-bomb"},
    (swelling, True): {"damaged"},
}


@pytest.mark.parametrize("made", [whole, long_first, swelling])
@pytest.mark.parametrize("told", [False, True], ids=["counted", "told"])
@pytest.mark.parametrize("damaged", [False, True], ids=["sound", "damaged"])
def test_the_same_as_in_one_process(
    detector: Detector, pool: Pool, tmp_path: Path, made: Any, told: bool, damaged: bool
) -> None:
    path = tmp_path / "a.parquet"
    table = pa.Table.from_pylist(made(ROWS), metadata={"by": "maria.lopez@example.com"})
    parquet.write_table(table, path, row_group_size=7, compression="gzip")
    if damaged:
        data = bytearray(path.read_bytes())
        data[len(data) // 3] ^= 0xFF
        path.write_bytes(data)
    limits = Limits(max_record_bytes=2000, max_ratio=1, ratio_floor_bytes=10_000)
    (source,) = (s for s in open_sources([path], limits=limits) if isinstance(s, Source))
    lines: list[bytes] = []

    def observe(_: Record, findings: tuple[Finding, ...]) -> None:
        lines.extend(canonical_bytes(finding.to_json()) for finding in findings)

    observer = observe if told else None
    digest, expected = tally(source.name, source.read, detector, observer)
    alone, lines = lines, []
    sharing = Sharing(pool, 2, detector, observer, None, 1)
    ((found, counted),) = sharing.tallies([source])
    assert found == digest
    assert canonical_bytes(counted.to_json()) == canonical_bytes(expected.to_json())
    assert lines == alone
    reasons = {u.reason for u in counted.unscanned}
    if made is not long_first:
        assert reasons == EXPECTED[made, damaged]
