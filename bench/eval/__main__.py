"""Score predictions against gold.

    python -m bench.eval                                 our detector and stock Presidio
    python -m bench.eval --gold FILE --predictions FILE  the predictions of anything

Writes eval.md, eval.json and eval.svg to bench/results/ (or --out). Without --predictions the
systems run here, in one process: the in-repo gold, and the dev splits of --corpora where it exists.
"""

from __future__ import annotations

import argparse
import datetime
import json
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from bench import plot
from bench.eval import gold_set, report
from bench.eval.gold import Document, dev_corpora, read_gold
from bench.eval.predictions import Point, read_predictions
from bench.eval.scoring import Result, percent, score
from bench.eval.systems import System, gatekeeper, stock_presidio

SYSTEMS: dict[str, Callable[[], System]] = {"gatekeeper": gatekeeper, "stock": stock_presidio}


def compare(
    systems: Iterable[System], corpora: Mapping[str, list[Document]]
) -> dict[tuple[str, str], dict[str, Result]]:
    """Every system at every point over every corpus."""
    results: dict[tuple[str, str], dict[str, Result]] = {}
    for system in systems:
        for point in system.points:
            results[system.name, point.name] = {}
        for corpus, documents in corpora.items():
            began = time.perf_counter()
            predicted = system.predict(documents)
            for point in system.points:
                at_point = [point.of(p) for p in predicted]
                results[system.name, point.name][corpus] = score(documents, at_point)
            print(f"{system.name}: {corpus}: {time.perf_counter() - began:.0f} s", flush=True)
    return results


def from_file(gold: list[Document], predictions: Path) -> dict[tuple[str, str], dict[str, Result]]:
    """The predictions in a file, at `possible` and `likely`."""
    found = read_predictions(predictions, gold)
    return {
        (predictions.stem, point.name): {gold[0].corpus: score(gold, [point.of(p) for p in found])}
        for point in (Point("possible"), Point("likely", least_tier=1))
    }


def write(results: report.Results, out: Path, notes: list[str], drawn: str | None) -> None:
    """The page, the figures, and the plot of the corpus `drawn` (or of all corpora)."""
    out.mkdir(parents=True, exist_ok=True)
    (out / "eval.md").write_text(report.markdown(results, notes), encoding="utf-8")
    figures = {
        f"{system} {point}": {corpus: result.to_json() for corpus, result in by_corpus.items()}
        for (system, point), by_corpus in results.items()
    }
    (out / "eval.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    (out / "eval.svg").write_text(_svg(results, drawn), encoding="utf-8")


def _svg(results: report.Results, drawn: str | None) -> str:
    series = [f"{system} {point}" for system, point in results]
    if drawn is None:
        corpora = list(dict.fromkeys(c for r in results.values() for c in r))
        totals = {
            c: [percent(r[c].total.leaked, r[c].total.characters) for r in results.values()]
            for c in corpora
        }
        return plot.bars("Leaked characters by corpus, %", totals, series)
    scores = [by_corpus[drawn] for by_corpus in results.values()]
    labels = sorted({name for r in scores for name, s in r.labels.items() if s.gold})
    groups = {
        name: [percent(r.labels[name].leaked, r.labels[name].characters) for r in scores]
        for name in labels
    }
    return plot.bars(f"Leaked characters by entity, %: {drawn}", groups, series)


def main() -> None:
    """Parse, score, write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--gold", type=Path, action="append", default=[])
    parser.add_argument("--predictions", type=Path, help="finding lines over the one --gold")
    parser.add_argument("--corpora", type=Path, default=Path("../shared/corpora"))
    parser.add_argument("--only", action="append", help="corpora to run (default: all)")
    parser.add_argument("--system", action="append", choices=sorted(SYSTEMS))
    parser.add_argument("--out", type=Path, default=Path("bench/results"))
    options = parser.parse_args()
    corpora = {p.name.split(".")[0]: read_gold(p) for p in options.gold}
    drawn: str | None = None
    if options.predictions:
        if len(corpora) != 1:
            parser.error("--predictions goes with exactly one --gold")
        results = from_file(next(iter(corpora.values())), options.predictions)
    else:
        if not corpora:
            corpora = built_in() | dev_corpora(options.corpora)
            drawn = gold_set.CORPUS
        if options.only:
            corpora = {k: v for k, v in corpora.items() if k in options.only}
        drawn = drawn if drawn in corpora else None
        systems = [SYSTEMS[name]() for name in options.system or sorted(SYSTEMS)]
        results = compare(systems, corpora)
    total = sum(len(d) for d in corpora.values())
    notes = [
        f"{total:,} documents of {len(corpora)} corpora; {datetime.date.today()}. "
        "`possible` is the strict point, `likely` the balanced one; `leaked` counts characters "
        "that no span covers, `same` those that no span of an answering entity covers. Misses are "
        "listed by place alone.",
    ]
    write(results, options.out, notes, drawn)
    print(report.markdown(results, notes))


def built_in() -> dict[str, list[Document]]:
    """The in-repo gold set."""
    return {gold_set.CORPUS: gold_set.documents()}


if __name__ == "__main__":
    main()
