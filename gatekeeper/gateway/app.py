"""The gateway as an ASGI application: who asks, for what, and what is answered and logged."""

from __future__ import annotations

import json
import os
import re
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any
from urllib.parse import parse_qsl

from gatekeeper.gateway.answers import Answer, bad, not_listed
from gatekeeper.gateway.desks import Desks
from gatekeeper.gateway.endpoints import Endpoints
from gatekeeper.gateway.intake import Body, ClientGone
from gatekeeper.gateway.logs import Log, kind_of
from gatekeeper.gateway.metrics import Metrics
from gatekeeper.gateway.request import Request
from gatekeeper.gateway.settings import Settings
from gatekeeper.gateway.spools import Spools
from gatekeeper.gateway.tokens import Client, Clients

Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_ID = r"([A-Za-z0-9_-]{1,128})"
_ROUTES: tuple[tuple[str, str, str], ...] = (
    ("POST", "/v1/files", "files.create"),
    ("GET", "/v1/files", "files.list"),
    ("GET", f"/v1/files/{_ID}", "files.retrieve"),
    ("DELETE", f"/v1/files/{_ID}", "files.delete"),
    ("GET", f"/v1/files/{_ID}/content", "files.content"),
    ("POST", "/v1/uploads", "uploads.create"),
    ("POST", f"/v1/uploads/{_ID}/parts", "uploads.part"),
    ("POST", f"/v1/uploads/{_ID}/complete", "uploads.complete"),
    ("POST", f"/v1/uploads/{_ID}/cancel", "uploads.cancel"),
    ("POST", "/v1/fine_tuning/jobs", "jobs.create"),
    ("GET", "/v1/fine_tuning/jobs", "jobs.list"),
    ("GET", f"/v1/fine_tuning/jobs/{_ID}", "jobs.retrieve"),
    ("POST", f"/v1/fine_tuning/jobs/{_ID}/cancel", "jobs.cancel"),
    ("GET", f"/v1/fine_tuning/jobs/{_ID}/events", "jobs.events"),
    ("GET", f"/v1/fine_tuning/jobs/{_ID}/checkpoints", "jobs.checkpoints"),
)
"""The list. What is not on it is refused."""
_COMPILED = tuple((m, re.compile(p + r"\Z"), e) for m, p, e in _ROUTES)
_QUERY: Mapping[str, re.Pattern[str]] = {
    "limit": re.compile(r"[1-9][0-9]{0,4}\Z"),
    "after": re.compile(rf"{_ID}\Z"),
    "order": re.compile(r"(asc|desc)\Z"),
    "purpose": re.compile(r"[a-z_-]{1,32}\Z"),
}
_MAX_QUERY_BYTES = 1024


