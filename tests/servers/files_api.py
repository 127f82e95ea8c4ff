"""A loopback server that speaks the Files and fine-tuning API and records what it is sent.

Run as a program, it prints its base URL and serves until it is interrupted:

    python tests/servers/files_api.py --port 0 --record DIR

In tests, `with FilesApi() as server:` gives `server.base_url` and `server.requests`. It stands on
127.0.0.1 alone, keeps files in memory, and checks what it is asked as the service does.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

_PARAMETER = re.compile(r'([a-z]+)="([^"]*)"')
CREATED_AT = 1_700_000_000


@dataclass(frozen=True)
class Part:
    """One part of a multipart/form-data body (RFC 7578)."""

    name: str
    filename: str | None
    content_type: str
    data: bytes


@dataclass
class Request:
    """One request as it arrived; `complete` is true once the whole body has come."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes = b""
    complete: bool = False
    parts: list[Part] = field(default_factory=list)

    @property
    def fields(self) -> dict[str, str]:
        return {p.name: p.data.decode() for p in self.parts if p.filename is None}

    @property
    def file(self) -> Part:
        (part,) = [p for p in self.parts if p.filename is not None]
        return part


@dataclass
class Fault:
    """What to do in place of a right answer, on paths that start with `on`."""

    status: int = 0
    location: str = ""
    body: bytes = b'{"error": {"message": "fault"}}'
    close_after_bytes: int | None = None
    close_before_answer: bool = False
    delay_s: float = 0.0
    says_bytes: int | None = None
    on: str = "/v1/files"


def parse_multipart(content_type: str, body: bytes) -> list[Part]:
    """The parts of `body`; raises ValueError where it is no multipart/form-data."""
    found = re.search(r"boundary=([^;\s]+)", content_type)
    if not content_type.startswith("multipart/form-data") or not found:
        raise ValueError("not multipart/form-data")
    delimiter = b"\r\n--" + found[1].strip('"').encode()
    chunks = (b"\r\n" + body).split(delimiter)
    if chunks[0] or not chunks[-1].startswith(b"--"):
        raise ValueError("the multipart body does not end")
    return [_parse_part(chunk) for chunk in chunks[1:-1]]


def _parse_part(chunk: bytes) -> Part:
    head, gap, data = chunk.partition(b"\r\n\r\n")
    if not gap or not head.startswith(b"\r\n"):
        raise ValueError("a part without headers")
    headers = dict(_header_lines(head))
    parameters = dict(_PARAMETER.findall(headers.get("content-disposition", "")))
    return Part(
        parameters["name"], parameters.get("filename"), headers.get("content-type", ""), data
    )


def _header_lines(head: bytes) -> Iterator[tuple[str, str]]:
    for line in head.decode().strip().split("\r\n"):
        name, _, value = line.partition(":")
        yield name.strip().lower(), value.strip()


