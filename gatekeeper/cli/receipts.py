"""`explain`, `verify` and `audit`: why, whether it still holds, and what was done."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from gatekeeper.cli import options, show
from gatekeeper.errors import InputError
from gatekeeper.model import Duty, canonical_bytes
from gatekeeper.model.display import escaped

_PLACES_IN_TEXT = 5


@click.command()
@click.argument("receipt", metavar="RECEIPT")
@options.format_option
def explain(receipt: str, output: str) -> None:
    """Why a dataset took its route: rule, clause, file:line, count against threshold, places.

    Values are never shown: the receipt holds none.
    """
    from gatekeeper.audit import load_trusted_keys, read_receipt

    held = read_receipt(Path(receipt), load_trusted_keys())
    if output == "json":
        click.echo(canonical_bytes(held.decision).decode())
        return
    click.echo(f"receipt {held.id}, {held.time}, signed by {held.keyid}")
    for name, digest in held.subjects:
        click.echo(f"  {digest}  {escaped(name)}")
    for text in _lines(held.decision):
        click.echo(escaped(text))


def _lines(decision: Any) -> list[str]:
    covered = decision["coverage"]
    lines = [
        f"route {decision['route']} on {decision['date']} for {decision['destination']} "
        f"({decision['host']}), policies {', '.join(decision['policies'])}",
        f"scanned {covered['records']:,} records in {covered['files']:,} file(s), "
        f"{covered['bytes_scanned']:,} of {covered['bytes_seen']:,} bytes "
        f"({covered['unscanned_count']:,} unscanned)",
    ]
    lines += [f"  unscanned: {error}" for error in decision["errors"]]
    for reason in decision["reasons"]:
        lines.append(f"{reason['policy']}/{reason['rule']}: {reason['route']}")
        lines.append(f"  because  {reason['because']}")
        if "must" in reason:
            lines.append(f"  must     {reason['must']}: {Duty(reason['must']).words}")
        if reason["at"]:
            lines.append(f"  rule     {reason['at']}")
        if reason["at_least"]:
            lines.append(f"  count    {reason['count']:,} (trips at {reason['at_least']:,})")
        if "waived_by" in reason:
            lines.append(f"  waived   {reason['waived_by']}")
        lines += [
            f"  place    {w['source']}: record {w['record']} {w['pointer'] or '(text)'} "
            f"{w['start']}-{w['end']} {w['entity']}"
            for w in reason["where"][:_PLACES_IN_TEXT]
        ]
        if len(reason["where"]) > _PLACES_IN_TEXT:
            lines.append("  place    … --format json names up to twenty")
    if not decision["reasons"]:
        lines.append("nothing speaks against it: every rule was evaluated and none held")
    return lines


@click.command()
@click.argument("receipt", metavar="RECEIPT")
@options.dataset_options
@options.policy_options
@options.format_option
def verify(
    receipt: str,
    paths: tuple[str, ...],
    input_format: str | None,
    config_path: str | None,
    policies: tuple[str, ...],
    destination: str | None,
    output: str,
) -> int:
    """Decide again, offline, and say whether the receipt still holds for the dataset.

    Ends with the route's code where it holds, with 3 where the dataset is another one, and with
    the stricter of the two routes' codes where the route changed.
    """
    from gatekeeper.verify import verify as verify_receipt

    setup = options.setup(config_path, policies, destination)
    found = options.sources(paths, input_format)
    result = verify_receipt(Path(receipt), found, setup, today=options.today())
    if output == "json":
        click.echo(canonical_bytes(result.to_json()).decode())
    else:
        verb = "holds" if result.holds else "does not hold"
        show.say(f"the receipt {verb}: {result.then.word} then, {result.now.word} now")
        for change in result.changes:
            show.say(f"  {escaped(change)}")
    if not result.same_bytes:
        return InputError.exit_code
    return int(max(result.then, result.now))


@click.group()
def audit() -> None:
    """The append-only log of decisions, uploads and quarantines."""


@audit.command("show")
@options.config_option
def show_log(config_path: str | None) -> None:
    """Every record, one JSON line each."""
    from gatekeeper.audit import audit_log

    for record in audit_log(options.load(config_path).state).records():
        click.echo(canonical_bytes(record).decode())


@audit.command("verify")
@options.config_option
def verify_audit(config_path: str | None) -> None:
    """Check the chain from the first record to the last, and print its head."""
    from gatekeeper.audit import audit_log, verify_log

    head = verify_log(audit_log(options.load(config_path).state).path)
    click.echo(f"{head}")
