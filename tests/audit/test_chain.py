"""Reading the log: whole and forwards, or from its end; and every change to it shows."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gatekeeper.audit import AuditLog, Chain, Head, load_signer, marker_of
from gatekeeper.audit.events import FIRST_PREV, MAX_LINE_BYTES
from gatekeeper.audit.head import NOTHING, WAY_OUT, OtherLogError, write_head
from gatekeeper.errors import ReceiptError
from tests.audit.kit import (
    CASE,
    REMOVAL,
    cut_off,
    empty_log,
    forged,
    head_file,
    head_of,
    lines_of,
    log_of,
    restore,
    snapshot,
)

OTHER = "1" * 32


def seqs(records: Iterator[dict[str, Any]]) -> list[int]:
    return [r["seq"] for r in records]


def says(log: Chain, act: Callable[[], object]) -> str:
    """The message with which `act` is refused, without the place, which must be the log's."""
    with pytest.raises(ReceiptError) as caught:
        act()
    assert caught.value.hint.endswith(WAY_OUT)
    place, _, rest = str(caught.value).partition(": ")
    assert place == str(log.path)
    return rest


# --- what is there --------------------------------------------------------------------------------


def test_records_are_numbered_chained_and_signed(tmp_path: Path) -> None:
    log = log_of(tmp_path, 3)
    records = list(log.records())
    assert seqs(log.records()) == [1, 2, 3]
    assert seqs(log.records(since=2)) == [2, 3]
    assert [r["prev"] for r in records] == [
        FIRST_PREV,
        *("sha256:" + hashlib.sha256(line[:-1]).hexdigest() for line in lines_of(log)[:2]),
    ]
    assert records[1]["time"] == "2026-03-01T12:00:00Z"
    assert records[1]["data"] == {"case": CASE, "unlinked": 1, "kept": 0}
    end = head_of(lines_of(log))
    assert log.head() == end
    assert log.head().time == "2026-03-01T12:00:00Z"
    found = log.check()
    assert (found.head, found.torn_bytes, found.signed) == (end, 0, end)
    assert [r["sig"] for r in records] == [
        load_signer(tmp_path / "home").mark(_without_sig(r)) for r in records
    ]


def _without_sig(record: dict[str, Any]) -> bytes:
    from gatekeeper.model import canonical_bytes

    return canonical_bytes({k: v for k, v in record.items() if k != "sig"})


def test_a_log_that_was_never_begun_holds_nothing_and_is_not_made(tmp_path: Path) -> None:
    log = empty_log(tmp_path)
    assert list(log.records()) == []
    assert log.newest() is None
    assert log.head() == NOTHING
    found = log.check([Head(0, FIRST_PREV)])
    assert (found.head, found.torn_bytes, found.signed) == (NOTHING, 0, NOTHING)
    assert not log.path.parent.exists()


def test_the_newest_that_agrees_is_found(tmp_path: Path) -> None:
    log = empty_log(tmp_path)
    log.append("key", {"recipient": CASE, "action": "enrolled"})
    log.append("removal", REMOVAL)
    log.append("removal", {**REMOVAL, "case": OTHER})
    log.append("removal", {**REMOVAL, "kept": 5})
    log.append("key", {"recipient": OTHER, "action": "enrolled"})

    def newest(event: str = "", /, **fields: str | int) -> int | None:
        record = log.newest(event, **fields)
        return record["seq"] if record else None

    assert newest() == 5
    assert newest("removal") == 4
    assert newest("removal", case=CASE) == 4
    assert newest("removal", case=CASE, kept=0) == 2
    assert newest("removal", case=CASE, unlinked=1, kept=5) == 4
    assert newest("removal", case=OTHER) == 3
    assert newest("", case=OTHER) == 3
    assert newest("key", recipient=CASE) == 1
    assert newest("", action="enrolled") == 5
    assert newest("removal", case="2" * 32) is None
    assert newest("quarantine") is None
    assert newest("removal", kept=6) is None
    with pytest.raises(ValueError, match="with such fields: 'removals'"):
        log.newest("removals")
    assert Chain(log.path, log.keys).newest() == log.newest()


