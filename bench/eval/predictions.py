"""Predictions: of a system in this process, or from a file of finding lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.eval.gold import Document, rows

TIERS = {"possible": 0, "likely": 1, "certain": 2}


@dataclass(frozen=True, slots=True)
class Prediction:
    """A predicted span. `tier` 0 is possible, 1 likely, 2 certain."""

    start: int
    end: int
    entity: str
    score: float = 1.0
    tier: int = 2


@dataclass(frozen=True, slots=True)
class Point:
    """An operating point of a system: which of its predictions count."""

    name: str
    least_tier: int = 0
    least_score: float = 0.0

    def of(self, predictions: Sequence[Prediction]) -> list[Prediction]:
        """The predictions that count at this point."""
        return [p for p in predictions if p.tier >= self.least_tier and p.score >= self.least_score]


def read_predictions(path: Path, documents: Sequence[Document]) -> list[list[Prediction]]:
    """The predictions in `path`, by document.

    A line is `{"source", "record" or "doc", "start", "end", "entity"[, "confidence"][, "score"]}`:
    a finding line of `gatekeeper scan --format jsonl` over the gold file will do. `record` counts
    the lines of the gold file from 0; `doc` is a `doc_id`. Findings outside the text of a record
    (another `pointer`) are left out. Raises ValueError for a document that the gold has not.
    """
    places: dict[object, int] = {d.doc_id: n for n, d in enumerate(documents)}
    records: dict[object, int] = {d.index: n for n, d in enumerate(documents)}
    found: dict[int, list[Prediction]] = defaultdict(list)
    for n, row in enumerate(rows(path), 1):
        if row.get("pointer", "/text") not in {"/text", ""}:
            continue
        at = places.get(row["doc"]) if "doc" in row else records.get(row["record"])
        if at is None:
            raise ValueError(f"{path.name}: line {n}: no such document in the gold")
        tier = TIERS[row.get("confidence", "certain")]
        found[at].append(
            Prediction(row["start"], row["end"], row["entity"], row.get("score", 1.0), tier)
        )
    return [found[n] for n in range(len(documents))]
