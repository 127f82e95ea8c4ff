"""Answers in the service's own shape. No word of a dataset, a file name or an upstream gets in.

Source: ErrorResponse, OpenAIFile, Upload and UploadPart in the service's API description
(openai-openapi 2.3.0).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

STATED_5XX = frozenset(
    {
        "gatekeeper_busy",
        "gatekeeper_desk_lost",
        "gatekeeper_detector",
        "gatekeeper_draining",
        "gatekeeper_internal",
        "gatekeeper_misconfigured",
        "gatekeeper_no_record",
        "gatekeeper_spool_full",
        "gatekeeper_timeout",
        "upstream_credentials",
        "upstream_failed",
        "upstream_outcome_unknown",
        "upstream_unreachable",
    }
)
"""Every code that an answer of 500 and more can have."""

_TYPES = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}


class Answer(Exception):  # noqa: N818  (an outcome, raised from where it is known)
    """An answer other than the one asked for."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        param: str | None = None,
        retry_after_s: int | None = None,
        again: bool | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        """`again` tells the service's own clients whether to try again by themselves; `more` stands
        beside the code, under `gatekeeper`.
        """
        super().__init__(code)
        self.status = status
        self.code = code
        self.message = message
        self.param = param
        self.retry_after_s = retry_after_s
        self.again = again
        self.more = more

    def body(self) -> dict[str, Any]:
        """As the service says it."""
        kind = _TYPES.get(self.status, "invalid_request_error")
        if self.status >= 500:
            kind = "server_error"
        error: dict[str, Any] = {
            "message": self.message,
            "type": kind,
            "param": self.param,
            "code": self.code,
        }
        if self.more:
            error["gatekeeper"] = dict(self.more)
        return {"error": error}

    def headers(self) -> dict[str, str]:
        """What goes beside the body."""
        found = {}
        if self.retry_after_s is not None:
            found["retry-after"] = str(self.retry_after_s)
        if self.again is not None:
            found["x-should-retry"] = "true" if self.again else "false"
        if self.status == 401:
            found["www-authenticate"] = "Bearer"
        return found

    def to_json(self) -> dict[str, Any]:
        """For the way from a desk to the front."""
        return {
            "status": self.status,
            "code": self.code,
            "message": self.message,
            "param": self.param,
            "retry_after_s": self.retry_after_s,
            "again": self.again,
            "more": dict(self.more) if self.more else None,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Answer:
        """The inverse of `to_json`."""
        return cls(
            data["status"],
            data["code"],
            data["message"],
            param=data["param"],
            retry_after_s=data["retry_after_s"],
            again=data["again"],
            more=data["more"],
        )


def bad(message: str, *, param: str | None = None, code: str = "invalid_request") -> Answer:
    """400: the request is not one of those that are listed."""
    return Answer(400, code, message, param=param)


def too_large(message: str) -> Answer:
    """413."""
    return Answer(413, "gatekeeper_too_large", message)


def not_here(what: str) -> Answer:
    """404: there is no such thing, or it is nothing of this gateway's."""
    return Answer(404, "gatekeeper_not_found", f"no such {what} of this gateway")


def not_listed() -> Answer:
    """404: an endpoint that is not on the list."""
    return Answer(
        404,
        "gatekeeper_not_listed",
        "this gateway has /v1/files, /v1/uploads and /v1/fine_tuning/jobs; nothing else is "
        "passed on",
    )


def file_object(
    file_id: str, *, size_bytes: int, name: str, purpose: str, created: int, expires: int,
    status: str = "processed",
) -> dict[str, Any]:  # fmt: skip
    """A file, as the service shows it."""
    return {
        "id": file_id,
        "object": "file",
        "bytes": size_bytes,
        "created_at": created,
        "expires_at": expires or None,
        "filename": name,
        "purpose": purpose,
        "status": status,
    }


def page(items: list[dict[str, Any]], *, has_more: bool) -> dict[str, Any]:
    """A list, as the service shows it."""
    return {
        "object": "list",
        "data": items,
        "first_id": items[0]["id"] if items else None,
        "last_id": items[-1]["id"] if items else None,
        "has_more": has_more,
    }
