"""The words around a value, without a walk through the whole text."""

from __future__ import annotations

from gatekeeper.detect.lazy import lazy
from gatekeeper.detect.words import STOP, words_of

WORDS_BEFORE, WORDS_AFTER = 6, 3
"""Words that are looked at on each side; the one that the value begins in is looked at as well."""
REACH_BEFORE, REACH_AFTER = 320, 160
"""Characters in which they are looked for."""
_RUN = lazy("[^\\W\\d_][^\\W_\u0300-\u036f]*")
"""A word from its first letter on: figures say nothing."""


def words_around(text: str, start: int, end: int) -> list[str]:
    """The lower-case words near `text[start:end]` that say anything: no figures, no stop words."""
    first = max(0, start - REACH_BEFORE)
    runs = [m for m in _RUN.finditer(text, first, min(len(text), start + 1)) if m.start() <= start]
    if runs and runs[0].start() == first and first:
        del runs[0]  # cut off
    words: list[str] = []
    count = WORDS_BEFORE + 1
    for run in reversed(runs):
        last = run.end()
        if last > start:  # the value begins in it: all of it is read
            whole = _RUN.match(text, run.start(), start + REACH_AFTER)
            last = whole.end() if whole else last
        count -= _add(words, text[run.start() : last])
        if not count:
            break
    count = WORDS_AFTER
    for run in _RUN.finditer(text, end, min(len(text), end + REACH_AFTER)):
        count -= _add(words, run[0])
        if not count:
            break
    return words


def _add(words: list[str], run: str) -> bool:
    parts = [w for w in words_of(run.lower()) if w not in STOP and not w.isdecimal()]
    words += parts
    return bool(parts)
