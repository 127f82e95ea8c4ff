"""A short run of `bench/uploads_race.py`; `make uploads-race` makes 10,000."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("openai", reason="the extra gatekeeper[openai] is not installed")

from bench.uploads_race import run

UPLOADS = 200
MINUTES = 2


@pytest.mark.slow
def test_bytes_received_are_bytes_scanned_while_the_file_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATEKEEPER_HOME", str(tmp_path / "home"))
    ended, received, wrong = run(tmp_path, UPLOADS, minutes=MINUTES)
    assert wrong == 0
    assert received == ended["uploaded"]
    assert received > 0
    assert ended["uploaded"] < ended.total()
