"""Gold documents: a text, the spans that a reader must find, and which labels were looked for."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

EVERY = "*"
"""In `labels`: the document was annotated for every entity there is."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A gold span: code points, end exclusive."""

    start: int
    end: int
    label: str


@dataclass(frozen=True, slots=True, repr=False)
class Document:
    """One text with its gold. A label that is not in `labels` is unknown there, not absent."""

    corpus: str
    doc_id: str
    index: int
    text: str
    spans: tuple[Span, ...]
    labels: frozenset[str]

    def __repr__(self) -> str:
        return f"Document({self.corpus} {self.doc_id}: {len(self.text)} characters)"

    def knows(self, label: str) -> bool:
        """Whether the absence of `label` in the gold means that there is none."""
        return EVERY in self.labels or label in self.labels


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a JSONL file, gzipped or not."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


def read_gold(path: Path, *, split: str | None = None) -> list[Document]:
    """The documents of a gold file: `{"text", "spans": [{"start", "end", "label"}], "labels"}`.

    `labels` may be missing: then every entity was looked for. `split` keeps one split only.
    Raises ValueError, with the place and no text, for a span that lies outside its text.
    """
    corpus = path.name.split(".")[0]
    documents = []
    for n, row in enumerate(rows(path)):
        if split is not None and row.get("split", split) != split:
            continue
        document = Document(
            corpus=corpus,
            doc_id=str(row.get("doc_id", n)),
            index=n,
            text=row["text"],
            spans=tuple(sorted(Span(s["start"], s["end"], s["label"]) for s in row["spans"])),
            labels=frozenset(row.get("labels", (EVERY,))),
        )
        if any(not 0 <= s.start < s.end <= len(document.text) for s in document.spans):
            raise ValueError(f"{path.name}: document {document.doc_id}: a span outside the text")
        documents.append(document)
    return documents


def dev_corpora(folder: Path) -> dict[str, list[Document]]:
    """The dev splits of the corpora in `folder`, by file, where there are any."""
    found = {
        p.name.split(".")[0]: read_gold(p, split="dev") for p in sorted(folder.glob("*.jsonl.gz"))
    }
    return {corpus: documents for corpus, documents in found.items() if documents}
