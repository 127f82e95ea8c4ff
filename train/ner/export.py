"""The trained network as ONNX: in fp32, and with int8 weights for the package.

    python train/ner/export.py RUN        # RUN/model.pt → RUN/fp32/, RUN/int8/ and RUN/rounded/

The int8 file holds each weight once and two ways to use it, chosen by the input `exact`: integer
arithmetic with activations quantised on the fly (fast), or the weights turned back into floats
(slower, and the same as `rounded/`, the fp32 network with rounded weights). A caller takes the
second where the first is too close to a decision; so rounding activations changes no decision.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

from encode import MAX_PIECES, TAGS
from network import CASES, HEADS, HIDDEN, INNER, LAYERS, POSITIONS

INPUTS = ("input_ids", "attention_mask", "token_type_ids")
CUTS = {"likely": 0.3, "possible": 0.1}
BAND = 0.08
"""How near P may come to the package's decisions before it asks the exact branch."""
_TABLES = ("word_embeddings", "position_embeddings")


def load_run(run: Path) -> Any:
    """The trained network of a run, for inference."""
    import torch
    from transformers import BertConfig, BertForTokenClassification

    facts = json.loads((run / "run.json").read_text())
    config = BertConfig(
        vocab_size=facts["vocabulary"], hidden_size=HIDDEN, num_hidden_layers=LAYERS,
        num_attention_heads=HEADS, intermediate_size=INNER, max_position_embeddings=POSITIONS,
        type_vocab_size=CASES, num_labels=len(TAGS),
    )  # fmt: skip
    model = BertForTokenClassification(config)
    model.load_state_dict(torch.load(run / "model.pt", weights_only=True))
    return model.eval()


def to_onnx(model: Any, path: Path) -> None:
    """Write the network with a free batch and piece axis."""
    import torch

    class Logits(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, ids: Any, mask: Any, cases: Any) -> Any:
            return self.model(input_ids=ids, attention_mask=mask, token_type_ids=cases).logits

    ids = torch.randint(5, 1000, (2, 32))
    names = (*INPUTS, "logits")
    torch.onnx.export(
        Logits(), (ids, torch.ones_like(ids), torch.zeros_like(ids)), str(path),
        input_names=list(INPUTS), output_names=["logits"], opset_version=17, dynamo=False,
        dynamic_axes={name: {0: "batch", 1: "pieces"} for name in names},
    )  # fmt: skip


def quantise(source: Path, path: Path, rounded: Path) -> None:
    """Write the int8 file, and beside it the fp32 network with the weights rounded alike.

    Weights have 7 bits (`reduce_range`), one scale a column: on CPUs without VNNI 8 bits overflow.
    """
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.quantization.shape_inference import quant_pre_process

    with tempfile.TemporaryDirectory() as folder:
        prepared, fast = Path(folder) / "prepared.onnx", Path(folder) / "fast.onnx"
        quant_pre_process(str(source), str(prepared), skip_symbolic_shape=True)
        exact_model = onnx.load(prepared)
        head = [n.name for n in exact_model.graph.node if "classifier" in n.name]
        quantize_dynamic(
            str(prepared), str(fast), weight_type=QuantType.QInt8, per_channel=True,
            reduce_range=True, op_types_to_quantize=["MatMul"], nodes_to_exclude=head,
        )  # fmt: skip
        fast_model = onnx.load(fast)
    _dequantise(exact_model, fast_model)
    for model in (exact_model, fast_model):
        _pack_tables(model)
    onnx.save(_folded(exact_model), rounded)
    onnx.save(_either(exact_model, fast_model), path)


def _dequantise(exact: Any, fast: Any) -> None:
    """Put the int8 weights of `fast`, turned back into floats, in place of those of `exact`."""
    from onnx import helper

    held = {i.name: i for i in fast.graph.initializer}
    weights = [i for i in exact.graph.initializer if f"{i.name}_quantized" in held]
    for weight in weights:
        packed, scale = f"{weight.name}_quantized", f"{weight.name}_scale"
        exact.graph.initializer.remove(weight)
        exact.graph.initializer.extend((held[packed], held[scale]))
        # not DequantizeLinear: onnxruntime's optimiser looks for its weights in the branch alone
        floats = f"{weight.name}_floats"
        cast = helper.make_node("Cast", [packed], [floats], name=floats, to=1)
        scaled = helper.make_node("Mul", [floats, scale], [weight.name], name=f"{floats}_scaled")
        exact.graph.node.insert(0, scaled)
        exact.graph.node.insert(0, cast)


