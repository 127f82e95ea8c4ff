"""Text inside encoded runs: base64 and its cousins, hex, MIME words, UTF-7, compressed, and more.

A run counts as encoded only where all of it decodes to readable text, which random identifiers and
hashes practically never do. Work is bounded by a budget per text, decompression included.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator
from functools import lru_cache

from gatekeeper.detect.lazy import lazy
from gatekeeper.detect.prefilter.triggers import EVERYTHING, triggers
from gatekeeper.detect.views.codecs import (
    UNREADABLE,
    Budget,
    is_ascii,
    readable,
    unbase32,
    unbase58,
    unbase64,
    unbase85,
    unbinary,
    uncodes,
    unhex,
    unoctal,
    unuu,
)
from gatekeeper.detect.views.mapped import Edit

RUN_MAX = 1 << 20
"""Characters of one run; what is longer is media or a bomb, and is decoded to this length."""
WHOLE_MAX = 256
"""Up to this length a finding is placed at the whole run, beyond it at the part it came from."""


_B64 = r"[A-Za-z0-9+/_-]"
_BASE64 = lazy(
    rf"(?<![A-Za-z0-9+/]){_B64}{{8,}}(?:(?:\r?\n|\\n)[ \t>]{{0,8}}{_B64}{{2,}})*={{0,2}}"
)
_HEX = lazy(
    r"(?<![0-9A-Za-z])(?:0[xX]|\\x|[xX]')?(?:[2-7][0-9a-fA-F]|0[9aAdD]){7,}(?![0-9A-Za-z])"
    r"|(?<![0-9A-Za-z])(?:(?:0[xX])?[2-7][0-9a-fA-F](?:\s?,\s?|[ :.-]|\r?\n)){6,}(?:0[xX])?[2-7][0-9a-fA-F](?![0-9A-Za-z])"
)
_UTF16_HEX = lazy(
    r"(?<![0-9A-Za-z])(?:0[xX])?(?:(?:00[2-7][0-9a-fA-F]){7,}|(?:[2-7][0-9a-fA-F]00){7,})(?![0-9A-Za-z])"
)
_LONG = lazy(r"\S{12,}")
_LINE = lazy(r"(?:\r?\n|\\n)[ \t>]{0,8}[A-Za-z0-9+/_=-]{2,}")
_GROUPS = lazy(r"[0-9a-fA-F]{2,8}(?:(?:[ :;.-]|\s?,\s?|\r?\n)(?:0[xX])?[0-9a-fA-F]{2,8}){6,}")
_BASE32 = lazy(r"(?<![A-Za-z0-9])(?:[A-Z2-7]{16,}|[a-z2-7]{16,})={0,6}(?![A-Za-z0-9])")
_BASE85 = lazy(r"(?<!\S)(?:<~)?[!-z{|}~]{12,400}(?!\S)")
_BASE58 = lazy(r"(?<![A-Za-z0-9])[1-9A-HJ-NP-Za-km-z]{12,96}(?![A-Za-z0-9])")
_BINARY = lazy(
    r"(?<![0-9])(?:0[01]{7}[ ,]?){5,}0[01]{7}(?![0-9])|(?<![0-9])(?:0[01]{6}[ ]){6,}0[01]{6}(?![0-9])|(?<![0-9])1[01]{6}[ ](?:[01]{7}[ ]){6,}[01]{7}(?![0-9])"
)
_CODES = lazy(
    r"(?<![\w.])(?<![0-9a-fA-F][ ,;])(?:(?:3[2-9]|[4-9]\d|1[01]\d|12[0-6])(?:\s?[,;]\s?|[ ])){6,400}(?:3[2-9]|[4-9]\d|1[01]\d|12[0-6])(?![\w.]\d)(?![ ,;][0-9a-fA-F]{2}\b)"
)
_OCTAL = lazy(
    r"(?<![\w.])(?:0?(?:0[4-7]|1[0-7])[0-7][ ]){6,200}0?(?:0[4-7]|1[0-7])[0-7](?![\w.]\d)"
)
_MIME = lazy(
    r"=\?[A-Za-z0-9_-]{2,20}\?[BbQq]\?[^?\s]{1,400}\?=(?:\s{1,3}=\?[A-Za-z0-9_-]{2,20}\?[BbQq]\?[^?\s]{1,400}\?=){0,20}"
)
_UTF7 = lazy(r"\+[A-Za-z0-9+/]{6,2000}-?")
_PUNY = lazy(r"\bxn--[a-z0-9-]{2,60}", re.IGNORECASE)
_UU = lazy(r"begin [0-7]{3} [^\n]{1,80}\n(?:[ -`]{1,62}\n){1,2000}?`?\n?end")
_ROT47 = lazy(
    r"(?<!\S)[_`a-h]{3}\\[_`a-h]{2}\\[_`a-h]{4}(?!\S)|(?<!\S)[_`a-h]{4}(?:\\[_`a-h]{4}){3}(?!\S)"
    r"|(?<!\S)[!-~]{3,40}o[!-~]{3,40}\](?:4@>|@C8|\?6E|65F)(?!\S)"
)
_ROT47_ENDS = ("]4@>", "]@C8", "]?6E", "]65F")
_ROT13_ENDS = (".pbz", ".arg", ".bet", ".rqh", ".tbi", ".vb", ".hx")
_ROT13 = lazy(r"[\w.+-]{2,40}@[\w-]{1,40}\.(?:pbz|arg|bet|rqh|tbi|vb|hx)\b", re.IGNORECASE)
_MORSE = lazy(r"(?<![.\w-])(?:[.-]{5}(?:[ ]/[ ]|[ ]{1,3}|$)|-\.\.\.\.-[ ]{1,3}){7,40}")
_CJK = lazy("[\u2020-\u7e7e]{4,200}")
_ROT13_TABLE = str.maketrans(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
    "NOPQRSTUVWXYZABCDEFGHIJKLMnopqrstuvwxyzabcdefghijklm",
)
_MORSE_DIGITS = {
    "-----": "0", ".----": "1", "..---": "2", "...--": "3", "....-": "4", ".....": "5", "-....": "6",
    "--...": "7", "---..": "8", "----.": "9", "-....-": "-", "/": "",
}  # fmt: skip


_Codec = tuple[re.Pattern[str], str, Callable[[str], "bytes | None"], tuple[int, int]]
"""A pattern, a literal it needs, what gives the bytes, and how many characters make how many bytes
(for long runs; zeros where that is not fixed).
"""
_RUNS: tuple[_Codec, ...] = (
    (_CODES, ",", uncodes, (0, 0)),
    (_UTF16_HEX, "00", unhex, (0, 0)),
    (_HEX, "", unhex, (2, 1)),
    (_BINARY, "0", unbinary, (0, 0)),
    (_BASE32, "", unbase32, (8, 5)),
    (_BASE64, "", unbase64, (4, 3)),
    (_BASE58, "", unbase58, (0, 0)),
    (_BASE85, "", unbase85, (0, 0)),
)
_GROUPED: tuple[_Codec, ...] = (
    (_CODES, "", uncodes, (0, 0)),
    (_HEX, "", unhex, (0, 0)),
    (_BINARY, "0", unbinary, (0, 0)),
    (_OCTAL, "0", unoctal, (0, 0)),
)
_FILES: tuple[_Codec, ...] = ((_UU, "begin ", unuu, (0, 0)),)


TRIGGERS = {
    "special": triggers(_MIME, _UTF7, _PUNY, _ROT13, _ROT47, _MORSE),
    "groups": triggers(_GROUPS),
}


def edits(text: str, budget: Budget, may: Container[str] = EVERYTHING) -> Iterator[Edit]:
    """Every encoded run of `text` that holds text, as that text."""
    taken: list[tuple[int, int]] = []
    for edit in _special(text) if "special" in may else ():
        taken.append((edit.start, edit.end))
        yield edit
    for start, end, codecs in _regions(text, may):
        word = codecs is _RUNS and end - start <= _WORD_MAX and _stands_alone(text, start)
        if not (word and _is_plain_word(text[start:end])):
            yield from _in_region(text, start, end, codecs, taken, budget)


def _in_region(
    text: str,
    start: int,
    end: int,
    codecs: tuple[_Codec, ...],
    taken: list[tuple[int, int]],
    budget: Budget,
) -> Iterator[Edit]:
    """The encoded runs between `start` and `end` that overlap none of `taken`, to which they go."""
    for pattern, literal, decode, ratio in codecs:
        if literal and text.find(literal, start, end) < 0:
            continue
        for match in pattern.finditer(text, start, end):
            for a, b in _parts(text, *match.span(), pattern is _BASE64):
                if budget.left <= 0:
                    return
                if any(c < b and a < d for c, d in taken):
                    continue
                found = _decoded(text, a, b, decode, ratio, budget)
                if found is not None:
                    taken.append((a, b))
                    yield found


_WORD_MAX = 64


def _stands_alone(text: str, start: int) -> bool:
    return not start or text[start - 1].isspace()


@lru_cache(maxsize=8192)
def _is_plain_word(word: str) -> bool:
    """Whether no part of a long word is an encoded run: the same words come again and again."""
    budget = Budget()
    found = any(True for _ in _in_region(word, 0, len(word), _RUNS, [], budget))
    return not found and budget == Budget()


def _regions(
    text: str, may: Container[str] = EVERYTHING
) -> Iterator[tuple[int, int, tuple[_Codec, ...]]]:
    """Where an encoded run may stand: long words, with the lines that carry them on, and groups."""
    at = 0
    while (match := _LONG.search(text, at)) is not None:
        start, end = match.span()
        while (line := _LINE.match(text, end)) is not None:
            end = line.end()
        yield start, end, _RUNS
        at = end
    for match in _GROUPS.finditer(text) if "groups" in may else ():
        yield max(0, match.start() - 2), min(len(text), match.end() + 1), _GROUPED
    if "begin " in text:
        yield 0, len(text), _FILES


def _parts(text: str, start: int, end: int, lines: bool) -> Iterator[tuple[int, int]]:
    """The run, then its lines, then what a prefix or a path would be cut from it."""
    yield start, end
    if lines and "\n" in text[start:end]:
        at = start
        for line in text[start:end].split("\n"):
            yield at, at + len(line)
            at += len(line) + 1


def _decoded(text: str, start: int, end: int, decode: Callable[[str], bytes | None],
             ratio: tuple[int, int], budget: Budget) -> Edit | None:  # fmt: skip
    run = text[start : min(end, start + RUN_MAX)]
    data = decode(run)
    if data is None:
        return None
    new = readable(data, budget)
    if new is None or new == run:
        return None
    budget.left -= len(new)
    exact = (
        len(run) > WHOLE_MAX and len(new) == len(data) and ratio[0] and not re.search(r"\s", run)
    )
    if not exact:
        return Edit(start, end, new)
    size_in, size_out = ratio
    spans = []
    for i in range(len(new)):
        block = i // size_out * size_in
        a = min(start + block, end - 1)
        spans.append((a, min(end, a + size_in)))
    return Edit(start, end, new, spans)


# --- what is not bytes in an alphabet -----------------------------------------------------------


def _special(text: str) -> Iterator[Edit]:
    if "=?" in text:
        for match in _MIME.finditer(text):
            if (new := _mime(match[0])) is not None:
                yield Edit(*match.span(), new)
    if "+" in text:
        for match in _UTF7.finditer(text):
            if (new := _utf7(match[0])) is not None:
                yield Edit(*match.span(), new)
    if "xn--" in text.lower():
        for match in _PUNY.finditer(text):
            try:
                yield Edit(*match.span(), match[0][4:].encode("ascii").decode("punycode"))
            except (UnicodeError, ValueError):
                continue
    if "@" in text and any(end in text.lower() for end in _ROT13_ENDS):
        for match in _ROT13.finditer(text):
            yield Edit(*match.span(), match[0].translate(_ROT13_TABLE))
    if "\\" in text or any(end in text for end in _ROT47_ENDS):
        for match in _ROT47.finditer(text):
            yield Edit(*match.span(), "".join(chr(33 + (ord(c) + 14) % 94) for c in match[0]))
    if "--" in text or ".." in text:
        for match in _MORSE.finditer(text):
            signs = match[0].split()
            if all(s in _MORSE_DIGITS for s in signs):
                yield Edit(*match.span(), "".join(_MORSE_DIGITS[s] for s in signs))
    if not text.isascii():
        yield from _misread(text)


def _mime(words: str) -> str | None:
    from email.errors import HeaderParseError
    from email.header import decode_header, make_header

    try:
        return str(make_header(decode_header(words)))
    except (HeaderParseError, LookupError, UnicodeDecodeError, ValueError):
        return None


def _utf7(run: str) -> str | None:
    try:
        new = run.encode("ascii").decode("utf-7")
    except UnicodeDecodeError:
        return None
    return new if len(new) >= 3 and not UNREADABLE.search(new) and new.isascii() else None


def _misread(text: str) -> Iterator[Edit]:
    """Pairs of ASCII bytes that were read as UTF-16."""
    for match in _CJK.finditer(text):
        for encoding in ("utf-16-be", "utf-16-le"):
            data = match[0].encode(encoding)
            if is_ascii(data) and sum(chr(b).isdigit() or b in b"@-." for b in data) >= 4:
                yield Edit(*match.span(), data.decode("ascii"))
                break


def active(text: str, may: Container[str] = EVERYTHING) -> Iterator[tuple[int, int]]:
    """Where a run decodes to text. What is found here is decoded again where it is put in place."""
    for edit in edits(text, Budget(), may):
        yield edit.start, edit.end
