"""A gateway as a process of its own, before a loopback server that stands for the destination."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.laws.worlds import World
from tests.servers.files_api import FilesApi

CANARY = "kestrel-quollmarlow"
"""Planted in datasets, file names, paths and headers: no log and no file may hold it."""
POLICY = """\
policy: house
version: 1
title: What these tests go by
source: these tests
rules:
  - id: mail
    because: mail stays in the house
    when: {any_of: [EMAIL_ADDRESS], at_least: 1, confidence: likely}
    route: on_prem
    examples: {trips: ["Write to jo@example.com"], passes: ["Write to us"]}
  - id: keys
    because: keys are locked away
    when: {any_of: [AWS_ACCESS_KEY], at_least: 1, confidence: likely}
    route: quarantine
    examples: {trips: ["aws_access_key_id = AKIAIOSFODNN7QXAMPLQ"], passes: ["a key"]}
unscanned: quarantine
"""
RUN = """\
import json, sys
from pathlib import Path
from gatekeeper.gateway.server import serve
from gatekeeper.gateway.settings import Limits, Settings
from gatekeeper.gate import prepare
from gatekeeper.policy import load_config
told = json.loads(sys.argv[1])
config = load_config(None, start=Path.cwd())
setup = prepare(config)
settings = Settings(
    config=None, start=Path.cwd(), policies=(), destination=None, host="127.0.0.1", port=0,
    api_key="sk-upstream", organization="", project="", tokens=Path(told["tokens"]),
    desks=told["desks"], spool=Path(told["spool"]), limits=Limits(**told["limits"]))
serve(settings, setup, lambda url: print(url, flush=True))
"""
STARTED_WITHIN_S = 120


def chat(count: int = 12, *, text: str = CANARY, start: int = 0) -> bytes:
    """A dataset that is allowed; `start` makes it another one."""
    rows = (
        {
            "messages": [
                {"role": "user", "content": f"What is {n} times {n + 3}, {text}?"},
                {"role": "assistant", "content": f"It is {n * (n + 3)}."},
            ]
        }
        for n in range(start, start + count)
    )
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


MAIL = chat(text=f"{CANARY}@example.com")
KEYS = chat(text=f"{CANARY} aws_access_key_id = AKIAIOSFODNN7QXAMPLQ")


@dataclass
class Reply:
    """An answer, as it came."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def error(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)["error"]
        assert set(found) <= {"message", "type", "param", "code", "gatekeeper"}
        return found