def test_a_marker_is_in_every_record_that_it_stands_for(tmp_path: Path) -> None:
    log = log_of(tmp_path, 1)
    assert marker_of("", {}) == b""
    assert marker_of("removal", {}) == b'"event":"removal"'
    assert marker_of("removal", {"case": CASE}) == f'"case":"{CASE}"'.encode()
    assert marker_of("", {"kept": 0}) == b'"kept":0'
    assert marker_of("removal", {"kept": 0}) == b'"event":"removal"'
    assert marker_of("key", {"recipient": OTHER}) == f'"recipient":"{OTHER}"'.encode()
    assert all(marker_of("removal", f) in lines_of(log)[0] for f in ({}, {"case": CASE}))


def test_records_come_newest_first_back_to_a_head(tmp_path: Path) -> None:
    log = log_of(tmp_path, 5)
    heads = [head_of(lines_of(log)[:n]) for n in range(6)]
    assert seqs(log.newest_first()) == [5, 4, 3, 2, 1]
    assert seqs(log.newest_first(after=heads[3])) == [5, 4]
    assert seqs(log.newest_first(after=heads[5])) == []
    assert seqs(log.newest_first(b'"unlinked":2')) == [3]
    assert seqs(log.newest_first(b'"unlinked":2', heads[3])) == []
    with pytest.raises(OtherLogError, match="line 3: not the record that a head kept elsewhere"):
        list(log.newest_first(after=Head(3, heads[2].digest)))
    with pytest.raises(OtherLogError, match="line 0: not the record that a head kept elsewhere"):
        list(log.newest_first(after=Head(0, heads[2].digest)))
    with pytest.raises(OtherLogError, match="ends at record 5, and a head kept elsewhere names 6"):
        list(log.newest_first(after=Head(6, heads[5].digest)))
    with pytest.raises(OtherLogError, match="ends at record 0, and a head kept elsewhere names 2"):
        list(empty_log(tmp_path / "none").newest_first(after=heads[2]))


def test_a_log_of_many_blocks_reads_the_same_from_both_ends(tmp_path: Path) -> None:
    log = log_of(tmp_path, 2)
    fill(log, tmp_path, 800)
    size = log.path.stat().st_size
    assert size > 2 * (1 << 17)  # three blocks either way
    forwards = list(log.records())
    assert [r["seq"] for r in forwards] == list(range(1, 801))
    assert list(log.newest_first()) == forwards[::-1]
    assert log.newest("removal", case=CASE, unlinked=0) == forwards[0]
    end = log.check()
    assert (end.head.seq, end.torn_bytes) == (800, 0)
    log.append("removal", REMOVAL)
    assert log.check().head.seq == 801


def fill(log: AuditLog, root: Path, records: int) -> None:
    """Make `log` so long, as it would be written, with one head at the end."""
    signer = load_signer(root / "home")
    lines = lines_of(log)
    while len(lines) < records:
        record = {
            "seq": len(lines) + 1,
            "prev": head_of(lines).digest,
            "time": "2026-03-01T12:00:00Z",
            "event": "removal",
            "data": {**REMOVAL, "case": OTHER, "unlinked": len(lines)},
        }
        lines.append(_with_sig(record, signer.mark(_without_sig(record))))
    log.path.write_bytes(b"".join(lines))
    write_head(log.path.parent, head_of(lines), signer)


def _with_sig(record: dict[str, Any], sig: str) -> bytes:
    from gatekeeper.model import canonical_bytes

    return canonical_bytes({**record, "sig": sig}) + b"\n"


def test_what_is_near_the_end_is_read_from_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = log_of(tmp_path, 2)
    fill(log, tmp_path, 2000)
    read: list[int] = []
    pread = os.pread

    def counting(fd: int, size: int, at: int) -> bytes:
        read.append(size)
        return pread(fd, size, at)

    monkeypatch.setattr(os, "pread", counting)
    log.append("removal", {**REMOVAL, "case": OTHER})
    assert log.newest("removal", case=OTHER) is not None
    assert log.head().seq == 2001
    assert sum(read) < 40_000 < log.path.stat().st_size // 10
    assert log.newest("removal", case=CASE) is not None
    assert sum(read) > log.path.stat().st_size


