"""Name models of the user's own, from a folder of this machine: spaCy, transformers or GLiNER.

Nothing is ever fetched: a model is a folder, the hubs are switched off before a package that knows
them is imported, and no code that lies beside the weights is run. The bundled network is not used
then; what its operating points say of a probability is applied to the user's model as well.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from gatekeeper.detect.ner.decode import PROPOSED_FROM, Proposal, proposals, whole
from gatekeeper.detect.ner.segments import sentences
from gatekeeper.detect.ner.tagger import LABELS
from gatekeeper.errors import ConfigError
from gatekeeper.model import NameModel
from gatekeeper.model.installed import installed

Propose = Callable[[str], list[Proposal]]

SURE = 0.9
"""The probability lent to what a spaCy model says, which gives none."""
_OURS = {
    "PERSON": "PERSON", "PER": "PERSON", "NAME": "PERSON", "LOCATION": "LOCATION",
    "LOC": "LOCATION", "GPE": "LOCATION", "FAC": "LOCATION", "ORGANIZATION": "ORGANIZATION",
    "ORG": "ORGANIZATION", "ORGANISATION": "ORGANIZATION",
}  # fmt: skip
_OFFLINE = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_DATASETS_OFFLINE")
_MAX_TOKENS, _STRIDE = 256, 48
_CHUNK = 1200
"""Characters at most that GLiNER reads at once; it cuts off what is beyond a few hundred words."""


def open_custom(model: NameModel) -> Propose:
    """What proposes names by the user's model.

    Raises:
        ConfigError: the folder is not there, a package is missing, or the model cannot be opened
            or has no label for people.
    """
    _require_folder(model)
    for name in _OFFLINE:
        os.environ[name] = "1"
    problem, hint = "", ""
    try:
        return _OPENERS[model.kind](model.path)
    except ImportError as error:
        problem = f"needs `{(error.name or model.kind).partition('.')[0]}`, which is not installed"
        hint = f"pip install 'gatekeeper[{model.kind}]'"
    except ConfigError:
        raise
    except Exception as error:  # noqa: BLE001  (each package raises classes of its own)
        problem = f"cannot be opened as a {model.kind} model ({type(error).__name__})"
    raise ConfigError(f"names: {_shown(model)}: {problem}", hint=hint)


def digest_of_model(model: NameModel) -> str:
    """SHA-256 over the names and contents of the model's files, for the fingerprint.

    Raises ConfigError where the folder is not there or cannot be read.
    """
    _require_folder(model)
    digest = hashlib.sha256(f"{model.kind}\0".encode())
    problem = ""
    try:
        for path in sorted(p for p in model.path.rglob("*") if p.is_file()):
            digest.update(f"{path.relative_to(model.path).as_posix()}\0".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    except OSError as error:
        problem = type(error).__name__
    if problem:
        raise ConfigError(f"names: {_shown(model)}: cannot be read: {problem}")
    for name in ("spacy", "torch", "transformers", "gliner"):
        digest.update(f"{name} {installed(name)}\0".encode())
    return digest.hexdigest()


def _require_folder(model: NameModel) -> None:
    if not model.path.is_dir():
        raise ConfigError(
            f"names: {_shown(model)}: no such folder",
            hint="a model is a folder of this machine; nothing is fetched from a hub",
        )


def _shown(model: NameModel) -> str:
    from gatekeeper.model.display import escaped

    return escaped(str(model.path))


def _label(name: str) -> str | None:
    """Our label for `B-PER`, `PERSON`, `GPE`; None for any other."""
    return _OURS.get(name.upper().split("-")[-1])


def _require_people(labels: Mapping[Any, str] | list[str]) -> None:
    names = labels.values() if isinstance(labels, Mapping) else labels
    if not any(_label(name) == "PERSON" for name in names):
        raise ConfigError("names: the model has no label for people (PERSON or PER)")


def _spacy(path: Path) -> Propose:
    import spacy

    nlp = spacy.load(path)
    _require_people([label for pipe in nlp.pipe_labels.values() for label in pipe])

    def propose(text: str) -> list[Proposal]:
        found = []
        for ent in nlp(text).ents:
            label = _label(ent.label_)
            if label:
                start, end = whole(text, ent.start_char, ent.end_char, label)
                found.append(Proposal(start, end, label, SURE))
        return [p for p in found if p.start < p.end]

    return propose


def _transformers(path: Path) -> Propose:
    import torch
    from transformers import AutoModelForTokenClassification, AutoTokenizer

    torch.set_num_threads(1)
    local = {"local_files_only": True, "trust_remote_code": False}
    tokenizer = AutoTokenizer.from_pretrained(str(path), **local)
    model = AutoModelForTokenClassification.from_pretrained(str(path), **local).eval()
    if not tokenizer.is_fast:
        raise ConfigError("names: the model's tokenizer gives no offsets (tokenizer.json)")
    _require_people(model.config.id2label)
    columns = [_column(model.config.id2label[n]) for n in range(len(model.config.id2label))]
    most = min(_MAX_TOKENS, tokenizer.model_max_length)

    def propose(text: str) -> list[Proposal]:
        import numpy as np

        read = tokenizer(
            text, truncation=True, max_length=most, stride=min(_STRIDE, most // 4),
            return_overflowing_tokens=True, return_offsets_mapping=True,
        )  # fmt: skip
        rows: dict[tuple[int, int], Any] = {}
        for n, ids in enumerate(read["input_ids"]):  # one window a call, never padded
            with torch.no_grad():
                logits = model(input_ids=torch.tensor([ids])).logits[0]
            tags = torch.softmax(logits.float(), dim=-1).numpy()
            offsets = read["offset_mapping"][n]
            for at, word in _words(read.word_ids(n), offsets):
                row = np.zeros(1 + 2 * len(LABELS), np.float32)
                np.add.at(row, columns, tags[at])
                known = rows.get(word)
                rows[word] = row if known is None or row[0] < known[0] else known
        words = sorted(rows)
        return proposals(text, words, np.array([rows[w] for w in words])) if words else []

    return propose


def _column(name: str) -> int:
    """The column of a tag in our order; what is no label of ours is outside."""
    label = _label(name)
    if label is None:
        return 0
    return 1 + 2 * LABELS.index(label) + (not name.upper().startswith("B-"))


def _words(
    ids: list[int | None], offsets: list[tuple[int, int]]
) -> list[tuple[int, tuple[int, int]]]:
    """The first token and the (start, end) of each word of a window."""
    found: dict[int, tuple[int, int, int]] = {}
    for n, word in enumerate(ids):
        start, end = offsets[n]
        if word is not None and start < end:
            first, begin, _ = found.get(word, (n, start, end))
            found[word] = (first, begin, end)
    return [(first, (start, end)) for first, start, end in found.values()]


def _gliner(path: Path) -> Propose:
    from gliner import GLiNER

    model = GLiNER.from_pretrained(str(path), local_files_only=True)
    asked = {"person": "PERSON", "location": "LOCATION", "organization": "ORGANIZATION"}

    def propose(text: str) -> list[Proposal]:
        found: list[Proposal] = []
        for start, end in _chunks(text):
            for one in model.predict_entities(
                text[start:end], list(asked), threshold=PROPOSED_FROM
            ):
                label = asked[one["label"]]
                a, b = whole(text, start + one["start"], start + one["end"], label)
                if a < b:
                    found.append(Proposal(a, b, label, float(one["score"])))
        return sorted(found)

    return propose


def _chunks(text: str) -> list[tuple[int, int]]:
    """Neighbouring sentences, as many as GLiNER reads at once."""
    chunks: list[tuple[int, int]] = []
    for start, end in sentences(text):
        if chunks and end - chunks[-1][0] <= _CHUNK:
            chunks[-1] = (chunks[-1][0], end)
        else:
            chunks.append((start, end))
    return [(a, b) for a, b in chunks if text[a:b].strip()]


_OPENERS: dict[str, Callable[[Path], Propose]] = {
    "spacy": _spacy,
    "transformers": _transformers,
    "gliner": _gliner,
}
