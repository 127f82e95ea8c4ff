"""`gateway`: an endpoint in the house that speaks the Files API, and lets through what may go."""

from __future__ import annotations

import os
from pathlib import Path

import click

from gatekeeper.cli import options, show
from gatekeeper.errors import UsageError

MIB = 1 << 20


def _address(ctx: click.Context, param: click.Parameter, value: str) -> tuple[str, int]:  # noqa: ARG001
    host, colon, port = value.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not colon or not host or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise click.BadParameter("is not HOST:PORT")
    return host, int(port)


@click.group(invoke_without_command=True)
@click.pass_context
@options.config_option
@options.policy_options
@options.no_cache_option
@click.option(
    "--listen",
    callback=_address,
    default="127.0.0.1:8700",
    metavar="HOST:PORT",
    help="Where clients find it. Another host than this machine needs TLS. "
    "Default: 127.0.0.1:8700.",
)
@click.option("--key-file", metavar="FILE", help="Holds the destination's key.")
@click.option("--tokens", metavar="FILE", help="The clients' tokens. Default: beside the keys.")
@click.option("--organization", default="", metavar="ID", help="Account, where the key has many.")
@click.option("--project", default="", metavar="ID", help="Project, where the key has many.")
@click.option(
    "--desks",
    type=click.IntRange(1, 256),
    metavar="N",
    help="Processes that decide and send. Default: one for each processor.",
)
@click.option("--spool", metavar="DIR", help="Where datasets wait, encrypted. Default: TMPDIR.")
@click.option(
    "--spool-size",
    "spool_mib",
    type=click.IntRange(min=1),
    default=32 << 10,
    metavar="MIB",
    help="How much may wait at once. Default: 32768.",
)
@click.option("--tls-certificate", metavar="FILE", help="PEM, with the chain.")
@click.option("--tls-key", metavar="FILE", help="PEM.")
@click.option(
    "--drain",
    "drain_s",
    type=click.FloatRange(min=0),
    default=600.0,
    metavar="SECONDS",
    help="For what is under way when it is told to end. Default: 600.",
)
def gateway(
    ctx: click.Context,
    config_path: str | None,
    policies: tuple[str, ...],
    destination: str | None,
    no_cache: bool,
    listen: tuple[str, int],
    key_file: str | None,
    tokens: str | None,
    organization: str,
    project: str,
    desks: int | None,
    spool: str | None,
    spool_mib: int,
    tls_certificate: str | None,
    tls_key: str | None,
    drain_s: float,
) -> None:
    """Serve /v1/files, /v1/uploads and /v1/fine_tuning/jobs, and let through what may go.

    Clients set OPENAI_BASE_URL to it, and OPENAI_API_KEY to a token of `gateway token add`. What
    they send is spooled, encrypted, and held until the verdict; what is not allowed is answered
    with 403 and takes its route. The destination's key is read from --key-file or OPENAI_API_KEY
    (GATEKEEPER_API_KEY where set goes first), and no client gets to see it.
    """
    ctx.obj = _tokens(tokens)
    if ctx.invoked_subcommand is not None:
        return
    from gatekeeper.gateway.server import serve
    from gatekeeper.gateway.settings import Limits, Settings
    from gatekeeper.shards import Jobs

    if (tls_certificate is None) != (tls_key is None):
        raise UsageError("--tls-certificate and --tls-key go together")
    setup = options.setup(config_path, policies, destination)
    settings = Settings(
        config=Path(config_path).absolute() if config_path else None,
        start=Path.cwd(),
        policies=policies,
        destination=destination,
        host=listen[0],
        port=listen[1],
        api_key=_key(key_file),
        organization=organization,
        project=project,
        tokens=ctx.obj,
        desks=desks or Jobs(0).processes,
        spool=_folder(spool),
        no_cache=no_cache,
        certificate=Path(tls_certificate) if tls_certificate else None,
        key=Path(tls_key) if tls_key else None,
        limits=Limits(spool_bytes=spool_mib * MIB, drain_s=drain_s),
    )
    serve(settings, setup, lambda url: show.say(f"listening on {url}"))


@gateway.group()
def token() -> None:
    """Who may use the gateway. Only digests of tokens are kept."""


@token.command("add")
@click.argument("name")
@click.pass_obj
def add_token(path: Path, name: str) -> None:
    """Make a token for NAME and print it, once."""
    from gatekeeper.gateway.tokens import add_client

    click.echo(add_client(path, name, now=options.now()))


@token.command("list")
@click.pass_obj
def list_tokens(path: Path) -> None:
    """The names, and since when each has a token."""
    from gatekeeper.gateway.tokens import load_clients

    for client in load_clients(path):
        click.echo(f"{client.name}  {client.created}")


@token.command("remove")
@click.argument("name")
@click.pass_obj
def remove_token(path: Path, name: str) -> None:
    """Let NAME in no more; a gateway that runs knows within a second."""
    from gatekeeper.gateway.tokens import remove_client

    remove_client(path, name)
    show.say(f"the token of {name} is good for nothing any more")


def _tokens(named: str | None) -> Path:
    from gatekeeper.gateway.tokens import FILE
    from gatekeeper.model.places import gatekeeper_home

    return Path(named) if named else gatekeeper_home() / FILE


def _folder(named: str | None) -> Path | None:
    if named is not None and not Path(named).is_dir():
        raise UsageError("--spool is no folder")
    return Path(named).absolute() if named else None


def _key(file: str | None) -> str:
    from gatekeeper.egress.bound import checked_key

    found = os.environ.get("GATEKEEPER_API_KEY") or os.environ.get("OPENAI_API_KEY") or ""
    if file is not None:
        why = ""
        try:
            found = Path(file).read_text(encoding="ascii")[:4096]
        except (OSError, UnicodeDecodeError):
            why = "the key file cannot be read"
        if why:
            raise UsageError(why)
    return checked_key(found.strip())
