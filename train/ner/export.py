"""The trained network as ONNX: as trained, and with int8 weights for the package.

    python train/ner/export.py RUN        # RUN/model.pt → RUN/fp32/ and RUN/int8/

The int8 folder holds each weight once and two ways to use it: integer arithmetic with activations
quantised on the fly (fast), or the weights turned back into floats (exact). A caller takes the
second where the first is close to a decision; so rounding activations changes no decision.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path
from typing import Any

from data import load
from encode import MAX_PIECES, TAGS, encode
from graph import write
from network import LAYERS, network

from gatekeeper.detect.ner.tagger import CASES
from train import MAX_WORDS

CUTS = {"likely": 0.3, "possible": 0.1}
EXIT_FROM = (-1.5, 1.5)
"""The log-odds at the exit from which a piece may be part of a name; a miss weighed more there."""


def state_of(run: Path) -> dict[str, Any]:
    """The trained tensors of a run by name, as numpy arrays."""
    import torch

    facts = json.loads((run / "run.json").read_text())
    model = network(facts["vocabulary"])
    model.load_state_dict(torch.load(run / "model.pt", weights_only=True))
    return {name: tensor.float().numpy() for name, tensor in model.state_dict().items()}


LARGE = {"qkv": 8, "inner": 8, "outer": 8}
"""Outliers of the products of a layer, by the end of their names (`graph.py`)."""
CALIBRATION = 400
"""Training texts over which the outliers are looked for."""


def outliers_of(state: dict[str, Any], run: Path, corpora: Path) -> dict[str, Any]:
    """The inputs of each product that become largest, by its name in the graphs."""
    import numpy as np
    import torch
    from tokenizers import Tokenizer

    model = network(len(state["bert.embeddings.word_embeddings.weight"]))
    model.load_state_dict({n: torch.from_numpy(v) for n, v in state.items()})
    model.eval()
    most: dict[str, Any] = {}

    def watch(name: str) -> Any:
        def note(_: Any, inputs: Any) -> None:
            largest = inputs[0].abs().amax((0, 1)).numpy()
            most[name] = np.maximum(most.get(name, 0.0), largest)

        return note

    for number in range(LAYERS):
        layer, at = model.bert.encoder.layer[number], f"bert.encoder.layer.{number}"
        for part, name in (
            (layer.attention.self.query, "qkv"),
            (layer.intermediate.dense, "inner"),
            (layer.output.dense, "outer"),
        ):
            part.register_forward_pre_hook(watch(f"{at}.{name}"))
    tokenizer = Tokenizer.from_file(str(run / "tokenizer.json"))
    samples = [s for group in load(corpora, "train", max_words=MAX_WORDS).values() for s in group]
    for ids, cases, _ in encode(tokenizer, samples[:: len(samples) // CALIBRATION]):
        with torch.no_grad():
            model(input_ids=torch.tensor([ids]), token_type_ids=torch.tensor([cases]))
    return {
        name: np.sort(np.argsort(-largest)[: LARGE[name.rpartition(".")[2]]])
        for name, largest in most.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("--corpora", type=Path, default=Path("../shared/corpora"))
    options = parser.parse_args()
    run = options.run
    state = state_of(run)
    outliers = outliers_of(state, run, options.corpora)
    config = {
        "labels": TAGS, "max_pieces": MAX_PIECES, "cases": CASES, "cuts": CUTS,
        "exit_from": EXIT_FROM,
    }  # fmt: skip
    for kind in ("fp32", "int8"):
        (run / kind).mkdir(exist_ok=True)
        shutil.copy(run / "tokenizer.json", run / kind / "tokenizer.json")
        (run / kind / "config.json").write_text(json.dumps(config, indent=2) + "\n")
        write(state, run / kind, outliers, rounded=kind == "int8")


if __name__ == "__main__":
    main()
