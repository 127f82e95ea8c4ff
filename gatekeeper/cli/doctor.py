"""`doctor`: what is missing before each route can be taken."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from gatekeeper.cli import options
from gatekeeper.errors import GatekeeperError
from gatekeeper.model.display import escaped

if TYPE_CHECKING:
    from gatekeeper.gate import Setup
    from gatekeeper.model import Wrapper

_EXTRAS = {
    "pyarrow": ("arrow", "Parquet and Arrow datasets"),
    "zstandard": ("arrow", "zstd-compressed datasets"),
    "openai": ("openai", "`gatekeeper upload`"),
    "trl": ("onprem", "`gatekeeper train`"),
}


@click.command()
@options.config_option
@options.policy_options
def doctor(config_path: str | None, policies: tuple[str, ...], destination: str | None) -> int:
    """Say what works here and what is missing, route by route. Ends with 2 where a part is broken.

    Loads the detector and runs its known-answer test. Opens no socket.
    """
    setup = options.setup(config_path, policies, destination)
    broken = 0
    for part, fault, good in _parts(setup):
        mark = "missing" if fault else "ok"
        broken += bool(fault) and part in _NEEDED
        click.echo(f"{mark:<8} {part:<12} {escaped(fault or good)}")
    return 2 if broken else 0


_NEEDED = {"detector", "signing key"}
"""Parts without which there is no decision; the others close one road or format."""


def _parts(setup: Setup) -> Iterator[tuple[str, str, str]]:
    """(part, what is missing or empty, what is there)"""
    yield "policies", "", ", ".join(f"{p.id} v{p.version}" for p in setup.policies)
    yield ("detector", *_detector(setup))
    yield ("signing key", *_signing_key())
    yield ("cache", *_cache())
    yield ("destination", *_destination(setup))
    yield ("keys", *_keys(setup))
    for name, wrapper in sorted(setup.config.wrappers.items()):
        yield (f"command:{name}", *_wrapper(wrapper))
    for package, (extra, what) in _EXTRAS.items():
        there = importlib.util.find_spec(package) is not None
        fault = "" if there else f"{what}: pip install 'gatekeeper[{extra}]'"
        yield package, fault, what


def _detector(setup: Setup) -> tuple[str, str]:
    from gatekeeper.gate import load_detector_for

    try:
        _, attestation = load_detector_for(setup, setup.entities)
    except GatekeeperError as error:
        return str(error), ""
    proved = len(attestation.entities)
    return "", f"{proved} entities found by the known-answer test, {attestation.fingerprint[:19]}…"


def _signing_key() -> tuple[str, str]:
    from gatekeeper.audit import load_signer

    try:
        return "", load_signer().keyid
    except GatekeeperError as error:
        return str(error), ""


def _cache() -> tuple[str, str]:
    from gatekeeper.cli.cache import described

    words = described()
    return (words, "") if words.startswith("none") else ("", words)


def _destination(setup: Setup) -> tuple[str, str]:
    from gatekeeper.decide import why_closed

    closed = why_closed(setup.destination, options.today())
    return closed, f"{setup.destination.name} ({setup.destination.host}) is open today"


def _keys(setup: Setup) -> tuple[str, str]:
    """Whether there are recipients enough to quarantine, and what is to be said of each."""
    from gatekeeper.enforce.quarantine import open_vault
    from gatekeeper.vault import choose_recipients, doubts

    config = setup.config
    try:
        enrolled = open_vault(config.vault).recipients(config.wrappers)
        now = options.now()
        chosen = choose_recipients(config.recipients, enrolled, now=now)
    except GatekeeperError as error:
        return f"{error}: {error.hint}", ""
    said = "; ".join(doubts(config.recipients, enrolled, now=now))
    return said, f"{len(chosen)} recipients can open a case"


def _wrapper(wrapper: Wrapper) -> tuple[str, str]:
    """Which of its programs are not on this machine."""
    from gatekeeper.vault.command import missing_program

    argvs = {"wrap": wrapper.wrap, "unwrap": wrapper.unwrap}
    there = {what: argv for what, argv in argvs.items() if argv}
    absent = [f"{what}: no program {p}" for what, a in there.items() if (p := missing_program(a))]
    return "; ".join(absent), " and ".join(f"{what}s" for what in there)
