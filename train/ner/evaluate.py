"""Score a pipeline: exact F1 and leaked characters per corpus, clean chat flagged, words a second.

    python evaluate.py MODEL --corpora ../../../shared/corpora

A leaked character is one of a gold span that no predicted span covers, whatever its label: a
hospital found as a place is not leaked. `--split dev` only; the reserved sets are not read here.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import clean_chat
from data import LABELS, Sample, load


@dataclass
class Score:
    """Counts of one label in one corpus."""

    gold: int = 0
    found: int = 0
    right: int = 0
    chars: int = 0
    leaked: int = 0
    leaked_likely: int = 0
    tiers: Counter[str] = field(default_factory=Counter)

    def row(self) -> dict[str, float | int]:
        """F1 and leak in percent; the leak at `likely` counts only spans of that tier or above."""
        return {
            "spans": self.gold,
            "precision": _percent(self.right, self.found),
            "recall": _percent(self.right, self.gold),
            "f1": _percent(2 * self.right, self.gold + self.found),
            "leaked": _percent(self.leaked, self.chars),
            "leaked_at_likely": _percent(self.leaked_likely, self.chars),
        }


def _percent(part: int, whole: int) -> float:
    return round(100 * part / whole, 1) if whole else 0.0


def tier(label: str, text: str, start: int, end: int) -> str:
    """The tier the package gives a span the pipeline proposed."""
    from gatekeeper.detect.names import entity_confidence, person_confidence

    if label == "PERSON":
        return person_confidence(text, start, end)
    return entity_confidence(label, text, start, end)


def score(nlp: Any, samples: list[Sample]) -> dict[str, Score]:
    """Scores by label."""
    scores = {label: Score() for label in LABELS}
    docs = nlp.pipe([s.text for s in samples], batch_size=64)
    for sample, doc in zip(samples, docs, strict=True):
        found = {(e.start_char, e.end_char, e.label_) for e in doc.ents}
        covered = {i for a, b, _ in found for i in range(a, b)}
        tiers = {e: tier(e[2], sample.text, e[0], e[1]) for e in found}
        likely = {i for (a, b, _), t in tiers.items() if t != "possible" for i in range(a, b)}
        gold = {(s.start, s.end, s.label) for s in sample.spans}
        for label in LABELS:
            mine = {g for g in gold if g[2] == label}
            theirs = {f for f in found if f[2] == label}
            one = scores[label]
            one.gold += len(mine)
            one.found += len(theirs)
            one.right += len(mine & theirs)
            places = {i for a, b, _ in mine for i in range(a, b) if not sample.text[i].isspace()}
            one.chars += len(places)
            one.leaked += len(places - covered)
            one.leaked_likely += len(places - likely)
            for f in theirs:
                one.tiers[tiers[f] + (" right" if f in mine else " wrong")] += 1
    return scores


def clean_flags(nlp: Any, part: clean_chat.Part, rows: int, seed: int) -> dict[str, Any]:
    """How many clean chats of a part hold an entity, at any tier and at `likely`."""
    flagged: Counter[str] = Counter()
    surfaces: Counter[str] = Counter()
    chats = clean_chat.rows(part, rows, seed)
    for chat in chats:
        hits: set[str] = set()
        for _, content in chat:
            for e in nlp(content).ents:
                t = tier(e.label_, content, e.start_char, e.end_char)
                hits.add(f"{e.label_} possible")
                if t != "possible":
                    hits.add(f"{e.label_} likely")
                if e.label_ == "PERSON":
                    surfaces[f"{t}: {e.text}"] += 1
        flagged.update(hits)
    return {
        "rows": len(chats),
        "percent_flagged": {k: _percent(v, len(chats)) for k, v in sorted(flagged.items())},
        "people": [f"{count} {surface}" for surface, count in surfaces.most_common(60)],
    }


def speed(nlp: Any, corpora: dict[str, list[Sample]]) -> int:
    """Words a second through `nlp.pipe`, batched, on one core."""
    texts = [s.text for samples in corpora.values() for s in samples][:3000]
    begun = time.perf_counter()
    words = sum(len(doc.text.split()) for doc in nlp.pipe(texts, batch_size=64))
    return round(words / (time.perf_counter() - begun))


def evaluate(nlp: Any, corpora: dict[str, list[Sample]]) -> dict[str, Any]:
    """Everything above, as a JSON-able report."""
    by_corpus = {
        source: {label: s.row() for label, s in score(nlp, samples).items()}
        for source, samples in sorted(corpora.items())
        if samples
    }
    return {
        "dev": by_corpus,
        "clean_chat": {
            part: clean_flags(nlp, part, 1000, 7) for part in ("tune", "judge", "traps")
        },
        "words_per_second": speed(nlp, corpora),
    }


def table(report: dict[str, Any]) -> str:
    """The dev scores as a Markdown table: per label F1, leaked %, leaked % at `likely`."""
    lines = [
        "| corpus | "
        + " | ".join(f"{label} F1 / leak / leak at likely" for label in LABELS)
        + " |",
        "|---|" + "---|" * len(LABELS),
    ]
    for source, scores in report["dev"].items():
        cells = [
            f"{r['f1']} / {r['leaked']} / {r['leaked_at_likely']} ({r['spans']})"
            if (r := scores[label])["spans"]
            else "–"
            for label in LABELS
        ]
        lines.append(f"| {source} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    import spacy

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("--corpora", type=Path, default=Path("../shared/corpora"))
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    report = evaluate(spacy.load(options.model), load(options.corpora, "dev"))
    if options.json:
        options.json.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n")
    print(table(report))
    print(json.dumps(report["clean_chat"], indent=1, ensure_ascii=False))
    print(f"{report['words_per_second']} words/s")


if __name__ == "__main__":
    main()
