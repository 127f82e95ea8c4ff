"""The systems that are compared: our detector, and Presidio as shipped with our name model."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from bench.eval.gold import Document
from bench.eval.predictions import Point, Prediction

Predict = Callable[[Sequence[Document]], list[list[Prediction]]]


@dataclass(frozen=True, slots=True)
class System:
    """Something that predicts, and the operating points at which it is measured."""

    name: str
    predict: Predict
    points: tuple[Point, ...]


def gatekeeper(entities: Iterable[str] | None = None) -> System:
    """Our detector. `possible` is the strict point of a policy, `likely` the balanced one."""
    from gatekeeper.detect import load_detector
    from gatekeeper.model import Confidence, Record, Text

    detector = load_detector(entities=entities)

    def predict(documents: Sequence[Document]) -> list[list[Prediction]]:
        records = [
            Record(d.corpus, n, (Text("/text", d.text, "text"),), 0)
            for n, d in enumerate(documents)
        ]
        return [
            [
                Prediction(f.start, f.end, f.entity, f.score, f.confidence - Confidence.POSSIBLE)
                for f in findings
            ]
            for _, findings in detector.detect(records)
        ]

    return System("gatekeeper", predict, (Point("possible"), Point("likely", least_tier=1)))


def stock_presidio() -> System:
    """`AnalyzerEngine` with the recognizers it ships switched on, and our name model as its NER.

    Organisations are passed on, which stock Presidio drops. `as shipped` counts every result;
    `0.5` those of a score that many users ask for.
    """
    engine = _stock_engine()

    def predict(documents: Sequence[Document]) -> list[list[Prediction]]:
        return [
            [
                Prediction(r.start, r.end, r.entity_type, float(r.score))
                for r in engine.analyze(d.text, "en")
            ]
            for d in documents
        ]

    return System("stock", predict, (Point("as shipped"), Point("0.5", least_score=0.5)))


def _stock_engine() -> Any:
    import tldextract.tldextract
    from presidio_analyzer import AnalyzerEngine

    from gatekeeper.detect.presidio.engine import nlp_engine, quiet

    # Else the first e-mail address fetches the Public Suffix List from two hosts.
    offline = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
    tldextract.tldextract.TLD_EXTRACTOR = offline
    engine = AnalyzerEngine(nlp_engine=nlp_engine(True), supported_languages=["en"])
    quiet()
    return engine
