"""Names by the lexicon alone: a given name and a surname that stand side by side."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from functools import cache

from gatekeeper.detect.lexicon import fold, lexicon
from gatekeeper.detect.ner.decode import Proposal

PAIR = 0.12
"""The probability lent to two names in a row that the network passed over."""


def known_pairs(
    text: str, words: Sequence[tuple[int, int]], found: Sequence[Proposal]
) -> Iterator[Proposal]:
    """Pairs of words of `text` that are names and nothing else, and that no proposal touches."""
    given, surnames = _names()
    n = 0
    for (start, end), (begin, stop) in itertools.pairwise(words):
        if text[end:begin] != " " or len(text[begin:stop]) < 3:
            continue
        if fold(text[start:end]) in given and fold(text[begin:stop]) in surnames:
            while n < len(found) and found[n].end <= start:
                n += 1
            if n == len(found) or found[n].start >= stop:
                yield Proposal(start, stop, "PERSON", PAIR)


@cache
def _names() -> tuple[frozenset[str], frozenset[str]]:
    """Given names and surnames that are no plain words."""
    known = lexicon()
    given, surnames = ({w for w in part if not known.plain(w) and len(w) > 2}
                       for part in (known.given, known.surname))  # fmt: skip
    return frozenset(given), frozenset(surnames)
