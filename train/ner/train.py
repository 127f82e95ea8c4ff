"""Train the bundled English name pipeline: `python train.py --corpora ../../../shared/corpora`.

Seeded and single-threaded: the same seed, corpora, versions and steps give the same model.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import clean_chat
from augment import vary
from carriers import Carriers
from data import LABELS, Sample, load, manifest, shuffled, to_example
from namepool import NamePool
from pipeline import blank

# How often an epoch shows each corpus. SGD is long and marks little; the small ones are precious.
SHARES = {
    "sgd": 0.2,
    "litbank": 0.5,
    "btc": 1.0,
    "wnut17": 1.0,
    "crossner": 1.0,
    "gum": 1.0,
    "uner_ewt": 2.0,
    "uner_pud": 1.5,
    "wikigold": 1.5,
    "tab_train_part": 1.0,
    "sec_fin5": 0.5,
    "synthetic_templates": 0.6,
}


# Texts an epoch draws afresh from the templates.
CARRIERS, NOBODY, CLEAN_CHATS = 8000, 7000, 700


def epoch(
    corpora: dict[str, list[Sample]], carriers: Carriers, pool: NamePool, rng: random.Random
) -> list[Sample]:
    """One shuffled pass over all corpora and templates, each sample varied afresh."""
    chosen = [
        sample
        for source, samples in sorted(corpora.items())
        for sample in shuffled(samples, rng, SHARES[source])
    ]
    chosen += [carriers.named() for _ in range(CARRIERS)]
    chosen += [carriers.nobody() for _ in range(NOBODY)]
    clean = clean_chat.texts("learn", CLEAN_CHATS, rng.randrange(2**32))
    chosen += [Sample(text, (), "clean_chat") for text in clean]
    rng.shuffle(chosen)
    return [vary(sample, pool, rng) for sample in chosen]


def batches(samples: list[Sample], max_chars: int) -> Iterator[list[Sample]]:
    """Group samples into batches of about `max_chars` characters."""
    batch: list[Sample] = []
    size = 0
    for sample in samples:
        batch.append(sample)
        size += len(sample.text)
        if size >= max_chars:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def train(
    corpora: dict[str, list[Sample]], seed: int, minutes: float, steps: int
) -> tuple[Any, int]:
    """Train for `steps` updates, or until `minutes` have passed; return the pipeline and the steps.

    The learning rate falls linearly to a tenth; the weights kept are the averages over all steps.
    """
    import spacy
    from thinc.api import Adam

    spacy.util.fix_random_seed(seed)
    rng = random.Random(seed)
    pool = NamePool(rng)
    carriers = Carriers(corpora, pool, rng)
    nlp = blank(LABELS)
    first = [to_example(nlp, s) for s in epoch(corpora, carriers, pool, rng)[:200]]
    nlp.initialize(lambda: first)
    optimizer = Adam(0.001, L2=0.01, grad_clip=1.0, use_averages=True)
    begun, step, words = time.monotonic(), 0, 0
    losses: dict[str, float] = {}
    while True:
        for batch in batches(epoch(corpora, carriers, pool, rng), 6000):
            done = step / steps
            if done >= 1 or time.monotonic() - begun > 60 * minutes:
                nlp.get_pipe("ner").model.use_params(optimizer.averages).__enter__()
                return nlp, step
            optimizer.learn_rate = 0.001 * max(0.1, 1 - 0.9 * done) * min(1.0, (step + 1) / 100)
            examples = [to_example(nlp, s) for s in batch]
            nlp.update(examples, sgd=optimizer, drop=0.15, losses=losses)
            step += 1
            words += sum(len(e.reference) for e in examples)
            if step % 100 == 0:
                rate = words / (time.monotonic() - begun)
                print(
                    f"step {step}  {done:.0%}  loss {losses['ner']:.0f}  {rate:.0f} tokens/s",
                    flush=True,
                )
                losses = {}


def save(nlp: Any, folder: Path) -> None:
    """Write the pipeline without the vocabulary: hash embeddings need no strings at run time."""
    folder.mkdir(parents=True)
    nlp.to_disk(folder, exclude=["vocab"])
    meta = json.loads((folder / "meta.json").read_text())
    meta |= {
        "name": "gatekeeper_names",
        "version": "1.0.0",
        "description": "PERSON, LOCATION and ORGANIZATION in English text",
        "license": "see NOTICE",
        # the range the package asks for, not the patch release it happened to be trained on
        "spacy_version": ">=3.8.7,<3.9.0",
    }
    (folder / "meta.json").write_text(json.dumps(meta, indent=2) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpora", type=Path, default=Path("../shared/corpora"))
    parser.add_argument("--out", type=Path, required=True, help="gets model/ and run.json")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=60.0, help="stop by then")
    parser.add_argument("--steps", type=int, default=2800, help="updates of about 1,300 tokens")
    parser.add_argument("--without-share-alike", action="store_true")
    options = parser.parse_args()
    corpora = load(options.corpora, "train", share_alike=not options.without_share_alike)
    nlp, steps = train(corpora, options.seed, options.minutes, options.steps)
    save(nlp, options.out / "model")
    facts = {
        "seed": options.seed,
        "steps": steps,
        "share_alike": not options.without_share_alike,
        "trained_with": {name: version(name) for name in ("spacy", "thinc", "numpy", "faker")},
        "data": manifest(options.corpora, list(corpora)),
    }
    (options.out / "run.json").write_text(json.dumps(facts, indent=2, ensure_ascii=False) + "\n")
    print(f"{steps} steps; `ship.py` scores the run")


if __name__ == "__main__":
    main()
