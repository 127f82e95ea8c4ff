"""Times as they are written: UTC, to the second (RFC 3339)."""

from __future__ import annotations

import datetime

from gatekeeper.errors import VaultError

_FORM = "%Y-%m-%dT%H:%M:%SZ"


def utc(now: datetime.datetime) -> str:
    """`now` as `2026-01-31T12:00:00Z`; raises ValueError where it has no time zone."""
    if now.tzinfo is None:
        raise ValueError("a time without its zone")
    return now.astimezone(datetime.timezone.utc).strftime(_FORM)


def parse_utc(text: str) -> datetime.datetime:
    """The time that `utc` wrote as `text`; raises VaultError."""
    try:
        found = datetime.datetime.strptime(text, _FORM).replace(tzinfo=datetime.timezone.utc)
    except ValueError:
        found = None
    if found is None or utc(found) != text:
        raise VaultError("a time is malformed")
    return found
