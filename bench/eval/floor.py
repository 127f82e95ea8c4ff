"""The regression floor: recall of each entity at `likely` over part of the in-repo gold set.

    python -m bench.eval.floor            what is found now, and the floor
    python -m bench.eval.floor --write    make it the floor

Names, places and organisations get some room: a better model may trade one sort for another.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import yaml

from bench.eval import gold_set
from bench.eval.scoring import score
from bench.eval.systems import gatekeeper

FILE = Path(__file__).parent / "floor.yaml"
DOCUMENTS = 900
ROOM = {"PERSON": 4.0, "LOCATION": 6.0, "ORGANIZATION": 6.0}
"""Points of recall below today's that are still no regression."""


def recalls(documents: int = DOCUMENTS) -> dict[str, float]:
    """Recall at `likely`, overlap with an answering entity, in percent, by entity."""
    system = gatekeeper()
    likely = next(p for p in system.points if p.name == "likely")
    gold = gold_set.documents(documents)
    result = score(gold, [likely.of(p) for p in system.predict(gold)])
    return {
        label: round(100 * one.gold_overlap / one.gold, 1)
        for label, one in sorted(result.labels.items())
        if one.gold
    }


def floor() -> dict[str, float]:
    """The committed floor."""
    loaded: dict[str, float] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return loaded


def main() -> None:
    """Show, or write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    now, committed = recalls(), floor() if FILE.exists() else {}
    for label, recall in now.items():
        print(f"{label:28} {recall:6.1f}  floor {committed.get(label, 0.0):6.1f}")
    if options.write:
        lines = (f"{k}: {max(0.0, round(v - ROOM.get(k, 0.0), 1))}" for k, v in now.items())
        head = (
            "# Recall at `likely` in percent that no entity may fall below: bench/eval/floor.py\n"
        )
        FILE.write_text(head + "\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
