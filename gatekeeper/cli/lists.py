"""`lists`: customers and code names, kept as keyed hashes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gatekeeper.cli import show
from gatekeeper.errors import ConfigError, UsageError
from gatekeeper.model.display import shown

if TYPE_CHECKING:
    from gatekeeper.detect.list_file import ListKey


@click.group()
def lists() -> None:
    """Make and show lists of customers and code names, which are kept as keyed hashes."""


@lists.command("make")
@click.argument("names", metavar="NAMES")
@click.option(
    "--entity",
    required=True,
    metavar="ENTITY",
    help="What they are found as: CUSTOMER_NAME, PROJECT_CODENAME, or another such word.",
)
@click.option(
    "--class",
    "classes",
    multiple=True,
    metavar="CLASS",
    help="A data class of theirs; repeatable. Default: internal. Add personal for people.",
)
@click.option(
    "--key",
    "key_file",
    metavar="FILE",
    help="The key; made (mode 0600) where it is missing. Default: lists.key beside gate.key.",
)
@click.option("-o", "--out", required=True, metavar="FILE", help="The list; replaced if there.")
def make(names: str, entity: str, classes: tuple[str, ...], key_file: str | None, out: str) -> None:
    """Make a list from NAMES, a UTF-8 text file with one name a line.

    The list holds no name, only keyed hashes (HMAC-SHA256), and may be committed. Whoever has the
    key as well can try names against it: keep the key out of the repository, and NAMES too.
    """
    from gatekeeper.detect.catalogue import load_catalogue
    from gatekeeper.detect.list_file import DEFAULT_CLASS, make_list, read_names
    from gatekeeper.gate import list_key_path
    from gatekeeper.vault.durable import system_errors, write_durably

    source, target = Path(names), Path(out)
    key_path = Path(key_file) if key_file else list_key_path()
    if len({p.resolve() for p in (source, target, key_path)}) < 3:
        raise UsageError("the names, the key and the list are three files")
    known = load_catalogue().classes
    for word in classes:
        if word not in known:
            raise UsageError(f"unknown data class `{word}`", hint="known are " + ", ".join(known))
    with system_errors(source, kind=ConfigError):
        data = source.read_bytes()
    entries = read_names(data, shown(source))
    key = _key(key_path)
    content, count = make_list(entries, entity=entity, classes=classes or (DEFAULT_CLASS,), key=key)
    with system_errors(target, kind=ConfigError):
        write_durably(target, content, scratch=target.with_name(f".{os.urandom(8).hex()}.new"))
    again = len(entries) - count
    click.echo(f"{entity}: {count:,} entries ({again:,} given again), key {key.id}")


def _key(path: Path) -> ListKey:
    """The key in `path`, made where there is nothing."""
    from gatekeeper.detect.list_file import new_key, read_key
    from gatekeeper.vault.durable import present, sync_directory, system_errors, write_new

    with system_errors(path, kind=ConfigError):
        if not present(path):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _, content = new_key()
            write_new(path, content)
            sync_directory(path.parent)
            show.say(f"made the key {shown(path)}: without it the list finds nothing")
    return read_key(path)


@lists.command("show")
@click.argument("file", metavar="FILE")
def show_list(file: str) -> None:
    """What a list says of itself: entity, classes, entries, key. Its key is not needed."""
    from gatekeeper.detect.list_file import read_list

    found = read_list(Path(file))
    click.echo(f"entity: {found.entity}")
    click.echo(f"classes: {', '.join(found.classes)}")
    click.echo(f"entries: {found.count:,}, of up to {found.words_max} words")
    click.echo(f"key: {found.key_id}")
