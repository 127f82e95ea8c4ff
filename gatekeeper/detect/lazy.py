"""Regular expressions that are compiled when they are first asked: most runs need few of them."""

from __future__ import annotations

import re
from typing import Any, cast

_METHODS = ("search", "match", "fullmatch", "finditer", "findall", "sub", "subn", "split")


class Lazy:
    """What `re.compile` makes, made at the first use."""

    def __init__(self, pattern: str, flags: int) -> None:
        """See `lazy`."""
        self.pattern, self.flags = pattern, flags

    def __getattr__(self, name: str) -> Any:
        if name not in _METHODS and name not in ("groups", "groupindex"):
            raise AttributeError(name)
        compiled = re.compile(self.pattern, self.flags)
        for method in _METHODS:  # found before this is asked again
            setattr(self, method, getattr(compiled, method))
        return getattr(compiled, name)


def lazy(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """`pattern`, compiled at its first use. An error in it shows only then, and in the tests."""
    return cast("re.Pattern[str]", Lazy(pattern, flags))
