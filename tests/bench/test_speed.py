"""The speed bench measures what it says it measures; nothing here depends on the clock."""

import json
import sys
from itertools import islice
from pathlib import Path

import pytest

from bench.plot import bars, decades
from bench.speed import commands, corpus, ratios
from bench.speed.__main__ import main
from bench.speed.adversarial import made
from bench.speed.corpus import CORPORA, chat, dense, write
from bench.speed.inputs import Input, inputs
from bench.speed.lane import peak_mb
from bench.speed.lanes import lanes, texts
from bench.speed.run import Figures, Spread, interpreter, require_hits, run
from bench.speed.run import ratios as times
from bench.speed.scaling import least_squares

SIZE = 40_000
OWN = [name for name, lane in lanes().items() if lane.distribution == "gatekeeper"]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some chats, the second of which holds a value of each kind."""
    path = tmp_path_factory.mktemp("speed") / "chat.jsonl"
    write(chat(0.05), path, SIZE)
    return path


def figures(lane: str = "ours", *, cpu_s: float = 1, hits: int = 1) -> Figures:
    return Figures(lane, cpu_s, cpu_s, 1, 2_000_000, hits, 7, 50)


@pytest.mark.parametrize("name", CORPORA)
def test_a_seed_gives_the_same_rows_and_another_seed_others(name: str) -> None:
    rows = CORPORA[name].rows
    first = list(islice(rows(1), 30))
    assert first == list(islice(rows(1), 30))
    assert first != list(islice(rows(2), 30))
    assert all(isinstance(json.loads(row), dict) for row in first)


@pytest.mark.parametrize("share", [0, 0.001, 0.05])
def test_the_share_of_rows_with_pii_is_as_asked(
    share: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    every: list[bool] = []

    def personal(*_: object, every: bool, kinds: list[bool] = every) -> tuple[str, ...]:
        kinds.append(every)
        return ("PLANTED",)

    monkeypatch.setattr(corpus, "_personal", personal)
    found = [n for n, row in enumerate(islice(chat(share), 4000)) if b"PLANTED" in row]
    assert len(found) == 4000 * share
    assert found[:1] <= [int(0.1 / share) if share else 0]
    assert every == [n == 0 for n in range(len(found))]


def test_the_first_row_with_pii_holds_one_of_each_kind() -> None:
    (row,) = [row for row in islice(chat(0.001), 900) if b"AKIA" in row]
    assert all(word in row for word in (b"@", b"IP address", b"IBAN"))


def test_chats_are_varied() -> None:
    rows = list(islice(chat(0), 2000))
    assert len(set(rows)) == len(rows)
    assert len({word for row in rows for word in row.split()}) > 3000


def test_dense_records_are_short_enough() -> None:
    assert all(len(json.loads(row)["text"]) <= 4000 for row in islice(dense(), 40))


def test_a_file_is_cut_behind_a_row(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    assert write(chat(0), path, SIZE) == path.stat().st_size >= SIZE
    assert ratios.slice_of(path, SIZE * 2) == path
    part = ratios.slice_of(path, SIZE // 2)
    assert path.read_bytes().startswith(part.read_bytes())
    assert SIZE // 2 <= part.stat().st_size < SIZE


def test_texts_are_contents_and_no_roles(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"messages": [{"role": "user", "content": "a"}], "text": "b", "id": "c"}\n')
    assert list(texts(path)) == ["a", "b"]


@pytest.mark.parametrize("name", [n for n in OWN if n not in {"ripgrep", "finditer"}])
def test_every_lane_of_ours_finds_something(name: str, small: Path) -> None:
    found = run(name, small)  # a process of its own: lanes keep the frameworks of others out
    assert found.lane == name
    assert found.bytes == small.stat().st_size
    assert found.hits > 0
    assert found.entities > 100


def test_the_reference_counts_what_ours_counts(small: Path) -> None:
    assert run("ours", small).hits == run("reference", small).hits


def test_a_lane_without_a_hit_raises() -> None:
    require_hits(figures())
    with pytest.raises(SystemExit, match="measures nothing"):
        require_hits(figures(hits=0))


def test_a_peer_is_found_in_its_folder_or_not_at_all(tmp_path: Path) -> None:
    peer = lanes()["scrubadub"]
    own = tmp_path / "scrubadub" / "bin" / "python"
    if interpreter(peer, tmp_path) is None:
        own.parent.mkdir(parents=True)
        own.touch()
        assert interpreter(peer, tmp_path) == str(own)
    assert interpreter(lanes()["ours"], tmp_path) == sys.executable


def test_ratios_are_by_round() -> None:
    ours = [figures(cpu_s=1), figures(cpu_s=2)]
    other = [figures(cpu_s=10), figures(cpu_s=10)]
    assert times(ours, other) == Spread(5, 7.5, 10)


def test_the_table_and_the_plot_name_every_lane() -> None:
    rows = [
        ratios.Row("chat", lanes()["ours"], [figures()]),
        ratios.Row("chat", lanes()["presidio"], [figures("presidio", cpu_s=4)]),
        ratios.Row("chat", lanes()["scrubadub"], missing="not installed"),
    ]
    lines = list(ratios.table(rows))
    assert "4.0 / 4.0 / 4.0" in lines[3]
    assert "not installed" in lines[4]
    drawn = ratios.drawing(rows)
    assert all(row.lane.title in drawn for row in rows)
    assert [r["ours_is_times"] is None for r in ratios.as_json(rows)] == [True, False, True]


def test_the_ratios_command_runs_lanes_as_processes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ratios, "LEAST_BYTES", SIZE)
    monkeypatch.setattr(ratios, "QUICK", ratios.Size(1, 0.01, SIZE))
    arguments = ["ratios", "--quick", "--corpus", "chat5", "--lane", "ours"]
    main(["--results", str(tmp_path), *arguments])
    assert "gatekeeper" in capsys.readouterr().out
    (row,) = json.loads((tmp_path / "speed-ratios.json").read_text())
    assert row["rounds"][0]["hits"] > 0
    assert (tmp_path / "speed.svg").read_text().startswith("<svg")


@pytest.mark.parametrize("one", inputs(), ids=lambda one: one.name)
def test_an_adversarial_input_is_rows_of_json_of_about_its_size(one: Input) -> None:
    size = 40_000
    body = made(one, size, 1)
    assert body == made(one, size, 1)
    assert all(json.loads(line) for line in body.splitlines())
    if "findings" not in one.name:
        assert 0.8 * size < len(body) < 13 * size


def test_the_slope_of_a_square_is_two() -> None:
    assert least_squares([(1, 2), (2, 4), (3, 6)]) == pytest.approx(2)


def test_memory_is_in_megabytes() -> None:
    assert 20 < peak_mb() < 20_000


def test_decades_hold_all_values() -> None:
    axis = decades([0.07, 55], "MB/s")
    assert [label for _, label in axis.ticks] == [
        f"{t} MB/s" for t in ("0.01", "0.1", "1", "10", "100")
    ]
    assert 0 < axis.share(0.07) < axis.share(55) < 1
    assert "0.07 MB/s" in bars("t", {"a": [0.07]}, ["s"], axis)


def test_the_cache_of_a_house_is_emptied_but_for_the_patterns(tmp_path: Path) -> None:
    house = commands.House(tmp_path, "pci")
    (house.cache / "tallies").mkdir(parents=True)
    (house.cache / "patterns-1.hs").touch()
    house.forget(patterns=False)
    assert [path.name for path in house.cache.iterdir()] == ["patterns-1.hs"]
    house.forget()
    assert not list(house.cache.iterdir())
