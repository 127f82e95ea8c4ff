"""Patterns made weaker: simple ones over ASCII that match wherever the real ones might.

Every text is read through `fold.folded`, which puts an ASCII stand-in of its class in the place of
each other character. A weakened pattern matches the folded text wherever the pattern matches the
text, and elsewhere too: what looks around is dropped but for the character that may stand before or
behind a match, counts are cut, a character stands for itself and for whatever folds to it. So a
text that it does not match holds no match of the pattern.
"""

from __future__ import annotations

import importlib
import math
import re
import string
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, NamedTuple

from gatekeeper.detect.prefilter.fold import FOLDS, STAND_INS, stand_in

COUNT_MAX = 16
"""Repetitions of one character that are counted; of more, so many are asked for."""
GROUP_COUNT_MAX = 3
"""The same of a group."""
LEAST_BITS = 6.0
"""How rare a match must be, in bits, so that asking for it saves anything."""

Chars = frozenset[int]
"""ASCII code points."""


class Weak(NamedTuple):
    """A weakened part."""

    text: str = ""
    bits: float = 0.0
    """How rare its matches are."""
    cut: bool = False
    """Whether it leaves out its end, so that nothing can be asked for behind it."""


_PRINTABLE = 96

_ALL: Chars = frozenset(range(128))
_NEWLINE = frozenset((10,))
_LETTERS = frozenset(map(ord, string.ascii_letters))
_DIGITS = frozenset(map(ord, string.digits))
_WORD = _LETTERS | _DIGITS | {ord("_")}
_SPACE = frozenset((9, 10, 11, 12, 13, 32))  # as `regex` has it: not the separators 28 to 31
_CLASSES: dict[str, Chars] = {
    "CATEGORY_DIGIT": _DIGITS,
    "CATEGORY_NOT_DIGIT": _ALL - _DIGITS,
    "CATEGORY_SPACE": _SPACE,
    "CATEGORY_NOT_SPACE": _ALL - _SPACE,
    "CATEGORY_WORD": _WORD,
    "CATEGORY_NOT_WORD": _ALL - _WORD,
}
_LETTER = ord("_")
"""What stands for any letter outside ASCII."""
_FOLDED = frozenset(FOLDS.values())
_FEW = 512
"""Characters of a range that are folded one by one."""


Node = tuple[Any, Any]
"""An operation of the parse tree, and what it is about."""


class Place(NamedTuple):
    """Where a part of a pattern stands in the whole of it."""

    first: bool = False
    """Nothing is before it, and it may ask for the character there."""
    last: bool = False
    """Nothing is behind it, and it may ask for the character there."""
    final: bool = False
    """Nothing is behind it."""


_SINGLE = frozenset({"LITERAL", "NOT_LITERAL", "IN", "ANY"})
_WIDTHLESS = frozenset({"AT", "ASSERT", "ASSERT_NOT"})


class TooStrange(Exception):  # noqa: N818  (it names the event)
    """A pattern that cannot be weakened, or that anything matches once it is: it always runs."""


def weakened(pattern: str, *, ignore_case: bool) -> str:
    """A weaker pattern in the syntax that RE2 and Hyperscan share, over folded text.

    Raises TooStrange.
    """
    parser = _parser()
    try:
        tree = parser.parse(pattern, re.MULTILINE | (re.IGNORECASE if ignore_case else 0))
    except (re.error, RecursionError, OverflowError) as error:
        raise TooStrange(type(error).__name__) from None
    ignore = bool(tree.state.flags & re.IGNORECASE)
    dots = bool(tree.state.flags & re.DOTALL)
    mixed = "i:" in pattern or "(?i" in pattern  # case is ignored in parts of it
    weakener = _Weakener(parser, caseless=ignore, dots=dots, mixed=mixed)
    weak, bits, _ = weakener.sequence(tree, ignore, Place(True, True, True))
    if bits < LEAST_BITS:
        raise TooStrange("matches nearly anything")
    return f"(?i){weak}" if ignore else weak


def _parser() -> Any:
    """The parser of the `re` package, whose name differs from version to version."""
    try:
        return importlib.import_module("re._parser")
    except ModuleNotFoundError:
        return importlib.import_module("sre_parse")  # Python 3.10


