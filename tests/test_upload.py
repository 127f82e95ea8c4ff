"""From a verdict to the destination: one decision for all that leaves with an upload."""

from __future__ import annotations

import dataclasses
import datetime
import json
from pathlib import Path

import pytest

pytest.importorskip("openai", reason="the extra gatekeeper[openai] is not installed")

from gatekeeper import gate
from gatekeeper.errors import DatasetChanged, UploadError
from gatekeeper.model import Route
from gatekeeper.model.job import JobRequest
from gatekeeper.policy import load_config
from gatekeeper.read import open_sources
from gatekeeper.upload import Wish, clear, job_source, ledger_of, upload
from tests.laws.worlds import World
from tests.servers.files_api import FilesApi
from tests.test_gate import CLEAN, DAY, NOW, destination

VALIDATION = CLEAN.replace("Add", "Sum up").replace("The sum", "The whole")


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, policies="internal, hipaa")


def decided(
    world: World, *paths: Path, job: JobRequest | None = None, server: FilesApi | None = None
) -> tuple[gate.Verdict, gate.Setup]:
    if server:
        world.write("loopback.yaml", destination(server))
    setup = gate.prepare(load_config(start=world.root))
    more = [s for s in [job_source(job, setup.destination) if job else None] if s]
    verdict = gate.check([*open_sources(paths), *more], setup, today=DAY)
    return gate.with_receipt(verdict, setup, now=NOW), setup


def files(world: World) -> tuple[Path, Path]:
    return world.write("data/a.jsonl", CLEAN), world.write("data/v.jsonl", VALIDATION)


def test_training_and_validation_go_under_one_decision(world: World) -> None:
    job = JobRequest("gpt-4o-mini", suffix="quick", metadata={"team": "seven"})
    with FilesApi() as server:
        verdict, setup = decided(world, *files(world), job=job, server=server)
        assert verdict.decision.route is Route.ALLOW
        assert len(verdict.decision.subjects) == 3
        outcome = upload(verdict, setup, Wish("sk-test", job=job), today=DAY)
        (made,) = server.jobs.values()
        training, validation = (server.files[made[k]] for k in
                                ("training_file", "validation_file"))  # fmt: skip
    assert training[1] == CLEAN.encode()
    assert validation[1] == VALIDATION.encode()
    assert (made["suffix"], made["metadata"]) == ("quick", {"team": "seven"})
    assert outcome.facts["job_id"] == made["id"]
    assert 400 < outcome.facts["tokens_estimate"] < 900
    assert "24 rows of about" in "\n".join(outcome.words)
    (record,) = ledger_of(setup.config.state).records()
    assert record.decision == verdict.decision.digest
    assert record.state == "job"


@pytest.mark.parametrize("which", [0, 1])
def test_either_file_that_changed_sends_nothing(world: World, which: int) -> None:
    with FilesApi() as server:
        paths = files(world)
        verdict, setup = decided(world, *paths, server=server)
        paths[which].write_text(CLEAN + VALIDATION)
        with pytest.raises(DatasetChanged):
            upload(verdict, setup, Wish("sk-test"), today=DAY)
        assert not server.requests


def test_a_validation_file_that_may_not_go_keeps_both(world: World) -> None:
    path = world.write("data/v.jsonl", CLEAN.replace("Add", "Ask build7.corp.internal to add"))
    verdict, setup = decided(world, world.write("data/a.jsonl", CLEAN), path)
    assert verdict.decision.route is Route.ON_PREM
    with pytest.raises(ValueError, match="not cleared"):
        upload(verdict, setup, Wish("sk-test"), today=DAY)


def test_the_same_file_twice_is_refused(world: World) -> None:
    path = world.write("data/a.jsonl", CLEAN)
    verdict, setup = decided(world, path, world.write("data/b.jsonl", CLEAN))
    with pytest.raises(UploadError, match="are the same"):
        upload(verdict, setup, Wish("sk-test"), today=DAY)


NAMED = "Maria Gonzalez, born on 3 May 1961"
GRADER = {
    "type": "string_check", "name": "same", "input": "{{sample.output_text}}",
    "reference": NAMED, "operation": "eq",
}  # fmt: skip


@pytest.mark.parametrize(
    "job",
    [
        JobRequest("gpt-4o-mini", suffix="mrn 4417882 for jo@example.com"),
        JobRequest("gpt-4o-mini", metadata={"about": NAMED}),
        JobRequest("gpt-4o-mini", metadata={"jo@example.com": "x"}),
        JobRequest("o4-mini", "reinforcement", grader=GRADER),
        JobRequest("gpt-4o-mini", integrations=({"type": "wandb", "wandb": {"project": NAMED}},)),
        JobRequest("jo@example.com"),
    ],
    ids=["suffix", "metadata", "key", "grader", "wandb", "model"],
)
def test_what_a_job_says_is_part_of_the_decision(world: World, job: JobRequest) -> None:
    alone, _ = decided(world, *files(world))
    assert alone.decision.route is Route.ALLOW
    verdict, setup = decided(world, *files(world), job=job)
    assert verdict.decision.route is not Route.ALLOW
    assert {w.source for r in verdict.decision.reasons for w in r.where} == {"job"}
    with pytest.raises(ValueError, match="not cleared"):
        upload(verdict, setup, Wish("sk-test", job=job), today=DAY)


