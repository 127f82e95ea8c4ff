"""`keys`: who can open what is quarantined."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gatekeeper.cli import options, show
from gatekeeper.model.display import escaped

if TYPE_CHECKING:
    from gatekeeper.vault import Vault


def _vault(config_path: str | None) -> Vault:
    from gatekeeper.enforce.quarantine import open_vault

    config = options.load(config_path)
    return open_vault(config.vault)


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
    config = options.load(config_path)
    vault = _vault(config_path)
    forbidden = [config.root] if config.path else []
    enrolled = vault.init_identity(
        Path(file), now=options.now(), comment=comment, forbidden=forbidden
    )
    click.echo(str(enrolled.recipient))
    show.say(f"the identity is in {escaped(file)}: move it off this machine")
    if len(vault.recipients()) < 2:
        show.line("warning", "one key is too few to quarantine: make a second for another person")


@keys.command("list")
@options.config_option
def list_keys(config_path: str | None) -> None:
    """Enrolled recipients: fingerprint, recipient, when made and checked, comment."""
    for enrolled in _vault(config_path).recipients():
        click.echo(
            f"{enrolled.fingerprint}  {enrolled.recipient}  made {enrolled.created}  "
            f"checked {enrolled.checked}  {escaped(enrolled.comment)}"
        )
