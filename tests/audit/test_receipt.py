"""Receipts: signed, complete, written before anything else."""

from __future__ import annotations

import base64
import json
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.audit import (
    load_signer,
    make_receipt,
    parse_receipt,
    prepare_state,
    read_receipt,
    write_receipt,
)
from gatekeeper.audit.receipt import PREDICATE_TYPE
from gatekeeper.errors import ReceiptError
from gatekeeper.model import Evidence, Route, canonical_bytes
from gatekeeper.vault.statement import make_statement, parse_statement, subjects_of
from tests.audit.kit import CONTENT, NOW, decision, evidence, receipt


def statement(envelope: bytes) -> dict[str, object]:
    found = json.loads(base64.b64decode(json.loads(envelope)["payload"]))
    assert isinstance(found, dict)
    return found


def test_a_receipt_holds_what_a_replay_needs(tmp_path: Path) -> None:
    made, signer = receipt(tmp_path)
    read = parse_receipt(made.envelope, signer.trusted)
    assert read == made
    assert canonical_bytes(read.decision) == decision().to_bytes()
    assert Evidence.from_json(read.evidence) == evidence()
    assert read.subjects == (("a.jsonl", CONTENT),)
    assert (read.time, read.keyid) == ("2026-03-01T12:00:00Z", signer.keyid)


@pytest.mark.parametrize("route", list(Route))
def test_the_summary_says_passed_for_allow_alone(tmp_path: Path, route: Route) -> None:
    made, _ = receipt(tmp_path, route)
    found = statement(made.envelope)
    assert found["_type"] == "https://in-toto.io/Statement/v1"
    assert found["predicateType"] == PREDICATE_TYPE
    predicate = found["predicate"]
    assert isinstance(predicate, dict)
    passed = route is Route.ALLOW
    assert predicate["verificationResult"] == ("PASSED" if passed else "FAILED")
    assert predicate["verifiedLevels"] == (["GATEKEEPER_ALLOW"] if passed else ["FAILED"])
    assert found["subject"] == [{"name": "a.jsonl", "digest": {"sha256": "ab" * 32}}]


def test_two_receipts_of_one_decision_have_two_ids(tmp_path: Path) -> None:
    assert receipt(tmp_path)[0].id != receipt(tmp_path)[0].id


def test_a_receipt_signed_by_a_stranger_is_refused(tmp_path: Path) -> None:
    made, signer = receipt(tmp_path / "a")
    stranger = load_signer(tmp_path / "b")
    with pytest.raises(ReceiptError, match="no trusted key signed it"):
        parse_receipt(made.envelope, stranger.trusted)
    (tmp_path / "b/trusted").mkdir()
    (tmp_path / "b/trusted/a.pub").write_bytes(signer.public_pem)
    assert parse_receipt(made.envelope, load_signer(tmp_path / "b").trusted) == made


def test_every_changed_byte_of_the_payload_is_detected(tmp_path: Path) -> None:
    made, signer = receipt(tmp_path)
    envelope = json.loads(made.envelope)
    payload = base64.b64decode(envelope["payload"])
    for at in range(len(payload)):
        broken = bytearray(payload)
        broken[at] ^= 1 << at % 8
        envelope["payload"] = base64.b64encode(broken).decode()
        with pytest.raises(ReceiptError, match="no trusted key signed it"):
            parse_receipt(json.dumps(envelope).encode(), signer.trusted)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"gatekeeper": None}, "not one of Gatekeeper"),
        ({"gatekeeper": {"receipt": "../x", "decision": {}, "evidence": {}}}, "id is malformed"),
        ({"gatekeeper": {"receipt": "0" * 32, "decision": {}}}, "no decision or no evidence"),
        ({"timeVerified": "../../etc"}, "time is malformed"),
        ({"verifier": {}}, "which version"),
    ],
)
def test_a_signed_but_malformed_receipt_is_refused(
    tmp_path: Path, change: dict[str, object], says: str
) -> None:
    made, signer = receipt(tmp_path)
    predicate = statement(made.envelope)["predicate"]
    assert isinstance(predicate, dict)
    payload = make_statement(PREDICATE_TYPE, {**predicate, **change}, [("a", CONTENT)])
    with pytest.raises(ReceiptError, match=says):
        parse_receipt(signer.seal(payload), signer.trusted)


