"""The clock is wrong by up to ten years: no approval counts then, and order comes from numbers."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bench.faults import child
from bench.faults.operations import APPROVE, FILES, QUARANTINE, RELEASE, events
from bench.faults.place import Place
from gatekeeper.vault import Manifest

pytestmark = pytest.mark.skipif(shutil.which("faketime") is None, reason="faketime is not here")
ROOT = Path(__file__).parents[2]
MINUTE, DAY = 60, 86_400
YEAR = 365 * DAY


def run(operation: str, place: Place, offset_s: int) -> tuple[int, str]:
    """The exit code of `operation` when the clock is wrong by so many seconds, and its words."""
    done = subprocess.run(
        ["faketime", "-f", f"{offset_s:+d}s", *child.command(operation, place.root)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "FAKETIME_DONT_FAKE_MONOTONIC": "1"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stderr


def test_the_clock_of_a_process_can_be_turned() -> None:
    program = "import datetime as d; print(d.datetime.now(d.timezone.utc).timestamp())"
    command = ["faketime", "-f", f"{10 * YEAR:+d}s", sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    here = subprocess.run(command[3:], capture_output=True, text=True, check=True)
    assert abs(float(done.stdout) - float(here.stdout) - 10 * YEAR) < 60


@pytest.mark.parametrize(
    ("offset_s", "why"),
    [
        (-10 * YEAR, "the clock says "),
        (-YEAR, "the clock says "),
        (-7 * DAY, "the clock says "),
        (-6 * MINUTE, "the clock says "),
        (-4 * MINUTE, ""),
        (0, ""),
        (6 * DAY, ""),
        (7 * DAY + MINUTE, "expired on "),
        (31 * DAY, "expired on "),
        (YEAR, "expired on "),
        (10 * YEAR, "expired on "),
    ],
)
def test_a_release_is_approved_for_its_days_alone(tmp_path: Path, offset_s: int, why: str) -> None:
    place = Place(tmp_path / "place").init()
    RELEASE.prepare(place)
    code, said = run("release", place, offset_s)
    if why:
        assert (code, place.released()) == (1, None)
        assert why in said
        assert events(place, "release") == []
    else:
        assert (code, said, place.released()) == (0, "", dict(FILES))


@pytest.mark.parametrize(
    ("offset_s", "why"), [(-10 * YEAR, "the clock says "), (10 * YEAR, "expired on ")]
)
def test_nobody_approves_by_a_wrong_clock(tmp_path: Path, offset_s: int, why: str) -> None:
    place = Place(tmp_path / "place").init()
    APPROVE.prepare(place)
    code, said = run("approve", place, offset_s)
    assert code == 1
    assert why in said
    assert APPROVE.done(place) == "['requested'], not approved"


def test_an_approval_from_the_future_is_not_counted(tmp_path: Path) -> None:
    place = Place(tmp_path / "place").init()
    APPROVE.prepare(place)
    assert run("approve", place, 3 * DAY) == (0, "")
    assert APPROVE.done(place) == "['requested'], not approved"
    code, said = run("release", place, 0)
    assert (code, place.released()) == (1, None)
    assert "the clock says " in said
    code, said = run("release", place, 3 * DAY)
    assert (code, said, place.released()) == (0, "", dict(FILES))


def test_cases_are_in_the_order_of_their_numbers_whatever_the_clock_said(tmp_path: Path) -> None:
    place = Place(tmp_path / "place").init()
    offsets = (0, 60 * DAY, DAY, 30 * DAY)
    for offset_s in offsets:
        QUARANTINE.prepare(place)
        assert run("quarantine", place, offset_s) == (0, "")
    cases = [c for c in place.vault().list() if isinstance(c, Manifest)]
    assert [c.sequence for c in cases] == [1, 2, 3, 4]
    by_time = sorted(cases, key=lambda c: c.time)
    assert [c.sequence for c in by_time] == [1, 3, 4, 2]
    assert [e["sequence"] for e in events(place, "quarantine")] == [1, 2, 3, 4]
    assert place.log.check().head.seq == len([*place.log.records()])


@pytest.mark.parametrize("offset_s", [-10 * YEAR, -DAY, 91 * DAY, 10 * YEAR])
def test_nothing_is_quarantined_on_a_possession_check_of_another_time(
    tmp_path: Path, offset_s: int
) -> None:
    place = Place(tmp_path / "place").init()
    QUARANTINE.prepare(place)
    code, said = run("quarantine", place, offset_s)
    assert code == 2
    assert "possession check" in said
    assert place.plain() == dict(FILES)
    assert place.vault().list() == ()