class _Weakener:
    """Writes the parse tree of one pattern, weaker."""

    def __init__(self, parser: Any, *, caseless: bool, dots: bool, mixed: bool) -> None:
        """`dots` says whether a full stop matches the end of a line as well, `mixed` whether case
        may be ignored in one part and not in another.
        """
        self._parser, self._caseless, self._dots, self._mixed = parser, caseless, dots, mixed
        self._groups: dict[tuple[int, bool], Weak] = {}
        """By number, and whether case is ignored in it: a reference may ignore it alone."""

    def sequence(self, tree: Iterable[Node], ignore: bool, place: Place = Place()) -> Weak:  # noqa: B008
        """Nodes one behind the other; `ignore` says whether case is ignored there."""
        nodes = [(str(op), value) for op, value in tree]
        wide = [n for n, (op, _) in enumerate(nodes) if op not in _WIDTHLESS]
        if not wide:
            return Weak()
        before = self._beside(nodes[: wide[0]], -1, ignore) if place.first else None
        behind = self._beside(nodes[wide[-1] + 1 :], 1, ignore) if place.last else None
        first, last = place.first and before is None, place.last and behind is None
        parts = [
            self._node(
                *node,
                ignore,
                Place(
                    first and n == wide[0], last and n == wide[-1], place.final and n == wide[-1]
                ),
            )
            for n, node in enumerate(nodes)
        ]
        for n in range(wide[-1]) if place.final else ():
            # What must stand ahead may be the rarer part: it is asked for in place of the rest.
            if nodes[n][0] == "ASSERT" and nodes[n][1][0] > 0:
                ahead = self.sequence(nodes[n][1][1], ignore)
                if ahead.bits > sum(part.bits for part in parts[n:]):
                    parts = [*parts[:n], ahead._replace(cut=True)]
                    break
        if place.final and not any(part.cut for part in parts):
            ahead_of_end = (v[1] for op, v in nodes[wide[-1] + 1 :] if op == "ASSERT" and v[0] > 0)
            for node in ahead_of_end:  # nothing is behind it that would be missed
                ahead = self.sequence(node, ignore)
                if ahead.bits:
                    parts.append(ahead._replace(cut=True))
                    break
        cut = any(part.cut for part in parts)
        whole = [_edge(before, "^"), *parts, _edge(None if cut else behind, "$")]
        return Weak("".join(w.text for w in whole), sum(w.bits for w in whole), cut)

    def _node(self, op: str, value: Any, ignore: bool, place: Place) -> Weak:
        if op in _WIDTHLESS:
            return Weak()
        if op in _SINGLE:
            every = self._dots and op == "ANY"
            chars = self._read(_ALL if every else _chars(op, value, ignore), ignore)
            bits = math.log2(_PRINTABLE / min(len(chars), _PRINTABLE))
            if self._caseless:
                chars = frozenset(c | 32 if c in _LETTERS else c for c in chars)
            return Weak(_written(chars), bits)
        if op in {"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"}:
            return self._repeat(value, ignore)
        if op == "BRANCH":
            return _either([self.sequence(b, ignore, place) for b in value[1]])
        if op == "SUBPATTERN":
            number, added, removed, inner = value
            ignore = (ignore or bool(added & re.IGNORECASE)) and not removed & re.IGNORECASE
            if number is not None:  # what refers to it must not ask for its edges
                self._groups[number, ignore] = _grouped(self.sequence(inner, ignore))
                return _grouped(self.sequence(inner, ignore, Place(final=place.final)))
            return _grouped(self.sequence(inner, ignore, place))
        if op == "ATOMIC_GROUP":
            return _grouped(self.sequence(value, ignore, place))
        if op == "GROUPREF" and (value, ignore) in self._groups:
            return self._groups[value, ignore]  # what the group matched matches it again
        if op == "GROUPREF_EXISTS":
            return _either([self.sequence(part or (), ignore) for part in value[1:]])
        raise TooStrange(op)

    def _beside(self, nodes: Iterable[Node], direction: int, ignore: bool) -> Chars | None:
        """What the character before (-1) or behind (1) may be, for all that these nodes say."""
        allowed: Chars | None = None
        for op, value in nodes:
            if op != "ASSERT_NOT" or value[0] != direction or len(value[1]) != 1:
                continue
            kind, inner = value[1][0]
            if str(kind) == "LITERAL":
                kind, inner = "IN", [("LITERAL", inner)]
            if str(kind) != "IN":
                continue
            negated = str(inner[0][0]) == "NEGATE"
            others = inner[1:] if negated else [("NEGATE", None), *inner]
            chars = self._read(_chars("IN", others, ignore), ignore)
            allowed = chars if allowed is None else allowed & chars
        return allowed

    def _read(self, chars: Iterable[int], ignore: bool) -> Chars:
        """`chars`, and as what they may be read for the sake of another part."""
        found = frozenset(chars)
        return found | _FOLDED if self._mixed and not ignore and _LETTER in found else found

    def _repeat(self, value: Any, ignore: bool) -> Weak:
        least, most, inner = int(value[0]), value[1], value[2]
        weak, bits, _ = self.sequence(inner, ignore)
        if not weak:
            return Weak()
        single = len(inner) == 1 and str(inner[0][0]) in _SINGLE
        bound = COUNT_MAX if single else GROUP_COUNT_MAX
        group = weak if single else f"(?:{weak})"
        if most == self._parser.MAXREPEAT or int(most) > bound:
            least = min(least, bound)
            times = "*" if least == 0 else "+" if least == 1 else f"{{{least},}}"
        else:
            times = "?" if (least, most) == (0, 1) else f"{{{least},{int(most)}}}"
        return Weak(group + times, least * bits)


