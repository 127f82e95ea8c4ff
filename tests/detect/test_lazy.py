"""Patterns that are compiled at their first use are all of them sound."""

import importlib
import pkgutil
import re

import pytest

import gatekeeper.detect
from gatekeeper.detect.lazy import Lazy, lazy

MODULES = [
    m.name
    for m in pkgutil.walk_packages(gatekeeper.detect.__path__, "gatekeeper.detect.")
    if ".presidio" not in m.name
]


def test_every_pattern_compiles() -> None:
    found = 0
    for name in MODULES:
        for value in vars(importlib.import_module(name)).values():
            if isinstance(value, Lazy):
                found += 1
                assert re.compile(value.pattern, value.flags).groups == value.groups
    assert found > 300


def test_it_is_compiled_once_and_is_what_re_makes() -> None:
    pattern = lazy(r"(?P<a>x)\d", re.IGNORECASE)
    assert "search" not in vars(pattern)
    assert pattern.fullmatch("X1")
    assert pattern.groupindex == {"a": 1}
    assert "search" in vars(pattern)
    with pytest.raises(AttributeError):
        _ = pattern.no_such_thing
