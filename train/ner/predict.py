"""What a model folder says of texts: words with their label probabilities, and spans at a cut.

The decoding of the recipe's own scores. A word is an entity from P(any entity) >= cut on; its label
is the likeliest. The package decodes by the same rule and adds to it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data import LABELS

from gatekeeper.detect.ner.gate import worth_reading
from gatekeeper.detect.ner.tagger import load_tagger

NEAR = 0.5
"""Where the fast branch comes this near to a decision, in log-odds, the exact one is asked."""
_LEAST = 1e-6


def _log_odds(odds: float) -> float:
    return math.log((odds + _LEAST) / (1.0 - odds + _LEAST))


@dataclass(frozen=True, slots=True)
class Word:
    """A word's place in the text, and P(O), P(PERSON), P(LOCATION), P(ORGANIZATION)."""

    start: int
    end: int
    begins: float
    outside: float
    labels: tuple[float, ...]

    @property
    def entity(self) -> float:
        """P(any entity)."""
        return 1.0 - self.outside

    @property
    def label(self) -> str:
        """The likeliest entity label."""
        return LABELS[max(range(len(LABELS)), key=self.labels.__getitem__)]


class Model:
    """A model folder as the package reads it, without gate and exit."""

    def __init__(self, folder: Path, *, exact: bool | None = None) -> None:
        """Multiply exactly always, never, or (None) near decisions, as the package does."""
        self._tagger = load_tagger(folder)
        self._cuts = tuple(json.loads((folder / "config.json").read_text())["cuts"].values())
        self._exact = exact
        self.windows = self.repeated = 0

    def words(self, text: str) -> list[Word]:
        """The words of a text."""
        reading = self._tagger.read(text, worth_reading(text, everything=True), everything=True)
        self.windows += len(reading.windows)
        if self._tagger.exact and self._exact is not False:
            unsure = range(len(reading.words)) if self._exact else self._close(reading.rows)
            if unsure:
                self._tagger.read_exactly(reading, unsure)
                self.repeated += len(
                    {max(w.row for w in reading.windows if w.row <= n) for n in unsure}
                )
        return [
            Word(start, end, float(row[1::2].sum()), float(row[0]),
                 tuple(float(row[n] + row[n + 1]) for n in (1, 3, 5)))
            for (start, end), row in zip(reading.words, reading.rows, strict=True)
        ]  # fmt: skip

    def _close(self, rows: Sequence[Any]) -> list[int]:
        """Words near a cut, another label, or B against I: `NEAR` in log-odds."""
        close: list[int] = []
        least, before = min(self._cuts) / 2, 0.0
        for n, row in enumerate(rows):
            entity = 1.0 - row[0]
            near = any(abs(_log_odds(entity) - _log_odds(cut)) < NEAR for cut in self._cuts)
            if entity >= least:
                best, second = sorted((row[b] + row[b + 1] for b in (1, 3, 5)), reverse=True)[:2]
                near |= math.log((best + _LEAST) / (second + _LEAST)) < NEAR
                near |= before >= least and abs(_log_odds(row[1::2].sum() / entity)) < NEAR
            if near:
                close.append(n)
            before = entity
        return close


Found = tuple[int, int, str]


def spans(words: Iterable[Word], cut: float) -> list[Found]:
    """Maximal runs of entity words of one label; a likely beginning starts a new one."""
    found: list[Found] = []
    last: Word | None = None
    for word in words:
        if word.entity >= cut:
            label = word.label
            joins = last is not None and found[-1][2] == label and word.begins < word.entity / 2
            if joins:
                found[-1] = (found[-1][0], word.end, label)
            else:
                found.append((word.start, word.end, label))
            last = word
        else:
            last = None
    return found
