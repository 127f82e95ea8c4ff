"""Characters written as escapes: backslash, percent, entity and quoted-printable forms, calls of
`chr`, ANSI sequences, Markdown's backslash.
"""

from __future__ import annotations

import html
import re
from collections.abc import Container, Iterator

from gatekeeper.detect.lazy import lazy
from gatekeeper.detect.prefilter.triggers import EVERYTHING, triggers
from gatekeeper.detect.views.mapped import Edit

_BACKSLASH = lazy(
    r"\\{1,2}(?:u(?P<u>[0-9a-fA-F]{4})|u\{(?P<brace>[0-9a-fA-F]{1,6})\}|U(?P<U>[0-9a-fA-F]{8})"
    r"|x(?P<x>[0-9a-fA-F]{2})|x\{(?P<xb>[0-9a-fA-F]{1,6})\}|(?P<o>[0-3][0-7]{2})"
    r"|N\{(?P<name>[A-Z -]{3,40})\}|(?P<c>[nrt])(?=[\d\\]|[A-Z]{2,})|(?P<e>e)(?=\[))"
)
_CSS = lazy(r"\\(?![0-3][0-7]{2}(?:[ \\]|$))0{0,4}(?P<x>[2-7][0-9a-fA-F])(?:[ ]|(?=\\))")
_PERCENT = lazy(r"(?:%[0-9a-fA-F]{2})+|%u(?P<u>[0-9a-fA-F]{4})")
_NAMED = lazy(r"&(?:\#[0-9]{1,7}|\#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,24});?")
_QUOTED = lazy(r"(?:=[0-9A-F]{2}){2,}|=(?:2D|40|2E|3D|20|2C|5F)(?![0-9A-F])|=\r?\n")
_UPLUS = lazy(r"(?:U\+00[0-7][0-9A-Fa-f][\s,;]{0,2}){3,200}U\+00[0-7][0-9A-Fa-f]")
_CALLS = lazy(
    r"(?:chr|char|chrw|Chr|CHR|CHAR|unichr|String\.fromCharCode|fromCodePoint)\(\s?(?:0x[0-9a-fA-F]{2}|\d{2,3})"
    r"(?:\s?,\s?(?:0x[0-9a-fA-F]{2}|\d{2,3})){0,80}\s?\)(?:\s?(?:[+.&|]{1,2}|,)\s?(?=(?:chr|char|CHR|Chr|CHAR|unichr)))?"
)
_ANSI = lazy(
    r"(?:\x1b|\x9b|\^\[|␛)\[?[0-9;?]{0,20}[A-Za-z]|\x1b\][^\x07\x1b\n]{0,200}(?:\x07|\x1b\\)?"
)
_MARKDOWN = lazy(r"\\{1,2}([!\"#$%&'()*+,./:;<=>?@\[\]^_`{|}~-])")
_GLUED = lazy(r"\w\\{1,2}[-.@_+]|\\{1,2}[-.@+]\w")


TRIGGERS = {
    "escapes": triggers(_BACKSLASH, _CSS, _GLUED, _PERCENT, _NAMED, _QUOTED, _UPLUS, _ANSI, _CALLS)
}


def active(text: str, may: Container[str] = EVERYTHING) -> Iterator[tuple[int, int]]:
    """Where characters are written as escapes."""
    if "escapes" not in may:
        return
    patterns: list[re.Pattern[str]] = []
    if "\\" in text:
        patterns += [_BACKSLASH, _CSS, _GLUED]
    if "%" in text:
        patterns.append(_PERCENT)
    if "&" in text:
        patterns.append(_NAMED)
    if "=" in text:
        patterns.append(_QUOTED)
    if "U+00" in text:
        patterns.append(_UPLUS)
    if "\x1b" in text or "^[" in text or "\x9b" in text or "␛" in text:
        patterns.append(_ANSI)
    if "(" in text:
        patterns.append(_CALLS)
    for pattern in patterns:
        for match in pattern.finditer(text):
            yield match.span()


def edits(text: str) -> Iterator[Edit]:
    """Every escape of `text` as the character it stands for."""
    if "\x1b" in text or "^[" in text or "\x9b" in text or "␛" in text:
        for match in _ANSI.finditer(text):
            yield Edit(*match.span(), "")
    if "\\" in text:
        yield from _backslashes(text)
    if "%" in text:
        for match in _PERCENT.finditer(text):
            yield from _hex_run(match, "%", "u")
    if "&" in text:
        for match in _NAMED.finditer(text):
            new = html.unescape(match[0])
            if new != match[0] and (match[0].endswith(";") or len(new) == 1):
                yield Edit(*match.span(), new)
    if "=" in text:
        for match in _QUOTED.finditer(text):
            if match[0].endswith("\n"):
                yield Edit(*match.span(), "")
            else:
                yield from _hex_run(match, "=")
    if "U+00" in text:
        for match in _UPLUS.finditer(text):
            points = re.findall(r"U\+([0-9A-Fa-f]{4})", match[0])
            yield Edit(*match.span(), "".join(chr(int(p, 16)) for p in points))
    if "(" in text:
        for match in _CALLS.finditer(text):
            numbers = re.findall(r"0x[0-9a-fA-F]{2}|\d{2,3}", match[0])
            yield Edit(*match.span(), "".join(chr(int(n, 0)) for n in numbers if int(n, 0) > 8))


def _backslashes(text: str) -> Iterator[Edit]:
    for match in _BACKSLASH.finditer(text):
        kind = match.lastgroup or ""
        value = match[kind]
        if kind == "c":
            new = {"n": "\n", "r": "\r", "t": "\t"}[value]
        elif kind == "e":
            new = "\x1b"
        elif kind == "name":
            new = _named(value)
        else:
            code = int(value, 8 if kind == "o" else 16)
            new = _character(code)
        if new:
            yield Edit(*match.span(), new)
    for match in _CSS.finditer(text):
        yield Edit(*match.span(), chr(int(match["x"], 16)))
    for match in _MARKDOWN.finditer(text):
        yield Edit(*match.span(), match[1])


def _character(code: int) -> str:
    """The character of a code point; none for half a surrogate pair, which no text may hold."""
    return chr(code) if code < 0xD800 or 0xDFFF < code < 0x110000 else ""


def _named(name: str) -> str:
    import unicodedata

    try:
        return unicodedata.lookup(name)
    except KeyError:
        return ""


def _hex_run(match: re.Match[str], mark: str, other: str = "") -> Iterator[Edit]:
    start = match.start()
    if other and match[other]:
        new = _character(int(match[other], 16))
        if new:
            yield Edit(*match.span(), new)
        return
    data = bytes.fromhex(match[0].replace(mark, ""))
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    spans: list[tuple[int, int]] = []
    at = start
    for c in text:
        width = 3 * (len(c.encode("utf-8")) if len(text) < len(data) else 1)
        spans.append((at, at + width))
        at += width
    yield Edit(*match.span(), text, spans)