def _pack_tables(model: Any) -> None:
    """Keep the embedding tables as int8 with one scale a row."""
    import numpy as np
    from onnx import helper, numpy_helper

    graph = model.graph
    for table in [i for i in graph.initializer if any(t in i.name for t in _TABLES)]:
        values = numpy_helper.to_array(table)
        scale = (np.abs(values).max(1, keepdims=True) / 127).clip(1e-12).astype(np.float32)
        packed = np.rint(values / scale).astype(np.int8)
        name = table.name
        for n, gather in enumerate([g for g in graph.node if name in g.input]):
            at, ids, out = list(graph.node).index(gather), gather.input[1], gather.output[0]
            parts = [f"{name}_{n}_{x}" for x in ("int8", "floats", "scale")]
            nodes = [
                helper.make_node("Gather", [f"{name}_int8", ids], [parts[0]], axis=0),
                helper.make_node("Cast", [parts[0]], [parts[1]], to=1),
                helper.make_node("Gather", [f"{name}_scale", ids], [parts[2]], axis=0),
                helper.make_node("Mul", [parts[1], parts[2]], [out]),
            ]
            graph.node.remove(gather)
            for node in reversed(nodes):
                node.name = f"{node.output[0]}_packed"
                graph.node.insert(at, node)
        graph.initializer.remove(table)
        graph.initializer.append(numpy_helper.from_array(packed, f"{name}_int8"))
        graph.initializer.append(numpy_helper.from_array(scale, f"{name}_scale"))


def _folded(model: Any) -> Any:
    """The model as it is, for a file of its own."""
    import copy

    import onnx

    whole = copy.deepcopy(model)
    del whole.graph.value_info[:]
    onnx.checker.check_model(whole)
    return whole


def _either(exact: Any, fast: Any) -> Any:
    """One model of both, sharing the initializers; `exact` (default false) chooses."""
    import numpy as np
    import onnx
    from onnx import helper, numpy_helper

    shared = {i.name: i for model in (exact, fast) for i in model.graph.initializer}
    branches = []
    for prefix, model in (("exact/", exact), ("fast/", fast)):
        fixed = {*shared, *(i.name for i in model.graph.input), ""}
        nodes = []
        for node in model.graph.node:
            new = onnx.NodeProto()
            new.CopyFrom(node)
            new.name = prefix + node.name
            for names in (new.input, new.output):
                names[:] = [n if n in fixed else prefix + n for n in names]
            nodes.append(new)
        out = helper.make_tensor_value_info(f"{prefix}logits", 1, ["batch", "pieces", len(TAGS)])
        branches.append(helper.make_graph(nodes, prefix.strip("/"), [], [out]))
    choose = helper.make_node(
        "If", ["exact"], ["logits"], then_branch=branches[0], else_branch=branches[1]
    )
    flag = numpy_helper.from_array(np.array([False]), "exact")
    graph = helper.make_graph(
        [choose],
        "names",
        [*fast.graph.input, helper.make_tensor_value_info("exact", onnx.TensorProto.BOOL, [1])],
        list(fast.graph.output),
        [*shared.values(), flag],
    )
    opsets = {o.domain: o for model in (exact, fast) for o in model.opset_import}
    model = helper.make_model(graph, opset_imports=list(opsets.values()))
    model.ir_version = fast.ir_version
    onnx.checker.check_model(model)
    return model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    run = parser.parse_args().run
    for kind in ("fp32", "rounded", "int8"):
        (run / kind).mkdir(exist_ok=True)
        shutil.copy(run / "tokenizer.json", run / kind / "tokenizer.json")
        config = {"labels": TAGS, "max_pieces": MAX_PIECES, "cuts": CUTS, "band": BAND}
        (run / kind / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    to_onnx(load_run(run), run / "fp32" / "model.onnx")
    models = [run / kind / "model.onnx" for kind in ("fp32", "int8", "rounded")]
    quantise(*models)


if __name__ == "__main__":
    main()