def test_a_receipt_is_written_whole_private_and_ignored_by_git(tmp_path: Path) -> None:
    made, signer = receipt(tmp_path / "home")
    path = write_receipt(made, tmp_path / "state" / "receipts")
    assert path.name == f"2026-03-01-{made.id}.dsse.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert sorted(p.name for p in path.parent.iterdir()) == [".gitignore", path.name]
    assert (path.parent / ".gitignore").read_bytes() == b"*\n"
    assert read_receipt(path, signer.trusted) == made
    assert write_receipt(receipt(tmp_path / "home")[0], path.parent) != path


def test_what_cannot_be_written_or_read_is_our_error(tmp_path: Path) -> None:
    made, signer = receipt(tmp_path / "home")
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ReceiptError, match="the receipt was not written"):
        write_receipt(made, tmp_path / "file" / "receipts")
    with pytest.raises(ReceiptError, match="no such file"):
        read_receipt(tmp_path / "missing", signer.trusted)


def test_a_state_folder_is_private_and_ignored_by_git_unless_it_is_the_project(
    tmp_path: Path,
) -> None:
    project = tmp_path / "project"
    project.mkdir()
    prepare_state(project / ".", project)
    assert list(project.iterdir()) == []
    prepare_state(project / "a/state", project)
    assert stat.S_IMODE((project / "a/state").stat().st_mode) == 0o700
    assert (project / "a/state/.gitignore").read_bytes() == b"*\n"
    with pytest.raises(ReceiptError, match="state: file exists"):
        prepare_state(project / "a/state/.gitignore/state", project)


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(st.lists(st.tuples(TEXT, st.just(CONTENT)), max_size=3), st.dictionaries(TEXT, TEXT))
def test_statements_come_back_byte_for_byte(
    subjects: list[tuple[str, str]], predicate: dict[str, str]
) -> None:
    payload = make_statement("type", predicate, subjects)
    found = parse_statement(payload, "type")
    assert (subjects_of(found), found["predicate"]) == (subjects, predicate)
    assert canonical_bytes(found) == payload


@pytest.mark.parametrize(
    ("payload", "says"),
    [
        (b"{", "not canonical"),
        (b'{"a": 1}', "not canonical"),
        (b'{"a":1,"a":1}', "not canonical"),
        (b"[]", "not canonical"),
        (b'"\\ud800"', "not canonical"),
        (b"{}", "not an in-toto statement"),
        (make_statement("other", {}, []), "not of type"),
        (canonical_bytes({"_type": "https://in-toto.io/Statement/v1", "predicateType": "type"}),
         "no predicate"),
    ],
)  # fmt: skip
def test_a_malformed_statement_is_refused(payload: bytes, says: str) -> None:
    with pytest.raises(ReceiptError, match=says):
        parse_statement(payload, "type")


def test_a_receipt_without_names_says_so(tmp_path: Path) -> None:
    signer = load_signer(tmp_path)
    made = make_receipt(
        decision(), evidence(), signer=signer, now=NOW, version="1", subjects={"a.jsonl": CONTENT},
        withhold_names=True,
    )  # fmt: skip
    held = parse_receipt(made.envelope, signer.trusted)
    assert held.names_withheld
    assert held.subjects == (("withheld-1", CONTENT),)
    assert held.evidence[CONTENT]["sources"] == ["withheld-1"]
    assert b"a.jsonl" not in json.dumps([held.decision, held.evidence]).encode()
    assert not receipt(tmp_path)[0].names_withheld


def test_a_malformed_subject_is_refused() -> None:
    digests = ({"sha256": 7}, 7, {})
    bent = [{"name": "a", "digest": d} for d in digests]
    for subject in (None, 7, {"name": "a"}, {"name": 7, "digest": {"sha256": "0"}}, *bent):
        with pytest.raises(ReceiptError, match="signed statement: malformed subject"):
            subjects_of({"subject": [subject]})
    with pytest.raises(ReceiptError, match="malformed subject"):
        subjects_of({"subject": 7})
