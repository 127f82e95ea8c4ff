"""`cache`: what is remembered, so that an unchanged file costs a hash."""

from __future__ import annotations

import click

from gatekeeper.cli import show
from gatekeeper.model.display import escaped


@click.group()
def cache() -> None:
    """Look after what is remembered of files that were checked before."""


@cache.command("clear")
def clear_cache() -> int:
    """Forget all of it, and the key it was sealed with. No decision changes."""
    from gatekeeper.remember import clear_memory

    show.say(f"gatekeeper: forgot {_entries(clear_memory())}")
    return 0


@cache.command("show")
def show_cache() -> int:
    """Say where it lies, and how much there is. Ends with 0 where there is none, too."""
    click.echo(described())
    return 0


def described() -> str:
    """Where the memory is and its size; or that there is none, and why."""
    from gatekeeper.model.places import gatekeeper_home
    from gatekeeper.remember import MAX_BYTES, open_memory

    memory = open_memory()
    if memory is None:
        home = escaped(str(gatekeeper_home()))
        return f"none: {home} holds no memory.key that is yours alone, and none can be made"
    count, size_bytes = memory.store.size()
    of = f"{size_bytes:,} of {MAX_BYTES:,} bytes"
    return f"{_entries(count)}, {of}, in {escaped(str(memory.store.folder))}"


def _entries(count: int) -> str:
    return "1 entry" if count == 1 else f"{count:,} entries"
