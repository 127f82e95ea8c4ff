"""Views of a text: what it says once a disguise is taken off, with every character's origin.

A view is made only where its trigger stands in the text, and of long texts only the neighbourhood
of the trigger. First comes what is certain: look-alikes folded, escapes and encoded runs decoded,
markup taken out, three times over. On that come the readings that need evidence of their own:
numbers put together, words read as digits, values cut loose from what they are glued to, and values
read backwards.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass

from gatekeeper.detect.prefilter.triggers import EVERYTHING, Triggers
from gatekeeper.detect.spans import Span
from gatekeeper.detect.views import (
    backwards,
    boundary,
    decoded,
    escapes,
    folded,
    hidden,
    markup,
    numbers,
    words,
)
from gatekeeper.detect.views.codecs import Budget
from gatekeeper.detect.views.mapped import Backwards, Mapped, near

DEPTH = 3
"""Encodings inside encodings are opened so far."""
MARGIN = 160
"""Characters on each side of a disguise that are looked at with it."""
WHOLE = 1200
"""Texts up to this length are looked at whole."""
REACH = 24
"""A finding of a view counts where a change stands in it or so near."""


@dataclass(frozen=True, slots=True, repr=False)
class Derived:
    """One view: its text, where that came from, and where it differs from the original."""

    view: Mapped | Backwards
    touched: Sequence[int] | None
    """Positions that were changed; None where all of them were."""
    names: bool
    """Whether letters were changed, so that names may have come to light."""
    cut: tuple[bool, bool]
    """Whether it begins or ends inside the original."""

    def __repr__(self) -> str:
        return f"Derived({len(self.view.text)} characters)"

    def placed(self, span: Span, *, name: bool) -> Span | None:
        """`span` in the original; None where nothing that was changed has to do with it."""
        if (self.cut[0] and span.start == 0) or (self.cut[1] and span.end == len(self.view.text)):
            return None
        if self.touched is not None and not near(
            self.touched, span.start, span.end - 1, 0 if name else REACH
        ):
            return None
        start, end = self.view.locate(span.start, span.end)
        if end <= start:
            return None
        return Span(start, end, span.entity, span.score, span.recognizer)


TRIGGERS: Triggers = {
    name: patterns
    for module in (escapes, markup, decoded, numbers, words, boundary, backwards)
    for name, patterns in module.TRIGGERS.items()
}
"""The searches that `views_of` can leave out, and what each of them needs."""


def views_of(
    text: str, context: Sequence[str] = (), may: Container[str] = EVERYTHING
) -> tuple[list[Derived], list[Span]]:
    """The views of `text`, and what is found in making them. Both empty where nothing is disguised.

    `may` holds the names of the searches that may find something.
    """
    found = hidden.hidden(text)
    found += [Span(a, b, "PERSON", 0.7, "JoinedNameRecognizer") for a, b in words.names(text, may)]
    words_near = " ".join(context)
    budget = Budget()
    places = sorted(_active(text, words_near, may))
    result: list[Derived] = []
    for start, end in _neighbourhoods(text, places):
        result += _views(text, start, end, words_near, budget)
    if budget.bombs:
        found.append(hidden.bomb(len(text)))
    return result, found


def _active(text: str, context: str, may: Container[str]) -> Iterator[tuple[int, int]]:
    yield from folded.active(text)
    yield from decoded.active(text, may)
    if not may:
        return
    yield from escapes.active(text, may)
    yield from markup.active(text, may)
    yield from numbers.active(text, context, may)
    yield from words.active(text, may)
    yield from boundary.active(text, may)
    yield from backwards.active(text, may)


def _neighbourhoods(text: str, places: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """`places` with their margins, put together where they meet, cut at white space."""
    if not places:
        return
    if len(text) <= WHOLE:
        yield 0, len(text)
        return
    start, end = _widened(text, *places[0])
    for place in places[1:]:
        a, b = _widened(text, *place)
        if a <= end:
            end = max(end, b)
        else:
            yield start, end
            start, end = a, b
    yield start, end


def _widened(text: str, start: int, end: int) -> tuple[int, int]:
    a, b = max(0, start - MARGIN), min(len(text), end + MARGIN)
    while a and start - a < MARGIN + 40 and not text[a - 1].isspace():
        a -= 1
    while b < len(text) and b - end < MARGIN + 40 and not text[b].isspace():
        b += 1
    return a, b


def _views(text: str, start: int, end: int, context: str, budget: Budget) -> Iterator[Derived]:
    cut = (start > 0, end < len(text))
    origin = Mapped(text[start:end], base=start)
    plain = _plain(origin, budget)
    made = [plain] if plain.text != origin.text else []
    pieced = plain.edited(
        [*words.edits(plain.text), *numbers.edits(plain.text, context), *boundary.edits(plain.text)]
    )
    if pieced.text != plain.text:
        made.append(pieced)
        again = pieced.edited([*numbers.edits(pieced.text, context), *boundary.edits(pieced.text)])
        if again.text != pieced.text:
            made.append(again)
    if plain.text != origin.text:  # what looked like an escape may have been a separator
        apart = origin.edited(numbers.edits(origin.text, context))
        if apart.text not in (origin.text, pieced.text):
            made.append(apart)
    turned = plain.edited(backwards.edits(plain.text))
    if turned.text != plain.text:
        made.append(turned)
    shown = origin.edited(folded.overrides(origin.text))
    if shown.text != origin.text:
        made.append(_plain(shown, budget))
    for view in made:
        touched = view.touched(text)
        yield Derived(view, touched, any(view.text[i].isalpha() for i in touched), cut)
    if backwards.WHOLE.search(plain.text):
        yield Derived(Backwards(plain), None, True, cut)


def _plain(view: Mapped, budget: Budget) -> Mapped:
    """What is certain: folded, unescaped, decoded, and without markup."""
    for _ in range(DEPTH):
        text = view.text
        new = view.edited(
            [
                *decoded.edits(text, budget),
                *escapes.edits(text),
                *markup.edits(text),
                *folded.edits(text),
            ]
        )
        if new.text == text:
            break
        view = new
    return view
