"""Whether a destination can be allowed at all on a day, and if not, why: date, source and place."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from gatekeeper.model import Destination, Endpoint, Fact


def why_closed(destination: Destination, today: datetime.date) -> str:
    """The first reason why `destination` cannot be allowed on the day, or empty."""
    return next(iter(why_all_closed(destination, today)), "")


def why_all_closed(destination: Destination, today: datetime.date) -> tuple[str, ...]:
    """Every reason why `destination` cannot be allowed on the day; none where it is open."""
    name = destination.name
    return (
        *_address(destination),
        *_dates(f"destination `{name}`", destination, today),
        *_facts(destination, today),
        *(
            closed
            for endpoint in destination.used
            for closed in _dates(f"endpoint `{endpoint.name}` of `{name}`", endpoint, today)
        ),
    )


def _address(destination: Destination) -> Iterator[str]:
    if not destination.base_url:
        yield (
            f"destination `{destination.name}` is a template without a base_url: "
            f"a file of yours that says `extends: {destination.name}` gives it one"
        )


def _dates(what: str, door: Destination | Endpoint, today: datetime.date) -> Iterator[str]:
    if door.opens and today < door.opens:
        yield f"{what} opens on {door.opens}"
    if door.closes and today >= door.closes:
        why = f": {door.closes_because}" if door.closes_because else ""
        yield f"{what} closed on {door.closes}{why}"


def _facts(destination: Destination, today: datetime.date) -> Iterator[str]:
    """Unknown facts each by name; of those that are over, from the future or stale the oldest."""
    name = destination.name
    for fact in destination.stated:
        if not fact.known:
            yield f"fact `{fact.key}` of destination `{name}` is not known ({fact.source})"
    dated = destination.stated or (Fact("", "", destination.as_of),)
    ahead = [f for f in dated if f.as_of > today]
    over = [f for f in dated if f.until and today > f.until]
    stale = [f for f in dated if (today - f.as_of).days > destination.max_age_days]
    if ahead:
        last = max(ahead, key=lambda f: (f.as_of, f.key))
        yield f"facts of destination `{name}` are dated {last.as_of}, after today{_named(last)}"
    if over:
        first = min(over, key=lambda f: (f.until or today, f.key))
        yield f"facts of destination `{name}` held until {first.until} only{_named(first)}"
    if stale:
        oldest = min(stale, key=lambda f: (f.as_of, f.key))
        more = f", and {len(stale) - 1} more" if len(stale) > 1 else ""
        yield (
            f"facts of destination `{name}` are stale: as of {oldest.as_of}, "
            f"older than {destination.max_age_days} days{_named(oldest)}{more}"
        )


def _named(fact: Fact) -> str:
    what = f"`{fact.key}`" if fact.key else "the file"
    return f": {what} from {fact.source}" if fact.source else ""
