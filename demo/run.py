"""The three routes on three synthetic datasets, with the real commands, in one screen.

Run by `make demo`. Works in `.demo/` beside the repository's Makefile; the destination is a server
on this machine's loopback that speaks the Files API. Nothing leaves the machine.
"""

from __future__ import annotations

import contextlib
import datetime
import filecmp
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WORK = ROOT / ".demo"
DATASETS = {
    "allowed.jsonl": "allow/coding_help",
    "clinical.jsonl": "on_prem/clinical_notes",
    "secrets.jsonl": "quarantine/cloud_keys_in_chat",
}
CONFIG = """\
policies: [hipaa, legal, internal]
datasets: [data]
destination: destinations/loopback.yaml
vault: vault
"""
DESTINATION = """\
destination: loopback
title: A Files API server on this machine
party: ourselves
base_url: {base_url}
as_of: {today}
max_age_days: 30
"""


def main() -> int:
    started = time.monotonic()
    prepare()
    with files_api() as base_url:
        today = datetime.date.today()
        write("destinations/loopback.yaml", DESTINATION.format(base_url=base_url, today=today))
        say("two people who may open what is quarantined; their keys belong off this machine")
        run("keys", "init", "../.demo-keys/alice.key", "--comment", "alice")
        run("keys", "init", "../.demo-keys/bob.key", "--comment", "bob")
        say("and three whose signature counts when it is to be released")
        for name in ("alice", "bob", "carol"):
            run("people", "init", f"../.demo-keys/{name}.pem", "--name", name)

        say("1. clean chat: allowed, and uploaded")
        run("upload", "data/allowed.jsonl", expect=0)
        (received,) = (WORK / "received").glob("*.bytes")
        same = filecmp.cmp(received, WORK / "data/allowed.jsonl", shallow=False)
        require(same, "the server received other bytes than were scanned")
        print(
            f"   the server received {received.stat().st_size:,} bytes: those that were scanned\n"
        )

        say("2. clinical notes with names: forced on-prem")
        run("gate", "data/clinical.jsonl", "--out", "handoff", expect=10)
        print("   " + "  ".join(sorted(p.name for p in (WORK / "handoff").iterdir())) + "\n")

        say("3. chat with credentials: encrypted and quarantined")
        original = (WORK / "data/secrets.jsonl").read_bytes()
        done = run("gate", "data/secrets.jsonl", expect=20)
        require(not (WORK / "data/secrets.jsonl").exists(), "the plaintext is still there")
        found = re.search(r"case ([0-9a-f]{32})", done)
        require(found is not None, "no case was named")
        run("quarantine", "list")
        case = found.group(1) if found else ""
        say("alice asks for it, bob and carol approve, and it is judged again when it is released")
        asked = run(
            "quarantine", "request", case, "--key", "../.demo-keys/alice.pem",
            "--purpose", "which keys are to be revoked", "--destination", "the security team",
        )  # fmt: skip
        request = asked.split()[-1]
        for name in ("bob", "carol"):
            run("quarantine", "approve", case, request, "--key", f"../.demo-keys/{name}.pem")
        run(
            "quarantine", "release", case, request, "-i", "../.demo-keys/bob.key", "--out", "opened"
        )
        opened = [p for p in (WORK / "opened").rglob("*") if p.is_file()]
        require(any(p.read_bytes() == original for p in opened), "the case holds other bytes")

        say("why the second one stayed in the house")
        receipts = sorted((WORK / ".gatekeeper/receipts").glob("*.dsse.json"), key=os.path.getmtime)
        run("explain", str(receipts[1].relative_to(WORK)))
        run("quarantine", "verify")
        run("verify", str(receipts[0].relative_to(WORK)), "data/allowed.jsonl", expect=0)
    print(f"all three routes taken as expected, in {time.monotonic() - started:.0f} s; see .demo/")
    return 0


def prepare() -> None:
    for folder in (WORK, ROOT / ".demo-keys"):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)
    write("gatekeeper.yaml", CONFIG)
    for name, scenario in DATASETS.items():
        (WORK / "data").mkdir(exist_ok=True)
        shutil.copy(ROOT / "fixtures" / scenario / "data.jsonl", WORK / "data" / name)


def write(name: str, text: str) -> None:
    path = WORK / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@contextlib.contextmanager
def files_api() -> Iterator[str]:
    """The loopback server in a process of its own; gives its base URL."""
    server = subprocess.Popen(
        [sys.executable, str(ROOT / "tests/servers/files_api.py"), "--port", "0",
         "--record", str(WORK / "received")],
        stdout=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    try:
        line = server.stdout.readline() if server.stdout else ""
        found = re.search(r"http://[\w.:]+(?:/v1)?", line)
        require(found is not None, "the loopback server did not start")
        base_url = found.group() if found else ""
        yield base_url if base_url.endswith("/v1") else base_url + "/v1"
    finally:
        server.terminate()
        server.wait(timeout=10)


def run(*arguments: str, expect: int = 0) -> str:
    """Run one gatekeeper command in .demo/, show it and what it says."""
    print(f"$ gatekeeper {' '.join(arguments)}", flush=True)
    environment = {
        **os.environ,
        "GATEKEEPER_HOME": str(ROOT / ".demo-keys" / "gate"),
        "OPENAI_API_KEY": "sk-demo-not-a-key",
    }
    done = subprocess.run(
        [sys.executable, "-m", "gatekeeper", *arguments],
        cwd=WORK, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    output = done.stderr + done.stdout
    print("".join(f"   {line}\n" for line in output.splitlines()) + f"   exit {done.returncode}\n")
    require(done.returncode == expect, f"expected exit {expect}")
    return output


def say(text: str) -> None:
    print(f"# {text}", flush=True)


def require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise SystemExit(f"the demo failed: {otherwise}")


if __name__ == "__main__":
    sys.exit(main())
