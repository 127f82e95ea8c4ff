"""What of the evidence makes a condition hold: conditions count, and never divide (law 4)."""

from __future__ import annotations

import fnmatch
from collections.abc import Sequence
from dataclasses import dataclass

from gatekeeper.model import (
    AllOf,
    AnyOf,
    Condition,
    Confidence,
    Count,
    SameRecord,
    Signature,
    Tally,
    Unit,
    Where,
)
from gatekeeper.model.pointer import OVERFLOW_FIELD, field_of

PLACES_SHOWN = 20
"""Places a match names; its count counts all."""


@dataclass(frozen=True, slots=True)
class Match:
    """What made a condition hold: how much was counted against the threshold, and where."""

    count: int
    at_least: int
    where: tuple[Where, ...]


def match(condition: Condition, tallies: Sequence[Tally]) -> Match | None:
    """What of `tallies` makes `condition` hold, or None where it does not."""
    match condition:
        case Count():
            return _match_count(condition, tallies)
        case SameRecord():
            return _match_same_record(condition, tallies)
        case AllOf(parts=parts):
            held = [m for m in (match(p, tallies) for p in parts) if m]
            return _together(held) if held and len(held) == len(parts) else None
        case _:
            some: AnyOf = condition  # all that is left; another kind would raise, not fail to hold
            return next((m for m in (match(p, tallies) for p in some.parts) if m), None)


def _together(held: Sequence[Match]) -> Match:
    where = sorted({w for m in held for w in m.where}, key=_place_order)
    return Match(len(held), len(held), tuple(where[:PLACES_SHOWN]))


def _match_count(condition: Count, tallies: Sequence[Tally]) -> Match | None:
    within = [t for t in tallies if _in_files(t, condition.files)]
    total = sum(_count(condition, t) for t in within)
    if total < condition.at_least:
        return None
    where = _where(condition.entities, condition.confidence, condition.fields, within)
    return Match(total, condition.at_least, where)


def _count(condition: Count, tally: Tally) -> int:
    findings = sum(
        n
        for (entity, field, confidence), n in tally.counts.items()
        if entity in condition.entities
        and confidence >= condition.confidence
        and _in_fields(field, condition.fields)
    )
    if condition.unit is Unit.FINDINGS:
        return findings
    records = sum(
        n
        for signature, n in tally.signatures.items()
        if any(e in condition.entities and c >= condition.confidence for e, c in signature)
    )
    # Signatures know no fields; with `fields` given, the smaller of two upper bounds serves.
    return min(records, findings) if condition.fields else records


def _match_same_record(condition: SameRecord, tallies: Sequence[Tally]) -> Match | None:
    within = [t for t in tallies if _in_files(t, condition.files)]
    total = sum(
        n
        for tally in within
        for signature, n in tally.signatures.items()
        if _meets(signature, condition.groups, condition.confidence)
    )
    if total < condition.at_least:
        return None
    entities = frozenset().union(*condition.groups)
    return Match(total, condition.at_least, _where(entities, condition.confidence, (), within))


def _meets(signature: Signature, groups: Sequence[frozenset[str]], confidence: Confidence) -> bool:
    """Whether every group has an entity of its own in `signature`: one finding is no combination.

    Groups are few (two or three), so trying every choice is cheap.
    """
    present = frozenset(e for e, c in signature if c >= confidence)

    def assign(i: int, free: frozenset[str]) -> bool:
        return i == len(groups) or any(assign(i + 1, free - {e}) for e in groups[i] & free)

    return assign(0, present)


def _in_files(tally: Tally, globs: Sequence[str]) -> bool:
    return not globs or any(fnmatch.fnmatchcase(s, g) for s in tally.sources for g in globs)


def _in_fields(field: str, globs: Sequence[str]) -> bool:
    return not globs or field == OVERFLOW_FIELD or any(fnmatch.fnmatchcase(field, g) for g in globs)


def _where(
    entities: frozenset[str],
    confidence: Confidence,
    fields: Sequence[str],
    tallies: Sequence[Tally],
) -> tuple[Where, ...]:
    places = {
        Where(min(tally.sources), entity, place)
        for tally in tallies
        if tally.sources
        for (entity, tier), kept_places in tally.places.items()
        if entity in entities and tier >= confidence
        for place in kept_places
        if _in_fields(field_of(place.pointer), fields)
    }
    return tuple(sorted(places, key=_place_order)[:PLACES_SHOWN])


def _place_order(where: Where) -> tuple[object, ...]:
    return (where.source, where.place, where.entity)
