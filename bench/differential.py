"""Do the short cuts find what every recognizer finds over every text? They must, in each text.

    python bench/differential.py [--texts 20000] [--seed 1] [--names] [--corpora ../shared/corpora]

Texts: the documents of `bench/eval` (identifiers, disguises, look-alikes), the corpora where they
are there, prose and code of the installed packages. Three of four are mutated: characters replaced
by others of their class, look-alikes, other scripts and digits, pieces cut, doubled, joined with
pieces of other texts, case changed, bytes in between. What differs is printed by its number alone.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from bench.eval import gold_set
from bench.eval.hard_negatives import documents
from bench.names_speed import dev
from gatekeeper.detect import Detector, load_detector
from gatekeeper.detect.catalogue import load_catalogue
from gatekeeper.detect.ner import NAME_ENTITIES
from gatekeeper.model import Finding, Record, Text
from gatekeeper.read import source_from_bytes

LOOK_ALIKES = {
    "a": "аɑａ", "c": "сｃ", "e": "еｅ", "i": "іıİ", "k": "K", "o": "оｏ", "p": "рｐ", "s": "ſѕ",
    "-": "‐‑–—−", " ": "\u00a0\u2007\u202f\u3000\t", ".": "．。", ":": "：", "@": "＠",
    **{str(n): chr(0x660 + n) + chr(0xFF10 + n) + chr(0x966 + n) for n in range(10)},
}  # fmt: skip
STRANGE = "\u200b\u00ad\u2060\ufeff\u0301\u202e\x01\x00\x1c\x85\u2028é中ñß_"
LENGTH = 1500
BATCH = 200


def installed(rng: random.Random, count: int) -> Iterator[str]:
    """Pieces of the prose and code of installed packages."""
    files = [
        Path(str(f.locate()))
        for d in sorted(importlib.metadata.distributions(), key=lambda d: d.name)
        for f in d.files or ()
        if f.name.endswith((".py", ".md", ".rst", ".txt", ".json"))
    ]
    for path in rng.sample(files, min(count, len(files))):
        if path.is_file() and path.stat().st_size < 200_000:
            text = path.read_bytes().decode("utf-8", "ignore")
            at = rng.randrange(max(1, len(text) - LENGTH))
            yield text[at : at + rng.randrange(40, LENGTH)]


def sources(corpora: Path, seed: int) -> list[str]:
    """The texts before they are mutated."""
    rng = random.Random(seed)
    texts = [d.text for d in gold_set.documents()] + [d.text for d in documents(4000, seed)]
    texts += [r["text"] for r in dev(corpora)]
    texts += installed(rng, 3000)
    return [t[i : i + LENGTH] for t in texts for i in range(0, len(t), LENGTH)]


def mutated(text: str, other: str, rng: random.Random) -> str:
    """`text` with one to five changes, some of them many places at once."""
    for _ in range(rng.randrange(1, 6)):
        at = rng.randrange(len(text) + 1)
        end = min(len(text), at + rng.randrange(1, 30))
        kind = rng.randrange(9)
        if kind == 0:
            text = text[:at] + rng.choice(STRANGE) + text[at:]
        elif kind == 1:
            text = text[:at] + text[end:]
        elif kind == 2:
            text = text[:at] + text[at:end] + text[at:]
        elif kind == 3:
            start = rng.randrange(len(other) + 1)
            text = text[:at] + other[start : start + 60] + text[at:]
        elif kind == 4:
            text = text[:at] + rng.choice((text[at:end].upper(), text[at:end].lower())) + text[end:]
        elif kind == 5:
            text = (
                text[:at] + chr(rng.choice((rng.randrange(128), rng.randrange(0xD7FF)))) + text[at:]
            )
        else:
            share = rng.choice((0.02, 0.2, 1.0))
            text = "".join(
                rng.choice(LOOK_ALIKES[c]) if c in LOOK_ALIKES and rng.random() < share else c
                for c in text
            )
    return text


def texts(count: int, seed: int, corpora: Path) -> Iterator[str]:
    """`count` texts; one of four as it is."""
    found = sources(corpora, seed)
    rng = random.Random(seed)
    rng.shuffle(found)
    for n in range(count):
        text = found[n % len(found)]
        yield text if n % 4 == 0 else mutated(text, rng.choice(found), rng)


def one_text(number: int, text: str) -> Record:
    """A record that is looked at text by text."""
    return Record("bench", number, (Text("/text", text, "text"),), 0)


def chat(number: int, text: str) -> Record:
    """A record as it is read from JSON lines, which may be told quiet as a whole."""
    turns = [{"role": "user", "content": "How does bread rise?"}]
    turns.insert(number % 2, {"role": "assistant", "content": text})
    line = json.dumps({"messages": turns}).encode()
    found = [r for r in source_from_bytes("bench.jsonl", line).read() if isinstance(r, Record)]
    return replace(found[0], index=number) if found else one_text(number, text)


def findings(detector: Detector, batch: list[Record]) -> list[tuple[Finding, ...]]:
    """What is found in each record by itself."""
    return [tuple(found) for _, found in detector.detect(batch)]


def told(short: tuple[Finding, ...], plain: tuple[Finding, ...]) -> str:
    """What differs, by place and entity."""
    sides = (("short", set(short) - set(plain)), ("plain", set(plain) - set(short)))
    return "; ".join(
        f"{side} {f.entity} {f.start}-{f.end} {f.score} {f.recognizer}"
        for side, found in sides
        for f in sorted(found, key=lambda f: (f.start, f.end, f.entity))
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--chats", action="store_true", help="each text as a turn of a chat")
    parser.add_argument("--names", action="store_true", help="with the name model")
    parser.add_argument("--corpora", type=Path, default=Path("../shared/corpora"))
    options = parser.parse_args()
    entities = frozenset(load_catalogue().entities)
    if not options.names:
        entities -= NAME_ENTITIES
    short = load_detector(entities=entities)
    if not short.compile():
        raise SystemExit("hyperscan is not installed: there is nothing to compare")
    plain = load_detector(entities=entities, plain=True)
    spent = [0.0, 0.0]
    differing: list[int] = []
    seen: Counter[str] = Counter()
    batch: list[Record] = []

    def compare() -> None:
        results = []
        for n, detector in enumerate((short, plain)):
            begun = time.process_time()
            results.append(findings(detector, batch))
            spent[n] += time.process_time() - begun
        for record, one, other in zip(batch, *results, strict=True):
            seen.update(f.entity for f in other)
            if one != other:
                differing.append(record.index)
                print(f"text {record.index}: {told(one, other)}", flush=True)
        batch.clear()

    for n, text in enumerate(texts(options.texts, options.seed, options.corpora)):
        batch.append(chat(n, text) if options.chats else one_text(n, text))
        if len(batch) == BATCH:
            compare()
    compare()
    print(
        f"{options.texts:,} texts, {sum(seen.values()):,} findings of {len(seen)} entities: "
        f"{len(differing)} texts differ {differing[:20]}"
    )
    print(f"{spent[0]:.0f} s against {spent[1]:.0f} s: {spent[1] / spent[0]:.1f} times as fast")


if __name__ == "__main__":
    main()
