"""Tag probabilities of words to proposed names: spans of whole names with a probability."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from gatekeeper.detect.lazy import lazy
from gatekeeper.detect.ner.tagger import LABELS

WORD_FROM = 0.08
"""Probability of being part of any name from which a word belongs to a proposal."""
CORE_SHARE = 0.4
"""Share of the surest word's probability that the first and the last word of a name have."""
_BESIDE, _LABEL_FROM = 4, 0.25
BAND = 0.35
"""How far int8 arithmetic moves log-odds, at most (`train/ner/flips.py` measures it)."""
PROPOSED_FROM = 0.08
"""Probability of its surest word from which a proposal is made at all."""

_TOGETHER = frozenset(("", " "))
"""Between words of one name, whatever the network says of a beginning: two names have more."""
_PARTED = lazy(r"\n\s*\n|[\t|()\[\]{}]")
_TITLE = lazy(
    r"(?:mr|mrs|ms|mx|miss|mister|dr|doctor|prof|professor|sir|madam|judge|justice)(?:\.\s*|\s+)",
    re.IGNORECASE,
)
_POSSESSIVE = lazy(r"['’][sS]\Z")
_EDGE = ' \t\r\n,;:!?"“”«»*_`|/()[]{}<>=#~'
_FULL_STOP = lazy(r"(?:[a-z]{4}|[a-z][aeiou][a-z]|\W)(?<!corp)(?<!bros)\.\Z")
_INITIALS_AFTER = lazy(r"(?:[ \u00a0]?[^\W\d_a-zß-ÿ]\.){1,3}|[ \u00a0][B-HJ-Z](?=[\s,;:)\"]|\Z)")
_INITIALS_BEFORE = lazy(r"(?<![\w.])(?:[^\W\d_a-zß-ÿ]\.[ \u00a0-]?){1,3}\Z")
_PARTICLES = lazy(
    r"(?<![\w'’-])(?:(?:van|von|de|del|della|di|da|dos|das|do|du|la|le|bin|ibn|ben|abu|der|den|ter"
    r"|ten|al|el)(?:[ ]|(?<=[ae]l)-)){1,3}\Z",
    re.IGNORECASE,
)
_JOINED_AFTER = lazy(r"[-'’][^\W\d_]{1,24}")
_JOINED_BEFORE = lazy(r"[^\W\d_]{1,24}[-'’]\Z")


class Proposal(NamedTuple):
    """A stretch of text that may be a name, and how probable the network holds it."""

    start: int
    end: int
    label: str
    probability: float


def proposals(text: str, words: Sequence[tuple[int, int]], rows: Any) -> list[Proposal]:
    """The names proposed by `rows` (a row of tag probabilities per word), in order."""
    named = 1.0 - rows[:, 0]
    found: list[Proposal] = []
    cores = (core for run in _runs(text, words, rows, named) for core in _cored(run, named))
    for run in cores:
        surest = float(named[run].max())
        if surest < PROPOSED_FROM:
            continue
        masses = [float(rows[run, 1 + 2 * n : 3 + 2 * n].sum()) for n in range(len(LABELS))]
        label = LABELS[masses.index(max(masses))]
        start, end = whole(text, words[run.start][0], words[run.stop - 1][1], label)
        if found and start < found[-1].end:
            start = found[-1].end
        if start >= end:
            continue
        found.append(Proposal(start, end, label, min(max(surest, 0.0), 1.0)))
        person = float(rows[run, 1:3].sum(axis=1).max())
        if label != "PERSON" and person >= PROPOSED_FROM:  # what it may be as well
            found.append(Proposal(start, end, "PERSON", person))
    return found


def moved(probability: float, by: float) -> float:
    """A probability whose log-odds are moved by `by`."""
    bounded = min(max(probability, 1e-6), 1 - 1e-6)
    return 1 / (1 + (1 - bounded) / bounded * math.exp(-by))


