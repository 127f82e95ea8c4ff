"""in-toto Statements: what the gate signs, and what of it is believed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gatekeeper.errors import ReceiptError
from gatekeeper.model import canonical_bytes
from gatekeeper.vault.statement import make_statement, parse_statement, subjects_of
from tests.vault.refusals import refused

KIND = "https://gatekeeper.dev/case/v1"
GOOD: dict[str, Any] = {
    "_type": "https://in-toto.io/Statement/v1",
    "subject": [{"name": "a", "digest": {"sha256": "00"}}, {"name": "b", "digest": {"sha256": ""}}],
    "predicateType": KIND,
    "predicate": {"said": 1},
}


def test_a_statement_is_one_of_in_toto_and_comes_back() -> None:
    subjects = [("a", "sha256:00"), ("b", "sha256:")]
    payload = make_statement(KIND, {"said": 1}, subjects)
    assert json.loads(payload) == parse_statement(payload, KIND) == GOOD
    assert payload == canonical_bytes(GOOD)
    assert subjects_of(GOOD) == subjects
    assert make_statement(KIND, {"said": 1}, [("a", "00"), ("b", "")]) == payload
    assert subjects_of({"subject": []}) == []


@pytest.mark.parametrize(
    ("payload", "says"),
    [
        (b"", "not canonical JSON"),
        (b"{", "not canonical JSON"),
        (b"\xff", "not canonical JSON"),
        (b"[" * 100_000, "not canonical JSON"),
        (b"[]", "not canonical JSON"),
        (canonical_bytes(GOOD) + b"\n", "not canonical JSON"),
        (canonical_bytes(GOOD).replace(b'"said":1', b'"said":NaN'), "not canonical JSON"),
        (canonical_bytes(GOOD).replace(b'"said":1', b'"said":"\\ud800"'), "not canonical JSON"),
        (canonical_bytes({**GOOD, "_type": "other"}), "not an in-toto statement v1"),
        (canonical_bytes({"predicateType": KIND}), "not an in-toto statement v1"),
        (canonical_bytes({**GOOD, "predicateType": "other"}), f"not of type {KIND}"),
        (canonical_bytes({"_type": GOOD["_type"]}), f"not of type {KIND}"),
        (canonical_bytes({**GOOD, "predicate": []}), "it has no predicate"),
        (canonical_bytes({k: v for k, v in GOOD.items() if k != "predicate"}),
         "it has no predicate"),
    ],
)  # fmt: skip
def test_another_payload_is_no_statement(payload: bytes, says: str) -> None:
    with refused(f"signed statement: {says}", kind=ReceiptError):
        parse_statement(payload, KIND)


@pytest.mark.parametrize(
    "subject",
    [
        None,
        {},
        ["a"],
        [{"name": "a"}],
        [{"name": "a", "digest": "00"}],
        [{"name": "a", "digest": {"sha256": 0}}],
        [{"name": "a", "digest": {"sha512": "00"}}],
        [{"name": 1, "digest": {"sha256": "00"}}],
        [{"digest": {"sha256": "00"}}],
        [*GOOD["subject"], {}],
    ],
)
def test_a_subject_has_a_name_and_a_digest(subject: object) -> None:
    with refused("signed statement: malformed subject", kind=ReceiptError):
        subjects_of({"subject": subject})
