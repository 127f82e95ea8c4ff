"""`python -m bench.gateway load | latency | fuzz`; `--help` says what each of them measures."""

from __future__ import annotations

import argparse
import sys

from bench.gateway import fuzz, load


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.gateway", description=__doc__)
    commands = parser.add_subparsers(required=True)
    load.add_commands(commands)
    fuzz.add_command(commands)
    arguments = parser.parse_args()
    return int(arguments.run(arguments))


if __name__ == "__main__":
    sys.exit(main())
