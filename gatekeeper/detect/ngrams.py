"""Phrases of a few words, found from left to right; what is a phrase is asked of the caller.

The caller knows its phrases by keyed digests alone (`seen`, `lists`), so it is asked about the
first word before anything is put together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple


class Word(NamedTuple):
    """A word of a text, in the form in which it is compared, and where it stands."""

    form: str
    start: int
    end: int
    capital: bool = False


def phrases(
    words: Sequence[Word],
    *,
    begins: Callable[[str], bool],
    known: Callable[[Sequence[Word]], bool],
    goes_on: Callable[[Sequence[Word], Word], bool],
    words_max: int,
) -> Iterator[tuple[int, int]]:
    """(first, count): the longest known phrase from each word on; no word is in two of them.

    Args:
        words: those of a text, in order.
        begins: whether some phrase begins with a word of this form.
        known: whether these words are a phrase.
        goes_on: whether a phrase that begins with these words may go on with the next one.
        words_max: of a phrase.
    """
    at = 0
    while at < len(words):
        count = 0
        if begins(words[at].form):
            run = _run(words, at, goes_on, words_max)
            count = next((n for n in range(len(run), 0, -1) if known(run[:n])), 0)
        if count:
            yield at, count
        at += max(1, count)


def _run(
    words: Sequence[Word],
    at: int,
    goes_on: Callable[[Sequence[Word], Word], bool],
    words_max: int,
) -> list[Word]:
    run = [words[at]]
    for word in words[at + 1 : at + words_max]:
        if not goes_on(run, word):
            break
        run.append(word)
    return run
