"""One request, and what its end means: refused, not sent whole, or unknown. No word of an answer's
body gets into an error.

The SDK's own retries are off: after a failed answer it sends a file again, up to three times in
two seconds. What may be asked again here is what the receiver certainly does not hold: a request
that did not leave whole, and one that was answered with 429 (RFC 6585, section 4).
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from gatekeeper.errors import UploadError

_T = TypeVar("_T")


class Refused(UploadError):  # noqa: N818  (an outcome, as the two below)
    """The destination said no: it holds nothing of the request."""

    def __init__(
        self, message: str, *, status: int, hint: str = "", wait_s: float | None = None
    ) -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self.wait_s = wait_s
        """What `Retry-After` asks for, in seconds."""


class NotSent(UploadError):  # noqa: N818
    """The request did not leave whole: the destination cannot hold it."""


class OutcomeUnknown(UploadError):  # noqa: N818
    """The request left whole, and no answer says what became of it."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How often and how long to try again what may be tried again."""

    attempts: int = 4
    first_wait_s: float = 0.5
    most_wait_s: float = 30.0
    sleep: Callable[[float], None] = time.sleep

    def wait(self, attempt: int, error: UploadError) -> None:
        """Wait before the attempt after `attempt` (from 0): doubling, with jitter, or as told."""
        told = error.wait_s if isinstance(error, Refused) else None
        backoff = self.first_wait_s * 2**attempt * (0.5 + random.random() / 2)  # noqa: S311
        self.sleep(min(self.most_wait_s, backoff if told is None else max(0.0, told)))


PATIENT = Patience()
"""Four attempts, within a few seconds where nobody asks for longer."""


def is_harmless(error: UploadError) -> bool:
    """Whether the destination certainly holds nothing of the request, and may yet take it."""
    return isinstance(error, NotSent) or (isinstance(error, Refused) and error.status == 429)


def is_passing(error: UploadError) -> bool:
    """Whether a request that may be asked any number of times is worth asking again."""
    return is_harmless(error) or isinstance(error, OutcomeUnknown)


def persistently(
    request: Callable[[], _T],
    patience: Patience,
    may_repeat: Callable[[UploadError], bool] = is_harmless,
) -> _T:
    """The answer to `request`, asked again after errors that `may_repeat` lets pass."""
    for attempt in range(patience.attempts):
        try:
            return request()
        except UploadError as e:
            if attempt + 1 == patience.attempts or not may_repeat(e):
                raise
            failed = e
        patience.wait(attempt, failed)
    raise AssertionError("an attempt answers or raises")


def asked(request: Callable[[], _T], what: str, where_to_look: Callable[[], str] | str = "") -> _T:
    """The answer to `request`. `what` it is, for messages; `where_to_look` for its outcome is
    empty as long as the destination cannot hold the whole request.

    Raises:
        Refused, NotSent, OutcomeUnknown: as they say.
    """
    import httpx2
    from openai import APIConnectionError, APIStatusError, OpenAIError

    def look() -> str:
        return where_to_look if isinstance(where_to_look, str) else where_to_look()

    failure: UploadError
    try:
        return request()
    except APIStatusError as e:
        failure = _refusal(what, e, look())
    except APIConnectionError as e:
        never = isinstance(e.__cause__, httpx2.ConnectError | httpx2.ConnectTimeout)
        failure = _lost(what, type(e).__name__, "" if never else look())
    except (OpenAIError, httpx2.HTTPError, OSError, ValueError, TypeError, AttributeError) as e:
        # The last three are the SDK's, where an answer has another shape than it should.
        failure = _lost(what, type(e).__name__, look())
    raise failure


def _refusal(what: str, error: object, look: str) -> UploadError:
    status = int(getattr(error, "status_code", 0))
    kind = type(error).__name__
    if status >= 500 or status == 408:
        failed = f"{what}: the destination failed ({status} {kind})"
        return (
            OutcomeUnknown(f"{failed}; the outcome is unknown", hint=look)
            if look
            else NotSent(failed, hint="try again later")
        )
    if 300 <= status < 400:
        return Refused(
            f"{what}: the destination sent a redirect ({status}), which is not followed",
            status=status,
            hint="correct the destination's base_url",
        )
    return Refused(
        f"{what}: the destination refused it ({status} {kind})",
        status=status,
        hint=_HINTS.get(status, "see the destination's own log for the reason"),
        wait_s=_retry_after(error),
    )


def _retry_after(error: object) -> float | None:
    """Seconds in `Retry-After` (RFC 9110, section 10.2.3); a date there is not heeded."""
    headers = getattr(getattr(error, "response", None), "headers", {})
    told = headers.get("retry-after", "")
    return float(told) if told.isascii() and told.isdigit() and len(told) < 6 else None


def _lost(what: str, kind: str, look: str) -> UploadError:
    if look:
        return OutcomeUnknown(f"{what}: no answer ({kind}); the outcome is unknown", hint=look)
    return NotSent(
        f"{what}: the connection failed ({kind}) before all was sent",
        hint="see whether the destination can be reached, and try again",
    )


_HINTS = {
    400: "the destination does not take such a request; look at its limits and its models",
    401: "the key is not valid there; look at OPENAI_API_KEY",
    403: "the key may not do this; look at its project and permissions",
    404: "there is no such thing; look at the destination's base_url, or list what it holds",
    409: "the destination is busy with the same thing; try again later",
    413: "the dataset is too large for the destination; split it, and gate each part",
    422: "the destination does not take such a request; look at its limits and its models",
    429: "too many requests, or no quota left; try again later",
}
