"""Text as ASCII, each other character replaced by a stand-in of its class; no place moves."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any

from gatekeeper.detect.lazy import lazy

LETTER, DIGIT, SPACE, OTHER = ord("_"), ord("0"), ord(" "), 1
"""What stands for a character outside ASCII that is a word's, a digit, white space, or neither."""
FOLDS = {"\u017f": ord("s"), "\u212a": ord("k"), "\u0130": ord("i")}
"""Letters outside ASCII that match one inside where case is ignored, and there alone: a text with
such is read twice.
"""
STAND_INS = frozenset((LETTER, DIGIT, SPACE, OTHER))


@cache
def _classes() -> tuple[Any, Any, Any]:
    import regex

    return regex.compile(r"\d"), regex.compile(r"\w"), regex.compile(r"\s")


def stand_in(character: str) -> int:
    """The stand-in of a character outside ASCII, by the classes of the `regex` package.

    A letter of FOLDS is one that matches none of ASCII.
    """
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
_LETTERS = str.maketrans({letter: chr(code) for letter, code in FOLDS.items()})


def folded(text: str) -> tuple[bytes, ...]:
    """`text` with a byte a character; where letters of FOLDS are in it, once with the letters that
    they match where case is ignored, and once without.
    """
    if text.isascii():
        return (text.encode("ascii"),)
    once = text.translate(_TABLE).encode("ascii")
    if any(letter in text for letter in FOLDS):
        return text.translate(_LETTERS).translate(_TABLE).encode("ascii"), once
    return (once,)


_CLEAR = (
    "\t-\x1b\x20-\x7e\xa0-\xa9\xab-\xb1\xb4-\xb8\xbb\xbf-\u02c1\u0388-\u038a\u038e-\u03a1\u03a3-\u0481"
    "\u048a-\u052f\u2010-\u2027\u2030-\u203e\u2041-\u2053\u2055-\u205e\u20a0-\u20bf\u2190-\u23ff\u2500-\u2775"
    "\u2794-\u27ff\U0001f300-\U0001f64f\U0001f680-\U0001f6c5"
)
"""Characters that the packages `re` and `regex` put into the same classes, and that no pattern
outside the prefilter asks for: Latin, Greek and Cyrillic letters, punctuation, signs, pictures."""
_UNCLEAR = lazy(f"[^{_CLEAR}]")


@lru_cache(maxsize=16)
def is_unclear(text: str) -> bool:
    """Whether a pattern of the package `re` may match `text` where its weak form does not match
    what `folded` makes of it.
    """
    return _UNCLEAR.search(text) is not None
