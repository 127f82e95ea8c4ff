"""Times as they are written: UTC, to the second (RFC 3339)."""

from __future__ import annotations

import datetime

_FORM = "%Y-%m-%dT%H:%M:%SZ"


def utc(now: datetime.datetime) -> str:
    """`now` as `2026-01-31T12:00:00Z`; raises ValueError where it has no time zone."""
    if now.tzinfo is None:
        raise ValueError("a time without its zone")
    return now.astimezone(datetime.timezone.utc).strftime(_FORM)


def parse_utc(text: str) -> datetime.datetime:
    """The time that `utc` wrote; raises ValueError for another form."""
    return datetime.datetime.strptime(text, _FORM).replace(tzinfo=datetime.timezone.utc)
