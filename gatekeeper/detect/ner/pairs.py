"""Names that the lexicon, or a form of address, knows and the network does not."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from functools import cache

from gatekeeper.detect.lazy import lazy
from gatekeeper.detect.lexicon import fold, lexicon
from gatekeeper.detect.names import is_organisation
from gatekeeper.detect.ner.decode import Proposal

_NAME = lazy(r"[^\W\d_]+(?:['’‘-][^\W\d_]+)*")
MISTAKEN = 0.25
"""The probability lent to a given name and a surname taken for a place or an organisation."""
ADDRESSED = 0.3
"""The probability lent to what somebody is addressed by, and the network takes for less."""
_ADDRESS = lazy(r"(?<![\w.@/#-])(?:[Mm]r|[Mm]rs|[Mm]s)(?:(?P<full>\. ?)| )\Z")
_ONE = lazy(r"[^\W\d_]{2,24}(?:['’-][^\W\d_]{2,24})?")
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


def mistaken(text: str, found: Sequence[Proposal]) -> Iterator[Proposal]:
    """The people among `found` that the network takes for a place or an organisation: a given name
    and one or two words more, none of which only a place or an organisation bears.
    """
    known = lexicon()
    for p in found:
        span = text[p.start : p.end]
        words = span.split(" ")
        if p.label == "PERSON" or len(words) not in (2, 3):
            continue
        if not all(_NAME.fullmatch(w) for w in words) or is_organisation(span):
            continue
        first, *others = map(fold, words)
        last = others[-1]
        if any(known.plain(w) and w not in known.surname for w in others):
            continue
        if known.plain(first):
            certain = known.strong(last)
        else:
            certain = last in known.surname or not span.islower()
        if certain and first in known.given:
            yield Proposal(p.start, p.end, "PERSON", MISTAKEN)


def addressed(
    text: str, words: Sequence[tuple[int, int]], found: Sequence[Proposal]
) -> Iterator[Proposal]:
    """Words behind "Mr", "Mrs" or "Ms" that the network hardly takes for a name."""
    sure = [p for p in found if p.label == "PERSON" and p.probability >= ADDRESSED]
    taken = {i for p in sure for i in range(p.start, p.end)}
    for start, end in words:
        if start in taken or not _ONE.fullmatch(text, start, end):
            continue
        address = _ADDRESS.search(text, max(0, start - 6), start)
        if address and (address["full"] if text[start].islower() else address[0][0].isupper()):
            yield Proposal(start, end, "PERSON", ADDRESSED)


@cache
def _names() -> tuple[frozenset[str], frozenset[str]]:
    """Given names and surnames that are no plain words."""
    known = lexicon()
    given, surnames = ({w for w in part if not known.plain(w) and len(w) > 2}
                       for part in (known.given, known.surname))  # fmt: skip
    return frozenset(given), frozenset(surnames)
