"""Every entity: what it must find, at its very place, and what it must leave alone."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from gatekeeper.detect import Detector, load_catalogue, load_detector
from gatekeeper.detect.catalogue import Canary, marked_text
from gatekeeper.model import Confidence, Finding, Record, Text

VECTORS: dict[str, dict[str, list[Any]]] = {
    entity: vectors
    for path in sorted(Path(__file__).with_name("vectors").glob("*.yaml"))
    for entity, vectors in yaml.safe_load(path.read_text(encoding="utf-8")).items()
}
ENTITIES = sorted(VECTORS)


@cache
def detector() -> Detector:
    return load_detector()


def text_of(vector: Any) -> tuple[str, str]:
    """The text of a vector and the key it stands under."""
    if isinstance(vector, dict):
        return text_of(vector["text"])[0], vector["key"]
    return ("".join(vector) if isinstance(vector, list) else vector), "content"


def found(texts: list[tuple[str, str]]) -> list[tuple[Finding, ...]]:
    records = [Record("v", n, (Text("/x", text, key),), 0) for n, (text, key) in enumerate(texts)]
    return [findings for _, findings in detector().detect(records)]


def canary_of(vector: Any) -> tuple[Canary, str]:
    marked, key = text_of(vector)
    canary = marked_text(marked)
    assert canary is not None, vector
    return canary, key


def test_every_entity_of_the_catalogue_has_vectors() -> None:
    entities = {e.name for e in load_catalogue().entities.values() if not e.media}
    assert set(VECTORS) == entities
    assert all(len(v["finds"]) >= 10 and len(v["passes"]) >= 10 for v in VECTORS.values())


@pytest.mark.parametrize("entity", ENTITIES)
def test_finds(entity: str) -> None:
    planted = [canary_of(v) for v in VECTORS[entity]["finds"]]
    all_found = found([(canary.text, key) for canary, key in planted])
    for (canary, _), findings in zip(planted, all_found, strict=True):
        places = {
            (f.start, f.end)
            for f in findings
            if f.entity == entity and f.confidence >= Confidence.LIKELY
        }
        assert (canary.start, canary.end) in places, canary.text


@pytest.mark.parametrize("entity", ENTITIES)
def test_leaves_alone(entity: str) -> None:
    texts = [text_of(v) for v in VECTORS[entity]["passes"]]
    for (text, _), findings in zip(texts, found(texts), strict=True):
        wrong = [f for f in findings if f.entity == entity and f.confidence >= Confidence.LIKELY]
        assert not wrong, text
