"""What a bare number is called where it stands, and the columns it may stand in.

A word two lines up may speak for a telephone number; where the number's own line calls it something
else (`limit: 3476243912`, `queue item 6465581149`), it does not.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from gatekeeper.detect.lazy import lazy
from gatekeeper.detect.lexicon import fold, lexicon

_NEAR = 48
_PHONE_SAID = lazy(
    r"phone|\btel|\bcell|mobile|\bcall|contact|\btext|\bsms|\btxt|whatsapp|\bdial|\breach|\bring\b|hotline|\bfax"
    r"|\bmob\b|\bph\b|handy|\bline\b",
    re.IGNORECASE,
)
_NOUN = lazy(r"(?:^|[\s\"'{,;(\[.])(?P<name>[a-z][a-z_]{1,30})[\"']?\s?[:=(]{0,2}\s?[\"']?\Z")
_SAYS_NOTHING = frozenset({
    "is", "was", "at", "on", "to", "my", "me", "number", "numbers", "no", "num", "or", "and", "us",
    "him", "her", "them", "the", "am", "are", "be", "its", "it", "this", "that", "here", "as", "try",
    "use", "old", "new", "first", "second", "day", "night", "evening", "value", "with", "by", "via",
    "home", "house", "office", "work", "main", "direct", "personal", "business", "primary", "mom",
    "secondary", "alt", "alternate", "emergency", "other", "from", "for", "of", "dad", "wife",
    "husband", "son", "daughter", "sister", "brother", "boss", "reception", "desk", "nurse", "doctor",
    "pharmacy", "clinic", "extension", "ext", "called", "messaged", "rang", "now", "today", "instead",
    "also", "not", "please", "just", "then", "back", "anytime", "days", "nights", "landline",
})  # fmt: skip
"""Words before a number that a telephone number may have as well: small words, places, relatives."""


def named_otherwise(text: str, start: int) -> bool:
    """Whether the line of a number calls it by a noun or a key that is not that of a telephone."""
    line = text[max(0, start - _NEAR) : start].rpartition("\n")[2]
    if _PHONE_SAID.search(line):
        return False
    noun = _NOUN.search(line)
    if noun is None or noun["name"] in _SAYS_NOTHING:
        return False
    return not lexicon().strong(fold(noun["name"]))


_ROW = lazy(r"[ \t]*\d+(?:[ \t]+\d+)+[ \t\r]*")
_HEAD = lazy(r"[ \t]*[a-z_]+(?:[ \t]+[a-z_]+)+[ \t\r]*")
_ROWS_MAX = 16


def in_columns(text: str, start: int, end: int, valid: Callable[[str], bool]) -> bool:
    """Whether groups parted by spaces fill a line of a table: its head has a word for each, or a
    row beside it is not `valid`.

    Args:
        text: the whole text.
        start: where the groups begin.
        end: where they end.
        valid: whether the digits of a row may be what these are held for.
    """
    value = text[start:end]
    if not _ROW.fullmatch(value):
        return False
    first, last = text.rfind("\n", 0, start) + 1, text.find("\n", end)
    last = len(text) if last < 0 else last
    if text[first:start].strip() or text[end:last].strip():
        return False
    size = len(value.split())
    above = text[max(0, first - 400) : first].split("\n")[-2::-1][:_ROWS_MAX]
    below = text[last + 1 : last + 41].split("\n")[:1]
    rows = [*(line for line in above[:1]), *below]
    if any(_is_row(line, size) and not valid("".join(line.split())) for line in rows):
        return True
    head = next((line for line in above if not _is_row(line, size)), "")
    return (
        bool(_HEAD.fullmatch(head)) and len(head.split()) == size and not _PHONE_SAID.search(head)
    )


def _is_row(line: str, size: int) -> bool:
    return bool(_ROW.fullmatch(line)) and len(line.split()) == size
