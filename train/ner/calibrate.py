"""Fit the weights and the cut points of `gatekeeper/detect/names.py` on what a model proposes.

    python train/ner/calibrate.py MODEL --corpora ../shared/corpora

Reads the dev splits of the corpora, uncut, and the `tune` chats, in which every PERSON is a false
alarm. A proposal is right where it overlaps a gold span of PERSON; one that overlaps another name,
or stands where PERSON is not marked exhaustively, teaches nothing. Every corpus weighs the same.
Prints the weights, then leaked characters and texts flagged over cut points to choose from.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import clean_chat
import numpy as np
from data import Sample, read_corpus

from gatekeeper.detect.names import WEIGHTS, Evidence, evidence, name_score, no_name, tier_of
from gatekeeper.detect.ner.custom import Propose
from gatekeeper.detect.ner.decode import Proposal
from gatekeeper.detect.ner.proposer import proposer
from gatekeeper.detect.ner.tagger import load_tagger
from gatekeeper.detect.surroundings import Surroundings

UNMARKED = {"sgd"}
"""Corpora that leave names unmarked: a proposal outside every span is no false alarm there."""


@dataclass
class Read:
    """A text, its truth, and what the model proposes in it."""

    sample: Sample
    found: list[Proposal]
    rows: list[tuple[Proposal, Evidence, bool]] = field(default_factory=list)
    """Proposed people with their evidence, and whether names.py forbids more than possible."""


def read(names: Propose, sample: Sample) -> Read:
    text = sample.text
    one = Read(sample, names(text))
    for p in one.found:
        if p.label == "PERSON":
            around = Surroundings.of(text, p.start, p.end)
            one.rows.append((p, evidence(around, p.probability), no_name(around)))
    return one


def truth(one: Read, p: Proposal) -> bool | None:
    """Whether a proposed person is one; None where nothing is known."""
    labels = {s.label for s in one.sample.spans if s.start < p.end and p.start < s.end}
    if "PERSON" in labels:
        return True
    hidden = any(a < p.end and p.start < b for a, b in one.sample.hidden)
    known = one.sample.complete and not labels and not hidden
    return False if known and one.sample.source not in UNMARKED else None


def fit(corpora: dict[str, list[Read]], steps: int = 4000, decay: float = 0.003) -> np.ndarray:
    """Logistic regression by plain gradient descent from the weights in use, drawn to zero."""
    x: list[Evidence] = []
    y: list[float] = []
    w: list[float] = []
    for reads in corpora.values():
        known = [
            (e, t) for one in reads for p, e, _ in one.rows if (t := truth(one, p)) is not None
        ]
        for e, t in known:
            x.append(e)
            y.append(float(t))
            w.append(1.0 / len(known))
    xs, ys, ws = np.array(x), np.array(y), np.array(w) / sum(w)
    weights = np.zeros(xs.shape[1])
    weights[0] = 1.0
    for _ in range(steps):
        guess = 1 / (1 + np.exp(-xs @ weights))
        weights -= 1.0 * (
            xs.T @ (ws * (guess - ys)) + decay * weights * (np.arange(len(weights)) > 0)
        )
    return weights


def leak(reads: Iterable[Read], weights: np.ndarray, cut: float, tier: str) -> float:
    """Percent of the characters of PERSON spans that no name at `cut` or above covers."""
    chars = leaked = 0
    for one in reads:
        covered = kept(one, weights, cut, tier)
        for s in one.sample.spans:
            if s.label == "PERSON":
                places = {i for i in range(s.start, s.end) if not one.sample.text[i].isspace()}
                chars += len(places)
                leaked += len(places - covered)
    return 100 * leaked / chars if chars else float("nan")


def kept(one: Read, weights: np.ndarray, cut: float, tier: str) -> set[int]:
    places: set[int] = set()
    for p, e, capped in one.rows:
        if weights @ np.array(e) >= cut and not (capped and tier == "likely"):
            places.update(range(p.start, p.end))
    for p in one.found:
        if p.label != "PERSON":
            score = tier_of(name_score(p.label, one.sample.text, p.start, p.end, p.probability))
            if score in ("likely", "certain") or (score == "possible" and tier == "possible"):
                places.update(range(p.start, p.end))
    return places


def flagged(texts: list[list[Read]], weights: np.ndarray, cut: float) -> float:
    """Percent of clean texts (each a list of turns) in which somebody is likely."""
    hits = sum(
        any(
            weights @ np.array(e) >= cut and not capped
            for one in turns
            for _, e, capped in one.rows
        )
        for turns in texts
    )
    return 100 * hits / len(texts) if texts else float("nan")


def clean_texts(reads: Iterable[Read]) -> list[list[Read]]:
    """Dev texts whose truth is complete and empty."""
    return [
        [one]
        for one in reads
        if one.sample.complete
        and not one.sample.spans
        and not one.sample.hidden
        and one.sample.source not in UNMARKED
    ]


def chats(names: Propose, part: clean_chat.Part, count: int) -> list[list[Read]]:
    seen: dict[str, Read] = {}
    result = []
    for row in clean_chat.rows(part, count, 7):
        turns = []
        for _, content in row:
            if content not in seen:
                seen[content] = read(names, Sample(content, (), "chat"))
            turns.append(seen[content])
        result.append(turns)
    return result


def dev(names: Propose, folder: Path) -> dict[str, list[Read]]:
    corpora: dict[str, list[Read]] = {}
    for path in sorted(folder.glob("*.jsonl.gz")):
        reads = [read(names, sample) for _, sample in read_corpus(path, "dev")]
        if reads:
            corpora[path.name.removesuffix(".jsonl.gz")] = reads
    return corpora


def lowered(names: Propose, corpora: dict[str, list[Read]]) -> dict[str, list[Read]]:
    """The same texts in lower case, where that keeps every offset."""
    return {
        name: [
            read(names, Sample(r.sample.text.lower(), r.sample.spans, r.sample.source))
            for r in reads
            if len(r.sample.text.lower()) == len(r.sample.text)
        ]
        for name, reads in corpora.items()
    }


def report(corpora: dict[str, list[Read]], tune: Any, judge: Any, weights: np.ndarray) -> None:
    clean = [t for reads in corpora.values() for t in clean_texts(reads)]
    print("cut    leak likely / possible   dev clean flagged   tune   judge")
    for cut in np.arange(-4.0, 2.1, 0.25):
        at = [[leak(r, weights, cut, t) for r in corpora.values()] for t in ("likely", "possible")]
        print(
            f"{cut:5.1f}  {np.nanmean(at[0]):6.2f} {np.nanmean(at[1]):6.2f}   "
            f"{flagged(clean, weights, cut):6.2f} ({len(clean)})  "
            f"{flagged(tune, weights, cut):6.2f} {flagged(judge, weights, cut):6.2f}   "
            + " ".join(f"{n[:5]} {a:.1f}/{b:.1f}" for n, a, b in zip(corpora, *at, strict=True))
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("--corpora", type=Path, default=Path("../shared/corpora"))
    parser.add_argument("--keep", action="store_true", help="use the weights of names.py")
    parser.add_argument("--lower", action="store_true", help="score lower-cased texts as well")
    options = parser.parse_args()
    names = proposer(load_tagger(options.model), gated=False)
    corpora = dev(names, options.corpora)
    tune, judge = chats(names, "tune", 600), chats(names, "judge", 600)
    weights = np.array(WEIGHTS)
    if not options.keep:
        negatives = {f"chat{n}": [one for turns in tune for one in turns] for n in range(2)}
        weights = fit(corpora | negatives)
    print(", ".join(f"{n}={v:.2f}" for n, v in zip(Evidence._fields, weights, strict=True)))
    report(corpora, tune, judge, weights)
    if options.lower:
        print("the same in lower case")
        report(lowered(names, corpora), tune, judge, weights)


if __name__ == "__main__":
    main()
