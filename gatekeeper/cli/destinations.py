"""`destinations`: where data may go, who vouches for what, and whether the door is open today."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from gatekeeper.cli import options
from gatekeeper.model import Route, canonical_bytes
from gatekeeper.model.display import escaped

if TYPE_CHECKING:
    from gatekeeper.model import Destination, Endpoint
    from gatekeeper.standing import Standing


@click.group()
def destinations() -> None:
    """Where data may go, which agreement reaches what, and whether the door is open today."""


@destinations.command("list")
def list_destinations() -> None:
    """Shipped destinations: name, host, date of the oldest fact, and whether open today."""
    from gatekeeper.decide import why_closed
    from gatekeeper.policy import load_destination, shipped_destinations

    for name in sorted(shipped_destinations()):
        loaded = load_destination(name)
        host = loaded.host or "(a template)"
        state = "open"
        if not loaded.base_url:
            state = "closed: to be completed by a file that says `extends`"
        elif why_closed(loaded, options.today()):
            state = f"closed: {why_closed(loaded, options.today())}"
        click.echo(f"{name:<24} {host:<18} as of {loaded.as_of}  {escaped(state)}")


@destinations.command("show")
@click.argument("name")
def show_destination(name: str) -> None:
    """The facts of one destination, each with its source and its day."""
    from gatekeeper.decide import why_all_closed
    from gatekeeper.policy import load_destination

    loaded = load_destination(name)
    for text in _heading(loaded):
        click.echo(escaped(text))
    closed = why_all_closed(loaded, options.today())
    click.echo(f"today: {'closed' if closed else 'open'}")
    for reason in closed:
        click.echo(f"  {escaped(reason)}")
    for endpoint in loaded.endpoints.values():
        click.echo(f"endpoint {escaped(_endpoint(endpoint))}")
    for key, fact in sorted(loaded.facts.items()):
        click.echo(f"fact {escaped(_fact(key, fact))}")


def _heading(loaded: Destination) -> list[str]:
    barred = sorted(loaded.zdr_only)
    return [
        f"{loaded.name}: {loaded.title}",
        f"party: {loaded.party or 'not said'}",
        f"base URL: {loaded.base_url or 'none: a template, to be completed by a file of yours'}",
        f"region: {loaded.region or 'not known'}",
        f"as of {loaded.as_of}, stale after {loaded.max_age_days} days",
        f"opens: {loaded.opens or 'open'}; closes: {_closes(loaded)}",
        f"agreements that can cover it: {', '.join(sorted(loaded.covers)) or 'none'}",
        *([f"only where zero retention can be had: {', '.join(barred)}"] if barred else []),
        f"purposes: {', '.join(loaded.purposes)}",
        f"leaks beside the rows: {', '.join(loaded.leaks) or 'not said'}",
        f"integrations: {', '.join(loaded.integrations) or 'none'}",
    ]


def _closes(door: Destination | Endpoint) -> str:
    why = f" ({door.closes_because})" if door.closes_because else ""
    return f"{door.closes or 'no date'}{why}"


def _endpoint(endpoint: Endpoint) -> str:
    kept = f"keeps {', '.join(sorted(endpoint.regions))}" if endpoint.regions else "keeps no region"
    zdr = "eligible" if endpoint.zdr_eligible else "not eligible"
    dates = f"; opens {endpoint.opens}" if endpoint.opens else ""
    dates += f"; closes {_closes(endpoint)}" if endpoint.closes else ""
    covers = ", ".join(sorted(endpoint.covers)) or "no agreement"
    paths = ", ".join(endpoint.paths)
    return f"{endpoint.name} ({paths}): {covers}; {zdr} for zero retention; {kept}{dates}"


def _fact(key: str, fact: Any) -> str:
    value = fact["value"]
    shown = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    until = f" until {fact['until']}" if "until" in fact else ""
    note = f": {fact['note']}" if "note" in fact else ""
    return f"{key}: {shown}{until}  [{fact['source']}, {fact['as_of']}]{note}"


@destinations.command("check")
@click.argument("names", nargs=-1, metavar="[NAME|FILE]...")
@options.config_option
@options.format_option
def check_destinations(names: tuple[str, ...], config_path: str | None, output: str) -> int:
    """What is stale and what is missing, and which of your agreements reach which endpoint.

    Looks at the configured destination where none is named. Ends with 10, the code of on_prem,
    where one of them is closed today: nothing may be sent there.
    """
    from gatekeeper.standing import standing

    setup = options.setup(config_path, (), names[0] if names else None)
    chosen = [setup.destination]
    if names[1:]:
        from gatekeeper.policy import load_destination

        chosen += [load_destination(name) for name in names[1:]]
    found = [standing(d, setup.policies, setup.config.agreements, options.today()) for d in chosen]
    if output == "json":
        click.echo(canonical_bytes([s.to_json() for s in found]).decode())
    else:
        for one in found:
            for text in _lines(one):
                click.echo(escaped(text))
    return int(Route.ON_PREM) if any(s.closed for s in found) else int(Route.ALLOW)


def _lines(found: Standing) -> list[str]:
    destination = found.destination
    state = "closed" if found.closed else "open"
    oldest = found.oldest.key or "the file"
    lines = [f"{destination.name} ({destination.host or 'no address'}): {state} today"]
    lines += [f"  closed   {reason}" for reason in found.closed]
    lines.append(
        f"  facts    {len(destination.stated)} dated; the oldest is {oldest} of "
        f"{found.oldest.as_of} ({found.oldest.source}); stale on {found.stale_on}"
    )
    if destination.closes and not found.closed:
        lines.append(f"  closes   {_closes(destination)}")
    lines += [f"  missing  {what}" for what in found.missing]
    for one in found.reached:
        paper, where = one.agreement, one.endpoint or "all of it"
        verdict = f"no: {one.why_not}" if one.why_not else "yes"
        about = f"{paper.kind} for {', '.join(paper.covers)}, until {paper.until}"
        lines.append(f"  reaches  {where}: {about}: {verdict}")
    if found.elsewhere:
        others = sorted({f"{a.kind} with {a.party}" for a in found.elsewhere})
        lines.append(f"  others   of no use here: {', '.join(others)}")
    if not found.reached:
        lines.append(f"  reaches  no agreement with {destination.party or 'it'} is configured")
    for asked in found.asked:
        verdict = f"not met: {asked.why_not}" if asked.why_not else "met"
        needs = f"{asked.policy} asks for {asked.agreement} for {', '.join(asked.classes)}"
        lines.append(f"  asks     {needs}: {verdict}")
    return lines
