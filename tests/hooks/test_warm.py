"""A hook that has seen the staged content before costs a start-up and a hash."""

import sys

import pytest

from tests.hooks.repo import CLEAN, SECRET, Repo

HEAVY = {
    "presidio_analyzer", "spacy", "thinc", "numpy", "regex", "onnxruntime", "tokenizers",
    "hyperscan", "pyarrow", "zstandard", "phonenumbers", "tldextract", "rich", "openai",
}  # fmt: skip
RUN = """
import sys
from gatekeeper.cli import main
code = main(["hook", "run"])
print(*sys.modules)
sys.exit(code)
"""


@pytest.mark.parametrize(("content", "code"), [(CLEAN, 0), (SECRET, 20)])
def test_nothing_heavy_is_imported_where_everything_is_remembered(
    repo: Repo, content: str, code: int
) -> None:
    repo.stage("data/a.jsonl", content)
    cold = repo.run(sys.executable, "-c", RUN, may_fail=True)
    warm = repo.run(sys.executable, "-c", RUN, may_fail=True)
    assert (cold.returncode, warm.returncode) == (code, code)
    assert "regex" in cold.stdout.split()
    assert not {"presidio_analyzer", "spacy"} & set(cold.stdout.split())
    assert not {name.partition(".")[0] for name in warm.stdout.split()} & HEAVY
    assert "gatekeeper.detect.detector" not in warm.stdout.split()
    assert cold.stderr.split("receipt:")[0] == warm.stderr.split("receipt:")[0]


def test_what_is_staged_anew_is_read(repo: Repo) -> None:
    repo.stage("data/a.jsonl", CLEAN)
    assert repo.hook("run").returncode == 0
    repo.stage("data/a.jsonl", SECRET)
    assert repo.hook("run").returncode == 20
    assert repo.hook("run", "--no-cache").returncode == 20
    repo.stage("data/a.jsonl", CLEAN)
    assert repo.hook("run").returncode == 0