def test_a_reader_follows_no_link_and_reads_nothing_but_a_file(tmp_path: Path) -> None:
    log = log_of(tmp_path, 1)
    elsewhere = tmp_path / "elsewhere"
    log.path.rename(elsewhere)
    log.path.symlink_to(elsewhere)
    with pytest.raises(ReceiptError, match=r"log\.jsonl: too many levels of symbolic links"):
        log.check()
    log.path.unlink()
    log.path.mkdir()
    assert says(log, log.head) == "not a regular file"


# --- heads that were kept elsewhere ---------------------------------------------------------------


def test_a_head_kept_elsewhere_shows_that_nothing_before_it_changed(tmp_path: Path) -> None:
    log = log_of(tmp_path, 4)
    heads = [head_of(lines_of(log)[:n]) for n in range(5)]
    assert log.check(heads).head == heads[4]
    assert log.check(iter(heads[1:3])).head == heads[4]
    said = says(log, lambda: log.check([heads[1], Head(3, heads[2].digest)]))
    assert said == (
        "line 3: not the record that a head kept elsewhere names: the log was written anew"
    )
    assert says(log, lambda: log.check([Head(5, heads[4].digest)])) == (
        "it ends at record 4, and a head kept elsewhere names 5: the end was cut off, or an old "
        "state was put back"
    )


def test_a_log_put_back_whole_with_its_head_shows_by_a_kept_head_alone(tmp_path: Path) -> None:
    log = log_of(tmp_path, 2)
    old = snapshot(log)
    log.append("removal", REMOVAL)
    kept = log.head()
    restore(log, old)
    assert log.check().head.seq == 2
    assert says(log, lambda: log.check([kept])).startswith("it ends at record 2, and a head kept")


def test_a_log_that_the_gate_itself_wrote_anew_shows_by_a_kept_head(tmp_path: Path) -> None:
    log = log_of(tmp_path, 3)
    kept = head_of(lines_of(log)[:2])
    for path in log.path.parent.iterdir():
        path.unlink()
    for number in (7, 8, 9):
        log.append("removal", {**REMOVAL, "unlinked": number})
    assert log.check().head.seq == 3
    assert says(log, lambda: log.check([kept])).startswith("line 2: not the record that a head")


# --- every change shows ---------------------------------------------------------------------------


def flips(whole: bytes) -> Iterator[bytes]:
    for at in range(len(whole)):
        for bit in range(8):
            broken = bytearray(whole)
            broken[at] ^= 1 << bit
            yield bytes(broken)


def rearranged(lines: list[bytes]) -> Iterator[bytes]:
    whole = b"".join(lines)
    for at in range(len(whole)):
        yield whole[:at]
    for at in range(len(lines)):
        yield b"".join(lines[:at] + lines[at + 1 :])  # dropped
        for one in lines:
            yield b"".join([*lines[:at], one, *lines[at:]])  # doubled
        for other in range(at):
            swapped = list(lines)
            swapped[at], swapped[other] = swapped[other], swapped[at]
            yield b"".join(swapped)
    for one in lines:
        yield whole + one
    yield whole + b"\n"
    yield b"\n" + whole
    yield whole + whole


@pytest.mark.parametrize(("records", "damages"), [(2, "flips"), (4, "rearranged")])
def test_every_flip_cut_drop_double_and_swap_shows(
    tmp_path: Path, records: int, damages: str
) -> None:
    log = log_of(tmp_path, records)
    whole, lines = log.path.read_bytes(), lines_of(log)
    passed = []
    count = 0
    for data in flips(whole) if damages == "flips" else rearranged(lines):
        log.path.write_bytes(data)
        count += 1
        try:
            log.check()
        except ReceiptError:
            continue
        passed.append(data)
    assert passed == []
    assert count > len(whole)
    log.path.write_bytes(whole)
    assert log.check().head.seq == records


