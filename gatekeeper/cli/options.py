"""Options that several commands share, and what they are turned into."""

from __future__ import annotations

import datetime
import errno
import functools
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from gatekeeper.errors import UsageError
from gatekeeper.model.display import escaped

if TYPE_CHECKING:
    from gatekeeper.gate import Setup
    from gatekeeper.model import Unscanned
    from gatekeeper.policy import Config
    from gatekeeper.read import Source
    from gatekeeper.remember import Memory
    from gatekeeper.vault.people import PersonKey
    from gatekeeper.vault.possession import AnyIdentity

F = TypeVar("F", bound=Callable[..., Any])


def dataset_options(function: F) -> F:
    """PATH… and the options of every command that reads a dataset."""
    for decorate in reversed(
        [
            click.argument("paths", nargs=-1, required=True, metavar="PATH..."),
            click.option(
                "--input-format",
                metavar="FORMAT",
                help="What the input is, in place of its suffix: jsonl, json, csv, tsv, parquet, "
                "arrow, text; with .gz or .zst where compressed. What a suffix says is structured "
                "is not read as text.",
            ),
            config_option,
        ]
    ):
        function = decorate(function)
    return function


def _count(ctx: click.Context, param: click.Parameter, value: str) -> int:  # noqa: ARG001
    if value == "auto":
        return 0
    if value.isascii() and value.isdigit() and int(value) <= JOBS_MAX:
        return int(value)
    raise click.BadParameter(f"is not `auto`, nor a number up to {JOBS_MAX}")


def jobs_options(function: F) -> F:
    """`--jobs` and what a worker may take, handed on together as `jobs`."""
    from gatekeeper.shards import ALONE, Jobs

    @functools.wraps(function)
    def with_jobs(*args: Any, jobs: int, memory_mib: int, silence_s: float, **kwargs: Any) -> Any:
        chosen = Jobs(jobs, silence_s=silence_s, memory_bytes=memory_mib << 20)
        return function(*args, jobs=chosen, **kwargs)

    decorated: Any = with_jobs
    for decorate in reversed(
        [
            click.option(
                "--jobs",
                callback=_count,
                default="1",
                metavar="N",
                help="Processes that share the scan; 0 or auto: one for each processor. The result "
                "does not depend on it. Default: 1.",
            ),
            click.option(
                "--worker-memory",
                "memory_mib",
                type=click.IntRange(min=1),
                default=ALONE.memory_bytes >> 20,
                metavar="MIB",
                help="What one of them may take; what it reads is refused when it takes more. "
                f"Default: {ALONE.memory_bytes >> 20}.",
            ),
            click.option(
                "--worker-timeout",
                "silence_s",
                type=click.FloatRange(min=0, min_open=True),
                default=ALONE.silence_s,
                metavar="SECONDS",
                help="How long one of them may give no sign of progress. "
                f"Default: {ALONE.silence_s:g}.",
            ),
        ]
    ):
        decorated = decorate(decorated)
    return cast("F", decorated)


def policy_options(function: F) -> F:
    """`--policy` and `--to`."""
    for decorate in reversed(
        [
            click.option(
                "--policy",
                "policies",
                multiple=True,
                metavar="NAME|FILE",
                help="A shipped policy or a file; repeatable. Beside those that gatekeeper.yaml "
                "names, for no flag takes one of them away; where it names none, in place of all "
                "shipped ones.",
            ),
            click.option(
                "--to",
                "destination",
                metavar="DESTINATION",
                help="A shipped destination or a file. Default: that of gatekeeper.yaml, else "
                "openai.",
            ),
        ]
    ):
        function = decorate(function)
    return function


config_option = click.option(
    "--config",
    "config_path",
    metavar="FILE",
    help="The configuration, in place of the nearest gatekeeper.yaml upwards.",
)

no_cache_option = click.option(
    "--no-cache",
    is_flag=True,
    help="Count everything anew, and remember nothing: the decision is the same.",
)

format_option = click.option(
    "--format",
    "output",
    type=click.Choice(["text", "json"]),
    default="text",
    help="Words on stderr, or one JSON value on stdout.",
)


def load(config_path: str | None) -> Config:
    """The configuration that applies in the working directory. Raises ConfigError."""
    from gatekeeper.policy import load_config

    return load_config(Path(config_path) if config_path else None, start=Path.cwd())


JOBS_MAX = 1024
"""More processes than this are a slip of the pen."""
_MAX_PASSPHRASE_BYTES = 1024
_FRAMEWORKS = ("torch", "transformers", "tensorflow")


class Process:
    """Whether this process is the command line's own, and not one that called `main`."""

    is_ours = False


def keep_frameworks_out(config: Config) -> None:
    """Where the process is ours: spaCy and Presidio load these when they are installed, though
    nothing here uses them but a name model of the user's own, and it takes longer than all the rest
    of the start-up.
    """
    if Process.is_ours and config.names is None:
        for name in _FRAMEWORKS:
            sys.modules.setdefault(name, cast(ModuleType, None))


