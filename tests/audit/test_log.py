"""The audit log: a chain that shows every change, and has no room for a value."""

from __future__ import annotations

import datetime
import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.audit import AuditLog, Head, audit_log, log_decision, verify_log
from gatekeeper.audit.log import EVENTS, FIRST_PREV
from gatekeeper.errors import ReceiptError
from tests.audit.kit import NOW, decision, receipt

CASE = "0" * 32


def log_of(path: Path, events: int) -> AuditLog:
    log = AuditLog(path / "audit" / "log.jsonl", clock=lambda: NOW)
    for number in range(events):
        log.append("removal", {"case": CASE, "unlinked": number, "kept": 0})
    return log


def test_records_are_numbered_and_chained(tmp_path: Path) -> None:
    log = log_of(tmp_path, 3)
    records = list(log.records())
    assert [r["seq"] for r in records] == [1, 2, 3]
    assert records[0]["prev"] == FIRST_PREV
    assert records[0]["time"] == "2026-03-01T12:00:00Z"
    assert log.holds("removal", CASE)
    assert not log.holds("quarantine", CASE)
    assert not log.holds("removal", "1" * 32)
    assert verify_log(log.path).seq == 3


def test_a_log_that_is_not_there_holds_nothing_but_does_not_verify(tmp_path: Path) -> None:
    log = log_of(tmp_path, 0)
    assert not log.holds("removal", CASE)
    with pytest.raises(ReceiptError, match="no such file"):
        verify_log(log.path)


def test_a_decision_is_recorded_with_its_receipt(tmp_path: Path) -> None:
    made, _ = receipt(tmp_path / "home")
    log_decision(tmp_path, decision(), made)
    (record,) = audit_log(tmp_path).records()
    assert record["data"]["receipt"] == made.id
    assert record["data"]["decision"] == decision().digest
    assert record["data"]["route"] == "quarantine"


def test_every_edit_drop_insertion_and_swap_is_detected(tmp_path: Path) -> None:
    log = log_of(tmp_path, 4)
    head = verify_log(log.path)
    lines = log.path.read_bytes().splitlines(keepends=True)
    whole = b"".join(lines)
    damaged = []
    for at in range(len(whole)):
        broken = bytearray(whole)
        broken[at] ^= 1
        damaged.append(bytes(broken))
    damaged += [b"".join(lines[:i] + lines[i + 1 :]) for i in range(4)]
    damaged += [b"".join([*lines[:i], lines[0], *lines[i:]]) for i in range(1, 5)]
    damaged += [b"".join([lines[1], lines[0], *lines[2:]]), b"", b"\n"]
    for data in damaged:
        log.path.write_bytes(data)
        assert head_or_none(log.path) != head
    log.path.write_bytes(whole)
    assert verify_log(log.path) == head


def head_or_none(path: Path) -> Head | None:
    try:
        return verify_log(path)
    except ReceiptError:
        return None


def test_a_forged_middle_does_not_lead_to_a_kept_head(tmp_path: Path) -> None:
    log = log_of(tmp_path / "a", 3)
    other = log_of(tmp_path / "b", 0)
    other.append("open", {"case": CASE})
    for number in (1, 2):
        other.append("removal", {"case": CASE, "unlinked": number, "kept": 0})
    assert verify_log(other.path).seq == verify_log(log.path).seq
    assert verify_log(other.path).digest != verify_log(log.path).digest
    mixed = log.path.read_bytes().splitlines(keepends=True)
    mixed[1] = other.path.read_bytes().splitlines(keepends=True)[1]
    log.path.write_bytes(b"".join(mixed))
    with pytest.raises(ReceiptError, match="line 2: the chain breaks here"):
        verify_log(log.path)


def test_a_chain_that_skips_a_number_is_broken(tmp_path: Path) -> None:
    log = log_of(tmp_path, 2)
    first, second = log.path.read_bytes().splitlines(keepends=True)
    log.path.write_bytes(first + second.replace(b'"seq":2', b'"seq":3'))
    with pytest.raises(ReceiptError, match="line 2: the chain breaks here"):
        verify_log(log.path)


def test_a_write_that_a_crash_cut_off_is_dropped_by_the_next(tmp_path: Path) -> None:
    log = log_of(tmp_path, 2)
    whole = log.path.read_bytes()
    last = whole.splitlines(keepends=True)[1]
    for cut in range(1, len(last)):
        log.path.write_bytes(whole[:-cut])
        assert verify_log(log.path).seq == 1
        assert verify_log(log.path).torn_bytes == len(last) - cut
        log.append("removal", {"case": CASE, "unlinked": 1, "kept": 0})
        assert log.path.read_bytes() == whole


def test_nothing_is_appended_to_a_damaged_end(tmp_path: Path) -> None:
    log = log_of(tmp_path, 2)
    log.path.write_bytes(log.path.read_bytes() + b"not a record\n")
    with pytest.raises(ReceiptError, match="last line: not a record"):
        log.append("open", {"case": CASE})
    log.path.write_bytes(b"x" * 10_000)
    with pytest.raises(ReceiptError, match="line 1: too long"):
        verify_log(log.path)


@pytest.mark.parametrize(
    ("event", "fields"),
    [
        ("note", {"text": "Maria Gonzalez"}),
        ("open", {}),
        ("open", {"case": CASE, "name": "x"}),
        ("open", {"case": "123-45-6789"}),
        ("open", {"case": CASE + "\n"}),
        ("open", {"case": 7}),
        ("removal", {"case": CASE, "unlinked": -1, "kept": 0}),
        ("removal", {"case": CASE, "unlinked": "1", "kept": 0}),
        ("removal", {"case": CASE, "unlinked": True, "kept": 0}),
        ("removal", {"case": CASE, "unlinked": 10**19, "kept": 0}),
    ],
)
def test_no_field_takes_a_value(tmp_path: Path, event: str, fields: dict[str, str | int]) -> None:
    log = log_of(tmp_path, 0)
    with pytest.raises(ValueError) as caught:
        log.append(event, fields)
    assert not log.path.exists()
    assert not [v for v in fields.values() if len(str(v)) > 2 and str(v) in str(caught.value)]


@given(st.sampled_from(sorted(EVENTS)), st.text(min_size=1, max_size=40))
def test_a_text_fits_no_field(event: str, text: str) -> None:
    from gatekeeper.audit.log import _check_event

    spaced = text + " "
    with pytest.raises(ValueError):
        _check_event(event, dict.fromkeys(EVENTS[event], spaced))


def test_writers_at_once_leave_no_gap(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib; from gatekeeper.audit import audit_log\n"
        "sys.stdin.read()\n"
        "for n in range(60): audit_log(pathlib.Path(sys.argv[1])).append('open', {'case': '0'*32})"
    )
    command = [sys.executable, "-c", code, tmp_path]
    started = [subprocess.Popen(command, stdin=subprocess.PIPE) for _ in range(4)]
    for process in started:  # each has been started: let all go at once
        assert process.stdin is not None
        process.stdin.close()
    assert [p.wait() for p in started] == [0] * 4
    assert verify_log(audit_log(tmp_path).path).seq == 240


def test_the_clock_is_written_in_utc(tmp_path: Path) -> None:
    zone = datetime.timezone(datetime.timedelta(hours=2))
    log = AuditLog(tmp_path / "audit/log.jsonl", clock=lambda: NOW.astimezone(zone))
    log.append("open", {"case": CASE})
    assert json.loads(log.path.read_bytes())["time"] == "2026-03-01T12:00:00Z"
