"""`keys`: who can open what is quarantined, and who lately proved it."""

from __future__ import annotations

from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from gatekeeper.cli import options, show
from gatekeeper.cli.quarantine import open_vault
from gatekeeper.errors import ConfigError, UsageError
from gatekeeper.model.display import escaped

if TYPE_CHECKING:
    from gatekeeper.policy import Config
    from gatekeeper.vault import Enrolled, Vault

_comment_option = click.option(
    "--comment", default="", help="Who holds it; at most 100 characters."
)


@click.group()
def keys() -> None:
    """Make, enrol, check and list the keys that open quarantined datasets."""


@keys.command("init")
@click.argument("file", metavar="FILE")
@click.option("--passphrase", "locked", is_flag=True, help="Ask for one, and lock FILE with it.")
@options.passphrase_file_option
@click.option(
    "--post-quantum",
    is_flag=True,
    help="A key safe against quantum computers; no other kind can receive beside it.",
)
@_comment_option
@options.config_option
def init(
    file: str,
    locked: bool,
    passphrase_file: str | None,
    post_quantum: bool,
    comment: str,
    config_path: str | None,
) -> None:
    """Make an identity in FILE (mode 0600) and enrol its recipient in the vault.

    FILE must lie outside the project: whoever holds it can open every case. Keep it off this
    machine, and make a second one for another person. Better: let each make a key where they are,
    and enrol its public side with `keys add`.
    """
    from gatekeeper.vault.keyfile import init_identity

    config, vault = options.load(config_path), open_vault(config_path)
    forbidden = [config.root] if config.path else []
    asked = locked or passphrase_file is not None
    enrolled = init_identity(
        vault,
        Path(file),
        now=options.now(),
        comment=comment,
        forbidden=[*forbidden, config.state],
        passphrase=options.new_passphrase(passphrase_file) if asked else "",
        post_quantum=post_quantum,
    )
    click.echo(str(enrolled.recipient))
    show.say(f"the identity is in {escaped(file)}: move it off this machine")
    _say_what_lacks(vault, config)


@keys.command("add")
@click.argument("recipient")
@_comment_option
@options.config_option
def add(recipient: str, comment: str, config_path: str | None) -> None:
    """Enrol the key of somebody elsewhere: age1…, age1pq1… or command:NAME.

    Nothing is encrypted to it before its holder proved to have the identity: `keys challenge`, or
    `keys check -i` where the identity is at hand.
    """
    from gatekeeper.vault.keys import enrol, parse_recipient

    config, vault = options.load(config_path), open_vault(config_path)
    parsed = parse_recipient(recipient, config.wrappers)
    enrolled = enrol(vault, parsed, now=options.now(), comment=comment)
    click.echo(enrolled.fingerprint)
    show.say("enrolled, not checked: nothing is encrypted to it before its holder answers")
    show.say(f"gatekeeper keys challenge {enrolled.fingerprint}")


@keys.command("challenge")
@click.argument("recipient", metavar="FINGERPRINT")
@options.config_option
def challenge(recipient: str, config_path: str | None) -> None:
    """Print a challenge for the holder of a key elsewhere; it may be answered for seven days.

    The holder answers with `gatekeeper keys answer`; `keys check --answer` takes the answer.
    """
    from gatekeeper.vault.possession import challenge as make

    config, vault = options.load(config_path), open_vault(config_path)
    made = make(vault, recipient, now=options.now(), wrappers=config.wrappers)
    click.echo(made.text, nl=False)
    show.say(f"until {made.expires}; its holder answers with:")
    show.say("gatekeeper keys answer CHALLENGE -i IDENTITY")


@keys.command("answer")
@click.argument("file", metavar="CHALLENGE", type=click.File("rb"))
@options.identity_options()
@options.config_option
def answer(file: IO[bytes], identities: options.Given, config_path: str | None) -> None:
    """Print the answer to a challenge (a file, or - for stdin), which proves that you have the key.

    Runs where the identity is; needs no vault. A file that is no challenge is not opened.
    """
    from gatekeeper.vault.possession import MAX_CHALLENGE_BYTES
    from gatekeeper.vault.possession import answer as answer_to

    data = file.read(MAX_CHALLENGE_BYTES)
    click.echo(answer_to(data, identities.load(options.load(config_path))))
    show.say("send this line back; it is of no use for anything but `gatekeeper keys check`")


