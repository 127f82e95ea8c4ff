"""Do int8 and fp32 decide alike? Spans at both cuts over the dev splits, or over training texts.

    python train/ner/flips.py RUN [--split train] [--every 10]

Compares `RUN/int8` as the package uses it (exact branch near decisions), and its fast branch alone,
with its exact branch alone (fp32 arithmetic, the same rounded weights) and with `RUN/fp32` (weights
as trained).
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from data import load
from predict import Model, spans


def flips(run: Path, texts: list[str], cuts: tuple[float, ...]) -> dict[str, Any]:
    """By pair of networks: spans of the fp32 one, spans that are in one of the two only."""
    used, fast = Model(run / "int8"), Model(run / "int8", exact=False)
    references = {"rounded": Model(run / "int8", exact=True), "fp32": Model(run / "fp32")}
    report: dict[str, Any] = {}
    for text in texts:
        mine = {"int8": used.words(text), "int8 fast branch alone": fast.words(text)}
        for kind, reference in references.items():
            words = reference.words(text)
            for cut in cuts:
                gold = set(spans(words, cut))
                for name, others in mine.items():
                    one = report.setdefault(f"{name} against {kind} at {cut}", [0, 0])
                    one[0] += len(gold)
                    one[1] += len(gold ^ set(spans(others, cut)))
    return {
        "texts": len(texts),
        "windows": used.windows,
        "windows run twice": used.repeated,
        "spans, and spans in one only": report,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("--corpora", type=Path, default=Path("../shared/corpora"))
    parser.add_argument("--split", default="dev")
    parser.add_argument("--every", type=int, default=1, help="take one text in so many")
    options = parser.parse_args()
    corpora = load(options.corpora, options.split)
    texts = [s.text for samples in corpora.values() for s in samples][:: options.every]
    config = json.loads((options.run / "int8" / "config.json").read_text())
    print(json.dumps(flips(options.run, texts, tuple(config["cuts"].values())), indent=1))


if __name__ == "__main__":
    main()
