"""The evaluator counts what it says it counts."""

import json
from pathlib import Path

import pytest

from bench.eval.__main__ import from_file, write
from bench.eval.gold import EVERY, Document, Span, read_gold
from bench.eval.labels import accepted, ids, label_of
from bench.eval.predictions import Prediction, read_predictions
from bench.eval.report import markdown
from bench.eval.scoring import f2, score
from bench.plot import bars

TEXT = "Ann Lee, SSN 221-20-2224, Rome"
NAME, NUMBER, TOWN = Span(0, 7, "PERSON"), Span(13, 24, "US_SSN"), Span(26, 30, "LOCATION")


def document(*spans: Span, labels: tuple[str, ...] = (EVERY,), text: str = TEXT) -> Document:
    return Document("c", "d", 0, text, spans, frozenset(labels))


def test_exact_overlap_and_leaked_characters() -> None:
    found = [Prediction(0, 3, "PERSON"), Prediction(13, 24, "US_SSN"), Prediction(9, 12, "CVV")]
    result = score([document(NAME, NUMBER, TOWN)], [found])
    row = result.total.row()
    assert (row["gold"], row["found"]) == (3, 3)
    assert (row["gold_exact"], row["gold_overlap"]) == (1, 2)
    assert (row["found_exact"], row["found_overlap"]) == (1, 2)
    assert (row["characters"], row["leaked"]) == (6 + 11 + 4, 3 + 4)
    assert [(m.label, m.leaked, m.start) for m in sorted(result.misses, reverse=True)] == [
        ("LOCATION", 4, 26),
        ("PERSON", 3, 0),
    ]
    assert result.labels["PERSON"].documents_missed == 0
    assert result.labels["LOCATION"].documents_missed == 1
    assert result.total.documents_leaked == 1


def test_a_span_of_another_entity_covers_but_does_not_answer() -> None:
    result = score([document(NUMBER)], [[Prediction(13, 24, "PHONE_NUMBER")]])
    one = result.labels["US_SSN"]
    assert (one.leaked, one.leaked_same, one.gold_overlap) == (0, 11, 0)
    assert result.labels["PHONE_NUMBER"].found == 1
    assert result.labels["PHONE_NUMBER"].found_overlap == 0


def test_a_label_that_was_not_annotated_is_unknown() -> None:
    known = document(NAME, labels=("PERSON",))
    found = [[Prediction(0, 7, "PERSON"), Prediction(26, 30, "LOCATION")]]
    assert score([known], found).total.found == 1


def test_clean_documents_are_flagged_by_what_is_known_only() -> None:
    clean = document(labels=("PERSON",))
    result = score([clean, clean], [[Prediction(0, 3, "PERSON")], [Prediction(0, 3, "CVV")]])
    assert (result.clean, result.clean_flagged, dict(result.flagged_by)) == (2, 1, {"PERSON": 1})


def test_f2_weighs_recall() -> None:
    assert f2(50.0, 100.0) == 83.33
    assert f2(100.0, 50.0) == 55.56
    assert f2(None, None) is None
    assert f2(0.0, 0.0) == 0.0


def test_labels_of_other_schemes() -> None:
    assert "STREET_ADDRESS" in accepted("LOCATION")
    assert "DATE_OF_BIRTH" in accepted("DATE_TIME")
    assert {"US_SSN", "MEDICAL_RECORD_NUMBER", "CREDIT_CARD"} <= accepted("ID")
    assert not {"PERSON", "PHONE_NUMBER", "DATE_TIME", "MEDICATION"} & ids()
    assert label_of("US_SSN", frozenset({"PERSON", "ID"})) == "ID"
    assert label_of("MEDICATION", frozenset({"PERSON", "ID"})) is None


def test_files_of_gold_and_predictions(tmp_path: Path) -> None:
    gold, found = tmp_path / "gold.jsonl", tmp_path / "found.jsonl"
    spans = [{"start": s.start, "end": s.end, "label": s.label} for s in (NAME, NUMBER)]
    rows = [{"text": TEXT, "spans": spans, "doc_id": "a"}, {"text": "none", "spans": []}]
    gold.write_text("\n".join(json.dumps(r) for r in rows))
    lines = [
        {"record": 0, "start": 0, "end": 7, "entity": "PERSON", "confidence": "possible"},
        {"record": 0, "pointer": "/other", "start": 0, "end": 7, "entity": "PERSON"},
        {"doc": "a", "start": 13, "end": 24, "entity": "US_SSN", "confidence": "likely"},
    ]
    found.write_text("\n".join(json.dumps(r) for r in lines))
    documents = read_gold(gold)
    results = from_file(documents, found)
    leaked = {point: r["gold"].total.leaked for (_, point), r in results.items()}
    assert leaked == {"possible": 0, "likely": 6}
    write(results, tmp_path / "out", ["A note."], None)
    page = (tmp_path / "out" / "eval.md").read_text()
    assert page == markdown(results, ["A note."])
    assert not any(TEXT[s.start : s.end] in page for s in (NAME, NUMBER))
    assert json.loads((tmp_path / "out" / "eval.json").read_text())
    assert (tmp_path / "out" / "eval.svg").read_text().startswith("<svg")
    found.write_text(json.dumps({"record": 9, "start": 0, "end": 1, "entity": "PERSON"}))
    with pytest.raises(ValueError, match="line 1: no such document"):
        read_predictions(found, documents)


def test_gold_outside_its_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "g.jsonl"
    path.write_text(json.dumps({"text": "ab", "spans": [{"start": 1, "end": 3, "label": "X"}]}))
    with pytest.raises(ValueError, match="a span outside the text"):
        read_gold(path)


def test_the_plot_has_a_bar_per_value() -> None:
    svg = bars("t & u", {"A": [10.0, None], "B": [0.0, 100.0]}, ["one", "two"])
    assert svg.count("<title>") == 3
    assert "t &amp; u" in svg