@dataclass
class Gate:
    """A running gateway, its world and its upstream."""

    world: World
    upstream: FilesApi
    limits: dict[str, Any] = field(default_factory=dict)
    desks: int = 1
    process: subprocess.Popen[bytes] | None = None
    base_url: str = ""
    token: str = ""

    def __enter__(self) -> Gate:
        self.world.write("house.yaml", POLICY)
        self.world.keys()
        done = self.world.run("gateway", "token", "add", "ann", expect=0)
        self.token = done.stdout.strip()
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    @property
    def port(self) -> int:
        return int(re.findall(r":(\d+)/", self.base_url)[0])

    @property
    def log_path(self) -> Path:
        return self.world.outside / "gateway.log"

    def start(self) -> None:
        told = {
            "tokens": str(self.world.outside / "home" / "gateway.tokens"),
            "spool": str(self.world.tmp),
            "desks": self.desks,
            "limits": self.limits,
        }
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", RUN, json.dumps(told)],
                cwd=self.world.root,
                stdout=subprocess.PIPE,
                stderr=log,
                env={
                    **os.environ,
                    "GATEKEEPER_HOME": str(self.world.outside / "home"),
                    "TMPDIR": str(self.world.tmp),
                },
            )
        assert self.process.stdout is not None
        self.base_url = self.process.stdout.readline().decode().strip()
        assert self.base_url, self.log_path.read_text()
        deadline = time.monotonic() + STARTED_WITHIN_S
        while self.plain("/readyz").status != 200:
            assert time.monotonic() < deadline, self.log_path.read_text()
            assert self.process.poll() is None, self.log_path.read_text()
            time.sleep(0.05)

    def stop(self, signal_number: int = signal.SIGTERM) -> int:
        """Its exit code."""
        if self.process is None:
            return 0
        if self.process.poll() is None:
            self.process.send_signal(signal_number)
        code = self.process.wait(timeout=60)
        if self.process.stdout:
            self.process.stdout.close()
        self.process = None
        return code

    def plain(self, path: str) -> Reply:
        """What needs no token."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as sock:
            sock.sendall(f"GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".encode())
            return read_reply(sock)

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Reply:
        """A request with the token, by nobody's client."""
        said = {"Authorization": f"Bearer {self.token}"}
        said |= {k.replace("_", "-"): v for k, v in headers.items()}
        request = urllib.request.Request(  # noqa: S310  (loopback)
            self.base_url.removesuffix("/v1") + path, data=body, method=method, headers=said
        )
        try:
            with urllib.request.urlopen(request, timeout=120) as found:  # noqa: S310
                return Reply(found.status, dict(found.headers), found.read())
        except urllib.error.HTTPError as error:
            return Reply(error.code, dict(error.headers), error.read())

    def post(self, path: str, value: object) -> Reply:
        """JSON."""
        return self.ask("POST", path, json.dumps(value).encode(), content_type="application/json")

    def send(self, data: bytes, purpose: str = "fine-tune", **fields: str) -> Reply:
        """A file, as a form."""
        kind, body = form(data, {"purpose": purpose, **fields})
        return self.ask("POST", "/v1/files", body, content_type=kind)

    def lines(self) -> list[dict[str, Any]]:
        """What it logged: every line is JSON."""
        return [json.loads(line) for line in self.log_path.read_text().splitlines()]

    def sent(self) -> list[bytes]:
        """The bytes that the destination holds."""
        return [data for _, data in self.upstream.files.values()]

    def held(self) -> list[Path]:
        """Every file of the world that holds the canary in clear."""
        mark = CANARY.encode()
        places = [self.world.root, self.world.outside, self.world.tmp]
        files = [p for place in places for p in place.rglob("*") if p.is_file()]
        return [p for p in files if mark in p.read_bytes()]


def form(data: bytes, fields: dict[str, str], name: str = "file") -> tuple[str, bytes]:
    """Content-Type and body of a form with one file."""
    mark = "x" * 12 + "mark"
    body = b""
    for key, value in fields.items():
        head = f'--{mark}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
        body += head.encode()
    head = (
        f'--{mark}\r\nContent-Disposition: form-data; name="{name}"; filename="{CANARY}.jsonl"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    body += head.encode() + data + f"\r\n--{mark}--\r\n".encode()
    return f"multipart/form-data; boundary={mark}", body


def read_reply(sock: socket.socket) -> Reply:
    """An answer on a raw connection."""
    data = b""
    while b"\r\n\r\n" not in data:
        block = sock.recv(65536)
        if not block:
            break
        data += block
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    headers = {k.lower(): v for k, _, v in (line.partition(": ") for line in lines[1:])}
    length = int(headers.get("content-length", 0))
    while len(body) < length:
        block = sock.recv(65536)
        if not block:
            break
        body += block
    # What comes after is the answer to the next request, where bent bytes make two.
    return Reply(int(lines[0].split(" ")[1]) if data else 0, headers, body[: length or None])


def gate(
    folder: Path, *, limits: dict[str, Any] | None = None, desks: int = 1, **upstream: Any
) -> tuple[Gate, FilesApi]:
    """A gateway that is not started, and an upstream that is not either."""
    api = FilesApi(**upstream)
    world = World(folder, policies="house.yaml", base_url=api.base_url)
    return Gate(world, api, limits or {}, desks), api
