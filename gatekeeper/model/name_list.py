"""Where a list of names is kept that is known by keyed hashes alone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class NameList:
    """A list of customers or code names, and its key; both paths are absolute."""

    file: Path
    key: Path | None = None
    """None for the key in the user's gatekeeper home."""
