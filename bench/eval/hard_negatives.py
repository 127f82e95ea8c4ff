"""Hard negatives: texts full of what looks like an identifier and is none, made from a seed.

    python -m bench.eval.hard_negatives [--count 6000] [--show]

Counts the findings at `likely` or above, of every entity, that are not marked as truly there, per
10,000 tokens (white-space separated, which is the smaller denominator). `--show` prints the text
around each to the terminal: all of it was made here.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from bench.eval.gold import EVERY, Document, Span
from bench.eval.gold_set import filled
from bench.eval.labels import accepted
from bench.eval.predictions import Prediction
from bench.eval.systems import System, gatekeeper
from bench.eval.values_plain import Plain

COUNT, SEED = 6000, 20261125


@dataclass(frozen=True, slots=True)
class Alarm:
    """A finding that should not be: where, and what it was taken for."""

    document: Document
    entity: str
    start: int
    end: int


@cache
def families() -> dict[str, list[str]]:
    """The templates by family."""
    path = Path(__file__).parent / "carriers" / "negatives.yaml"
    loaded: dict[str, list[str]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return loaded


def documents(count: int = COUNT, seed: int = SEED) -> list[Document]:
    """`count` texts, one to four lines of one family each."""
    return list(_documents(count, seed))


def _documents(count: int, seed: int) -> Iterator[Document]:
    values = Plain(f"negatives {seed}")
    names = list(families())
    piles: dict[str, list[str]] = {name: [] for name in names}
    for n in range(count):
        name = names[n % len(names)]
        lines = []
        for _ in range(values.number(1, 4)):
            if not piles[name]:
                piles[name] = values.random.sample(families()[name], len(families()[name]))
            lines.append(piles[name].pop())
        text, spans = filled("\n".join(lines), values)
        yield Document("hard-negatives", f"{name}-{n:04d}", n, text, spans, frozenset({EVERY}))


def tokens(texts: Sequence[Document]) -> int:
    """White-space separated tokens."""
    return sum(len(d.text.split()) for d in texts)


def alarms(system: System, texts: Sequence[Document]) -> list[Alarm]:
    """The findings at `likely` that are not marked as truly there."""
    found = system.predict(texts)
    return [
        Alarm(document, p.entity, p.start, p.end)
        for document, predictions in zip(texts, found, strict=True)
        for p in predictions
        if p.tier >= 1 and not any(_marked(s, p) for s in document.spans)
    ]


def _marked(span: Span, prediction: Prediction) -> bool:
    inside = span.start <= prediction.start and prediction.end <= span.end
    return inside and prediction.entity in accepted(span.label)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--show", action="store_true")
    options = parser.parse_args()
    texts = documents(options.count, options.seed)
    wrong = alarms(gatekeeper(), texts)
    total = tokens(texts)
    for alarm in wrong if options.show else ():
        text, a, b = alarm.document.text, alarm.start, alarm.end
        around = f"{text[max(0, a - 40) : a]}>>{text[a:b]}<<{text[b : b + 25]}"
        print(f"{alarm.entity:24} {alarm.document.doc_id:20} {around!r}")
    counts = dict(Counter(a.entity for a in wrong).most_common())
    print(f"{len(texts):,} texts, {total:,} tokens, {len(wrong)} false alarms at likely: {counts}")
    print(f"{10_000 * len(wrong) / total:.2f} per 10,000 tokens")


if __name__ == "__main__":
    main()
