"""What is told quiet holds nothing: a record of a plain shape is found the same as any other."""

import json
import random
import re
from dataclasses import replace

import pytest

from bench.differential import mutated
from bench.eval import gold_set
from bench.eval.hard_negatives import documents
from gatekeeper.detect import Detector, load_detector
from gatekeeper.detect.analyzer import Analyzer
from gatekeeper.detect.catalogue import load_catalogue
from gatekeeper.detect.ner import NAME_ENTITIES
from gatekeeper.detect.prefilter.database import _weak
from gatekeeper.detect.quiet import APART, Quiet
from gatekeeper.detect.recognizers import all_recognizers
from gatekeeper.detect.recognizers.people import hashtag_names, labelled_names
from gatekeeper.detect.shortlist import prefilter_of
from gatekeeper.model import PlainTexts, Record
from gatekeeper.read import source_from_bytes
from gatekeeper.tally import tally

pytest.importorskip("hyperscan", reason="hyperscan is not installed")

CALM = (
    "You are a patient teacher. Answer in plain words.",
    "How does bread rise, and what can go wrong on the way?",
    "It rises because the dough ferments slowly. Keep it warm, and wait a little longer.",
)
EDGE = re.compile(r"\(\?:[\^$]\|(\[[^\]]*\]|\\x..|[A-Za-z0-9])\)")


@pytest.fixture(scope="module")
def nameless() -> Detector:
    detector = load_detector(entities=frozenset(load_catalogue().entities) - NAME_ENTITIES)
    assert detector.compile()
    return detector


def chat(*contents: str) -> str:
    roles = ("system", "user", "assistant")
    messages = [
        {"role": roles[n % 3], "content": content} for n, content in enumerate(contents) if content
    ]
    return json.dumps({"messages": messages}, ensure_ascii=False)


def records(lines: list[str]) -> list[Record]:
    source = source_from_bytes("s.jsonl", "\n".join(lines).encode("utf-8", "replace"))
    return [item for item in source.read() if isinstance(item, Record)]


def test_the_end_of_a_line_is_an_edge_to_every_pattern() -> None:
    prefilter = prefilter_of((*all_recognizers(), labelled_names(), hashtag_names()))
    edges = [edge for key in prefilter._keys for edge in EDGE.findall(_weak(key) or "")]
    assert len(edges) > 500
    assert all(re.match(edge, APART[0]) for edge in edges)


def test_calm_records_are_quiet_and_make_no_texts(nameless: Detector) -> None:
    (record,) = records([chat(*CALM)])
    assert isinstance(record.texts, PlainTexts)
    assert nameless._texts.are_quiet(record.texts.strings)
    assert [found for _, found in nameless.detect([record])] == [()]
    assert record.texts._made is None


@pytest.mark.parametrize("place", range(3))
def test_no_canary_is_overheard(nameless: Detector, place: int) -> None:
    """Each in its turn takes the place of one of the strings of a quiet record."""
    info = load_catalogue().entities
    planted = 0
    for entity in sorted(nameless.entities):
        for canary in info[entity].canaries:
            contents = list(CALM)
            contents[place] = canary.text
            (record,) = records([chat(*contents)])
            ((_, found),) = nameless.detect([record])
            assert any(f.entity == entity and f.start == canary.start for f in found), entity
            planted += 1
    assert planted > 100


@pytest.mark.slow
def test_plain_records_are_found_as_any_other(nameless: Detector) -> None:
    rng = random.Random(5)  # noqa: S311
    texts = [d.text for d in gold_set.documents()] + [d.text for d in documents(500, 5)]
    texts += CALM * 200
    rng.shuffle(texts)
    lines = [
        chat(*(mutated(t, rng.choice(texts), rng) if rng.random() < 0.5 else t for t in three))
        for three in zip(texts[::3], texts[1::3], texts[2::3], strict=False)
    ]
    plain = records(lines)
    usual = [replace(r, texts=tuple(r.texts)) for r in plain]
    short, other = ([f for _, f in nameless.detect(given)] for given in (plain, usual))
    assert sum(isinstance(r.texts, PlainTexts) for r in plain) > 300
    assert sum(map(len, other)) > 300
    assert [n for n, (a, b) in enumerate(zip(short, other, strict=True)) if a != b] == []


def test_a_name_that_was_seen_elsewhere_is_found_in_a_quiet_record() -> None:
    """The second reading looks into it, though the first heard nothing."""
    detector = load_detector(entities=["PERSON"])
    detector.compile()
    lines = [chat("Seen today: Tovbek Marunda, 61."), chat("then tovbek marunda walked away")]
    _, counted = tally("s", source_from_bytes("s.jsonl", "\n".join(lines).encode()).read, detector)
    given = records(lines)
    usual = [replace(r, texts=tuple(r.texts)) for r in given]

    class Usual:
        digest, bytes_seen = "sha256:0", sum(r.size_bytes for r in usual)

        def __iter__(self):
            return iter(usual)

    _, expected = tally("s", Usual, detector)
    assert counted.counts == expected.counts
    assert sum(counted.counts.values()) >= 1


def test_without_a_prefilter_nothing_is_quiet() -> None:
    rules = all_recognizers()
    analyzer = Analyzer(rules, frozenset({"US_SSN"}))
    assert analyzer.may_find("nothing") or analyzer.compile()
    own = Analyzer((*rules, replace(rules[0], name="Own", triggers=(), find=lambda _: ())),
                   frozenset({rules[0].entity}))  # fmt: skip
    assert own.compile()
    assert not Quiet(own)(CALM)