def close_words(rows: Any) -> set[int]:
    """Words of which int8 may change a decision here: whether named, as what, where begun."""
    named = 1.0 - rows[:, 0]
    masses = rows[:, 1::2] + rows[:, 2::2]
    masses.sort(axis=1)
    begins, goes_on = rows[:, 1::2].sum(axis=1), rows[:, 2::2].sum(axis=1)
    ratio = math.exp(BAND)
    near = _surest_near(named)
    close = _is_close(named, WORD_FROM) | _is_close(named, CORE_SHARE * near)
    close |= (named > _LABEL_FROM) & (masses[:, -1] < ratio * masses[:, -2])
    part = named > moved(WORD_FROM, -BAND)
    part[1:] &= part[:-1].copy()  # where a name begins matters only behind another word of one
    part[:1] = False
    close |= part & (begins < ratio * goes_on) & (goes_on < ratio * begins)
    return {int(n) for n in close.nonzero()[0]}


def is_torn(rows: Any) -> bool:
    """Whether int8 may change what the words of one name are taken for, all together."""
    masses = sorted(float(rows[:, 1 + 2 * n : 3 + 2 * n].sum()) for n in range(len(LABELS)))
    return masses[-1] < math.exp(BAND) * masses[-2]


def _is_close(probabilities: Any, cut: Any) -> Any:
    import numpy as np

    def odds(p: Any) -> Any:
        bounded = np.clip(p, 1e-6, 1 - 1e-6)
        return np.log(bounded / (1 - bounded))

    return np.abs(odds(probabilities) - odds(cut)) < BAND


def _surest_near(named: Any) -> Any:
    """The largest probability among each word and the few beside it, which may be one name."""
    import numpy as np

    around = np.pad(named, _BESIDE)
    return np.max([around[n : n + len(named)] for n in range(2 * _BESIDE + 1)], axis=0)


def _runs(text: str, words: Sequence[tuple[int, int]], rows: Any, named: Any) -> Iterator[slice]:
    """Neighbouring words that belong to one name."""
    likely = [int(n) for n in (named >= WORD_FROM).nonzero()[0]]
    if not likely:
        return
    begins = rows[:, 1::2].sum(axis=1) > rows[:, 2::2].sum(axis=1)
    first = last = likely[0]
    for n in likely[1:]:
        gap = text[words[n - 1][1] : words[n][0]]
        tagged = text[max(0, words[n - 1][0] - 1) : words[n - 1][0]] == "#"
        parted = tagged or _PARTED.search(gap)
        if n != last + 1 or (begins[n] and gap not in _TOGETHER) or parted:
            yield slice(first, last + 1)
            first = n
        last = n
    yield slice(first, last + 1)


def _cored(run: slice, named: Any) -> Iterator[slice]:
    """The run without the doubtful words at its ends, which are runs of their own."""
    sure = (named[run] >= CORE_SHARE * named[run].max()).nonzero()[0]
    first, last = run.start + int(sure[0]), run.start + int(sure[-1]) + 1
    if run.start < first:
        yield from _cored(slice(run.start, first), named)
    yield slice(first, last)
    if last < run.stop:
        yield from _cored(slice(last, run.stop), named)


def whole(text: str, start: int, end: int, label: str) -> tuple[int, int]:
    """The span of the whole name: with its initials, without its title."""
    while start < end and text[start] in _EDGE:
        start += 1
    while end > start and text[end - 1] in _EDGE:
        end -= 1
    if _FULL_STOP.search(text, start, end):
        end -= 1
    if label != "PERSON" or start >= end:
        return start, end
    title = _TITLE.match(text, start, end)
    if title and title.end() < end:
        start = title.end()
    possessive = _POSSESSIVE.search(text, start, end)
    owns = possessive is not None and possessive.start() > start
    end = possessive.start() if possessive and owns else _after(text, end)
    return _before(text, start), end


def _after(text: str, end: int) -> int:
    joined = _JOINED_AFTER.match(text, end)
    if joined and not _POSSESSIVE.match(text[end : joined.end()]) and joined.end() - end > 2:
        end = joined.end()
    initials = _INITIALS_AFTER.match(text, end)
    return initials.end() if initials else end


def _before(text: str, start: int) -> int:
    for pattern in (_JOINED_BEFORE, _PARTICLES, _INITIALS_BEFORE):
        more = pattern.search(text, max(0, start - 27), start)
        if more:
            start = more.start()
    return start
