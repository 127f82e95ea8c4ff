"""Build the word lists of `gatekeeper/detect/ner/gate.py`: what names nobody, and what does.

    python train/ner/gate_words.py --corpora ../shared/corpora --out gatekeeper/detect/data/gate.xz

`harmless` words stand often in the training splits and next to never in a name; `named` ones stand
mostly in names, so that they count in lower case too. No randomness.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

from data import LABELS
from lexicon import pack

from gatekeeper.detect.lexicon import lexicon

SEEN, SEEN_IF_NAME = 2, 20
"""Uses outside every name from which a word is harmless; of a word that is a name, too."""
IN_NAMES, IN_NAMES_IF_NAME = 0.02, 0.005
"""The share of its uses in names that a harmless word may have."""
ALWAYS_SEEN = 5000
"""Uses from which a word is harmless whatever it stands in ("The")."""
NAMED_SEEN, NAMED_LOWER = 2, 0.2
"""Uses in names, and the lower-case uses outside them for one use inside."""
_WORD = re.compile(r"[^\W\d_]+")


def build(folder: Path) -> dict[str, list[str]]:
    """The sections of the list, sorted."""
    outside: Counter[str] = Counter()
    inside: Counter[str] = Counter()
    lower: Counter[str] = Counter()
    for path in sorted(folder.glob("*.jsonl.gz")):
        if path.name.startswith("synthetic"):
            continue
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for record in map(json.loads, lines):
                if record["split"] == "train":
                    _count(record, outside, inside, lower)
    known = lexicon().known
    harmless = {
        word
        for word, count in outside.items()
        if lower[word]
        and (
            count >= ALWAYS_SEEN
            or (count >= SEEN_IF_NAME and inside[word] <= count * IN_NAMES_IF_NAME)
            or (count >= SEEN and inside[word] <= count * IN_NAMES and not known(word))
        )
    }
    named = {
        word
        for word, count in inside.items()
        if count >= NAMED_SEEN and lower[word] <= NAMED_LOWER * count and len(word) > 2
    }
    return {"harmless": sorted(harmless), "named": sorted(named)}


def _count(
    record: dict[str, Any], outside: Counter[str], inside: Counter[str], lower: Counter[str]
) -> None:
    text, last = record["text"], 0
    for span in sorted(record["spans"], key=lambda s: s["start"]):
        if span["label"] not in LABELS:
            continue
        between = _WORD.findall(text, last, span["start"])
        outside.update(w.lower() for w in between)
        lower.update(w for w in between if w.islower())
        last = span["end"]
        for word in _WORD.findall(text, span["start"], last):
            if span["label"] == "PERSON" or word[0].isupper() or span["text"].islower():
                inside[word.lower()] += 1
    between = _WORD.findall(text, last)
    outside.update(w.lower() for w in between)
    lower.update(w for w in between if w.islower())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpora", type=Path, default=Path("../shared/corpora"))
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    sections = build(options.corpora)
    options.out.write_bytes(pack(sections))
    sizes = ", ".join(f"{len(words)} {name}" for name, words in sections.items())
    print(f"{sizes}; {options.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
