"""`gatekeeper keys` as somebody uses it: what is printed, what is said, and how it ends."""

from __future__ import annotations

import datetime
import json
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from gatekeeper.cli import main, options
from gatekeeper.vault import age, load_identities
from gatekeeper.vault.age.hybrid import HybridIdentity
from gatekeeper.vault.keys import fingerprint
from tests.vault.kit import kms
from tests.vault.terminal import run_in_terminal

FEW = (
    "gatekeeper: warning: quarantine needs 2 recipients with a possession check of the last 90 "
    "days, and there is {}\n"
)
INIT = (
    "gatekeeper: hint: `gatekeeper keys init FILE` makes a key: two of them, for two people, kept "
    "off this machine\n"
)
CHECK = (
    "gatekeeper: hint: `gatekeeper keys check -i IDENTITY` proves that its holder still has the "
    "key\n"
)
REMOVED = (
    "cases that were encrypted to it still open with its identity until each is rewrapped: "
    "`gatekeeper quarantine rewrap`; after a leak `rotate`, and copies stay what they are\n"
)
TIME = r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ"
WORDS = "correct horse battery"


class Desk:
    """A project with a vault, and a folder outside of it for identities."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.root, self.outside = folder / "project", folder / "outside"
        self.root.mkdir()
        self.outside.mkdir()
        self._capsys = capsys
        self.configure()

    def configure(self, recipients: Sequence[str] = (), *, unwrap: bool = True) -> None:
        wrapper = kms(self.outside)
        wrappers = {"kms": {"wrap": list(wrapper.wrap), "post_quantum": False}}
        if unwrap:
            wrappers["kms"]["unwrap"] = list(wrapper.unwrap)
        config = {"policies": ["internal"], "vault": "vault", "wrappers": wrappers}
        text = json.dumps({**config, "recipients": list(recipients)})
        (self.root / "gatekeeper.yaml").write_text(text)

    def __call__(self, *arguments: str, expect: int = 0) -> tuple[str, str]:
        """What `gatekeeper ARGUMENTS` prints on stdout and says on stderr."""
        self._capsys.readouterr()
        code = main([*arguments])
        out, err = self._capsys.readouterr()
        assert code == expect, err
        return out, err

    def key(self, name: str) -> str:
        return str(self.outside / name)

    def init(self, name: str, *more: str) -> str:
        """The fingerprint of a new key."""
        out, _ = self("keys", "init", self.key(name), *more)
        return fingerprint(out.strip())

    def listed(self) -> dict[str, dict[str, str]]:
        rows: list[dict[str, str]] = json.loads(self("keys", "list", "--json")[0])
        return {row["fingerprint"]: row for row in rows}


@pytest.fixture
def desk(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Desk:
    made = Desk(tmp_path, capsys)
    monkeypatch.chdir(made.root)
    monkeypatch.setenv("NO_COLOR", "1")
    return made


def test_two_keys_are_made_and_listed(desk: Desk) -> None:
    assert desk("keys", "list") == ("", "")
    assert desk("keys", "list", "--json") == ("[]\n", "")
    out, err = desk("keys", "init", desk.key("a"), "--comment", "alice\x1b[31m")
    (identity,) = load_identities(desk.outside / "a")
    assert out == f"{identity.recipient}\n"
    assert err == (
        f"the identity is in {desk.key('a')}: move it off this machine\n{FEW.format(1)}{INIT}"
    )
    second = desk.init("b", "--post-quantum")
    first = fingerprint(identity.recipient)
    lines = desk("keys", "list")[0].splitlines()
    assert len(lines) == 2
    at = {line[:32]: line for line in lines}
    head = rf"made {TIME}  checked {TIME}"
    assert re.fullmatch(rf"{first}  X25519        {head}  alice\[31m", at[first])
    assert re.fullmatch(rf"{second}  post-quantum  {head}", at[second])
    rows = desk.listed()
    assert list(rows) == sorted([first, second])
    row = rows[first]
    assert re.fullmatch(TIME, row.pop("created"))
    assert re.fullmatch(TIME, row.pop("checked"))
    assert row == {
        "fingerprint": first, "recipient": str(identity.recipient), "kind": "X25519",
        "comment": "alice[31m", "doubt": "",
    }  # fmt: skip


def test_a_key_of_the_other_kind_is_warned_of(desk: Desk) -> None:
    first = desk.init("a")
    _, err = desk("keys", "init", desk.key("b"), "--post-quantum")
    second = fingerprint(load_identities(desk.outside / "b")[0].recipient)
    assert err.splitlines()[1:] == [
        "gatekeeper: warning: a case cannot have post-quantum recipients beside others: it would "
        f"be no safer than for the others; post-quantum: {second}; others: {first}",
        "gatekeeper: hint: name those of one kind under `recipients` in gatekeeper.yaml, or remove "
        "the others with `gatekeeper keys remove`",
    ]


def test_an_identity_stays_out_of_the_project_and_its_state(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    hint = "gatekeeper: hint: name a file outside of it, best on a medium you can take away\n"
    for name, folder in (("inside", desk.root), (str(desk.root / "vault/k"), desk.root / "vault")):
        _, err = desk("keys", "init", name, expect=2)
        assert err == (f"gatekeeper: error: {name}: an identity must not lie in {folder}\n{hint}")
    away = desk.outside / "away"
    away.mkdir()
    monkeypatch.chdir(away)  # no configuration, so no project, but a state
    (away / ".gatekeeper").mkdir()
    _, err = desk("keys", "init", ".gatekeeper/k", expect=2)
    assert err == (
        f"gatekeeper: error: .gatekeeper/k: an identity must not lie in {away}/.gatekeeper\n{hint}"
    )
    desk("keys", "init", "k")
    assert (away / "k").exists()


def test_a_key_with_a_passphrase_out_of_a_file(desk: Desk) -> None:
    (desk.outside / "words").write_text(WORDS + "\n")
    name = desk.init("a", "--passphrase-file", desk.key("words"))
    (identity,) = load_identities(desk.outside / "a", lambda: WORDS)
    assert fingerprint(identity.recipient) == name
    out, _ = desk("keys", "check", "-i", desk.key("a"), "--passphrase-file", desk.key("words"))
    assert re.fullmatch(rf"{name}  checked {TIME}\n", out)
    (desk.outside / "words").write_text("other")
    _, err = desk(
        "keys", "check", "-i", desk.key("a"), "--passphrase-file", desk.key("words"), expect=1
    )
    assert err == (
        f"gatekeeper: error: {desk.key('a')}: the passphrase is wrong\n"
        "gatekeeper: hint: it is that of this identity file\n"
    )


LINE = "not one line, of up to 1,024 characters"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", LINE),
        (b"\n", LINE),
        (b"\r\n", LINE),
        (b"one\ntwo\n", LINE),
        (b"one\n\n", LINE),
        (b"x" * 1025, LINE),
        (b"\xff", "not UTF-8"),
        (None, "no such file or directory"),
    ],
)
def test_a_passphrase_file_holds_one_line(desk: Desk, content: bytes | None, why: str) -> None:
    words = desk.outside / "words"
    if content is not None:
        words.write_bytes(content)
    _, err = desk("keys", "init", desk.key("a"), "--passphrase-file", str(words), expect=2)
    assert err == f"gatekeeper: error: passphrase file {words}: {why}\n"
    assert not (desk.outside / "a").exists()


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_the_end_of_its_line_is_no_part_of_a_passphrase(tmp_path: Path, end: str) -> None:
    for words in ("ä x ", "x" * 1022):
        (tmp_path / "words").write_bytes((words + end).encode())
        assert options.new_passphrase(str(tmp_path / "words")) == words


def gatekeeper_at(
    desk: Desk, answers: Sequence[tuple[str, str]], *arguments: str
) -> tuple[int, str]:
    argv = [sys.executable, "-m", "gatekeeper", *arguments]
    return run_in_terminal(argv, answers, cwd=desk.root)


def test_a_passphrase_is_asked_for_in_a_terminal_twice_when_new(desk: Desk) -> None:
    asked = [
        ("passphrase: ", WORDS + "\n"),
        ("Repeat for confirmation: ", "something else\n"),
        ("do not match", ""),
        ("passphrase: ", WORDS + "\n"),
        ("Repeat for confirmation: ", WORDS + "\n"),
    ]
    code, shown = gatekeeper_at(desk, asked, "keys", "init", desk.key("a"), "--passphrase")
    assert code == 0, shown
    assert WORDS not in shown
    (identity,) = load_identities(desk.outside / "a", lambda: WORDS)
    question = f"passphrase of {desk.key('a')}: "
    code, shown = gatekeeper_at(
        desk, [(question, WORDS + "\n")], "keys", "check", "-i", desk.key("a")
    )
    assert code == 0, shown
    assert f"{fingerprint(identity.recipient)}  checked 20" in shown
    assert WORDS not in shown
    code, shown = gatekeeper_at(desk, [(question, "\x03")], "keys", "check", "-i", desk.key("a"))
    assert (code, "error" in shown) == (130, False), shown


def test_where_nobody_can_be_asked_it_is_said(desk: Desk) -> None:
    (desk.outside / "words").write_text(WORDS)
    desk.init("a", "--passphrase-file", desk.key("words"))
    for arguments in (
        ["keys", "check", "-i", desk.key("a")],
        ["keys", "init", desk.key("b"), "--passphrase"],
    ):
        done = subprocess.run(
            [sys.executable, "-m", "gatekeeper", *arguments],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
            cwd=desk.root, start_new_session=True,
        )  # fmt: skip
        assert done.returncode == 2
        assert done.stderr.splitlines()[-2:] == [
            "gatekeeper: error: a passphrase is needed, and there is nobody to ask for it",
            "gatekeeper: hint: run it in a terminal, or with --passphrase-file where it has that "
            "option",
        ]
    assert not (desk.outside / "b").exists()


def test_a_holder_elsewhere_is_enrolled_and_answers(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.init("a")
    theirs = age.X25519Identity.generate()
    (desk.outside / "theirs").write_text(theirs.encode())
    name = fingerprint(theirs.recipient)
    assert desk("keys", "add", str(theirs.recipient), "--comment", "carol") == (
        f"{name}\n",
        "enrolled, not checked: nothing is encrypted to it before its holder answers\n"
        f"gatekeeper keys challenge {name}\n",
    )
    (line,) = (x for x in desk("keys", "list")[0].splitlines() if x.startswith(name))
    assert re.fullmatch(rf"{name}  X25519        made {TIME}  carol  doubt: never checked", line)
    assert desk.listed()[name]["doubt"] == "never checked"
    text, err = desk("keys", "challenge", name)
    assert text.startswith("-----BEGIN AGE ENCRYPTED FILE-----\n")
    assert re.fullmatch(
        rf"until {TIME}; its holder answers with:\n"
        r"gatekeeper keys answer CHALLENGE -i IDENTITY\n",
        err,
    )
    (desk.outside / "challenge").write_text(text)
    _, err = desk("keys", "answer", desk.key("challenge"), "-i", desk.key("a"), expect=1)
    assert err.startswith("gatekeeper: error: age: no identity matches a recipient of this file\n")
    away = desk.outside / "away"
    away.mkdir()
    with monkeypatch.context() as elsewhere:
        elsewhere.chdir(away)
        argv = ["keys", "answer", desk.key("challenge"), "-i", desk.key("a"), "-i"]
        said, err = desk(*argv, desk.key("theirs"))
        assert list(away.iterdir()) == []
    assert re.fullmatch(rf"gatekeeper-answer-v1 {name} [0-9a-f]{{64}}\n", said)
    assert err == (
        "send this line back; it is of no use for anything but `gatekeeper keys check`\n"
    )
    (desk.outside / "answer").write_text(said)
    out, err = desk("keys", "check", "--answer", desk.key("answer"))
    assert re.fullmatch(rf"{name}  checked {TIME}\n", out)
    assert err == ""
    assert desk.listed()[name]["doubt"] == ""
    _, err = desk("keys", "check", "--answer", desk.key("answer"), expect=1)
    assert err.startswith(f"gatekeeper: error: {name}: no challenge is open for it\n")


@pytest.mark.parametrize(
    ("recipient", "code", "says"),
    [
        ("age1short", 1, "age key: "),
        ("kms", 1, "age key: not a recipient\n"),
        ("command:K", 1, "not a recipient: the name of a command has a-z, 0-9 and -\n"),
        ("command:other", 2, "command:other: no such command is configured\n"),
        ("AGE-SECRET-KEY-1SECRET", 1, "age key: an identity where a recipient belongs\n"),
    ],
)
def test_what_cannot_be_enrolled(desk: Desk, recipient: str, code: int, says: str) -> None:
    out, err = desk("keys", "add", recipient, expect=code)
    assert out == ""
    assert err.startswith(f"gatekeeper: error: {says}")
    assert "1SECRET" not in err
    assert desk.listed() == {}


def test_a_check_is_by_identity_or_by_answer(desk: Desk) -> None:
    desk.init("a")
    for more in ([], ["-i", desk.key("a"), "--answer", desk.key("a")]):
        _, err = desk("keys", "check", *more, expect=2)
        assert err == (
            "gatekeeper: error: a check needs either an identity or an answer\n"
            "gatekeeper: hint: `-i IDENTITY`, or `--answer FILE` for one to `gatekeeper keys "
            "challenge`\n"
        )
    _, err = desk("keys", "check", "--answer", desk.key("a"), expect=1)
    assert err.startswith("gatekeeper: error: this is no answer to a challenge\n")
    _, err = desk("keys", "check", "--answer", desk.key("none"), expect=2)
    assert "no such file or directory" in err.lower()


def test_a_command_is_enrolled_checked_and_told_when_it_changed(desk: Desk) -> None:
    desk.init("a")
    name = desk("keys", "add", "command:kms", "--comment", "the KMS")[0].strip()
    assert name == fingerprint("command:kms")
    out, err = desk("keys", "check", "-i", "command:kms")
    assert re.fullmatch(rf"{name}  checked {TIME}\n", out)
    assert err == ""
    row = desk.listed()[name]
    assert (row["kind"], row["recipient"], row["doubt"]) == ("command", "command:kms", "")
    config = (desk.root / "gatekeeper.yaml").read_text()
    (desk.root / "gatekeeper.yaml").write_text(config.replace('"wrap", ', '"wrap", "more", ', 1))
    changed = "its command was changed since it was checked"
    assert desk.listed()[name]["doubt"] == changed
    (desk.root / "gatekeeper.yaml").write_text("policies: [internal]\nvault: vault\n")
    assert desk.listed()[name]["doubt"] == "its command is not configured on this machine"
    desk.configure(unwrap=False)
    assert desk.listed()[name]["doubt"] == ""
    _, err = desk("keys", "check", "-i", "command:kms", expect=2)
    assert err == (
        "gatekeeper: error: command:kms: no command to unwrap is configured on this machine\n"
        "gatekeeper: hint: `wrappers` in gatekeeper.yaml: {kms: {unwrap: [PROGRAM, ARGUMENT]}}\n"
    )


def test_a_command_answers_a_challenge(desk: Desk) -> None:
    name = desk("keys", "add", "command:kms")[0].strip()
    (desk.outside / "c").write_text(desk("keys", "challenge", "command:kms")[0])
    (desk.outside / "a").write_text(desk("keys", "answer", desk.key("c"), "-i", "command:kms")[0])
    out, err = desk("keys", "check", "--answer", desk.key("a"))
    assert re.fullmatch(rf"{name}  checked {TIME}\n", out)
    assert err == FEW.format(1) + INIT
    assert desk.listed()[name]["doubt"] == ""


def test_a_key_is_removed_and_what_that_does_not_undo_is_said(desk: Desk) -> None:
    first, second, third = desk.init("a"), desk.init("b"), desk.init("c")
    assert desk("keys", "remove", third) == (f"{third}: removed\n", REMOVED)
    _, err = desk("keys", "remove", second, expect=2)
    assert err == (
        f"gatekeeper: error: {second}: without it, 1 of the recipients that are left has proved to "
        "have its key, and quarantine needs 2\n"
        "gatekeeper: hint: enrol and check another one first, or say --force\n"
    )
    assert set(desk.listed()) == {first, second}
    assert desk("keys", "remove", second, "--force") == (
        f"{second}: removed\n",
        REMOVED + FEW.format(1) + INIT,
    )
    _, err = desk("keys", "remove", second, expect=2)
    assert err.startswith("gatekeeper: error: no such recipient is enrolled\n")


def test_the_configuration_says_who_counts(desk: Desk) -> None:
    for name in ("a", "b", "c"):
        desk.init(name)
    texts = [str(load_identities(desk.outside / n)[0].recipient) for n in ("a", "b")]
    desk.configure(recipients=texts)
    gone = fingerprint(texts[0])
    _, err = desk("keys", "remove", gone, expect=2)
    assert f"{gone}: without it, 1 of the recipients" in err
    _, err = desk("keys", "remove", texts[0], "--force")
    assert err.splitlines() == [
        REMOVED.strip(),
        "gatekeeper: warning: gatekeeper.yaml still names it under `recipients`: take it out",
        f"gatekeeper: warning: recipients: {texts[0][:20]}… is not enrolled in the vault, so "
        "nobody proved to have its key",
        "gatekeeper: hint: `gatekeeper keys add` enrols it, `gatekeeper keys challenge` asks its "
        "holder",
    ]


def test_an_old_check_is_told_and_mended(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = desk.init("a"), desk.init("b")
    checked = desk.listed()[first]["checked"]
    later = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=91)
    monkeypatch.setattr(options, "now", lambda: later)
    doubt = f"last checked {checked}, more than 90 days ago"
    assert desk.listed()[first]["doubt"] == doubt
    assert f"  checked {checked}  doubt: {doubt}\n" in desk("keys", "list")[0]
    _, err = desk("keys", "check", "-i", desk.key("b"))
    assert err == FEW.format(f"1; {first}: {doubt}") + CHECK
    assert desk("keys", "check", "-i", desk.key("a"))[1] == ""
    assert desk.listed()[second]["doubt"] == ""


# --- quarantine with every kind of identity --------------------------------------------------


SECRET = json.dumps({"text": "aws_access_key_id = " + "AKIA" + "IOSFODNN7QXAMPLQ"}) + "\n"


def quarantined(desk: Desk) -> str:
    (desk.root / "key.jsonl").write_text(SECRET)
    desk("gate", "key.jsonl", expect=20)
    (case,) = (desk.root / "vault/cases").iterdir()
    return case.name


def test_a_case_is_rewrapped_by_a_command_and_rotated_with_a_passphrase(desk: Desk) -> None:
    (desk.outside / "words").write_text(WORDS)
    desk.init("a", "--passphrase-file", desk.key("words"))
    desk("keys", "add", "command:kms")
    desk("keys", "check", "-i", "command:kms")
    case = quarantined(desk)
    assert not (desk.root / "key.jsonl").exists()
    out, _ = desk("quarantine", "rewrap", case, "-i", "command:kms")
    assert out == f"{case}: revision 2, 2 recipients\n"
    out, _ = desk(
        "quarantine", "rotate", case, "-i", desk.key("a"), "--passphrase-file", desk.key("words")
    )
    assert out == f"{case}: revision 3, 2 recipients\n"
    _, err = desk("quarantine", "rotate", case, "-i", "command:other", expect=2)
    assert "command:other: no command to unwrap is configured on this machine" in err


def test_post_quantum_keys_hold_a_case(desk: Desk) -> None:
    desk.init("a", "--post-quantum")
    desk.init("b", "--post-quantum")
    case = quarantined(desk)
    data = (desk.root / "vault/cases" / case / "data.age").read_bytes()
    assert data.count(b"\n-> mlkem768x25519 ") == 2
    (identity,) = load_identities(desk.outside / "b")
    assert isinstance(identity, HybridIdentity)
    out, _ = desk("quarantine", "rotate", case, "-i", desk.key("b"))
    assert out == f"{case}: revision 2, 2 recipients\n"


# --- doctor ----------------------------------------------------------------------------------


def told(desk: Desk) -> dict[str, tuple[str, str]]:
    lines = desk("doctor")[0].splitlines()
    parts = (re.fullmatch(r"(ok|missing) +(\S+(?: key)?) +(.*)", line) for line in lines)
    return {p[2]: (p[1], p[3]) for p in parts if p}


def test_doctor_says_what_keys_lack(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    few, init = (text.split(": ", 2)[2].strip() for text in (FEW, INIT))
    found = told(desk)
    assert found["keys"] == ("missing", f"{few.format('none')}: {init}")
    assert found["command:kms"] == ("ok", "wraps and unwraps")
    first = desk.init("a")
    assert told(desk)["keys"] == ("missing", f"{few.format('1')}: {init}")
    desk.init("b")
    assert told(desk)["keys"] == ("ok", "2 recipients can open a case")
    theirs = age.X25519Identity.generate().recipient
    desk("keys", "add", str(theirs))
    assert told(desk)["keys"] == (
        "missing",
        f"recipient {fingerprint(theirs)}: never checked; it receives nothing",
    )
    desk("keys", "remove", fingerprint(theirs))
    checked = desk.listed()[first]["checked"]
    later = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=91)
    monkeypatch.setattr(options, "now", lambda: later)
    state, words = told(desk)["keys"]
    assert state == "missing"
    assert f"; {first}: last checked {checked}, more than 90 days ago" in words
    assert words.endswith(CHECK.split(": ", 2)[2].strip())


def test_doctor_says_which_program_of_a_wrapper_is_missing(desk: Desk) -> None:
    wrappers = {
        "gone": {"wrap": ["no-such-program", "x"], "unwrap": ["./none.sh"]},
        "half": {"wrap": ["sh"], "unwrap": ["no-such-program"]},
        "gate": {"wrap": ["sh"]},
    }
    text = json.dumps({"policies": ["internal"], "wrappers": wrappers})
    (desk.root / "gatekeeper.yaml").write_text(text)
    found = told(desk)
    assert [name for name in found if name.startswith("command:")] == [
        "command:gate", "command:gone", "command:half",
    ]  # fmt: skip
    assert found["command:gate"] == ("ok", "wraps")
    assert found["command:gone"] == (
        "missing",
        f"wrap: no program no-such-program; unwrap: no program {desk.root}/none.sh",
    )
    assert found["command:half"] == ("missing", "unwrap: no program no-such-program")


def test_the_help_names_every_command(desk: Desk) -> None:
    out, _ = desk("keys", "--help")
    commands = [line.split()[0] for line in out.partition("Commands:")[2].splitlines() if line]
    assert commands == ["add", "answer", "challenge", "check", "init", "list", "remove"]
