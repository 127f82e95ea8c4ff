"""`audit`: what was done, and the proof that nothing of it was changed since."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click

from gatekeeper.cli import options, show
from gatekeeper.errors import ReceiptError, UsageError

if TYPE_CHECKING:
    from gatekeeper.audit import Chain, Checked, Head

_CASE = re.compile(r"[0-9a-f]{32}")
_json_option = click.option("--json", "as_json", is_flag=True, help="JSON on stdout.")
_CHAINS = ("state", "vault")


@click.group()
def audit() -> None:
    """The append-only logs: what the gate decided and sent, and what was done in the vault.

    There are two: `state`, in the state folder, has decisions, waivers and uploads; `vault`, in the
    vault, has cases, requests, approvals, people and keys, of all gates that share it.
    """


@audit.command("show")
@click.option("--event", default="", metavar="EVENT", help="Only these: decision, release, key, …")
@click.option("--case", default="", metavar="CASE", help="Only what was done with this case.")
@click.option(
    "-n", "count", type=click.IntRange(min=1), metavar="N", help="Only the last N of each log."
)
@click.option("--log", "only", type=click.Choice(_CHAINS), help="Only this log.")
@_json_option
@options.config_option
def show_log(
    event: str,
    case: str,
    count: int | None,
    only: str | None,
    as_json: bool,
    config_path: str | None,
) -> None:
    """One line each record, oldest first; with --json one object, {"log", "record"}.

    With -n the logs are read from their ends, and no farther than it takes.
    """
    from gatekeeper.audit import EVENTS
    from gatekeeper.model import canonical_bytes

    if event and event not in EVENTS:
        raise UsageError(f"--event {event}: no such event", hint=", ".join(EVENTS))
    if case and not _CASE.fullmatch(case):
        raise UsageError(f"--case {case}: not the id of a case", hint="see `quarantine list`")
    for name, chain in _chains(config_path).items():
        if only in (None, name):
            for record in _chosen(chain, event, case, count):
                object_ = {"log": name, "record": record}
                click.echo(canonical_bytes(object_).decode() if as_json else _line(name, record))


def _chosen(chain: Chain, event: str, case: str, count: int | None) -> Iterator[Mapping[str, Any]]:
    from gatekeeper.audit import marker_of

    def fits(record: Mapping[str, Any]) -> bool:
        return event in ("", record["event"]) and case in ("", record["data"].get("case"))

    if count is None:
        chain.check()  # nothing is shown of a log that does not hold
        yield from filter(fits, chain.records())
        return
    last: list[Mapping[str, Any]] = []
    for record in chain.newest_first(marker_of(event, {"case": case} if case else {})):
        if fits(record):
            last.append(record)
            if len(last) == count:
                break
    yield from reversed(last)


def _line(name: str, record: Mapping[str, Any]) -> str:
    data = "  ".join(f"{field}={value}" for field, value in record["data"].items())
    return f"{name}  {record['seq']}  {record['time']}  {record['event']}  {data}"


@audit.command("verify")
@click.option(
    "--head",
    "heads",
    multiple=True,
    metavar="HEAD",
    help="A head that `audit head` printed once; may be given again.",
)
@options.config_option
def verify_log(heads: tuple[str, ...], config_path: str | None) -> int:
    """Check both logs from the first record to the last, and their signed heads.

    A HEAD that was kept elsewhere (printed, mailed, in another system) proves that nothing up to it
    was changed, dropped or inserted since: a thief of this machine with the gate's key could sign
    the logs anew, but not so that they lead through it. Ends with 1 where anything does not hold.
    """
    kept = [_parse(text) for text in heads]
    code = 0
    for name, chain in _chains(config_path).items():
        mine = [head for of, head in kept if of == name]
        try:
            found = chain.check(mine)
        except ReceiptError as error:
            show.error(error)
            code = ReceiptError.exit_code
            continue
        for text in _verified(name, found, len(mine)):
            click.echo(text)
    return code


def _verified(name: str, found: Checked, kept: int) -> Iterator[str]:
    if not found.head.seq:
        yield f"{name}: nothing was recorded yet"
    else:
        records = "1 record" if found.head.seq == 1 else f"{found.head.seq:,} records"
        yield f"{name}: {records}, whole; head {name}:{found.head}"
    if found.head.seq > found.signed.seq:
        yield (
            f"  record {found.head.seq} stands under no signed head yet: a gate is writing, or was "
            "cut off; the next record signs it"
        )
    if found.torn_bytes:
        yield (
            f"  {found.torn_bytes} bytes behind it: a record that was cut off while it was "
            "written, and promised to nobody; the next record drops them"
        )
    if kept:
        yield f"  it goes through the {kept} {'head' if kept == 1 else 'heads'} given"


def _parse(text: str) -> tuple[str, Head]:
    from gatekeeper.audit import Head

    name, _, rest = text.partition(":")
    found = None
    if name in _CHAINS:
        found = Head.parse(rest)
    if found is None:
        raise UsageError(
            f"--head {text}: not a head",
            hint="state:NUMBER:sha256:DIGEST or vault:NUMBER:sha256:DIGEST: see `audit head`",
        )
    return name, found


@audit.command("head")
@_json_option
@options.config_option
def print_heads(as_json: bool, config_path: str | None) -> None:
    """The signed head of each log, to be kept elsewhere: `audit verify --head HEAD`.

    With --json with the time and the signature (DSSE), by log.
    """
    import json

    from gatekeeper.model import canonical_bytes

    heads = {name: chain.head() for name, chain in _chains(config_path).items()}
    if not as_json:
        for name, head in heads.items():
            if head.seq:
                click.echo(f"{name}:{head}")
            else:
                show.say(f"{name}: nothing was recorded yet")
        return
    said = {
        name: {
            "head": f"{name}:{head}",
            "time": head.time,
            "signed": json.loads(head.envelope) if head.envelope else None,
        }
        for name, head in heads.items()
    }
    click.echo(canonical_bytes(said).decode())


def _chains(config_path: str | None) -> dict[str, Chain]:
    from gatekeeper.audit import audit_chain, load_trusted_keys

    config, keys = options.load(config_path), load_trusted_keys()
    return {
        "state": audit_chain(config.state, keys),
        "vault": audit_chain(config.vault, keys),
    }
