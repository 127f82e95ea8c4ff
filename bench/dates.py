"""Dates in real text: characters leaked and precision at each tier, on the corpora that mark them.

    python bench/dates.py --corpora ../shared/corpora [--split train]

"dated" are the gold spans with a day or a month in them; the others are bare years, durations,
clock times and words such as "today", which Safe Harbor allows or policies treat apart. A finding
is right where it overlaps a gold span of any kind.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
from pathlib import Path
from typing import Any

from gatekeeper.detect import load_detector
from gatekeeper.model import Confidence, Record, Text

CORPORA = ("synthetic_templates", "sgd", "tab_train_part")
ENTITIES = frozenset({"DATE_TIME", "DATE_OF_BIRTH", "CARE_DATE"})
_DATED = re.compile(
    r"\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)|\d[-/.]\d+[-/.]\d|\d(?:st|nd|rd|th)\b",
    re.IGNORECASE,
)


def is_dated(value: str) -> bool:
    """Whether `value` has a day or a month: centuries have ordinals too."""
    return bool(_DATED.search(value)) and "centur" not in value.lower()


def measure(rows: list[dict[str, Any]], found: list[Any], tier: Confidence) -> dict[str, int]:
    """Characters and leaked characters of all and of dated gold spans; findings right and wrong."""
    total = dict.fromkeys(("all", "all_leaked", "dated", "dated_leaked", "right", "wrong"), 0)
    for row, (_, findings) in zip(rows, found, strict=True):
        gold = [s for s in row["spans"] if s["label"] == "DATE_TIME"]
        mine = [f for f in findings if f.entity in ENTITIES and f.confidence >= tier]
        covered = {i for f in mine for i in range(f.start, f.end)}
        for span in gold:
            places = [i for i in range(span["start"], span["end"]) if not row["text"][i].isspace()]
            leaked = sum(i not in covered for i in places)
            for kind in ("all", *(["dated"] if is_dated(span["text"]) else [])):
                total[kind] += len(places)
                total[f"{kind}_leaked"] += leaked
        for f in mine:
            hit = any(f.start < s["end"] and s["start"] < f.end for s in gold)
            total["right" if hit else "wrong"] += 1
    return total


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--corpora", type=Path, default=Path("../shared/corpora"))
    parser.add_argument("--split", default="dev", choices=("dev", "train"))
    parser.add_argument("--most", type=int, default=1000, help="records of a corpus")
    options = parser.parse_args()
    detector = load_detector(entities=sorted(ENTITIES))
    print("| corpus | tier | leaked, dated | leaked, all | precision |\n|---|---|---|---|---|")
    for name in CORPORA:
        with gzip.open(options.corpora / f"{name}.jsonl.gz", "rt") as lines:
            rows = [r for r in map(json.loads, lines) if r["split"] == options.split]
        rows = rows[: options.most]
        records = [Record(name, n, (Text("/t", r["text"]),), 0) for n, r in enumerate(rows)]
        found = list(detector.detect(records))
        for tier in (Confidence.LIKELY, Confidence.POSSIBLE):
            t = measure(rows, found, tier)
            dated = 100 * t["dated_leaked"] / max(1, t["dated"])
            every = 100 * t["all_leaked"] / max(1, t["all"])
            right = t["right"] / max(1, t["right"] + t["wrong"])
            print(f"| {name} | {tier.word} | {dated:.2f} % of {t['dated']} | {every:.2f} % | "
                  f"{right:.3f} of {t['right'] + t['wrong']} |", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
