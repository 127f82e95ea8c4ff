"""`python -m bench.speed COMMAND`: what is fast, and how fast. `COMMAND --help` says more."""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench.speed import adversarial, ratios, scaling
from bench.speed import commands as cli
from bench.speed.run import MB

OWN = ("ours", "ours-names")
RESULTS = Path(__file__).parents[1] / "results"


def main(argv: Sequence[str] | None = None) -> None:
    """Run one command of `argv`."""
    options = _parser().parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="gatekeeper-bench-", dir=options.scratch) as folder:
        rows = options.run(options, Path(folder))
    if rows:
        _keep(options.results, options.command, rows)


def _keep(folder: Path, command: str, rows: object) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"speed-{command}.json"
    path.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    print(f"written: {path}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.speed", description=__doc__)
    parser.add_argument("--results", type=Path, default=RESULTS, help="where the JSON goes")
    parser.add_argument("--scratch", type=Path, help="where corpora are written meanwhile")
    commands = parser.add_subparsers(dest="command", required=True)

    one = commands.add_parser("ratios", help="the table of lanes, and the plot")
    one.add_argument("--rounds", type=int)
    one.add_argument("--quick", action="store_true", help="one round, a second for each lane")
    one.add_argument("--corpus", action="append", choices=ratios.PLAN, help="default: all")
    one.add_argument("--lane", action="append", help="default: all; repeatable")
    one.add_argument("--peers", type=Path, help="the folder of venvs; default: $BENCH_PEERS")
    one.set_defaults(run=_ratios)

    one = commands.add_parser("adversarial", help="inputs made to be slow, against a clean chat")
    one.add_argument("--lane", action="append", help="default: ours, ours-names")
    one.add_argument("--megabytes", type=float, default=1)
    one.add_argument("--only", default="", help="inputs whose name holds this")
    one.set_defaults(run=_adversarial)

    one = commands.add_parser("slope", help="seconds over bytes, and the slope of their logarithms")
    one.add_argument("--lane", default="ours")
    one.add_argument("--megabytes", type=float, nargs="+", default=[8, 32, 128, 512, 1000])
    one.set_defaults(run=lambda o, folder: scaling.slope(folder, o.lane, o.megabytes))

    one = commands.add_parser("memory", help="peak memory of clean scans")
    one.add_argument("--lane", action="append", help="default: ours, ours-names")
    one.add_argument("--megabytes", type=float, nargs="+", default=[256, 4096])
    one.set_defaults(run=lambda o, folder: scaling.memory(folder, o.lane or OWN, o.megabytes))

    _add_commands(commands)
    return parser


def _add_commands(commands: Any) -> None:
    one = commands.add_parser("hook", help="the git hook, a clean file staged")
    one.add_argument("--policy", action="append", help="default: legal, pci")
    one.add_argument("--megabytes", type=float, default=1)
    one.add_argument("--runs", type=int, default=5)
    one.set_defaults(
        run=lambda o, folder: cli.hook(folder, o.policy or ("legal", "pci"), o.megabytes, o.runs)
    )

    one = commands.add_parser("rescan", help="a folder again, one file in a hundred changed")
    one.add_argument("--policy", default="legal")
    one.add_argument("--files", type=int, default=200)
    one.add_argument("--megabytes", type=float, default=20)
    one.set_defaults(run=lambda o, folder: cli.rescan(folder, o.files, o.megabytes, o.policy))

    one = commands.add_parser("jobs", help="several processes against one")
    one.add_argument("--policy", default="legal")
    one.add_argument("--jobs", type=int, nargs="+", default=[1, 2])
    one.add_argument("--files", type=int, default=16)
    one.add_argument("--megabytes", type=float, default=32)
    one.set_defaults(run=lambda o, folder: cli.jobs(folder, o.jobs, o.files, o.megabytes, o.policy))


def _ratios(options: argparse.Namespace, folder: Path) -> object:
    size = ratios.QUICK if options.quick else ratios.Size()
    size = replace(size, rounds=options.rounds or size.rounds)
    rows: list[ratios.Row] = []
    for corpus in options.corpus or ratios.PLAN:
        names = [n for n in ratios.PLAN[corpus] if not options.lane or n in options.lane]
        rows += ratios.measure(folder, corpus, names, size, options.peers)
    print("\n".join(ratios.table(rows)))
    options.results.mkdir(parents=True, exist_ok=True)
    plot = options.results / "speed.svg"
    plot.write_text(ratios.drawing(rows), encoding="utf-8")
    print(f"drawn: {plot}")
    return ratios.as_json(rows)


def _adversarial(options: argparse.Namespace, folder: Path) -> object:
    size = int(options.megabytes * MB)
    return [
        row
        for lane in options.lane or OWN
        for row in adversarial.report(folder, lane, size, only=options.only)
    ]


if __name__ == "__main__":
    main()
