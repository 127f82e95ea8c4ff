"""Hook tests run git itself, without what the caller's environment says to git."""

import os
from pathlib import Path

import pytest

from tests.hooks.repo import Repo


@pytest.fixture(autouse=True)
def plain_git(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [n for n in os.environ if n.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repo:
    """A repository with committed rules, as the working directory."""
    made = Repo(tmp_path / "repo")
    monkeypatch.chdir(made.top)
    return made
