"""The command line as API: exit codes, JSON shapes, words on stderr, and one error boundary."""

import json
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import click
import pytest
from jsonschema import Draft202012Validator

from gatekeeper.cli import gatekeeper, main, show
from gatekeeper.errors import GatekeeperError
from tests.laws.worlds import World

SCHEMAS = Path(__file__).parents[2] / "gatekeeper/schemas"
CHAT = "".join(
    json.dumps(
        {
            "messages": [
                {"role": "user", "content": f"What is {n} times {n + 3}?"},
                {"role": "assistant", "content": f"It is {n * (n + 3)}."},
            ]
        }
    )
    + "\n"
    for n in range(12)
)
MAIL = json.dumps({"text": "Write to maria.lopez@example.com today."}) + "\n"
KEY = json.dumps({"text": "aws_access_key_id = " + "AKIA" + "IOSFODNN7QXAMPLQ"}) + "\n"


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Only the internal policy: it is the quickest."""
    made = World(tmp_path, policies="internal")
    made.write("data/chat.jsonl", CHAT)
    made.write("data/mail.jsonl", MAIL)
    made.write("data/key.jsonl", KEY)
    return made


@pytest.mark.parametrize("policy", ["hipaa", "legal", "internal", "pci", "gdpr"])
def test_a_clean_chat_file_is_allowed_by_each_shipped_policy(world: World, policy: str) -> None:
    done = world.run("check", "data/chat.jsonl", "--policy", policy, expect=0)
    assert "scanned 12 records in 1 file (0 unscanned)" in done.stderr
    assert done.stdout == ""


def test_verdict_only_stops_early_and_says_so(world: World) -> None:
    world.write("data/long.jsonl", KEY + CHAT * 100)
    done = world.run("check", "data", "--verdict-only", "--format", "json", expect=20)
    decision = json.loads(done.stdout)
    assert decision["coverage"]["partial"] is True
    assert decision["coverage"]["files"] == 4
    schema = json.loads((SCHEMAS / "decision.schema.json").read_text())
    Draft202012Validator(schema).validate(decision)
    done = world.run("check", "data", "--verdict-only", expect=20)
    assert "counts are partial: stopped after" in done.stderr
    said = world.run("explain", str(world.receipts()[-1]), expect=0).stdout
    assert "counts are partial" in said
    world.run("verify", str(world.receipts()[-1]), "data", expect=20)
    whole = json.loads(world.run("check", "data", "--format", "json", expect=20).stdout)
    assert "partial" not in whole["coverage"]
    assert whole["subjects"] == decision["subjects"]


def test_a_decision_as_json_has_the_published_shape(world: World) -> None:
    done = world.run("check", "data/mail.jsonl", "--policy", "hipaa", "--format", "json", expect=10)
    decision = json.loads(done.stdout)
    assert decision["route"] == "on_prem"
    (reason,) = [r for r in decision["reasons"] if r["rule"] == "email-addresses"]
    assert reason["at"].startswith("policies/hipaa.yaml:")
    assert (reason["count"], reason["at_least"]) == (1, 1)
    (where,) = reason["where"]
    assert (where["record"], where["pointer"], where["start"], where["end"]) == (0, "/text", 9, 32)
    assert decision["coverage"]["bytes_seen"] == decision["coverage"]["bytes_scanned"] == len(MAIL)
    assert set(decision) == {
        "route", "reasons", "errors", "coverage", "destination", "host", "date", "subjects",
        "policies", "digests", "receipt", "outcome",
    }  # fmt: skip
    assert (world.root / decision["receipt"]).is_file()


def test_finding_lines_have_the_published_shape(world: World) -> None:
    done = world.run("scan", "data/mail.jsonl", "--format", "jsonl", expect=0)
    line, *rest = [json.loads(x) for x in done.stdout.splitlines()]
    assert {x["confidence"] for x in rest} <= {"possible"}  # "today"
    assert line.pop("score") >= 0.9
    assert line == {
        "source": "data/mail.jsonl", "record": 0, "pointer": "/text", "start": 9, "end": 32,
        "entity": "EMAIL_ADDRESS", "confidence": "certain", "recognizer": "EmailRecognizer",
    }  # fmt: skip


def published(what: str) -> Draft202012Validator:
    schema = json.loads((SCHEMAS / f"{what}.schema.json").read_text())
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


@pytest.mark.parametrize("data", ["mail", "chat", "broken", "image"])
def test_what_is_said_fits_the_published_schemas(world: World, data: str) -> None:
    world.write("data/broken.jsonl", MAIL + "{no json\n")
    part = {"type": "image_url", "image_url": {"url": "https://shop.example.org/a.png"}}
    image = {"messages": [{"role": "user", "content": [part]}]}
    world.write("data/image.jsonl", json.dumps(image) + "\n")
    done = world.run("check", f"data/{data}.jsonl", "--format", "json", "--policy", "hipaa")
    published("decision").validate(json.loads(done.stdout))
    found = world.run("scan", f"data/{data}.jsonl", "--format", "jsonl").stdout
    for line in found.splitlines():
        published("finding").validate(json.loads(line))
    assert bool(found) is (data != "chat")


def test_the_command_line_loads_no_framework_that_it_does_not_use(world: World) -> None:
    world.write(
        "torch.py", "raise SystemExit('torch was loaded')"
    )  # the working directory comes first on the path of `python -m`
    world.run("check", "data/mail.jsonl", "--policy", "hipaa", expect=10)


@pytest.mark.parametrize("what", ["policy", "destination", "gatekeeper", "finding", "decision"])
def test_every_schema_can_be_had(what: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy", "schema", "--of", what]) == 0
    Draft202012Validator.check_schema(json.loads(capsys.readouterr().out))


def test_stdin_is_read_and_cannot_be_acted_on(world: World) -> None:
    done = world.run("check", "-", stdin=MAIL.encode(), expect=10)
    assert "stdin" in done.stderr
    world.run("gate", "-", stdin=MAIL.encode(), expect=2)
    assert world.run("check", "-", "--input-format", "text", stdin=b"Add two and two.", expect=0)


def test_a_route_that_lacks_something_leaves_the_dataset_alone(world: World) -> None:
    before = (world.root / "data/key.jsonl").read_bytes()
    done = world.run("gate", "data/key.jsonl", expect=2)
    assert "gatekeeper keys init" in done.stderr
    assert (world.root / "data/key.jsonl").read_bytes() == before


def test_a_whole_folder_is_quarantined_with_what_could_not_be_read(world: World) -> None:
    world.write("data/sheet.xlsx", b"PK\x03\x04 no table")
    world.keys()
    done = world.run("gate", "data", expect=20)
    assert not any(p.is_file() for p in (world.root / "data").rglob("*"))
    case = world.run("quarantine", "list", expect=0).stdout.split()[0]
    opened = world.release(case, "out")
    assert len(opened.stdout.splitlines()) == 4, done.stderr
    assert KEY.encode() in {p.read_bytes() for p in (world.root / "out").rglob("*.jsonl")}


def test_what_is_left_in_place_is_said(world: World) -> None:
    (world.root / "data/link.jsonl").symlink_to(world.outside)
    world.keys()
    done = world.run("gate", "data", expect=20)
    assert "data/link.jsonl" in done.stderr
    assert "left in place" in done.stderr


@pytest.mark.parametrize("content", ["", "{not json\n{nor this\n"])
def test_nothing_scanned_is_no_decision(world: World, content: str) -> None:
    world.write("data/nothing.jsonl", content)
    done = world.run("check", "data/nothing.jsonl", expect=3)
    assert "nothing could be scanned" in done.stderr
    assert not world.receipts()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["check", "nowhere.jsonl"], "no such file"),
        (["check"], "missing argument"),
        (["chek", "x"], "no such command"),
        (["check", "data", "--polcy", "x"], "no such option"),
        (["check", "data", "--policy", "hippa"], "did you mean"),
        (["check", "data", "--to", "opnai"], "unknown destination"),
        (["check", "data", "--input-format", "xml"], "xml"),
        (["explain", "no-such.json"], "no such file"),
        (["keys", "init", "inside.key"], "must not lie in"),
        (["quarantine", "show", "../../etc"], "case"),
    ],
)
def test_a_wrong_command_line_gets_one_clear_line(
    world: World, arguments: list[str], says: str
) -> None:
    done = world.run(*arguments)
    assert done.returncode in {1, 2, 3}
    assert says in done.stderr.lower()
    assert "Traceback" not in done.stderr
    first = done.stderr.splitlines()[0]
    assert first.startswith("gatekeeper: error: ")
    assert not first.endswith(".")


def test_all_errors_of_a_policy_are_told_with_their_places(world: World) -> None:
    world.write(
        "bad.yaml",
        "policy: bad\nversion: 1\ntitle: t\nsource: s\nrules:\n  - id: a\n    because: c\n"
        "    when: {any_of: [US_SSM]}\n    route: blok\n",
    )
    done = world.run("check", "data", "--policy", "bad.yaml", expect=2)
    assert "bad.yaml:8:21: unknown entity `US_SSM`" in done.stderr
    assert "did you mean `US_SSN`" in done.stderr
    assert "bad.yaml:9:12" in done.stderr


def test_every_command_has_help_and_names_no_default_that_is_not_there() -> None:
    def walk(command: click.Command, path: list[str]) -> None:
        context = click.Context(command, info_name=" ".join(path))
        assert command.get_help(context), path
        assert command.help, f"{path} says nothing of itself"
        for name in command.list_commands(context) if isinstance(command, click.Group) else ():
            inner = command.get_command(context, name)
            assert inner is not None
            walk(inner, [*path, name])

    walk(gatekeeper, ["gatekeeper"])


def test_an_unexpected_error_shows_type_and_place_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise KeyError("secret-value-of-a-record")

    monkeypatch.setattr("gatekeeper.policy.load_config", fail)
    assert main(["check", "x"]) == 1
    said = capsys.readouterr().err
    assert "internal error: KeyError at cli/options.py:" in said
    assert "secret" not in said


def test_every_error_class_ends_with_a_code_of_the_table() -> None:
    def classes(kind: type[GatekeeperError]) -> set[type[GatekeeperError]]:
        return {kind}.union(*(classes(k) for k in kind.__subclasses__()))

    codes = {k.exit_code for k in classes(GatekeeperError)}
    assert codes <= {1, 2, 3, 10, 20}


def test_control_characters_never_reach_the_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show.error(GatekeeperError("a\x1b[31mb\rc\u202ed"))
    assert "\x1b[31m" not in capsys.readouterr().err.replace("\x1b[31m\x1b[1m", "")


def wait_until_it_reads(process: subprocess.Popen[bytes], name: str) -> None:
    """Until the process has the dataset open and has read of it: it is scanning then."""
    for _ in range(1200):
        for link in Path(f"/proc/{process.pid}/fd").glob("*"):
            if link.exists() and link.readlink().name == name:
                info = Path(f"/proc/{process.pid}/fdinfo/{link.name}").read_text()
                if int(info.split()[1]) > 0:
                    time.sleep(0.5)
                    return
        time.sleep(0.05)
    raise AssertionError("the scan never began")


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="looks into /proc")
def test_an_interrupted_scan_ends_with_130_and_leaves_nothing(world: World) -> None:
    rows = (json.dumps({"text": f"Row {n} says that {n * n} is a square."}) for n in range(20_000))
    world.write("data/long.jsonl", "\n".join(rows))
    process = subprocess.Popen(
        [sys.executable, "-m", "gatekeeper", "check", "data/long.jsonl"],
        cwd=world.root,
        env={**os.environ, "TMPDIR": str(world.tmp)},
        stderr=subprocess.PIPE,
        # A shell that runs the tests in the background has them ignore SIGINT, and so would we.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    wait_until_it_reads(process, "long.jsonl")
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 130, said
    assert b"Traceback" not in said
    assert not [p for p in world.tmp.rglob("*") if p.is_file()]
    assert not world.receipts()


def test_a_pipe_that_closes_early_ends_quietly(world: World) -> None:
    world.write("data/many.jsonl", MAIL * 400)
    done = subprocess.run(  # noqa: S602  (the pipe of a shell is what is tried)
        f"{sys.executable} -m gatekeeper scan data/many.jsonl --format jsonl | head -1",
        shell=True, cwd=world.root, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    assert len(done.stdout.splitlines()) == 1


def test_what_the_gate_writes_is_for_its_owner_alone(world: World) -> None:
    world.run("check", "data/mail.jsonl", expect=10)
    state = world.root / ".gatekeeper"
    assert (state / ".gitignore").read_text() == "*\n"
    for path in state.rglob("*"):
        mode = stat.S_IMODE(path.stat().st_mode)
        assert not mode & 0o077, path
