r"""A deny list: its words found by looking them up, however many there are.

What is found is what `(?<!\w)(?:…)(?!\w)` with all words in it would find, the longest first and
from left to right. An alternation tries every word at every place; here a place costs the look-up
of the token that begins there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from typing import Any

_ALIKE = str.maketrans("\u0130\u0131\u1fd3\u1fe3\ufb05", "ii\u0390\u03b0\ufb06")
"""What the `regex` package holds for one where case is ignored, beside what case folding does."""


class DenyList:
    """Finds the words of a list in a text."""

    def __init__(self, words: Iterable[str], score: float, *, ignore_case: bool) -> None:
        """Of words that are not empty; `score` is that of each place."""
        self._score, self._ignore_case = score, ignore_case
        self._words = frozenset(map(folded, words)) if ignore_case else frozenset(words)
        lengths: dict[str, set[int]] = {}
        for word in self._words:
            lengths.setdefault(_token().match(word)[0], set()).add(len(word))
        self._lengths = {head: sorted(found, reverse=True) for head, found in lengths.items()}

    def __repr__(self) -> str:
        return f"DenyList({len(self._words)} words)"

    def find(self, text: str) -> Iterator[tuple[int, int, float]]:
        """(start, end, score) of the words in `text`, none within another."""
        known = folded(text) if self._ignore_case else text
        done = 0
        for token in _token().finditer(known):
            start = token.start()
            if start < done:
                continue
            for length in self._lengths.get(token[0], ()):
                end = min(start + length, len(known))
                if known[start:end] in self._words and not _letter().match(known, end):
                    yield start, end, self._score
                    done = end
                    break


@lru_cache(maxsize=8)
def folded(text: str) -> str:
    """`text` with one letter for all that differ in case alone, character by character."""
    if text.isascii():
        return text.lower()
    return "".join(map(_folded, text)).translate(_ALIKE)


@lru_cache(maxsize=4096)
def _folded(character: str) -> str:
    for one in (character.casefold(), character.lower()):
        if len(one) == 1:
            return one
    return character


@cache
def _token() -> Any:
    """What may begin a word of the list: a whole run of letters, or another character, both where
    no letter stands before.
    """
    import regex

    return regex.compile(r"(?<!\w)(?:\w+|\W)")


@cache
def _letter() -> Any:
    import regex

    return regex.compile(r"\w")
