"""The network as ONNX graphs, written node by node: no mask, no batch, nothing to trace.

A window of n pieces runs through `lower` (embeddings and the first layers, to hidden states of
shape (n, 384) and an exit's log-odds of shape (n,)) and, where the exit leaves anything open,
through `upper` (the other layers, to logits of shape (n, 7)). Each exists twice over the same file
of weights: `fast` multiplies in int8, activations quantised on the fly; `exact` in floats.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from network import EXIT, HEADS, HIDDEN, LAYERS
from onnx import TensorProto, checker, helper, numpy_helper, save

OPSETS = (("", 17), ("com.microsoft", 1))
IR_VERSION = 9
EPSILON = 1e-12
WEIGHTS = "weights.bin"
"""All the tensors of a folder's graphs, side by side; the graphs say where each lies."""
_ALIGNED = 64

State = Mapping[str, Any]
"""The trained tensors by name, as numpy arrays."""
Outliers = Mapping[str, Any]
"""By the name of a product: the inputs that are multiplied in floats even where all is int8."""


class Packed:
    """Tensors that are written once to `WEIGHTS`, whichever graphs use them."""

    def __init__(self) -> None:
        """With nothing in it."""
        self._places: dict[str, tuple[int, Any]] = {}
        self._size = 0

    def add(self, name: str, values: Any) -> Any:
        """An initializer of that name which points into the file."""
        array = np.ascontiguousarray(values)
        if name not in self._places:
            self._places[name] = (self._size, array)
            self._size += -(-array.nbytes // _ALIGNED) * _ALIGNED
        offset = self._places[name][0]
        tensor = numpy_helper.from_array(array, name)
        tensor.ClearField("raw_data")
        tensor.data_location = TensorProto.EXTERNAL
        for key, value in (("location", WEIGHTS), ("offset", offset), ("length", array.nbytes)):
            entry = tensor.external_data.add()
            entry.key, entry.value = key, str(value)
        return tensor

    def write(self, folder: Path) -> None:
        """Write the file."""
        whole = bytearray(self._size)
        for offset, array in self._places.values():
            whole[offset : offset + array.nbytes] = array.tobytes()
        (folder / WEIGHTS).write_bytes(whole)


def quantised(weight: Any) -> tuple[Any, Any]:
    """A matrix (in, out) as int8 from -64 to 64, with one scale a column.

    No more, for CPUs without VNNI add two products in 16 bits: 2 * 255 * 64 just fits.
    """
    scale = (np.abs(weight).max(0) / 64).clip(1e-12).astype(np.float32)
    return np.rint(weight / scale).astype(np.int8), scale


class Builder:
    """One graph under construction: `fast` says how it multiplies, `rounded` with which weights."""

    def __init__(
        self, state: State, packed: Packed, outliers: Outliers, *, fast: bool, rounded: bool
    ) -> None:
        """Take the trained tensors and the file that they go to."""
        self._state, self._packed, self._outliers = state, packed, outliers
        self._fast, self._rounded = fast, rounded
        self._nodes: list[Any] = []
        self._constants: dict[str, Any] = {}

    def op(
        self, kind: str, *inputs: str, outputs: int = 1, domain: str = "", **attributes: Any
    ) -> Any:
        """Add a node; its output, or its outputs."""
        name = f"{kind}_{len(self._nodes)}"
        names = [f"{name}_{n}" for n in range(outputs)]
        self._nodes.append(
            helper.make_node(kind, list(inputs), names, name=name, domain=domain, **attributes)
        )
        return names[0] if outputs == 1 else names

    def held(self, name: str, values: Any) -> str:
        """A constant that lies in the file of weights."""
        self._constants.setdefault(name, self._packed.add(name, values))
        return name

    def small(self, name: str, values: Any) -> str:
        """A constant that lies in the graph itself."""
        self._constants.setdefault(name, numpy_helper.from_array(np.asarray(values), name))
        return name

    def linear(
        self, x: str, name: str, parts: Sequence[str], scales: Sequence[float] = (1.0,)
    ) -> str:
        """`x` times the weights of `parts`, side by side, each multiplied by its scale."""
        columns = [self._state[f"{p}.weight"].T * s for p, s in zip(parts, scales, strict=True)]
        biases = [self._state[f"{p}.bias"] * s for p, s in zip(parts, scales, strict=True)]
        weight = np.concatenate(columns, 1).astype(np.float32)
        bias = self.held(f"{name}.bias", np.concatenate(biases).astype(np.float32))
        if not self._rounded:
            return self.op("Add", self.op("MatMul", x, self.held(name, weight)), bias)
        packed, scale = quantised(weight)
        held, scaled = self.held(f"{name}.int8", packed), self.held(f"{name}.scale", scale)
        if self._fast:
            return self._in_int8(x, name, packed, scale, bias)
        floats = self.op("Mul", self.op("Cast", held, to=TensorProto.FLOAT), scaled)
        return self.op("Add", self.op("MatMul", x, floats), bias)

    def _in_int8(self, x: str, name: str, packed: Any, scale: Any, bias: str) -> str:
        """The product in int8, its outliers in floats (Dettmers et al. 2022, LLM.int8()).

        Activations have one scale a window. A few inputs are ten times as large as the rest, and
        would leave the rest a few bits.
        """
        held, scaled = self.held(f"{name}.int8", packed), self.held(f"{name}.scale", scale)
        zero = self.small(f"zero_{packed.shape[1]}", np.zeros(packed.shape[1], np.int8))
        outliers = self._outliers.get(name)
        rest = x
        if outliers is not None:
            mask = np.ones(packed.shape[0], np.float32)
            mask[outliers] = 0.0
            rest = self.op("Mul", x, self.held(f"{name}.mask", mask))
        product = self.op(
            "DynamicQuantizeMatMul", rest, held, scaled, zero, bias, domain="com.microsoft"
        )
        if outliers is None:
            return product
        large = self.op("Gather", x, self.held(f"{name}.large", outliers), axis=1)
        floats = packed[outliers].astype(np.float32) * scale
        return self.op("Gemm", large, self.held(f"{name}.large_weight", floats), product)

    def table(self, name: str, rows: Callable[[str], str]) -> str:
        """Rows of an embedding table, which is int8 with one scale a row."""
        values = self._state[name]
        if not self._rounded:
            return rows(self.held(name, values))
        scale = (np.abs(values).max(1, keepdims=True) / 127).clip(1e-12).astype(np.float32)
        packed = np.rint(values / scale).astype(np.int8)
        picked = self.op("Cast", rows(self.held(f"{name}.int8", packed)), to=TensorProto.FLOAT)
        return self.op("Mul", picked, rows(self.held(f"{name}.scale", scale)))

    def norm(self, x: str, name: str, other: str | None = None) -> str:
        """Layer normalisation of `x`, or of `x` and `other` added up."""
        gamma, beta = (
            self.held(f"{name}.{p}", self._state[f"{name}.{p}"]) for p in ("weight", "bias")
        )
        if other is None:
            return self.op("LayerNormalization", x, gamma, beta, axis=-1, epsilon=EPSILON)
        return self.op(
            "SkipLayerNormalization", x, other, gamma, beta, domain="com.microsoft", epsilon=EPSILON
        )

    def layer(self, x: str, number: int) -> str:
        """One transformer layer (Devlin et al. 2019) over hidden states of shape (n, 384)."""
        at = f"bert.encoder.layer.{number}"
        parts = [f"{at}.attention.self.{p}" for p in ("query", "key", "value")]
        all_three = self.linear(x, f"{at}.qkv", parts, ((HIDDEN // HEADS) ** -0.5, 1.0, 1.0))
        heads = self.small("heads", np.array([-1, 3 * HEADS, HIDDEN // HEADS]))
        apart = self.op("Transpose", self.op("Reshape", all_three, heads), perm=[1, 0, 2])
        thirds = self.small("thirds", np.array([HEADS] * 3))
        query, key, value = self.op("Split", apart, thirds, outputs=3, axis=0)
        weights = self.op("FusedMatMul", query, key, domain="com.microsoft", transB=1, alpha=1.0)
        mixed = self.op("MatMul", self.op("Softmax", weights, axis=-1), value)
        rows = self.small("rows", np.array([-1, HIDDEN]))
        context = self.op("Reshape", self.op("Transpose", mixed, perm=[1, 0, 2]), rows)
        out = self.linear(context, f"{at}.out", [f"{at}.attention.output.dense"])
        x = self.norm(out, f"{at}.attention.output.LayerNorm", x)
        inner = self.linear(x, f"{at}.inner", [f"{at}.intermediate.dense"])
        inner = self.op("Gelu", inner, domain="com.microsoft")
        out = self.linear(inner, f"{at}.outer", [f"{at}.output.dense"])
        return self.norm(out, f"{at}.output.LayerNorm", x)

    def embedded(self) -> str:
        """Pieces (`ids`) in their places, with the classes of their words."""
        at = "bert.embeddings"
        places = self.op("Shape", "ids")
        zero = self.small("zero", np.array([0]))
        words = self.table(f"{at}.word_embeddings.weight", lambda t: self.op("Gather", t, "ids"))
        cut = self.table(
            f"{at}.position_embeddings.weight", lambda t: self.op("Slice", t, zero, places)
        )
        classes = self.held(f"{at}.classes", self._state[f"{at}.token_type_embeddings.weight"])
        summed = self.op("Add", words, self.op("Add", cut, self.op("Gather", classes, "classes")))
        return self.norm(summed, f"{at}.LayerNorm")

    def lower(self) -> Any:
        """The graph of the embeddings, the first layers and their exit."""
        x = self.embedded()
        for number in range(EXIT):
            x = self.layer(x, number)
        odds = x
        for name in ("exit.0", "exit.2"):
            weight = self.held(f"{name}.weight", self._state[f"{name}.weight"].T)
            bias = self.held(f"{name}.bias", self._state[f"{name}.bias"])
            odds = self.op("Gemm", odds, weight, bias)
            odds = self.op("Relu", odds) if name == "exit.0" else odds
        flat = self.op("Reshape", odds, self.small("flat", np.array([-1])))
        inputs = [("ids", TensorProto.INT64, ["n"]), ("classes", TensorProto.INT64, ["n"])]
        return self._model("lower", inputs, [(x, "hidden", ["n", HIDDEN]), (flat, "exit", ["n"])])

    def upper(self) -> Any:
        """The graph of the other layers, and of the tags."""
        x = "hidden"
        for number in range(EXIT, LAYERS):
            x = self.layer(x, number)
        weight = self.held("tags.weight", self._state["classifier.weight"].T)
        bias = self.held("tags.bias", self._state["classifier.bias"])
        logits = self.op("Add", self.op("MatMul", x, weight), bias)
        inputs = [("hidden", TensorProto.FLOAT, ["n", HIDDEN])]
        return self._model(
            "upper", inputs, [(logits, "logits", ["n", len(self._state["classifier.bias"])])]
        )

    def _model(self, name: str, inputs: Sequence[Any], outputs: Sequence[Any]) -> Any:
        for made, called, _ in outputs:
            self._nodes.append(helper.make_node("Identity", [made], [called], name=called))
        graph = helper.make_graph(
            self._nodes,
            name,
            [helper.make_tensor_value_info(*i) for i in inputs],
            [helper.make_tensor_value_info(c, TensorProto.FLOAT, s) for _, c, s in outputs],
            list(self._constants.values()),
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid(*o) for o in OPSETS])
        model.ir_version = IR_VERSION
        return model


def write(state: State, folder: Path, outliers: Outliers, *, rounded: bool = True) -> None:
    """Write the graphs and their weights into `folder`.

    Not `rounded`, there is only the exact pair, with the weights as they were trained.
    """
    packed = Packed()
    models = {}
    for kind in ("fast", "exact") if rounded else ("exact",):
        for part in ("lower", "upper"):
            builder = Builder(state, packed, outliers, fast=kind == "fast", rounded=rounded)
            models[f"{kind}_{part}.onnx"] = getattr(builder, part)()
    packed.write(folder)
    for name, model in models.items():
        save(model, folder / name)
        checker.check_model(str(folder / name))
