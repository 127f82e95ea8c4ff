"""How a recognizer is written down: patterns, what the value must pass, words that speak for it.

These are plain values: `gatekeeper.detect.analyzer` runs them, and `gatekeeper.detect.presidio`
makes Presidio recognizers of them. Patterns are in the syntax of the `regex` package. A group named
`value` is what is found, else the whole match.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

Find = Callable[[str], Iterable[tuple[int, int, float]]]
"""text → (start, end, score) of what is found; for what is no regular language."""

Check = Callable[[str, int, int, float], float]
"""(text, start, end, score of the pattern) → the score to give; 0 rejects the match."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression and the score of what it matches.

    Every match has one of `needs`, letter for letter: a text with none of them is not searched.
    """

    name: str
    regex: str
    score: float
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recognizer:
    """What finds one entity.

    `context` are lower-case words that raise the score when near. `needs` are case-folded strings
    of which a text must hold one, or no pattern is tried: it saves the pass over other texts.
    `triggers` are patterns of which one matches wherever `find` finds something; it is asked about
    every text where there are none. `may` says more of a text in which one matches: whether `find`
    finds something in it, or in a part of it between ends of lines.
    """

    name: str
    entity: str
    patterns: tuple[Pattern, ...]
    context: tuple[str, ...] = ()
    check: Check | None = None
    ignore_case: bool = True
    needs: tuple[str, ...] = ()
    find: Find | None = None
    triggers: tuple[tuple[str, bool], ...] = ()
    may: Callable[[str], bool] | None = None


# --- building patterns ---------------------------------------------------------------------------

NOUN = r"(?:[ \t_-]{0,2}(?:numbers?|nummer|num[ée]ro|n[úu]mero|n[°º]|nos?\b\.?|num\b\.?|nr\b\.?|nbr\b\.?|ids?\b|identifiers?|codes?|\#)){0,2}"
"""`number`, `No.`, `ID`, `#` after a label."""

SEPARATOR = (
    r"""["'`*_)\]>]{0,4}[ \t]{0,4}(?:[:=#|]{1,2}>?|->|\bis\b|\bwas\b|\bof\b|[-–—](?=\s))?"""
    r"""\s{0,4}["'`*_(\[]{0,4}\s{0,2}"""
)
"""What stands between a label and its value: a colon, quotes, emphasis, a table's bar."""

APART = r"(?:(?<![^\W\d_])|(?![^\W\d_]))"
"""No letter right behind a letter: `facebook/opt-125m` is no face `book/opt-125m`."""

START, END = r"(?<![^\W_])", r"(?![^\W_])"
"""Edges of a token: an underscore is an edge, for keys are written so."""

CODE = r"(?=[A-Z0-9/.-]{0,24}\d{3})[A-Z0-9][A-Z0-9/.-]{2,22}[A-Z0-9]"
"""A number somebody gave: four to 24 characters, three digits in a row among them."""


def labelled(labels: str, value: str = CODE, *, noun: str = NOUN) -> str:
    """`value` behind one of `labels`, as prose, forms, tables, JSON and code write it."""
    return rf"{START}(?:{labels}){noun}{SEPARATOR}{APART}(?P<value>{value}){END}"


def one(name: str, entity: str, regex: str, score: float, *context: str, check: Check | None = None,
        ignore_case: bool = True, needs: tuple[str, ...] = ()) -> Recognizer:  # fmt: skip
    """A recognizer of a single pattern."""
    patterns = (Pattern(name, regex, score),)
    return Recognizer(name, entity, patterns, context, check, ignore_case, needs)


def digits_of(text: str, start: int, end: int) -> str:
    """The decimal digits of `text[start:end]`, in ASCII."""
    return "".join(str(int(c)) for c in text[start:end] if c.isdecimal())


_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
"""The sum of the digits of twice each digit."""


def luhn(digits: str) -> bool:
    """Whether `digits` pass the Luhn check (ISO/IEC 7812-1, annex B)."""
    values = tuple(map(int, reversed(digits)))
    return (sum(values[::2]) + sum(_DOUBLED[d] for d in values[1::2])) % 10 == 0


def before(text: str, start: int, length: int = 24) -> str:
    """The last `length` characters before `start`, in lower case."""
    return text[max(0, start - length) : start].lower()


def dull(value: str) -> bool:
    """Whether `value` is a filler: one character over and over, or digits in a row."""
    core = "".join(c for c in value.lower() if c.isalnum())
    return len(set(core)) <= 1 or core in "01234567890123456789" or set(core) <= {"x", "n"}


def not_dull(text: str, start: int, end: int, score: float) -> float:
    """Rejects fillers."""
    return 0.0 if dull(text[start:end]) else score
