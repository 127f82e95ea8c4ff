"""Training records: read the corpora, keep our three labels, cut long texts, mask what is unknown.

A corpus record says in `labels` which labels it marks exhaustively. In a record that does not mark
all of ours, and in `hidden` stretches, what is not marked has no part in the loss.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

LABELS = ("PERSON", "LOCATION", "ORGANIZATION")

# Sources whose texts or annotations are CC-BY-SA; `--without-share-alike` leaves them out.
SHARE_ALIKE = frozenset({"uner_ewt", "uner_pud", "crossner", "sgd"})
SHARE_ALIKE_GUM = ("gum_bio_", "gum_voyage_")

_TITLE = re.compile(r"(?:Mr|Mrs|Ms|Miss|Dr|Prof|Sir|Judge)\.?\s+")
_INNER_CAPITAL = re.compile(r"(?<=[a-z,] )[A-Z][\w'-]+(?: [A-Z][\w'-]+)*")
_BREAK = re.compile(r"(?<=[.!?])[ \t]+|\n+")


@dataclass(frozen=True, slots=True)
class Span:
    """One annotated entity: code points `start` (inclusive) to `end` (exclusive)."""

    start: int
    end: int
    label: str


@dataclass(frozen=True, slots=True)
class Sample:
    """One text to learn from. `hidden` holds the (start, end) stretches whose truth is unknown."""

    text: str
    spans: tuple[Span, ...]
    source: str
    complete: bool = True
    hidden: tuple[tuple[int, int], ...] = ()


def read_corpus(path: Path, split: str) -> Iterator[tuple[str, Sample]]:
    """Yield (document id, sample) for one split of a corpus file; labels of other models go."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            record: dict[str, Any] = json.loads(line)
            if record["split"] != split:
                continue
            text = record["text"]
            spans = tuple(
                _without_title(text, Span(s["start"], s["end"], s["label"]))
                for s in record["spans"]
                if s["label"] in LABELS
            )
            complete = set(LABELS) <= set(record["labels"])
            hidden = _unmarked_names(text, spans) if record["source"] == "sgd" else ()
            # BTC marks "@handle" as a person, now and then the "@" alone; handles are for rules
            handles = {s for s in spans if "@" in text[max(0, s.start - 1) : s.end]}
            hidden += tuple((s.start, s.end) for s in handles)
            spans = tuple(s for s in spans if s not in handles)
            sample = Sample(text, spans, record["source"], complete, hidden)
            yield record["doc_id"], merge_people(sample)


def _without_title(text: str, span: Span) -> Span:
    """TAB counts "Mr" into a PERSON, the other corpora do not; one convention for all."""
    title = _TITLE.match(text, span.start, span.end) if span.label == "PERSON" else None
    return replace(span, start=title.end()) if title and title.end() < span.end else span


def _unmarked_names(text: str, spans: tuple[Span, ...]) -> tuple[tuple[int, int], ...]:
    """SGD marks slot values only: a capitalised word inside a sentence may be an unmarked name."""
    return tuple(
        m.span()
        for m in _INNER_CAPITAL.finditer(text)
        if not any(s.start < m.end() and m.start() < s.end for s in spans)
    )


def merge_people(sample: Sample) -> Sample:
    """Two PERSON spans with one space between, as our templates write "Ana" "Lima", are one."""
    spans = list(sample.spans)
    for i in range(len(spans) - 1, 0, -1):
        first, second = spans[i - 1], spans[i]
        gap = sample.text[first.end : second.start]
        if gap == " " and first.label == second.label == "PERSON":
            spans[i - 1 : i + 1] = [replace(first, end=second.end)]
    return replace(sample, spans=tuple(spans))


def load(
    folder: Path, split: str, *, share_alike: bool = True, max_words: int = 120
) -> dict[str, list[Sample]]:
    """All corpora of `folder`, by source name, cut into pieces of at most about `max_words`."""
    corpora: dict[str, list[Sample]] = {}
    for path in sorted(folder.glob("*.jsonl.gz")):
        source = path.name.removesuffix(".jsonl.gz")
        if not share_alike and source in SHARE_ALIKE:
            continue
        pieces = corpora.setdefault(source, [])
        for doc_id, sample in read_corpus(path, split):
            if not share_alike and source == "gum" and is_share_alike_gum(doc_id):
                continue
            pieces.extend(cut(sample, max_words))
    return corpora


