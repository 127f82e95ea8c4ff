"""Look-alikes folded: digits of any script, invisible characters, dashes, spaces, mixed scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gatekeeper.detect.lazy import lazy
from gatekeeper.detect.views.confusables import (
    ALIKE_LETTERS,
    CONTROLS,
    DASHES,
    FOLDABLE,
    INVISIBLE,
    MARKS,
    SPACES,
    folded,
    letter,
)
from gatekeeper.detect.views.mapped import Edit

_HIDDEN = f"[{INVISIBLE}{CONTROLS}]"
_OVERLAY = "[\u0334-\u0338\u20d0-\u20ff]"
_ZERO = "[ОоΟοסЗзбƼ]"
_NO_EDIT = "\t\r\n"

_ACTIVE = lazy(
    rf"{FOLDABLE}[^\n]{{0,4}}{FOLDABLE}|[0-9][-. ]?{FOLDABLE}|{FOLDABLE}[-. ]?[0-9]"
    rf"|[A-Za-z0-9.]{FOLDABLE}[A-Za-z0-9]"
    rf"|[A-Za-z0-9@._+-](?:(?!\u00ad){_HIDDEN})+[A-Za-z0-9@._+(-]"
    rf"|[0-9@.-]\u00ad|\u00ad[0-9@.-]|\w\u00ad\w\u00ad\w"
    rf"|[0-9][{MARKS}\ufe0f]|\w{_OVERLAY}"
    rf"|[A-Za-z](?!ı)[{ALIKE_LETTERS}]|(?!ı)[{ALIKE_LETTERS}][A-Za-z]"
    rf"|[0-9]{_ZERO}[0-9-]|{_ZERO}[0-9][0-9-]"
    rf"|[0-9]{{1,6}}[{DASHES}{SPACES}]{{1,2}}[0-9]{{2,6}}[-{DASHES}{SPACES}]{{1,2}}[0-9]{{1,6}}"
    "|[@＠﹫][^\x00-\x7f]|[^\x00-\x7f][@＠﹫]|[\u202d\u202e\u2066-\u2068]|\\w[․｡．․‧·•∙⋅●]\\w"
)
_ANY = lazy(
    f"{FOLDABLE}|[{INVISIBLE}{CONTROLS}{ALIKE_LETTERS}{DASHES}{SPACES}{MARKS}․｡．‧·•∙⋅●＠﹫]"
)
_EDITED = lazy(
    rf"(?P<fold>{FOLDABLE})|(?P<hidden>{_HIDDEN}+)|(?<=[0-9])(?P<mark>[{MARKS}]+)|(?P<overlay>{_OVERLAY}+)"
    rf"|(?P<dash>[{DASHES}])|(?P<space>[{SPACES}])|(?P<point>[․｡．٫‧·•∙⋅●∕⁄⧸︓꞉∶＠﹫＿])"
)
_TOKEN = lazy(r"\w+")
_ALIKE = lazy(f"[{ALIKE_LETTERS}]")
_BACKSPACE = lazy(r"[^\x08\n](?:\x08)")
_OVERRIDE = lazy("[\u202e\u2067]([^\u202c\u2069\n]{2,200})[\u202c\u2069]?")


def active(text: str) -> Iterator[tuple[int, int]]:
    """Where folding may bring a value to light."""
    if not text.isascii():
        if not _ANY.search(text):
            return
        for match in _ACTIVE.finditer(text):
            yield match.span()
    elif "\0" in text or "\x08" in text or re.search(_CONTROL_ASCII, text):
        for match in re.finditer(r"\S[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]+", text):
            yield match.span()


_CONTROL_ASCII = r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]"


def edits(text: str) -> Iterator[Edit]:
    """Every fold of `text`."""
    for match in _BACKSPACE.finditer(text):
        yield Edit(*match.span(), "")
    if text.isascii():
        for match in re.finditer(_CONTROL_ASCII + "+", text):
            yield Edit(*match.span(), "")
        return
    for match in _EDITED.finditer(text):
        yield from _fold(text, match)
    if not _ALIKE.search(text):
        return
    for match in _TOKEN.finditer(text):
        word = match[0]
        if word.isascii():
            continue
        after = text[match.end() : match.end() + 1]
        before = text[max(0, match.start() - 1) : match.start()]
        if any(c.isascii() for c in word) or "@" in (before, after) or "." in (before, after):
            for i, c in enumerate(word, match.start()):
                if letter(c) != c:
                    yield Edit(i, i + 1, letter(c))


def _fold(text: str, match: re.Match[str]) -> Iterator[Edit]:
    start, end = match.span()
    kind = match.lastgroup
    if kind in ("hidden", "mark", "overlay"):
        yield Edit(start, end, "")
    elif kind == "space":
        yield Edit(start, end, " ")
    elif kind == "dash":
        before, after = text[max(0, start - 2) : start], text[end : end + 2]
        if any(c.isdigit() for c in before) and any(c.isdigit() for c in after):
            yield Edit(start, end, "-")
    elif (new := folded(match[0])) != match[0]:
        yield Edit(start, end, new)


def overrides(text: str) -> Iterator[Edit]:
    """What stands under a right-to-left override, turned to what is seen."""
    for match in _OVERRIDE.finditer(text):
        start, end = match.span(1)
        yield Edit(start, end, match[1][::-1])