def test_a_job_that_was_not_decided_on_is_not_cleared(world: World) -> None:
    with FilesApi() as server:
        verdict, setup = decided(world, *files(world), server=server)
        job = JobRequest("gpt-4o-mini", suffix="quick")
        with pytest.raises(ValueError, match="not made on this content"):
            upload(verdict, setup, Wish("sk-test", job=job), today=DAY)
        assert not server.requests


def test_another_day_is_another_decision(world: World) -> None:
    with FilesApi() as server:
        verdict, setup = decided(world, *files(world), server=server)
        later = DAY + datetime.timedelta(days=1)
        with pytest.raises(UploadError, match="another `date`"):
            upload(verdict, setup, Wish("sk-test"), today=later)
        assert not server.requests


def test_policies_that_changed_since_send_nothing(world: World) -> None:
    with FilesApi() as server:
        verdict, setup = decided(world, *files(world), server=server)
        fewer = dataclasses.replace(setup, policies=setup.policies[:1])
        with pytest.raises(UploadError, match=r"another `(policies|detector)`"):
            upload(verdict, fewer, Wish("sk-test"), today=DAY)
        assert not server.requests


def test_a_clearance_needs_a_receipt(world: World) -> None:
    verdict, setup = decided(world, *files(world))
    without = dataclasses.replace(verdict, receipt=None)
    with pytest.raises(ValueError, match="receipt"):
        clear(without, setup, [("training", verdict.contents[0][1], len(CLEAN))])


# --- the command line ------------------------------------------------------------------------


def test_the_command_uploads_lists_and_takes_back(world: World) -> None:
    files(world)
    with FilesApi() as server:
        world.write("loopback.yaml", destination(server))
        key = {"OPENAI_API_KEY": "sk-test"}
        done = world.run(
            "upload", "data/a.jsonl", "--validation", "data/v.jsonl", "--job", "gpt-4o-mini",
            "--suffix", "quick", "--metadata", "team=seven", "--hyper", "n_epochs=2",
            "--seed", "7", "--format", "json", expect=0, **key,
        )  # fmt: skip
        facts = json.loads(done.stdout)["outcome"]
        (job,) = server.jobs.values()
        assert (job["suffix"], job["seed"]) == ("quick", 7)
        assert job["method"]["supervised"] == {"hyperparameters": {"n_epochs": 2}}
        assert facts["validation_file_id"] == job["validation_file"]
        listed = world.run("uploads", "list", expect=0).stdout
        assert listed.split()[:2] == [facts["upload"][:12], "job"]
        shown = json.loads(world.run("uploads", "list", "--format", "json", expect=0).stdout)
        assert shown[0]["state"] == "job"
        assert "key" not in shown[0]
        again = world.run("upload", "data/a.jsonl", "--validation", "data/v.jsonl", "--job",
                          "gpt-4o-mini", "--suffix", "quick", "--metadata", "team=seven",
                          "--hyper", "n_epochs=2", "--seed", "7", expect=1, **key)  # fmt: skip
        assert "of the same decision is job" in again.stderr
        followed = world.run(
            "uploads", "follow", facts["upload"], "--poll", "0.05", expect=0, **key
        )
        assert "succeeded" in followed.stderr
        world.run("uploads", "reconcile", expect=0, **key)
        world.run("uploads", "delete", facts["upload"][:8], expect=0, **key)
        assert not server.files
        assert "deleted" in world.run("uploads", "list", expect=0).stdout


def test_the_command_reconciles_after_a_crash(world: World) -> None:
    from tests.servers.files_api import Fault

    files(world)
    with FilesApi(fault=Fault(acts=True, close_before_answer=True)) as server:
        world.write("loopback.yaml", destination(server))
        key = {"OPENAI_API_KEY": "sk-test"}
        lost = world.run("upload", "data/a.jsonl", expect=1, **key)
        assert "gatekeeper uploads reconcile" in lost.stderr
        server.fault = None
        found = world.run("uploads", "reconcile", expect=0, **key)
        assert "adopted file-" in found.stderr
        assert len(server.files) == 1


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--suffix", "x"], "about a job"),
        (["--job", "m", "--hyper", "x"], "KEY=VALUE"),
        (["--job", "m", "--grader", "nowhere.json"], "cannot be read"),
        (["--job", "m", "--grader", "gatekeeper.yaml"], "is no JSON"),
        (["--job", "m", "--wandb", "p"], "third party"),
        (["--job", "m", "--hyper", "n_epochs=99"], "n_epochs"),
        (["--validation", "nowhere.jsonl"], "one file"),
    ],
)
def test_a_wrong_job_is_a_usage_error(world: World, options: list[str], says: str) -> None:
    files(world)
    done = world.run("upload", "data/a.jsonl", *options, expect=2, OPENAI_API_KEY="sk-test")
    assert says in done.stderr
    assert not world.receipts()
