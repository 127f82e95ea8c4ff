"""The shapes that rows of training data come in, told by their keys."""

from __future__ import annotations

import enum
from collections.abc import Collection


class Shape(enum.Enum):
    """A row's shape: who reads it, and so how it is trained on."""

    CHAT = "messages"
    COMPLETION = "prompt/completion"
    HOSTED_PREFERENCE = "input/preferred_output/non_preferred_output"
    PREFERENCE = "prompt/chosen/rejected"
    ALPACA = "instruction/output"
    SHAREGPT = "conversations"
    TEXT = "text"


_KEYS: tuple[tuple[Shape, frozenset[str]], ...] = (
    (Shape.CHAT, frozenset({"messages"})),
    (Shape.HOSTED_PREFERENCE, frozenset({"input", "preferred_output", "non_preferred_output"})),
    (Shape.PREFERENCE, frozenset({"chosen", "rejected"})),
    (Shape.COMPLETION, frozenset({"prompt", "completion"})),
    (Shape.SHAREGPT, frozenset({"conversations"})),
    (Shape.ALPACA, frozenset({"instruction", "output"})),
    (Shape.TEXT, frozenset({"text"})),
)

HOSTED = frozenset({Shape.CHAT, Shape.COMPLETION, Shape.HOSTED_PREFERENCE})
"""What the fine-tuning service takes."""


def shape_of(keys: Collection[str]) -> Shape | None:
    """The shape of a row with these keys; None where it has none that is known."""
    return next((shape for shape, needed in _KEYS if needed <= set(keys)), None)
