"""Which sentences the network must read: most of plain prose names nobody, and shows it.

A sentence is skipped where every capitalised word is one that stands often in text and next to
never in names, and no word in lower case is a name. Where a sentence has no capital at all, and is
not the rest of one that has, every word must be such a harmless one. So an unknown word is always
read, and its short neighbours with it. `bench/names_speed.py` measures what that saves, and loses.
"""

from __future__ import annotations

import lzma
from functools import cache, lru_cache
from pathlib import Path

from gatekeeper.detect.lazy import lazy
from gatekeeper.detect.lexicon import fold, lexicon
from gatekeeper.detect.ner.segments import sentences
from gatekeeper.errors import DetectorError

_WORDS = Path(__file__).parents[1] / "data" / "gate.xz"
_TITLES = frozenset(
    {"mr", "mrs", "ms", "mx", "miss", "dr", "prof", "professor", "judge", "justice", "madam"}
)
_WORD = lazy(r"[^\W\d_]+")
_CONTEXT = 120
"""Characters at most of a sentence that is read for the sake of its neighbour."""
_BROKEN_FROM = 6
"""Words of a line from which its end is taken for a broken line, and not for the end of an item."""


def worth_reading(text: str, *, everything: bool = False) -> list[tuple[int, int]]:
    """(start, end) of the sentences of `text` that may hold a name, in order.

    Args:
        text: the whole text.
        everything: skip only what holds no letter.
    """
    if everything:
        return [(a, b) for a, b in sentences(text) if _WORD.search(text, a, b)]
    find = _WORD.findall
    spans: list[tuple[int, int]] = []
    wanted: list[bool] = []
    goes_on = False
    for start, end in sentences(text):
        words = find(text, start, end)
        spans.append((start, end))
        wanted.append(_may_name(words, goes_on=goes_on))
        # A broken line goes on in lower case; what began with a capital writes names with one.
        broken = text[end - 1] == "\n" and len(words) >= _BROKEN_FROM
        broken = broken and text[max(start, end - 2)] not in ".!?:\n"
        goes_on = broken and (goes_on or any(not w.islower() for w in words))
    return [span for n, span in enumerate(spans) if wanted[n] or _is_context(spans, wanted, n)]


def _is_context(spans: list[tuple[int, int]], wanted: list[bool], n: int) -> bool:
    """Whether a short sentence stands beside one that is read: it tells what that is about."""
    start, end = spans[n]
    return 1 < end - start <= _CONTEXT and any(wanted[max(0, n - 1) : n + 2])


def _may_name(words: list[str], *, goes_on: bool) -> bool:
    kinds = set(map(_kind, words))
    if _NAME in kinds:
        return True
    return _UNKNOWN in kinds and not goes_on and _CAPITAL not in kinds


_HARMLESS, _CAPITAL, _UNKNOWN, _NAME = range(4)


@lru_cache(maxsize=1 << 16)
def _kind(word: str) -> int:
    """A harmless word, in lower case or not; one that is unknown; one that may be a name."""
    harmless, names = _lists()
    if not word.islower():
        return _CAPITAL if word.lower() in harmless else _NAME
    if word in names:
        return _NAME
    return _HARMLESS if word in harmless else _UNKNOWN


@lru_cache(maxsize=1 << 16)
def is_named(word: str) -> bool:
    """Whether `word` is a title, or a name: with a capital any that somebody bears."""
    if word.islower():
        return word in _lists()[1] or word in _TITLES
    return lexicon().known(fold(word)) or word.lower() in _TITLES


@cache
def _lists() -> tuple[frozenset[str], frozenset[str]]:
    """The harmless words, and those that are names in lower case as well."""
    try:
        parts = lzma.decompress(_WORDS.read_bytes()).decode().split("[named]\n")
        harmless = frozenset(parts[0].removeprefix("[harmless]\n").split())
        named = frozenset(parts[1].split())
    except (OSError, lzma.LZMAError, ValueError, IndexError):
        raise DetectorError(
            "name lists: gate.xz: missing or damaged", hint="reinstall gatekeeper"
        ) from None
    known = lexicon()
    strong = {w for w in known.given | known.surname if not known.plain(w)}
    return harmless, frozenset((strong | named) - harmless)
