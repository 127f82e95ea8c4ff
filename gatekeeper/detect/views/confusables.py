"""Characters that stand for others: look-alikes of ASCII letters, digits of every script, dashes.

The look-alikes are those of UTS 39 (confusables) that people use, by script; compatibility forms
(full width, mathematical, circled) are folded by NFKC and need no table.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_ALIKE = {
    # Cyrillic
    "а": "a", "в": "b", "с": "c", "ԁ": "d", "е": "e", "ё": "e", "ғ": "f", "ɡ": "g", "һ": "h", "і": "i", "ї": "i",
    "ј": "j", "к": "k", "ӏ": "l", "м": "m", "п": "n", "о": "o", "р": "p", "ԛ": "q", "г": "r", "ѕ": "s",
    "т": "t", "ц": "u", "ѵ": "v", "ԝ": "w", "ш": "w", "х": "x", "у": "y", "ү": "y", "ʐ": "z",
    "А": "A", "В": "B", "С": "C", "Е": "E", "Ғ": "F", "Ԍ": "G", "Н": "H", "І": "I", "Ї": "I", "Ј": "J", "К": "K",
    "М": "M", "О": "O", "Р": "P", "Ԛ": "Q", "Ѕ": "S", "Т": "T", "Ѵ": "V", "Ԝ": "W", "Х": "X",
    "У": "Y", "Ү": "Y", "З": "3", "з": "3", "б": "6", "Ӏ": "I",
    # Greek
    "α": "a", "β": "b", "ϲ": "c", "ε": "e", "η": "n", "ι": "i", "κ": "k", "ν": "v", "ο": "o", "ρ": "p",
    "σ": "o", "τ": "t", "υ": "u", "ω": "w", "χ": "x", "γ": "y", "ϳ": "j", "Α": "A", "Β": "B", "Ε": "E",
    "Ζ": "Z", "Η": "H", "Ι": "I", "Κ": "K", "Μ": "M", "Ν": "N", "Ο": "O", "Ρ": "P", "Τ": "T", "Υ": "Y",
    "Χ": "X", "Ϲ": "C", "Ϳ": "J",
    # Armenian, Cherokee, Lisu, Coptic, Hebrew and others
    "օ": "o", "ս": "u", "հ": "h", "յ": "j", "ո": "n", "ց": "g", "զ": "q", "ք": "f", "Տ": "S", "Լ": "L", "Օ": "O",
    "Ꭺ": "A", "Ᏼ": "B", "Ꮯ": "C", "Ꭰ": "D", "Ꭼ": "E", "Ꮐ": "G", "Ꮋ": "H", "Ꭻ": "J", "Ꮶ": "K",
    "Ꮮ": "L", "Ꮇ": "M", "Ꮲ": "P", "Ꮢ": "R", "Ꮪ": "S", "Ꭲ": "T", "Ꮩ": "V", "Ꮃ": "W", "Ꮓ": "Z",
    "ꓮ": "A", "ꓐ": "B", "ꓚ": "C", "ꓓ": "D", "ꓰ": "E", "ꓝ": "F", "ꓖ": "G", "ꓧ": "H", "ꓲ": "I", "ꓙ": "J",
    "ꓗ": "K", "ꓡ": "L", "ꓟ": "M", "ꓠ": "N", "ꓳ": "O", "ꓑ": "P", "ꓣ": "R", "ꓢ": "S", "ꓔ": "T", "ꓴ": "U",
    "ꓦ": "V", "ꓪ": "W", "ꓫ": "X", "ꓬ": "Y", "ꓜ": "Z", "ⲟ": "o", "ⲥ": "c", "ⲣ": "p", "ס": "o",
    # Latin of other alphabets, phonetic letters and small capitals
    "ı": "i", "ȷ": "j", "ɑ": "a", "ɩ": "i", "ɪ": "i", "ʟ": "l", "ɴ": "n", "ʀ": "r", "ʏ": "y", "ʙ": "b",
    "ɢ": "g", "ʜ": "h", "ᴀ": "a", "ᴄ": "c", "ᴅ": "d", "ᴇ": "e", "ᴊ": "j", "ᴋ": "k", "ᴍ": "m", "ᴏ": "o",
    "ᴘ": "p", "ᴛ": "t", "ᴜ": "u", "ᴠ": "v", "ᴡ": "w", "ᴢ": "z", "ꜰ": "f", "ꜱ": "s", "ǀ": "l", "ƽ": "5",
    "Ɩ": "l", "ꞁ": "l", "ꝛ": "r", "ʋ": "v", "ɾ": "r", "ƅ": "b", "ƨ": "2", "Ƨ": "2", "Ʒ": "3", "Ȝ": "3", "ȣ": "8",
    "Ȣ": "8", "Ꮞ": "4", "ⳍ": "6", "Ⳍ": "6",
}  # fmt: skip
ALIKE_LETTERS = "".join(_ALIKE)

_POINTS = {
    "․": ".", "。": ".", "．": ".", "｡": ".", "٫": ".", "·": ".", "‧": ".", "∙": ".", "⋅": ".", "•": ".", "●": ".",
    "＠": "@", "﹫": "@", "⓪": "0", "⓿": "0", "🄌": "0", "∕": "/", "⁄": "/", "⧸": "/", "︓": ":", "꞉": ":", "∶": ":",
    "ː": ":", "։": ":", "＿": "_", "ⓐ": "a", "＃": "#",
}  # fmt: skip

DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\u2796\u2e3a\u2e3b\u2e40\u301c\u3030\u30a0\u30fc\u4e00\ufe31\ufe32\ufe58\ufe63\uff0d\uff70\u05be\u1806\u02d7\u06d4\u2f00\u058a\u1428\u2500\u2501\u23af\u207b\u208b"
SPACES = "\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\u2800\u3164\u115f\u1160\uffa0"
INVISIBLE = (
    "\u00ad\u034f\u061c\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
    "\ufff9-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
MARKS = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
CONTROLS = "\x00-\x07\x0e-\x1a\x1c-\x1f\x7f-\x84\x86-\x9f"

_COMPATIBLE = (
    "\u00b2\u00b3\u00b9\u1d2c-\u1d6a\u2070-\u209c\u2102-\u2111\u2113-\u2115\u2117-\u211e\u2124-\u2149\u2150-\u218b\u2460-\u24ff"
    "\u2776-\u2793\u3220-\u32ff\u3371-\u33ff\ufe30-\ufe6b\uff01-\uff5e\uffe0-\uffe6"
    "\U0001d400-\U0001d7ff\U0001f100-\U0001f1ff\U0001fbf0-\U0001fbf9\U000102e1-\U000102fb\u02b0-\u02b8\u02e1-\u02e3"
)
_NEGATIVE = (0x1F150, 0x1F170, 0x1F1E6)


@lru_cache(maxsize=8192)
def folded(c: str) -> str:
    """`c` as ASCII where it only stands for it; `c` itself where it does not. Spaces and dashes too."""
    if c.isascii():
        return c
    if c in _POINTS:
        return _POINTS[c]
    digit = unicodedata.digit(c, None)
    if digit is not None:
        return str(digit)
    code = ord(c)
    for first in _NEGATIVE:
        if first <= code < first + 26:
            return chr(ord("A") + code - first)
    plain = unicodedata.normalize("NFKC", c)
    if plain != c and plain.isascii():
        return plain.strip("().,") if len(plain) > 1 and plain.strip("().,") else plain
    return c


def letter(c: str) -> str:
    """The ASCII letter or digit that `c` looks like, else `c`."""
    return _ALIKE.get(c, c)


FOLDABLE = f"(?:[{_COMPATIBLE}]|(?![0-9])\\d)"
"""What may be folded whatever stands beside it: compatibility forms and digits of other scripts."""
