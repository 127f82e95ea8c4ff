"""False alarms of identifiers on real text: source and docs of the installed packages.

    python bench/real_text.py [--megabytes 20] [--seed 1] [--out bench/results/real_text.jsonl]
    python bench/real_text.py --list HITS [--sample 200]     # a sample of places, to judge by hand
    python bench/real_text.py --verdicts VERDICTS --hits HITS   # wrong hits per MB

The files are drawn from a seed, no package giving more than a tenth. The name model is off: names,
places and web addresses are left out, every other entity of the catalogue is looked for. The hits
are written by place alone (package path, line, offsets, entity); `--show` prints the context to the
terminal for whoever judges, and to no file.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import sysconfig
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SITE = Path(sysconfig.get_paths()["purelib"])
ENDINGS = frozenset({".py", ".md", ".rst", ".txt"})
MADE_OF_IDENTIFIERS = frozenset({"faker", "phonenumbers", "presidio_analyzer", "gatekeeper"})
"""Packages whose data are names, telephone numbers and planted values: a hit there is no error."""
LEFT_OUT = frozenset(
    {
        "PERSON", "LOCATION", "ORGANIZATION", "NATIONALITY", "URL", "DATE_TIME", "AGE",
        "MEDICATION", "DIAGNOSIS", "LAB_RESULT",
    }
)  # fmt: skip
"""What names nobody by itself, or needs the name model."""
WIDTH = 70


def files(megabytes: float, seed: int) -> Iterator[tuple[str, str]]:
    """(path under site-packages, text) until `megabytes` of UTF-8 are reached."""
    paths = sorted(
        p
        for p in SITE.rglob("*")
        if p.suffix in ENDINGS and package(p) not in MADE_OF_IDENTIFIERS and p.is_file()
    )
    random.Random(seed).shuffle(paths)
    budget, most = megabytes * 1e6, megabytes * 1e5
    taken: Counter[str] = Counter()
    for path in paths:
        if budget <= 0:
            return
        if not path.is_file():  # a package may be removed meanwhile
            continue
        size = path.stat().st_size
        if not 0 < size <= 400_000 or taken[package(path)] + size > most:
            continue
        try:
            text = path.read_bytes().decode("utf-8")
        except UnicodeDecodeError:
            continue
        taken[package(path)] += size
        budget -= size
        yield path.relative_to(SITE).as_posix(), text


def package(path: Path) -> str:
    """The first folder below site-packages, without a version."""
    return path.relative_to(SITE).parts[0].split("-")[0].lower()


def searched() -> frozenset[str]:
    """The entities that are looked for."""
    from gatekeeper.detect import load_catalogue

    return frozenset(
        e.name
        for e in load_catalogue().entities.values()
        if not e.media and e.name not in LEFT_OUT and not needs_names(e.name)
    )


def needs_names(entity: str) -> bool:
    """Whether finding `entity` loads the name model."""
    from gatekeeper.detect import load_catalogue
    from gatekeeper.detect.catalogue import entities_closed
    from gatekeeper.detect.ner import NAME_ENTITIES

    return bool(entities_closed(load_catalogue(), (entity,)) & NAME_ENTITIES)


def scan(megabytes: float, seed: int, out: Path) -> None:
    """Write the hits at `likely` or above to `out`, and the denominators to stderr."""
    from gatekeeper.detect import load_detector
    from gatekeeper.model import Confidence, Record, Text

    detector = load_detector(entities=searched())
    sizes: Counter[str] = Counter()
    hits: Counter[str] = Counter()
    began = time.perf_counter()
    with out.open("w", encoding="utf-8") as lines:
        for place, text in files(megabytes, seed):
            record = Record(place, 0, (Text("", text, ""),), 0)
            sizes["files"] += 1
            sizes["bytes"] += len(text.encode())
            for _, findings in detector.detect([record]):
                for f in findings:
                    if f.confidence < Confidence.LIKELY:
                        continue
                    hits[f.entity] += 1
                    row = {
                        "path": place,
                        "line": text.count("\n", 0, f.start) + 1,
                        "start": f.start,
                        "end": f.end,
                        "entity": f.entity,
                        "confidence": f.confidence.word,
                        "recognizer": f.recognizer,
                    }
                    lines.write(json.dumps(row) + "\n")
    seconds = time.perf_counter() - began
    total = {"seed": seed, **sizes, "seconds": round(seconds), "hits": dict(hits.most_common())}
    print(json.dumps(total), file=sys.stderr)


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def listed(hits: list[dict[str, Any]], sample: int, seed: int, *, show: bool) -> None:
    """A seeded sample of places, each to be given a verdict."""
    chosen = random.Random(seed).sample(hits, min(sample, len(hits)))
    for hit in sorted(chosen, key=lambda h: (h["entity"], h["path"], h["start"])):
        print(json.dumps({**hit, "verdict": ""}))
        if show:
            text = (SITE / hit["path"]).read_bytes().decode("utf-8")
            a, b = hit["start"], hit["end"]
            left, right = text[max(0, a - WIDTH) : a], text[b : b + WIDTH]
            print("    " + repr(left) + "  >>" + repr(text[a:b])[:120] + "<<  " + repr(right))


def verdicts(judged: list[dict[str, Any]], hits: int, megabytes: float) -> None:
    """Wrong hits per MB, from the share of wrong ones in the judged sample."""
    wrong = Counter(j["entity"] for j in judged if j["verdict"] == "wrong")
    share = sum(wrong.values()) / len(judged)
    print(f"{len(judged)} judged, {sum(wrong.values())} wrong: {dict(wrong.most_common())}")
    print(f"{hits} hits in {megabytes:.2f} MB: {share * hits / megabytes:.2f} wrong per MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--megabytes", type=float, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("bench/results/real_text.jsonl"))
    parser.add_argument("--list", type=Path, help="print a sample of these hits")
    parser.add_argument("--sample", type=int, default=200)
    parser.add_argument("--show", action="store_true", help="with the text around each, to judge")
    parser.add_argument("--verdicts", type=Path)
    parser.add_argument("--hits", type=Path)
    options = parser.parse_args()
    if options.list:
        listed(read(options.list), options.sample, options.seed, show=options.show)
    elif options.verdicts:
        size = sum(len(text.encode()) for _, text in files(options.megabytes, options.seed))
        verdicts(read(options.verdicts), len(read(options.hits)), size / 1e6)
    else:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        scan(options.megabytes, options.seed, options.out)


if __name__ == "__main__":
    main()