def test_no_change_of_the_last_record_is_built_on(tmp_path: Path) -> None:
    log = log_of(tmp_path, 2)
    files = snapshot(log)
    first, last = lines_of(log)
    for at in range(len(last)):
        broken = bytearray(last)
        broken[at] ^= 1 << at % 8
        damaged = {**files, "log.jsonl": first + bytes(broken)}
        restore(log, damaged)
        for act in (log.newest, log.head, log.mend, lambda: log.append("removal", REMOVAL)):
            with pytest.raises(ReceiptError):
                act()
        assert snapshot(log) == damaged


@pytest.mark.parametrize("name", ["log.jsonl", "head.dsse"])
def test_a_file_that_is_gone_shows(tmp_path: Path, name: str) -> None:
    log = log_of(tmp_path, 2)
    (log.path.parent / name).unlink()
    said = "its signed head head.dsse is missing"
    if name == "log.jsonl":
        said = "it ends at line 0, and its signed head names record 2: the end was cut off"
    for act in (log.check, log.head, log.newest, log.mend, lambda: log.append("removal", REMOVAL),
                lambda: list(log.records()), lambda: list(log.newest_first())):  # fmt: skip
        assert says(log, act) == said


def test_an_old_head_put_back_shows(tmp_path: Path) -> None:
    log = log_of(tmp_path, 2)
    old = head_file(log).read_bytes()
    for number in (3, 4):
        log.append("removal", {**REMOVAL, "unlinked": number})
    head_file(log).write_bytes(old)
    said = (
        "line 3: the log goes on to record 4 beyond its signed head, which names 2: an old head "
        "was put back, or records were added"
    )
    for act in (log.check, log.head, log.newest, lambda: log.append("removal", REMOVAL)):
        assert says(log, act) == said


def test_the_head_of_another_log_shows(tmp_path: Path) -> None:
    log = log_of(tmp_path, 2)
    other = AuditLog(tmp_path / "other/audit/log.jsonl", load_signer(tmp_path / "home"))
    for number in (5, 6):
        other.append("removal", {**REMOVAL, "unlinked": number})
    head_file(log).write_bytes(head_file(other).read_bytes())
    said = "line 2: not the record that the signed head names: the log was written anew"
    for act in (log.check, log.head, log.newest, lambda: log.append("removal", REMOVAL)):
        assert says(log, act) == said


def test_a_chain_that_skips_or_forks_names_its_line(tmp_path: Path) -> None:
    log, other = log_of(tmp_path / "a", 3), log_of(tmp_path / "b", 0)
    for number in (7, 8, 9):
        other.append("removal", {**REMOVAL, "unlinked": number})
    lines = lines_of(log)
    breaks = "the chain breaks here: a record was changed, dropped or inserted"
    log.path.write_bytes(lines[0] + lines_of(other)[1] + lines[2])
    assert says(log, log.check) == f"line 2: {breaks}"
    assert says(log, lambda: list(log.newest_first())) == f"line 2: {breaks}"
    log.path.write_bytes(lines[0] + lines[2])
    assert says(log, log.check) == f"line 2: {breaks}"
    log.path.write_bytes(lines[0].replace(b'"seq":1', b'"seq":2') + lines[1] + lines[2])
    assert says(log, log.check) == f"line 1: {breaks}"
    log.path.write_bytes(lines[1] + lines[2])
    assert says(log, log.check) == f"line 1: {breaks}"
    assert says(log, lambda: list(log.newest_first())) == f"line 1: {breaks}"
    log.path.write_bytes(lines[0] + b"{}\n" + lines[2])
    assert says(log, log.check) == "line 2: not a record of the audit log"
    assert says(log, lambda: list(log.newest_first())) == "line 2: not a record of the audit log"
    log.path.write_bytes(lines[0] + lines[1] + b"{}\n")
    assert says(log, log.head) == "last line: not a record of the audit log"


def test_a_record_of_another_version_is_none_however_it_is_signed(tmp_path: Path) -> None:
    log, signer = log_of(tmp_path, 2), load_signer(tmp_path / "home")
    log.path.write_bytes(log.path.read_bytes() + forged(log, "invented", REMOVAL))
    said = "line 3: not a record of the audit log"
    assert says(log, log.check) == said
    assert says(log, log.head) == said
    write_head(log.path.parent, head_of(lines_of(log)), signer)
    assert says(log, log.check) == said
    assert says(log, lambda: list(log.newest_first())) == said


