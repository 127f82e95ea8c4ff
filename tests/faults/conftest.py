"""Places of these tests lie in memory, where that is to be had: they sync all the time."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.faults.place import scratch


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="gk-test-", dir=scratch()) as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def module_path() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="gk-test-", dir=scratch()) as folder:
        yield Path(folder)
