"""A surname alone, in a text that has the whole name: "Ben Player won. Player pulled into ..."."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from gatekeeper.detect.lazy import lazy
from gatekeeper.detect.lexicon import fold, lexicon
from gatekeeper.detect.ner.decode import Proposal

SURELY, MAYBE = 0.97, 0.4
"""The probabilities lent to a surname that is seen again: as a name only, or as a word as well."""
_WHOLE = lazy(
    r"[^\W\d_][^\W\d_.'’-]*\.?(?:[ \u00a0-][^\W\d_][\w.'’-]*)*[ \u00a0](?P<last>[^\W\d_]{3,24})"
)
_WORD = lazy(r"(?<![\w@#/$.-])[^\W\d_]{3,24}(?!\w)")
_GOES_ON = lazy(r"[ \u00a0](?:[A-Z][a-z]|\d)|[@/]|\.\w|-[a-z]")
"""What follows a word that is part of a longer name, a date, a path."""


def seen_again(text: str, people: Sequence[Proposal]) -> Iterator[Proposal]:
    """The surnames of `people`, likely ones in order, where they stand alone in `text`."""
    surnames = {surname for p in people if (surname := _surname(text, p))}
    if not surnames:
        return
    inside = {i for p in people for i in range(p.start, p.end)}
    places: dict[str, list[int]] = defaultdict(list)
    small: set[str] = set()
    for match in _WORD.finditer(text):
        word = match[0]
        if word.islower():
            small.add(word)
        elif word in surnames and match.start() not in inside:
            places[word].append(match.start())
    known = lexicon()
    for surname, starts in places.items():
        low = surname.lower()
        both = known.plain(fold(surname)) and not small.isdisjoint((low, f"{low}s", f"{low}es"))
        for start in starts:
            if not _GOES_ON.match(text, start + len(surname)):
                end = start + len(surname)
                yield Proposal(start, end, "PERSON", MAYBE if both else SURELY)


def _surname(text: str, name: Proposal) -> str | None:
    """The surname of a name of two words or more, where it is written as one."""
    whole = _WHOLE.fullmatch(text, name.start, name.end)
    return whole["last"] if whole and whole["last"].istitle() else None
