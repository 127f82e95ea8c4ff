"""The measures: precision, recall and F2, exact and by overlap; leaked characters and documents.

A leaked character is a visible one of a gold span that no predicted span covers: `leaked` whatever
the span's entity (the reader of a masked text sees nothing), `leaked_same` where only an entity
that answers the label counts. Precision asks for the right label; a prediction that no known label
of the document answers is not counted at all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from bench.eval.gold import EVERY, Document, Span
from bench.eval.labels import accepted, label_of
from bench.eval.predictions import Prediction


@dataclass
class Score:
    """Counts of one label (or of all) in one corpus."""

    gold: int = 0
    found: int = 0
    gold_exact: int = 0
    gold_overlap: int = 0
    found_exact: int = 0
    found_overlap: int = 0
    characters: int = 0
    leaked: int = 0
    leaked_same: int = 0
    documents: int = 0
    documents_leaked: int = 0
    documents_missed: int = 0

    def add(self, other: Score) -> None:
        """Count what `other` counted as well."""
        for name, value in asdict(other).items():
            setattr(self, name, getattr(self, name) + value)

    def row(self) -> dict[str, float | int | None]:
        """The counts, and the measures in percent; None where nothing was there to measure."""
        exact = _rates(self.found_exact, self.found, self.gold_exact, self.gold)
        overlap = _rates(self.found_overlap, self.found, self.gold_overlap, self.gold)
        return {
            **asdict(self),
            **{f"exact_{k}": v for k, v in exact.items()},
            **{f"overlap_{k}": v for k, v in overlap.items()},
            "leaked_percent": percent(self.leaked, self.characters),
            "leaked_same_percent": percent(self.leaked_same, self.characters),
            "documents_leaked_percent": percent(self.documents_leaked, self.documents),
            "documents_missed_percent": percent(self.documents_missed, self.documents),
        }


@dataclass(frozen=True, slots=True, order=True)
class Miss:
    """A gold span with leaked characters, by place."""

    leaked: int
    corpus: str
    doc_id: str
    start: int
    end: int
    label: str


@dataclass
class Result:
    """One system at one operating point over one corpus."""

    labels: dict[str, Score] = field(default_factory=lambda: defaultdict(Score))
    total: Score = field(default_factory=Score)
    clean: int = 0
    clean_flagged: int = 0
    flagged_by: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    misses: list[Miss] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Everything but the misses."""
        return {
            "total": self.total.row(),
            "labels": {k: v.row() for k, v in sorted(self.labels.items())},
            "clean_documents": self.clean,
            "clean_flagged": self.clean_flagged,
            "clean_flagged_percent": percent(self.clean_flagged, self.clean),
            "flagged_by": dict(sorted(self.flagged_by.items(), key=lambda kv: (-kv[1], kv[0]))),
        }


def percent(part: int, whole: int) -> float | None:
    """`part` of `whole` in percent, to two decimals."""
    return round(100 * part / whole, 2) if whole else None


def f2(precision: float | None, recall: float | None) -> float | None:
    """F-beta with beta 2: recall weighs four times as much."""
    if precision is None or recall is None or precision + recall == 0:
        return None if precision is None and recall is None else 0.0
    return round(5 * precision * recall / (4 * precision + recall), 2)


def _rates(found_right: int, found: int, gold_right: int, gold: int) -> dict[str, float | None]:
    precision, recall = percent(found_right, found), percent(gold_right, gold)
    return {"precision": precision, "recall": recall, "f2": f2(precision, recall)}


def score(documents: Sequence[Document], predictions: Sequence[Sequence[Prediction]]) -> Result:
    """Hold the predictions of each document against its gold."""
    result = Result()
    for document, found in zip(documents, predictions, strict=True):
        known = [(p, label) for p in found if (label := _label(document, p)) is not None]
        if document.spans:
            _score_gold(document, found, result)
        else:
            result.clean += 1
            result.clean_flagged += bool(known)
            for label in {label for _, label in known}:
                result.flagged_by[label] += 1
        _score_found(document, known, result)
    return result


def _label(document: Document, prediction: Prediction) -> str | None:
    """The label that a prediction counts for."""
    labels = document.labels - {EVERY}
    answered = [s.label for s in document.spans if _overlaps(s, prediction)]
    for label in answered:
        if prediction.entity in accepted(label):
            return label
    label = label_of(prediction.entity, labels)
    return prediction.entity if label is None and EVERY in document.labels else label


def _score_found(
    document: Document, known: Iterable[tuple[Prediction, str]], result: Result
) -> None:
    for prediction, label in known:
        near = [s for s in document.spans if s.label == label and _overlaps(s, prediction)]
        right = prediction.entity in accepted(label)
        exact = right and any((s.start, s.end) == (prediction.start, prediction.end) for s in near)
        for one in (result.labels[label], result.total):
            one.found += 1
            one.found_exact += exact
            one.found_overlap += right and bool(near)


def _score_gold(document: Document, found: Sequence[Prediction], result: Result) -> None:
    by_label: dict[str, Score] = defaultdict(Score)
    anything = _covered(len(document.text), found)
    same = {
        label: _covered(len(document.text), [p for p in found if p.entity in accepted(label)])
        for label in {s.label for s in document.spans}
    }
    total = Score(documents=1)
    for span in document.spans:
        one = by_label[span.label]
        answers = [p for p in found if p.entity in accepted(span.label) and _overlaps(span, p)]
        one.gold += 1
        one.gold_overlap += bool(answers)
        one.gold_exact += any((p.start, p.end) == (span.start, span.end) for p in answers)
        visible = [i for i in range(span.start, span.end) if not document.text[i].isspace()]
        leaked = sum(not anything[i] for i in visible)
        one.characters += len(visible)
        one.leaked += leaked
        one.leaked_same += sum(not same[span.label][i] for i in visible)
        one.documents_leaked = max(one.documents_leaked, int(leaked > 0))
        one.documents_missed = max(one.documents_missed, int(0 < len(visible) == leaked))
        if leaked:
            place = (document.corpus, document.doc_id, span.start, span.end, span.label)
            result.misses.append(Miss(leaked, *place))
    for label, one in by_label.items():
        one.documents = 1
        result.labels[label].add(one)
        counted = Score(**{**asdict(one), "documents": 0})
        counted.documents_leaked = counted.documents_missed = 0
        total.add(counted)
        total.documents_leaked = max(total.documents_leaked, one.documents_leaked)
        total.documents_missed = max(total.documents_missed, one.documents_missed)
    result.total.add(total)


def _overlaps(span: Span, prediction: Prediction) -> bool:
    return span.start < prediction.end and prediction.start < span.end


def _covered(length: int, predictions: Iterable[Prediction]) -> bytearray:
    mask = bytearray(length)
    for p in predictions:
        start, end = max(0, p.start), min(p.end, length)
        if start < end:
            mask[start:end] = b"\1" * (end - start)
    return mask
