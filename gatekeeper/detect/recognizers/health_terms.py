"""The bundled lexicon of health terms, and how they are found in a text.

Words of a text that begin a term are looked up in a set, so a text without any costs one pass.
"""

from __future__ import annotations

import lzma
import re
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from operator import itemgetter
from pathlib import Path

from gatekeeper.detect.lazy import lazy
from gatekeeper.errors import DetectorError

_FILE = Path(__file__).parents[1] / "data" / "health.xz"
_WORD = lazy(r"[^\W\d_]+\d{0,2}")
_BETWEEN = r"[\s’'./&-]{0,3}"
_PARTS = lazy(r"[^\W_]+")
_TOGETHER = 200
"""Terms that are asked for by one pattern."""
_SHORT_KNOWN = frozenset(
    {"adhd", "ptsd", "copd", "gerd", "afib", "gout", "acne", "flu", "t2dm", "t1dm"}
)
"""Acronyms that people write in lower case, and words as short."""

Term = tuple[int, int, str]


@cache
def sections() -> dict[str, frozenset[str]]:
    """The lexicon. Raises DetectorError where its file is missing or damaged."""
    found: dict[str, list[str]] = {}
    words: list[str] = []
    try:
        for line in lzma.decompress(_FILE.read_bytes()).decode().split("\n"):
            if line.startswith("["):
                words = found.setdefault(line.strip("[]"), [])
            else:
                words.append(line)
    except (OSError, lzma.LZMAError, ValueError):
        raise DetectorError(
            "health lexicon: health.xz: missing or damaged; reinstall gatekeeper"
        ) from None
    return {name: frozenset(terms) for name, terms in found.items()}


@cache
def _index(section: str) -> dict[str, list[str]]:
    """First word → the terms that begin with it, the longest first."""
    index: dict[str, list[str]] = {}
    for term in sections()[section]:
        head = _WORD.match(term)
        if head is not None:
            index.setdefault(head.group(), []).append(term)
    return {head: sorted(terms, key=lambda t: (-len(t), t)) for head, terms in index.items()}


@cache
def _pattern(term: str) -> re.Pattern[str]:
    return re.compile(_spelt(term) + r"s?(?![^\W_])")


@lru_cache(maxsize=8)
def lowered(text: str) -> str:
    """`text` in lower case, character by character, so that no place moves."""
    low = text.lower()
    return low if len(low) == len(text) else "".join(c.lower()[:1] for c in text)


def terms(text: str, section: str) -> Iterator[Term]:
    """(start, end, term as written in lower case) of the terms of `section` in `text`."""
    heads = _heads(text)
    if not heads:
        return
    index, low, at = _index(section), lowered(text), 0
    for head, start in heads:
        if start < at or head not in index:
            continue
        match = _longest(index[head], low, start)
        if match is not None and _written(text, *match.span()):
            yield match.start(), match.end(), match.group()
            at = match.end()


def triggers(*names: str) -> tuple[tuple[str, bool], ...]:
    """Patterns of which one matches wherever a term of these sections stands, for the prefilter."""
    begin = (_PARTS.findall(term)[:2] for name in names for term in sections()[name])
    written = sorted({r"[\s’'./&-]*".join(map(re.escape, parts)) for parts in begin})
    parts = (written[n : n + _TOGETHER] for n in range(0, len(written), _TOGETHER))
    return tuple((rf"(?<![^\W_])(?:{'|'.join(part)})", True) for part in parts)


def may_hold(*names: str) -> Callable[[str], bool]:
    """Tells whether a term of these sections may stand in a text."""
    return lambda text: any(any(True for _ in terms(text, name)) for name in names)


def _spelt(term: str) -> str:
    return _BETWEEN.join(map(re.escape, _PARTS.findall(term)))


@lru_cache(maxsize=8)
def _heads(text: str) -> list[tuple[str, int]]:
    """The words of `text` that may begin a term of some section, and where they stand, in order."""
    known = _known()
    low = lowered(text)
    found: list[tuple[str, int]] = []
    for head in known.keys() & set(_WORD.findall(low)):
        seconds = known[head]
        if not seconds or any(word in low for word in seconds):
            found += ((head, start) for start in _places(low, head))
    return sorted(found, key=itemgetter(1))


def _places(low: str, word: str) -> Iterator[int]:
    """Where `word` stands as a whole word."""
    start = low.find(word)
    while start >= 0:
        if not (start and low[start - 1].isalnum()):
            whole = _WORD.match(low, start)
            if whole and whole.group() == word:
                yield start
        start = low.find(word, start + 1)


@cache
def _known() -> dict[str, tuple[str, ...]]:
    """The first words of all terms, each with the words of which one must follow; none where a term
    is that word alone.
    """
    seconds: dict[str, set[str]] = {}
    for terms_ in sections().values():
        for term in terms_:
            head = _WORD.match(term)
            if head is not None:
                seconds.setdefault(head.group(), set()).update((*_PARTS.findall(term), "", "")[1:2])
    return {head: () if "" in words else tuple(sorted(words)) for head, words in seconds.items()}


def _longest(terms_: list[str], low: str, start: int) -> re.Match[str] | None:
    for term in terms_:
        match = _pattern(term).match(low, start)
        if match is not None:
            return match
    return None


def _written(text: str, start: int, end: int) -> bool:
    """A term of up to four letters is written in capitals, but for well-known ones."""
    value = text[start:end]
    return end - start > 4 or value.isupper() or value.lower() in _SHORT_KNOWN