class Gateway:
    """One gateway. `desks` and `spools` are begun and ended by whoever serves it."""

    def __init__(
        self,
        settings: Settings,
        clients: Clients,
        desks: Desks,
        spools: Spools,
        endpoints: Endpoints,
        *,
        log: Log,
        metrics: Metrics,
    ) -> None:
        self._settings = settings
        self._clients = clients
        self._desks = desks
        self._spools = spools
        self._endpoints = endpoints
        self._log = log
        self._metrics = metrics
        self._working: Counter[str] = Counter()
        self.draining = False

    async def __call__(
        self, scope: Scope, receive: Callable[[], Awaitable[Any]], send: Send
    ) -> None:
        """Answer one request; an error that should not be is logged by its kind, and answered."""
        if scope["type"] != "http":
            return
        began = time.monotonic()
        request_id = os.urandom(8).hex()
        headers = _headers(scope)
        request = Request("", "", Client("", "", ""), {}, Body(headers, receive, self._limits))
        answer: Answer | None = None
        status, body = 200, b""
        more: dict[str, str] = {}
        kind = "application/json"
        try:
            found = self._plain(scope)
            if found is not None:
                request.endpoint, status, text, kind = found
                body = text.encode()
            else:
                body = _encoded(await self._answer(scope, headers, request))
        except Answer as refused:
            answer = refused
        except ClientGone:
            self._say(request, request_id, began, 499, "client_gone")
            return
        except Exception as error:  # noqa: BLE001  (the boundary: no message may get out)
            self._log.say("error", request=request_id, what=kind_of(error))
            answer = Answer(500, "gatekeeper_internal", "the gateway failed", again=False)
        if answer is not None:
            status, body, more = answer.status, _encoded(answer.body()), answer.headers()
        code = answer.code if answer else ""
        if request.endpoint not in ("healthz", "readyz", "metrics"):
            self._say(request, request_id, began, status, code)
        self._metrics.request(request.endpoint or "none", status, code)
        more |= {"content-type": kind, "x-request-id": request_id}
        await _respond(send, status, body, more)

    @property
    def _limits(self) -> Any:
        return self._settings.limits

    def _say(self, request: Request, request_id: str, began: float, status: int, code: str) -> None:
        self._log.say(
            "request",
            request=request_id,
            endpoint=request.endpoint or "none",
            status=status,
            code=code,
            client=request.client.name,
            bytes=request.body.size_bytes,
            ms=round((time.monotonic() - began) * 1000),
            **request.facts,
        )

    # --- what needs no token -----------------------------------------------------------------

    def _plain(self, scope: Scope) -> tuple[str, int, str, str] | None:
        """Endpoint, status, text and its kind, for health and metrics."""
        if scope["method"] not in ("GET", "HEAD"):
            return None
        path = scope["raw_path"]
        if path == b"/healthz":
            return "healthz", 200, '{"status":"ok"}', "application/json"
        if path == b"/readyz":
            why = "draining" if self.draining else self._why_not_ready()
            word = why or "ready"
            return "readyz", 503 if why else 200, f'{{"status":"{word}"}}', "application/json"
        if path == b"/metrics":
            text = self._metrics.text(self._gauges())
            return "metrics", 200, text, "text/plain; version=0.0.4; charset=utf-8"
        return None

    def _why_not_ready(self) -> str:
        if not len(self._clients):
            return "no_tokens"
        return "" if self._desks.ready else self._desks.why_not_ready or "starting"

    def _gauges(self) -> dict[str, float]:
        return {
            "requests_in_hand": self._working.total(),
            "datasets_waiting": self._desks.waiting,
            "spool_bytes": self._spools.held_bytes,
            "desks_memory_bytes": self._desks.memory_bytes,
            "ready": float(not self._why_not_ready() and not self.draining),
        }

    # --- what does ---------------------------------------------------------------------------

    async def _answer(
        self, scope: Scope, headers: Mapping[str, str], request: Request
    ) -> dict[str, Any]:
        if _size_bytes(scope) > self._limits.header_bytes:
            raise Answer(431, "gatekeeper_headers", "the headers are too long")
        found = _route(scope)
        request.endpoint = found[0] if found else ""
        client = self._clients.who(headers.get("authorization", ""))
        if client is None:
            raise Answer(401, "invalid_api_key", "no token of this gateway was given")
        request.client = client
        if found is None:
            raise not_listed()
        request.id = found[1]
        self._check_account(headers)
        request.query = _query(scope)
        if self.draining:
            raise Answer(
                503, "gatekeeper_draining", "the gateway is about to end", retry_after_s=10
            )
        self._check_load(client)
        self._working[client.name] += 1
        try:
            return await self._endpoints.answer(request)
        finally:
            self._working[client.name] -= 1
            if not self._working[client.name]:
                del self._working[client.name]

    def _check_account(self, headers: Mapping[str, str]) -> None:
        """The account is the gateway's; a client that names another one is told so."""
        settings = self._settings
        for header, ours in (
            ("openai-organization", settings.organization),
            ("openai-project", settings.project),
        ):
            if headers.get(header, ours) != ours:
                raise Answer(403, "gatekeeper_account", f"the gateway is not for another {header}")

    def _check_load(self, client: Client) -> None:
        if self._working[client.name] >= self._limits.requests_per_client:
            raise Answer(
                429, "gatekeeper_too_many", "too many requests of this client", retry_after_s=5
            )
        if self._working.total() >= self._limits.requests:
            raise Answer(503, "gatekeeper_busy", "too many requests", retry_after_s=5)


def _headers(scope: Scope) -> dict[str, str]:
    """Header → value; of one that is there twice both, so that it is what nobody awaits."""
    found: dict[str, str] = {}
    for name, value in scope["headers"]:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        found[key] = f"{found[key]}, {text}" if key in found else text
    return found


def _size_bytes(scope: Scope) -> int:
    """Of the request line and the headers, about."""
    line = len(scope["raw_path"]) + len(scope["query_string"])
    return line + sum(len(name) + len(value) + 4 for name, value in scope["headers"])


def _route(scope: Scope) -> tuple[str, str] | None:
    """Endpoint and id; None where it is not on the list. Raises Answer for another method."""
    path = scope["raw_path"].decode("latin-1").rstrip("/")
    others = False
    for method, pattern, endpoint in _COMPILED:
        match = pattern.match(path)
        if match and method == scope["method"]:
            return endpoint, match[1] if match.groups() else ""
        others = others or match is not None
    if others:
        raise Answer(405, "gatekeeper_method", "the endpoint has no such method")
    return None


def _query(scope: Scope) -> dict[str, str]:
    """What is known of the query, each once. Raises Answer for what is of another form."""
    text = scope["query_string"]
    if len(text) > _MAX_QUERY_BYTES:
        raise bad("the query is too long")
    found: dict[str, str] = {}
    for name, value in parse_qsl(text.decode("latin-1"), keep_blank_values=True):
        if name not in _QUERY:
            continue  # nothing of it is passed on
        if name in found or not _QUERY[name].match(value):
            raise bad(f"the query's {name} is of another form", param=name)
        found[name] = value
    return found


def _encoded(value: dict[str, Any]) -> bytes:
    return json.dumps(value).encode("ascii")


async def _respond(send: Send, status: int, body: bytes, headers: Mapping[str, str]) -> None:
    said = {**headers, "content-length": str(len(body)), "cache-control": "no-store"}
    raw = [(k.encode("latin-1"), v.encode("latin-1")) for k, v in said.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body})
