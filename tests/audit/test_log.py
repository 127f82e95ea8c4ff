"""Adding to the log: what a crash leaves is mended, and nothing is promised too soon."""

from __future__ import annotations

import datetime
import json
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from gatekeeper.audit import AuditLog, audit_chain, audit_log, load_signer, log_decision, log_path
from gatekeeper.audit import log as log_module
from gatekeeper.audit.log import waiver_digest
from gatekeeper.errors import ReceiptError, VaultError
from gatekeeper.model import Reason, Route, digest_of
from gatekeeper.vault.durable import locked
from tests.audit.kit import (
    CASE,
    NOW,
    REMOVAL,
    cut_off,
    decision,
    empty_log,
    head_of,
    lines_of,
    log_of,
    receipt,
    restore,
    snapshot,
)


def test_the_folder_is_private_and_holds_log_head_and_lock(tmp_path: Path) -> None:
    log = log_of(tmp_path / "a/b", 1)
    assert log.path == tmp_path / "a/b/audit/log.jsonl"
    assert sorted(p.name for p in log.path.parent.iterdir()) == [
        "head.dsse",
        "log.jsonl",
        "log.lock",
    ]
    assert stat.S_IMODE(log.path.parent.stat().st_mode) == 0o700
    assert {stat.S_IMODE(p.stat().st_mode) for p in log.path.parent.iterdir()} == {0o600}
    assert log_path(tmp_path) == tmp_path / "audit/log.jsonl"
    signer = load_signer(tmp_path / "a/b/home")
    assert audit_log(tmp_path / "a/b", signer).head() == log.head()
    assert audit_chain(tmp_path / "a/b", signer.trusted).head() == log.head()


def test_a_log_begins_where_no_folder_is_yet(tmp_path: Path) -> None:
    log = audit_log(tmp_path / "a/b", load_signer(tmp_path / "home"))
    log.append("removal", REMOVAL)
    assert log.check().head.seq == 1


def test_a_line_is_this(tmp_path: Path) -> None:
    log = log_of(tmp_path, 1)
    (line,) = lines_of(log)
    record = json.loads(line)
    sig = record.pop("sig")
    assert record == {
        "seq": 1,
        "prev": "sha256:" + "0" * 64,
        "time": "2026-03-01T12:00:00Z",
        "event": "removal",
        "data": {"case": CASE, "unlinked": 0, "kept": 0},
    }
    assert (
        line
        == (
            f'{{"data":{{"case":"{CASE}","kept":0,"unlinked":0}},"event":"removal",'
            f'"prev":"sha256:{"0" * 64}","seq":1,"sig":"{sig}","time":"2026-03-01T12:00:00Z"}}\n'
        ).encode()
    )


def test_nothing_is_written_of_an_event_that_is_not_listed(tmp_path: Path) -> None:
    log = empty_log(tmp_path)
    for event, fields in (("note", {"text": "Maria"}), ("removal", {**REMOVAL, "case": "Maria"})):
        with pytest.raises(ValueError) as caught:
            log.append(event, fields)
        assert "Maria" not in str(caught.value)
    assert not log.path.parent.exists()


def test_the_clock_is_written_in_utc_and_gives_no_order(tmp_path: Path) -> None:
    zone = datetime.timezone(datetime.timedelta(hours=2))
    times = [NOW.astimezone(zone), NOW - datetime.timedelta(days=3650), NOW]
    clock = iter([t for t in times for _ in range(2)])  # the record's, and its head's
    signer = load_signer(tmp_path / "home")
    signed_first = [NOW]
    log = AuditLog(
        tmp_path / "audit/log.jsonl",
        signer,
        clock=lambda: signed_first.pop() if signed_first else next(clock),
    )
    for _ in times:
        log.append("removal", REMOVAL)
    assert [r["time"] for r in log.records()] == [
        "2026-03-01T12:00:00Z",
        "2016-03-03T12:00:00Z",
        "2026-03-01T12:00:00Z",
    ]
    assert log.check().signed.time == "2026-03-01T12:00:00Z"
    newest = log.newest()
    assert newest is not None
    assert newest["seq"] == 3


def test_the_clock_is_that_of_the_machine(tmp_path: Path) -> None:
    log = audit_log(tmp_path, load_signer(tmp_path / "home"))
    before = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
    log.append("removal", REMOVAL)
    (record,) = log.records()
    written = datetime.datetime.fromisoformat(record["time"])
    assert before <= written <= datetime.datetime.now(datetime.timezone.utc)


# --- what a crash leaves is mended by the next writer ---------------------------------------------


