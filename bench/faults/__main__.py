"""The command line of the faults: `python -m bench.faults TOOL --help`."""

from __future__ import annotations

import argparse
import sys

from bench.faults import powercut, races, sweep, tamper
from bench.faults.operations import LARGE_ROWS, OPERATIONS, ROWS


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.faults")
    tools = parser.add_subparsers(dest="tool", required=True)
    one = tools.add_parser("sweep", help="every fault at every system call")
    one.add_argument("--large", action="store_true", help="a dataset that two threads read")
    one.add_argument("--every", type=int, default=1, help="only every N-th point")
    one.add_argument("--point", default="", metavar="NAME:NUMBER:FAULT", help="this one alone")
    one.add_argument("--processes", type=int, default=2)
    two = tools.add_parser("powercut", help="power cuts at random instants and at every step")
    two.add_argument("--cuts", type=int, default=100, help="random ones on each file system")
    three = tools.add_parser("syncs", help="each sync left out in turn")
    three.add_argument("--strict", action="store_true", help="without devices of our own")
    four = tools.add_parser("tamper", help="every change of every file of a vault")
    four.add_argument("--every", type=int, default=1, help="only every N-th bit and cut")
    four.add_argument("--processes", type=int, default=2)
    five = tools.add_parser("races", help="many gates on one vault, some of them killed")
    five.add_argument("--gates", type=int, default=8)
    five.add_argument("--rounds", type=int, default=200)
    for tool in (one, two, three):
        tool.add_argument("operation", nargs="*", choices=[*OPERATIONS, []], default=[])
    o = parser.parse_args()
    if o.tool == "races":
        return races.main(gates=o.gates, rounds=o.rounds)
    if o.tool == "tamper":
        return tamper.main(every=o.every, processes=o.processes)
    operations = o.operation or list(OPERATIONS)
    if o.tool == "sweep":
        rows = LARGE_ROWS if o.large else ROWS
        return sweep.main(operations, rows=rows, every=o.every, only=o.point, processes=o.processes)
    if o.tool == "powercut":
        return powercut.main(operations, cuts=o.cuts)
    return powercut.main_syncs(operations, devices=not o.strict)


if __name__ == "__main__":
    sys.exit(main())
