"""Our upload against the service's own API description, as Prism validates it.

Needs `@stoplight/prism-cli` (`make test` puts it into `.tools`) and the description, an OpenAPI
document: `$GATEKEEPER_OPENAPI`, or `shared/openai/openapi.yaml.gz` beside the repository.
"""

from __future__ import annotations

import gzip
import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

pytest.importorskip("openai", reason="the extra gatekeeper[openai] is not installed")

from gatekeeper.egress import calls
from gatekeeper.egress.asking import OutcomeUnknown, Refused
from gatekeeper.egress.bound import Account
from gatekeeper.egress.door import open_client
from gatekeeper.egress.jobs import checked_job
from gatekeeper.egress.reading import MeasuringReader
from gatekeeper.egress.send import Uploaded
from gatekeeper.errors import UploadError
from gatekeeper.model.job import JobRequest
from tests.egress.kit import KEY, PRESENT, Place
from tests.enforce.support import Sealed, chat_rows, destination, jsonl

if TYPE_CHECKING:
    from openai import OpenAI

    from gatekeeper.model import Destination

ROOT = Path(__file__).parents[2]
STARTED_WITHIN_S = 120
DATA = jsonl(chat_rows())
NAME = "gk-0123456789abcdef.jsonl"
SIZE_OF_ANSWER = b"          description: The size of the file, in bytes.\n"
PURPOSES_OF_ANSWER = (
    b"            `fine-tune`, `fine-tune-results`, `vision`, and `user_data`.\n          enum:\n"
)

pytestmark = pytest.mark.slow


def find_prism() -> str | None:
    local = ROOT / ".tools" / "node_modules" / ".bin" / "prism"
    return str(local) if local.exists() else shutil.which("prism")


def find_description() -> Path | None:
    named = os.environ.get("GATEKEEPER_OPENAPI")
    places = [Path(named)] if named else [ROOT.parent / "shared" / "openai" / "openapi.yaml.gz"]
    return next((p for p in places if p.is_file()), None)


def description() -> bytes:
    """The API description; the file it answers with gets size and purpose of ours, for Prism
    keeps none.
    """
    path = find_description()
    if path is None:
        pytest.skip("the service's API description (openapi.yaml.gz) is not here")
    whole = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    assert whole.count(SIZE_OF_ANSWER) == 1
    whole = whole.replace(SIZE_OF_ANSWER, SIZE_OF_ANSWER + b"          example: %d\n" % len(DATA))
    assert whole.count(PURPOSES_OF_ANSWER) == 1
    first = PURPOSES_OF_ANSWER + b"            - fine-tune\n"
    return whole.replace(PURPOSES_OF_ANSWER, first)


