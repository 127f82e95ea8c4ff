"""The process under test: one operation, run as the product runs it.

    python -m bench.faults.child OPERATION ROOT [--steps FILE] [--skip SITE] [--cut N --mount MNT]

It prints `ready` when it begins. Exit codes are the product's; an error that the product did not
turn into its own word ends in a traceback and 1.

With one of the options the calls of `os` that change files are watched (`steps`), so that a power
cut can fall exactly between two of them, and a sync can be left out. The product knows nothing of
it.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("operation")
    parser.add_argument("root", type=Path)
    parser.add_argument("--steps", type=Path)
    parser.add_argument("--skip")
    parser.add_argument("--cut", type=int, default=0)
    parser.add_argument("--delay", type=float, default=0.0)
    parser.add_argument("--mount", type=Path)
    o = parser.parse_args()
    steps = None
    if o.steps or o.skip or o.cut:
        from bench.faults.steps import Steps

        steps = Steps(o.root, skip=o.skip, cut=o.cut, delay_s=o.delay, mount=o.mount)

    from bench.faults.operations import OPERATIONS
    from bench.faults.place import Place
    from gatekeeper.errors import GatekeeperError

    os.write(1, b"ready\n")
    try:
        OPERATIONS[o.operation].run(Place(o.root))
    except GatekeeperError as e:
        print(f"{type(e).__name__}: {e}", file=sys.stderr)
        return e.exit_code
    if steps:
        steps.end()
        if o.steps:
            o.steps.write_text(json.dumps(steps.seen))
    return 0


if __name__ == "__main__":
    sys.exit(main())