def test_a_record_that_was_cut_off_is_dropped_by_the_next(tmp_path: Path) -> None:
    log = log_of(tmp_path, 2)
    whole = log.path.read_bytes()
    files = cut_off(log)
    first, last = files["log.jsonl"].splitlines(keepends=True)
    for cut in range(1, len(last), 7):
        restore(log, {**files, "log.jsonl": first + last[:cut]})
        log.append("removal", REMOVAL)
        assert log.path.read_bytes() == whole
        assert log.check().signed == head_of([first, last])


def test_a_record_without_its_head_is_kept_and_signed_by_the_next(tmp_path: Path) -> None:
    log = log_of(tmp_path, 2)
    files = cut_off(log)
    restore(log, files)
    log.append("removal", {**REMOVAL, "kept": 9})
    assert lines_of(log)[:2] == files["log.jsonl"].splitlines(keepends=True)
    assert [r["data"]["kept"] for r in log.records()] == [0, 0, 9]
    assert log.check().signed.seq == 3


@pytest.mark.parametrize("torn", [b"", b'{"data":', b"\0" * 300])
def test_mending_ends_what_was_cut_off_once(tmp_path: Path, torn: bytes) -> None:
    log = log_of(tmp_path, 2)
    assert not log.mend()
    files = cut_off(log)
    for data in (files["log.jsonl"], lines_of(log)[0]):
        restore(log, {**files, "log.jsonl": data + torn, ".head.new": b"half a head"})
        expected = bool(torn) or data == files["log.jsonl"]
        assert log.mend() is expected
        assert not log.mend()
        assert log.path.read_bytes() == data
        found = log.check()
        assert (found.torn_bytes, found.signed) == (0, found.head)
        assert sorted(snapshot(log)) == ["head.dsse", "log.jsonl", "log.lock"]


def test_what_one_acts_on_was_made_durable_before(tmp_path: Path) -> None:
    log = log_of(tmp_path, 2)
    files = cut_off(log)
    restore(log, files)
    assert log.newest("removal", unlinked=0) is not None  # an older one: nothing hangs on the last
    assert snapshot(log) == files
    reader = audit_chain(tmp_path, load_signer(tmp_path / "home").trusted)
    assert reader.newest("removal", unlinked=1) is not None
    assert snapshot(log) == files
    found = log.newest("removal", unlinked=1)
    assert found is not None
    assert found["seq"] == 2
    assert log.check().signed == head_of(lines_of(log))


@pytest.mark.parametrize("moment", [1, 2, 3])
def test_what_another_adds_meanwhile_is_not_taken_for_what_was_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: int
) -> None:
    log, writer, opened = log_of(tmp_path, 2), empty_log(tmp_path), os.open
    restore(log, cut_off(log))
    reads: list[Path] = []

    def late(path: Path, flags: int, *more: int) -> int:
        if path == log.path and not flags & os.O_RDWR:
            reads.append(path)
            if len(reads) == moment:
                monkeypatch.setattr(os, "open", opened)
                writer.append("released", {"case": CASE, "request": CASE, "files": 1})
                writer.append("removal", {**REMOVAL, "case": "1" * 32})
                monkeypatch.setattr(os, "open", late)
        return opened(path, flags, *more)

    monkeypatch.setattr(os, "open", late)
    found = log.newest("removal", case=CASE)
    assert found is not None
    assert found["seq"] == 2
    assert len(reads) >= moment


def test_what_cannot_be_made_durable_is_not_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = log_of(tmp_path, 2)
    files = cut_off(log)
    restore(log, files)

    def no_sync(_: int) -> None:
        raise OSError(5, "")

    monkeypatch.setattr(os, "fsync", no_sync)
    with pytest.raises(ReceiptError, match="input/output error"):
        log.newest()
    assert snapshot(log) == files  # it may be on disk: it is not taken back


def test_mending_a_log_that_was_never_begun_makes_nothing(tmp_path: Path) -> None:
    log = empty_log(tmp_path)
    assert not log.mend()
    assert not log.path.parent.exists()
    log.path.parent.mkdir()
    log.path.write_bytes(b"")  # the first crash that there can be
    assert not log.mend()
    log.append("removal", REMOVAL)
    assert log.check().head.seq == 1


def test_a_log_that_was_begun_with_half_a_record_is_no_log(tmp_path: Path) -> None:
    log = empty_log(tmp_path)
    log.path.parent.mkdir()
    log.path.write_bytes(b'{"data"')
    with pytest.raises(ReceiptError, match=r"its signed head head\.dsse is missing"):
        log.append("removal", REMOVAL)


