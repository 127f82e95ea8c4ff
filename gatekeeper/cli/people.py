"""`people`: whose signature counts when a case is to be released or destroyed."""

from __future__ import annotations

from pathlib import Path

import click

from gatekeeper.cli import options, show
from gatekeeper.cli.quarantine import open_vault
from gatekeeper.errors import ConfigError
from gatekeeper.model.display import escaped

_name_option = click.option("--name", required=True, help="Who it is; at most 100 characters.")


@click.group()
def people() -> None:
    """Enrol the people who ask for cases and approve. Their keys sign; they open nothing."""


@people.command("init")
@click.argument("file", metavar="FILE")
@_name_option
@click.option("--passphrase", "locked", is_flag=True, help="Ask for one, and lock the key with it.")
@options.config_option
def init(file: str, name: str, locked: bool, config_path: str | None) -> None:
    """Make a signing key in FILE (mode 0600), and enrol it.

    FILE must lie outside the project and the vault. Better: let each person make a key, and enrol
    the public side with `people add`.
    """
    from gatekeeper.vault.people import enrol, make_key, public_pem

    config, vault, path = options.load(config_path), open_vault(config_path), Path(file)
    place = path.parent.resolve() / path.name
    for folder in (vault.layout.root, *([config.root.resolve()] if config.path else [])):
        if place.is_relative_to(folder):
            raise ConfigError(f"{escaped(file)}: a signing key must not lie in the project")
    passphrase = options.new_passphrase().encode() if locked else None
    key = make_key(path, passphrase=passphrase)
    person = enrol(vault, key.public, name, now=options.now())
    click.echo(public_pem(key.public), nl=False)
    show.say(f"enrolled as {person.id}; the key is in {escaped(file)}: whoever has it signs as you")


@people.command("add")
@click.argument("file", metavar="PUBLIC.pem")
@_name_option
@options.config_option
def add(file: str, name: str, config_path: str | None) -> None:
    """Enrol the public key of somebody whose private key is elsewhere (Ed25519, PEM)."""
    from gatekeeper.vault.people import enrol, load_public

    vault = open_vault(config_path)
    person = enrol(vault, load_public(Path(file)), name, now=options.now())
    click.echo(person.id)


@people.command("list")
@options.config_option
def list_people(config_path: str | None) -> None:
    """Everybody whose signature counts."""
    from gatekeeper.vault.people import enrolled

    for person in enrolled(open_vault(config_path)):
        click.echo(f"{person.id}  since {person.since}  {escaped(person.name)}")


@people.command("remove")
@click.argument("person")
@options.config_option
def remove_person(person: str, config_path: str | None) -> None:
    """Let a signature count no longer, also under requests that are open."""
    from gatekeeper.vault.people import remove

    remove(open_vault(config_path), person)
    click.echo(f"{person}: removed")
