"""A text in sentences, and sentences in windows that the network takes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from gatekeeper.detect.lazy import lazy

LONGEST = 600
"""Characters of a sentence; what has no end for longer is cut at white space, or anywhere."""
CONTEXT = 40
"""Pieces at most that a window repeats of the one before, as context."""

_BREAK = lazy(r"""[.!?][)\]"'”’*_]{0,3}(?=\s)|\n""")
# A full stop that ends no sentence: "Dr.", "J.", "vs."
_ABBREVIATED = lazy(
    r"(?:^|[^\w.])(?:Mr|Mrs|Ms|Mx|Dr|Prof|Rev|Hon|Sgt|Capt|Lt|Col|Gen|St|Jr|Sr|Messrs|[^\W\d_]"
    r"|No|vs|v|Inc|Co|Corp|Ltd|cf|al|approx)\.\Z",
    re.IGNORECASE,
)


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """(start, end) of the sentences of `text`, in order; together they are the whole text.

    A line break ends one too: lists, forms and tables have no full stops.
    """
    start = 0
    for mark in _BREAK.finditer(text):
        end = mark.end()
        if text[mark.start()] == "." and _ABBREVIATED.search(text, max(start, end - 9), end):
            continue
        yield from _cut(text, start, end)
        start = end
    if start < len(text):
        yield from _cut(text, start, len(text))


def _cut(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while end - start > LONGEST:
        space = text.rfind(" ", start + LONGEST // 2, start + LONGEST)
        stop = space if space > 0 else start + LONGEST
        yield start, stop
        start = stop
    yield start, end


def packed(lengths: Sequence[int], room: int) -> list[tuple[int, int, int]]:
    """Neighbouring units of `lengths` pieces in windows of at most `room` pieces.

    Returns (first, begin, end) of each window: units `first` to `end`, of which those before
    `begin` are context that the window before has already. No unit may be longer than `room`.
    """
    windows: list[tuple[int, int, int]] = []
    begin = first = 0
    size = 0
    for n, length in enumerate(lengths):
        if n > begin and size + length > room:
            windows.append((first, begin, n))
            begin = first = n
            size = 0
            while first > 0 and size + lengths[first - 1] <= min(CONTEXT, room - length):
                first -= 1
                size += lengths[first]
        size += length
    if lengths:
        windows.append((first, begin, len(lengths)))
    return windows
