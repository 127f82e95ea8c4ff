"""`explain` and `verify`: why, and whether it still holds."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gatekeeper.cli import options, show
from gatekeeper.errors import InputError, ReceiptError
from gatekeeper.model import Duty, canonical_bytes
from gatekeeper.model.display import escaped

if TYPE_CHECKING:
    from gatekeeper.audit import Receipt
    from gatekeeper.safe_harbor import Row

_PLACES_IN_TEXT = 5
_HIPAA = "hipaa-safe-harbor"


@click.command()
@click.argument("receipt", metavar="RECEIPT")
@click.option("--safe-harbor", is_flag=True, help="Show the 18 identifiers of HIPAA Safe Harbor.")
@options.format_option
def explain(receipt: str, safe_harbor: bool, output: str) -> None:
    """Why a dataset took its route: rule, clause, file:line, count against threshold, places.

    Where the HIPAA policy was evaluated, or with --safe-harbor, a table of the 18 identifiers
    follows. Values are never shown: the receipt holds none.
    """
    from gatekeeper.audit import load_trusted_keys, read_receipt

    held = read_receipt(Path(receipt), load_trusted_keys())
    if output == "json":
        rows = [row.to_json() for row in _table(held)] if safe_harbor else None
        click.echo(canonical_bytes(held.decision if rows is None else rows).decode())
        return
    click.echo(f"receipt {held.id}, {held.time}, signed by {held.keyid}")
    for name, digest in held.subjects:
        click.echo(f"  {digest}  {escaped(name)}")
    if held.names_withheld:
        click.echo(
            "  names of files stand in the case alone, for the dataset was to be quarantined"
        )
    for text in _lines(held.decision):
        click.echo(escaped(text))
    if safe_harbor or _HIPAA in held.decision["policies"]:
        for text in _table_lines(_table(held)):
            click.echo(text)


def _table(held: Receipt) -> tuple[Row, ...]:
    """The eighteen identifiers over the evidence of a receipt."""
    from gatekeeper.detect import load_catalogue
    from gatekeeper.detect.national import national_ids
    from gatekeeper.model import LOCALES, Evidence
    from gatekeeper.safe_harbor import LETTERS, safe_harbor

    evidence = Evidence.from_json(held.evidence)
    # A receipt does not say which locales were on; what was found of them was looked for.
    found = {entity for _, tally in evidence for entity, _, _ in tally.counts}
    abroad = [i.info() for i in national_ids(LOCALES) if i.entity in found]
    catalogue = load_catalogue().extended(abroad)
    entities = {
        letter: {e.name for e in catalogue.entities.values() if letter in e.hipaa}
        for letter in LETTERS
    }
    looked_for = _looked_for(held.decision).union(i.name for i in abroad)
    return safe_harbor(evidence, entities, looked_for)


def _looked_for(decision: Any) -> frozenset[str]:
    """The entities that the decision's policies name; none where those are not the shipped ones,
    for a receipt does not say what other policies look for.
    """
    from gatekeeper.detect import load_catalogue
    from gatekeeper.model import digest_of
    from gatekeeper.policy import load_policy, shipped_policies

    vocabulary = load_catalogue().vocabulary()
    shipped = {p.id: p for p in (load_policy(n, vocabulary) for n in shipped_policies())}
    if not set(decision["policies"]) <= set(shipped):
        return frozenset()
    used = [shipped[name] for name in decision["policies"]]
    if digest_of([[p.id, p.digest] for p in used]) != decision["digests"]["policies"]:
        return frozenset()
    return frozenset().union(*(p.entities for p in used))


def _table_lines(rows: Iterable[Row]) -> list[str]:
    lines = ["HIPAA Safe Harbor, 45 CFR 164.514(b)(2)(i):"]
    for row in rows:
        said = ", ".join(f"{entity} {n:,}" for entity, n in sorted(row.counts.items()))
        if not said and row.state == "not decidable":
            said = "cannot be decided from text" if row.letter in "PQR" else "not all was scanned"
        if row.missing and row.state != "not looked for":
            said += f"{'; ' if said else ''}not looked for: {', '.join(row.missing)}"
        lines.append(f"  {row.letter}  {row.title:<32} {row.state:<15} {said}".rstrip())
    return lines


def _lines(decision: Any) -> list[str]:
    covered = decision["coverage"]
    lines = [
        f"route {decision['route']} on {decision['date']} for {decision['destination']} "
        f"({decision['host']}), policies {', '.join(decision['policies'])}",
        f"scanned {covered['records']:,} records in {covered['files']:,} file(s), "
        f"{covered['bytes_scanned']:,} of {covered['bytes_seen']:,} bytes "
        f"({covered['unscanned_count']:,} unscanned)",
    ]
    if covered.get("partial"):
        lines.append(f"counts are partial: stopped after {covered['records']:,} records")
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

    Where it does not, says which reasons came and went, and whether a policy, the destination, an
    agreement, the date, the detector or the dataset is the cause.

    Ends with the route's code where it holds, with 3 where the dataset is another one, and with
    the stricter of the two routes' codes where the route changed. Says, too, whether the audit log
    holds the receipt, and ends with 1 where that log is damaged.
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
        for flip in result.flips:
            show.say(f"  why: {escaped(flip.words)}")
        show.say(f"  {escaped(str(result.logged))}")
    if not result.same_bytes:
        return InputError.exit_code
    if result.logged.word == "damaged":
        return ReceiptError.exit_code
    return int(max(result.then, result.now))