@pytest.fixture(scope="module")
def prism(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base URL of a Prism that serves the description."""
    program = find_prism()
    if program is None or shutil.which("node") is None:
        pytest.skip("prism is not installed: npm install --prefix .tools @stoplight/prism-cli")
    folder = tmp_path_factory.mktemp("prism")
    (folder / "openapi.yaml").write_bytes(description())
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [program, "mock", "-p", str(port), "-h", "127.0.0.1", str(folder / "openapi.yaml")],
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            wait_for(f"http://127.0.0.1:{port}/files", process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait()


def wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + STARTED_WITHIN_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=5).close()  # noqa: S310  (loopback)
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.25)
        else:
            return
    pytest.fail(f"prism did not start (exit code {process.poll()})")


SUPERVISED = JobRequest(
    "gpt-4o-mini",
    seed=42,
    hyperparameters={"n_epochs": 3, "batch_size": "auto", "learning_rate_multiplier": 0.5},
    suffix="quick",
    metadata={"team": "seven"},
)
STRING_CHECK = {
    "type": "string_check", "name": "same", "input": "{{sample.output_text}}",
    "reference": "{{item.answer}}", "operation": "eq",
}  # fmt: skip
PYTHON = {"type": "python", "name": "code", "source": "def grade(sample, item):\n    return 1.0"}
SIMILAR = {
    "type": "text_similarity", "name": "near", "input": "{{sample.output_text}}",
    "reference": "{{item.answer}}", "evaluation_metric": "fuzzy_match",
}  # fmt: skip
SCORE = {
    "type": "score_model", "name": "judge", "model": "gpt-4o-2024-08-06",
    "input": [{"role": "user", "content": "Score {{sample.output_text}}"}],
}  # fmt: skip
MULTI = {"type": "multi", "name": "both", "graders": STRING_CHECK, "calculate_output": "same"}


def reinforcement(grader: dict[str, object]) -> JobRequest:
    numbers: dict[str, int | float | str] = {
        "reasoning_effort": "low",
        "compute_multiplier": 1.5,
        "eval_interval": 5,
        "eval_samples": "auto",
    }
    return JobRequest("o4-mini-2025-04-16", "reinforcement", grader=grader, hyperparameters=numbers)


@pytest.fixture
def client(prism: str) -> Iterator[OpenAI]:
    terms = PRESENT.terms(destination(prism), Account(KEY))
    with open_client(terms, Account(KEY), timeout_s=60) as opened:
        yield opened


def test_the_file_request_is_valid(prism: str, place: Place) -> None:
    done: Uploaded = place.send(destination(prism), DATA)
    assert done.size_bytes == len(DATA)
    assert done.file_id


def test_an_upload_in_parts_is_valid(client: OpenAI) -> None:
    made = calls.create_upload(
        client, name=NAME, size_bytes=len(DATA), purpose="fine-tune", expires_after_s=3_600
    )
    sealed = Sealed(DATA)
    reader = MeasuringReader(sealed, part_bytes=1_000)
    measured = reader.finish(sealed, sealed.digest)
    parts = [calls.add_part(client, made, sealed, p, name=NAME) for p in measured.parts]
    assert len(parts) == len(DATA) // 1_000 + 1
    with pytest.raises(OutcomeUnknown, match="no file object"):  # it keeps none to answer with
        calls.complete_upload(client, made, parts, md5=measured.md5, name=NAME)
    calls.cancel_upload(client, made)


@pytest.mark.parametrize(
    "job",
    [
        JobRequest("gpt-4o-mini"),
        SUPERVISED,
        JobRequest("gpt-4o-mini", method="dpo", hyperparameters={"beta": 0.1}),
        *(reinforcement(g) for g in (STRING_CHECK, PYTHON, SIMILAR, SCORE, MULTI)),
        JobRequest("gpt-4o-mini", integrations=({"type": "wandb", "wandb": {"project": "p"}},)),
    ],
)
@pytest.mark.parametrize("validation", ["", "file-def456"])
def test_the_job_requests_are_valid(client: OpenAI, job: JobRequest, validation: str) -> None:
    facts = SimpleNamespace(models=(), integrations=("wandb",))
    asked = checked_job(job, cast("Destination", facts)).arguments()
    assert calls.create_job(client, asked, "file-abc123", validation).id


def test_what_is_asked_of_files_and_jobs_is_valid(client: OpenAI) -> None:
    assert calls.list_files(client, "fine-tune")
    assert calls.retrieve_file(client, "file-abc123")
    calls.delete_file(client, "file-abc123")
    job = calls.retrieve_job(client, "ftjob-abc123")
    assert job.id
    assert job.status
    with pytest.raises(UploadError, match="does not end"):  # it gives the same page for ever
        calls.jobs_on(client, job.training_file)
    assert calls.job_events(client, job.id)
    assert calls.cancel_job(client, job.id).id


def test_prism_would_have_seen_a_bad_request(client: OpenAI) -> None:
    asked = JobRequest("gpt-4o-mini", hyperparameters={"n_epochs": -1}).arguments()
    with pytest.raises(Refused, match="refused it \\(422"):
        calls.create_job(client, asked, "file-abc123")
    with pytest.raises(UploadError, match="refused it \\(422"):
        calls.create_upload(client, name="x", size_bytes=1, purpose="any", expires_after_s=3_600)
