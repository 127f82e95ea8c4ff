"""Receipts: signed, complete, written before anything else."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.audit import (
    Signer,
    load_signer,
    make_receipt,
    parse_receipt,
    prepare_state,
    read_receipt,
    write_receipt,
)
from gatekeeper.audit.receipt import PREDICATE_TYPE
from gatekeeper.errors import ReceiptError
from gatekeeper.model import Evidence, Route, canonical_bytes, digest_of
from gatekeeper.vault import dsse
from gatekeeper.vault.statement import make_statement, parse_statement, subjects_of
from tests.audit.kit import CONTENT, NOW, decision, evidence, little_memory, receipt
from tests.vault.refusals import refused


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


def test_the_summary_has_the_fields_of_slsa_and_one_of_ours(tmp_path: Path) -> None:
    digests = {"detector": CONTENT, "waivers": CONTENT, "policies": CONTENT, "evidence": CONTENT}
    decided = dataclasses.replace(decision(), policies=("hipaa", "internal"), digests=digests)
    signer = load_signer(tmp_path)
    made = make_receipt(
        decided, evidence(), signer=signer, now=NOW, version="0.1.0", subjects={"a": CONTENT},
        looked_for=["US_SSN", "EMAIL"],
    )  # fmt: skip
    assert statement(made.envelope)["predicate"] == {
        "verifier": {
            "id": "https://gatekeeper.dev/gate/v1",
            "version": {"gatekeeper": "0.1.0"},
        },
        "timeVerified": "2026-03-01T12:00:00Z",
        "resourceUri": f"gatekeeper:dataset:{digest_of([CONTENT])}",
        "policy": {
            "uri": "gatekeeper:policies:hipaa,internal",
            "digest": sha256([["policies", CONTENT], ["waivers", CONTENT]]),
        },
        "inputAttestations": [{"uri": "gatekeeper:evidence", "digest": sha256(made.evidence)}],
        "verificationResult": "FAILED",
        "verifiedLevels": ["FAILED"],
        "gatekeeper": {
            "receipt": made.id,
            "decision": decided.to_json(),
            "evidence": evidence().to_json(),
            "looked_for": ["EMAIL", "US_SSN"],
        },
    }
    assert made.looked_for == {"EMAIL", "US_SSN"}
    assert made.version == "0.1.0"


def sha256(value: object) -> dict[str, str]:
    return {"sha256": hashlib.sha256(canonical_bytes(value)).hexdigest()}


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


OURS = {"receipt": "0" * 32, "decision": {}, "evidence": {}}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"gatekeeper": None}, "a verification summary, but not one of Gatekeeper"),
        ({"gatekeeper": {**OURS, "receipt": "../x"}}, "its id is malformed"),
        ({"gatekeeper": {**OURS, "receipt": "0" * 33}}, "its id is malformed"),
        ({"gatekeeper": {**OURS, "receipt": 7}}, "its id is malformed"),
        ({"gatekeeper": {**OURS, "decision": []}}, "it holds no decision or no evidence"),
        ({"gatekeeper": {**OURS, "evidence": None}}, "it holds no decision or no evidence"),
        ({"gatekeeper": {**OURS, "looked_for": "US_SSN"}}, "what was looked for is malformed"),
        ({"gatekeeper": {**OURS, "looked_for": ["US_SSN", 7]}}, "what was looked for is malformed"),
        ({"timeVerified": "../../etc"}, "its time is malformed"),
        ({"timeVerified": "2026-03-01T12:00:00Z/x"}, "its time is malformed"),
        ({"timeVerified": 7}, "its time is malformed"),
        ({"verifier": {}}, "it does not say which version made it"),
        ({"verifier": "0.1.0"}, "it does not say which version made it"),
        ({"verifier": {"version": "0.1.0"}}, "it does not say which version made it"),
        ({"verifier": {"version": {"gatekeeper": 1}}}, "it does not say which version made it"),
    ],
)
def test_a_signed_but_malformed_receipt_is_refused(
    tmp_path: Path, change: dict[str, object], says: str
) -> None:
    signer, envelope = changed(tmp_path, change)
    with refused(f"receipt: {says}", kind=ReceiptError):
        parse_receipt(envelope, signer.trusted)


def test_what_a_receipt_need_not_say_is_not_made_up(tmp_path: Path) -> None:
    signer, envelope = changed(tmp_path, {"gatekeeper": OURS})
    read = parse_receipt(envelope, signer.trusted)
    assert (read.looked_for, read.log_head, read.names_withheld) == (frozenset(), None, False)


def changed(home: Path, change: dict[str, object]) -> tuple[Signer, bytes]:
    """The envelope of a receipt whose predicate has other fields, signed by the gate."""
    made, signer = receipt(home)
    predicate = statement(made.envelope)["predicate"]
    assert isinstance(predicate, dict)
    payload = make_statement(PREDICATE_TYPE, {**predicate, **change}, [("a", CONTENT)])
    return signer, signer.seal(payload)


def test_a_receipt_is_written_whole_private_and_ignored_by_git(tmp_path: Path) -> None:
    made, signer = receipt(tmp_path / "home")
    path = write_receipt(made, tmp_path / "a/state/receipts")
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
    place = tmp_path / "file/receipts"
    said = f"{place / made.file_name}: the receipt was not written: file exists"
    with refused(said, kind=ReceiptError):
        write_receipt(made, place)
    with refused(f"{tmp_path}/missing: no such file or directory", kind=ReceiptError):
        read_receipt(tmp_path / "missing", signer.trusted)


def test_an_envelope_is_read_up_to_its_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, signer = receipt(tmp_path / "home")
    path = write_receipt(made, tmp_path)
    monkeypatch.setattr(dsse, "MAX_ENVELOPE_BYTES", len(made.envelope))
    assert read_receipt(path, signer.trusted) == made
    said = "envelope: not a JSON object, or a key stands in it twice"
    for more in (1, 1 << 24):
        path.write_bytes(made.envelope + b" " * more)
        with little_memory(), refused(said, kind=ReceiptError):
            read_receipt(path, signer.trusted)


def test_a_state_folder_is_private_and_ignored_by_git_unless_it_is_the_project(
    tmp_path: Path,
) -> None:
    project = tmp_path / "project"
    project.mkdir()
    prepare_state(project / ".", project)
    assert list(project.iterdir()) == []
    for _ in range(2):
        prepare_state(project / "a/b/state", project)
    assert stat.S_IMODE((project / "a/b/state").stat().st_mode) == 0o700
    assert (project / "a/b/state/.gitignore").read_bytes() == b"*\n"
    inside = project / "a/b/state/.gitignore/state"
    with refused(f"{inside}: file exists", kind=ReceiptError):
        prepare_state(inside, project)


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
    digests: tuple[object, ...] = ({"sha256": 7}, 7, {})
    bent = [{"name": "a", "digest": d} for d in digests]
    for subject in (None, 7, {"name": "a"}, {"name": 7, "digest": {"sha256": "0"}}, *bent):
        with pytest.raises(ReceiptError, match="signed statement: malformed subject"):
            subjects_of({"subject": [subject]})
    with pytest.raises(ReceiptError, match="malformed subject"):
        subjects_of({"subject": 7})
