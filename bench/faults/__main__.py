"""The command line of the faults: `python -m bench.faults TOOL --help`."""

from __future__ import annotations

import argparse
import sys

from bench.faults import sweep
from bench.faults.operations import OPERATIONS


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.faults")
    tools = parser.add_subparsers(dest="tool", required=True)
    one = tools.add_parser("sweep", help="every fault at every system call")
    one.add_argument("operation", nargs="*", choices=[*OPERATIONS, []], default=list(OPERATIONS))
    one.add_argument("--every", type=int, default=1, help="only every N-th point")
    one.add_argument("--point", default="", metavar="NAME:NUMBER:FAULT", help="this one alone")
    one.add_argument("--processes", type=int, default=2)
    o = parser.parse_args()
    return sweep.main(o.operation, every=o.every, only=o.point, processes=o.processes)


if __name__ == "__main__":
    sys.exit(main())
