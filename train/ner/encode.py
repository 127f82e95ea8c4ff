"""Texts to model inputs: the trimmed tokenizer, case classes, and a label per piece."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from data import LABELS, Sample

from gatekeeper.detect.ner.tagger import case_of

TAGS = ("O", *(f"{mark}-{label}" for label in LABELS for mark in "BI"))
IGNORED = -100
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")
NO_CASE, LOWER, TITLE, CAPS, MIXED = range(5)
MAX_PIECES = 192


def trimmed(source: Path, texts: Iterable[str], most: int) -> tuple[Any, list[int]]:
    """The base tokenizer with at most `most` pieces: every single character and those in `texts`.

    Returns the tokenizer and, for each new id, the id it had in the base vocabulary.
    """
    from tokenizers import Tokenizer

    base = Tokenizer.from_file(str(source))
    base.no_truncation()
    base.no_padding()
    seen: Counter[str] = Counter()
    batch: list[str] = []
    for text in texts:
        batch.append(text)
        if len(batch) == 2000:
            _count(base, batch, seen)
            batch = []
    _count(base, batch, seen)
    vocabulary: dict[str, int] = base.get_vocab()
    single = {p for p in vocabulary if len(p.removeprefix("##")) == 1}
    kept = [*SPECIAL, *sorted(single, key=vocabulary.__getitem__)]
    taken = set(kept)
    kept += [p for p, _ in seen.most_common() if p not in taken][: most - len(kept)]
    data = json.loads(base.to_str())
    data["model"]["vocab"] = {piece: n for n, piece in enumerate(kept)}
    data["added_tokens"] = [
        {**t, "id": kept.index(t["content"])} for t in data["added_tokens"] if t["content"] in kept
    ]
    for name, token in data["post_processor"].get("special_tokens", {}).items():
        token["ids"] = [kept.index(name)]
    if data["post_processor"]["type"] == "BertProcessing":
        for end in ("sep", "cls"):
            name = data["post_processor"][end][0]
            data["post_processor"][end] = [name, kept.index(name)]
    return Tokenizer.from_str(json.dumps(data)), [vocabulary[p] for p in kept]


def _count(base: Any, batch: list[str], seen: Counter[str]) -> None:
    for encoding in base.encode_batch(batch, add_special_tokens=False):
        seen.update(encoding.tokens)


def case_classes(text: str, tokens: Sequence[str], offsets: Sequence[tuple[int, int]]) -> list[int]:
    """The case class of every piece's word; all zero where the window's case says nothing."""
    classes = [NO_CASE] * len(tokens)
    at = 0
    while at < len(tokens):
        end = at + 1
        while end < len(tokens) and tokens[end].startswith("##"):
            end += 1
        if offsets[at][1] > offsets[at][0]:
            classes[at:end] = [case_of(text[offsets[at][0] : offsets[end - 1][1]])] * (end - at)
        at = end
    found = set(classes)
    if not found & {TITLE, CAPS, MIXED} or not found & {LOWER, TITLE, MIXED}:
        return [NO_CASE] * len(tokens)
    return classes


Encoded = tuple[list[int], list[int], list[int]]
"""Piece ids, case classes and tags (`IGNORED` where the truth is unknown), of one length."""


def encode(tokenizer: Any, samples: Sequence[Sample]) -> list[Encoded]:
    """Each sample as one window; what is beyond `MAX_PIECES` is cut off."""
    encodings = tokenizer.encode_batch([s.text for s in samples])
    return [_encoded(s, e) for s, e in zip(samples, encodings, strict=True)]


def _encoded(sample: Sample, encoding: Any) -> Encoded:
    offsets = encoding.offsets
    tags = [IGNORED if a == b else 0 for a, b in offsets]
    for n, (a, b) in enumerate(offsets):
        if a < b and any(start < b and a < end for start, end in sample.hidden):
            tags[n] = IGNORED
    for span in sample.spans:
        inside = TAGS.index(f"I-{span.label}")
        first = True
        for n, (a, b) in enumerate(offsets):
            if a < b and a < span.end and span.start < b:
                tags[n] = inside - 1 if first else inside
                first = False
    if not sample.complete:
        tags = [t if t > 0 else IGNORED for t in tags]
    cases = case_classes(sample.text, encoding.tokens, offsets)
    return encoding.ids[:MAX_PIECES], cases[:MAX_PIECES], tags[:MAX_PIECES]
