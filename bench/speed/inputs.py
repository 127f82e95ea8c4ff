"""Inputs made to be slow: each a file of JSON lines of about the asked size, from a seed.

Nearly all are one text in one row. What repeats itself and what does not are both here, for a
pattern that may begin anywhere and ends nowhere is slow on the first, and the caches help there.
"""

from __future__ import annotations

import base64
import json
import random
import string
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bench.speed.words import sentence

HEX = "0123456789abcdef"
SCRIPTS = "абвгдежзиклмнопрстуфαβγδεζηθικλμνअआइईउऊएऐओऔकखग漢字仮名交文章אבגדהוזחטéüñßøå"
INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u180e"
LOOK_ALIKES = "аеорсухіјѕԁո" + "０１２３４５６７８９" + "𝟎𝟏𝟐𝟑" + "①②③"


@dataclass(frozen=True)
class Input:
    """A name, and what makes the file for a size in bytes."""

    name: str
    make: Callable[[int, random.Random], bytes]


def inputs() -> list[Input]:
    """Every input, in the order of the table."""
    return [
        *(Input(f"repeated {part!r}", _repeated(part)) for part in _PARTS),
        *(Input(f"runs of {part!r} and an address", _runs(part)) for part in _RUNS),
        *(Input(name, _drawn(unit)) for name, unit in _UNITS.items()),
        Input("100,000 findings in one text", _findings),
        Input("one line of ten times the size", _one_line),
        Input("a table of 500 columns", _wide_table),
        Input("rows of 300 keys", _many_keys),
        Input("lists in lists, 60 deep", _nested(60)),
        Input("lists in lists, 190 deep", _nested(190)),
        Input("JSON in strings, 6 deep", _json_in_strings),
        Input("10,000 empty texts a row", _many_texts),
    ]


def _row(text: str) -> bytes:
    return json.dumps({"messages": [{"role": "user", "content": text}]}).encode() + b"\n"


def _whole(text: str, size: int) -> str:
    """`text` cut where its JSON has about `size` bytes."""
    each = max(1.0, len(json.dumps(text)) / max(1, len(text)))
    return text[: int(size / each)]


_PARTS = (
    "a.", "a-", "a_", "a:", "a@", "a@b.", "@", ".", "-", " ", "\n", "\t", "_", "/", ":", "=", "#",
    "*", "|", "\\", '"', "'", "(", "[", "<", "()", "[]", "<a>", "{", "0", "1", "1 ", "1.", "1-",
    "1,", "1:", "12/", "a1", "A", "a", "a ", "A ", "ab\n", "%41", "&#65;", "&amp;", "\\u0041",
    "\\x41", "=41", "http://", "http://a.", "www.", "key=", "password: ", "id ", "ssn ", "name: ",
    "Mr. ", "A. ", "Smith ", "New ", "one ", "a b c ", "://", "1e", "::", "00:", "::ffff:",
    "2024-01-02 ", "$1 ", "AKIA", "eyJ", "-----BEGIN ", "555-0100 ", "4111 1111 1111 1111 ",
)  # fmt: skip


