"""Text as ASCII, each other character replaced by a stand-in of its class; no place moves."""

from __future__ import annotations

from functools import cache
from typing import Any

LETTER, DIGIT, SPACE, OTHER = ord("_"), ord("0"), ord(" "), 1
"""What stands for a character outside ASCII that is a word's, a digit, white space, or neither."""
FOLDS = {"\u017f": ord("s"), "\u212a": ord("k"), "\u0130": ord("i")}
"""Letters outside ASCII that match one inside where case is ignored."""
STAND_INS = frozenset((LETTER, DIGIT, SPACE, OTHER, *FOLDS.values()))


@cache
def _classes() -> tuple[Any, Any, Any]:
    import regex

    return regex.compile(r"\d"), regex.compile(r"\w"), regex.compile(r"\s")


def stand_in(character: str) -> int:
    """The stand-in of a character outside ASCII, by the classes of the `regex` package.

    A letter that matches one of ASCII where case is ignored is that letter.
    """
    if character in FOLDS:
        return FOLDS[character]
    digit, word, space = _classes()
    if digit.match(character):
        return DIGIT
    if word.match(character):
        return LETTER
    return SPACE if space.match(character) else OTHER


class _Table(dict[int, int]):
    """Grows as characters are met; the whole of Unicode at most."""

    def __missing__(self, code: int) -> int:
        found = self[code] = stand_in(chr(code))
        return found


_TABLE = _Table((code, code) for code in range(128))


def folded(text: str) -> bytes:
    """`text` with a byte a character."""
    if text.isascii():
        return text.encode("ascii")
    return text.translate(_TABLE).encode("ascii")
