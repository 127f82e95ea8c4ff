"""Spans that are spelt as no name is, though each of their words may be one."""

from __future__ import annotations

from gatekeeper.detect.lazy import lazy
from gatekeeper.detect.lexicon import fold, lexicon
from gatekeeper.detect.surroundings import GREETING, Surroundings, layout_of

_ABBREVIATED = lazy(r"\.(?:\s[A-Z][a-z]{1,8}\.){1,4}\s[A-Z]?\s?\d")
"""The rest of an abbreviated title (ISO 4), and its volume: `J. Appl. Phys. 877`."""
_NAMESAKE = lazy(r"(?: and [A-Z]\w+)? (?:gave|lent|gives?) (?:his|her|their|its) names? to\b")
"""Who gave his name to a thing is spoken of as that name."""
_CULTIVAR = lazy(
    r"(?: [A-Z][a-z]+)? (?:apple|pear|potatoe?|tomatoe?|cherr(?:y|ie)|grape|plum|peache?|apricot"
    r"|onion|pepper|bean|olive|orange|lemon|lime|melon|fig|pea|squashe?|lettuce|cabbage)s?\b"
)
"""What fruit and vegetables are named after: `Bing cherries`, `Yukon Gold potatoes`."""
_ON_A_MAP = lazy(
    r"passage|straits?|sea|gulf|cape|canal|glacier|peninsula|channel|reef|fjord|ridge|plateau|basin"
    r"|desert|volcano|archipelago|islands?|river|lake|creek|mountains?|valley|canyon|falls"
)
"""The last word of a place on a map, whoever it is named after: `Drake Passage`."""
_MAKER = lazy(r"(?<!\w)MS \Z")
"""Capitals without a full stop are the maker's (`MS Word`) or the disease's before a plain word."""
_CODES = lazy(r":\s(?:[A-Z]{1,2}-?\d\w{0,2}[,;]\s){2}")
"""A list of short codes behind a colon: what it is of is a heading, and nobody who speaks."""
_LETTERS = 3
"""Single letters without full stops from which a row of them is no initials: `E A D G`."""
WRAPPED_FROM = 48
"""Characters of a line from which its end is taken for that of a wrapped one."""


def is_designation(around: Surroundings) -> bool:
    """Whether a span is spelt like one of these, and neither a title nor a greeting before it says
    that it is a person all the same.

    A row of letters (`Tuning E A D G`), a plain word with an initial (`Vitamin C`), an abbreviated
    title (`J. Appl. Phys. 8`), what ends in a plain word or goes on with one behind a comma (`Roma
    tomatoes`), the end of one short line with the beginning of the next.
    """
    names, full = lexicon(), around.full
    if _MAKER.search(around.text, max(0, around.start - 4), around.start):
        return bool(full) and names.plain(full[0])
    if around.cue >= GREETING:
        return False
    letters = [w for w in around.words if len(w) == 1]
    if len(letters) >= _LETTERS and "." not in around.text[around.start : around.end]:
        return True
    if len(full) > 1 and _ON_A_MAP.fullmatch(full[-1]) and full[-1] not in names.surname:
        return True
    if len(full) == 1:
        if around.lowered() and names.plain(full[0]):
            return True
        if _NAMESAKE.match(around.text, around.end):
            return True
        if letters and names.plain(full[0]) and not names.known(full[0]):
            return True
        if any(p.match(around.text, around.end) for p in (_ABBREVIATED, _CULTIVAR)):
            return True
        if _CODES.match(around.text, around.end) and not names.known(full[0]):
            return True
    behind = around.text[around.start : around.end].partition(", ")[2]
    if behind[:1].islower() and not names.known(fold(behind.split()[0])):
        return True
    cased = any(w[0].isupper() for w in around.words)
    if cased and any(map(_ends_low, around.text[around.start : around.end].split("\n"))):
        return True
    return is_broken(around.text, around.start, around.end) and not all(map(names.strong, full))


def _ends_low(line: str) -> bool:
    """Whether a line ends in a word in lower case that is no name: "Gold potatoes"."""
    last = line.split()[-1] if line.split() else ""
    return len(last) > 2 and last.isalpha() and last.islower() and not lexicon().known(fold(last))


def is_broken(text: str, start: int, end: int) -> bool:
    """Whether a span goes over the end of a line that is too short to have been wrapped."""
    at = text.find("\n", start, end)
    return at >= 0 and at - layout_of(text).line_start(start) < WRAPPED_FROM
