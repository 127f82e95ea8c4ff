"""A real git repository in a temporary folder, and the rules that its tests use."""

import datetime
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

SECRETS_POLICY = """\
policy: secrets
version: 1
title: Credentials
source: the tests
rules:
  - id: keys
    because: a key opens a door
    when: {any_of: [AWS_ACCESS_KEY]}
    route: quarantine
    examples: {trips: [AKIAQ3EGRIPL7N2WXYZA], passes: [no key here]}
"""
"""Needs no NER, so a check under it starts fast."""

CLEAN = '{"text": "the sky is blue today"}\n'
SECRET = '{"text": "key AKIAQ3EGRIPL7N2WXYZA of the build"}\n'
"""Synthetic: the form of an access key, of no account."""

POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'ab' * 32}\nsize 12345\n"
CONFIG = "datasets: [data]\npolicies: [rules/secrets.yaml]\ndestination: rules/door.yaml\n"


def door() -> str:
    """A destination that is open on the day the test runs, whichever that is."""
    checked = datetime.datetime.now(datetime.timezone.utc).date() - datetime.timedelta(days=1)
    return (
        f"destination: door\nparty: us\nbase_url: https://llm.example.com/v1\nas_of: {checked}\n"
        "max_age_days: 30\n"
    )


def write_rules(folder: Path, config: str = CONFIG) -> None:
    """gatekeeper.yaml in `folder`, with a policy and a destination."""
    (folder / "rules").mkdir(exist_ok=True)
    (folder / "rules/secrets.yaml").write_text(SECRETS_POLICY)
    (folder / "rules/door.yaml").write_text(door())
    (folder / "gatekeeper.yaml").write_text(config)


class Repo:
    """`git init`, and what tests do in it. Every command must succeed unless `may_fail`."""

    def __init__(self, top: Path, *options: str, rules: bool = True) -> None:
        self.top = top
        top.mkdir(parents=True, exist_ok=True)
        self.git("init", "-q", *options)
        if rules:
            write_rules(top)
            (top / ".gitignore").write_text(".gatekeeper/\n*.ignored.jsonl\n")
            self.git("add", ".")
            self.git("commit", "-q", "-m", "rules")

    def run(
        self, *command: str, may_fail: bool = False, **changes: str
    ) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            command,
            cwd=self.top,
            env=self.environment() | changes,
            capture_output=True,
            encoding="utf-8",
            errors="surrogateescape",
            check=False,
        )
        assert may_fail or done.returncode == 0, done.stderr
        return done

    def git(self, *arguments: str, may_fail: bool = False) -> subprocess.CompletedProcess[str]:
        return self.run("git", *arguments, may_fail=may_fail)

    def hook(self, *arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
        """`gatekeeper hook …`, which may fail."""
        command = (sys.executable, "-m", "gatekeeper", "hook", *arguments)
        return self.run(*command, may_fail=True, **changes)

    def environment(self) -> dict[str, str]:
        """No configuration but the test's own, and this package to import."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
        return kept | {
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "t",
            "GIT_AUTHOR_EMAIL": "t@example.com",
            "GIT_COMMITTER_NAME": "t",
            "GIT_COMMITTER_EMAIL": "t@example.com",
            "GIT_EDITOR": "true",
            "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ["PYTHONPATH"]]),
        }

    def write(self, path: str, text: str | bytes) -> Path:
        file = self.top / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        return file

    def stage(self, path: str, text: str | bytes = CLEAN) -> Path:
        file = self.write(path, text)
        self.git("add", "-f", "--", path)
        return file

    @property
    def commits(self) -> int:
        done = self.git("rev-list", "--count", "HEAD", may_fail=True)
        return int(done.stdout) if done.returncode == 0 else 0