class FilesApi:
    """The server, on a free port of 127.0.0.1 unless told another."""

    def __init__(
        self, *, port: int = 0, fault: Fault | None = None, record: Path | None = None
    ) -> None:
        self.fault = fault
        self.record = record
        self.requests: list[Request] = []
        self.files: dict[str, tuple[dict[str, Any], bytes]] = {}
        self.jobs: dict[str, dict[str, Any]] = {}
        self.lock = threading.Lock()
        api = self

        class Handler(_Handler):
            server_api = api

        self._http = _Server(("127.0.0.1", port), Handler)
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)

    @property
    def port(self) -> int:
        return int(self._http.server_address[1])

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def __enter__(self) -> FilesApi:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._http.shutdown()
        self._http.server_close()

    def serve(self) -> None:
        self._http.serve_forever()

    # --- what it answers ---------------------------------------------------------------------

    def answer(self, request: Request) -> tuple[int, dict[str, Any]]:
        match (request.method, request.path.rstrip("/").split("/")[2:]):
            case ("POST", ["files"]):
                return self._create_file(request)
            case ("GET", ["files"]):
                return 200, {"object": "list", "data": [meta for meta, _ in self.files.values()]}
            case ("GET", ["files", file_id]) if file_id in self.files:
                return 200, self.files[file_id][0]
            case ("DELETE", ["files", file_id]) if file_id in self.files:
                del self.files[file_id]
                return 200, {"id": file_id, "object": "file", "deleted": True}
            case ("POST", ["fine_tuning", "jobs"]):
                return self._create_job(request)
            case ("GET", ["fine_tuning", "jobs", job_id]) if job_id in self.jobs:
                return 200, self.jobs[job_id]
        return _error(404, "no such thing")

    def _create_file(self, request: Request) -> tuple[int, dict[str, Any]]:
        try:
            request.parts = parse_multipart(request.headers.get("content-type", ""), request.body)
            stored, fields = request.file, request.fields
        except (ValueError, KeyError):
            return _error(400, "not a form with one file")
        if fields.get("purpose") not in ("fine-tune", "batch", "assistants", "user_data"):
            return _error(400, "unknown purpose")
        with self.lock:
            file_id = f"file-{len(self.requests):06d}"
            meta = {
                "id": file_id,
                "object": "file",
                "bytes": len(stored.data),
                "created_at": CREATED_AT,
                "expires_at": CREATED_AT + int(fields.get("expires_after[seconds]", "0")),
                "filename": stored.filename,
                "purpose": fields["purpose"],
                "status": "processed",
            }
            self.files[file_id] = (meta, stored.data)
        if self.record:
            (self.record / f"{file_id}.bytes").write_bytes(stored.data)
            (self.record / f"{file_id}.json").write_text(json.dumps({**meta, "fields": fields}))
        if self.fault and self.fault.says_bytes is not None:
            meta = {**meta, "bytes": self.fault.says_bytes}
        return 200, meta

    def _create_job(self, request: Request) -> tuple[int, dict[str, Any]]:
        try:
            asked = json.loads(request.body)
        except ValueError:
            return _error(400, "not JSON")
        if asked.get("training_file") not in self.files or not asked.get("model"):
            return _error(400, "no such training file, or no model")
        with self.lock:
            job_id = f"ftjob-{len(self.requests):06d}"
            job = {
                "id": job_id,
                "object": "fine_tuning.job",
                "status": "queued",
                "created_at": CREATED_AT,
                **{k: asked.get(k) for k in ("model", "training_file", "method", "seed")},
                "hyperparameters": {},
                "organization_id": "org-loopback",
                "result_files": [],
            }
            self.jobs[job_id] = job
        if self.record:
            (self.record / f"{job_id}.json").write_text(json.dumps(job))
        return 200, job


def _error(status: int, message: str) -> tuple[int, dict[str, Any]]:
    return status, {"error": {"message": message, "type": "invalid_request_error", "code": None}}


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hung up is what some tests are about; anything else is shown."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server_api: FilesApi
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (its own name)
        """Say nothing on stderr."""

    def do_GET(self) -> None:
        self._serve()

    do_POST = do_DELETE = do_PUT = do_GET  # noqa: N815  (names of http.server)

    def _serve(self) -> None:
        headers = {k.lower(): v for k, v in self.headers.items()}
        request = Request(self.command, self.path.partition("?")[0], headers)
        with self.server_api.lock:
            self.server_api.requests.append(request)
        fault = self.server_api.fault
        faulty = fault if fault and request.path.startswith(fault.on) else None
        if faulty and faulty.close_after_bytes is not None:
            request.body, request.complete = self.rfile.read(faulty.close_after_bytes), False
            self.close_connection = True
            return
        length = int(headers.get("content-length", 0))
        request.body = self.rfile.read(length)
        request.complete = len(request.body) == length
        if faulty and faulty.delay_s:
            time.sleep(faulty.delay_s)
        if faulty and faulty.close_before_answer:
            self.close_connection = True
        elif faulty and faulty.status:
            self._reply(faulty.status, faulty.body, location=faulty.location)
        elif request.complete:
            status, answer = self.server_api.answer(request)
            self._reply(status, json.dumps(answer).encode())

    def _reply(self, status: int, body: bytes, *, location: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if location:
            self.send_header("Location", location)
        self.end_headers()
        self.wfile.write(body)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--record", type=Path)
    arguments = parser.parse_args(argv)
    if arguments.record:
        arguments.record.mkdir(parents=True, exist_ok=True)
    api = FilesApi(port=arguments.port, record=arguments.record)
    sys.stdout.write(f"{api.base_url}\n")
    sys.stdout.flush()
    try:
        api.serve()
    except KeyboardInterrupt:
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
