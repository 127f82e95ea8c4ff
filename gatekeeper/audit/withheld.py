"""Receipts of what is quarantined do not say how the files were called: the case does, encrypted.

Whoever copies the host would read there what the vault keeps from him. Each name becomes
`withheld-1`, `withheld-2`, …, the same one throughout a receipt.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

PREFIX = "withheld-"


def withhold(
    decision: Mapping[str, Any], evidence: Mapping[str, Any], subjects: Mapping[str, str]
) -> tuple[Any, Any, dict[str, str]]:
    """A decision and its evidence as they are published, and the subjects by name, without names.

    Numbers follow the digests of the contents, so that they say nothing of the names.
    """
    called = _Called()
    for name in sorted(subjects, key=lambda name: (subjects[name], name)):
        called[name]
    decided = _renamed(decision, called)
    unread = decided["coverage"]["unscanned"]
    decided["errors"] = [f"{u['source']}: {u['at']}: {u['detail']}" for u in unread]
    return (
        decided,
        _renamed(evidence, called),
        {called[name]: digest for name, digest in subjects.items()},
    )


class _Called(dict[str, str]):
    """Name → what stands for it, numbered as it is first asked for."""

    def __missing__(self, name: str) -> str:
        self[name] = f"{PREFIX}{len(self) + 1}"
        return self[name]


def _renamed(value: Any, called: _Called) -> Any:
    if isinstance(value, Mapping):
        return {_unread(key, called): _of_key(key, v, called) for key, v in value.items()}
    if isinstance(value, list):
        return [_renamed(inner, called) for inner in value]
    return _unread(value, called) if isinstance(value, str) else value


def _of_key(key: str, value: Any, called: _Called) -> Any:
    if key == "source":
        return called[value]
    if key == "sources":
        return sorted(called[name] for name in value)
    if key == "unscanned" and isinstance(
        value, list
    ):  # objects in a decision, rows [source, at, reason, …] in evidence
        rows = [[called[v[0]], *v[1:]] if isinstance(v, list) else v for v in value]
        return _renamed(rows, called)
    return _renamed(value, called)


def _unread(text: str, called: _Called) -> str:
    """The digest that stands for a file that could not be read holds its name."""
    kind, _, rest = text.partition(":")
    why, found, name = rest.partition(":")
    return f"{kind}:{why}:{called[name]}" if kind == "unread" and found else text
