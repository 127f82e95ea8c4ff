"""A span in its text and what stands around it, as a veto sees them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from gatekeeper.detect.spans import Span

BEFORE, AFTER = 64, 32
"""Characters that a veto sees on either side."""


@dataclass(frozen=True, slots=True)
class Place:
    """A span in its text, and what stands around it, lower-case."""

    text: str
    span: Span
    before: str
    value: str
    after: str

    @classmethod
    def of(cls, text: str, span: Span) -> Place:
        """The place of `span` in `text`."""
        return cls(
            text,
            span,
            text[max(0, span.start - BEFORE) : span.start].lower(),
            text[span.start : span.end].lower(),
            text[span.end : span.end + AFTER].lower(),
        )

    @property
    def raw(self) -> str:
        """The value in its own case."""
        return self.text[self.span.start : self.span.end]

    @property
    def digits(self) -> str:
        """The decimal digits of the value."""
        return "".join(c for c in self.value if c.isdecimal())


@dataclass(frozen=True, slots=True)
class Veto:
    """Takes spans of `entities` away where `speaks` holds, or leaves them the score `leaves`."""

    name: str
    entities: frozenset[str]
    speaks: Callable[[Place], bool]
    over_certain: bool = field(default=False)
    leaves: float = field(default=0.0)
