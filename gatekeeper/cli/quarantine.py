"""`quarantine`: cases in the vault, and the way that two people take to get one out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gatekeeper.cli import options, show
from gatekeeper.errors import VaultError
from gatekeeper.model.display import escaped

if TYPE_CHECKING:
    from gatekeeper.vault import Manifest, Tombstone, Vault
    from gatekeeper.vault.workflow import Asked

_key_option = click.option(
    "--key", "key_file", required=True, metavar="FILE", help="Your signing key: `people init`."
)
_days_option = click.option(
    "--days", default=7, show_default=True, help="How long it holds, 30 days at most."
)


def open_vault(config_path: str | None) -> Vault:
    """The vault of the configuration."""
    from gatekeeper.enforce.quarantine import open_vault as opened

    return opened(options.load(config_path).vault)


@click.group()
def quarantine() -> None:
    """Look after quarantined datasets: release, destroy, hold, rewrap, recover."""


@quarantine.command("list")
@options.config_option
def list_cases(config_path: str | None) -> int:
    """Every case and its state; ends with 1 where one of them is damaged."""
    from gatekeeper.vault import Damaged, Manifest

    vault = open_vault(config_path)
    damaged = 0
    for found in vault.list():
        if isinstance(found, Damaged):
            damaged += 1
            click.echo(f"{found.case_id}  damaged: {escaped(found.why)}")
        elif isinstance(found, Manifest):
            click.echo(_line(vault, found))
        else:
            click.echo(f"{found.case_id}  destroyed on {found.time}")
    return VaultError.exit_code if damaged else 0


def _line(vault: Vault, manifest: Manifest) -> str:
    from gatekeeper.vault.holds import hold_of

    words = [
        manifest.case_id,
        manifest.time,
        _state(vault, manifest.case_id),
        f"{manifest.size_bytes:,} bytes",
        f"{len(manifest.recipients)} recipients",
    ]
    if hold_of(vault, manifest.case_id):
        words.append("on hold")
    return "  ".join(words)


def _state(vault: Vault, case_id: str) -> str:
    from gatekeeper.vault.workflow import asked_of

    states = [a.state for a in asked_of(vault, case_id, options.now()) if not isinstance(a, str)]
    if vault.log.newest("release", case=case_id):
        return "released"
    return next((s for s in ("approved", "requested") if s in states), "quarantined")


@quarantine.command("show")
@click.argument("case")
@options.config_option
def show_case(case: str, config_path: str | None) -> None:
    """The signed manifest of a case, and who asked for it. Names and findings stay encrypted."""
    from gatekeeper.model import canonical_bytes
    from gatekeeper.vault.holds import hold_of
    from gatekeeper.vault.workflow import asked_of

    vault = open_vault(config_path)
    gone: Tombstone | None = vault.tombstone(case)
    found = gone or vault.show(case)
    click.echo(canonical_bytes(found.to_json()).decode())
    for asked in asked_of(vault, case, options.now()):
        click.echo(f"request: {escaped(asked)}" if isinstance(asked, str) else _asked_line(asked))
    if hold := hold_of(vault, case):
        click.echo(f"on hold since {hold.time} by {hold.person}: {escaped(hold.because)}")


def _asked_line(asked: Asked) -> str:
    request = asked.request
    why = f" ({asked.why})" if asked.state == "void" else ""
    return (
        f"request {request.id}: {request.action}, {asked.state}{why}, by {request.person}, "
        f"approvals {len(asked.approvals)}, until {request.expires}, "
        f"for {escaped(request.purpose)}, to {escaped(request.destination)}"
    )


@quarantine.command("verify")
@click.argument("case", required=False)
@options.config_option
def verify_case(case: str | None, config_path: str | None) -> int:
    """Check a case: its manifest's signature and the digest of its ciphertext.

    Without CASE, check every case, and hold them against the log of the vault: none is missing,
    none was put back as it was before.
    """
    from gatekeeper.vault.checking import check_all

    vault = open_vault(config_path)
    if case is not None:
        manifest = vault.verify(case)
        click.echo(f"{manifest.case_id}: whole, {manifest.size_bytes:,} bytes")
        return 0
    checked = check_all(vault)
    for damaged in checked.damaged:
        click.echo(f"{damaged.case_id}  {escaped(damaged.why)}")
    for words in checked.missing:
        click.echo(words)
    click.echo(f"whole: {checked.whole}; destroyed, as the log says: {checked.destroyed}")
    return VaultError.exit_code if checked.damaged or checked.missing else 0


@quarantine.command("request")
@click.argument("case")
@_key_option
@click.option("--purpose", required=True, help="What it is needed for; one line.")
@click.option("--destination", default="", help="Where it is to go; one line.")
@click.option("--destroy", "is_destroy", is_flag=True, help="Ask that it be destroyed.")
@_days_option
@options.config_option
def request_case(
    case: str,
    key_file: str,
    purpose: str,
    destination: str,
    is_destroy: bool,
    days: int,
    config_path: str | None,
) -> None:
    """Ask that a case be released, or destroyed. Two others have to approve."""
    from gatekeeper.vault.approvals import DESTROY, RELEASE
    from gatekeeper.vault.workflow import request

    asked = request(
        open_vault(config_path),
        case,
        options.person_key(key_file),
        action=DESTROY if is_destroy else RELEASE,
        purpose=purpose,
        destination=destination or ("nowhere" if is_destroy else ""),
        days=days,
        now=options.now(),
    )
    click.echo(asked.id)
    show.say(f"until {asked.expires}; two others approve it with:")
    show.say(f"gatekeeper quarantine approve {case} {asked.id} --key FILE")


@quarantine.command("approve")
@click.argument("case")
@click.argument("request")
@_key_option
@_days_option
@options.config_option
def approve_case(
    case: str, request: str, key_file: str, days: int, config_path: str | None
) -> None:
    """Agree to a request, as another person than the one who asks. Used once."""
    from gatekeeper.vault.people import NEEDED
    from gatekeeper.vault.workflow import approve

    vault = open_vault(config_path)
    key = options.person_key(key_file)
    asked = approve(vault, case, request, key, days=days, now=options.now())
    click.echo(_asked_line(asked))
    if (missing := NEEDED - len(asked.approvals)) > 0:
        show.say(f"{missing} more needed")


@quarantine.command("release")
@click.argument("case")
@click.argument("request")
@options.identity_options()
@click.option("--out", required=True, metavar="DIR", help="A new or empty folder.")
@options.policy_options
@options.format_option
@options.config_option
def release_case(
    case: str,
    request: str,
    identities: options.Given,
    out: str,
    policies: tuple[str, ...],
    destination: str | None,
    output: str,
    config_path: str | None,
) -> None:
    """Decrypt an approved case into a folder, and judge it again under today's policies.

    Nothing has its final name before the last byte verified.
    """
    from gatekeeper.model import canonical_bytes
    from gatekeeper.release import release

    outcome = release(
        open_vault(config_path),
        case,
        request,
        identities.load(options.load(config_path)),
        Path(out),
        options.setup(config_path, policies, destination),
        now=options.now(),
    )
    if output == "json":
        click.echo(canonical_bytes(outcome.to_json()).decode())
        return
    for path in outcome.released.files:
        click.echo(escaped(str(path)))
    judged = outcome.judged
    show.say(f"decided then: {judged.then}; today: {judged.now}")
    for change in judged.changes:
        show.say(f"changed: {escaped(change)}")
    for duty in judged.duties:
        show.line("warning", escaped(duty))


@quarantine.command("destroy")
@click.argument("case")
@click.argument("request", required=False)
@_key_option
@options.config_option
def destroy_case(case: str, request: str | None, key_file: str, config_path: str | None) -> None:
    """Destroy a case, on a request that two others approved, or once its time is over."""
    from gatekeeper.vault.destroying import destroy

    vault = open_vault(config_path)
    gone = destroy(vault, case, request, options.person_key(key_file), now=options.now())
    click.echo(f"{gone.case_id}: destroyed")
    show.say(
        "its ciphertext and wrapped keys are unlinked here; a copy of the vault, a snapshot or a "
        "backup may still hold both, and whoever has an identity can open that"
    )


@quarantine.command("hold")
@click.argument("case")
@_key_option
@click.option("--because", required=True, help="The matter it is held for; one line.")
@click.option("--lift", is_flag=True, help="Lift the hold.")
@options.config_option
def hold_case(case: str, key_file: str, because: str, lift: bool, config_path: str | None) -> None:
    """Put a case on legal hold: nothing destroys it until the hold is lifted."""
    from gatekeeper.vault.holds import put

    vault = open_vault(config_path)
    key = options.person_key(key_file)
    put(vault, case, key, on=not lift, because=because, now=options.now())
    click.echo(f"{case}: {'hold lifted' if lift else 'on hold'}")


@quarantine.command("rewrap")
@click.argument("case")
@options.identity_options()
@options.config_option
def rewrap_case(case: str, identities: options.Given, config_path: str | None) -> None:
    """Wrap the file key of a case for the recipients of today. The payload stays as it is."""
    _rewrite(case, identities, config_path, "rewrap")
    show.say(
        "whoever kept the file key, or a copy of the old ciphertext and its identity, still opens "
        "it; after a leak, `quarantine rotate`"
    )


@quarantine.command("rotate")
@click.argument("case")
@options.identity_options()
@options.config_option
def rotate_case(case: str, identities: options.Given, config_path: str | None) -> None:
    """Encrypt a case under a new file key, for the recipients of today."""
    _rewrite(case, identities, config_path, "rotate")
    show.say(
        "a copy of the old ciphertext still opens with the identities that it was made for: a "
        "snapshot or a backup of the vault may hold one"
    )


def _rewrite(case: str, identities: options.Given, config_path: str | None, how: str) -> None:
    from gatekeeper.enforce.quarantine import recipients_for
    from gatekeeper.vault.rewriting import rewrite

    config, vault, now = options.load(config_path), open_vault(config_path), options.now()
    chosen = recipients_for(vault, config.recipients, wrappers=config.wrappers, now=now)
    done = rewrite(vault, case, identities.load(config), chosen, how=how, now=options.now())
    click.echo(f"{case}: revision {done.after.revision}, {len(done.after.recipients)} recipients")


@quarantine.command("recover")
@options.config_option
def recover(config_path: str | None) -> int:
    """End what a crash cut off. May be run again at any time."""
    ended = open_vault(config_path).recover()
    for case in ended:
        why = f": {escaped(case.why)}" if case.why else ""
        click.echo(f"{case.case_id}  {case.state}{why}")
    return VaultError.exit_code if any(c.state == "damaged" for c in ended) else 0
