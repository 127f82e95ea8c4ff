"""Spans that overlap, resolved: pure, and the same for every order of the input.

1. Spans of one entity that overlap become one: the union, with the highest score.
2. A span is dropped where another covers all of it, is at least as confident, and its entity is one
   that the first yields to (the catalogue's `yields_to`: a fax number explains the digits better
   than a telephone number). Nothing else is ever dropped: an SSN inside a web address and a token
   inside a connection string stay, for a policy may name either.
3. What is left is ordered by start, then higher tier, then longer span, then the entity's place in
   the catalogue, then its name.

So the result does not depend on the order of the input, resolving it again changes nothing, and
every character that was covered with some confidence is still covered with at least that
confidence. `yields_to` has no circles (checked when the catalogue is loaded), hence two spans never
drop each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby

from gatekeeper.detect.catalogue import EntityInfo
from gatekeeper.detect.spans import Span


def resolve(spans: Iterable[Span], entities: Mapping[str, EntityInfo]) -> list[Span]:
    """The spans that stand, in order. Those below their entity's lowest tier are left out."""
    tiered = (s for s in spans if s.end > s.start and entities[s.entity].tier(s.score) is not None)
    kept = _without_covered(merged(tiered), entities)
    return sorted(kept, key=lambda s: _order(s, entities))


def merged(spans: Iterable[Span]) -> list[Span]:
    """Overlapping spans of one entity as their union, by entity and start."""
    result: list[Span] = []
    ordered = sorted(spans, key=lambda s: (s.entity, s.start, s.end, -s.score, s.recognizer))
    for _, group in groupby(ordered, key=lambda s: s.entity):
        last: Span | None = None
        for span in group:
            if last is not None and span.start < last.end:
                last = _union(last, span)
                result[-1] = last
            else:
                last = span
                result.append(span)
    return result


def _union(a: Span, b: Span) -> Span:
    best = min(a, b, key=lambda s: (-s.score, s.recognizer))
    return Span(min(a.start, b.start), max(a.end, b.end), a.entity, best.score, best.recognizer)


def _without_covered(spans: list[Span], entities: Mapping[str, EntityInfo]) -> list[Span]:
    """Sweep from the left. What covers a span began before it, or with it and reaches further, or
    is its twin and so stands right beside it.
    """
    kept: list[Span] = []
    active: list[Span] = []
    ordered = sorted(spans, key=lambda s: (s.start, -s.end))
    for _, group in groupby(ordered, key=lambda s: (s.start, s.end)):
        twins = list(group)
        active = [other for other in active if other.end > twins[0].start] + twins
        kept += [s for s in twins if not any(_gives_way(s, o, entities) for o in active)]
    return kept


def _gives_way(span: Span, other: Span, entities: Mapping[str, EntityInfo]) -> bool:
    if other.entity not in entities[span.entity].yields_to:
        return False
    if other.start > span.start or other.end < span.end:
        return False
    mine, others = entities[span.entity].tier(span.score), entities[other.entity].tier(other.score)
    return mine is not None and others is not None and others >= mine


def _order(span: Span, entities: Mapping[str, EntityInfo]) -> tuple[int, int, int, int, str]:
    info = entities[span.entity]
    tier = info.tier(span.score)
    return span.start, -(tier or 0), -(span.end - span.start), info.rank, span.entity
