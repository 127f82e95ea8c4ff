"""A job asks for nothing that the service or the destination's file does not know."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gatekeeper.egress.jobs import checked_job, job_from_json
from gatekeeper.errors import ConfigError
from gatekeeper.model.job import JobRequest
from tests.enforce.support import CANARY, destination, leaks

CHECK = {"type": "string_check", "name": "n", "input": "i", "reference": "r", "operation": "eq"}
WANDB = {"type": "wandb", "wandb": {"project": "kestrel"}}


def rl(grader: Any, **numbers: Any) -> JobRequest:
    return JobRequest("o4-mini", "reinforcement", grader=grader, hyperparameters=numbers)


@pytest.mark.parametrize(
    "job",
    [
        JobRequest("gpt-4o-mini"),
        JobRequest("ft:gpt-4o-mini:us:x:8Q", seed=0, suffix="x" * 64),
        JobRequest("m", hyperparameters={"n_epochs": 50, "batch_size": "auto"}),
        JobRequest("m", hyperparameters={"learning_rate_multiplier": 1}),
        JobRequest("m", "dpo", hyperparameters={"beta": 2}),
        JobRequest("m", metadata={"k" * 64: "v" * 512}),
        rl(CHECK, reasoning_effort="high", compute_multiplier=0.5, eval_samples=3),
        rl({"type": "multi", "name": "n", "graders": {"a": CHECK}, "calculate_output": "a"}),
        rl({"type": "multi", "name": "n", "graders": CHECK, "calculate_output": "a"}),
    ],
)
def test_what_the_service_takes_is_taken(job: JobRequest) -> None:
    assert checked_job(job, destination()) is job


@pytest.mark.parametrize(
    ("job", "message"),
    [
        (JobRequest("a b"), "does not fine-tune"),
        (JobRequest(""), "does not fine-tune"),
        (JobRequest("m", "rlhf"), "none of supervised"),
        (JobRequest("m", seed=-1), "seed"),
        (JobRequest("m", seed=True), "seed"),
        (JobRequest("m", suffix="x" * 65), "suffix"),
        (JobRequest("m", metadata={str(n): "" for n in range(17)}), "metadata"),
        (JobRequest("m", metadata={"": "x"}), "metadata"),
        (JobRequest("m", metadata={"k" * 65: ""}), "metadata"),
        (JobRequest("m", metadata={"k": "v" * 513}), "metadata"),
        (JobRequest("m", metadata={"k": 7}), "metadata"),  # type: ignore[dict-item]
        (JobRequest("m", hyperparameters={"n_epochs": 0}), "n_epochs"),
        (JobRequest("m", hyperparameters={"n_epochs": 51}), "n_epochs"),
        (JobRequest("m", hyperparameters={"n_epochs": True}), "n_epochs"),
        (JobRequest("m", hyperparameters={"n_epochs": 1.5}), "n_epochs"),
        (JobRequest("m", hyperparameters={"n_epochs": CANARY}), "n_epochs"),
        (JobRequest("m", hyperparameters={"batch_size": 257}), "batch_size"),
        (JobRequest("m", hyperparameters={"learning_rate_multiplier": 0}), "learning_rate"),
        (JobRequest("m", hyperparameters={"learning_rate_multiplier": float("nan")}), "learning"),
        (JobRequest("m", hyperparameters={"beta": 0.1}), "not known"),
        (JobRequest("m", hyperparameters={CANARY: 1}), "not known"),
        (JobRequest("m", "dpo", hyperparameters={"beta": 2.1}), "beta"),
        (rl(CHECK, reasoning_effort="much"), "not known"),
        (rl(None), "grader belongs"),
        (JobRequest("m", grader=CHECK), "grader belongs"),
        (rl({}), "no known type"),
        (rl({"type": CANARY}), "no known type"),
        (rl({"type": ["x"]}), "no known type"),
        (rl({**CHECK, "more": 1}), "one too many"),
        (rl({"type": "python", "name": "n"}), "lacks a key"),
        (rl({"type": "python", "name": "n", "source": "x" * (256 << 10)}), "no JSON"),
        (rl({"type": "python", "name": "n", "source": {1, 2}}), "no JSON"),
        (rl({"type": "multi", "name": "n", "graders": [CHECK], "calculate_output": "a"}), "type"),
        (JobRequest("m", integrations=(WANDB,)), "third party"),
        (JobRequest("m", integrations=({"type": "other"},)), "none that is known"),
    ],
)
def test_anything_else_is_refused(job: JobRequest, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        checked_job(job, destination())
    assert not leaks(str(caught.value) + caught.value.hint)


def test_graders_within_graders_end_somewhere() -> None:
    grader: dict[str, Any] = CHECK
    for _ in range(6):
        grader = {"type": "multi", "name": "n", "graders": {"a": grader}, "calculate_output": "a"}
    with pytest.raises(ConfigError, match="no known type"):
        checked_job(rl(grader), destination())


def test_a_destination_may_declare_an_integration() -> None:
    to = destination(integrations=("wandb",))
    assert checked_job(JobRequest("m", integrations=(WANDB,)), to)
    for wandb in ({}, {"project": "p", "more": 1}):
        job = JobRequest("m", integrations=({"type": "wandb", "wandb": wandb},))
        with pytest.raises(ConfigError, match="no project"):
            checked_job(job, to)


# --- what of it is text ------------------------------------------------------------------------


def texts(job: JobRequest, *models: str) -> Any:
    found = job.texts(models)
    return json.loads(found) if found else None


def test_every_text_of_a_job_is_given_to_the_scan() -> None:
    grader = {"type": "python", "name": "a name", "source": "the source", "image_tag": "a tag"}
    job = JobRequest(
        "our-model", "reinforcement", suffix="a suffix", metadata={"a key": "a value"},
        grader=grader, integrations=(WANDB,), seed=3, hyperparameters={"n_epochs": 3},
    )  # fmt: skip
    assert texts(job) == {
        "model": "our-model",
        "suffix": "a suffix",
        "metadata": {"a key": "a value"},
        "grader": {"name": "a name", "source": "the source", "image_tag": "a tag"},
        "integrations": [{"wandb": {"project": "kestrel"}}],
    }


@pytest.mark.parametrize(
    "name",
    ["gpt-4o-2024-08-06", "gpt-4.1-mini-2025-04-14", "o4-mini-2025-04-16", "gpt-4o-mini", "o3",
     "davinci-002", "gpt-3.5-turbo"],
)  # fmt: skip
def test_the_names_of_the_services_models_are_no_text(name: str) -> None:
    judge = {"type": "score_model", "name": "n", "model": name, "input": []}
    assert texts(JobRequest(name)) is None
    assert texts(rl(judge))["grader"] == {"name": "n", "input": []}


@pytest.mark.parametrize(
    "name", ["maria-gonzalez-1961", "gpt-4o-2024-08-06-for-maria", "ft:gpt-4o:us:maria:8", "o3x y"]
)
def test_any_other_name_is(name: str) -> None:
    assert texts(JobRequest(name)) == {"model": name}
    assert texts(JobRequest(name), name) is None


def test_a_word_of_the_service_is_one_only_in_its_place() -> None:
    grader = {**CHECK, "operation": "maria", "reference": "eq"}
    assert texts(rl(grader))["grader"] == {
        "name": "n", "input": "i", "operation": "maria", "reference": "eq",
    }  # fmt: skip


def test_the_digest_is_that_of_all_of_it() -> None:
    job = JobRequest("gpt-4o-mini")
    others = [
        JobRequest("gpt-4o"),
        JobRequest("gpt-4o-mini", "dpo"),
        JobRequest("gpt-4o-mini", seed=0),
        JobRequest("gpt-4o-mini", suffix="x"),
        JobRequest("gpt-4o-mini", metadata={"a": "b"}),
        JobRequest("gpt-4o-mini", hyperparameters={"n_epochs": 1}),
        JobRequest("gpt-4o-mini", integrations=(WANDB,)),
        rl(CHECK),
    ]
    assert len({j.digest for j in [job, *others]}) == len(others) + 1


# --- a client's own request --------------------------------------------------------------------


def test_a_clients_request_is_read_whole() -> None:
    job, training, validation = job_from_json(
        {
            "model": "m", "training_file": "file-1", "validation_file": "file-2", "seed": 4,
            "suffix": "s", "metadata": {"a": "b"}, "integrations": [WANDB],
            "method": {"type": "dpo", "dpo": {"hyperparameters": {"beta": 0.1}}},
        }
    )  # fmt: skip
    assert (training, validation) == ("file-1", "file-2")
    assert job == JobRequest("m", "dpo", 4, {"beta": 0.1}, "s", {"a": "b"}, integrations=(WANDB,))


def test_the_deprecated_hyperparameters_are_the_methods() -> None:
    asked = {"model": "m", "training_file": "f", "hyperparameters": {"n_epochs": 2}}
    job, _, validation = job_from_json(asked)
    assert (job.hyperparameters, job.method, validation) == ({"n_epochs": 2}, "supervised", "")


@pytest.mark.parametrize(
    "asked",
    [
        {"more": 1},
        {"method": "dpo"},
        {"method": {"type": "rlhf"}},
        {"method": {"type": "dpo", "supervised": {}}},
        {"method": {"type": "dpo", "dpo": {"more": 1}}},
        {"method": {"type": "dpo", "dpo": [1]}},
        {"hyperparameters": [1]},
        {"metadata": "x"},
        {"integrations": {"type": "wandb"}},
        {"integrations": ["wandb"]},
        {"suffix": 7},
        {"model": None},
        {"training_file": ["f"]},
    ],
)
def test_what_is_not_known_is_refused(asked: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        job_from_json({"model": "m", "training_file": "f", **asked})
