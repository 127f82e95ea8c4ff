"""`python -m bench.speed COMMAND`: what is fast, and how fast."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path


def main() -> None:
    """Run one command."""
    parser = argparse.ArgumentParser(prog="python -m bench.speed", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("adversarial")
    one.add_argument("--lane", default="ours")
    one.add_argument("--megabytes", type=float, default=1)
    one.add_argument("--only", default="")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        from bench.speed.adversarial import report

        report(Path(folder), options.lane, int(options.megabytes * 1e6), only=options.only)


if __name__ == "__main__":
    main()
