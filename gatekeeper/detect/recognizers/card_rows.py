"""Groups of four digits that go on: of a longer row, or of a table, they are no card.

One row in a hundred of random groups passes Luhn in the range of some issuer. What tells it from a
card is what stands beside it in the same form: more groups, and no cards.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Sequence

from gatekeeper.detect.lazy import lazy

GROUPS = 4
_AROUND = 96
_EXPIRY = lazy(r"(?:0[1-9]|1[0-2])[2-4]\d")
_COLUMNS = lazy(r"[\t,;|]|[ \u00a0]{2}")


def among_others(
    groups: Sequence[str], gaps: Sequence[str], first: int, valid: Callable[[str], bool]
) -> bool:
    """Whether the four groups from `first` on are part of something longer that is no cards.

    Cards one after the other stand, and so does one with its expiry date, MMYY, behind it.

    Args:
        groups: groups of digits, in order.
        gaps: what stands between each and the next.
        first: the first of four groups of four digits that are parted alike.
        valid: whether sixteen digits may be a card's number.
    """
    gap = gaps[first]
    low, high = first, first + GROUPS
    while low and len(groups[low - 1]) == GROUPS and gaps[low - 1] == gap:
        low -= 1
    while high < len(groups) and len(groups[high]) == GROUPS and gaps[high - 1] == gap:
        high += 1
    if high - low == GROUPS:
        return bool(_COLUMNS.search(gap)) and any(
            _is_row(groups, gaps, n, gap) and not valid("".join(groups[n : n + GROUPS]))
            for n, joint in ((first - GROUPS, first - 1), (first + GROUPS, first + GROUPS - 1))
            if n >= 0 and n + GROUPS <= len(groups) and "\n" in gaps[joint]
        )
    if low == first and high == first + GROUPS + 1 and _EXPIRY.fullmatch(groups[high - 1]):
        return False
    whole = (high - low) % GROUPS == 0 and (first - low) % GROUPS == 0
    return not whole or not all(
        valid("".join(groups[n : n + GROUPS])) for n in range(low, high, GROUPS)
    )


def _is_row(groups: Sequence[str], gaps: Sequence[str], first: int, gap: str) -> bool:
    """Whether four groups of four stand there, parted by `gap`."""
    fours = all(len(g) == GROUPS for g in groups[first : first + GROUPS])
    return fours and all(g == gap for g in gaps[first : first + GROUPS - 1])


def in_row(text: str, start: int, end: int, valid: Callable[[str], bool]) -> bool:
    """`among_others` of the four groups of four at `text[start:end]`."""
    low, high = max(0, start - _AROUND), min(len(text), end + _AROUND)
    while 0 < low < start and text[low - 1].isdecimal():  # a group that is cut says nothing
        low += 1
    found = [
        m for m in re.finditer(r"\d+", text[low:high]) if m.end() < high - low or high == len(text)
    ]
    first = next((n for n, m in enumerate(found) if m.start() == start - low), None)
    if first is None or first + GROUPS > len(found):
        return False
    gaps = [text[low + a.end() : low + b.start()] for a, b in itertools.pairwise(found)]
    return among_others([m[0] for m in found], gaps, first, valid)
