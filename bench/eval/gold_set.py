"""The in-repo gold set: documents of six registers, made from a seed, every entity planted.

Each document strings carriers of one register together, with clean sentences between; one in six
is clean throughout. Offsets are exact by construction, and every entity of the catalogue was looked
for in the carriers, so that whatever else is found is a false alarm.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import yaml

from bench.eval.gold import EVERY, Document, Span
from bench.eval.values import Values


class Drawn(Protocol):
    """Who draws the values of slots."""

    def before(self, slot: str, variant: str) -> str:
        """What stands before a value without belonging to it."""

    def value(self, slot: str, variant: str) -> str:
        """A value of `slot`."""


REGISTERS = ("clinical", "legal", "hr", "support", "code", "finance")
DOCUMENTS, SEED = 900, 20261125
CORPUS = "in-repo"
TRULY = {"stamp": "DATE_TIME"}
"""Slots that draw something that is truly there, though it is nobody's."""
_MARK = re.compile(r"\{\{(\w+?)(?:\.(\w+))?\}\}|\[\[(\w+):([^\]]+)\]\]")


@cache
def register(name: str) -> dict[str, Any]:
    """The carriers and clean sentences of one register."""
    path = Path(__file__).parent / "carriers" / f"{name}.yaml"
    loaded: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return loaded


def planted() -> frozenset[str]:
    """The entities that some carrier plants."""
    return frozenset(
        slot or literal
        for name in REGISTERS
        for carrier in register(name)["carriers"]
        for slot, _, literal, _ in _MARK.findall(carrier)
        if (slot or literal).isupper()
    )


def documents(count: int = DOCUMENTS, seed: int = SEED) -> list[Document]:
    """`count` documents; the first ones of a larger set are those of a smaller one."""
    return list(_documents(count, seed))


def _documents(count: int, seed: int) -> Iterator[Document]:
    values = Values(f"gold {seed}")
    piles: dict[str, list[str]] = {name: [] for name in REGISTERS}
    for n in range(count):
        name = REGISTERS[n % len(REGISTERS)]
        parts = register(name)
        clean = n // len(REGISTERS) % 6 == 5
        lines = []
        for _ in range(values.number(3, 6)):
            if clean or values.random.random() < 0.3:
                lines.append(values.some(parts["clean"]))
            else:
                lines.append(_next(piles[name], parts["carriers"], values))
        text, spans = filled(parts["join"].join(lines), values)
        yield Document(CORPUS, f"{name}-{n:04d}", n, text, spans, frozenset({EVERY}))


def _next(pile: list[str], carriers: list[str], values: Values) -> str:
    """Every carrier in turn, in an order of its own each round."""
    if not pile:
        pile += values.random.sample(carriers, len(carriers))
    return pile.pop()


def filled(template: str, values: Drawn) -> tuple[str, tuple[Span, ...]]:
    """`template` with its slots drawn, and where what it marks stands."""
    parts: list[str] = []
    spans: list[Span] = []
    length = end = 0
    for match in _MARK.finditer(template):
        slot, variant, literal, words = match.groups()
        head = template[end : match.start()]
        end = match.end()
        if slot is not None:
            head += values.before(slot, variant or "")
            words = values.value(slot, variant or "")
        start = length + len(head)
        length = start + len(words)
        parts += [head, words]
        label = TRULY.get(slot or literal, slot or literal)
        if label.isupper():
            spans.append(Span(start, length, label))
    parts.append(template[end:])
    return "".join(parts), tuple(spans)
