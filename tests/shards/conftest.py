"""A detector, and workers with the same one."""

from collections.abc import Iterator

import pytest

from gatekeeper.detect import Detector, load_detector
from gatekeeper.shards.jobs import Recipe
from gatekeeper.shards.messages import Begin
from gatekeeper.shards.pool import Pool

ENTITIES = frozenset({"PERSON", "BATES_NUMBER", "UNIQUE_CODE", "EMAIL_ADDRESS", "US_SSN"})


@pytest.fixture(scope="session")
def detector() -> Detector:
    return load_detector(entities=ENTITIES)


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    """Workers that serve all tests of a module, one after the other."""
    with Pool(Begin(Recipe(), ENTITIES, 4 << 30), silence_s=120) as made:
        yield made
