"""`gatekeeper audit`, as it is used: show, head, verify; and `verify` of a receipt beside it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from gatekeeper.audit import (
    EVENTS,
    AuditLog,
    audit_log,
    load_signer,
    read_receipt,
)
from gatekeeper.cli import main
from gatekeeper.vault import dsse
from tests.audit.kit import (
    CASE,
    NOW,
    REMOVAL,
)

ZERO = "sha256:" + "0" * 64


@dataclass
class Logs:
    state: AuditLog
    vault: AuditLog
    capture: pytest.CaptureFixture[str]

    def run(self, *words: str, expect: int = 0) -> tuple[list[str], list[str]]:
        """The lines of stdout and stderr of `gatekeeper audit WORDS`."""
        assert main(["audit", *words]) == expect
        said = self.capture.readouterr()
        return said.out.splitlines(), said.err.splitlines()


@pytest.fixture
def logs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Logs:
    (tmp_path / "gatekeeper.yaml").write_text("policies: [internal]\nvault: safe\n")
    monkeypatch.chdir(tmp_path)
    signer = load_signer(tmp_path / "audit-home")
    monkeypatch.setenv("GATEKEEPER_HOME", str(tmp_path / "audit-home"))

    def made(folder: Path) -> AuditLog:
        path = audit_log(folder, signer).path
        return AuditLog(path, signer, clock=lambda: NOW)

    return Logs(made(tmp_path / ".gatekeeper"), made(tmp_path / "safe"), capsys)


def filled(logs: Logs) -> Logs:
    logs.state.append("waiver", {"decision": ZERO, "waiver": ZERO})
    logs.vault.append("key", {"recipient": CASE, "action": "enrolled"})
    logs.vault.append("removal", REMOVAL)
    logs.vault.append("removal", {**REMOVAL, "case": "1" * 32, "kept": 2})
    return logs


def test_logs_that_were_never_begun_say_so(logs: Logs) -> None:
    assert logs.run("show") == ([], [])
    assert logs.run("head") == (
        [], ["state: nothing was recorded yet", "vault: nothing was recorded yet"],
    )  # fmt: skip
    assert logs.run("verify") == (
        ["state: nothing was recorded yet", "vault: nothing was recorded yet"], [],
    )  # fmt: skip
    (out,), _ = logs.run("head", "--json")
    nothing = {"time": "", "signed": None}
    assert json.loads(out) == {
        "state": {"head": f"state:0:{ZERO}", **nothing},
        "vault": {"head": f"vault:0:{ZERO}", **nothing},
    }
    assert not logs.state.path.parent.exists()


def test_show_lists_both_logs_oldest_first(logs: Logs) -> None:
    filled(logs)
    time = "2026-03-01T12:00:00Z"
    out, err = logs.run("show")
    assert err == []
    assert out == [
        f"state  1  {time}  waiver  decision={ZERO}  waiver={ZERO}",
        f"vault  1  {time}  key  action=enrolled  recipient={CASE}",
        f"vault  2  {time}  removal  case={CASE}  kept=0  unlinked=1",
        f"vault  3  {time}  removal  case={'1' * 32}  kept=2  unlinked=1",
    ]
    assert logs.run("show", "--log", "state")[0] == out[:1]
    assert logs.run("show", "--log", "vault")[0] == out[1:]
    assert logs.run("show", "--event", "removal")[0] == out[2:]
    assert logs.run("show", "--case", CASE)[0] == out[2:3]
    assert logs.run("show", "--event", "key", "--case", CASE)[0] == []
    assert logs.run("show", "--event", "waiver")[0] == out[:1]
    assert logs.run("show", "-n", "1")[0] == [out[0], out[3]]
    assert logs.run("show", "-n", "2")[0] == [out[0], *out[2:]]
    assert logs.run("show", "-n", "9")[0] == out
    assert logs.run("show", "-n", "1", "--event", "removal")[0] == out[3:]
    assert logs.run("show", "-n", "1", "--case", CASE)[0] == out[2:3]
    assert logs.run("show", "-n", "1", "--event", "key", "--case", CASE)[0] == []
    lines = [json.loads(line) for line in logs.run("show", "--json", "--log", "vault")[0]]
    assert lines == [{"log": "vault", "record": r} for r in logs.vault.records()]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("show", "--event", "remove"), "gatekeeper: error: --event remove: no such event"),
        (("show", "--case", "x\x1b"), r"gatekeeper: error: --case x\x1b: not the id of a case"),
        (("show", "--case", CASE + "0"), f"gatekeeper: error: --case {CASE}0: not the id of a c"),
        (("show", "-n", "0"), "gatekeeper: error: Invalid value for '-n': 0 is not in the range"),
        (("verify", "--head", "1"), "gatekeeper: error: --head 1: not a head"),
        (("verify", "--head", f"1:{ZERO}"), f"gatekeeper: error: --head 1:{ZERO}: not a head"),
        (("verify", "--head", f"vault:{ZERO}"), f"gatekeeper: error: --head vault:{ZERO}: not a"),
        (("verify", "--head", f"other:1:{ZERO}"), f"gatekeeper: error: --head other:1:{ZERO}: not"),
    ],
)
def test_a_slip_of_the_pen_is_told(logs: Logs, words: tuple[str, ...], says: str) -> None:
    out, err = logs.run(*words, expect=2)
    assert out == []
    assert err[0].startswith(says)
    assert err[1].startswith("gatekeeper: hint: ")
    if words[1] == "--event":
        assert err[1] == f"gatekeeper: hint: {', '.join(EVENTS)}"
    if words[0] == "verify":
        assert err[1] == (
            "gatekeeper: hint: state:NUMBER:sha256:DIGEST or vault:NUMBER:sha256:DIGEST: "
            "see `audit head`"
        )


def test_a_head_printed_once_proves_that_nothing_before_it_changed(logs: Logs) -> None:
    filled(logs)
    printed, err = logs.run("head")
    assert err == []
    assert printed == [f"state:{logs.state.head()}", f"vault:{logs.vault.head()}"]
    assert logs.run("verify") == (
        [
            f"state: 1 record, whole; head {printed[0]}",
            f"vault: 3 records, whole; head {printed[1]}",
        ],
        [],
    )
    logs.vault.append("removal", REMOVAL)
    later = logs.run("head")[0][1]
    assert logs.run("verify", "--head", printed[1], "--head", later, "--head", printed[0]) == (
        [
            f"state: 1 record, whole; head {printed[0]}",
            "  it goes through the 1 head given",
            f"vault: 4 records, whole; head {later}",
            "  it goes through the 2 heads given",
        ],
        [],
    )
    for path in logs.vault.path.parent.iterdir():
        path.unlink()
    for _ in range(3):
        logs.vault.append("removal", REMOVAL)
    assert logs.run("verify")[1] == []  # the gate's own key signed it
    out, err = logs.run("verify", "--head", printed[1], expect=1)
    assert out == [f"state: 1 record, whole; head {printed[0]}"]
    assert err[0] == (
        f"gatekeeper: error: {logs.vault.path}: line 3: not the record that a head kept elsewhere "
        "names: the log was written anew"
    )
    assert err[1].startswith("gatekeeper: hint: nothing is added to a damaged log: ")
    out, err = logs.run("verify", "--head", later, expect=1)
    assert "it ends at record 3, and a head kept elsewhere names 4" in err[0]
    assert logs.run("verify", "--head", f"vault:0:{ZERO}")[1] == []


def test_a_signed_head_can_be_verified_elsewhere(logs: Logs) -> None:
    filled(logs)
    (out,), err = logs.run("head", "--json")
    assert err == []
    said = json.loads(out)
    assert set(said) == {"state", "vault"}
    assert said["vault"]["head"] == f"vault:{logs.vault.head()}"
    assert said["vault"]["time"] == "2026-03-01T12:00:00Z"
    payload, _ = dsse.verify(json.dumps(said["vault"]["signed"]).encode(), logs.vault.keys)
    assert json.loads(payload)["predicate"] == {
        "seq": 3,
        "digest": logs.vault.head().digest,
        "time": "2026-03-01T12:00:00Z",
    }


def test_a_damaged_log_ends_with_1_and_the_other_is_checked_all_the_same(logs: Logs) -> None:
    filled(logs)
    logs.state.path.write_bytes(logs.state.path.read_bytes().replace(b'"seq":1', b'"seq":2'))
    out, err = logs.run("verify", expect=1)
    assert out == [f"vault: 3 records, whole; head vault:{logs.vault.head()}"]
    assert err[0] == (
        f"gatekeeper: error: {logs.state.path}: line 1: the chain breaks here: a record was "
        "changed, dropped or inserted"
    )
    assert len(err) == 2
    for words in (("show",), ("show", "-n", "1"), ("head",)):
        out, err = logs.run(*words, expect=1)
        assert out == []
        assert f"{logs.state.path}: " in err[0]


def test_what_a_crash_left_is_told_and_is_no_damage(logs: Logs) -> None:
    filled(logs)
    head = logs.vault.path.parent / "head.dsse"
    old, before = head.read_bytes(), logs.vault.head()
    logs.vault.append("removal", REMOVAL)
    after = logs.vault.head()
    head.write_bytes(old)
    whole = logs.vault.path.read_bytes()
    logs.vault.path.write_bytes(whole + b"torn")
    out, err = logs.run("verify")
    assert err == []
    assert out[1:] == [
        f"vault: 4 records, whole; head vault:{after}",
        "  record 4 stands under no signed head yet: a gate is writing, or was cut off; the next "
        "record signs it",
        "  4 bytes behind it: a record that was cut off while it was written, and promised to "
        "nobody; the next record drops them",
    ]
    assert logs.run("head")[0][1] == f"vault:{before}"
    assert logs.run("verify", "--head", f"vault:{after}", "--head", f"vault:{before}")[1] == []
    assert logs.vault.path.read_bytes() == whole + b"torn"  # who only looks changes nothing
    logs.vault.append("removal", REMOVAL)
    assert len(logs.run("verify")[0]) == 2


def test_a_log_of_an_unknown_gate_says_how_to_trust_it(
    logs: Logs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(logs)
    monkeypatch.setenv("GATEKEEPER_HOME", str(tmp_path / "other-home"))
    out, err = logs.run("verify", expect=1)
    assert out == []
    assert "no trusted key signed it" in err[0]
    assert "put the gate's public key into the trusted folder" in err[1]
    assert not (tmp_path / "other-home").exists()


def test_verify_says_whether_the_log_holds_the_receipt(
    logs: Logs, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.jsonl").write_text('{"text":"The sky is blue."}\n')
    assert main(["check", "a.jsonl"]) == 0
    (receipt,) = (tmp_path / ".gatekeeper/receipts").glob("*.dsse.json")
    capsys.readouterr()

    def verify(expect: int, *words: str) -> tuple[str, str]:
        assert main(["verify", str(receipt), *words]) == expect
        said = capsys.readouterr()
        return said.out, said.err

    _, err = verify(0, "a.jsonl")
    assert err.splitlines()[-1] == "  the audit log holds the receipt as record 1"
    out, _ = verify(0, "a.jsonl", "--format", "json")
    assert json.loads(out)["log"] == {"state": "recorded", "record": 1, "why": ""}
    log = logs.state.path
    whole = log.read_bytes()
    log.write_bytes(whole.replace(b'"files":1', b'"files":2'))
    _, err = verify(1, "a.jsonl")
    assert err.splitlines()[0] == "the receipt holds: allow then, allow now"
    assert f"  the audit log is damaged: {log}: line 1: not the record" in err
    log.write_bytes(whole)
    (tmp_path / "a.jsonl").write_text('{"text":"The sky is grey."}\n')
    log.write_bytes(b"")
    assert "the audit log is damaged" in verify(3, "a.jsonl")[1]
    for path in log.parent.iterdir():
        path.unlink()
    assert "there is no audit log to hold the receipt against" in verify(3, "a.jsonl")[1]


def test_a_receipt_names_the_head_that_its_decision_was_made_on(
    logs: Logs, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.jsonl").write_text('{"text":"The sky is blue."}\n')
    heads = []
    for number in (1, 2):
        heads.append(logs.state.head())
        assert main(["check", "a.jsonl"]) == 0
        (record,) = logs.state.records(since=number)
        (path,) = (tmp_path / ".gatekeeper/receipts").glob(f"*{record['data']['receipt']}*")
        receipt = read_receipt(path, logs.state.keys)
        assert receipt.log_head == heads[-1]
        assert record["data"]["statement"] == receipt.digest
    assert [head.seq for head in heads] == [0, 1]
    capsys.readouterr()
    logs.state.path.write_bytes(b"")
    assert main(["check", "a.jsonl"]) == 1
    assert "its signed head names record 2" in capsys.readouterr().err
    assert len(list((tmp_path / ".gatekeeper/receipts").glob("*.json"))) == 2
