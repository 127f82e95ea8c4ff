"""A worker that dies, hangs, takes too much or reads something else never leaves a clean result."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from gatekeeper.detect import Detector, load_detector
from gatekeeper.errors import ConfigError, DetectorError
from gatekeeper.model import Finding, Record, Tally, canonical_bytes
from gatekeeper.read import Source, open_sources, source_from_bytes
from gatekeeper.shards import Jobs, Workers, tally_each
from gatekeeper.shards import pool as pool_module
from gatekeeper.shards.jobs import Recipe
from gatekeeper.shards.messages import Begin
from gatekeeper.shards.pool import Pool
from gatekeeper.shards.sharing import Sharing
from gatekeeper.tally import tally
from tests.shards.conftest import ENTITIES
from tests.shards.contents import jsonl_lines

BIG = b"\n".join(jsonl_lines() * 8)
SMALL = b"\n".join(jsonl_lines()[4:9])
MEMORY = 4 << 30


@pytest.fixture
def files(tmp_path: Path) -> list[Source]:
    """A small file, one that is cut into many parts, and another small one."""
    for name, data in (("a.jsonl", SMALL), ("b.jsonl", BIG), ("c.txt", SMALL)):
        (tmp_path / name).write_bytes(data)
    return [s for s in open_sources([tmp_path], input_format=None) if isinstance(s, Source)]


Act = Callable[[Pool], None]


def shared(
    detector: Detector,
    files: list[Source],
    *,
    silence_s: float = 60,
    memory_bytes: int = MEMORY,
    looking: Act | None = None,
    reporting: Act | None = None,
    recipe: Recipe = Recipe(),  # noqa: B008  (it is frozen)
) -> list[Tally]:
    """The tallies of `files`; `looking` and `reporting` are done once while that goes on."""
    acts = {"looking": looking, "reporting": reporting}
    with Pool(Begin(recipe, ENTITIES, memory_bytes), silence_s=silence_s) as pool:

        def act(when: str) -> None:
            done = acts.pop(when, None)
            if done:
                done(pool)

        def observe(record: Record, _: tuple[Finding, ...]) -> None:
            if record.source.endswith("b.jsonl"):
                act("reporting")

        def progress(record: Record) -> None:
            if record.size_bytes:
                act("looking")

        sharing = Sharing(pool, 2, detector, observe if reporting else None, progress, 3000)
        tallies = [counted for _, counted in sharing.tallies(files)]
        pids = [worker.pid for worker in pool.workers]
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)
    assert not any(acts.values()), "it came too late"
    return tallies


def at_work(pool: Pool) -> int:
    return next(worker.pid for worker in pool.workers if worker.busy and worker.ready)


def everyone(pool: Pool, sent: int) -> None:
    for worker in pool.workers:
        if worker.ready:
            os.kill(worker.pid, sent)


def reasons(counted: Tally) -> set[str]:
    return {u.reason for u in counted.unscanned if u.at == "whole file"}


def assert_refused(counted: Tally, reason: str) -> None:
    assert reason in reasons(counted)
    assert counted.refused_count
    assert counted.bytes_unscanned == counted.bytes_seen > 0
    assert not counted.records


def test_one_that_is_killed(detector: Detector, files: list[Source]) -> None:
    done = shared(detector, files, looking=lambda pool: os.kill(at_work(pool), signal.SIGKILL))
    lost = [counted for counted in done if "worker-lost" in reasons(counted)]
    assert lost
    for counted in lost:
        assert_refused(counted, "worker-lost")
        assert "SIGKILL" in next(iter(counted.unscanned)).detail
    for source, counted in zip(files, done, strict=True):
        if counted not in lost:
            expected = tally(source.name, source.read, detector)[1]
            assert canonical_bytes(counted.to_json()) == canonical_bytes(expected.to_json())
    assert len(lost) < len(files)


def test_what_comes_after_is_scanned_all_the_same(detector: Detector, files: list[Source]) -> None:
    held = source_from_bytes("held", SMALL, input_format="jsonl")
    sources = [files[1], held, files[2], files[0]]
    pids = Path(f"/proc/self/task/{os.getpid()}/children")
    killed: list[int] = []

    def progress(record: Record) -> None:
        if record.size_bytes and not killed:
            killed.extend(int(pid) for pid in pids.read_text().split())
            os.kill(killed[0], signal.SIGKILL)

    workers = Workers(Jobs(2, part_bytes=3000), Recipe())
    done = tally_each(sources, detector, None, progress, workers)
    assert "worker-lost" in reasons(done[0][1]) or done[0] == alone(detector, sources[0])
    assert done[1:] == [alone(detector, source) for source in sources[1:]]


def alone(detector: Detector, source: Source) -> tuple[str, Tally]:
    return tally(source.name, source.read, detector)


@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGSEGV, signal.SIGTERM])
def test_all_of_them(detector: Detector, files: list[Source], sent: int) -> None:
    done = shared(detector, files, looking=lambda pool: everyone(pool, sent))
    assert len(done) == len(files)
    assert any("worker-lost" in reasons(counted) for counted in done)


def test_one_that_is_killed_in_the_second_reading(detector: Detector, files: list[Source]) -> None:
    done = shared(detector, files, reporting=lambda pool: everyone(pool, signal.SIGKILL))
    assert_refused(done[1], "worker-lost")


def test_one_that_hangs(detector: Detector, files: list[Source]) -> None:
    done = shared(
        detector,
        files,
        silence_s=5,
        looking=lambda pool: os.kill(at_work(pool), signal.SIGSTOP),
    )
    (lost,) = [counted for counted in done if reasons(counted) == {"worker-lost"}]
    assert_refused(lost, "worker-lost")
    assert "no sign for 5 s" in next(iter(lost.unscanned)).detail


def test_one_that_takes_too_much_memory(detector: Detector, tmp_path: Path) -> None:
    base = 0
    for name, data in (("a.txt", b"hello"), ("b.jsonl", SMALL)):
        (tmp_path / name).write_bytes(data)

    def measure(pool: Pool) -> None:
        nonlocal base
        base = max(worker.memory_bytes for worker in pool.workers)

    sources = [s for s in open_sources([tmp_path]) if isinstance(s, Source)]
    shared(detector, sources, looking=measure)
    hog = b'{"text": [' + b",".join(b'"a%d"' % n for n in range(490_000)) + b"]}"
    (tmp_path / "a.txt").unlink()
    (tmp_path / "c.jsonl").write_bytes(hog)
    sources = [s for s in open_sources([tmp_path]) if isinstance(s, Source)]
    small, lost = shared(detector, sources, memory_bytes=base + (80 << 20))
    assert_refused(lost, "worker-lost")
    assert "memory" in next(iter(lost.unscanned)).detail
    assert small.records


def test_one_that_cannot_even_start(
    detector: Detector, files: list[Source], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool_module, "START_S", 0.1)
    with pytest.raises(DetectorError, match="before it was ready"):
        shared(detector, files, memory_bytes=10 << 20)
    with pytest.raises(DetectorError, match=r"gave no sign for 0\.1 s before it was ready"):
        shared(detector, files, silence_s=0.1)


def test_one_with_another_detector(detector: Detector, files: list[Source]) -> None:
    with pytest.raises(DetectorError, match="not that of this process"):
        shared(detector, files, recipe=Recipe(locales=("gb",)))


def test_one_whose_detector_cannot_be_made(
    detector: Detector, files: list[Source], tmp_path: Path
) -> None:
    with pytest.raises(ConfigError):
        shared(detector, files, recipe=Recipe(recognizers=(tmp_path / "gone.yaml",)))


def change(path: Path) -> None:
    """One byte of the last line, in place."""
    with path.open("r+b") as file:
        file.seek(path.stat().st_size - 8)
        file.write(b"#")


def replace(path: Path) -> None:
    """Another file of that name."""
    other = path.with_suffix(".new")
    other.write_bytes(BIG.replace(b"gonzalez", b"gonzales"))
    other.replace(path)


@pytest.mark.parametrize("how", [change, replace, Path.unlink, lambda path: path.write_bytes(b"")])
@pytest.mark.parametrize("when", ["looking", "reporting"])
def test_a_file_that_is_changed_meanwhile(
    detector: Detector, files: list[Source], tmp_path: Path, how: Callable[[Path], None], when: str
) -> None:
    done = shared(detector, files[1:2], **{when: lambda _: how(tmp_path / "b.jsonl")})
    assert "changed" in reasons(done[0])
    assert done[0].refused_count
    assert done[0].bytes_unscanned == done[0].bytes_seen


def test_a_file_that_is_gone_before_it_is_read(
    detector: Detector, files: list[Source], tmp_path: Path
) -> None:
    (tmp_path / "a.jsonl").unlink()
    (tmp_path / "b.jsonl").unlink()
    expected = [tally(s.name, s.read, detector) for s in files]
    done = shared(detector, files)
    assert [canonical_bytes(t.to_json()) for t in done] == [
        canonical_bytes(t.to_json()) for _, t in expected
    ]


OWN = r"""
- name: Batch codes
  supported_entity: BATCH_CODE
  classes: [internal]
  patterns: [{name: code, regex: 'zq\d{4}', score: 0.9}]
  examples: ["from [[zq1234]] on"]
"""
"""One's own patterns are always run against the clock."""


def test_one_that_fails_its_known_answer_test(tmp_path: Path) -> None:
    """An error of the detector comes with its own words, as in one process."""
    own = tmp_path / "own" / "recognizers.yaml"
    own.parent.mkdir()
    own.write_text(OWN)
    entities = frozenset({"BATCH_CODE"})
    for name in ("a", "b"):
        (tmp_path / f"{name}.txt").write_text("hello")
    paths = [tmp_path / "a.txt", tmp_path / "b.txt"]
    sources = [s for s in open_sources(paths) if isinstance(s, Source)]
    slow = load_detector(entities=entities, recognizers=[own], timeout_s=1e-9)
    with pytest.raises(DetectorError) as alone:
        slow.attest(entities)
    begin = Begin(Recipe(recognizers=(own,), timeout_s=1e-9), entities, MEMORY)
    with Pool(begin, silence_s=60) as pool, pytest.raises(DetectorError) as shared:
        Sharing(pool, 1, slow, None, None, 3000).tallies(sources)
    assert str(shared.value) == str(alone.value)
    assert shared.value.hint == alone.value.hint