def setup(
    config_path: str | None,
    policies: Sequence[str],
    destination: str | None,
    *,
    instead: bool = False,
) -> Setup:
    """What applies, compiled. Raises PolicyError and ConfigError.

    `policies` come beside those that gatekeeper.yaml names, or, `instead`, in their place: for what
    only looks at policies, and allows nothing.
    """
    from gatekeeper.gate import prepare
    from gatekeeper.prepare import beside

    config = load(config_path)
    keep_frameworks_out(config)
    if not instead:
        policies = beside(config, policies)
    return prepare(config, policies=policies, destination=destination)


def memory(no_cache: bool) -> Memory | None:
    """What was counted before; None where it is not wanted, or cannot be kept for this user."""
    from gatekeeper.remember import open_memory

    return None if no_cache else open_memory()


def sources(paths: Sequence[str], input_format: str | None) -> list[Source | Unscanned]:
    """What the paths name, opened or refused."""
    from gatekeeper.read import open_sources

    return open_sources(paths, input_format=input_format, stdin=sys.stdin.buffer)


def total_bytes(found: Sequence[Source | Unscanned]) -> int:
    """Bytes to read, as far as is known beforehand: for the progress bar alone."""
    size = 0
    for source in found:
        path = getattr(source, "path", None)
        if path is not None and path.is_file():
            size += path.stat().st_size
    return size


def today() -> datetime.date:
    """The day of the decision. There is no option to set it: a date can turn a closed door open."""
    return now().date()


def now() -> datetime.datetime:
    """The time for receipts, UTC."""
    return datetime.datetime.now(datetime.timezone.utc)


@dataclass(frozen=True, slots=True)
class Given:
    """The identities that the command line names, and where their passphrase stands."""

    names: tuple[str, ...]
    passphrase_file: str | None

    def load(self, config: Config) -> tuple[AnyIdentity, ...]:
        """All of them; asks for the passphrase of a file that is locked with one."""
        from gatekeeper.vault import load_identities
        from gatekeeper.vault.command import PREFIX, command_identity

        found: list[AnyIdentity] = []
        for name in self.names:
            if name.startswith(PREFIX):
                found.append(command_identity(name, config.wrappers))
            else:
                words = f"passphrase of {escaped(name)}"
                ask = functools.partial(_passphrase, self.passphrase_file, words)
                found.extend(load_identities(Path(name), ask))
        return tuple(found)


def identity_options(*, required: bool = True) -> Callable[[F], F]:
    """`-i` and `--passphrase-file`, handed on together as `identities`."""

    def decorate_with(function: F) -> F:
        @functools.wraps(function)
        def with_identities(
            *args: Any, identity: tuple[str, ...], passphrase_file: str | None, **kwargs: Any
        ) -> Any:
            return function(*args, identities=Given(identity, passphrase_file), **kwargs)

        decorated: Any = click.option(
            "-i",
            "--identity",
            multiple=True,
            required=required,
            metavar="FILE|command:NAME",
            help="An identity file, or a command of gatekeeper.yaml that unwraps; repeatable.",
        )(passphrase_file_option(with_identities))
        return cast("F", decorated)

    return decorate_with


passphrase_file_option = click.option(
    "--passphrase-file",
    metavar="FILE",
    help="Read the passphrase of an identity file from here, and do not ask for it.",
)


def person_key(file: str) -> PersonKey:
    """A person's signing key; asks for its passphrase where it has one."""
    from gatekeeper.vault.people import load_key

    def passphrase() -> bytes:
        return _passphrase(None, "passphrase of the key").encode("utf-8")

    return load_key(Path(file), passphrase)


def new_passphrase(file: str | None = None) -> str:
    """A new passphrase: asked for twice, or read from `file`."""
    return _passphrase(file, "passphrase", twice=True)


def _passphrase(file: str | None, words: str, *, twice: bool = False) -> str:
    if file is not None:
        return _passphrase_in(Path(file))
    try:
        asked: str = click.prompt(words, hide_input=True, confirmation_prompt=twice, err=True)
        return asked
    except click.Abort:
        if sys.stdin.isatty():  # interrupted by who was asked
            raise
    raise UsageError(
        "a passphrase is needed, and there is nobody to ask for it",
        hint="run it in a terminal, or with --passphrase-file where it has that option",
    )


def _passphrase_in(path: Path) -> str:
    """The one line of a file; raises UsageError, showing nothing of it."""
    why, text = "", ""
    try:
        with path.open("rb") as stream:
            text = stream.read(_MAX_PASSPHRASE_BYTES + 1).decode("utf-8")
    except OSError as error:
        why = os.strerror(error.errno or errno.EIO).lower()
    except UnicodeDecodeError:
        why = "not UTF-8"
    passphrase = text.removesuffix("\n").removesuffix("\r")
    if not why and (not passphrase or "\n" in passphrase or len(text) > _MAX_PASSPHRASE_BYTES):
        why = f"not one line, of up to {_MAX_PASSPHRASE_BYTES:,} characters"
    if why:
        raise UsageError(f"passphrase file {escaped(str(path))}: {why}")
    return passphrase