def _repeated(part: str) -> Callable[[int, random.Random], bytes]:
    def make(size: int, _: random.Random) -> bytes:
        return _row(_whole(part * (size // len(part) + 1), size))

    return make


_RUNS = (*"@.-_/:=#*|\\\"'([<{ \n0aA", "()", "%41", "a.", "http://")
"""Of 20,000 characters, behind each of which something is found: else much is not looked at."""


def _runs(part: str) -> Callable[[int, random.Random], bytes]:
    run = part * (20_000 // len(part))

    def make(size: int, rng: random.Random) -> bytes:
        runs = max(1, round(size / len(json.dumps(run))))
        return _row("".join(f"{run} {_word(rng, _LOWER, 5, 9)}@example.com\n" for _ in range(runs)))

    return make


def _word(rng: random.Random, letters: str, least: int, most: int) -> str:
    return "".join(rng.choices(letters, k=rng.randint(least, most)))


_DIGITS, _LOWER, _UPPER = string.digits, string.ascii_lowercase, string.ascii_uppercase
_SPELT = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_LABELS = ("SSN: ", "MRN: ", "name: ", "DOB: ", "card no. ", "account number ", "phone: ", "id # ")
_FIRST, _LAST = ("Ann", "John", "Maria", "Wei"), ("Lee", "Smith", "Garcia", "Okafor")
_UNITS: dict[str, Callable[[random.Random], str]] = {
    "random digits, no space": lambda r: _word(r, _DIGITS, 50, 50),
    "random numbers of 3 to 19 digits": lambda r: _word(r, _DIGITS, 3, 19) + " ",
    "digits apart: 1 2 3 4": lambda r: r.choice(_DIGITS) + " ",
    "digits and dashes": lambda r: _word(r, _DIGITS + "-", 10, 10),
    "digits, dots, slashes, spaces": lambda r: _word(r, _DIGITS + "./ -", 10, 10),
    "numbers with brackets and +": lambda r: f"+{_word(r, _DIGITS, 1, 3)} ({_word(r, _DIGITS, 2, 4)}) ",
    "hex, no space": lambda r: _word(r, HEX, 50, 50),
    "hex words of 8 to 64": lambda r: _word(r, HEX, 8, 64) + " ",
    "hex pairs with colons": lambda r: _word(r, HEX, 2, 2) + ":",
    "UUID-like runs": lambda r: "-".join(_word(r, HEX, n, n) for n in (8, 4, 4, 4, 12)) + "\n",
    "base64 in one blob": lambda r: base64.b64encode(r.randbytes(48)).decode(),
    "base64 of text, in words": lambda r: base64.b64encode(sentence(r).encode()).decode() + " ",
    "base64 in lines of 76": lambda r: base64.b64encode(r.randbytes(57)).decode() + "\n",
    "percent escapes": lambda r: f"%{r.randrange(32, 127):02x}",
    "HTML entities": lambda r: f"&#{r.randrange(32, 127)};",
    "\\u escapes in the text": lambda r: f"\\u{r.randrange(32, 127):04x}",
    "quoted printable": lambda r: f"={r.randrange(32, 127):02X}",
    "zero-width characters between letters": lambda r: r.choice(_LOWER + "    0123") + r.choice(INVISIBLE),
    "look-alike letters": lambda r: _word(r, LOOK_ALIKES + _LOWER, 2, 9) + " ",
    "mixed scripts": lambda r: _word(r, SCRIPTS + _LOWER, 2, 9) + " ",
    "astral characters": lambda r: chr(r.randrange(0x1F300, 0x1F6FF)),
    "combining marks": lambda r: r.choice(_LOWER) + chr(r.randrange(0x300, 0x36F)) * 3,
    "quotes and backslashes": lambda r: r.choice(("\\", '"', "'", '\\"', "\\\\")),
    "markup": lambda r: f"<b>{_word(r, _LOWER, 1, 4)}</b>",
    "emphasis between letters": lambda r: r.choice(_LOWER) + r.choice(("**", "_", "`")),
    "letters apart: a b c": lambda r: r.choice(_LOWER) + " ",
    "upper-case words": lambda r: _word(r, _UPPER, 2, 9) + " ",
    "upper case, no space": lambda r: _word(r, _UPPER, 50, 50),
    "lower case, no space": lambda r: _word(r, _LOWER, 50, 50),
    "Capitalised Words": lambda r: _word(r, _LOWER, 2, 9).capitalize() + " ",
    "letters and digits, no space": lambda r: _word(r, _LOWER + _UPPER + _DIGITS, 50, 50),
    "codes: AB12-34": lambda r: f"{_word(r, _UPPER, 2, 4)}{_word(r, _DIGITS, 2, 6)}-{_word(r, _DIGITS, 2, 4)} ",
    "URLs with long queries": lambda r: f"https://{_word(r, _LOWER, 3, 12)}.com/{_word(r, _LOWER + '/?&=', 60, 200)} ",
    "e-mail-like, not one": lambda r: f"{_word(r, _LOWER + '.', 5, 30)}@{_word(r, _LOWER, 3, 9)} ",
    "hosts: a.b.c.d": lambda r: ".".join(_word(r, _LOWER, 1, 5) for _ in range(6)) + " ",
    "dotted quads": lambda r: ".".join(str(r.randrange(300)) for _ in range(4)) + " ",
    "dates": lambda r: f"{r.randrange(1, 13)}/{r.randrange(1, 29)}/{r.randrange(1950, 2030)} ",
    "words of numbers": lambda r: r.choice(_SPELT) + " ",
    "key=value": lambda r: f"{_word(r, _LOWER + '_', 3, 12)}={_word(r, _LOWER + _DIGITS, 3, 12)}; ",
    "labels without values": lambda r: r.choice(_LABELS),
    "names": lambda r: f"{r.choice(_FIRST)} {r.choice(_LAST)}, ",
    "punctuation": lambda r: r.choice(string.punctuation),
    "any ASCII": lambda r: chr(r.randrange(128)),
    "any of Unicode": lambda r: chr(r.choice((r.randrange(0xD7FF), r.randrange(0xE000, 0x10FFFF)))),
    "a table of bars": lambda r: "| " + " | ".join(_word(r, _LOWER + _DIGITS, 1, 8) for _ in range(12)) + " |\n",
    "comma-separated": lambda r: ",".join(_word(r, _DIGITS + _LOWER, 1, 10) for _ in range(20)) + "\n",
    "nested brackets": lambda r: r.choice("([{<") * 3 + r.choice(")]}>"),
    "minified code": lambda r: f"{r.choice(_LOWER)}.{_word(r, _LOWER, 1, 3)}=function({r.choice(_LOWER)}){{return {r.choice(_LOWER)}[{r.randrange(99)}]}};",
}  # fmt: skip


def _drawn(unit: Callable[[random.Random], str]) -> Callable[[int, random.Random], bytes]:
    def make(size: int, rng: random.Random) -> bytes:
        parts: list[str] = []
        length = 0
        while length < size:
            parts.append(unit(rng))
            length += len(parts[-1])
        return _row(_whole("".join(parts), size))

    return make


def _findings(_: int, rng: random.Random) -> bytes:
    """Of its own size: some 3 MB."""
    return _row(" ".join(f"{_word(rng, _LOWER, 4, 9)}{n}@example.com" for n in range(100_000)))


def _one_line(size: int, rng: random.Random) -> bytes:
    return _drawn(sentence)(size * 10, rng)


def _lines(size: int, line: Callable[[], str]) -> bytes:
    found: Iterator[bytes] = iter(lambda: line().encode() + b"\n", b"")
    lines, length = [], 0
    while length < size:
        lines.append(next(found))
        length += len(lines[-1])
    return b"".join(lines)


def _wide_table(size: int, rng: random.Random) -> bytes:
    head = "|".join(_word(rng, _LOWER, 3, 9) for _ in range(500))
    unit = _drawn(lambda r: "|".join(_word(r, _DIGITS, 2, 9) for _ in range(500)) + "\n")
    body = json.loads(unit(size, rng))["messages"][0]["content"]
    return _row(f"{head}\n{'|'.join(['---'] * 500)}\n{body}")


def _many_keys(size: int, rng: random.Random) -> bytes:
    keys = [_word(rng, _LOWER + "_", 4, 14) for _ in range(300)]
    return _lines(size, lambda: json.dumps({key: _word(rng, _DIGITS, 2, 9) for key in keys}))


def _nested(depth: int) -> Callable[[int, random.Random], bytes]:
    def make(size: int, rng: random.Random) -> bytes:
        return _lines(
            size, lambda: '{"a":' + "[" * depth + json.dumps(sentence(rng)) + "]" * depth + "}"
        )

    return make


def _json_in_strings(size: int, rng: random.Random) -> bytes:
    def line() -> str:
        text = json.dumps({"note": sentence(rng)})
        for _ in range(5):
            text = json.dumps({"inner": text})
        return text

    return _lines(size, line)


def _many_texts(size: int, _: random.Random) -> bytes:
    return _lines(size, lambda: json.dumps({"text": [""] * 10_000}))
