"""`quarantine` and `keys`: the vault, and who can open it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gatekeeper.cli import options, show
from gatekeeper.errors import VaultError
from gatekeeper.model.display import escaped

if TYPE_CHECKING:
    from gatekeeper.vault import Manifest, Vault


def _vault(config_path: str | None) -> Vault:
    from gatekeeper.enforce.quarantine import open_vault

    return open_vault(options.load(config_path).vault)


@click.group()
def quarantine() -> None:
    """List, show, verify and open quarantined datasets."""


@quarantine.command("list")
@options.config_option
def list_cases(config_path: str | None) -> int:
    """Every case; ends with 1 where one of them is damaged."""
    from gatekeeper.vault import Damaged

    damaged = 0
    for found in _vault(config_path).list():
        if isinstance(found, Damaged):
            damaged += 1
            click.echo(f"{found.case_id}  damaged: {escaped(found.why)}")
        else:
            click.echo(_line(found))
    return VaultError.exit_code if damaged else 0


def _line(manifest: Manifest) -> str:
    recipients = len(manifest.recipients)
    return (
        f"{manifest.case_id}  {manifest.time}  {manifest.route}  "
        f"{manifest.size_bytes:,} bytes  {recipients} recipients"
    )


@quarantine.command("show")
@click.argument("case")
@options.config_option
def show_case(case: str, config_path: str | None) -> None:
    """The signed manifest of a case. File names and findings are inside the ciphertext."""
    from gatekeeper.model import canonical_bytes

    click.echo(canonical_bytes(_vault(config_path).show(case).to_json()).decode())


@quarantine.command("verify")
@click.argument("case")
@options.config_option
def verify_case(case: str, config_path: str | None) -> None:
    """Check the manifest's signature and the digest of the ciphertext."""
    manifest = _vault(config_path).verify(case)
    click.echo(f"{manifest.case_id}: whole, {manifest.size_bytes:,} bytes")


@quarantine.command("open")
@click.argument("case")
@click.option(
    "-i",
    "--identity",
    required=True,
    metavar="FILE",
    help="The identity file that opens it.",
)
@click.option("--out", required=True, metavar="DIR", help="A new or empty folder.")
@options.config_option
def open_case(case: str, identity: str, out: str, config_path: str | None) -> None:
    """Decrypt a case into a folder. Nothing has its final name before the last byte verified."""
    for path in _vault(config_path).extract(case, Path(identity), Path(out)):
        click.echo(escaped(str(path)))


@quarantine.command("recover")
@options.config_option
def recover(config_path: str | None) -> int:
    """End what a crash cut off. May be run again at any time."""
    ended = _vault(config_path).recover()
    for case in ended:
        why = f": {escaped(case.why)}" if case.why else ""
        click.echo(f"{case.case_id}  {case.state}{why}")
    return VaultError.exit_code if any(c.state == "damaged" for c in ended) else 0


@click.group()
def keys() -> None:
    """Make and list the keys that open quarantined datasets."""


@keys.command("init")
@click.argument("file", metavar="FILE")
@click.option("--comment", default="", help="Who holds it; at most 100 characters.")
@options.config_option
def init(file: str, comment: str, config_path: str | None) -> None:
    """Make an identity in FILE (mode 0600) and enrol its recipient in the vault.

    FILE must lie outside the project: whoever holds it can open every case. Keep it off this
    machine, and make a second one for another person.
    """
    from gatekeeper.vault import too_few

    config = options.load(config_path)
    vault = _vault(config_path)
    forbidden = [config.root] if config.path else []
    enrolled = vault.init_identity(
        Path(file), now=options.now(), comment=comment, forbidden=forbidden
    )
    click.echo(str(enrolled.recipient))
    show.say(f"the identity is in {escaped(file)}: move it off this machine")
    if warning := too_few([e.recipient for e in vault.recipients()]):
        show.line("warning", warning)


@keys.command("list")
@options.config_option
def list_keys(config_path: str | None) -> None:
    """Enrolled recipients: fingerprint, recipient, when made and checked, comment."""
    for enrolled in _vault(config_path).recipients():
        click.echo(
            f"{enrolled.fingerprint}  {enrolled.recipient}  made {enrolled.created}  "
            f"checked {enrolled.checked}  {escaped(enrolled.comment)}"
        )
