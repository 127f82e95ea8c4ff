"""Datasets whose verdict is known: chat rows of which no two are the same, one of them planted."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from pathlib import Path

TEXT = """the river was low that year and nobody crossed it before noon while copper prices fell in
three markets at once because the mill had closed its doors and a late frost had settled over every
field north of the old canal where barges still carried lime sand timber and grain"""
WORDS = TEXT.split()
PLANTED = {
    "allow": "",
    "on_prem": " Write to maria.lopez@example.com today.",
    "quarantine": " aws_access_key_id = AKIAIOSFODNN7QXAMPLQ",
}


@dataclass(frozen=True)
class Dataset:
    """A file, and what is to become of it."""

    path: Path
    size_bytes: int
    route: str


def sizes(count: int, biggest: int, rng: random.Random) -> list[int]:
    """1 kB to `biggest`: most are small, some large, and a few as large as it gets."""
    found = []
    for number in range(count):
        share = number / count
        if share < 0.60:
            found.append(int(10 ** rng.uniform(3, 5)))
        elif share < 0.90:
            found.append(int(10 ** rng.uniform(5, 6.3)))
        elif share < 0.985:
            found.append(int(10 ** rng.uniform(6.3, 7.3)))
        else:
            found.append(biggest)
    return [min(size, biggest) for size in found]


def write(path: Path, size_bytes: int, route: str, rng: random.Random) -> Dataset:
    """At least `size_bytes`, and ten rows."""
    sentences = [" ".join(rng.choices(WORDS, k=14)).capitalize() + "." for _ in range(500)]
    written, number = 0, 0
    planted_at = rng.randrange(10)
    with path.open("wb", buffering=1 << 20) as stream:
        while written < size_bytes or number < 10:
            words = " ".join(rng.choices(sentences, k=4))
            asked = f"{number}: {words}" + (PLANTED[route] if number == planted_at else "")
            row = {
                "messages": [
                    {"role": "user", "content": asked},
                    {"role": "assistant", "content": f"{rng.choice(sentences)} {number * 7}"},
                ]
            }
            written += stream.write(json.dumps(row).encode() + b"\n")
            number += 1
    return Dataset(path, written, route)


def make(folder: Path, count: int, biggest: int, seed: int) -> list[Dataset]:
    """`count` of them: six in ten are allowed."""
    rng = random.Random(seed)
    routes = ["allow"] * 6 + ["on_prem"] * 2 + ["quarantine"] * 2
    made = []
    for number, size in enumerate(sizes(count, biggest, rng)):
        route = rng.choice(routes) if size < biggest or biggest < 10_000_000 else "allow"
        made.append(write(folder / f"{number:04d}.jsonl", size, route, rng))
    rng.shuffle(made)
    return made