def test_a_log_of_before_there_were_heads_is_refused(tmp_path: Path) -> None:
    log = log_of(tmp_path, 1)
    old = {k: v for k, v in json.loads(lines_of(log)[0]).items() if k != "sig"}
    log.path.write_bytes(json.dumps(old, separators=(",", ":"), sort_keys=True).encode() + b"\n")
    (log.path.parent / "head.dsse").unlink()
    with pytest.raises(ReceiptError, match="is missing") as caught:
        log.append("removal", REMOVAL)
    assert "move it away to begin a new log" in caught.value.hint


# --- errors and crashes at every call -------------------------------------------------------------

CALLS = ("open", "write", "fsync", "ftruncate", "rename", "unlink", "mkdir", "lseek", "fstat",
         "pread")  # fmt: skip


class Crash(BaseException):
    """The process ends here."""


@contextmanager
def failing_at(number: int, error: BaseException) -> Iterator[list[int]]:
    """Let the system call of that number fail, counted over all of CALLS; a crash is the last."""
    left = [number]

    def failing(call: Callable[..., Any]) -> Callable[..., Any]:
        def act(*args: Any, **more: Any) -> Any:
            left[0] -= 1
            if left[0] == 0 or (left[0] < 0 and isinstance(error, Crash)):
                raise error
            return call(*args, **more)

        return act

    with pytest.MonkeyPatch.context() as patch:
        for name in CALLS:
            patch.setattr(os, name, failing(getattr(os, name)))
        yield left


def outcome(log: AuditLog, number: int, error: BaseException) -> tuple[str, bool]:
    """What is told of an append whose system call of that number fails, empty for a success; and
    whether it has so many.
    """
    told = ""
    with failing_at(number, error) as left:
        try:
            log.append("removal", {**REMOVAL, "kept": 7})
        except (ReceiptError, Crash) as e:
            told = str(e) or "crashed"
    return told, left[0] <= 0


@pytest.mark.parametrize("before", ["nothing", "two", "cut off", "torn"])
@pytest.mark.parametrize(
    ("error", "says"),
    [
        (OSError(28, ""), "no space left on device"),
        (OSError(5, ""), "input/output error"),
        (Crash(), "crashed"),
    ],
)
def test_an_error_at_any_call_is_told_and_loses_nothing(
    tmp_path: Path, before: str, error: BaseException, says: str
) -> None:
    log = log_of(tmp_path, 2)
    two, cut = snapshot(log), cut_off(log)
    torn = {**cut, "log.jsonl": cut["log.jsonl"].partition(b"\n")[0] + b'\n{"data"'}
    files, ready = {
        "nothing": ({}, 0), "two": (two, 2), "cut off": (cut, 2), "torn": (torn, 1),
    }[before]  # fmt: skip
    failed, left = 0, set()
    number, reached = 0, True
    while reached:
        number += 1
        restore(log, files)
        told, reached = outcome(log, number, error)
        assert told.endswith(says if told else "")
        assert reached or not told
        failed += bool(told)
        there = [r["data"]["kept"] for r in log.records()]
        assert there in ([0] * ready, [*[0] * ready, 7])
        assert told or there[-1] == 7
        left.add(len(there) - ready)
        log.append("removal", {**REMOVAL, "kept": 8})
        assert [r["data"]["kept"] for r in log.records()] == [*there, 8]
        found = log.check()
        assert (found.torn_bytes, found.signed) == (0, found.head)
    assert left == {0, 1}
    assert failed > 15  # all but a folder that was there already, and need not be made
    assert number - failed <= 3


def test_a_record_that_could_not_be_synced_is_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = log_of(tmp_path, 2)
    files = snapshot(log)
    synced: list[int] = []

    def no_sync(fd: int) -> None:
        synced.append(fd)
        if len(synced) > 1:  # of the folder, and of the record
            raise OSError(5, "")

    monkeypatch.setattr(os, "fsync", no_sync)
    with pytest.raises(ReceiptError, match=r"log\.jsonl: input/output error"):
        log.append("removal", REMOVAL)
    assert len(synced) == 2  # not tried again: another would lie
    assert snapshot(log) == files


def test_the_first_error_is_told_where_taking_back_fails_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = log_of(tmp_path, 1)

    def fails(number: int) -> Callable[..., None]:
        def call(*_: object) -> None:
            raise OSError(number, "")

        return call

    monkeypatch.setattr(os, "write", fails(28))
    monkeypatch.setattr(os, "ftruncate", fails(5))
    with pytest.raises(ReceiptError, match="no space left on device"):
        log.append("removal", REMOVAL)


def test_a_write_that_takes_a_part_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = log_of(tmp_path, 1)
    write = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: write(fd, data[:5]))
    log.append("removal", REMOVAL)
    monkeypatch.undo()
    assert [r["data"]["unlinked"] for r in log.records()] == [0, 1]