def is_share_alike_gum(doc_id: str) -> bool:
    """Whether a GUM document is of the genres whose texts are CC-BY-SA (bio, voyage)."""
    return doc_id.lower().startswith(SHARE_ALIKE_GUM)


def cut(sample: Sample, max_words: int) -> Iterator[Sample]:
    """Cut a text at sentence ends and line breaks, never inside a span."""
    if sample.text.count(" ") < max_words:
        yield sample
        return
    start = 0
    for mark in _BREAK.finditer(sample.text):
        if any(s.start < mark.end() and mark.start() < s.end for s in sample.spans):
            continue
        if sample.text.count(" ", start, mark.start()) >= max_words:
            yield part(sample, start, mark.start())
            start = mark.end()
    if sample.text[start:].strip():
        yield part(sample, start, len(sample.text))


def part(sample: Sample, start: int, end: int) -> Sample:
    """The stretch `start`..`end` of a sample as a sample of its own."""
    spans = tuple(
        Span(s.start - start, s.end - start, s.label)
        for s in sample.spans
        if start <= s.start and s.end <= end
    )
    hidden = tuple(
        (max(a, start) - start, min(b, end) - start)
        for a, b in sample.hidden
        if a < end and start < b
    )
    return replace(sample, text=sample.text[start:end], spans=spans, hidden=hidden)


def join(pieces: list[str | tuple[str, str]], source: str) -> Sample:
    """Build a sample from plain strings and (string, label) pairs, keeping count of offsets."""
    text, spans = "", []
    for piece in pieces:
        if isinstance(piece, tuple):
            spans.append(Span(len(text), len(text) + len(piece[0]), piece[1]))
            text += piece[0]
        else:
            text += piece
    return Sample(text, tuple(spans), source)


def beside(first: Sample, second: Sample, gap: str) -> Sample:
    """Two texts as one, `gap` between them."""
    by = len(first.text) + len(gap)
    return replace(
        first,
        text=first.text + gap + second.text,
        spans=first.spans + tuple(Span(s.start + by, s.end + by, s.label) for s in second.spans),
        hidden=first.hidden + tuple((a + by, b + by) for a, b in second.hidden),
        complete=first.complete and second.complete,
    )


def replace_spans(sample: Sample, new: dict[int, str]) -> Sample:
    """Put other words in place of spans (by index in `spans`), moving every later offset."""
    if not new:
        return sample
    order = sorted(range(len(sample.spans)), key=lambda i: sample.spans[i].start)
    text, spans, last = "", [], 0
    shifts: list[tuple[int, int]] = [(0, 0)]
    for i in order:
        span = sample.spans[i]
        text += sample.text[last : span.start]
        words = new.get(i, sample.text[span.start : span.end])
        spans.append(Span(len(text), len(text) + len(words), span.label))
        text += words
        last = span.end
        shifts.append((span.end, len(text) - span.end))
    text += sample.text[last:]
    hidden = tuple((a + _shift(shifts, a), b + _shift(shifts, b)) for a, b in sample.hidden)
    return replace(sample, text=text, spans=tuple(spans), hidden=hidden)


def _shift(shifts: list[tuple[int, int]], at: int) -> int:
    return next(by for place, by in reversed(shifts) if place <= at)


def manifest(folder: Path, used: list[str]) -> dict[str, str]:
    """SHA-256 of every corpus file that was read, by file name."""
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.glob("*.jsonl.gz"))
        if path.name.removesuffix(".jsonl.gz") in used
    }


def shuffled(samples: list[Sample], rng: random.Random, share: float) -> list[Sample]:
    """A random choice of `share` of the samples; a share above 1 repeats."""
    whole, rest = divmod(share, 1.0)
    return samples * int(whole) + rng.sample(samples, round(len(samples) * rest))
