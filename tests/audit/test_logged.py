"""A receipt names where the log ended, and the log names the receipt: each proves the other."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from gatekeeper.audit import (
    AuditLog,
    Head,
    Logged,
    Receipt,
    find_receipt,
    load_signer,
    log_decision,
    make_receipt,
)
from gatekeeper.errors import ReceiptError
from tests.audit.kit import (
    CONTENT,
    NOW,
    REMOVAL,
    decision,
    empty_log,
    evidence,
    lines_of,
    log_of,
    receipt,
    restore,
    snapshot,
)
from tests.vault.refusals import refused


def recorded(root: Path, before: int = 2) -> tuple[AuditLog, Receipt]:
    """A log of so many records, and then that of a receipt, which names the end before it."""
    log = log_of(root, before)
    made, _ = receipt(root / "home", log_head=log.head())
    log_decision(log, decision(), made)
    log.append("removal", REMOVAL)
    return log, made


def test_a_receipt_is_found_at_its_place(tmp_path: Path) -> None:
    log, made = recorded(tmp_path)
    assert made.log_head == Head(2, made.log_head.digest if made.log_head else "")
    assert find_receipt(made, log) == Logged("recorded", 3)
    assert str(Logged("recorded", 3)) == "the audit log holds the receipt as record 3"
    assert Logged("recorded", 3).to_json() == {"state": "recorded", "record": 3, "why": ""}


def test_a_receipt_that_names_no_head_is_found_too(tmp_path: Path) -> None:
    log = log_of(tmp_path, 1)
    made, _ = receipt(tmp_path / "home")
    assert made.log_head is None
    log_decision(log, decision(), made)
    assert find_receipt(made, log) == Logged("recorded", 2)


def test_a_receipt_that_withholds_names_is_found_by_its_statement(tmp_path: Path) -> None:
    log = log_of(tmp_path, 1)
    signer = load_signer(tmp_path / "home")
    made, other = (
        make_receipt(
            decision(), evidence(), signer=signer, now=NOW, version="1", subjects={"a": CONTENT},
            log_head=log.head(), withhold_names=True,
        )
        for _ in range(2)
    )  # fmt: skip
    log_decision(log, decision(), made)
    assert find_receipt(made, log) == Logged("recorded", 2)
    assert find_receipt(other, log) == Logged("missing")


def test_a_receipt_that_was_never_recorded_is_missing(tmp_path: Path) -> None:
    log, made = recorded(tmp_path)
    other, _ = receipt(tmp_path / "home", log_head=made.log_head)
    assert find_receipt(other, log) == Logged("missing")
    assert str(Logged("missing")) == "the audit log does not hold the receipt"
    for changed in (
        dataclasses.replace(made, decision={**made.decision, "route": "allow"}),
        dataclasses.replace(made, envelope=made.envelope + b" "),
    ):
        assert find_receipt(changed, log) == Logged("missing")
    late = dataclasses.replace(made, log_head=log.head())  # it says that it was written later
    assert find_receipt(late, log) == Logged("missing")


def test_where_there_is_no_log_there_is_nothing_to_say(tmp_path: Path) -> None:
    _, made = recorded(tmp_path)
    log = empty_log(tmp_path / "none")
    assert find_receipt(made, log) == Logged("none")
    assert str(Logged("none")) == "there is no audit log to hold the receipt against"
    log.path.parent.mkdir()
    log.path.write_bytes(b"")
    why = (
        f"{log.path}: it ends at record 0, and a head kept elsewhere names 2: the end was cut off, "
        "or an old state was put back"
    )
    assert find_receipt(made, log) == Logged("other", why=why)


def test_the_log_of_another_gate_is_told_from_a_damaged_one(tmp_path: Path) -> None:
    log, made = recorded(tmp_path)
    other = log_of(tmp_path / "other", 5)
    found = find_receipt(made, other)
    assert (found.word, found.seq) == ("other", 0)
    assert str(found) == (
        "the audit log is of another gate, or it was written anew: "
        f"{other.path}: line 2: not the record that a head kept elsewhere names: the log was "
        "written anew"
    )
    first, second, *rest = lines_of(log)
    log.path.write_bytes(b"".join([first, second.replace(b'"kept":0', b'"kept":1'), *rest]))
    breaks = "the chain breaks here: a record was changed, dropped or inserted"
    found = find_receipt(made, log)
    assert found == Logged("damaged", why=f"{log.path}: line 2: {breaks}")
    assert str(found) == f"the audit log is damaged: {log.path}: line 2: {breaks}"
    log.path.write_bytes(first)
    assert find_receipt(made, log).word == "damaged"


def test_a_log_written_anew_around_the_receipt_shows(tmp_path: Path) -> None:
    """By whoever has the gate's key: the record is there again, and what lay before it is not."""
    log, made = recorded(tmp_path)
    restore(log, {})
    for number in (7, 8):
        log.append("removal", {**REMOVAL, "unlinked": number})
    log_decision(log, decision(), made)
    assert log.check().head.seq == 3
    found = find_receipt(made, log)
    assert found.word == "damaged"
    assert "line 2: not the record that a head kept elsewhere names" in found.why


def test_a_log_put_back_to_before_the_receipt_shows(tmp_path: Path) -> None:
    log = log_of(tmp_path, 1)
    old = snapshot(log)
    log.append("removal", REMOVAL)
    made, _ = receipt(tmp_path / "home", log_head=log.head())
    log_decision(log, decision(), made)
    restore(log, old)
    assert find_receipt(made, log).word == "other"


@pytest.mark.parametrize(
    "said",
    [None, 7, {}, {"seq": 1}, {"seq": "1", "digest": "sha256:" + "0" * 64},
     {"seq": True, "digest": "sha256:" + "0" * 64}, {"seq": -1, "digest": "sha256:" + "0" * 64},
     {"seq": 1, "digest": "sha256:0"}, {"seq": 1, "digest": "sha256:" + "0" * 64, "time": "x"}],
)  # fmt: skip
def test_a_receipt_whose_head_is_malformed_is_refused(tmp_path: Path, said: object) -> None:
    from gatekeeper.audit import parse_receipt
    from gatekeeper.audit.receipt import PREDICATE_TYPE
    from gatekeeper.vault.statement import make_statement, parse_statement

    made, signer = receipt(tmp_path, log_head=Head(1, "sha256:" + "0" * 64))
    predicate = parse_statement(signer.unseal(made.envelope), PREDICATE_TYPE)["predicate"]
    assert predicate["gatekeeper"]["audit"] == {"seq": 1, "digest": "sha256:" + "0" * 64}
    predicate["gatekeeper"]["audit"] = said
    payload = make_statement(PREDICATE_TYPE, predicate, made.subjects)
    with refused("receipt: the head of the audit log in it is malformed", kind=ReceiptError):
        parse_receipt(signer.seal(payload), signer.trusted)
