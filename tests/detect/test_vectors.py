"""Every entity: what it must find, at its very place, and what it must leave alone."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from gatekeeper.detect import Detector, load_catalogue, load_detector
from gatekeeper.detect.catalogue import Canary, marked_text
from gatekeeper.detect.national import national_entities
from gatekeeper.model import LOCALES, Confidence, Finding, Record, Text
from tests.detect.national_vectors import vectors

VECTORS: dict[str, dict[str, list[Any]]] = {
    entity: vectors
    for path in sorted(Path(__file__).with_name("vectors").glob("*.yaml"))
    for entity, vectors in yaml.safe_load(path.read_text(encoding="utf-8")).items()
}
NATIONAL = vectors()
ENTITIES, ABROAD = sorted(VECTORS), sorted(NATIONAL)


@cache
def detector(locales: tuple[str, ...] = ()) -> Detector:
    return load_detector(locales=locales)


def text_of(vector: Any) -> tuple[str, str]:
    """The text of a vector and the key it stands under."""
    if isinstance(vector, dict):
        return text_of(vector["text"])[0], vector["key"]
    return ("".join(vector) if isinstance(vector, list) else vector), "content"


def found(texts: list[tuple[str, str]], locales: Iterable[str] = ()) -> list[tuple[Finding, ...]]:
    records = [Record("v", n, (Text("/x", text, key),), 0) for n, (text, key) in enumerate(texts)]
    return [findings for _, findings in detector(tuple(locales)).detect(records)]


def canary_of(vector: Any) -> tuple[Canary, str]:
    marked, key = text_of(vector)
    canary = marked_text(marked)
    assert canary is not None, vector
    return canary, key


def test_every_entity_of_the_catalogue_has_vectors() -> None:
    entities = {e.name for e in load_catalogue().entities.values() if not e.media}
    assert set(VECTORS) == entities
    assert set(NATIONAL) == national_entities()
    every = [*VECTORS.values(), *NATIONAL.values()]
    assert all(len(v["finds"]) >= 10 and len(v["passes"]) >= 10 for v in every)


@pytest.mark.parametrize("entity", ENTITIES)
def test_finds(entity: str) -> None:
    missed = lacking(entity, VECTORS[entity]["finds"])
    assert not missed


@pytest.mark.parametrize("entity", ENTITIES)
def test_leaves_alone(entity: str) -> None:
    wrong = excess(entity, VECTORS[entity]["passes"])
    assert not wrong


@pytest.mark.parametrize("entity", ABROAD)
def test_finds_with_all_locales_on(entity: str) -> None:
    missed = lacking(entity, NATIONAL[entity]["finds"], LOCALES)
    assert not missed


@pytest.mark.parametrize("entity", ABROAD)
def test_leaves_alone_with_all_locales_on(entity: str) -> None:
    wrong = excess(entity, NATIONAL[entity]["passes"], LOCALES)
    assert not wrong


def lacking(entity: str, finds: list[Any], locales: Iterable[str] = ()) -> list[str]:
    """The texts in which `entity` is not found, likely, at its place."""
    planted = [canary_of(v) for v in finds]
    all_found = found([(canary.text, key) for canary, key in planted], locales)
    return [
        canary.text
        for (canary, _), findings in zip(planted, all_found, strict=True)
        if (canary.start, canary.end) not in {(f.start, f.end) for f in likely(entity, findings)}
    ]


def excess(entity: str, passes: list[Any], locales: Iterable[str] = ()) -> list[str]:
    """The texts in which `entity` is found, likely."""
    texts = [text_of(v) for v in passes]
    all_found = found(texts, locales)
    return [t for (t, _), fs in zip(texts, all_found, strict=True) if likely(entity, fs)]


def likely(entity: str, findings: Iterable[Finding]) -> list[Finding]:
    return [f for f in findings if f.entity == entity and f.confidence >= Confidence.LIKELY]
