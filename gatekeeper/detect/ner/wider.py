"""A name of which the network saw one word, and the name beside it that it held for less."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from gatekeeper.detect.lazy import lazy
from gatekeeper.detect.lexicon import fold, lexicon
from gatekeeper.detect.ner.decode import Proposal

SURE_FROM = 0.35
"""The probability from which one word is a name to which its neighbour may belong."""
_WORD = lazy(r"[^\W\d_]{2,24}(?:['’‘-][^\W\d_]{1,24})?")
_OPENS = lazy(r"(?:\A|[.!?:\n])[\s\"'“‘*_>#-]*\Z")
_OPENING = 24
"""Characters before a word in which the end of the sentence before is looked for."""
_DATES = frozenset(
    {"january", "february", "march", "april", "may", "june", "july", "august", "september"}
    | {"october", "november", "december", "monday", "tuesday", "wednesday", "thursday", "friday"}
    | {"saturday", "sunday"}
)


def widened(
    text: str, words: Sequence[tuple[int, int]], found: Sequence[Proposal]
) -> list[Proposal]:
    """`found`, people of one word together with the given name or surname that stands beside it.

    The neighbour must be known as a name. One that opens a sentence (`Will Anna come?`) must be
    proposed as well, and one in lower case must be nothing but a name.
    """
    where = {start: n for n, (start, _) in enumerate(words)}
    held = {p.start: p for p in found if p.label == "PERSON"}
    result: list[Proposal] = []
    for p in found:
        if p.label == "PERSON" and p.probability >= SURE_FROM and p.start in where:
            n = where[p.start]
            if words[n][1] == p.end and _WORD.fullmatch(text, p.start, p.end):
                p = _with_neighbour(text, words, n, p, held)
        result.append(p)
    return [p for n, p in enumerate(result) if not _is_inside(p, result, n)]


def _with_neighbour(
    text: str, words: Sequence[tuple[int, int]], n: int, p: Proposal, held: Mapping[int, Proposal]
) -> Proposal:
    low = text[p.start : p.end].islower()
    for other in _beside(text, words, n):
        start, end = words[other]
        word = text[start:end]
        if word.islower() != low or not (low or word[0].isupper()) or word.lower() in _DATES:
            continue
        names, bare = lexicon(), fold(word)
        kind = names.given if other < n else names.surname
        if bare not in kind or (low and names.plain(bare)):
            continue
        if start in held and held[start].end > end:
            continue  # it begins a name of its own
        if other < n and start not in held and _OPENS.search(text, max(0, start - _OPENING), start):
            continue
        return Proposal(min(start, p.start), max(end, p.end), "PERSON", p.probability)
    return p


def _beside(text: str, words: Sequence[tuple[int, int]], n: int) -> Iterator[int]:
    """The words behind and before the n-th with a space between and no other name beyond."""
    for left, right, other in ((n, n + 1, n + 1), (n - 1, n, n - 1)):
        if left < 0 or right >= len(words) or text[words[left][1] : words[right][0]] != " ":
            continue
        if _WORD.fullmatch(text, *words[other]):
            yield other


def _is_inside(p: Proposal, others: Sequence[Proposal], n: int) -> bool:
    """Whether another person's span holds this one's."""
    near = [*others[max(0, n - 2) : n], *others[n + 1 : n + 3]]
    return p.label == "PERSON" and any(
        o.label == "PERSON" and o.start <= p.start and p.end <= o.end and o[:2] != p[:2]
        for o in near
    )
