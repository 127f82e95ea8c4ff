"""Which version of a package is installed, without importing it or a parser of its metadata."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from functools import cache

MISSING = "not installed"
_DIST_INFO = re.compile(r"(?P<name>.+)-(?P<version>[^-]+)\.dist-info")
"""How installers name the folder beside a package (PEP 427 and 376)."""


def installed(name: str) -> str:
    """The version of a package, or that it is not there."""
    wanted = _normal(name)
    for versions in map(_versions, _folders()):
        if wanted in versions:
            return versions[wanted] or _by_metadata(name)
    return MISSING if all(map(_is_plain, sys.path)) else _by_metadata(name)


def versions(names: tuple[str, ...]) -> dict[str, str]:
    """The version of each, and that of Python itself."""
    python = f"{sys.implementation.name} {sys.version.split(maxsplit=1)[0]}"
    return {"python": python, **{name: installed(name) for name in names}}


def _by_metadata(name: str) -> str:
    """The same by the standard library: takes longer than all the rest of a small command."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(name)
    except PackageNotFoundError:
        return MISSING


def _folders() -> Iterator[str]:
    return (entry or os.curdir for entry in sys.path)


def _is_plain(entry: str) -> bool:
    """Whether `entry` is a folder, or not there: an archive may hold packages as well."""
    return not os.path.isfile(entry)  # noqa: PTH113  (an entry of the path, not a path of ours)


@cache
def _versions(folder: str) -> dict[str, str]:
    """Package → version by the names in `folder`; empty where the name does not say it."""
    found: dict[str, str] = {}
    try:
        names = sorted(os.listdir(folder))  # noqa: PTH208
    except OSError:
        return found
    for name in names:
        if match := _DIST_INFO.fullmatch(name):
            package = _normal(match["name"])
            found[package] = "" if package in found else match["version"]
        elif name.endswith((".egg-info", ".egg")):
            found.setdefault(_normal(name.rpartition(".")[0].partition("-")[0]), "")
    return found


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
