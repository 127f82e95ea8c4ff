"""The bundled name lexicon: words that are names, and what else the same letters may mean."""

from __future__ import annotations

import lzma
import sys
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from gatekeeper.errors import DetectorError

_LEXICON = Path(__file__).parent / "data" / "names.xz"


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Folded single words: names, and what else the same letters may mean."""

    given: frozenset[str]
    surname: frozenset[str]
    word: frozenset[str]
    product: frozenset[str]

    def known(self, word: str) -> bool:
        """Whether the word, or each part of a double name, is a name, be it a plain word too."""
        if word in self.given or word in self.surname:
            return True
        parts = word.split("-")
        return len(parts) > 1 and all(p in self.given or p in self.surname for p in parts)

    def strong(self, word: str) -> bool:
        """Whether the word is a name and nothing else we know of."""
        return self.known(word) and not self.plain(word)

    def plain(self, word: str) -> bool:
        """Whether the word is an ordinary word, a place or a product."""
        return word in self.word or word in self.product


def fold(word: str) -> str:
    """A word without case, marks and typographic apostrophes: `José` and `JOSE` are one."""
    if word.isascii():
        return word.lower()
    bare = unicodedata.normalize("NFD", word.casefold().replace("’", "'"))
    return "".join(c for c in bare if not unicodedata.combining(c))


@cache
def lexicon() -> Lexicon:
    """The bundled lexicon, read once (under 0.1 s).

    Raises:
        DetectorError: the file is missing or damaged.
    """
    sections: dict[str, frozenset[str]] = {}
    try:
        for section in lzma.decompress(_LEXICON.read_bytes()).decode().split("[")[1:]:
            name, _, words = section.partition("]\n")
            sections[name] = frozenset(map(sys.intern, words.removesuffix("\n").split("\n")))
        return Lexicon(**sections)
    except (OSError, lzma.LZMAError, ValueError, TypeError):
        raise DetectorError(
            "name lexicon: names.xz: missing or damaged; reinstall gatekeeper"
        ) from None
