"""HTTP/1.1 as uvicorn speaks it, with bounds that it has not: on the time that headers take, on
connections, and on what a client sends after it was refused. Errors are of the service's shape.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from gatekeeper.gateway.answers import Answer
from gatekeeper.gateway.settings import Limits

UNREAD_MAX_BYTES = 1 << 30
"""What is read and dropped of a body that was refused, so that the client sees the answer."""


class Bounded(H11Protocol):
    """Within `limits`."""

    limits = Limits()
    _timer: asyncio.TimerHandle | None = None
    _dropped_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Refuse it where there are too many, and else wait for its headers."""
        super().connection_made(transport)
        if len(self.connections) > self.limits.connections:
            busy = Answer(503, "gatekeeper_busy", "too many connections", retry_after_s=5)
            self._refuse(busy)
            return
        self._wait_for_headers()

    def _wait_for_headers(self) -> None:
        self._stop_waiting()
        self._timer = self.loop.call_later(self.limits.header_s, self._headers_late)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _headers_late(self) -> None:
        self._timer = None
        if not self.transport.is_closing():
            self._refuse(Answer(408, "gatekeeper_too_slow", "the headers did not come in time"))

    def data_received(self, data: bytes) -> None:
        """Hand it on, unless all that is left is to drop it."""
        if self.transport.is_closing():
            return
        if self.conn.their_state is h11.IDLE and self._timer is None:
            self._wait_for_headers()
        if self.cycle is not None and self.cycle.response_complete:
            self._dropped_bytes += len(data)
            if self._dropped_bytes > UNREAD_MAX_BYTES:
                self.transport.abort()
                return
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._stop_waiting()

    def eof_received(self) -> bool:  # type: ignore[override]
        """A client that has said all may close its side and still be answered."""
        cycle = self.cycle
        whole = cycle is not None and not cycle.more_body and not cycle.response_complete
        return bool(whole) and self.scheme == "http"

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def on_response_complete(self) -> None:
        """What comes of the body from here on is dropped."""
        self._dropped_bytes = 0
        super().on_response_complete()

    def send_400_response(self, msg: str) -> None:
        """Say what is wrong in the service's shape."""
        error = sys.exc_info()[1]
        status = getattr(error, "error_status_hint", 400)
        if status == 431:
            self._refuse(Answer(431, "gatekeeper_headers", "the headers are too long"))
        else:
            self._refuse(Answer(400, "invalid_request", "this is no HTTP request"))

    def _refuse(self, answer: Answer) -> None:
        """Answer outside of any request, and close."""
        self._stop_waiting()
        body = json.dumps(answer.body()).encode("ascii")
        headers: dict[str, Any] = {
            "content-type": "application/json",
            "content-length": str(len(body)),
            "connection": "close",
            **answer.headers(),
        }
        lines = [f"HTTP/1.1 {answer.status} refused"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        cycle = self.cycle
        if cycle is not None and cycle.response_started and not cycle.response_complete:
            return  # what comes after a whole request does not cut off its answer
        self.transport.write("\r\n".join([*lines, "", ""]).encode("ascii") + body)
        self.transport.close()


def protocol_for(limits: Limits) -> type[H11Protocol]:
    """The protocol within `limits`."""

    class Limited(Bounded):
        pass

    Limited.limits = limits
    return Limited
