"""Score a model folder on the dev splits at several cuts of P(entity).

    python train/ner/evaluate.py MODEL --corpora ../shared/corpora

A leaked character is one of a gold span that no predicted span covers, whatever its label: a
hospital found as a place is not leaked. A clean text is one without gold spans. `--split dev` only;
the reserved sets are not read here.
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
from predict import Model, Word, spans

CUTS = (0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7)


@dataclass
class Score:
    """Counts of one corpus at one cut."""

    clean: int = 0
    flagged: int = 0
    flagged_person: int = 0
    chars: Counter[str] = field(default_factory=Counter)
    leaked: Counter[str] = field(default_factory=Counter)
    gold: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)

    def add(self, sample: Sample, words: list[Word], cut: float) -> None:
        """Count one text."""
        found = set(spans(words, cut))
        gold = {(s.start, s.end, s.label) for s in sample.spans}
        if not gold and not sample.hidden:
            self.clean += 1
            self.flagged += bool(found)
            self.flagged_person += any(f[2] == "PERSON" for f in found)
        covered = {i for a, b, _ in found for i in range(a, b)}
        for a, b, label in gold:
            places = [i for i in range(a, b) if not sample.text[i].isspace()]
            self.chars[label] += len(places)
            self.leaked[label] += sum(i not in covered for i in places)
        self.gold.update(g[2] for g in gold)
        hidden = sample.hidden
        self.found.update(f[2] for f in found if not any(a < f[1] and f[0] < b for a, b in hidden))
        self.right.update(f[2] for f in found & gold)

    def row(self) -> dict[str, Any]:
        """Percentages: leak and exact precision, recall and F1 by label, clean texts flagged."""
        by_label = {
            label: {
                "spans": self.gold[label],
                "leaked": _percent(self.leaked[label], self.chars[label]),
                "precision": _percent(self.right[label], self.found[label]),
                "recall": _percent(self.right[label], self.gold[label]),
                "f1": _percent(2 * self.right[label], self.gold[label] + self.found[label]),
            }
            for label in LABELS
        }
        clean = {
            "texts": self.clean,
            "flagged": _percent(self.flagged, self.clean),
            "flagged_person": _percent(self.flagged_person, self.clean),
        }
        return {**by_label, "clean": clean}


def _percent(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 2) if whole else None


def score(model: Model, corpora: dict[str, list[Sample]]) -> dict[str, dict[str, Any]]:
    """By corpus, then by cut."""
    report: dict[str, dict[str, Any]] = {}
    for source, samples in sorted(corpora.items()):
        scores = {cut: Score() for cut in CUTS}
        for sample in samples:
            words = model.words(sample.text)
            for cut, one in scores.items():
                one.add(sample, words, cut)
        if samples:
            report[source] = {str(cut): one.row() for cut, one in scores.items()}
    return report


def means(report: dict[str, dict[str, Any]]) -> dict[str, dict[str, float]]:
    """Per cut: PERSON leak as a mean over corpora, and the share of clean texts flagged."""
    result = {}
    for cut in map(str, CUTS):
        rows = [scores[cut] for scores in report.values()]
        leaks = [r["PERSON"]["leaked"] for r in rows if r["PERSON"]["leaked"] is not None]
        clean = [r["clean"] for r in rows if r["clean"]["texts"]]
        texts = sum(c["texts"] for c in clean)
        result[cut] = {
            "person_leaked": round(sum(leaks) / len(leaks), 2),
            "clean_flagged": round(sum(c["flagged"] * c["texts"] for c in clean) / texts, 2),
            "clean_flagged_person": round(
                sum(c["flagged_person"] * c["texts"] for c in clean) / texts, 2
            ),
        }
    return result


def clean_flags(model: Model, part: clean_chat.Part, rows: int, seed: int) -> dict[str, Any]:
    """How many clean chats of a part have an entity, and a person, at each cut."""
    counts: Counter[str] = Counter()
    surfaces: Counter[str] = Counter()
    chats = clean_chat.rows(part, rows, seed)
    for chat in chats:
        hits: set[str] = set()
        for _, content in chat:
            words = model.words(content)
            for cut in CUTS:
                for a, b, label in spans(words, cut):
                    hits |= {f"any {cut}", f"{label} {cut}"}
                    if label == "PERSON" and cut == 0.5:
                        surfaces[content[a:b]] += 1
        counts.update(hits)
    return {
        "rows": len(chats),
        "percent_flagged": {k: _percent(v, len(chats)) for k, v in sorted(counts.items())},
        "people_at_0.5": [f"{count} {surface}" for surface, count in surfaces.most_common(40)],
    }


def speed(model: Model, corpora: dict[str, list[Sample]]) -> int:
    """Words a second of processor time, one text a call, on one core; nothing is skipped."""
    texts = [s.text for samples in corpora.values() for s in samples][::4]
    begun = time.process_time()
    words = 0
    for text in texts:
        model.words(text)
        words += len(text.split())
    return round(words / (time.process_time() - begun))


def evaluate(model: Model, corpora: dict[str, list[Sample]]) -> dict[str, Any]:
    """Everything above, as a JSON-able report."""
    dev = score(model, corpora)
    return {
        "dev": dev,
        "means": means(dev),
        "clean_chat": {
            part: clean_flags(model, part, 400, 7) for part in ("tune", "judge", "traps")
        },
        "words_per_second": speed(model, corpora),
    }


def table(report: dict[str, Any], cuts: tuple[str, str]) -> str:
    """The dev scores as a Markdown table: leak at two cuts, F1 at the first, clean flags."""
    head = [f"{label} leaked (F1)" for label in LABELS]
    lines = [
        f"| corpus (cut {cuts[0]} / {cuts[1]}) | " + " | ".join(head) + " | clean flagged |",
        "|---|" + "---|" * (len(LABELS) + 1),
    ]
    for source, scores in report["dev"].items():
        one, two = (scores[cut] for cut in cuts)
        cells = [
            f"{one[x]['leaked']} / {two[x]['leaked']} ({one[x]['f1']})" if one[x]["spans"] else "–"
            for x in LABELS
        ]
        clean = f"{one['clean']['flagged']} / {two['clean']['flagged']} of {one['clean']['texts']}"
        lines.append(f"| {source} | " + " | ".join([*cells, clean]) + " |")
    one, two = (report["means"][cut] for cut in cuts)
    lines.append(
        f"| mean (clean: of all texts) | {one['person_leaked']} / {two['person_leaked']} | | | "
        f"{one['clean_flagged']} / {two['clean_flagged']} |"
    )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("--corpora", type=Path, default=Path("../shared/corpora"))
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    report = evaluate(Model(options.model), load(options.corpora, "dev"))
    if options.json:
        options.json.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n")
    cuts = json.loads((options.model / "config.json").read_text())["cuts"]
    print(table(report, (str(cuts["likely"]), str(cuts["possible"]))))
    print(json.dumps(report["means"], indent=1))
    print(json.dumps(report["clean_chat"], indent=1, ensure_ascii=False))
    print(f"{report['words_per_second']} words/s")


if __name__ == "__main__":
    main()
