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

from encode import MAX_PIECES, TAGS
from graph import write
from network import network

from gatekeeper.detect.ner.tagger import CASES

CUTS = {"likely": 0.3, "possible": 0.1}
EXIT_FROM = 2.0
"""The log-odds at the exit from which a piece may be part of a name; a miss weighed more there."""


def state_of(run: Path) -> dict[str, Any]:
    """The trained tensors of a run by name, as numpy arrays."""
    import torch

    facts = json.loads((run / "run.json").read_text())
    model = network(facts["vocabulary"])
    model.load_state_dict(torch.load(run / "model.pt", weights_only=True))
    return {name: tensor.float().numpy() for name, tensor in model.state_dict().items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    run = parser.parse_args().run
    state = state_of(run)
    config = {
        "labels": TAGS, "max_pieces": MAX_PIECES, "cases": CASES, "cuts": CUTS,
        "exit_from": EXIT_FROM,
    }  # fmt: skip
    for kind in ("fp32", "int8"):
        (run / kind).mkdir(exist_ok=True)
        shutil.copy(run / "tokenizer.json", run / kind / "tokenizer.json")
        (run / kind / "config.json").write_text(json.dumps(config, indent=2) + "\n")
        write(state, run / kind, rounded=kind == "int8")


if __name__ == "__main__":
    main()