def test_what_a_trusted_head_leads_to_needs_no_signature_of_its_own(tmp_path: Path) -> None:
    log, other = log_of(tmp_path, 2), load_signer(tmp_path / "other")
    write_head(log.path.parent, log.head(), other)
    shared = Chain(log.path, other.trusted)
    assert shared.check().head == head_of(lines_of(log))
    assert seqs(shared.records()) == [1, 2]
    assert seqs(shared.newest_first()) == [2, 1]


def test_only_what_the_newest_records_lead_to_is_told(tmp_path: Path) -> None:
    log = log_of(tmp_path, 3)
    lines = lines_of(log)
    log.path.write_bytes(lines[0].replace(b'"kept":0', b'"kept":1') + lines[1] + lines[2])
    assert log.newest("removal", unlinked=1) is not None
    assert says(log, lambda: log.newest("removal", kept=1)) == (
        "line 1: the chain breaks here: a record was changed, dropped or inserted"
    )
    # the links at the end of a line are as they were, and what stands before them is not a record
    log.path.write_bytes(b"{" + lines[0] + lines[1] + lines[2])
    assert says(log, lambda: log.newest("removal", unlinked=0)).startswith("line 1: the chain bre")


def test_a_line_longer_than_a_record_is_not_read_on_and_on(tmp_path: Path) -> None:
    log = log_of(tmp_path, 1)
    line, too_long = lines_of(log)[0], b"x" * (1 << 18)
    for data in (too_long, too_long + b"\n", line + too_long):
        log.path.write_bytes(data)
        with pytest.raises(ReceiptError) as caught:
            log.check()
        assert "too long for a record" in str(caught.value)
    log.path.write_bytes(line + too_long)
    said = "the last line is too long for a record of the audit log"
    for act in (log.head, lambda: log.append("removal", REMOVAL)):
        assert says(log, act) == said
    log.path.write_bytes(too_long + b"\n" + line)
    assert says(log, log.check) == "a line is too long for a record of the audit log"
    # from the end, the head names no such record, or it does not lead there
    assert says(log, log.newest).startswith(("it ends at", "a line is too long", "line 1"))
    fits = b"x" * (MAX_LINE_BYTES - 1)
    log.path.write_bytes(line + fits)
    assert log.check().torn_bytes == MAX_LINE_BYTES - 1
    assert log.head().seq == 1
    log.path.write_bytes(line + fits + b"x")
    assert says(log, log.head) == said
    assert says(log, log.check) == "a line is too long for a record of the audit log"


# --- one record may stand beyond the head ---------------------------------------------------------


def test_a_record_that_no_head_names_yet_is_told_and_believed_for_its_signature(
    tmp_path: Path,
) -> None:
    log = log_of(tmp_path, 3)
    restore(log, cut_off(log))
    lines = lines_of(log)
    found = log.check()
    assert (found.head, found.signed, found.torn_bytes) == (head_of(lines), head_of(lines[:2]), 0)
    assert log.head() == head_of(lines[:2])
    assert seqs(log.records()) == [1, 2, 3]
    assert Chain(log.path, log.keys).newest("removal", unlinked=2) is not None
    lying = {**snapshot(log)}
    said = "line 3: beyond the signed head, and no trusted key signed it: it was added or changed"
    log.path.write_bytes(b"".join(lines[:2]))
    added = forged(log, "approval", {"case": CASE, "request": CASE, "statement": FIRST_PREV,
                                     "person": CASE})  # fmt: skip
    for line in (added, lines[2].replace(b'"unlinked":2', b'"unlinked":3')):
        restore(log, {**lying, "log.jsonl": b"".join([*lines[:2], line])})
        for act in (
            log.check,
            log.head,
            log.newest,
            log.mend,
            lambda: log.append("removal", REMOVAL),
        ):
            assert says(log, act) == said
        assert log.path.read_bytes() == b"".join([*lines[:2], line])


