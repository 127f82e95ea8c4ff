"""Words for people, on stderr: one form for errors, hints and decisions.

The rules are: `gatekeeper:` first, lower case, no final period, one line. Everything that came
from outside (a file name, a key) is escaped.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from gatekeeper.errors import GatekeeperError
from gatekeeper.model import Confidence, Coverage, Decision, Evidence, Reason, Record, Route
from gatekeeper.model.display import escaped

_COLOURS = {Route.ALLOW: "green", Route.ON_PREM: "yellow", Route.QUARANTINE: "red"}
_MEANING = {
    Route.ALLOW: "may be sent to",
    Route.ON_PREM: "stays in the house, may not go to",
    Route.QUARANTINE: "is to be encrypted and quarantined, may not go to",
}
_PLACES_IN_TEXT = 3


def path(place: Path) -> str:
    """`place` as one would type it here."""
    here = Path.cwd()
    return escaped(str(place.relative_to(here) if place.is_relative_to(here) else place))


def line(kind: str, text: str) -> None:
    """`gatekeeper: kind: text` on stderr."""
    style = {"error": "red", "warning": "yellow", "hint": "cyan"}.get(kind)
    head = click.style(f"{kind}:", fg=style, bold=True) if style else f"{kind}:"
    say(f"gatekeeper: {head} {text}")


def say(text: str) -> None:
    """One line on stderr; colour only on a terminal, and never with NO_COLOR."""
    import os

    plain = bool(os.environ.get("NO_COLOR")) or not sys.stderr.isatty()
    click.echo(text, err=True, color=False if plain else None)


def error(exception: GatekeeperError) -> None:
    """The error as one line each, its hint, and the further errors of the same file."""
    for one in (exception, *getattr(exception, "others", ())):
        for part in str(one).splitlines() or [type(one).__name__]:
            line("error", escaped(part))
        for part in one.hint.splitlines():
            line("hint", escaped(part))


def coverage(covered: Coverage) -> None:
    """The denominator, always."""
    files = "1 file" if covered.files == 1 else f"{covered.files:,} files"
    records = "1 record" if covered.records == 1 else f"{covered.records:,} records"
    say(f"scanned {records} in {files} ({covered.unscanned_count:,} unscanned)")
    if covered.partial:
        say(f"counts are partial: stopped after {records}, for no route is stricter")
    for item in covered.unscanned[:20]:
        kind = "opaque" if item.opaque else "unscanned"
        say(f"  {kind}: {escaped(item.source)}: {escaped(item.at)}: {escaped(item.detail)}")
    if covered.unscanned_count > 20:
        say(f"  … and {covered.unscanned_count - 20:,} more")


def counts(evidence: Evidence) -> None:
    """What was found, by entity and confidence."""
    totals: Counter[tuple[str, Confidence]] = Counter()
    for _, tally in evidence:
        for (entity, _, confidence), n in tally.counts.items():
            totals[entity, confidence] += n
    for (entity, confidence), n in sorted(totals.items()):
        click.echo(f"{entity:<28} {confidence.word:<9} {n:>9,}")


def decision(decided: Decision) -> None:
    """The route and why, in lines that a person can act on."""
    coverage(decided.coverage)
    route = click.style(decided.route.word, fg=_COLOURS[decided.route], bold=True)
    to = f"{escaped(decided.destination)} ({escaped(decided.host or 'no address')})"
    say(f"route: {route}: the dataset {_MEANING[decided.route]} {to}")
    for reason in decided.reasons:
        _reason(reason)


def _reason(reason: Reason) -> None:
    counted = f", {reason.count:,} found, {reason.at_least:,} trips" if reason.at_least else ""
    at = f" ({reason.at})" if reason.at else ""
    say(f"  {reason.policy}/{reason.rule}: {reason.route.word}{counted}{at}")
    say(f"    because: {escaped(reason.because)}")
    if reason.must.words:
        say(f"    must {reason.must.value}: {reason.must.words}")
    if reason.waived_by:
        say(f"    waived by {escaped(reason.waived_by)}")
    for where in reason.where[:_PLACES_IN_TEXT]:
        place = where.place
        pointer = escaped(place.pointer) or "(text)"
        say(
            f"    {where.entity} at {escaped(where.source)}: record {place.record} "
            f"{pointer} {place.start}-{place.end}"
        )
    if len(reason.where) > _PLACES_IN_TEXT:
        say(f"    … {len(reason.where) - _PLACES_IN_TEXT} more places with --format json")


class Progress:
    """Counts bytes as records go by; shows them when stderr is a terminal."""

    def __init__(self, advance: object | None = None) -> None:
        self._advance = advance

    def __call__(self, record: Record) -> None:
        """One record more."""
        if callable(self._advance):
            self._advance(record.size_bytes)


@contextmanager
def progress(total_bytes: int) -> Iterator[Progress]:
    """A progress bar on stderr where it is a terminal, else nothing."""
    if not sys.stderr.isatty() or total_bytes < 100_000:
        yield Progress()
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("scanning"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("scanning", total=total_bytes)
        yield Progress(lambda n: bar.update(task, advance=n))