@keys.command("check")
@options.identity_options(required=False)
@click.option(
    "--answer",
    "file",
    type=click.File("rb"),
    metavar="FILE",
    help="What the holder sent back: a file, or - for stdin.",
)
@options.config_option
def check(identities: options.Given, file: IO[bytes] | None, config_path: str | None) -> None:
    """Prove that a holder has the key: by an identity at hand, or by the answer to a challenge.

    It counts for 90 days; cases need two holders of whom it is known.
    """
    from gatekeeper.vault.possession import MAX_CHALLENGE_BYTES, check_answer, prove

    if bool(identities.names) == (file is not None):
        raise UsageError(
            "a check needs either an identity or an answer",
            hint="`-i IDENTITY`, or `--answer FILE` for one to `gatekeeper keys challenge`",
        )
    config, vault, now = options.load(config_path), open_vault(config_path), options.now()
    if file is None:
        checked = prove(vault, identities.load(config), now=now, wrappers=config.wrappers)
    else:
        said = file.read(MAX_CHALLENGE_BYTES)
        checked = (check_answer(vault, said, now=now, wrappers=config.wrappers),)
    for enrolled in checked:
        click.echo(f"{enrolled.fingerprint}  checked {enrolled.checked}")
    _say_what_lacks(vault, config)


@keys.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON value, with the recipients.")
@options.config_option
def list_keys(as_json: bool, config_path: str | None) -> None:
    """Who is enrolled: fingerprint, kind, made, checked, comment, and why it may not count."""
    from gatekeeper.model import canonical_bytes

    config, now = options.load(config_path), options.now()
    enrolled = open_vault(config_path).recipients(config.wrappers)
    rows = [
        {
            "fingerprint": e.fingerprint,
            "recipient": str(e.recipient),
            "kind": e.kind,
            "comment": e.comment,
            "created": e.created,
            "checked": e.checked,
            "doubt": e.doubt(now),
        }
        for e in enrolled
    ]
    if as_json:
        click.echo(canonical_bytes(rows).decode())
        return
    for row in rows:
        words = [f"checked {row['checked']}"] if row["checked"] else []
        words += [escaped(row["comment"])] if row["comment"] else []
        words += [f"doubt: {row['doubt']}"] if row["doubt"] else []
        head = f"{row['fingerprint']}  {row['kind']:<12}  made {row['created']}"
        click.echo("  ".join([head, *words]))


@keys.command("remove")
@click.argument("recipient", metavar="FINGERPRINT")
@click.option("--force", is_flag=True, help="Also where fewer than two proved keys are left.")
@options.config_option
def remove(recipient: str, force: bool, config_path: str | None) -> None:
    """Encrypt nothing more to a key. Cases that are there still open with it."""
    from gatekeeper.vault.keys import remove as take_out

    config, vault = options.load(config_path), open_vault(config_path)
    gone = take_out(
        vault,
        recipient,
        now=options.now(),
        written=config.recipients,
        wrappers=config.wrappers,
        force=force,
    )
    click.echo(f"{gone.fingerprint}: removed")
    show.say(
        "cases that were encrypted to it still open with its identity until each is rewrapped: "
        "`gatekeeper quarantine rewrap`; after a leak `rotate`, and copies stay what they are"
    )
    if str(gone.recipient) in config.recipients:
        show.line("warning", "gatekeeper.yaml still names it under `recipients`: take it out")
    _say_what_lacks(vault, config)


def _say_what_lacks(vault: Vault, config: Config) -> None:
    """A warning where nothing can be quarantined with the keys there are now."""
    from gatekeeper.vault import choose_recipients

    enrolled: tuple[Enrolled, ...] = vault.recipients(config.wrappers)
    try:
        choose_recipients(config.recipients, enrolled, now=options.now())
    except ConfigError as error:
        show.line("warning", str(error))
        show.line("hint", error.hint)