def _grouped(weak: Weak) -> Weak:
    return weak._replace(text=f"(?:{weak.text})")


def _edge(chars: Chars | None, end: str) -> Weak:
    """One of `chars`, or that end of the text."""
    if chars is None:
        return Weak()
    return Weak(f"(?:{end}|{_written(chars)})" if chars else end)


def _either(branches: list[Weak]) -> Weak:
    text = "|".join(weak.text for weak in branches)
    return Weak(f"(?:{text})", min(b.bits for b in branches), any(b.cut for b in branches))


def _chars(op: str, value: Any, ignore: bool) -> Iterable[int]:
    if op == "ANY":
        return (_ALL - _NEWLINE) | STAND_INS
    if op == "LITERAL":
        return _literal(value, ignore)
    if op == "NOT_LITERAL":
        return (_ALL - {value}) | STAND_INS
    negated, found = False, set[int]()
    for kind, item in value:
        kind = str(kind)
        if kind == "NEGATE":
            negated = True
        elif kind == "LITERAL":
            found |= _literal(item, ignore)
        elif kind == "RANGE":
            found |= _range(item[0], item[1], ignore)
        elif kind == "CATEGORY":
            found |= _CLASSES[str(item)]
        else:
            raise TooStrange(kind)
    if not negated:
        return frozenset(found)
    return _complement(value, ignore)


def _complement(value: Any, ignore: bool) -> Chars:
    """What a negated set may match: ASCII outside it, and the stand-ins of what it may leave."""
    inside: set[int] = set()
    left = set(STAND_INS)
    for kind, item in value:
        if str(kind) == "LITERAL":
            inside |= _cased({item}, ignore)
        elif str(kind) == "RANGE":
            inside |= _cased(range(item[0], min(item[1], 127) + 1), ignore)
        elif str(kind) == "CATEGORY":
            inside |= _CLASSES[str(item)]
            left -= _CLASSES[str(item)]  # a stand-in is of the class of what it stands for
    return frozenset((_ALL - inside) | left)


def _literal(code: int, ignore: bool) -> set[int]:
    if code < 128:
        return _cased({code}, ignore)
    found = {stand_in(chr(code)), FOLDS.get(chr(code), stand_in(chr(code)))}
    if ignore:
        other = {c for v in (chr(code).lower(), chr(code).upper()) for c in v}
        found |= {ord(c) if c.isascii() else stand_in(c) for c in other}
    return _cased(found, ignore)


def _range(first: int, last: int, ignore: bool) -> set[int]:
    found: set[int] = set()
    for code in range(first, min(last, 127) + 1):
        found |= _literal(code, ignore)
    if last > 127:
        beyond = range(max(first, 128), last + 1)
        if len(beyond) > _FEW:
            found |= STAND_INS
            found |= _cased({c for letter, c in FOLDS.items() if ord(letter) in beyond}, ignore)
        else:
            for code in beyond:
                found |= _literal(code, ignore)
    return found


def _cased(codes: Iterable[int], ignore: bool) -> set[int]:
    found = {c for c in codes if c < 128}
    if ignore:
        found |= {ord(chr(c).swapcase()) for c in found if c in _LETTERS}
    return found


@cache
def _written(chars: Chars) -> str:
    if not chars:
        raise TooStrange("a set of nothing")
    if len(chars) == 1:
        return _spelt(min(chars))
    return "[" + "".join(_spans(sorted(chars))) + "]"


def _spans(codes: list[int]) -> Iterator[str]:
    first = last = codes[0]
    for code in [*codes[1:], -1]:
        if code == last + 1:
            last = code
            continue
        yield _spelt(first) + ("-" + _spelt(last) if last > first else "")
        first = last = code


def _spelt(code: int) -> str:
    return chr(code) if code in _LETTERS or code in _DIGITS else rf"\x{code:02x}"