def order_of(act: Callable[[], object]) -> list[str]:
    """The writes, syncs and renames of `act`, in their order."""
    said: list[str] = []
    calls: dict[str, Callable[..., Any]] = {n: getattr(os, n) for n in ("fsync", "write", "rename")}

    def telling(word: str) -> Callable[..., Any]:
        def call(*args: Any, **more: Any) -> Any:
            files = [Path(f"/proc/self/fd/{a}").readlink() if type(a) is int else a for a in args]
            names = [Path(file).name for file in files if not isinstance(file, bytes)]
            said.append(" ".join([word, *names]))
            return calls[word](*args, **more)

        return call

    with pytest.MonkeyPatch.context() as patch:
        for word in calls:
            patch.setattr(os, word, telling(word))
        act()
    return said


def test_what_was_promised_was_synced_before_in_this_order(tmp_path: Path) -> None:
    log = log_of(tmp_path, 1)
    add = ["write log.jsonl", "fsync log.jsonl"]
    sign = ["fsync .head.new", "rename .head.new head.dsse", "fsync audit"]

    def append() -> None:
        log.append("removal", REMOVAL)

    assert order_of(append) == ["fsync audit", *add, *sign]
    files = cut_off(log)
    restore(log, files)
    assert order_of(log.mend) == [*add, *sign]
    restore(log, files)
    assert order_of(append) == [*add, *sign, "fsync audit", *add, *sign]
    files = {**cut_off(log), "log.jsonl": lines_of(log)[0] + lines_of(log)[1] + b"torn"}
    restore(log, files)
    assert order_of(log.mend) == ["fsync log.jsonl"]
    assert order_of(log.mend) == []
    assert order_of(lambda: empty_log(tmp_path / "new").append("removal", REMOVAL))[-9:] == [
        *sign, "fsync audit", *add, *sign,
    ]  # fmt: skip


# --- one writer at a time -------------------------------------------------------------------------


def test_a_writer_waits_for_the_lock_and_tells_who_does_not_give_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = log_of(tmp_path, 1)
    monkeypatch.setattr(log_module, "LOCK_TIMEOUT_S", 0.05)
    lock = log.path.parent / "log.lock"
    inode = lock.stat().st_ino
    with locked(lock, timeout_s=1):
        for act in (log.mend, lambda: log.append("removal", REMOVAL)):
            with pytest.raises(VaultError, match=r"log\.lock: held by another process for more th"):
                act()
        assert log.check().head.seq == 1  # a reader does not wait
    log.append("removal", REMOVAL)
    assert lock.stat().st_ino == inode


def test_an_unwritable_place_is_our_error(tmp_path: Path) -> None:
    log = empty_log(tmp_path)
    (tmp_path / "audit").write_bytes(b"")
    with pytest.raises(VaultError, match="audit: not a directory"):
        log.append("removal", REMOVAL)
    (tmp_path / "audit").unlink()
    (tmp_path / "audit").mkdir()
    (tmp_path / "elsewhere").write_bytes(b"")
    log.path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ReceiptError, match="too many levels of symbolic links"):
        log.append("removal", REMOVAL)
    assert (tmp_path / "elsewhere").read_bytes() == b""


# --- decisions ------------------------------------------------------------------------------------


def test_a_decision_is_recorded_with_its_receipt(tmp_path: Path) -> None:
    log = empty_log(tmp_path)
    made, _ = receipt(tmp_path / "home")
    log_decision(log, decision(), made)
    (record,) = log.records()
    assert (record["event"], record["data"]) == (
        "decision",
        {
            "receipt": made.id,
            "decision": decision().digest,
            "statement": made.digest,
            "route": "quarantine",
            "files": 1,
            "records": 2,
        },
    )


def test_what_a_waiver_set_aside_is_recorded(tmp_path: Path) -> None:
    def reason(rule: str, by: str) -> Reason:
        return Reason("internal", rule, "A.5", "x.yaml:1:1", Route.ON_PREM, 2, 1, waived_by=by)

    import dataclasses

    log = empty_log(tmp_path)
    waived = (reason("a", "waiver of Eva until 2026-12-31"), reason("b", ""), reason("c", "other"))
    made, _ = receipt(tmp_path / "home")
    decided = dataclasses.replace(decision(), reasons=waived)
    log_decision(log, decided, made)
    assert [r["event"] for r in log.records()] == ["decision", "waiver", "waiver"]
    assert [r["data"] for r in log.records(since=2)] == [
        {"decision": decided.digest, "waiver": waiver_digest(waived[0])},
        {"decision": decided.digest, "waiver": waiver_digest(waived[2])},
    ]
    assert waiver_digest(waived[0]) == digest_of(
        {"policy": "internal", "rule": "a", "waived_by": "waiver of Eva until 2026-12-31"}
    )
    assert b"Eva" not in log.path.read_bytes()
