"""Requests made to break a gateway: right ones bent a little, and bytes that are hardly requests.

Every answer is of the service's shape, none of 500 and more is one that is not stated, and neither
an answer nor a line of the log holds what was planted in datasets, names, headers and queries. What
the destination holds in the end was allowed, byte for byte.
"""

from __future__ import annotations

import json
import random
import socket
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gatekeeper.gateway.answers import STATED_5XX
from tests.gateway.kit import CANARY, KEYS, MAIL, Gate, Reply, chat, form, gate, read_reply

LIMITS = {"idle_s": 1.0, "header_s": 1.0, "spool_bytes": 64 << 20, "uploads": 1000}
PATHS = (
    "/v1/files", "/v1/files/{id}", "/v1/files/{id}/content", "/v1/uploads",
    "/v1/uploads/{id}/parts",
    "/v1/uploads/{id}/complete", "/v1/uploads/{id}/cancel", "/v1/fine_tuning/jobs",
    "/v1/fine_tuning/jobs/{id}", "/v1/fine_tuning/jobs/{id}/cancel",
    "/v1/fine_tuning/jobs/{id}/events", "/v1/fine_tuning/jobs/{id}/checkpoints", "/v1/models",
    "/healthz", "/readyz", "/metrics", "/", "*", "/v1/files/%2e%2e/models", "//v1/files",
)  # fmt: skip
METHODS = (
    "GET",
    "POST",
    "POST",
    "POST",
    "DELETE",
    "PUT",
    "HEAD",
    "OPTIONS",
    "PATCH",
    CANARY.upper(),
)
FIELDS = ("purpose", "expires_after[seconds]", "expires_after[anchor]", CANARY)
RIGHT = {
    "/v1/files": ("POST", "POST", "GET"),
    "/v1/files/{id}": ("GET", "DELETE"),
    "/v1/uploads": ("POST",),
    "/v1/uploads/{id}/parts": ("POST",),
    "/v1/uploads/{id}/complete": ("POST",),
    "/v1/uploads/{id}/cancel": ("POST",),
    "/v1/fine_tuning/jobs": ("POST", "POST", "GET"),
    "/v1/fine_tuning/jobs/{id}/cancel": ("POST",),
}
ODD: tuple[Any, ...] = (
    None, True, 0, -1, 1 << 70, 1.5, "", CANARY, f"{CANARY}@example.com", "\u0000", "\ud800", [],
    {}, [[]], {"a": {}}, "x" * 70_000, ["part_" + "0" * 32], {"type": CANARY},
    {"anchor": "created_at"},
)  # fmt: skip


