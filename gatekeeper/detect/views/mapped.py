"""A rewritten text that knows, for each of its characters, where it came from."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple


class Edit(NamedTuple):
    """`text[start:end]` becomes `new`.

    Each character of `new` comes from the whole of it, or from `spans[i]` where these are given.
    """

    start: int
    end: int
    new: str
    spans: Sequence[tuple[int, int]] | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Mapped:
    """`text[i]` came from the original's `starts[i]` up to `ends[i]` (code points).

    Both are never decreasing, so a span of the text is a span of the original. `None` for both is
    the original itself, or the part of it that begins at `base`.
    """

    text: str
    starts: tuple[int, ...] | None = None
    ends: tuple[int, ...] | None = None
    base: int = 0

    def __repr__(self) -> str:
        return f"Mapped({len(self.text)} characters)"

    def locate(self, start: int, end: int) -> tuple[int, int]:
        """Where `text[start:end]`, which is not empty, came from."""
        if self.starts is None or self.ends is None:
            return self.base + start, self.base + end
        return self.starts[start], max(self.ends[end - 1], self.starts[start])

    def edited(self, edits: Iterable[Edit]) -> Mapped:
        """With `edits` made; of two that overlap the first, and then the longer, is."""
        size = len(self.text)
        starts = self.starts or tuple(range(self.base, self.base + size))
        ends = self.ends or tuple(range(self.base + 1, self.base + size + 1))
        pieces: list[str] = []
        new_starts: list[int] = []
        new_ends: list[int] = []
        at = 0
        for edit in sorted(edits, key=lambda e: (e.start, -e.end)):
            a, b, new, spans = edit
            if a < at:
                continue
            pieces += (self.text[at:a], new)
            new_starts += starts[at:a]
            new_ends += ends[at:a]
            if a == b:  # put in between: a place of no width, but inside what came from one place
                place = starts[a] if a < size else (ends[-1] if ends else self.base)
                new_starts += [place] * len(new)
                new_ends += [max(place, ends[a - 1] if a else place)] * len(new)
            elif spans is None:
                new_starts += [starts[a]] * len(new)
                new_ends += [ends[b - 1]] * len(new)
            else:
                new_starts += [starts[s] for s, _ in spans]
                new_ends += [ends[e - 1] for _, e in spans]
            at = b
        pieces.append(self.text[at:])
        new_starts += starts[at:]
        new_ends += ends[at:]
        return Mapped("".join(pieces), tuple(new_starts), tuple(new_ends), self.base)

    def touched(self, original: str) -> list[int]:
        """The positions of the text that are not as in `original`, or follow something left out."""
        if self.starts is None or self.ends is None:
            return []
        result: list[int] = []
        before = self.base
        for i, (c, s, e) in enumerate(zip(self.text, self.starts, self.ends, strict=True)):
            if s != before or e != s + 1 or original[s] != c:
                result.append(i)
            before = e
        return result


class Backwards:
    """A `Mapped` read from its end."""

    def __init__(self, forward: Mapped) -> None:
        """Reverse `forward`."""
        self.text = forward.text[::-1]
        self._forward = forward

    def __repr__(self) -> str:
        return f"Backwards({len(self.text)} characters)"

    def locate(self, start: int, end: int) -> tuple[int, int]:
        """Where `text[start:end]`, which is not empty, came from."""
        size = len(self.text)
        return self._forward.locate(size - end, size - start)


def near(touched: Sequence[int], start: int, end: int, distance: int) -> bool:
    """Whether one of `touched` lies at most `distance` from `start` to `end`."""
    at = bisect_left(touched, start - distance)
    return at < len(touched) and touched[at] <= end + distance
