"""What a model folder says of texts: words with their label probabilities, and spans at a cut.

The decoding of the recipe's own scores. A word is an entity from P(any entity) >= cut on; its label
is the likeliest. The package decodes by the same rule and adds to it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data import LABELS
from encode import MAX_PIECES, case_classes

NEAR = 0.5
"""Where the fast branch comes this near to a decision, in log-odds, the exact one is asked."""
_LEAST = 1e-6


def _log_odds(odds: float) -> float:
    return math.log((odds + _LEAST) / (1.0 - odds + _LEAST))


@dataclass(frozen=True, slots=True)
class Word:
    """A word's place in the text, and P(O), P(PERSON), P(LOCATION), P(ORGANIZATION)."""

    start: int
    end: int
    begins: float
    outside: float
    labels: tuple[float, ...]

    @property
    def entity(self) -> float:
        """P(any entity)."""
        return 1.0 - self.outside

    @property
    def label(self) -> str:
        """The likeliest entity label."""
        return LABELS[max(range(len(LABELS)), key=self.labels.__getitem__)]


class Model:
    """`model.onnx`, `tokenizer.json` and `config.json` of a folder, on one thread."""

    def __init__(self, folder: Path, *, exact: bool | None = None) -> None:
        """Take the `exact` branch always, never, or (None) near decisions, as the package does."""
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3  # it warns of inputs that have a default
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"]
        )
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        config = json.loads((folder / "config.json").read_text())
        self._tags: list[str] = config["labels"]
        self._cuts = tuple(config["cuts"].values())
        self._exact = exact
        self._two = "exact" in {i.name for i in self._session.get_inputs()} | {
            i.name for i in self._session.get_overridable_initializers()
        }
        self.windows = self.repeated = 0

    def words(self, text: str) -> list[Word]:
        """The words of a text; one longer than a window is read in windows that overlap by half."""
        encoding = self._tokenizer.encode(text, add_special_tokens=False)
        ids, offsets, tokens = encoding.ids, encoding.offsets, encoding.tokens
        room = MAX_PIECES - 2
        kept: dict[int, Any] = {}
        start = 0
        while start < len(ids):
            end = min(len(ids), start + room)
            rows = self._run(text, ids[start:end], tokens[start:end], offsets[start:end])
            first = start if start == 0 else start + room // 4
            kept.update(zip(range(first, end), rows[first - start :], strict=True))
            if end == len(ids):
                break
            start += room // 2
        return list(self._joined(text, tokens, offsets, [kept[i] for i in range(len(ids))]))

    def _run(
        self, text: str, ids: list[int], tokens: list[str], offsets: list[tuple[int, int]]
    ) -> Any:
        import numpy as np

        cls, sep = self._tokenizer.token_to_id("[CLS]"), self._tokenizer.token_to_id("[SEP]")
        pieces = np.array([[cls, *ids, sep]], dtype=np.int64)
        cases = np.array([[0, *case_classes(text, tokens, offsets), 0]], dtype=np.int64)
        feed = {
            "input_ids": pieces,
            "attention_mask": np.ones_like(pieces),
            "token_type_ids": cases,
        }
        self.windows += 1
        if not self._two:
            return self._odds(feed)
        if self._exact is None:
            rows = self._odds(feed)
            first = [row for row, token in zip(rows, tokens, strict=True) if token[:2] != "##"]
            if not self._close(first):
                return rows
            self.repeated += 1
        return self._odds({**feed, "exact": np.array([self._exact is not False])})

    def _odds(self, feed: dict[str, Any]) -> Any:
        import numpy as np

        logits = self._session.run(None, feed)[0][0, 1:-1]
        odds = np.exp(logits - logits.max(-1, keepdims=True))
        return (odds / odds.sum(-1, keepdims=True)).tolist()

    def _close(self, rows: Sequence[Any]) -> bool:
        """Whether a word is near a cut, another label, or B against I: `NEAR` in log-odds."""
        columns = [[self._tags.index(f"{m}-{label}") for m in "BI"] for label in LABELS]
        least, before = min(self._cuts) / 2, 0.0
        for row in rows:
            entity = 1.0 - row[0]
            if any(abs(_log_odds(entity) - _log_odds(cut)) < NEAR for cut in self._cuts):
                return True
            if entity >= least:
                best, second = sorted((row[b] + row[i] for b, i in columns), reverse=True)[:2]
                if math.log((best + _LEAST) / (second + _LEAST)) < NEAR:
                    return True
                begins = sum(row[b] for b, _ in columns)
                if before >= least and abs(_log_odds(begins / entity)) < NEAR:
                    return True
            before = entity
        return False

    def _joined(
        self, text: str, tokens: list[str], offsets: list[tuple[int, int]], rows: Sequence[Any]
    ) -> Iterator[Word]:
        columns = [[self._tags.index(f"{m}-{label}") for m in "BI"] for label in LABELS]
        begin = [b for b, _ in columns]
        at = 0
        while at < len(tokens):
            end = at + 1
            while end < len(tokens) and tokens[end].startswith("##"):
                end += 1
            row = rows[at]
            labels = tuple(row[b] + row[i] for b, i in columns)
            begins = sum(row[b] for b in begin)
            yield Word(offsets[at][0], offsets[end - 1][1], begins, row[0], labels)
            at = end


Found = tuple[int, int, str]


def spans(words: Iterable[Word], cut: float) -> list[Found]:
    """Maximal runs of entity words of one label; a likely beginning starts a new one."""
    found: list[Found] = []
    last: Word | None = None
    for word in words:
        if word.entity >= cut:
            label = word.label
            joins = last is not None and found[-1][2] == label and word.begins < word.entity / 2
            if joins:
                found[-1] = (found[-1][0], word.end, label)
            else:
                found.append((word.start, word.end, label))
            last = word
        else:
            last = None
    return found
