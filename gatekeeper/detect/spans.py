"""What goes to the analyzer and what comes back: a text with its context, and spans in it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, repr=False)
class View:
    """A text to analyze, and lower-case words that stand around it (its key, its role)."""

    text: str
    context: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"View({len(self.text)} characters)"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """What was found, between two code points of a text."""

    start: int
    end: int
    entity: str
    score: float
    recognizer: str
