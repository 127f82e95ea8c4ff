"""Where the user's own files lie: the gatekeeper home with its keys, and the cache."""

from __future__ import annotations

import os
from pathlib import Path


def gatekeeper_home() -> Path:
    """`$GATEKEEPER_HOME`, else `$XDG_CONFIG_HOME/gatekeeper`, else `~/.config/gatekeeper`."""
    return _place("GATEKEEPER_HOME", "XDG_CONFIG_HOME", ".config")


def cache_folder() -> Path:
    """`$GATEKEEPER_CACHE`, else `$XDG_CACHE_HOME/gatekeeper`, else `~/.cache/gatekeeper`."""
    return _place("GATEKEEPER_CACHE", "XDG_CACHE_HOME", ".cache")


def _place(own: str, base: str, fallback: str) -> Path:
    if named := os.environ.get(own):
        return Path(named)
    above = os.environ.get(base)
    return (Path(above) if above else Path.home() / fallback) / "gatekeeper"
