"""`hook`: the git hook that decides on what is staged before it becomes a commit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from gatekeeper.cli import options, show
from gatekeeper.errors import ConfigError, UsageError
from gatekeeper.hooks import git
from gatekeeper.hooks.install import TYPES, Hook, hook_at
from gatekeeper.model import Route
from gatekeeper.model.display import escaped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatekeeper.gate import Verdict
    from gatekeeper.policy import Config

_type_option = click.option(
    "--type",
    "types",
    type=click.Choice(TYPES),
    multiple=True,
    help="Which hook; repeatable. Default: both.",
)


@click.group()
def hook() -> None:
    """Check staged datasets before git commits them."""


@hook.command("install")
@_type_option
@click.option("--chain", is_flag=True, help="Keep a hook that is already there, and call it first.")
def install_hook(types: tuple[str, ...], chain: bool) -> int:
    """Write the hook into this repository.

    Where the pre-commit framework, husky or lefthook looks after the hooks, it says what to add
    there. Running it again changes nothing.
    """
    from gatekeeper.hooks.install import install

    for one in _hooks(types):
        state = "installed" if install(one, chain=chain) else "is already installed"
        show.say(f"gatekeeper: {one.type} {state}: {escaped(str(one.path))}")
    if not options.load(None).datasets:
        show.line("warning", "no `datasets` are configured: every commit will be refused")
        show.line("hint", "write a gatekeeper.yaml with the dataset folders: datasets: [data]")
    return 0


@hook.command("uninstall")
@_type_option
def uninstall_hook(types: tuple[str, ...]) -> int:
    """Remove the hook, and put back the one it was chained to."""
    from gatekeeper.hooks.install import uninstall

    for one in _hooks(types):
        state = "removed" if uninstall(one) else "is not installed"
        show.say(f"gatekeeper: {one.type} {state}: {escaped(str(one.path))}")
    return 0


@hook.command("status")
@_type_option
def hook_status(types: tuple[str, ...]) -> int:
    """Say whether the hook is installed; ends with 2 where it is not."""
    missing = [one.type for one in _hooks(types) if not one.is_ours]
    if missing:
        raise UsageError(
            f"no gatekeeper hook for {' and '.join(missing)}", hint="gatekeeper hook install"
        )
    return 0


@hook.command("run")
@click.argument("names", nargs=-1, metavar="[FILE]...", expose_value=False)
@click.option("--verbose", "-v", is_flag=True, help="Say so where there is nothing to check.")
@options.no_cache_option
def run_hook(verbose: bool, no_cache: bool) -> int:
    """Decide on all staged files of the `datasets` folders together; changes nothing.

    What is judged is what git would commit, so FILE names that a hook manager passes are not
    looked at: they say what lies in the working tree. Ends with 0 where the dataset may go to the
    destination, else with 10 (on_prem) or 20 (quarantine), and git makes no commit.
    """
    from gatekeeper.hooks.blobs import Blobs
    from gatekeeper.hooks.staged import staged_data, staged_sources

    repository = git.open_repository()
    config = _config(repository)
    entries = staged_data(repository, config)
    if not entries:
        if verbose:
            show.say("gatekeeper: no staged file in a dataset folder")
        return 0
    from gatekeeper import gate

    options.keep_frameworks_out(config)
    setup = gate.prepare(config)
    sizes = git.sizes(e.object_id for e in entries if e.is_file)
    with Blobs() as blobs, show.progress(sum(sizes.values())) as progress:
        sources = staged_sources(entries, sizes, blobs)
        verdict = gate.check(
            sources,
            setup,
            today=options.today(),
            progress=progress,
            memory=options.memory(no_cache),
        )
    verdict = gate.with_receipt(verdict, setup, now=options.now())
    _say(verdict, repository)
    return int(verdict.decision.route)


def _config(repository: git.Repository) -> Config:
    from gatekeeper.policy import load_config

    config = load_config(start=repository.top)
    if not config.datasets:
        raise ConfigError(
            "no `datasets` are configured, so the hook does not know what to look at",
            hint="write a gatekeeper.yaml with the dataset folders: datasets: [data]",
        )
    return config


def _say(verdict: Verdict, repository: git.Repository) -> None:
    """The decision; where it refuses the commit, what to do about it."""
    show.decision(verdict.decision)
    show.say(f"receipt: {escaped(str(verdict.receipt))}")
    if verdict.decision.route is Route.ALLOW:
        return
    show.line("error", "the commit is refused: staged data may not go to the destination")
    unstage = "git restore --staged" if repository.parents else "git rm --cached"
    show.line("hint", f"`{unstage} FILE` takes a file out of the commit and leaves it on disk")
    show.line("hint", f"`gatekeeper explain {escaped(str(verdict.receipt))}` says why")


def _hooks(types: Sequence[str]) -> list[Hook]:
    repository = git.open_repository()
    return [hook_at(repository, kind) for kind in dict.fromkeys(types or TYPES)]
