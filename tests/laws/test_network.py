"""Law 7: reading, scanning, deciding, quarantining and verifying open no socket."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.laws.worlds import World


def test_the_guard_itself_refuses(tmp_path: Path) -> None:
    code = "import socket; socket.create_connection(('127.0.0.1', 9))"
    environment = {**os.environ, "GATEKEEPER_TEST_NO_SOCKETS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    assert "socket guard refused" in done.stderr


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A project whose every command runs with all sockets shut."""
    made = World(tmp_path, no_sockets=True)
    mail = {"text": "Write to maria.gonzalez@example.com or see https://shop.example.org/u/7"}
    made.write("data/mail.jsonl", json.dumps(mail) + "\n")
    key = "-----BEGIN RSA PRIVATE KEY-----\\nMIIEpAIBAAKCAQEA7bq0\\n-----END RSA PRIVATE KEY-----"
    made.write("data/key.jsonl", json.dumps({"text": key.replace("\\n", "\n")}) + "\n")
    return made


def test_every_command_but_upload_runs_with_all_sockets_shut(world: World) -> None:
    world.keys()
    found = world.run("scan", "data/mail.jsonl", "--format", "jsonl", expect=0).stdout
    assert "EMAIL_ADDRESS" in found
    shared = world.run("scan", "data", "--format", "jsonl", "--jobs", "2", expect=0).stdout
    assert "PRIVATE_KEY" in shared
    world.run("check", "data/mail.jsonl", expect=10)
    receipt = str(world.receipts()[0])
    world.run("verify", receipt, "data/mail.jsonl", expect=10)
    world.run("explain", receipt, expect=0)
    world.run("gate", "data/mail.jsonl", expect=10)
    world.run("gate", "data/key.jsonl", expect=20)
    case = world.run("quarantine", "list", expect=0).stdout.split()[0]
    world.release(case, "opened")
    identity = str(world.outside / "a.key")
    for how in ("rewrap", "rotate"):
        world.run("quarantine", how, case, "-i", identity, expect=0)
    ann = str(world.outside / "ann.pem")
    world.run("quarantine", "hold", case, "--key", ann, "--because", "a matter", expect=0)
    world.run("quarantine", "hold", case, "--key", ann, "--because", "done", "--lift", expect=0)
    world.run("quarantine", "verify", expect=0)
    request = world.asked(case, "--destroy")
    world.run("quarantine", "destroy", case, request, "--key", ann, expect=0)
    world.run("quarantine", "recover", expect=0)
    world.run("doctor", expect=0)


def test_upload_opens_one_only_towards_the_host_of_the_decision(world: World) -> None:
    clean = [
        {
            "messages": [
                {"role": r, "content": f"Add {n} and {n + 1}."} for r in ("user", "assistant")
            ]
        }
        for n in range(12)
    ]
    world.write("data/clean.jsonl", "".join(json.dumps(row) + "\n" for row in clean))
    done = world.run("upload", "data/clean.jsonl", expect=1, OPENAI_API_KEY="sk-test")
    assert "the connection failed" in done.stderr
