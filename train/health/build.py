"""Writes the lexicon of health facts, `gatekeeper/detect/data/health.xz`, from the lists here.

    python train/health/build.py

The lists were written down from general knowledge of pharmacopoeias and clinical notes; they hold
names that nobody owns. Same lists, same bytes.
"""

from __future__ import annotations

import lzma
from pathlib import Path

HERE = Path(__file__).parent
OUT = HERE.parents[1] / "gatekeeper" / "detect" / "data" / "health.xz"


def words(name: str) -> list[str]:
    """The names of a list with a name a word; `|` stands for a blank inside a name."""
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    parts = " ".join(line for line in lines if not line.startswith("#")).split()
    return [part.replace("|", " ") for part in parts]


def phrases(name: str) -> list[str]:
    """The phrases of a list, between bars or line ends."""
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    joined = "|".join(line for line in lines if not line.startswith("#"))
    return [part.strip() for part in joined.split("|") if part.strip()]


def packed() -> bytes:
    """The compressed lexicon: sections of sorted names."""
    kitchen = set(words("kitchen.txt"))
    sections = {
        "medication": (set(words("generics.txt")) | set(words("brands.txt"))) - kitchen,
        "kitchen": kitchen,
        "doubtful": set(phrases("doubtful.txt")),
        "condition": set(phrases("conditions.txt")),
        "procedure": set(phrases("procedures.txt")),
    }
    text = "\n".join(
        line for name, found in sections.items() for line in (f"[{name}]", *sorted(found))
    )
    return lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME)


if __name__ == "__main__":
    OUT.write_bytes(packed())
