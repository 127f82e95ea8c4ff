"""`check`, `guard` and `gated`: the gate inside a training pipeline, by the one road there is."""

from __future__ import annotations

import datetime
import functools
import inspect
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

from gatekeeper import gate
from gatekeeper.errors import PolicyViolation, UsageError
from gatekeeper.gate import Verdict
from gatekeeper.integrations.rows import is_one_shot, named_rows
from gatekeeper.integrations.stream import foreign, source_of
from gatekeeper.model import Route, Unscanned
from gatekeeper.policy import Config, load_config
from gatekeeper.read import Source, open_sources
from gatekeeper.shards import Jobs

T = TypeVar("T")
P = ParamSpec("P")
R = TypeVar("R")

Name = str | os.PathLike[str]
"""A shipped name, or a file; a path object is always a file."""


def check(
    x: Any,
    *,
    policies: Name | Sequence[Name] | None = None,
    destination: Name | None = None,
    config: Config | Name | None = None,
    today: datetime.date | None = None,
    jobs: int = 1,
) -> Verdict:
    """Decide where `x` may go, and write the receipt. Changes nothing and opens no socket.

    Args:
        x: a path (file or folder) or a list of `pathlib.Path`; an iterable of dicts or strings; a
            pandas or polars data frame, a pyarrow table, a `datasets.Dataset`, `IterableDataset`
            or `DatasetDict`. A string is a path. Rows in memory are read as the JSON lines they
            would be written as, a batch at a time and twice; an iterator is used up, and its
            lines are kept in memory meanwhile.
        policies: shipped names or files, in place of the configured ones.
        destination: a shipped name or a file, in place of the configured one.
        config: the configuration or its file, in place of the nearest gatekeeper.yaml.
        today: the day to decide for, in place of today (UTC): to see whether a decision would
            still hold then. `guard` and `gated` have no such argument, for a date can open a door.
        jobs: how many processes share the scan of files; 0 is one for each processor. The decision
            does not depend on it. Rows in memory are read by this process.

    Raises:
        InputError: `x` cannot be read or its iteration raised, or nothing of it could be scanned;
            there is no decision then.
        UsageError: `x` is no dataset, or a policy, destination or setting is wrong.
        DetectorError: the known-answer test failed.
    """
    now = datetime.datetime.now(datetime.timezone.utc)
    setup = gate.prepare(
        _config(config),
        policies=[_name(p) for p in _listed(policies)],
        destination=None if destination is None else _name(destination),
    )
    sources = _sources(x)
    memory = gate.open_memory() if _are_files(sources) else None
    verdict = gate.check(sources, setup, today=today or now.date(), memory=memory, jobs=Jobs(jobs))
    return gate.with_receipt(verdict, setup, now=now)


def guard(
    x: T,
    *,
    policies: Name | Sequence[Name] | None = None,
    destination: Name | None = None,
    config: Config | Name | None = None,
    accept: Route = Route.ALLOW,
    jobs: int = 1,
) -> T:
    """`x` itself, or PolicyViolation where it may not go to the destination.

    A local training run is inside the house: `accept=Route.ON_PREM` also takes what may not leave
    it. It names the consumer and changes no decision; what is to be quarantined is never accepted.

    An iterator would be used up by the check, and no row may be given out before all are decided
    on (a rule may count to 500). So its rows are kept in memory, and an iterator over these very
    rows comes back. Anything else must give the same rows each time it is read.

    Args:
        x: as for `check`.
        policies: as for `check`.
        destination: as for `check`.
        config: as for `check`.
        accept: the strictest route this consumer may take data of: ALLOW or ON_PREM.
        jobs: as for `check`.

    Raises:
        PolicyViolation: the route is stricter; `decision` says why.
        UsageError: `accept` is QUARANTINE, or as for `check`.
        InputError, DetectorError: as for `check`; nothing is let through then.
    """
    _require_acceptable(accept)
    kept = list(foreign(lambda: cast("Any", x))) if _is_rows_once(x) else None
    verdict = check(
        x if kept is None else kept,
        policies=policies,
        destination=destination,
        config=config,
        jobs=jobs,
    )
    if verdict.decision.route > accept:
        raise PolicyViolation(verdict.decision)
    return x if kept is None else cast("T", iter(kept))


def gated(
    argument: str = "dataset",
    *,
    policies: Name | Sequence[Name] | None = None,
    destination: Name | None = None,
    config: Config | Name | None = None,
    accept: Route = Route.ALLOW,
    jobs: int = 1,
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Decorate a function so that its body runs only on a dataset that `guard` lets through.

    Args:
        argument: the parameter that takes the dataset.
        policies: as for `check`.
        destination: as for `check`.
        config: as for `check`.
        accept: as for `guard`; `Route.ON_PREM` for a function that trains locally.
        jobs: as for `check`.

    Raises UsageError where the function has no such parameter; the decorated function raises as
    `guard` does.
    """
    _require_acceptable(accept)
    if not isinstance(argument, str):
        raise UsageError("gated takes the name of an argument", hint='write @gated("dataset")')

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        signature = inspect.signature(function)
        found = signature.parameters.get(argument)
        if found is None or found.kind in (found.VAR_POSITIONAL, found.VAR_KEYWORD):
            raise UsageError(
                f"{function.__qualname__} has no parameter named {argument!r}",
                hint="name the parameter that takes the dataset",
            )

        @functools.wraps(function)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            bound = signature.bind(*args, **kwargs)
            bound.apply_defaults()
            bound.arguments[argument] = guard(
                bound.arguments[argument],
                policies=policies,
                destination=destination,
                config=config,
                accept=accept,
                jobs=jobs,
            )
            return function(*bound.args, **bound.kwargs)

        return guarded

    return decorate


def _require_acceptable(accept: Route) -> None:
    if accept not in (Route.ALLOW, Route.ON_PREM):
        raise UsageError(
            "what is to be quarantined is accepted by nobody",
            hint="accept is Route.ALLOW, or Route.ON_PREM for a consumer inside the house",
        )


def _is_rows_once(x: Any) -> bool:
    return is_one_shot(x) and not isinstance(x, (str, os.PathLike))


def _sources(x: Any) -> list[Source | Unscanned]:
    if isinstance(x, (str, os.PathLike)):
        return open_sources([os.fspath(x)])
    if isinstance(x, (list, tuple)) and x and all(isinstance(p, os.PathLike) for p in x):
        return open_sources([os.fspath(p) for p in x])
    return [source_of(name, rows, once=is_one_shot(x)) for name, rows in named_rows(x).items()]


def _are_files(sources: Sequence[Source | Unscanned]) -> bool:
    """Whether they can be hashed at no cost: rows in memory would have to be written once more."""
    return all(isinstance(s, Unscanned) or s.path is not None for s in sources)


def _config(config: Config | Name | None) -> Config:
    if isinstance(config, Config):
        return config
    return load_config(None if config is None else Path(config), start=Path.cwd())


def _listed(policies: Name | Sequence[Name] | None) -> Sequence[Name]:
    if policies is None:
        return ()
    return (policies,) if isinstance(policies, (str, os.PathLike)) else policies


def _name(given: Name) -> str:
    return given if isinstance(given, str) else str(Path(given).absolute())
