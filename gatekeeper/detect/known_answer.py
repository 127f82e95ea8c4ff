"""The known-answer test: a planted canary per entity, through the same road as the data."""

from __future__ import annotations

from collections.abc import Sequence

from gatekeeper.detect.catalogue import Canary, Catalogue
from gatekeeper.errors import DetectorError
from gatekeeper.model import Confidence, Finding, Media, Record, Text

SOURCE = "known-answer test"

Planted = tuple[Record, tuple[str, Canary | None]]
"""A record, the entity planted in it, and where (None: in the record's media)."""


def canary_records(catalogue: Catalogue, entities: Sequence[str]) -> list[Planted]:
    """Raw records with the canaries of `entities`. Raises DetectorError where one has none."""
    planted: list[Planted] = []
    for entity in entities:
        info = catalogue.entities[entity]
        if info.media:
            record = Record(SOURCE, len(planted), (), 0, (Media("/m", entity, 1),))
            planted.append((record, (entity, None)))
        elif not info.canaries:
            raise DetectorError(
                f"known-answer test: `{entity}` has no example to be tested with",
                hint='give its recognizer `examples: ["text with the [[value]]"]`',
            )
        for canary in info.canaries:
            record = Record(SOURCE, len(planted), (Text("/text", canary.text, "text"),), 0)
            planted.append((record, (entity, canary)))
    return planted


def missed(planted: Sequence[Planted], found: Sequence[Sequence[Finding]]) -> list[str]:
    """The entities of which some canary was not found, likely or better, at its place."""
    return [
        entity
        for (_, (entity, canary)), findings in zip(planted, found, strict=True)
        if not any(_hits(finding, entity, canary) for finding in findings)
    ]


def _hits(finding: Finding, entity: str, canary: Canary | None) -> bool:
    if finding.entity != entity or finding.confidence < Confidence.LIKELY:
        return False
    return canary is None or (finding.start, finding.end) == (canary.start, canary.end)
