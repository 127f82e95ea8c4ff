"""What is wrong with a file, said in its author's words at its author's line, all of it at once."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from gatekeeper.errors import UsageError
from gatekeeper.policy.strict_yaml import shown

MAX_WORD = 64
"""A longer word is no misspelling of anything, and comparing it is slow."""

E = TypeVar("E", bound=UsageError)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong: its place, what it is, what to do."""

    at: str
    what: str
    hint: str = ""


def did_you_mean(word: str, known: Iterable[str], *, otherwise: str = "") -> str:
    """A hint that names the nearest of `known`, or `otherwise` where none is near."""
    names = sorted(set(known)) if len(word) <= MAX_WORD else []
    folded = {name.casefold(): name for name in names}
    near = difflib.get_close_matches(word.casefold(), list(folded), n=1, cutoff=0.6)
    return f"did you mean {shown(folded[near[0]])}?" if near else otherwise


def one_of(words: Sequence[str]) -> str:
    """`a`, `b` or `c`."""
    quoted = [shown(word) for word in words]
    return " or ".join(filter(None, [", ".join(quoted[:-1]), quoted[-1]]))


def raise_all(problems: Sequence[Problem], error: type[E]) -> None:
    """Raise `error` for the first problem with the rest as its `others`; return where none is."""
    if not problems:
        return
    first, *rest = [error(f"{p.at}: {p.what}", hint=p.hint) for p in problems]
    first.others = tuple(rest)
    raise first
