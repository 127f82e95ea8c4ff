"""The network over texts: one window of pieces in, one row a word out.

One window a call, never padded: int8 ranges are taken over a whole call, so a batch would change
what is found in its parts. Behind the lower layers an exit says which sentences hold nothing that
may be a name; those go no further. `bench/names_speed.py` measures what that saves, and loses.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from gatekeeper.detect.ner.gate import is_named
from gatekeeper.detect.ner.network import Network
from gatekeeper.detect.ner.segments import packed
from gatekeeper.errors import DetectorError

LABELS = ("PERSON", "LOCATION", "ORGANIZATION")
_TAGS = ("O", *(f"{mark}-{label}" for label in LABELS for mark in "BI"))
_NO_CASE, _LOWER, _TITLE, _CAPS, _MIXED = range(5)
CASES = 5
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
    named: bool = False
    """Whether one of its words is spelt like a name that somebody bears, or is a title."""


@dataclass(slots=True)
class _Window:
    """Neighbouring units that are read in one go."""

    units: list[_Unit]
    begin: int
    """The first unit that is no context."""
    row: int
    """The row of its first word that is no context."""
    kept: tuple[int, int] = (0, 0)
    """The units that went through the upper layers."""

    def words(self) -> int:
        """Its words that are no context."""
        return sum(len(u.words) for u in self.units[self.begin :])


@dataclass(slots=True)
class Reading:
    """The words that were read, with the probabilities of their tags."""

    words: list[tuple[int, int]]
    """(start, end) of each word in the text."""
    rows: Any
    """An array with a row per word: the probabilities of O, B-PERSON, I-PERSON, B-LOCATION,
    I-LOCATION, B-ORGANIZATION and I-ORGANIZATION."""
    windows: list[_Window]


class Tagger:
    """Words with the probabilities of their tags. Make it with `load_tagger`.

    `exact` says whether the network can be run with fp32 arithmetic beside int8.
    """

    def __init__(
        self, network: Network, tokenizer: Any, max_pieces: int, exit_from: tuple[float, float]
    ) -> None:
        """Take what `load_tagger` has opened.

        A piece whose exit has log-odds below `exit_from` is part of no name: the first where a word
        of its sentence is known as one, the second elsewhere.
        """
        self._network = network
        self._tokenizer = tokenizer
        self._room = max_pieces - 2
        self._exit_from = exit_from
        self._ends = [tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")]
        self.exact = network.fast

    def read(
        self, text: str, spans: Sequence[tuple[int, int]], *, everything: bool = False
    ) -> Reading:
        """Tag the words of the sentences `spans`, (start, end) in order, of `text`.

        `everything` takes no exit: all sentences go through all layers.
        """
        import numpy as np

        units = [unit for start, end in spans for unit in self._units(text, start, end)]
        words = sum(len(u.words) for u in units)
        rows = np.zeros((words, len(_TAGS)), np.float32)
        rows[:, 0] = 1.0
        reading = Reading([word for unit in units for word in unit.words], rows, [])
        at = 0
        for first, begin, end in packed([len(u.ids) for u in units], self._room):
            window = _Window(units[first:end], begin - first, at)
            self._fill(window, rows, exact=False, everything=everything)
            reading.windows.append(window)
            at += window.words()
        return reading

    def read_exactly(self, reading: Reading, unsure: Collection[int]) -> None:
        """Read the windows of the words `unsure` again, with fp32 arithmetic."""
        for window in reading.windows:
            last = window.row + window.words()
            if window.kept[1] and any(window.row <= word < last for word in unsure):
                self._fill(window, reading.rows, exact=True)

    def _fill(self, window: _Window, rows: Any, *, exact: bool, everything: bool = False) -> None:
        """Put the probabilities of a window's words into `rows`.

        The second time, in exact arithmetic, the same units go through the upper layers as before.
        """
        import numpy as np

        ids = np.array(
            [self._ends[0], *(i for u in window.units for i in u.ids), self._ends[1]], np.int64
        )
        classes = np.array([0, *_classes(window.units), 0], np.int64)
        hidden, odds = self._network.lower(ids, classes, exact=exact)
        edges = [1]
        for unit in window.units:
            edges.append(edges[-1] + len(unit.ids))
        if not exact:
            window.kept = (0, len(window.units))
            if not everything:
                window.kept = self._kept(window, odds, edges)
        first, last = window.kept
        if last <= max(first, window.begin):
            return
        inside = [0, *range(edges[first], edges[last]), len(ids) - 1]
        logits = self._network.upper(hidden[inside], exact=exact)
        shift = edges[first] - 1
        places, at = [], window.row
        for n in range(window.begin, last):
            unit = window.units[n]
            if n >= first:
                places += [edges[n] - shift + piece for piece in unit.firsts]
            else:
                at += len(unit.words)
        rows[at : at + len(places)] = _softmax(logits[places])

    def _kept(self, window: _Window, odds: Any, edges: Sequence[int]) -> tuple[int, int]:
        """The units from the first to the last that may hold a name, and their neighbours."""
        open_ = [
            n
            for n in range(window.begin, len(window.units))
            if odds[edges[n] : edges[n + 1]].max() >= self._exit_from[not window.units[n].named]
        ]
        if not open_:
            return 0, 0
        return max(0, open_[0] - 1), min(len(window.units), open_[-1] + 2)

    def _units(self, text: str, start: int, end: int) -> Iterator[_Unit]:
        """The sentence as units that fit a window; a longer one is cut between words."""
        encoding = self._tokenizer.encode(text[start:end], add_special_tokens=False)
        ids, offsets, tokens = encoding.ids, encoding.offsets, encoding.tokens
        if not ids:
            return
        begins = [n for n, token in enumerate(tokens) if n == 0 or not token.startswith("##")]
        unit = _Unit([], [], [], [])
        for first, last in zip(begins, [*begins[1:], len(ids)], strict=True):
            last = min(last, first + self._room)  # a word of hundreds of pieces is no name
            if unit.ids and len(unit.ids) + last - first > self._room // 2:
                yield unit
                unit = _Unit([], [], [], [])
            word = (start + offsets[first][0], start + offsets[last - 1][1])
            unit.firsts.append(len(unit.ids))
            unit.ids += ids[first:last]
            unit.words.append(word)
            unit.cases.append(case_of(text[word[0] : word[1]]))
            unit.named = unit.named or is_named(text[word[0] : word[1]])
        yield unit


def _classes(units: Iterable[_Unit]) -> Iterator[int]:
    """The case class of each piece's word; all zero where the window's case says nothing."""
    units = list(units)
    found = {case for unit in units for case in unit.cases}
    silent = not found & {_TITLE, _CAPS, _MIXED} or not found & {_LOWER, _TITLE, _MIXED}
    for unit in units:
        ends = [*unit.firsts[1:], len(unit.ids)]
        for first, end, case in zip(unit.firsts, ends, unit.cases, strict=True):
            yield from [_NO_CASE if silent else case] * (end - first)


@lru_cache(maxsize=1 << 16)
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
    """The tagger in the folder `model`: graphs, weights.bin, tokenizer.json and config.json.

    Raises:
        DetectorError: a package is missing, or a file is missing or cannot be opened.
    """
    network, tokenizer, config = _opened(model)
    if config.get("labels") != list(_TAGS) or config.get("cases") != CASES:
        raise DetectorError("name model: not one that this version can run")
    known, unknown = map(float, config["exit_from"])
    return Tagger(network, tokenizer, int(config["max_pieces"]), (known, unknown))


def _opened(model: Path) -> tuple[Network, Any, dict[str, Any]]:
    problem, hint = "", "reinstall gatekeeper"
    try:
        from tokenizers import Tokenizer as Pieces

        network = Network(model)
        tokenizer = Pieces.from_str((model / "tokenizer.json").read_text("utf-8"))
        tokenizer.no_padding()
        tokenizer.no_truncation()
        return network, tokenizer, json.loads((model / "config.json").read_text("utf-8"))
    except ImportError as error:
        problem, hint = f"`{error.name or 'onnxruntime'}` is not installed", _MISSING
    except (OSError, ValueError) as error:
        problem = f"cannot be opened ({type(error).__name__})"
    except Exception as error:  # noqa: BLE001  (both packages raise classes of their own)
        problem = f"damaged ({type(error).__name__})"
    raise DetectorError(f"name model: {problem}", hint=hint)
