"""What must stand in a text before code of ours searches it: patterns of the package `re`.

A search names patterns of which one matches wherever it finds anything. The prefilter reads a text
once for all of them, so that most texts cost no search at all. Where `fold.is_unclear` says that
the two packages may differ over a text, every search is made.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

Trigger = tuple[str, bool]
"""A pattern, and whether case is ignored."""
Triggers = Mapping[str, tuple[Trigger, ...]]
"""Name of a search → the patterns of which it needs one."""


class Everything:
    """Any search may find something."""

    def __contains__(self, name: object) -> bool:
        return True


EVERYTHING = Everything()


def triggers(*patterns: re.Pattern[str]) -> tuple[Trigger, ...]:
    """Compiled patterns as triggers."""
    return tuple((_flags(p) + p.pattern, bool(p.flags & re.IGNORECASE)) for p in patterns)


def _flags(pattern: re.Pattern[str]) -> str:
    flags = "s" * bool(pattern.flags & re.DOTALL) + "x" * bool(pattern.flags & re.VERBOSE)
    return f"(?{flags})" if flags else ""


def any_of(*literals: str) -> tuple[Trigger, ...]:
    """Any of `literals`, in any case."""
    return (("|".join(map(re.escape, literals)), True),)