def add_command(commands: Any) -> None:
    """`fuzz`."""
    parser = commands.add_parser("fuzz", help="requests made to break it")
    parser.add_argument("--requests", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    parser.set_defaults(run=lambda a: run_fuzz(a.requests, a.seed))


class Fuzzer:
    """Makes requests of a seed, sends them, and keeps what is wrong with the answers."""

    def __init__(self, running: Gate, seed: int) -> None:
        self.running = running
        self.rng = random.Random(seed)
        self.ids = ["file-1", CANARY, "upload_" + "0" * 32, "ftjob-1", "a" * 200, "%00", "é"]
        self.allowed: set[bytes] = set()
        self.wrong: list[str] = []
        self.seen: Counter[str] = Counter()

    # --- making ------------------------------------------------------------------------------

    def odd(self, value: Any) -> Any:
        """`value`, with something in it exchanged, left out or added."""
        choose = self.rng.random()
        if choose < 0.3 or not isinstance(value, dict):
            return self.rng.choice(ODD)
        key = self.rng.choice([*value, CANARY])
        return {**value, key: self.odd(value.get(key))}

    def body(self, path: str) -> tuple[str, bytes]:
        rng = self.rng
        if path in ("/v1/files", "/v1/uploads/{id}/parts") and rng.random() < 0.9:
            data = self.dataset()
            fields = {"purpose": "fine-tune"} if path == "/v1/files" else {}
            if rng.random() < 0.3:
                fields[rng.choice(FIELDS)] = rng.choice(["fine-tune", "9999", "-1", CANARY, ""])
            return form(data, fields, "file" if path == "/v1/files" else "data")
        value: Any = {
            "/v1/uploads": {
                "bytes": rng.choice([10, 3000]), "filename": f"{CANARY}.jsonl",
                "purpose": "fine-tune", "mime_type": "text/jsonl",
            },
            "/v1/uploads/{id}/complete": {"part_ids": [rng.choice(self.ids[-5:])]},
            "/v1/fine_tuning/jobs": {
                "model": "gpt-4o-mini", "training_file": rng.choice(self.ids), "suffix": "x",
                "method": {"type": "dpo", "dpo": {"hyperparameters": {"beta": 0.1}}},
                "metadata": {"a": "b"},
            },
        }.get(path, {})  # fmt: skip
        if rng.random() < 0.7:
            value = self.odd(value)
        return "application/json", json.dumps(value).encode()

    def dataset(self) -> bytes:
        rng = self.rng
        data = rng.choice(
            [MAIL, KEYS, chat(12, start=rng.randrange(1 << 30)), b"", b"\xff\x00", b"{}"]
        )
        if data.startswith(b'{"messages"') and rng.random() < 0.3:
            return self.bent(data)
        return data

    def bent(self, data: bytes) -> bytes:
        """Some bytes of it exchanged, doubled, or left out."""
        rng, found = self.rng, bytearray(data)
        for _ in range(rng.randrange(1, 4)):
            at = rng.randrange(len(found) + 1)
            piece = rng.choice(
                [b"", b"\r\n", b"\x00", b"--", b'"', rng.randbytes(3), found[at : at + 40]]
            )
            found[at : at + rng.choice([0, 1, 5])] = piece
        return bytes(found)

    def request(self) -> tuple[bytes, bool]:
        """A request, and whether it is whole, so that its answer is told whatever it is."""
        rng, path = self.rng, self.rng.choice(PATHS)
        method = rng.choice(METHODS)
        if rng.random() < 0.8:  # a right one, most of the time
            method = rng.choice(RIGHT.get(path, ("GET",)))
        kind, body = self.body(path)
        if rng.random() < 0.2:
            body = self.bent(body)
        if rng.random() < 0.1:
            kind = rng.choice(["text/plain", "multipart/form-data", CANARY, kind + "; x=" + CANARY])
        target = path.replace("{id}", rng.choice(self.ids[-40:])).encode("latin-1", "replace")
        if rng.random() < 0.2:
            query = rng.choice(
                ["limit=x", "limit=3&after=" + CANARY, "purpose=" + CANARY, "a=b", "%"]
            )
            target += b"?" + query.encode()
        if method == "GET" and rng.random() < 0.9:
            body = b""
        lines = [
            f"{method} ".encode() + target + b" HTTP/1.1",
            b"host: x",
            b"connection: close",
            b"content-type: " + kind.encode(),
            b"content-length: %d"
            % (len(body) + (rng.choice([-3, 7]) if rng.random() < 0.03 else 0)),
            b"x-note: " + CANARY.encode(),
        ]
        if rng.random() < 0.95:
            lines.append(b"authorization: Bearer " + self.running.token.encode())
        data = b"\r\n".join([*lines, b"", b""])
        if rng.random() < 0.05:
            return self.bent(data) + body, False
        return data + body, True

    # --- sending and looking -----------------------------------------------------------------

    def one(self) -> None:
        data, whole = self.request()
        with socket.create_connection(("127.0.0.1", self.running.port), timeout=60) as sock:
            try:
                sock.sendall(data)
                reply = read_reply(sock)
            except ConnectionError:
                reply = Reply(0, {}, b"")
        self.look(data, reply, whole=whole)

    def look(self, data: bytes, reply: Reply, *, whole: bool) -> None:
        line = data.split(b"\r\n")[0].replace(CANARY.encode(), b"CANARY")[:80]
        self.seen[str(reply.status)] += 1
        if reply.status == 0 and whole:
            self.wrong.append(f"no answer: {line!r}")
            return
        plain = data.startswith((b"GET /metrics", b"GET /healthz", b"GET /readyz", b"HEAD "))
        if reply.status == 0 or plain:
            return
        problem = self.problem(reply)
        if problem:
            self.wrong.append(f"{problem}: {line!r}")

    def problem(self, reply: Reply) -> str:
        """What is wrong with the answer; empty for nothing."""
        try:
            said = json.loads(reply.body)
        except ValueError:
            return f"{reply.status}, no JSON in {len(reply.body)} bytes"
        if reply.status == 200:
            if isinstance(said.get("id"), str):
                self.ids.append(said["id"])
            return ""
        try:
            code, words = reply.error["code"], reply.body.decode()
        except (KeyError, TypeError, AssertionError):
            return f"{reply.status}, not an error of the service's shape"
        self.seen[f"{reply.status} {code}"] += 1
        if CANARY in words:
            return f"{reply.status} {code}, the canary is in the answer"
        if reply.status >= 500 and code not in STATED_5XX - {"gatekeeper_internal"}:
            return f"{reply.status} {code}, not a stated one"
        return ""

    def after(self) -> None:
        """What must hold once all are answered."""
        text = self.running.log_path.read_text()
        for secret in (CANARY, CANARY.upper(), "AKIAIOSFODNN7QXAMPLQ", self.running.token):
            if secret in text:
                self.wrong.append("the log holds what was planted")
        for line in text.splitlines():
            event = json.loads(line)
            if event["event"] == "desk_lost":
                self.wrong.append("a desk was lost")
            if event["event"] == "error" and not event["what"].startswith(KNOWN):
                self.wrong.append(f"error: {event['what']}")
        for sent in self.running.sent():
            if b"@example.com" in sent or b"AKIAIOSFODNN7QXAMPLQ" in sent:
                self.wrong.append("the destination holds what was not allowed")
        hand_offs = self.running.world.root / ".gatekeeper/handoffs"
        if [p for p in self.running.held() if hand_offs not in p.parents]:
            self.wrong.append("a file holds what was planted, in clear")
        deadline = time.monotonic() + 30
        for path, mark in (("/metrics", b"_requests_in_hand 0\n"), ("/readyz", b"ready")):
            while mark not in self.running.plain(path).body:
                if time.monotonic() > deadline:
                    self.wrong.append(f"{path} does not come to rest")
                    break
                time.sleep(0.1)


KNOWN = ("UploadError", "Refused", "InputError", "OutcomeUnknown", "NotSent")
"""Errors that say what is wrong with a request."""


def run_fuzz(requests: int, seed: int, say: Callable[[str], None] = print) -> int:
    """1 where something is wrong."""
    with tempfile.TemporaryDirectory() as place:
        made, api = gate(Path(place), limits=LIMITS)
        with api, made:
            fuzzer = Fuzzer(made, seed)
            for _ in range(requests):
                fuzzer.one()
            fuzzer.after()
    say(f"{requests} requests, seed {seed}: {dict(sorted(fuzzer.seen.items()))}")
    say(f"wrong: {len(fuzzer.wrong)}")
    for line in fuzzer.wrong[:30]:
        say(f"  {line}")
    return 1 if fuzzer.wrong else 0
