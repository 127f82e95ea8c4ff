"""Whether some text makes a regular expression slow.

The texts are made of the pattern itself: what each repeated part matches, over and over, behind
what leads to it and before what lets it fail. A short text tells whether the long one is worth a
run; time is that of the process, so that a busy machine refuses nothing.
"""

from __future__ import annotations

import importlib
import math
import re
import time
import warnings
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any, NamedTuple

from gatekeeper.detect.lazy import lazy

BOUND_S = 0.1
"""For one pattern over `BOUND_CHARACTERS` of adversarial text; a slower one is refused."""
BOUND_CHARACTERS = 1 << 16
SHORT = 1 << 12
LONGEST_PATTERN = 16_384
INVALID = "not a valid regular expression"
FLAGS = re.IGNORECASE | re.MULTILINE
_RATIO = (BOUND_CHARACTERS // SHORT) ** 2
_RUNS = 3
UNBOUNDED = (1 << 32) - 1
"""What the parser says of a repeat without an end (its MAXREPEAT)."""
_POOL = 24
_MANY = 8
"""Repeats from which a part is pumped."""
_UNITS = ("a", "1", " ", "\n", "a.", "a ", "1 ", "1-", "aA1", "a@", "a/", "()", "ab1-_.")
_STRANGE = "\x00~"

_TRANSLATED = (
    (lazy(r"\\p\{\^?\w*\}|\\p[LN]"), r"\\w"),
    (lazy(r"\\P\{\w*\}|\\P[LN]"), r"\\W"),
    (lazy(r"\[\[:\^?\w+:\]\]"), r"[\\w]"),
    (lazy(r"\\h"), r"\\s"),
    (lazy(r"\\[mM]"), r"\\b"),
    (lazy(r"\(\?<(?=[A-Za-z_])"), "(?P<"),
    (lazy(r"\(\?[aimsuxfwV01]+\)"), ""),
    (lazy(r"\(\?([aimsux]*)[fwV01]+(?=[:-])"), r"(?\1"),
)
"""What the `regex` package writes otherwise than the standard library, which parses it here."""
_CATEGORIES = {
    "CATEGORY_DIGIT": "1",
    "CATEGORY_NOT_DIGIT": "a",
    "CATEGORY_SPACE": " ",
    "CATEGORY_NOT_SPACE": "a",
    "CATEGORY_WORD": "a",
    "CATEGORY_NOT_WORD": "-",
}


def bound_problem(pattern: str) -> str:
    """Why `pattern` cannot be used, or an empty string: it compiles, and no text makes it slow."""
    if len(pattern) > LONGEST_PATTERN:
        return f"longer than {LONGEST_PATTERN} characters"
    compiled = compiled_or_none(pattern)
    if compiled is None:
        return INVALID
    if compiled.search("") is not None:
        return "matches the empty text"
    tree = _parsed(pattern)
    if tree is None:
        return "of a form that cannot be tested for its time; use that of Python's re"
    far = _reach(tree) > SHORT // 4
    for unit, head, tail in _Attack(tree).texts():
        if not _bounded(compiled, _Text(unit, head, tail), far):
            return f"takes more than {BOUND_S * 1000:.0f} ms for 64 KiB; make it simpler"
    return ""


def compiled_or_none(pattern: str) -> Any:
    """`pattern` as the recognizers compile it; None where it is no regular expression."""
    import regex

    compiled = None
    try:
        compiled = regex.compile(pattern, FLAGS)
    except (regex.error, RecursionError, OverflowError, ValueError):
        compiled = None
    return compiled


class _Text(NamedTuple):
    """A unit to be repeated, what stands before and what behind."""

    unit: str
    head: str
    tail: str

    def of(self, size: int) -> str:
        """`size` characters of it."""
        size = max(0, size - len(self.head) - len(self.tail))
        repeated = self.unit * (size // len(self.unit) + 1)
        return self.head + repeated[:size] + self.tail


def _bounded(compiled: Any, text: _Text, far: bool) -> bool:
    if not far:
        took = _time(compiled, text.of(SHORT), BOUND_S / _RATIO)
        if took <= BOUND_S / _RATIO:
            return True  # were it quadratic, the long text would still be in time
        if took > BOUND_S:
            return False
    return _time(compiled, text.of(BOUND_CHARACTERS), BOUND_S) <= BOUND_S


def _time(compiled: Any, text: str, enough_s: float) -> float:
    """Seconds of the best of some runs; one within `enough_s` is the last."""
    best = math.inf
    for _ in range(_RUNS):
        began = time.process_time()
        try:
            for _ in compiled.finditer(text, timeout=2 * BOUND_S):
                pass
        except TimeoutError:
            if len(text) <= SHORT:
                break  # so far over the bound that no second run is needed
            continue
        best = min(best, time.process_time() - began)
        if best <= enough_s:
            break
    return best


def _reach(items: Any) -> int:
    """Characters that the bounded repeats of `items` may run over."""
    total = 0
    for op, argument in items:
        name = str(op)
        if name.endswith("_REPEAT"):
            high = int(argument[1])
            total += (high if high < UNBOUNDED else 1) * _reach(argument[2])
        elif name == "BRANCH":
            total += max(_reach(branch) for branch in argument[1])
        elif name == "SUBPATTERN":
            total += _reach(argument[3])
        elif name in {"ASSERT", "ASSERT_NOT"}:
            total += _reach(argument[1])
        elif name == "ATOMIC_GROUP":
            total += _reach(argument)
        else:
            total += 1
    return total


def _parsed(pattern: str) -> Any:
    """The pattern as the standard library reads it; None where it cannot."""
    parser: Any = importlib.import_module("re._parser")
    for before, after in _TRANSLATED:
        pattern = before.sub(after, pattern)
    tree = None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = parser.parse(pattern, int(FLAGS))
    except (re.error, RecursionError, OverflowError, ValueError):
        tree = None
    return tree


class _Attack:
    """The texts made of one parsed pattern."""

    def __init__(self, tree: Any) -> None:
        self._pool: dict[str, None] = {}
        self._pumps: dict[tuple[str, str], None] = {}
        self._sample = self._walk(tree, "", 0)

    def texts(self) -> Iterator[tuple[str, str, str]]:
        """A unit to be repeated, what stands before and what behind."""
        characters = "".join(self._pool)[:200]
        almost = self._sample[-400:-1]
        tails = ("!" + characters, _STRANGE + almost, _STRANGE + self._sample[-400:])
        pool = list(self._pool)[:_POOL]
        whole = self._sample[:200]
        units = dict.fromkeys(u for u in (*_UNITS, *pool, whole, whole[:-1], *self._mixed()) if u)
        for unit in units:
            for tail in tails:
                yield unit, "", tail
        for head, pump in list(self._pumps)[:48]:
            for tail in tails:
                yield pump, head[-400:], tail
            yield head[-200:] + pump, "", tails[0]

    def _mixed(self) -> Iterable[str]:
        """What is repeated, one after the other."""
        pumps = list(dict.fromkeys(pump for _, pump in self._pumps))[:12]
        yield "".join(pumps)[:200]
        for one, other in pairwise(pumps):
            yield (one + other)[:200]

    def _walk(self, items: Any, head: str, depth: int) -> str:
        """A text that `items` match; what is repeated in them is kept, with what led to it."""
        out = ""
        for op, argument in items:
            out += self._item(str(op), argument, (head + out)[-400:], depth)
        return out[-1000:]

    def _item(self, op: str, argument: Any, head: str, depth: int) -> str:
        if op == "LITERAL":
            return self._kept(chr(argument))
        if op == "NOT_LITERAL":
            return self._kept("b" if chr(argument).lower() == "a" else "a")
        if op == "ANY":
            return self._kept("z")
        if op == "IN":
            return self._class(argument)
        if op == "BRANCH":
            return self._branch(argument[1], head, depth)
        if op == "SUBPATTERN":
            return self._walk(argument[3], head, depth)
        if op == "ATOMIC_GROUP":
            return self._walk(argument, head, depth)
        if op in {"ASSERT", "ASSERT_NOT"}:
            self._walk(argument[1], head, depth)
            return ""
        if op.endswith("_REPEAT"):
            return self._repeat(argument, head, depth)
        if op == "GROUPREF_EXISTS":
            return self._walk(argument[1], head, depth)
        return "a" if op == "GROUPREF" else ""

    def _branch(self, branches: Any, head: str, depth: int) -> str:
        samples = [self._walk(branch, head, depth) for branch in branches[:64]]
        if depth:
            for sample in samples[:8]:
                if sample:
                    self._pumps.setdefault((head, sample))
        return samples[0]

    def _repeat(self, argument: Any, head: str, depth: int) -> str:
        low, high, body = int(argument[0]), int(argument[1]), argument[2]
        many = high >= _MANY
        sample = self._walk(body, head, depth + many)
        if many and sample:
            self._pumps.setdefault((head, sample))
            if len(sample) > 1:
                self._pumps.setdefault((head, sample[:1]))
        return (sample * min(max(low, 1), 40))[:400]

    def _class(self, members: Any) -> str:
        found: list[str] = []
        negated = False
        for op, argument in members:
            name = str(op)
            if name == "NEGATE":
                negated = True
            elif name == "LITERAL":
                found.append(chr(argument))
            elif name == "RANGE":
                found += [chr(argument[0]), chr(argument[1])]
            elif name == "CATEGORY":
                found.append(_CATEGORIES.get(str(argument), "a"))
        for character in found:
            self._kept(character)
        if not negated:
            return found[0] if found else "a"
        lower = {c.lower() for c in found}
        return self._kept(next((c for c in "za1 -.,;" if c not in lower), "\u00e9"))

    def _kept(self, character: str) -> str:
        self._pool.setdefault(character)
        return character
