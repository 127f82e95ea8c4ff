"""Many gates on one vault: the short form. `make races` has 8 gates store 200 datasets each."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.faults import races
from bench.faults.place import Place


@pytest.fixture(scope="module")
def raced(module_path: Path) -> tuple[Place, races.Raced]:
    place = Place(module_path / "place")
    return place, races.race(place, gates=8, rounds=3)


def test_nothing_is_lost_doubled_or_left_over(raced: tuple[Place, races.Raced]) -> None:
    place, result = raced
    assert result.violations == ()
    assert result.cases + result.kept == 24
    assert result.cases >= 24 - result.killed
    numbers = [c.sequence for c in place.vault().list()]
    assert numbers == list(range(1, result.cases + 1))


def test_what_is_lost_or_doubled_would_be_told(raced: tuple[Place, races.Raced]) -> None:
    place, _ = raced
    inside = {name for files in place.opened().values() for name in files}
    name = sorted(inside)[0]
    gate, number = name.removesuffix(".jsonl").split("-")
    place.write(races.dataset(int(gate), int(number)))
    place.write({"stranger": b""})
    assert [*races._settled(place, 8, 3)] == [
        f"{name}: in 1 cases, plain: True",
        "beside the datasets: ['stranger']",
    ]
