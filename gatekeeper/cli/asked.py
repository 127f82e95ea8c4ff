"""What a command that decides is asked: one set of options for `check`, `gate` and `upload`."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from gatekeeper.cli import options

if TYPE_CHECKING:
    from gatekeeper.gate import Setup
    from gatekeeper.shards import Jobs

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Asked:
    """A dataset, what it is judged by, how it is read, and how the verdict is shown."""

    paths: tuple[str, ...]
    input_format: str | None
    config_path: str | None
    policies: tuple[str, ...]
    destination: str | None
    no_cache: bool
    output: str
    jobs: Jobs

    def setup(self) -> Setup:
        """What applies, compiled. Raises PolicyError and ConfigError."""
        return options.setup(self.config_path, self.policies, self.destination)


def decision_options(function: F) -> F:
    """PATH… and the options of every command that decides, handed on together as `asked`."""

    @functools.wraps(function)
    def with_asked(**given: Any) -> Any:
        asked = Asked(**{field.name: given.pop(field.name) for field in fields(Asked)})
        return function(asked=asked, **given)

    decorated: Any = with_asked
    for decorate in reversed(
        [
            options.dataset_options,
            options.jobs_options,
            options.policy_options,
            options.no_cache_option,
            options.format_option,
        ]
    ):
        decorated = decorate(decorated)
    return cast("F", decorated)


out_option = click.option(
    "--out", metavar="DIR", help="Where an on-prem hand-off folder is written."
)
