"""The options that describe a fine-tuning job, handed on together as one request."""

from __future__ import annotations

import contextlib
import functools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import click

from gatekeeper.errors import UsageError
from gatekeeper.model.display import shown
from gatekeeper.model.job import METHODS, JobRequest

F = TypeVar("F", bound=Callable[..., Any])

_MAX_BYTES = 1 << 20


def job_options(function: F) -> F:
    """`--job` and what it may ask for, handed on as `job`: a JobRequest, or None without it."""

    @functools.wraps(function)
    def with_job(
        *args: Any,
        job: str | None,
        method: str | None,
        suffix: str,
        metadata: tuple[str, ...],
        grader: str | None,
        hyper: tuple[str, ...],
        seed: int | None,
        wandb: str | None,
        **kwargs: Any,
    ) -> Any:
        said = (method, suffix, metadata, grader, hyper, seed is not None or None, wandb)
        if job is None and any(said):
            raise UsageError("these options are about a job", hint="name its model with --job")
        request = job and JobRequest(
            model=job,
            method=method or ("reinforcement" if grader else "supervised"),
            seed=seed,
            hyperparameters={k: _number(v) for k, v in map(_pair, hyper)},
            suffix=suffix,
            metadata=dict(map(_pair, metadata)),
            grader=_read_json(grader) if grader else None,
            integrations=({"type": "wandb", "wandb": {"project": wandb}},) if wandb else (),
        )
        return function(*args, job=request or None, **kwargs)

    decorated: Any = with_job
    for decorate in reversed(
        [
            click.option("--job", metavar="MODEL", help="Create a fine-tuning job for MODEL."),
            click.option("--method", type=click.Choice(METHODS), help="Default: supervised."),
            click.option(
                "--hyper",
                multiple=True,
                metavar="KEY=VALUE",
                help="A hyper-parameter of the method: a number or `auto`; repeatable.",
            ),
            click.option(
                "--grader", metavar="FILE", help="The grader of a reinforcement job, as JSON."
            ),
            click.option("--suffix", default="", metavar="TEXT", help="Of the model's name."),
            click.option(
                "--metadata", multiple=True, metavar="KEY=TEXT", help="Of the job; repeatable."
            ),
            click.option("--seed", type=click.IntRange(0, 2_147_483_647), metavar="N"),
            click.option(
                "--wandb",
                metavar="PROJECT",
                help="Have the metrics sent to Weights & Biases, where the destination's file "
                "declares it.",
            ),
        ]
    ):
        decorated = decorate(decorated)
    return cast("F", decorated)


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals or not key:
        raise UsageError("an option is not of the form KEY=VALUE")
    return key, value


def _number(text: str) -> int | float | str:
    with contextlib.suppress(ValueError):
        return int(text)
    with contextlib.suppress(ValueError):
        return float(text)
    return text


def _read_json(name: str) -> dict[str, Any]:
    problem = ""
    try:
        with Path(name).open("rb") as stream:
            found = json.loads(stream.read(_MAX_BYTES))
    except OSError:
        problem = "cannot be read"
    except (ValueError, RecursionError):
        problem = "is no JSON"
    else:
        if isinstance(found, dict):
            return found
        problem = "is no JSON object"
    raise UsageError(f"{shown(name)}: {problem}")
