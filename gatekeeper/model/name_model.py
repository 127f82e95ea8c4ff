"""Which name model reads the texts, where it is not the bundled one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True, slots=True)
class NameModel:
    """A name model of the user's own, in place of the bundled one."""

    kind: Literal["spacy", "transformers", "gliner"]
    path: Path
    """Its folder, absolute."""
