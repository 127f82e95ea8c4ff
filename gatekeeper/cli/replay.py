"""`replay`: which datasets would take another route today, and what of them is still out there."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gatekeeper.cli import options, show
from gatekeeper.errors import UsageError
from gatekeeper.model import canonical_bytes
from gatekeeper.model.display import escaped

if TYPE_CHECKING:
    from gatekeeper.replay import Remote, Replayed

_NAMES_SHOWN = 3


@click.command()
@click.argument("receipts", nargs=-1, metavar="[RECEIPT]...")
@options.config_option
@click.option(
    "--policy",
    "policies",
    multiple=True,
    metavar="NAME|FILE",
    help="A shipped policy or a file, in place of those of gatekeeper.yaml; repeatable.",
)
@click.option(
    "--to",
    "destination",
    metavar="DESTINATION",
    help="A shipped destination or a file, for all receipts. Default: each one's own.",
)
@click.option(
    "--on",
    "day",
    metavar="DATE",
    help="The day to decide for, as 2027-01-06. Default: today. Nothing is allowed by it: no "
    "receipt is written and nothing can be sent.",
)
@options.format_option
def replay(
    receipts: tuple[str, ...],
    config_path: str | None,
    policies: tuple[str, ...],
    destination: str | None,
    day: str | None,
    output: str,
) -> int:
    """Decide again on the evidence in receipts, and list the datasets that would change route.

    Looks at the newest receipt of every dataset where none is named, and reads no dataset. Says
    which of their uploads the audit log has not seen deleted. Ends with 0 where none would change
    route, else with the stricter code of the two routes; 3 where a dataset has to be scanned again
    before that can be told.
    """
    from gatekeeper.audit import audit_chain, load_trusted_keys
    from gatekeeper.replay import replay as replay_receipts

    setup = options.setup(config_path, policies, destination, instead=True)
    paths = [Path(r) for r in receipts] or sorted(setup.config.receipts.glob("*.dsse.json"))
    result = replay_receipts(
        paths,
        setup,
        audit_chain(setup.config.state, load_trusted_keys()),
        today=_day(day),
        destination=setup.destination if destination else None,
    )
    if output == "json":
        click.echo(canonical_bytes(result.to_json()).decode())
    else:
        changing = sum(r.changes for r in result.replayed)
        show.say(f"{len(result.replayed)} datasets, {changing} would change route")
        for one in result.replayed:
            for text in _lines(one):
                show.say(escaped(text))
        for refused in result.refused:
            show.line("warning", escaped(f"{refused.path}: {refused.why}"))
    return result.exit_code


def _day(day: str | None) -> datetime.date:
    if day is None:
        return options.today()
    try:
        return datetime.date.fromisoformat(day)
    except ValueError:
        pass
    raise UsageError("--on is not a day", hint="write it as 2027-01-06")


def _lines(one: Replayed) -> list[str]:
    names = ", ".join(one.names[:_NAMES_SHOWN]) or "no file"
    if len(one.names) > _NAMES_SHOWN:
        names += f" and {len(one.names) - _NAMES_SHOWN} more"
    verb = "changes" if one.changes else "stays"
    lines = [f"{verb}: {names}: {one.then.word} on {one.receipt.time[:10]}, {one.now.word} now"]
    lines += [f"  {flip.words}" for flip in one.flips]
    if one.scan_again:
        shown = ", ".join(one.scan_again[:_NAMES_SHOWN])
        more = f" and {len(one.scan_again) - _NAMES_SHOWN} more" if one.scan_again[3:] else ""
        lines.append(f"  to be scanned again: {shown}{more} were not looked for then")
    if one.changes or one.scan_again:
        lines += [f"  {_remote(remote)}" for remote in one.uploads]
    return lines


def _remote(remote: Remote) -> str:
    what = f"{remote.size_bytes:,} bytes at {remote.host}, {remote.time}"
    if not remote.remote:
        return f"may be there: {what}: it was begun, and no outcome is recorded"
    return f"still there: {remote.remote}, {what}"
