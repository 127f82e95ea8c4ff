"""Ordinary assistant chat is left alone: a gate that cries wolf is switched off."""

from collections import Counter

import pytest

from gatekeeper.detect import load_catalogue, load_detector
from gatekeeper.model import Confidence, Record, Text
from tests.detect.clean_chat import rows

CLASSES = ("identifier", "secret", "legal", "internal", "financial", "online")


@pytest.mark.parametrize("seed", [7, 11])
def test_clean_chat_gives_nothing_likely(seed: int) -> None:
    catalogue = load_catalogue()
    entities = frozenset().union(*(catalogue.resolve(name) for name in CLASSES))
    detector = load_detector(entities=entities)
    records = [
        Record("clean", n, (Text("/messages/1/content", text, "content", "assistant"),), 0)
        for n, text in enumerate(rows(420, seed))
    ]
    wrong = Counter(
        (f.entity, record.texts[0].value[f.start : f.end])
        for record, findings in detector.detect(records)
        for f in findings
        if f.confidence >= Confidence.LIKELY
    )
    assert not wrong
