"""Train the exit of a run's network: a small head behind its second layer, the rest frozen.

    python train/ner/exits.py RUN --corpora ../shared/corpora

The exit learns to foresee whether the whole network will hold a piece for part of a name, on the
texts of the train splits and on freshly drawn ones. It changes nothing but where reading may stop.
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path
from typing import Any

from carriers import Carriers
from data import load
from export import state_of
from namepool import NamePool
from network import EXIT, network

from train import MAX_WORDS, batches, epoch, tensors

TEXTS = 24_000
FORESEEN = 0.05
"""The network's P(any entity) from which the exit shall let a piece pass."""
PASSES, RATE, MISS = 8, 2e-3, 20.0
"""Passes over the pieces, the learning rate, and how much more a missed name weighs."""


def seen(model: Any, run: Path, corpora: Path, rng: random.Random) -> tuple[Any, Any]:
    """Hidden states at the exit, and whether the network holds each piece for part of a name."""
    import torch
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(run / "tokenizer.json"))
    samples = load(corpora, "train", max_words=MAX_WORDS)
    pool = NamePool(rng)
    texts = epoch(samples, Carriers(samples, pool, rng), pool, rng)
    chosen = iter([sample for _, sample in zip(range(TEXTS), texts, strict=False)])
    states, truths = [], []
    for batch in batches(tokenizer, chosen, rng):
        inputs = tensors(batch)
        inputs.pop("labels")
        with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
            out = model(**inputs, output_hidden_states=True)
        kept = inputs["attention_mask"].bool()
        kept[:, 0] = False
        named = 1.0 - out.logits.float().softmax(-1)[..., 0]
        states.append(out.hidden_states[EXIT].to(torch.bfloat16)[kept])
        truths.append((named[kept] >= FORESEEN).float())
    return torch.cat(states), torch.cat(truths)


def fit(head: Any, states: Any, truths: Any) -> None:
    """Fit the head to the truths, by Adam over shuffled pieces."""
    import torch

    optimizer = torch.optim.Adam(head.parameters(), lr=RATE)
    weight = torch.tensor(MISS)
    for n in range(PASSES):
        for group in optimizer.param_groups:
            group["lr"] = RATE * (1 - n / PASSES)
        for part in torch.randperm(len(states)).split(4096):
            loss = torch.nn.functional.binary_cross_entropy_with_logits(
                head(states[part].float()).squeeze(-1), truths[part], pos_weight=weight
            )
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        print(f"pass {n + 1}: loss {loss.item():.4f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("--corpora", type=Path, default=Path("../shared/corpora"))
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    import torch

    torch.manual_seed(options.seed)
    torch.set_num_threads(1)
    state = {n: torch.from_numpy(v) for n, v in state_of(options.run).items()}
    model = network(len(state["bert.embeddings.word_embeddings.weight"]))
    model.load_state_dict(state)
    model.eval()
    states, truths = seen(model, options.run, options.corpora, random.Random(options.seed))
    fit(model.exit, states, truths)
    torch.save(model.state_dict(), options.run / "model.pt")
    print(f"{len(truths):,} pieces, {100 * truths.mean():.1f} % of them may be part of a name")


if __name__ == "__main__":
    main()
