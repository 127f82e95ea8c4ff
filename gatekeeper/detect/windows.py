"""Long texts in overlapping pieces, and the spans of the pieces put together again.

spaCy takes no text over 1,000,000 characters (E088), and what Presidio does per match grows with
the text; so a long text is analyzed in windows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gatekeeper.detect.spans import Span

SIZE = 24_000
"""Characters of a window."""
OVERLAP = 512
"""Characters that two windows share: more than any value but an armoured key, whose head counts."""


def windows(text: str) -> list[tuple[int, int]]:
    """(start, end) of the windows of `text`, cut at white space where there is some."""
    cuts: list[tuple[int, int]] = []
    start = 0
    while len(text) - start > SIZE:
        end = start + SIZE
        space = max(
            text.rfind(" ", end - OVERLAP // 2, end), text.rfind("\n", end - OVERLAP // 2, end)
        )
        end = space + 1 if space > 0 else end
        cuts.append((start, end))
        start = end - OVERLAP
    cuts.append((start, len(text)))
    return cuts


def joined(cuts: Sequence[tuple[int, int]], found: Sequence[Iterable[Span]]) -> list[Span]:
    """The spans of all windows, in the coordinates of the whole text.

    A span that touches the cut end of a window, and that the neighbour saw whole, is left to the
    neighbour: the cut may have made it.
    """
    spans: list[Span] = []
    for n, ((start, end), part) in enumerate(zip(cuts, found, strict=True)):
        after = cuts[n + 1][0] if n + 1 < len(cuts) else None
        before = cuts[n - 1][1] if n else None
        for span in part:
            a, b = span.start + start, span.end + start
            moved = Span(a, b, span.entity, span.score, span.recognizer)
            cut_off = after is not None and moved.end >= end - 1 and moved.start > after
            cut_in = before is not None and moved.start <= start and moved.end < before
            if not cut_off and not cut_in:
                spans.append(moved)
    return spans
