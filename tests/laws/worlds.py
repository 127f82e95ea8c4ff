"""A project folder of its own, in which the real command line runs as a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

DESTINATION = """\
destination: loopback
title: A Files API server on this machine
party: ourselves
base_url: {base_url}
as_of: 2026-01-01
max_age_days: 3650
"""
CONFIG = """\
policies: [{policies}]
datasets: [data]
destination: loopback.yaml
vault: vault
"""


class World:
    """`root` is the project, `outside` a folder beside it for identities, `tmp` is TMPDIR."""

    def __init__(
        self,
        folder: Path,
        *,
        policies: str = "hipaa, legal, internal",
        base_url: str = "http://127.0.0.1:9/v1",
        no_sockets: bool = False,
    ) -> None:
        self.root, self.outside, self.tmp = (folder / n for n in ("project", "outside", "tmp"))
        for place in (self.root, self.outside, self.tmp):
            place.mkdir()
        self.no_sockets = no_sockets
        self.write("gatekeeper.yaml", CONFIG.format(policies=policies))
        self.write("loopback.yaml", DESTINATION.format(base_url=base_url))

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def run(
        self, *arguments: str, expect: int | None = None, stdin: bytes = b"", **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """`gatekeeper ARGUMENTS` in the project; the words of a wrong exit code are shown."""
        settings = {
            **os.environ,
            "GATEKEEPER_HOME": str(self.outside / "home"),
            "TMPDIR": str(self.tmp),
            "GATEKEEPER_TEST_NO_SOCKETS": "1" if self.no_sockets else "0",
            **environment,
        }
        done = subprocess.run(
            [sys.executable, "-m", "gatekeeper", *arguments],
            cwd=self.root, env=settings, input=stdin, capture_output=True, check=False,
        )  # fmt: skip
        result = subprocess.CompletedProcess(
            done.args, done.returncode, done.stdout.decode(), done.stderr.decode()
        )
        if expect is not None:
            assert result.returncode == expect, result.stderr
        return result

    def keys(self) -> Path:
        """Two people's keys, so that quarantine has somebody to encrypt to; gives the first."""
        for name in ("a.key", "b.key"):
            self.run("keys", "init", str(self.outside / name), expect=0)
        return self.outside / "a.key"

    def asked(self, case: str, *more: str) -> str:
        """The id of a request by ann that bob and cid approved; all three are enrolled first."""
        for name in ("ann", "bob", "cid"):
            if not (self.outside / f"{name}.pem").exists():
                self.run("people", "init", str(self.outside / f"{name}.pem"), "--name", name,
                         expect=0)  # fmt: skip
        done = self.run(
            "quarantine", "request", case, "--key", str(self.outside / "ann.pem"),
            "--purpose", "a court order", "--destination", "the court", *more, expect=0,
        )  # fmt: skip
        request = done.stdout.strip()
        for name in ("bob", "cid"):
            key = str(self.outside / f"{name}.pem")
            self.run("quarantine", "approve", case, request, "--key", key, expect=0)
        return request

    def release(self, case: str, out: str) -> subprocess.CompletedProcess[str]:
        """The case, asked for and approved, in the folder `out`."""
        return self.run(
            "quarantine", "release", case, self.asked(case), "-i", str(self.outside / "a.key"),
            "--out", out, expect=0,
        )  # fmt: skip

    def receipts(self) -> list[Path]:
        return sorted(
            (self.root / ".gatekeeper/receipts").glob("*.dsse.json"),
            key=lambda p: p.stat().st_mtime_ns,
        )
