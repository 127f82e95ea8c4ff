"""`ratios`: the lanes side by side, in interleaved rounds over the same corpora."""

from __future__ import annotations

import datetime
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from bench.plot import bars, decades
from bench.speed.corpus import CORPORA, write
from bench.speed.lanes import Lane, lanes
from bench.speed.run import MB, Failed, Figures, Spread, interpreter, ratios, require_hits, run

FOUR = ("ours", "reference", "per-text", "presidio")
NAMES = ("ours-names", "reference-names", "per-text-names", "per-text-all-names")
PEERS = ("scrubadub", "datafog", "detect-secrets", "finditer", "ripgrep")
PLAN: Mapping[str, Sequence[str]] = {
    "chat": (*FOUR, *PEERS, *NAMES),
    "chat5": FOUR,
    "dense": (*FOUR, *NAMES),
}
"""Which lanes run over which corpus."""
LEAST_BYTES, WARM_BYTES = 250_000, 40_000
"""Of a slice, so that it holds a row with PII; of what is scanned before the clock runs."""


@dataclass(frozen=True)
class Size:
    """How long a lane should take over its slice, and the most it is given."""

    rounds: int = 5
    seconds: float = 6.0
    most_bytes: int = 20_000_000


QUICK = Size(rounds=1, seconds=1.0, most_bytes=2_000_000)


@dataclass
class Row:
    """A lane over a corpus: what was measured, or why nothing was."""

    corpus: str
    lane: Lane
    figures: list[Figures] = field(default_factory=list)
    missing: str = ""


def slice_of(path: Path, size_bytes: int) -> Path:
    """A file with the first rows of `path`, `size_bytes` of them or little more."""
    if size_bytes >= path.stat().st_size:
        return path
    part = path.with_name(f"{path.stem}-{size_bytes}.jsonl")
    if not part.exists():
        with path.open("rb") as rows:
            write(rows, part, size_bytes)
    return part


def measure(
    folder: Path, corpus: str, names: Sequence[str], size: Size, peers: Path | None
) -> list[Row]:
    """Every lane of `names` over `corpus`, round by round. Raises SystemExit for one without hits.

    A first run that does not count says how large a slice each lane can be given.
    """
    path, warm = folder / f"{corpus}.jsonl", folder / f"{corpus}-warm.jsonl"
    write(CORPORA[corpus].rows(1), path, size.most_bytes)
    write(CORPORA[corpus].rows(2), warm, WARM_BYTES)
    rows = [Row(corpus, lanes()[name]) for name in names]
    slices: dict[str, Path] = {}
    for row in rows:
        if interpreter(row.lane, peers) is None:
            row.missing = "not installed"
            continue
        _say(f"{corpus}: {row.lane.name}, how fast about")
        try:
            first = run(row.lane, slice_of(path, LEAST_BYTES), warm=warm, peers=peers)
        except Failed as failed:
            row.missing = str(failed)
            continue
        wanted = int(first.mb_each_s * MB * size.seconds)
        slices[row.lane.name] = slice_of(path, max(LEAST_BYTES, min(wanted, size.most_bytes)))
    for n in range(size.rounds):
        for row in rows:
            if not row.missing:
                _say(f"{corpus}: round {n + 1}, {row.lane.name}")
                part = slices[row.lane.name]
                row.figures.append(run(row.lane, part, warm=warm, peers=peers))
                require_hits(row.figures[-1])
    return rows


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


HEAD = (
    f"{'':46} {'MB':>5} {'looks for':>9} {'hits':>7} {'MB/CPU s':>9} {'MB/s':>8} "
    f"{'start s':>7} {'peak MB':>7}  ours is"
)


NOTES = """\
MB: the slice that the lane was given. Rates are medians, of the scan alone. `ours is` so many times
as fast per CPU second, least / median / most of the rounds; lanes with names against ours with
names. Ours reads every file twice, keys and roles as well, and takes disguises off; the others are
given the contents, once. finditer and rg look for so many patterns; weakened ones only filter."""


def table(rows: Sequence[Row]) -> Iterator[str]:
    """The lines of the table; rates are medians, ratios least / median / most of the rounds."""
    yield HEAD
    for corpus in dict.fromkeys(row.corpus for row in rows):
        here = [row for row in rows if row.corpus == corpus]
        yield CORPORA[corpus].title
        for row in here:
            yield f"  {row.lane.title:44} {_cells(row, here)}"
    yield NOTES


def _cells(row: Row, here: Sequence[Row]) -> str:
    if row.missing:
        return f"{'-':>5} {row.missing}"
    first, times = row.figures[0], _ratio(row, here)
    return (
        f"{first.bytes / MB:5.1f} {first.entities:9,} {first.hits:7,} "
        f"{_median(row, 'mb_each_s'):9.3f} {first.bytes / MB / _median(row, 'wall_s'):8.3f} "
        f"{_median(row, 'start_s'):7.2f} {_median(row, 'peak_mb'):7.0f}  "
        + (f"{times.least:.1f} / {times.median:.1f} / {times.most:.1f}" if times else "")
    )


def _median(row: Row, what: str) -> float:
    return Spread.of(float(getattr(f, what)) for f in row.figures).median


def _ratio(row: Row, here: Sequence[Row]) -> Spread | None:
    """Ours against `row`: with names against those with names."""
    name = "ours-names" if row.lane.with_names else "ours"
    own = next((r for r in here if r.lane.name == name and r.figures), None)
    return ratios(own.figures, row.figures) if own and own is not row else None


def as_json(rows: Sequence[Row]) -> list[dict[str, object]]:
    """Everything that was measured."""
    found: list[dict[str, object]] = []
    for row in rows:
        times = _ratio(row, [r for r in rows if r.corpus == row.corpus]) if row.figures else None
        found.append(
            {
                "corpus": row.corpus,
                "lane": row.lane.name,
                "title": row.lane.title,
                "missing": row.missing,
                "ours_is_times": asdict(times) if times else None,
                "rounds": [{**asdict(f), "mb_each_s": f.mb_each_s} for f in row.figures],
            }
        )
    return found


def drawing(rows: Sequence[Row]) -> str:
    """The rates as bars on a logarithmic axis, a colour for each corpus."""
    corpora = list(dict.fromkeys(row.corpus for row in rows))
    groups: dict[str, list[float | None]] = {}
    for row in rows:
        values = groups.setdefault(row.lane.title, [None] * len(corpora))
        if row.figures:
            values[corpora.index(row.corpus)] = _median(row, "mb_each_s")
    known = [v for values in groups.values() for v in values if v is not None]
    title = f"MB per processor second, {datetime.date.today()}"
    return bars(title, groups, [CORPORA[c].title for c in corpora], decades(known, "MB/s"), 290)
