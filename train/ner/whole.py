"""Names through the whole detector, as a user gets them: model, rules and the second reading.

    python train/ner/whole.py [--corpora ../shared/corpora] [--misses 10] [--skip-origins]

Each corpus' dev split is one content. A leaked character is one of a PERSON span that no finding of
a name, place or organisation covers; `likely` is the balanced point, `possible` the strict one. A
clean text has complete gold without any span; it is flagged by whatever is likely in it. Spans of
"@handle" (BTC) are left out, and SGD, which leaves names unmarked, has no clean texts. Then the
origin slice (`origin_slice.py`), each name a record of its own, cased and in lower case.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import origin_slice
from data import Sample, read_corpus

from gatekeeper.detect import Detector, load_detector
from gatekeeper.model import Confidence, Finding, Record, Text

NAMES = ("PERSON", "LOCATION", "ORGANIZATION")
UNMARKED = "sgd"
TIERS = (Confidence.LIKELY, Confidence.POSSIBLE)


@dataclass
class Score:
    """Counts of one corpus; the pairs are at likely and at possible."""

    characters: int = 0
    leaked: list[int] = field(default_factory=lambda: [0, 0])
    clean: int = 0
    flagged: list[int] = field(default_factory=lambda: [0, 0])
    misses: list[tuple[int, str]] = field(default_factory=list)

    def add(self, sample: Sample, findings: Sequence[Finding]) -> None:
        """Count one text."""
        at = [[f for f in findings if f.confidence >= tier] for tier in TIERS]
        covered = [{i for f in found for i in range(f.start, f.end)} for found in at]
        if sample.complete and not (sample.spans or sample.hidden) and sample.source != UNMARKED:
            self.clean += 1
            self.flagged = [n + bool(found) for n, found in zip(self.flagged, at, strict=True)]
        for span in (s for s in sample.spans if s.label == "PERSON"):
            places = {i for i in range(span.start, span.end) if not sample.text[i].isspace()}
            lost = [len(places - c) for c in covered]
            self.characters += len(places)
            self.leaked = [n + m for n, m in zip(self.leaked, lost, strict=True)]
            if lost[0]:
                around = sample.text[max(0, span.start - 40) : span.end + 20]
                self.misses.append((lost[0], around.replace("\n", " / ")))


def read(detector: Detector, samples: Sequence[Sample]) -> Iterator[tuple[Sample, list[Finding]]]:
    """Each sample with its findings, all of them one content, read twice."""
    records = [Record("dev", n, (Text("/text", s.text, "text"),), 0) for n, s in enumerate(samples)]
    with detector.survey() as survey:
        for _ in survey.look(records):
            pass
        for sample, (_, findings) in zip(samples, survey.report(records), strict=True):
            yield sample, list(findings)


def corpora(detector: Detector, folder: Path) -> dict[str, Score]:
    """The score of each dev split."""
    scores: dict[str, Score] = {}
    for path in sorted(folder.glob("*.jsonl.gz")):
        samples = [sample for _, sample in read_corpus(path, "dev")]
        if samples:
            score = scores.setdefault(path.name.removesuffix(".jsonl.gz"), Score())
            for sample, findings in read(detector, samples):
                score.add(sample, findings)
    return scores


def origins(detector: Detector) -> dict[str, dict[str, list[float]]]:
    """By group, then cased or lower: percent of names found whole, at likely and at possible."""
    report: dict[str, dict[str, list[float]]] = {}
    for group, tables in origin_slice.groups().items():
        cased = origin_slice.sentences(tables, random.Random(f"7 {group}"))
        lowered = [(t.lower(), a, b) for t, a, b in cased if len(t.lower()) == len(t)]
        for case, texts in (("cased", cased), ("lower", lowered)):
            records = [
                Record("o", n, (Text("/text", t[0], "text"),), 0) for n, t in enumerate(texts)
            ]
            found = [0, 0]
            for (text, start, end), (_, findings) in zip(
                texts, detector.detect(records), strict=True
            ):
                for n, tier in enumerate(TIERS):
                    at = {
                        i for f in findings if f.confidence >= tier for i in range(f.start, f.end)
                    }
                    found[n] += all(i in at or text[i] == " " for i in range(start, end))
            report.setdefault(group, {})[case] = [100 * n / len(texts) for n in found]
    return report


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpora", type=Path, default=Path("../shared/corpora"))
    parser.add_argument("--misses", type=int, default=0, help="the longest misses to print")
    parser.add_argument("--skip-origins", action="store_true")
    options = parser.parse_args()
    detector = load_detector(entities=NAMES)
    begun = time.process_time()
    scores = corpora(detector, options.corpora)
    print("corpus                PERSON leaked, likely / possible   clean texts flagged")
    for name, s in scores.items():
        leaks = " / ".join(
            f"{100 * n / s.characters:6.2f}" if s.characters else "–" for n in s.leaked
        )
        print(f"{name:20}  {leaks:>17} %   {s.flagged[0]} / {s.flagged[1]} of {s.clean}")
        for lost, around in sorted(s.misses, reverse=True)[: options.misses]:
            print(f"    {lost:3} {around}")
    with_people = [s for s in scores.values() if s.characters]
    clean = sum(s.clean for s in scores.values())
    for n, tier in enumerate(TIERS):
        mean = sum(100 * s.leaked[n] / s.characters for s in with_people) / len(with_people)
        flagged = 100 * sum(s.flagged[n] for s in scores.values()) / clean
        print(f"{tier.name.lower():9} mean leak {mean:.2f} %, clean flagged {flagged:.2f} %")
    print(f"{time.process_time() - begun:.0f} s")
    if options.skip_origins:
        return
    report = origins(detector)
    for n, tier in enumerate(TIERS):
        cased, lower = ([row[c][n] for row in report.values()] for c in ("cased", "lower"))
        print(
            f"origins, {tier.name.lower()}: gap cased {max(cased) - min(cased):.2f}, lower "
            f"{max(lower) - min(lower):.2f}; mean {sum(cased) / len(cased):.2f} cased, "
            f"{sum(lower) / len(lower):.2f} lower"
        )
    for group, row in report.items():
        print(f"  {group:28}" + "  ".join(f"{c} {a:.2f} / {b:.2f}" for c, (a, b) in row.items()))


if __name__ == "__main__":
    main()