def test_every_flip_of_a_record_beyond_the_head_shows_but_of_its_line_feed(tmp_path: Path) -> None:
    log = log_of(tmp_path, 2)
    files = cut_off(log)
    first, last = files["log.jsonl"].splitlines(keepends=True)
    for at in range(len(last) - 1):
        broken = bytearray(last)
        broken[at] ^= 1 << at % 8
        restore(log, {**files, "log.jsonl": first + bytes(broken)})
        with pytest.raises(ReceiptError):
            log.check()
    restore(log, {**files, "log.jsonl": first + last[:-1] + b"x"})
    assert log.check().torn_bytes == len(last)


def test_a_torn_record_is_told_and_is_none(tmp_path: Path) -> None:
    log = log_of(tmp_path, 2)
    files = cut_off(log)
    first, last = files["log.jsonl"].splitlines(keepends=True)
    for cut in range(1, len(last)):
        restore(log, {**files, "log.jsonl": first + last[:cut]})
        found = log.check()
        assert (found.head, found.signed) == (head_of([first]), head_of([first]))
        assert found.torn_bytes == cut
        assert seqs(log.newest_first()) == [1]


# --- what happens while one reads -----------------------------------------------------------------


@pytest.mark.parametrize("records", [2, 500])  # one block, and two
def test_a_record_that_comes_while_one_reads_is_no_damage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, records: int
) -> None:
    log, writer = log_of(tmp_path, 2), empty_log(tmp_path)
    fill(log, tmp_path, records)
    fstat = os.fstat

    def slow(fd: int) -> os.stat_result:
        seen = fstat(fd)
        if seen.st_size == log.path.stat().st_size:  # it is the log
            with monkeypatch.context() as patch:
                patch.setattr(os, "fstat", fstat)
                writer.append("removal", REMOVAL)
        return seen

    def whole() -> int:
        found = log.check()
        assert found.torn_bytes == 0
        return found.head.seq

    reads: list[Callable[[], int]] = [
        whole,
        lambda: seqs(log.records())[-1],
        lambda: seqs(log.newest_first())[0],
        lambda: log.head().seq,
    ]
    for act in reads:
        before = log.head().seq
        monkeypatch.setattr(os, "fstat", slow)
        seen = act()
        monkeypatch.setattr(os, "fstat", fstat)
        assert before <= seen <= log.head().seq
        assert before < log.head().seq
    assert log.check().head == log.head()


@pytest.mark.parametrize("replaced", [["head.dsse"], ["head.dsse", "log.jsonl"]])
def test_another_log_of_the_gate_put_there_while_one_reads_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, replaced: list[str]
) -> None:
    log = log_of(tmp_path, 2)
    other = AuditLog(tmp_path / "other/audit/log.jsonl", load_signer(tmp_path / "home"))
    for number in (5, 6):
        other.append("removal", {**REMOVAL, "unlinked": number})
    files, put = snapshot(log), {name: snapshot(other)[name] for name in replaced}
    fstat = os.fstat

    def late(fd: int) -> os.stat_result:
        if Path(f"/proc/self/fd/{fd}").readlink() == log.path:  # a head was read before
            for name, data in put.items():
                (log.path.parent / name).write_bytes(data)
        return fstat(fd)

    monkeypatch.setattr(os, "fstat", late)
    for act in (log.check, log.head, log.newest, lambda: list(log.records())):
        restore(log, files)
        assert says(log, act) == (
            "line 2: not the record that the signed head names: the log was written anew"
        )


def test_what_is_changed_while_one_reads_backwards_is_not_given_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = log_of(tmp_path, 3)
    whole, truth, pread = log.path.read_bytes(), list(log.newest_first()), os.pread
    given = set()
    for moment in range(1, 6):
        left = [moment]

        def late(fd: int, size: int, at: int, left: list[int] = left) -> bytes:
            left[0] -= 1
            if left[0] == 0:
                log.path.write_bytes(whole.replace(b'"kept":0', b'"kept":1'))
            return pread(fd, size, at)

        monkeypatch.setattr(os, "pread", late)
        found = []
        with contextlib.suppress(ReceiptError):
            for record in log.newest_first():
                found.append(record)  # noqa: PERF402  (those before an error count)
        assert found == truth[: len(found)]
        given.add(len(found))
        log.path.write_bytes(whole)
    assert given == {0, 3}
