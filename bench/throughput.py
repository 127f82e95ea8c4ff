"""MB/s of a check: a seeded chat JSONL, the real composition, one process.

    python bench/throughput.py [--megabytes 20] [--seed 1] [--policy NAME]

Prints one line per phase: start-up (load and known-answer test), scan, and the whole process's
peak memory. The corpus holds 0.1 % rows with an e-mail address, the rest is clean chat.
"""

import argparse
import datetime
import json
import random
import resource
import tempfile
import time
from pathlib import Path

_TOPICS = ["recursion", "photosynthesis", "compound interest", "sourdough", "tides", "unit tests"]
_VERBS = ["explain", "summarise", "compare", "list the steps of", "give three examples of"]
_SENTENCES = [
    "It helps to start from the simplest case and then add one detail at a time.",
    "The result depends on two things, and the second one is easy to forget.",
    "In practice people measure first and only then change anything.",
    "A short table often says more than a long paragraph about it.",
    "Keep the units next to every number, or the sum will mislead you.",
]


def write_corpus(path: Path, size_bytes: int, seed: int) -> int:
    """Chat rows until the file has `size_bytes`; returns the number of rows."""
    rng = random.Random(seed)
    written = rows = 0
    with path.open("w", encoding="utf-8") as out:
        while written < size_bytes:
            question = (
                f"Please {rng.choice(_VERBS)} {rng.choice(_TOPICS)} for week {rng.randrange(52)}."
            )
            answer = " ".join(rng.choices(_SENTENCES, k=rng.randrange(4, 9)))
            if rng.random() < 0.001:
                answer += f" Write to user{rng.randrange(10**6)}@example.com."
            row = {
                "messages": [
                    {"role": "system", "content": "You are a patient teacher."},
                    {"role": "user", "content": question},
                    {"role": "assistant", "content": answer},
                ]
            }
            written += out.write(json.dumps(row) + "\n")
            rows += 1
    return rows


def main() -> None:
    from gatekeeper import gate
    from gatekeeper.policy import Config
    from gatekeeper.read import open_sources

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--megabytes", type=float, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--policy", action="append", help="default: every shipped policy")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "chat.jsonl"
        rows = write_corpus(path, int(options.megabytes * 1e6), options.seed)
        setup = gate.prepare(Config.default(), policies=options.policy or ())
        start = time.perf_counter()
        detector, _ = gate.load_detector_for(setup, setup.entities)
        ready = time.perf_counter()
        evidence, _ = gate.gather(open_sources([path]), detector)
        end = time.perf_counter()
        found = sum(sum(t.counts.values()) for _, t in evidence)
        if not found:
            raise SystemExit("a lane without a hit measures nothing")
        print(
            f"{'+'.join(p.id for p in setup.policies)}: start-up {ready - start:.1f} s, "
            f"{rows:,} rows in {end - ready:.0f} s, {options.megabytes / (end - ready):.3f} MB/s, "
            f"{found:,} findings"
        )
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory {peak_mb:.0f} MB; {datetime.date.today()}")


if __name__ == "__main__":
    main()
