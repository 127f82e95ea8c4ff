"""What the sweeps found once: each point by itself, so that it does not come back."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.faults import sweep, tracing
from bench.faults.operations import OPERATIONS
from bench.faults.sweep import Point

pytestmark = pytest.mark.skipif(bool(tracing.missing()), reason=tracing.missing())


@pytest.mark.parametrize(
    ("operation", "name", "end", "outcome"),
    [
        ("quarantine", "openat", "/vault/config.yaml", "error: plain"),
        ("quarantine", "read", "/vault/config.yaml", "error: plain"),
        ("quarantine", "openat", "/home/trusted", "error: plain"),
        ("release", "newfstatat", "/out/released", "error: vault"),
        ("release", "close", "/audit/log.jsonl", "error: vault"),
    ],
)
def test_an_error_of_the_system_is_said_in_one_line(
    operation: str, name: str, end: str, outcome: str, tmp_path: Path
) -> None:
    op = OPERATIONS[operation]
    start = sweep.template(op, tmp_path)
    sweep.warm(operation, start, tmp_path)
    calls = [
        call
        for call in sweep.calls(op, start, tmp_path)
        if call.name == name and call.paths[0].endswith(end)
    ]
    assert calls != []
    for call in calls:
        result = sweep.try_point(Point(operation, call, "EIO"), start, tmp_path)
        assert (result.outcome, result.violations) == (outcome, ()), call
