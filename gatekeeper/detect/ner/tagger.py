"""The network: a token classifier in ONNX (int8), one window of pieces in, one row a word out.

One window a call, never padded: int8 ranges are taken over a whole call, so a batch would change
what is found in its parts. One thread, so that sums are always added in the same order.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gatekeeper.detect.ner.segments import packed
from gatekeeper.errors import DetectorError

LABELS = ("PERSON", "LOCATION", "ORGANIZATION")
_TAGS = ("O", *(f"{mark}-{label}" for label in LABELS for mark in "BI"))
_NO_CASE, _LOWER, _TITLE, _CAPS, _MIXED = range(5)
_INPUTS = ("input_ids", "attention_mask", "token_type_ids")
_MISSING = "pip install onnxruntime tokenizers"


@dataclass(slots=True)
class _Unit:
    """The pieces of one sentence, or of as much of it as one window holds."""

    ids: list[int]
    firsts: list[int]
    """Where its words begin among the pieces."""
    words: list[tuple[int, int]]
    """(start, end) of its words in the text."""
    cases: list[int]
    """The case class of each word."""


@dataclass(slots=True)
class Reading:
    """The words that were read, with the probabilities of their tags."""

    words: list[tuple[int, int]]
    """(start, end) of each word in the text."""
    rows: Any
    """An array with a row per word: the probabilities of O, B-PERSON, I-PERSON, B-LOCATION,
    I-LOCATION, B-ORGANIZATION and I-ORGANIZATION."""
    windows: list[tuple[list[_Unit], int, int]]
    """Each window, how many of its words are context, and its first row."""


class Tagger:
    """Words with the probabilities of their tags. Make it with `load_tagger`.

    `exact` says whether the network can be run with fp32 arithmetic as well.
    """

    def __init__(self, session: Any, tokenizer: Any, max_pieces: int, *, exact: bool) -> None:
        """Take what `load_tagger` has opened."""
        self._session = session
        self._tokenizer = tokenizer
        self._room = max_pieces - 2
        self._ends = [tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")]
        self.exact = exact

    def read(self, text: str, spans: Sequence[tuple[int, int]]) -> Reading:
        """Tag the words of the sentences `spans`, (start, end) in order, of `text`."""
        import numpy as np

        reading = Reading([], np.zeros((0, len(_TAGS)), np.float32), [])
        units = [unit for start, end in spans for unit in self._units(text, start, end)]
        parts = []
        for first, begin, end in packed([len(u.ids) for u in units], self._room):
            window = units[first:end]
            context = sum(len(u.words) for u in units[first:begin])
            reading.windows.append((window, context, len(reading.words)))
            parts.append(self._rows(window, context))
            reading.words += [word for unit in units[begin:end] for word in unit.words]
        if parts:
            reading.rows = np.concatenate(parts)
        return reading

    def read_exactly(self, reading: Reading, unsure: Collection[int]) -> None:
        """Read the windows of the words `unsure` again, with fp32 arithmetic."""
        for n, (window, context, first) in enumerate(reading.windows):
            last = reading.windows[n + 1][2] if n + 1 < len(reading.windows) else len(reading.words)
            if any(first <= word < last for word in unsure):
                reading.rows[first:last] = self._rows(window, context, exact=True)

    def _rows(self, window: list[_Unit], context: int, *, exact: bool = False) -> Any:
        logits = self._run(window, exact=exact)
        return _softmax(logits[[1 + n for n in _firsts(window)][context:]])

    def _units(self, text: str, start: int, end: int) -> list[_Unit]:
        """The sentence as units that fit a window; a longer one is cut between words."""
        encoding = self._tokenizer.encode(text[start:end], add_special_tokens=False)
        ids, offsets, tokens = encoding.ids, encoding.offsets, encoding.tokens
        if not ids:
            return []
        begins = [n for n, token in enumerate(tokens) if n == 0 or not token.startswith("##")]
        units: list[_Unit] = []
        unit = _Unit([], [], [], [])
        for first, last in zip(begins, [*begins[1:], len(ids)], strict=True):
            last = min(last, first + self._room)  # a word of hundreds of pieces is no name
            if unit.ids and len(unit.ids) + last - first > self._room // 2:
                units.append(unit)
                unit = _Unit([], [], [], [])
            word = (start + offsets[first][0], start + offsets[last - 1][1])
            unit.firsts.append(len(unit.ids))
            unit.ids += ids[first:last]
            unit.words.append(word)
            unit.cases.append(case_of(text[word[0] : word[1]]))
        return [*units, unit] if unit.ids else units

    def _run(self, window: list[_Unit], *, exact: bool) -> Any:
        import numpy as np

        pieces = [self._ends[0], *(i for unit in window for i in unit.ids), self._ends[1]]
        ids = np.array([pieces], np.int64)
        inputs = {
            "input_ids": ids,
            "attention_mask": np.ones_like(ids),
            "token_type_ids": np.array([[0, *_classes(window), 0]], np.int64),
        }
        if self.exact:
            inputs["exact"] = np.array([exact])
        return self._session.run(["logits"], inputs)[0][0]


def _firsts(window: list[_Unit]) -> list[int]:
    """Where the words of a window begin among its pieces."""
    firsts: list[int] = []
    at = 0
    for unit in window:
        firsts += [at + n for n in unit.firsts]
        at += len(unit.ids)
    return firsts


def _classes(window: list[_Unit]) -> list[int]:
    """The case class of each piece's word; all zero where the window's case says nothing."""
    found = {case for unit in window for case in unit.cases}
    silent = not found & {_TITLE, _CAPS, _MIXED} or not found & {_LOWER, _TITLE, _MIXED}
    classes: list[int] = []
    for unit in window:
        ends = [*unit.firsts[1:], len(unit.ids)]
        for first, end, case in zip(unit.firsts, ends, unit.cases, strict=True):
            classes += [_NO_CASE if silent else case] * (end - first)
    return classes


def case_of(word: str) -> int:
    """0 no cased letter, 1 lower, 2 title (or one single capital), 3 capitals, 4 mixed."""
    if word.islower():
        return _LOWER
    cased = [c for c in word if c.isupper() or c.islower()]
    if not cased:
        return _NO_CASE
    upper = [c.isupper() for c in cased]
    if not any(upper):
        return _LOWER
    if upper[0] and not any(upper[1:]):
        return _TITLE
    return _CAPS if all(upper) else _MIXED


def _softmax(logits: Any) -> Any:
    import numpy as np

    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def load_tagger(model: Path) -> Tagger:
    """The tagger in the folder `model`: model.onnx, tokenizer.json and config.json.

    Raises:
        DetectorError: a package is missing, or a file is missing or cannot be opened.
    """
    session, tokenizer, config = _opened(model)
    names = [i.name for i in session.get_inputs()]
    optional = [i.name for i in session.get_overridable_initializers()]
    exact = "exact" in names + optional
    if config.get("labels") != list(_TAGS) or not {*_INPUTS} <= {*names} <= {*_INPUTS, "exact"}:
        raise DetectorError("name model: not one that this version can run")
    return Tagger(session, tokenizer, int(config["max_pieces"]), exact=exact)


def _opened(model: Path) -> tuple[Any, Any, dict[str, Any]]:
    problem, hint = "", "reinstall gatekeeper"
    # Versions above the range we ask for keep a device id and call home (seen in 1.31 and 1.32),
    # unless this is set before they are imported.
    os.environ["ORT_DISABLE_TELEMETRY"] = os.environ["ORT_TELEMETRY_DISABLED"] = "1"
    try:
        import onnxruntime
        from tokenizers import Tokenizer as Pieces

        onnxruntime.set_default_logger_severity(4)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.use_deterministic_compute = True
        options.log_severity_level = 4
        session = onnxruntime.InferenceSession(
            (model / "model.onnx").read_bytes(), options, providers=["CPUExecutionProvider"]
        )
        tokenizer = Pieces.from_str((model / "tokenizer.json").read_text("utf-8"))
        tokenizer.no_padding()
        tokenizer.no_truncation()
        return session, tokenizer, json.loads((model / "config.json").read_text("utf-8"))
    except ImportError as error:
        problem, hint = f"`{error.name or 'onnxruntime'}` is not installed", _MISSING
    except (OSError, ValueError) as error:
        problem = f"cannot be opened ({type(error).__name__})"
    except Exception as error:  # noqa: BLE001  (both packages raise classes of their own)
        problem = f"damaged ({type(error).__name__})"
    raise DetectorError(f"name model: {problem}", hint=hint)
