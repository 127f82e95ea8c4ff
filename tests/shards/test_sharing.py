"""The evidence of several processes is that of one, byte for byte, wherever a file is cut."""

import random
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gatekeeper.detect import Detector
from gatekeeper.model import Evidence, Finding, Record, Unscanned, canonical_bytes
from gatekeeper.read import Limits, Source, open_sources, source_from_bytes
from gatekeeper.shards import ALONE, Jobs, Workers, sharing, tally_each
from gatekeeper.shards.jobs import Recipe
from gatekeeper.shards.pool import Pool
from gatekeeper.shards.sharing import Sharing
from tests.shards.contents import jsonl_lines, write_all

LIMITS = Limits(max_record_bytes=2000)
Sources = Sequence[Source | Unscanned]


class Run:
    """One scan: its evidence, its finding lines and the bytes of its progress."""

    def __init__(self, detector: Detector, sources: Sources, jobs: Jobs, *, told: bool) -> None:
        self.lines: list[bytes] = []
        self.bytes = 0
        self.records: list[Record] = []
        workers = Workers(jobs, Recipe())
        observe = self.observe if told else None
        done = tally_each(sources, detector, observe, self.progress, workers)
        self.evidence = [(digest, canonical_bytes(tally.to_json())) for digest, tally in done]
        self.whole = canonical_bytes(
            Evidence.union(Evidence({digest: tally}) for digest, tally in done).to_json()
        )

    def observe(self, record: Record, findings: tuple[Finding, ...]) -> None:
        self.records.append(record)
        self.lines += [canonical_bytes(finding.to_json()) for finding in findings]

    def progress(self, record: Record) -> None:
        self.bytes += record.size_bytes


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data") / "files"
    write_all(folder)
    return folder


@pytest.mark.parametrize("told", [False, True], ids=["counted", "told"])
def test_every_format(detector: Detector, folder: Path, told: bool) -> None:
    sources = open_sources([folder], limits=LIMITS)
    alone = Run(detector, sources, ALONE, told=told)
    shared = Run(detector, sources, Jobs(3, part_bytes=700), told=told)
    assert shared.evidence == alone.evidence
    assert shared.whole == alone.whole
    assert shared.lines == alone.lines
    assert bool(alone.lines) is told
    assert shared.bytes == alone.bytes
    assert all(record.texts == () for record in shared.records)
    assert b"worker" not in shared.whole


def test_what_is_no_file_is_read_here_in_its_turn(detector: Detector, folder: Path) -> None:
    held = source_from_bytes("held", b"\n".join(jsonl_lines()), input_format="jsonl")
    files = open_sources([folder / "a.jsonl", folder / "e.txt"], limits=LIMITS)
    sources = [files[0], held, files[1], held]
    alone = Run(detector, sources, ALONE, told=True)
    shared = Run(detector, sources, Jobs(2, part_bytes=2000), told=True)
    assert shared.evidence == alone.evidence
    assert shared.lines == alone.lines


LINES = st.lists(
    st.sampled_from(range(len(jsonl_lines()))).map(lambda n: jsonl_lines()[n]),
    min_size=1,
    max_size=60,
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(LINES, st.integers(1, 900), st.booleans(), st.booleans(), st.integers(1, 3))
def test_wherever_it_is_cut(
    detector: Detector,
    pool: Pool,
    tmp_path: Path,
    lines: list[bytes],
    part_bytes: int,
    ended: bool,
    told: bool,
    processes: int,
) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b"\n".join(lines) + b"\n" * ended)
    sources = open_sources([path], input_format="jsonl", limits=LIMITS)
    alone = Run(detector, sources, ALONE, told=told)
    found: list[bytes] = []

    def observe(_: Record, findings: tuple[Finding, ...]) -> None:
        found.extend(canonical_bytes(finding.to_json()) for finding in findings)

    shared = Sharing(pool, processes, detector, observe if told else None, None, part_bytes)
    files = [source for source in sources if isinstance(source, Source)]
    done = shared.tallies(files)
    assert [(d, canonical_bytes(t.to_json())) for d, t in done] == alone.evidence
    assert found == alone.lines


def test_many_small_files_in_any_number_of_processes(detector: Detector, tmp_path: Path) -> None:
    order = random.Random(1)  # noqa: S311
    for n in range(30):
        rows = order.sample(jsonl_lines(), 6)
        (tmp_path / f"{n:02}.jsonl").write_bytes(b"\n".join(rows))
    sources = open_sources([tmp_path], limits=LIMITS)
    alone = Run(detector, sources, ALONE, told=True)
    shared = Run(detector, sources, Jobs(2), told=True)
    assert shared.evidence == alone.evidence
    assert shared.lines == alone.lines


def test_one_small_file_starts_no_process(
    detector: Detector, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.executable", "/nowhere")
    path = tmp_path / "a.jsonl"
    path.write_bytes(jsonl_lines()[0])
    run = Run(detector, open_sources([path]), Jobs(8), told=False)
    assert len(run.evidence) == 1


def test_who_works_ahead_waits_where_too_much_is_kept(
    detector: Detector, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sharing, "HELD_MAX", 0)
    sources = open_sources([folder], limits=LIMITS)
    alone = Run(detector, sources, ALONE, told=True)
    shared = Run(detector, sources, Jobs(2, part_bytes=300), told=True)
    assert shared.evidence == alone.evidence
    assert shared.lines == alone.lines
