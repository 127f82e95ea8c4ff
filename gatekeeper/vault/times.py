"""Times as they are written: UTC, to the second (RFC 3339)."""

from __future__ import annotations

import datetime


def utc(now: datetime.datetime) -> str:
    """`now` as `2026-01-31T12:00:00Z`; raises ValueError where it has no time zone."""
    if now.tzinfo is None:
        raise ValueError("a time without its zone")
    return now.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
