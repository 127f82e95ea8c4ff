"""The in-repo gold set: exact, the same every time, and nobody else's strings."""

import itertools
from pathlib import Path

from bench.eval import gold_set
from gatekeeper.detect import load_catalogue
from tests.detect.test_vectors import VECTORS, text_of


def test_it_is_the_same_every_time() -> None:
    first, again = gold_set.documents(60), gold_set.documents(60)
    assert [(d.text, d.spans) for d in first] == [(d.text, d.spans) for d in again]
    assert [d.text for d in gold_set.documents(30)] == [d.text for d in first[:30]]


def test_its_labels_are_entities() -> None:
    assert gold_set.planted() <= set(load_catalogue().entities)


def test_spans_are_values_and_some_documents_are_clean() -> None:
    documents = gold_set.documents()
    for document in documents:
        assert "{{" not in document.text
        for span in document.spans:
            value = document.text[span.start : span.end]
            assert value == value.strip()
        ordered = sorted(document.spans)
        assert all(a.end <= b.start for a, b in itertools.pairwise(ordered))
    assert 0.1 < sum(not d.spans for d in documents) / len(documents) < 0.3


def test_it_shares_no_text_with_the_vectors_or_the_canaries() -> None:
    planted = {c for n in gold_set.REGISTERS for c in gold_set.register(n)["carriers"]}
    vectors = {text_of(v)[0] for e in VECTORS.values() for v in e["finds"]}
    canaries = {c.text for e in load_catalogue().entities.values() for c in e.canaries}
    assert not planted & (vectors | canaries)


def test_no_line_looks_like_a_credential() -> None:
    for path in Path(gold_set.__file__).parent.rglob("*.yaml"):
        assert "PRIVATE KEY" not in path.read_text(encoding="utf-8")
