"""What a fine-tuning job may ask for: nothing that the service would refuse, nothing undeclared.

Bounds from CreateFineTuningJobRequest, FineTune…Hyperparameters and Grader… in the service's API
description (openai-openapi 2.3.0). The texts of a job are not judged here but scanned, in the
decision itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from gatekeeper.egress.ways import integrations
from gatekeeper.errors import ConfigError
from gatekeeper.model import Destination, canonical_bytes
from gatekeeper.model.job import METHODS, JobRequest

SUFFIX_MAX = 64
METADATA_MAX, METADATA_KEY_MAX, METADATA_VALUE_MAX = 16, 64, 512
GRADER_MAX_BYTES = 256 << 10
GRADERS_DEPTH = 4
SEED_MAX = 2_147_483_647

_MODEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}\Z")
_COMMON: Mapping[str, tuple[type, float, float]] = {
    "batch_size": (int, 1, 256),
    "learning_rate_multiplier": (float, 0, float("inf")),
    "n_epochs": (int, 1, 50),
}
_NUMBERS: Mapping[str, Mapping[str, tuple[type, float, float]]] = {
    "supervised": _COMMON,
    "dpo": {**_COMMON, "beta": (float, 0, 2)},
    "reinforcement": {
        **_COMMON,
        "compute_multiplier": (float, 0.000_01, 10),
        "eval_interval": (int, 1, float("inf")),
        "eval_samples": (int, 1, float("inf")),
    },
}
"""Method → hyper-parameter → what it is, and its bounds; the lower one of a float is excluded."""

_EFFORTS = frozenset({"default", "low", "medium", "high"})
_GRADERS: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "string_check": (frozenset({"name", "input", "reference", "operation"}), frozenset()),
    "text_similarity": (
        frozenset({"name", "input", "reference", "evaluation_metric"}), frozenset()),
    "python": (frozenset({"name", "source"}), frozenset({"image_tag"})),
    "score_model": (
        frozenset({"name", "input", "model"}), frozenset({"sampling_params", "range"})),
    "label_model": (
        frozenset({"name", "input", "model", "labels", "passing_labels"}), frozenset()),
    "multi": (frozenset({"name", "graders", "calculate_output"}), frozenset()),
}  # fmt: skip
"""Type → the keys it must have and those it may have besides `type`."""

_WANDB = frozenset({"project", "name", "entity", "tags"})


def checked_job(job: JobRequest, destination: Destination) -> JobRequest:
    """`job`, if the destination takes it. Raises ConfigError."""
    if not _MODEL.match(job.model) or (destination.models and job.model not in destination.models):
        raise ConfigError(
            "the destination does not fine-tune that model",
            hint=f"one of: {', '.join(destination.models)}" if destination.models else "",
        )
    if job.method not in METHODS:
        raise ConfigError(f"the job's method is none of {', '.join(METHODS)}")
    if job.seed is not None and not (_is(job.seed, int) and 0 <= job.seed <= SEED_MAX):
        raise ConfigError(f"the job's seed is not a whole number from 0 to {SEED_MAX}")
    _check_numbers(job)
    _check_texts(job)
    _check_grader(job)
    _check_integrations(job, destination)
    return job


def job_from_json(asked: Mapping[str, Any]) -> tuple[JobRequest, str, str]:
    """A client's request as a job, and its training and validation file (empty for none).

    The deprecated `hyperparameters` beside `method` are taken as those of the method. A key that is
    not known is refused, for nothing passes that nobody looked at. Raises ConfigError.
    """
    known = {"model", "training_file", "validation_file", "method", "hyperparameters", "seed",
             "suffix", "metadata", "integrations"}  # fmt: skip
    if not isinstance(asked, Mapping) or not set(asked) <= known:
        raise ConfigError("the job has a key that is not known here")
    method = asked.get("method") or {"type": "supervised"}
    kind = method.get("type") if isinstance(method, Mapping) else None
    if kind not in METHODS or not set(method) <= {"type", kind}:
        raise ConfigError(
            f"the job's method is none of {', '.join(METHODS)}, with its own settings"
        )
    settings = method.get(kind) or {}
    if not isinstance(settings, Mapping) or not set(settings) <= {"hyperparameters", "grader"}:
        raise ConfigError("the settings of the job's method are not known here")
    numbers = settings.get("hyperparameters") or asked.get("hyperparameters") or {}
    metadata, integrations = asked.get("metadata") or {}, asked.get("integrations") or []
    files = [asked.get(k) or "" for k in ("training_file", "validation_file")]
    words = [asked.get("model"), asked.get("suffix") or "", *files]
    if not all(isinstance(w, str) for w in words) or not all(
        isinstance(v, Mapping) for v in (numbers, metadata)
    ):
        raise ConfigError("a value of the job is of the wrong type")
    if not isinstance(integrations, list) or not all(isinstance(i, Mapping) for i in integrations):
        raise ConfigError("the job's integrations are no list of objects")
    job = JobRequest(
        model=str(words[0]),
        method=str(kind),
        seed=asked.get("seed"),
        hyperparameters=dict(numbers),
        suffix=str(words[1]),
        metadata=dict(metadata),
        grader=settings.get("grader"),
        integrations=tuple(integrations),
    )
    return job, str(files[0]), str(files[1])


def _is(value: object, kind: type) -> bool:
    wanted = (int, float) if kind is float else (kind,)
    return isinstance(value, wanted) and not isinstance(value, bool)


def _check_numbers(job: JobRequest) -> None:
    known = _NUMBERS[job.method]
    for key, value in job.hyperparameters.items():
        if key == "reasoning_effort" and job.method == "reinforcement" and value in _EFFORTS:
            continue
        if key not in known:
            raise ConfigError(
                "a hyperparameter of the job is not known",
                hint=f"a number or `auto` for any of: {', '.join(sorted(known))}",
            )
        kind, low, high = known[key]
        within = _is(value, kind) and low <= float(value) <= high
        if value != "auto" and not (within and not (kind is float and float(value) == low == 0)):
            raise ConfigError(f"the hyperparameter {key} is not `auto`, nor within its bounds")


def _check_texts(job: JobRequest) -> None:
    if not isinstance(job.suffix, str) or len(job.suffix) > SUFFIX_MAX:
        raise ConfigError(f"the job's suffix is longer than {SUFFIX_MAX} characters")
    fits = len(job.metadata) <= METADATA_MAX and all(
        isinstance(k, str)
        and isinstance(v, str)
        and 0 < len(k) <= METADATA_KEY_MAX
        and len(v) <= METADATA_VALUE_MAX
        for k, v in job.metadata.items()
    )
    if not fits:
        raise ConfigError(
            f"the job's metadata are not at most {METADATA_MAX} texts",
            hint=f"keys of {METADATA_KEY_MAX} characters, values of {METADATA_VALUE_MAX}",
        )


def _check_grader(job: JobRequest) -> None:
    if (job.grader is not None) != (job.method == "reinforcement"):
        raise ConfigError("a grader belongs to the method reinforcement, which needs one")
    if job.grader is None:
        return
    try:
        size = len(canonical_bytes(job.grader))
    except (TypeError, ValueError, RecursionError):
        size = GRADER_MAX_BYTES + 1
    if size > GRADER_MAX_BYTES:
        raise ConfigError(f"the grader is no JSON of at most {GRADER_MAX_BYTES} bytes")
    _check_one_grader(job.grader, 0)


def _check_one_grader(grader: object, depth: int) -> None:
    kind = grader.get("type") if isinstance(grader, Mapping) else None
    known = isinstance(kind, str) and kind in _GRADERS
    if not isinstance(grader, Mapping) or not known or depth > GRADERS_DEPTH:
        raise ConfigError(
            "a grader of the job is of no known type", hint=f"one of: {', '.join(sorted(_GRADERS))}"
        )
    needed, further = _GRADERS[str(kind)]
    keys = set(grader) - {"type"}
    if not needed <= keys <= needed | further:
        raise ConfigError(
            f"a grader of the job, of type {kind}, lacks a key or has one too many",
            hint=f"it has {', '.join(sorted(needed))}",
        )
    if kind == "multi":
        inner = grader["graders"]
        one = isinstance(inner, Mapping) and isinstance(inner.get("type"), str)
        for each in [inner] if one or not isinstance(inner, Mapping) else inner.values():
            _check_one_grader(each, depth + 1)


def _check_integrations(job: JobRequest, destination: Destination) -> None:
    for one in job.integrations:
        kind = one.get("type")
        settings = one.get("wandb")
        if kind != "wandb" or not isinstance(settings, Mapping) or set(one) != {"type", "wandb"}:
            raise ConfigError("an integration of the job is none that is known", hint="`wandb` is")
        if "wandb" not in integrations(destination):
            raise ConfigError(
                "the job would send its metrics to a third party, which the destination's file "
                "does not declare",
                hint="leave out `integrations`, or declare wandb under `integrations`",
            )
        if "project" not in settings or not set(settings) <= _WANDB:
            raise ConfigError("the wandb integration has no project, or a key that is not known")
