"""Look-alike trickery as a finding of its own: characters that serve only to hide what is written.

What is normal in some writing is no finding: a joiner in Persian or in an emoji, a soft hyphen in
prose, full width in Japanese, direction marks in Arabic and Hebrew, styled letters in a nickname.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from gatekeeper.detect.lazy import lazy
from gatekeeper.detect.spans import Span
from gatekeeper.detect.views.confusables import ALIKE_LETTERS

ENTITY = "TEXT_OBFUSCATION"
RECOGNIZER = "ObfuscationRecognizer"
_SURE, _SIGN, _HINT = 0.92, 0.75, 0.4

_JOINERS = "[\u034f\u17b4\u17b5\u180e\u200b-\u200d\u2060-\u2064\u206a-\u206f\ufeff\u3164\u115f\u1160\ufff9-\ufffb]"
_PLAIN = "[A-Za-z0-9@._+-]"
_WOVEN = lazy(
    rf"(?:{_PLAIN}{_JOINERS}{{1,8}}){{3,}}{_PLAIN}|(?:[0-9-][{_JOINERS[1:-1]}\u00ad]{{1,8}}){{2,}}[0-9]"
)
_WOVEN_SOFT = lazy(r"(?:[A-Za-z]\u00ad){4,}[A-Za-z]")
_ONE = lazy(rf"(?<=[A-Za-z0-9@]){_JOINERS}{{1,8}}(?=[A-Za-z0-9@])|(?<=[0-9])\u00ad(?=[0-9])")
_TAGS = lazy(
    "(?<!\U0001f3f4)(?<![\U000e0020-\U000e007f])[\U000e0001\U000e0020-\U000e007f]+(?:[ -~]?[\U000e0020-\U000e007f])*"
)
_SELECTORS = lazy("[\U000e0100-\U000e01ef]{4,}|[\ufe00-\ufe0e]{4,}")
_OVERRIDE = lazy("[\u202d\u202e][^\u202c\n]{0,200}\u202c?")
_WORD = lazy(rf"[A-Za-z{ALIKE_LETTERS}]{{4,40}}")
_ROW = lazy(r"\d(?:[-. ]?\d){5,30}")
_OVERSTRIKE = lazy(r"(?:[^\n\x08]\x08[^\n\x08]?){3,}")
_SWITCHING = lazy(rf"[A-Za-z](?!ı)[{ALIKE_LETTERS}]+[A-Za-z]")
_FOREIGN = ("CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "LISU", "COPTIC", "HEBREW")


def hidden(text: str) -> list[Span]:
    """What in `text` is evidently made to hide something, and at a low score what may be."""
    if text.isascii():
        return (
            [_span(*m.span(), _SIGN) for m in _OVERSTRIKE.finditer(text)] if "\x08" in text else []
        )
    return list(_found(text))


def _found(text: str) -> Iterator[Span]:
    for pattern in (_WOVEN, _WOVEN_SOFT, _OVERSTRIKE):
        for match in pattern.finditer(text):
            yield _span(*match.span(), _SIGN)
    for match in _ONE.finditer(text):
        yield _span(*match.span(), _HINT)
    for match in _TAGS.finditer(text):
        yield _span(*match.span(), _SURE)
    for match in _SELECTORS.finditer(text):
        yield _span(*match.span(), _SURE)
    for match in _OVERRIDE.finditer(text):
        inside = match[0]
        if re.search(r"[0-9]{2}|[A-Za-z@.]{4}", inside):
            yield _span(*match.span(), _SIGN)
    for match in _WORD.finditer(text):
        if _SWITCHING.search(match[0]) and _scripts(match[0]):
            yield _span(*match.span(), _SIGN)
    for match in _ROW.finditer(text):
        if len({ord(c) - unicodedata.decimal(c) for c in match[0] if c.isdecimal()}) > 1:
            yield _span(*match.span(), _SIGN)


def _scripts(word: str) -> bool:
    return any(unicodedata.name(c, "").startswith(_FOREIGN) for c in word if not c.isascii())


def _span(start: int, end: int, score: float) -> Span:
    return Span(start, end, ENTITY, score, RECOGNIZER)


def bomb(text_length: int) -> Span:
    """A run that grows beyond every budget when it is decompressed."""
    return _span(0, max(1, text_length), _SIGN)
