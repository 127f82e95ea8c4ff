"""Numbers broken up by odd separators or spelled out, written as usual where something speaks for it."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator

from gatekeeper.detect.lazy import lazy
from gatekeeper.detect.prefilter.triggers import EVERYTHING, triggers
from gatekeeper.detect.views.grouping import SSN_NEAR, Row, ssn_valid, written
from gatekeeper.detect.views.mapped import Edit

BEFORE, AFTER = 64, 32

_ROW = lazy(r"(?<!\d)\d{1,16}(?:(?:\W|_){1,8}\d{1,16}){1,30}")
_GROUP, _GAP = lazy(r"\d+"), lazy(r"\D+")
_USUAL: dict[str, set[tuple[int, ...]]] = {
    "-": {(3, 2, 4), (3, 3, 4), (4, 4, 4, 4), (4, 2, 2), (3, 4)},
    " ": {(4, 4, 4, 4)},
    ".": {(3, 3, 4)},
}

_DIGITS = {
    "zero": "0", "oh": "0", "o": "0", "nought": "0", "naught": "0", "nil": "0", "null": "0", "one": "1", "won": "1",
    "two": "2", "too": "2", "three": "3", "tree": "3", "four": "4", "fower": "4", "five": "5", "fife": "5",
    "six": "6", "seven": "7", "eight": "8", "ate": "8", "ait": "8", "nine": "9", "niner": "9",
    # Spanish, French, German, Portuguese, Italian
    "cero": "0", "uno": "1", "dos": "2", "tres": "3", "cuatro": "4", "cinco": "5", "seis": "6", "siete": "7",
    "ocho": "8", "nueve": "9", "zéro": "0", "un": "1", "deux": "2", "trois": "3", "quatre": "4", "cinq": "5",
    "sept": "7", "huit": "8", "neuf": "9", "eins": "1", "zwei": "2", "zwo": "2", "drei": "3", "vier": "4",
    "fünf": "5", "fuenf": "5", "sechs": "6", "sieben": "7", "acht": "8", "neun": "9", "um": "1", "dois": "2",
    "quatro": "4", "sete": "7", "oito": "8", "nove": "9", "due": "2", "tre": "3", "quattro": "4", "cinque": "5",
    "sei": "6", "sette": "7", "otto": "8",
    "零": "0", "〇": "0", "一": "1", "二": "2", "三": "3", "四": "4", "五": "5", "六": "6", "七": "7", "八": "8", "九": "9",
    "壹": "1", "贰": "2", "叁": "3", "肆": "4", "伍": "5", "陆": "6", "柒": "7", "捌": "8", "玖": "9", "幺": "1",
}  # fmt: skip
_TEENS = {
    "ten": "10", "eleven": "11", "twelve": "12", "thirteen": "13", "fourteen": "14", "fifteen": "15",
    "sixteen": "16", "seventeen": "17", "eighteen": "18", "nineteen": "19",
}  # fmt: skip
_TENS = {
    "twenty": "2", "thirty": "3", "forty": "4", "fourty": "4", "fifty": "5", "sixty": "6", "seventy": "7", "eighty": "8",
    "ninety": "9",
}  # fmt: skip
_TIMES = {"double": 2, "triple": 3, "treble": 3, "quadruple": 4}
_DASHES = frozenset(
    (
        "dash",
        "hyphen",
        "minus",
        "tiret",
        "guion",
        "guión",
        "strich",
        "bindestrich",
        "space",
        "slash",
        "dot",
        "point",
    )
)
_FILL = frozenset(("and", "then", "um", "uh", "hundred", "thousand"))
_LONG = sorted(
    (
        w
        for w in (*_DIGITS, *_TEENS, *_TENS, *_TIMES, *_DASHES)
        if (w.isascii() and len(w) > 2) or (not w.isascii() and len(w) > 1)
    ),
    key=len,
    reverse=True,
)
_HAN = "".join(w for w in _DIGITS if len(w) == 1 and not w.isascii())
_TOKEN = lazy(
    rf"(?:{'|'.join(_LONG)})s?|(?<![^\W_])(?:oh|o|un|um|to|for)(?![^\W_])|[{_HAN}]|\d{{1,4}}|[-–—/.]",
    re.IGNORECASE,
)
_CORE = r"zero|oh|one|two|three|four|five|six|seven|eight|nine|niner"
_CUES = frozenset(w for w in (*_DIGITS, *_TEENS, *_TENS, *_TIMES) if len(w) > 2) | {
    "oh",
    "un",
    "um",
}
_GLUED = lazy(rf"(?:{_CORE}){{4,}}", re.IGNORECASE)
_HAN_ROW = lazy(f"[{_HAN}]{{6}}")
_SPLIT = str.maketrans(',.;:/_-()*"\u2013\u2014\u2026', " " * 14)
_LEET = lazy(
    r"[\dOoQlISBZ]{3}[-. ]?[\dOoQlISBZ]{2}[-. ]?[\dOoQlISBZ]{4}(?![\w-])"
    r"|[\dOoQlISBZ]{4}(?:[ -]?[\dOoQlISBZ]{4}){3}(?![\w-])"
)
_LEET_TABLE = str.maketrans("OoQlISBZ", "00011582")


_SAID = "(?:" + "|".join(sorted(map(re.escape, _CUES))) + ")"
_OTHERS = r"(?:[\s,.;:/_()*\"–-]+[^\s,.;:/()*\"]+){0,3}[\s,.;:/_()*\"–-]+"
TRIGGERS = {
    # six digits, as in the shortest number that is put together
    "rows": ((r"\d" + r"(?:\W|_){0,8}\d" * 5, False),),
    "leet": triggers(_LEET),
    # three digits with up to three other words between them
    "spelled": ((_SAID + (_OTHERS + _SAID) * 2, True),),
    "glued": triggers(_GLUED),
}


def edits(text: str, context: str = "", may: Container[str] = EVERYTHING) -> Iterator[Edit]:
    """Every number of `text` that is written oddly, as usual. `context` counts as words before."""
    if "rows" in may:
        yield from _rows(text, context)
    if _speaks(text, may):
        yield from _spelled(text, context)
    if "leet" in may:
        for match in _LEET.finditer(text):
            yield from _look_alike(text, match, context)


def active(
    text: str, context: str = "", may: Container[str] = EVERYTHING
) -> Iterator[tuple[int, int]]:
    """Where they stand."""
    for edit in edits(text, context, may):
        yield edit.start, edit.end


def _speaks(text: str, may: Container[str]) -> bool:
    """Whether three digits or more are said within a few words."""
    if "spelled" not in may and "glued" not in may:
        return False
    if not text.isascii() and _HAN_ROW.search(text):
        return True
    tokens = text.lower().translate(_SPLIT).split()
    at = [n for n, w in enumerate(tokens) if w in _CUES]
    if any(b - a <= 5 for a, b in zip(at, at[2:], strict=False)):
        return True
    return "glued" in may and any(len(w) > 11 and _GLUED.search(w) for w in tokens)


def _around(text: str, start: int, end: int, context: str) -> tuple[str, str]:
    before = text[max(0, start - BEFORE) : start].lower()
    return f"{context} {before}", text[end : end + AFTER].lower()


def _edit(text: str, start: int, end: int, new: str) -> Edit:
    """With a space where the value would run into what stands beside it."""
    left = " " if start and (text[start - 1].isalnum() or text[start - 1] in "_.,-)(/") else ""
    right = " " if end < len(text) and (text[end].isalnum() or text[end] in "_-.,/)(") else ""
    places = [(start, end)] * len(new)
    spans = [*([(start, start + 1)] * len(left)), *places, *([(end - 1, end)] * len(right))]
    return Edit(start, end, f"{left}{new}{right}", spans)


def _rows(text: str, context: str) -> Iterator[Edit]:
    for match in _ROW.finditer(text):
        row = match[0]
        groups, gaps = _GROUP.findall(row), _GAP.findall(row)
        sizes = tuple(map(len, groups))
        if sum(sizes) < 6 or (len(set(gaps)) == 1 and sizes in _USUAL.get(gaps[0], ())):
            continue
        before, after = _around(text, match.start(), match.end(), context)
        found = written(Row(groups, gaps, before, after))
        if found is not None:
            first, last, new = found
            start = match.start() + sum(sizes[:first]) + sum(map(len, gaps[:first]))
            end = start + sum(sizes[first : last + 1]) + sum(map(len, gaps[first:last]))
            start, end = _brackets(text, start, end)
            yield _edit(text, start, end, new)


def _brackets(text: str, start: int, end: int) -> tuple[int, int]:
    """The value with the brackets that stand around its first and its last group."""
    if text[start - 1 : start] in ("(", "[", "{") and text[end : end + 1] in (")", "]", "}"):
        return start - 1, end + 1
    return start, end


def _spelled(text: str, context: str) -> Iterator[Edit]:
    tokens = list(_TOKEN.finditer(text))
    at = 0
    while at < len(tokens):
        end = at + 1
        while end < len(tokens) and _joins(text[tokens[end - 1].end() : tokens[end].start()]):
            end += 1
        edit = _spelled_row(text, tokens[at:end], context)
        if edit is not None:
            yield edit
        at = end


def _joins(gap: str) -> bool:
    return (
        len(gap) <= 8
        and re.fullmatch(r"[\s,;:_*\"'()…]*(?:and|then|uh|um|h?mm?)?[\s,;:_…]*", gap, re.IGNORECASE)
        is not None
    )


def _spelled_row(text: str, tokens: list[re.Match[str]], context: str) -> Edit | None:
    while tokens and (not _value_of(tokens[0][0]) or _inside_word(text, tokens[0])):
        tokens = tokens[1:]
    while tokens and tokens[-1][0].lower() in _DASHES | {"-", "–", "—", "/", ".", "to", "for"}:
        tokens = tokens[:-1]
    spelled = sum(not t[0].isdigit() and bool(_value_of(t[0])) for t in tokens)
    if spelled < 3:
        return None
    groups, gaps = _groups([t[0].lower() for t in tokens])
    digits = sum(map(len, groups))
    if digits < 6:
        return None
    start, end = tokens[0].start(), tokens[-1].end()
    before, after = _around(text, start, end, context)
    found = written(Row(groups, gaps, before, after, spelled=True))
    if found is None:
        return None
    first, last, new = found
    if (first, last) != (0, len(groups) - 1):
        return None
    return _edit(text, start, end, new)


def _inside_word(text: str, token: re.Match[str]) -> bool:
    """Whether a letter goes right before: the "one" of "phone" is no digit."""
    return token.start() > 0 and text[token.start() - 1].isalpha() and token[0][0].isascii()


def _value_of(word: str) -> str:
    low = word.lower()
    base = low[:-1] if low.endswith("s") and low[:-1] in _DIGITS and low not in _DIGITS else low
    return (
        "1"
        if low in _TIMES
        else low
        if low.isdigit()
        else _DIGITS.get(base) or _TEENS.get(low) or (low in _TENS and "1") or ""
    )


def _groups(words: list[str]) -> tuple[list[str], list[str]]:
    """The digits that the words say, in groups where a dash is said."""
    groups, gaps = [""], []
    times = 1
    n = 0
    while n < len(words):
        word = words[n]
        if word in _DASHES or word in "-–—/.":
            if (groups[-1] and word not in "-–—") or (
                word in ("dash", "-") and groups[-1] and not _tens_before(words, n)
            ):
                groups.append("")
                gaps.append(" dash ")
        elif word in _TIMES:
            times = _TIMES[word]
        elif word in _TENS:
            follows = (
                n + 1 < len(words)
                and len(_DIGITS.get(words[n + 1], "")) == 1
                and _DIGITS[words[n + 1]] != "0"
            )
            skip = n + 2 < len(words) and words[n + 1] == "-" and words[n + 2] in _DIGITS
            unit = words[n + 1] if follows else words[n + 2] if skip else ""
            groups[-1] += _TENS[word] + (_DIGITS[unit] if unit else "0")
            n += 1 if follows else 2 if skip else 0
        else:
            base = (
                word[:-1]
                if word.endswith("s") and word[:-1] in _DIGITS and word not in _DIGITS
                else word
            )
            said = word if word.isdigit() else _DIGITS.get(base) or _TEENS.get(word, "")
            groups[-1] += said * times
            times = 1
        n += 1
    while groups and not groups[-1]:
        groups.pop()
        if gaps:
            gaps.pop()
    return groups, gaps


def _tens_before(words: list[str], n: int) -> bool:
    return n > 0 and words[n - 1] in _TENS


def _look_alike(text: str, match: re.Match[str], context: str) -> Iterator[Edit]:
    """O for 0 and l for 1, only behind a label and only for some of the digits."""
    value = match[0]
    digits = re.sub(r"\D", "", value.translate(_LEET_TABLE))
    letters = sum(c.isalpha() for c in value)
    glued = match.start() and (text[match.start() - 1].isalnum() or text[match.start() - 1] in "_-")
    if glued or not letters or letters > len(digits) // 2:
        return
    before, after = _around(text, match.start(), match.end(), context)
    if (len(digits) == 9 and ssn_valid(digits) and SSN_NEAR.search(before)) or len(digits) == 16:
        found = written(Row([digits], [], before, after))
        if found is not None:
            yield _edit(text, match.start(), match.end(), found[2])
