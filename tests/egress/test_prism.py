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

import pytest

pytest.importorskip("openai", reason="the extra gatekeeper[openai] is not installed")

from gatekeeper.enforce.allow import JobRequest, Uploaded, upload

from gatekeeper.errors import UploadError
from gatekeeper.model.cleared import issue_cleared
from tests.enforce.support import Sealed, chat_rows, decision, destination, digest, jsonl

ROOT = Path(__file__).parents[2]
STARTED_WITHIN_S = 120
DATA = jsonl(chat_rows())
SIZE_OF_ANSWER = b"          description: The size of the file, in bytes.\n"

pytestmark = pytest.mark.slow


def find_prism() -> str | None:
    local = ROOT / ".tools" / "node_modules" / ".bin" / "prism"
    return str(local) if local.exists() else shutil.which("prism")


def find_description() -> Path | None:
    named = os.environ.get("GATEKEEPER_OPENAPI")
    places = [Path(named)] if named else [ROOT.parent / "shared" / "openai" / "openapi.yaml.gz"]
    return next((p for p in places if p.is_file()), None)


def description() -> bytes:
    """The API description; the file it answers with gets the size of ours, for Prism keeps none."""
    path = find_description()
    if path is None:
        pytest.skip("the service's API description (openapi.yaml.gz) is not here")
    whole = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    assert whole.count(SIZE_OF_ANSWER) == 1
    return whole.replace(SIZE_OF_ANSWER, SIZE_OF_ANSWER + b"          example: %d\n" % len(DATA))


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


def send(base_url: str, job: JobRequest | None = None) -> Uploaded:
    to = destination(base_url)
    cleared = issue_cleared(decision(DATA, to=to), digest(DATA), to)
    return upload(cleared, Sealed(DATA), to, api_key="sk-test", create_job=job)


def test_the_file_request_is_valid(prism: str) -> None:
    done = send(prism)
    assert done.size_bytes == len(DATA)
    assert done.file_id


@pytest.mark.parametrize(
    "job",
    [
        JobRequest("gpt-4o-mini"),
        JobRequest("gpt-4o-mini", seed=42, hyperparameters={"n_epochs": 3, "batch_size": "auto"}),
        JobRequest("gpt-4o-mini", method="dpo", hyperparameters={"beta": 0.1}),
    ],
)
def test_the_job_requests_are_valid(prism: str, job: JobRequest) -> None:
    assert send(prism, job).job_id


def test_prism_would_have_seen_a_bad_request(prism: str) -> None:
    with pytest.raises(UploadError, match="refused it \\(422"):
        send(prism, JobRequest("gpt-4o-mini", hyperparameters={"n_epochs": -1}))
