"""A loopback server that speaks the Files and fine-tuning API and records what it is sent.

Run as a program, it prints its base URL and serves until it is interrupted:

    python tests/servers/files_api.py --port 0 --record DIR

In tests, `with FilesApi() as server:` gives `server.base_url` and `server.requests`. It stands on
127.0.0.1 alone, keeps files in memory, and checks what it is asked as the service does.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator
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
    query: dict[str, str] = field(default_factory=dict)
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
    acts: bool = False
    """Whether what was asked is done nevertheless, before the wrong answer."""
    delay_s: float = 0.0
    says_bytes: int | None = None
    retry_after: str = ""
    on: str = "/v1/files"
    method: str = ""
    times: int = 1 << 30
    """To how many requests it happens, after `skip` that it does not happen to."""
    skip: int = 0

    def meets(self, request: Request) -> bool:
        """Whether it happens to this request."""
        if not request.path.startswith(self.on) or self.method not in ("", request.method):
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.times -= 1
        return self.times >= 0


class Cut(Exception):  # noqa: N818  (what happens, not what went wrong)
    """Raised by `on_step`: the connection is closed at that step."""


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
        self,
        *,
        port: int = 0,
        fault: Fault | None = None,
        record: Path | None = None,
        on_step: Callable[[str, Request], None] | None = None,
        page: int = 10_000,
    ) -> None:
        self.fault = fault
        self.on_step = on_step
        """Called at every step of every request: `begun`, `received`, `done`, `answered`."""
        self.page = page
        """How many items a list gives at most."""
        self.uploads: dict[str, dict[str, Any]] = {}
        self.parts: dict[str, tuple[str, bytes]] = {}
        self.events: dict[str, list[dict[str, Any]]] = {}
        self.plan: list[str] = ["queued", "running", "succeeded"]
        """The states that a job goes through, one each time that it is asked for."""
        self.record = record
        self.requests: list[Request] = []
        self.in_flight = 0
        self.numbers = iter(range(1, 1 << 30))
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
                purpose = request.query.get("purpose")
                held = [m for m, _ in self.files.values() if purpose in (None, m["purpose"])]
                return self._listed(request, held)
            case ("GET", ["files", file_id]) if file_id in self.files:
                return 200, self.files[file_id][0]
            case ("DELETE", ["files", file_id]) if file_id in self.files:
                del self.files[file_id]
                return 200, {"id": file_id, "object": "file", "deleted": True}
            case ("POST", ["uploads"]):
                return self._create_upload(request)
            case ("POST", ["uploads", upload_id, step]) if upload_id in self.uploads:
                return self._upload_step(request, self.uploads[upload_id], step)
            case ("POST", ["fine_tuning", "jobs"]):
                return self._create_job(request)
            case ("GET", ["fine_tuning", "jobs"]):
                return self._listed(request, list(self.jobs.values()))
            case (method, ["fine_tuning", "jobs", job_id, *rest]) if job_id in self.jobs:
                return self._job(request, method, self.jobs[job_id], rest)
        return _error(404, "no such thing")

    def number(self) -> int:
        with self.lock:
            return next(self.numbers)

    def _listed(self, request: Request, items: list[dict[str, Any]]) -> tuple[int, dict[str, Any]]:
        """A page of `items`, newest first, after the one that is asked for."""
        items = items[::-1]
        after = request.query.get("after")
        ids = [item["id"] for item in items]
        start = ids.index(after) + 1 if after in ids else 0
        size = min(self.page, int(request.query.get("limit", self.page)))
        shown = items[start : start + size]
        more = start + size < len(items)
        ends = {"first_id": shown[0]["id"], "last_id": shown[-1]["id"]} if shown else {}
        return 200, {"object": "list", "data": shown, "has_more": more, **ends}

    def _create_file(self, request: Request) -> tuple[int, dict[str, Any]]:
        try:
            request.parts = parse_multipart(request.headers.get("content-type", ""), request.body)
            stored, fields = request.file, request.fields
        except (ValueError, KeyError):
            return _error(400, "not a form with one file")
        if fields.get("purpose") not in ("fine-tune", "batch", "assistants", "user_data"):
            return _error(400, "unknown purpose")
        expires = int(fields.get("expires_after[seconds]", "0"))
        meta = self._store(stored.data, stored.filename or "", fields["purpose"], expires, fields)
        if self.fault and self.fault.says_bytes is not None:
            meta = {**meta, "bytes": self.fault.says_bytes}
        return 200, meta

    def _store(
        self, data: bytes, name: str, purpose: str, expires: int, fields: dict[str, Any]
    ) -> dict[str, Any]:
        file_id = f"file-{self.number():06d}"
        meta = {
            "id": file_id,
            "object": "file",
            "bytes": len(data),
            "created_at": CREATED_AT,
            "expires_at": int(time.time()) + expires,
            "filename": name,
            "purpose": purpose,
            "status": "processed",
        }
        with self.lock:
            self.files[file_id] = (meta, data)
        if self.record:
            (self.record / f"{file_id}.bytes").write_bytes(data)
            (self.record / f"{file_id}.json").write_text(json.dumps({**meta, "fields": fields}))
        return meta

    def _create_upload(self, request: Request) -> tuple[int, dict[str, Any]]:
        try:
            asked = json.loads(request.body)
            expires = asked["expires_after"]["seconds"]
            about = {k: asked[k] for k in ("bytes", "filename", "purpose")}
        except (ValueError, KeyError, TypeError):
            return _error(400, "not an upload")
        upload_id = f"upload-{self.number():06d}"
        made = {
            "id": upload_id, "object": "upload", "status": "pending", "created_at": CREATED_AT,
            "expires_at": int(time.time()) + 3600, "file": None, **about,
        }  # fmt: skip
        self.uploads[upload_id] = {**made, "expires_after": expires}
        return 200, made

    def _upload_step(
        self, request: Request, upload: dict[str, Any], step: str
    ) -> tuple[int, dict[str, Any]]:
        with self.lock:
            if upload["status"] != "pending":
                return _error(400, "the upload has ended")
            if step == "cancel":
                upload["status"] = "cancelled"
        if step == "cancel":
            return 200, {k: v for k, v in upload.items() if k != "expires_after"}
        if step == "parts":
            try:
                form = request.headers.get("content-type", "")
                request.parts = parse_multipart(form, request.body)
                data = request.file.data
            except (ValueError, KeyError):
                return _error(400, "not a form with one part")
            if len(data) > 64 << 20:
                return _error(413, "a part of more than 64 MB")
            part_id = f"part-{self.number():06d}"
            self.parts[part_id] = (upload["id"], data)
            return 200, {
                "id": part_id, "object": "upload.part", "created_at": CREATED_AT,
                "upload_id": upload["id"],
            }  # fmt: skip
        return self._complete(request, upload)

    def _complete(self, request: Request, upload: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        asked = json.loads(request.body)
        parts = [self.parts.get(p, ("", b"")) for p in asked.get("part_ids", [])]
        data = b"".join(d for _, d in parts)
        if any(owner != upload["id"] for owner, _ in parts) or len(data) != upload["bytes"]:
            return _error(400, "not the bytes that were announced")
        if "md5" in asked and hashlib.md5(data).hexdigest() != asked["md5"]:  # noqa: S324
            return _error(400, "not the checksum that was announced")
        with self.lock:
            if upload["status"] != "pending":
                return _error(400, "the upload has ended")
            upload["status"] = "completed"
        expires, purpose = upload["expires_after"], upload["purpose"]
        upload["file"] = self._store(data, upload["filename"], purpose, expires, {})
        return 200, {k: v for k, v in upload.items() if k != "expires_after"}

    def _create_job(self, request: Request) -> tuple[int, dict[str, Any]]:
        try:
            asked = json.loads(request.body)
        except ValueError:
            return _error(400, "not JSON")
        named = [asked.get("training_file"), asked.get("validation_file")]
        if named[0] not in self.files or named[1] not in (None, *self.files):
            return _error(400, "no such training file, or validation file")
        if not asked.get("model"):
            return _error(400, "no model")
        job_id = f"ftjob-{self.number():06d}"
        job = {
            "id": job_id,
            "object": "fine_tuning.job",
            "status": self.plan[0],
            "created_at": CREATED_AT,
            **{
                k: asked.get(k)
                for k in ("model", "training_file", "validation_file", "method", "seed", "suffix",
                          "metadata", "integrations")
            },
            "hyperparameters": {},
            "organization_id": "org-loopback",
            "result_files": [],
            "fine_tuned_model": None,
        }  # fmt: skip
        with self.lock:
            self.jobs[job_id] = job
            self.events[job_id] = [_event(1, f"Created fine-tuning job: {job_id}")]
        if self.record:
            (self.record / f"{job_id}.json").write_text(json.dumps(job))
        return 200, job

    def _job(
        self, request: Request, method: str, job: dict[str, Any], rest: list[str]
    ) -> tuple[int, dict[str, Any]]:
        match (method, rest):
            case ("GET", []):
                before = dict(job)
                later = self.plan[self.plan.index(job["status"]) + 1 :]
                job["status"] = later[0] if later else job["status"]
                if job["status"] == "succeeded":
                    job["fine_tuned_model"] = f"ft:{job['model']}:org-loopback::1"
                return 200, before
            case ("GET", ["events"]):
                return self._listed(request, self.events[job["id"]])
            case ("GET", ["checkpoints"]):
                point = {
                    "id": "ftckpt-000001", "object": "fine_tuning.job.checkpoint",
                    "created_at": CREATED_AT, "fine_tuning_job_id": job["id"],
                    "fine_tuned_model_checkpoint": f"ft:{job['model']}:org-loopback::1:ckpt-1",
                    "metrics": {"step": 1, "train_loss": 0.5}, "step_number": 1,
                }  # fmt: skip
                return self._listed(request, [point])
            case ("POST", ["cancel"]):
                if job["status"] in ("succeeded", "failed", "cancelled"):
                    return _error(400, "the job has ended")
                self.plan = [*self.plan, "cancelled"]
                job["status"] = "cancelled"
                return 200, job
        return _error(404, "no such thing")


def _event(number: int, message: str, **data: Any) -> dict[str, Any]:
    return {
        "id": f"ftevent-{number:06d}",
        "object": "fine_tuning.job.event",
        "created_at": CREATED_AT + number,
        "level": "info",
        "message": message,
        "type": "metrics" if data else "message",
        "data": data,
    }


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
        with self.server_api.lock:
            self.server_api.in_flight += 1
        try:
            self._go_through()
        except Cut:
            self.close_connection = True
        finally:
            with self.server_api.lock:
                self.server_api.in_flight -= 1

    def _go_through(self) -> None:
        api = self.server_api
        headers = {k.lower(): v for k, v in self.headers.items()}
        path, _, query = self.path.partition("?")
        request = Request(self.command, path, headers, dict(urllib.parse.parse_qsl(query)))
        with api.lock:
            api.requests.append(request)
            fault = api.fault
            faulty = fault if fault and fault.meets(request) else None
        self._step("begun", request)
        if faulty and faulty.close_after_bytes is not None:
            request.body, request.complete = self.rfile.read(faulty.close_after_bytes), False
            self.close_connection = True
            return
        length = int(headers.get("content-length", 0))
        half = self.rfile.read(length // 2)
        self._step("half", request)
        request.body = half + self.rfile.read(length - length // 2)
        request.complete = len(request.body) == length
        if request.complete:
            self._step("received", request)
        if faulty and faulty.delay_s:
            time.sleep(faulty.delay_s)
        if faulty and faulty.acts and request.complete:
            api.answer(request)
        if faulty and faulty.close_before_answer:
            self.close_connection = True
        elif faulty and faulty.status:
            self._reply(
                faulty.status,
                faulty.body,
                location=faulty.location,
                retry_after=faulty.retry_after,
            )
        elif request.complete:
            status, answer = api.answer(request)
            self._step("done", request)
            self._reply(status, json.dumps(answer).encode())
            self._step("answered", request)

    def _step(self, name: str, request: Request) -> None:
        if self.server_api.on_step is not None:
            self.server_api.on_step(name, request)

    def _reply(
        self, status: int, body: bytes, *, location: str = "", retry_after: str = ""
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if location:
            self.send_header("Location", location)
        if retry_after:
            self.send_header("Retry-After", retry_after)
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
