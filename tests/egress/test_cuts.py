"""A sample of `tests.egress.cuts`: the whole of it is `make upload-cuts`."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("openai", reason="the extra gatekeeper[openai] is not installed")

from tests.egress.cuts import (
    SCENARIOS,
    STEPS,
    Scenario,
    at_request,
    killed_at_line,
    lines_of,
)

POINTS = 5
"""Of the lines of each scenario, so many are tried."""
ids = [s.name.replace(" ", "-") for s in SCENARIOS]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=ids)
def test_killed_at_any_line_it_can_be_settled(scenario: Scenario, tmp_path: Path) -> None:
    (tmp_path / "count").mkdir()
    lines = lines_of(scenario, tmp_path / "count")
    states = set()
    for point in range(POINTS):
        place = tmp_path / str(point)
        place.mkdir()
        states.add(killed_at_line(scenario, place, 1 + point * (lines - 1) // POINTS))
    assert "nothing" in states
    assert states & {"sent", "job", "lost"}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("kill", [False, True], ids=["cut", "kill"])
def test_cut_off_in_any_request_it_can_be_settled(step: str, kill: bool, tmp_path: Path) -> None:
    scenario = SCENARIOS[3]
    for number in (1, 4, 10):  # a part, the completion, and the job
        place = tmp_path / str(number)
        place.mkdir()
        again = bool(number % 2)
        assert at_request(scenario, place, number, step, kill=kill, again=again) is not None
