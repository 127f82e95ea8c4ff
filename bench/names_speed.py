"""Names on real prose: words a second on one core, and what the gate loses of what it saves.

    python bench/names_speed.py [--corpora ../shared/corpora] [--words 60000]

Reads the texts of the corpora's dev splits where they are there, and the docs and licences of the
installed packages. Times are of the process, not of the clock. The gate's loss is the share of the
characters of gold names that the model covers when it reads everything, and not behind the gate.
"""

from __future__ import annotations

import argparse
import gzip
import importlib.metadata
import json
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from gatekeeper.detect.names import name_score
from gatekeeper.detect.ner.component import register
from gatekeeper.detect.ner.decode import Proposal
from gatekeeper.detect.ner.gate import worth_reading
from gatekeeper.detect.ner.proposer import bundled_tagger, proposer

ENDINGS = (".md", ".rst", ".txt")
LEGAL = ("license", "licence", "copying", "notice", "authors", "metadata")


def installed_prose(words: int) -> list[str]:
    """Docs, licences and descriptions of the installed packages, no text twice."""
    texts: dict[str, None] = {}
    count = 0
    for distribution in sorted(importlib.metadata.distributions(), key=lambda d: d.name):
        for file in distribution.files or ():
            name = file.name.lower()
            if not name.endswith(ENDINGS) and not name.startswith(LEGAL):
                continue
            path = Path(str(file.locate()))
            if not path.is_file() or path.stat().st_size > 100_000:
                continue
            text = path.read_bytes().decode("utf-8", "ignore")
            if text not in texts and len(text.split()) > 50:
                texts[text] = None
                count += len(text.split())
        if count > words:
            break
    return list(texts)


def dev(folder: Path) -> Iterator[dict[str, Any]]:
    """The records of the dev splits."""
    for path in sorted(folder.glob("*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            yield from (r for r in map(json.loads, lines) if r["split"] == "dev")


def speed(run: Callable[[str], Any], texts: Sequence[str]) -> float:
    """Words a second of process time."""
    begun = time.process_time()
    for text in texts:
        run(text)
    return sum(len(t.split()) for t in texts) / (time.process_time() - begun)


def measure(name: str, texts: Sequence[str]) -> None:
    """Print the speed on `texts` of the gate, of the model alone and of both."""
    import spacy

    words = sum(len(t.split()) for t in texts)
    read = sum(len(t[a:b].split()) for t in texts for a, b in worth_reading(t))
    nlp = spacy.blank("en")
    nlp.add_pipe(register())
    print(f"{name}: {words:,} words, {100 * (1 - read / words):.1f} % skipped by the gate")
    everything, gated = proposer(bundled_tagger(), gated=False), proposer(bundled_tagger())
    print(f"  gate alone           {speed(worth_reading, texts):>12,.0f} words/s")
    print(f"  model, everything    {speed(everything, texts):>12,.0f} words/s")
    print(f"  model behind gate    {speed(gated, texts):>12,.0f} words/s")
    print(f"  spaCy pipeline       {speed(nlp, texts):>12,.0f} words/s")


def covered(text: str, found: Sequence[Proposal], least: float) -> set[int]:
    places: set[int] = set()
    for p in found:
        if name_score(p.label, text, p.start, p.end, p.probability) >= least:
            places.update(range(p.start, p.end))
    return places


def loss(records: Sequence[dict[str, Any]]) -> None:
    """Print recall of characters with and without the gate, mean over corpora."""
    everything, gated = proposer(bundled_tagger(), gated=False), proposer(bundled_tagger())
    counts: dict[tuple[str, str, float], list[int]] = {}
    for record in records:
        text = record["text"]
        found = everything(text), gated(text)
        for least in (0.3, 0.6):
            all_of, behind = (covered(text, f, least) for f in found)
            for span in record["spans"]:
                key = (span["label"], record["source"].split("_")[0], least)
                places = set(range(span["start"], span["end"]))
                at = counts.setdefault(key, [0, 0, 0])
                at[0] += len(places)
                at[1] += len(places & all_of)
                at[2] += len(places & behind)
    for label in ("PERSON", "LOCATION", "ORGANIZATION"):
        for least, tier in ((0.3, "possible"), (0.6, "likely")):
            rows = [v for (name, _, at), v in counts.items() if (name, at) == (label, least)]
            full, behind = (100 * sum(r[n] / r[0] for r in rows) / len(rows) for n in (1, 2))
            print(
                f"{label:13} {tier:9} recall {full:6.2f} %, behind the gate {behind:6.2f} % "
                f"({full - behind:+.2f} points lost)"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpora", type=Path, default=Path("../shared/corpora"))
    parser.add_argument("--words", type=int, default=60_000)
    options = parser.parse_args()
    begun = time.perf_counter()
    bundled_tagger()
    print(f"model opened in {time.perf_counter() - begun:.2f} s")
    measure("installed docs and licences", installed_prose(options.words))
    records = list(dev(options.corpora))
    if not records:
        print("corpora not there: the gate's loss is not measured")
        return
    texts = [r["text"] for r in records]
    measure("dev splits", texts[:: max(1, sum(len(t.split()) for t in texts) // options.words)])
    loss(records)


if __name__ == "__main__":
    main()
