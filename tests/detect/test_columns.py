"""Fields of codes that never repeat: possible where they tell the records apart, else nothing."""

import csv
import io
import json
from collections.abc import Sequence

import pytest

from gatekeeper.detect import Detector, columns, load_detector
from gatekeeper.detect.columns import LEAST, Columns, is_code
from gatekeeper.model import Confidence, Finding, Record, Text
from gatekeeper.read import Source, source_from_bytes
from gatekeeper.tally import tally

Row = dict[str, str]


@pytest.fixture(scope="module")
def detector() -> Detector:
    return load_detector(entities=["UNIQUE_CODE", "EMAIL_ADDRESS"])


def jsonl(rows: Sequence[Row]) -> Source:
    data = "".join(json.dumps(row) + "\n" for row in rows).encode()
    return source_from_bytes("rows", data, input_format="jsonl")


def table(rows: Sequence[Row]) -> Source:
    file = io.StringIO()
    writer = csv.DictWriter(file, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    return source_from_bytes("rows", file.getvalue().encode(), input_format="csv")


def found(detector: Detector, source: Source) -> list[Finding]:
    result: list[Finding] = []
    tally("rows", source.read, detector, lambda _, findings: result.extend(findings))
    return result


def rows(count: int = LEAST, key: str = "case_ref") -> list[Row]:
    return [{key: f"K{n % 7}-{22391 + 17 * n}", "note": "all is well"} for n in range(count)]


@pytest.mark.parametrize("write", [jsonl, table])
def test_a_code_of_its_own_in_every_record_is_possible(detector: Detector, write: type) -> None:
    findings = found(detector, write(rows()))
    assert [(f.pointer, f.start, f.end) for f in findings] == [("/case_ref", 0, 8)] * LEAST
    assert {f.confidence for f in findings} == {Confidence.POSSIBLE}
    assert {(f.entity, f.recognizer) for f in findings} == {(columns.ENTITY, columns.NAME)}


@pytest.mark.parametrize(
    "made",
    [
        rows(LEAST - 1),
        [*rows(), rows(1)[0]],
        [*rows(), {"case_ref": "none given", "note": "x"}],
        rows(key="content"),
        [{"case_ref": f"2024-01-{n + 1:02d}", "note": "x"} for n in range(LEAST)],
        [{"case_ref": f"{n}.{n}.{n + 100}", "note": "x"} for n in range(LEAST)],
        [{"case_ref": f"{7 * n + 10000}", "note": "x"} for n in range(LEAST)],
    ],
    ids=["few", "twice", "words", "a carrier", "dates", "versions", "figures"],
)
def test_other_fields_are_not(detector: Detector, made: list[Row]) -> None:
    assert found(detector, jsonl(made)) == []


def test_empty_values_say_nothing(detector: Detector) -> None:
    made = [*rows(), {"case_ref": "", "note": "x"}]
    assert len(found(detector, jsonl(made))) == LEAST


def test_what_is_something_else_is_not_found_twice(detector: Detector) -> None:
    made = [{"study_id": f"K-{22391 + n}", "note": "x"} for n in range(LEAST)]
    findings = found(detector, jsonl(made))
    assert len(findings) == LEAST
    assert columns.NAME not in {f.recognizer for f in findings}


@pytest.mark.parametrize("value", ["K7-22391", "a4f3b9c1", "PX/2024/0091", "22391-AB", "ID_00391"])
def test_codes(value: str) -> None:
    assert is_code(value)


@pytest.mark.parametrize(
    "value",
    ["12345", "1.25", "1e-5", "v1.2.3", "2024-01-05", "img_00391.jpg", "640-480", "100ms", "A1",
     "0xdeadbeef001", "two words 123", "x" * 80],
)  # fmt: skip
def test_no_codes(value: str) -> None:
    assert not is_code(value)


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "ENOUGH", 50)
    kept = Columns()
    for n in range(5000):
        kept.take(Text("/ref", f"K-{n:05d}", "ref"))
    assert len(kept._fields["/ref"].values) == 50
    assert kept.span(Text("/ref", "K-99999", "ref")) is not None
    for n in range(2 * columns.FIELDS_MAX):
        kept.take(Text(f"/f{n}x", "K-00001", f"f{n}x"))
    assert len(kept._fields) <= columns.FIELDS_MAX


def test_each_record_by_itself_shows_none(detector: Detector) -> None:
    """`detect` sees one record; `survey` sees them all."""
    records = [
        Record("r", n, (Text("/case_ref", row["case_ref"], "case_ref"),), 0)
        for n, row in enumerate(rows())
    ]
    assert [f for _, findings in detector.detect(records) for f in findings] == []
