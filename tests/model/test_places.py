"""Where keys and caches lie: named by our own variable, by XDG's, or in the home."""

from pathlib import Path

import pytest

from gatekeeper.model.places import cache_folder, gatekeeper_home


def test_where_the_home_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEKEEPER_HOME", "/own")
    monkeypatch.setenv("XDG_CONFIG_HOME", "/xdg")
    monkeypatch.setenv("HOME", "/person")
    assert gatekeeper_home() == Path("/own")
    monkeypatch.delenv("GATEKEEPER_HOME")
    assert gatekeeper_home() == Path("/xdg/gatekeeper")
    monkeypatch.delenv("XDG_CONFIG_HOME")
    assert gatekeeper_home() == Path("/person/.config/gatekeeper")


def test_where_the_cache_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEKEEPER_CACHE", "/own")
    monkeypatch.setenv("XDG_CACHE_HOME", "/xdg")
    monkeypatch.setenv("HOME", "/person")
    assert cache_folder() == Path("/own")
    monkeypatch.delenv("GATEKEEPER_CACHE")
    assert cache_folder() == Path("/xdg/gatekeeper")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_folder() == Path("/person/.cache/gatekeeper")
