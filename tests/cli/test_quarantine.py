"""`quarantine` and `people` as somebody at a terminal meets them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from gatekeeper.cli import main
from tests.laws.worlds import World

SECRET = "AKIA" + "Q3EGRZ7XWN5TPL2V"
TEXT = json.dumps({"text": f"aws_access_key_id = {SECRET}"}) + "\n"
Say = Callable[..., tuple[int, str, str]]


@pytest.fixture
def say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Say:
    """`say(*arguments)` runs the command line in a project; gives the exit code and its words."""
    world = World(tmp_path, policies="internal")
    monkeypatch.chdir(world.root)
    monkeypatch.setenv("GATEKEEPER_HOME", str(world.outside / "home"))

    def run(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main(list(arguments))
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    for name in ("a", "b"):
        assert run("keys", "init", f"../outside/{name}.key")[0] == 0
    return run


def done(found: tuple[int, str, str]) -> str:
    code, out, err = found
    assert code == 0, err
    return out


def quarantined(say: Say, name: str = "data/key.jsonl") -> str:
    Path("data").mkdir(exist_ok=True)
    Path(name).write_text(TEXT, encoding="utf-8")
    code, _, err = say("gate", name)
    assert code == 20, err
    found = re.search(r"case ([0-9a-f]{32})", err)
    assert found is not None
    return found[1]


def enrolled(say: Say, *names: str) -> list[str]:
    ids = []
    for name in names:
        code, out, err = say("people", "init", f"../outside/{name}.pem", "--name", name)
        assert code == 0, err
        assert out.startswith("-----BEGIN PUBLIC KEY-----\n")
        found = re.search(r"enrolled as ([0-9a-f]{32}); the key is in ", err)
        assert found is not None
        ids.append(found[1])
    return ids


def asked(say: Say, case: str, *more: str) -> str:
    return done(
        say("quarantine", "request", case, "--key", "../outside/ann.pem", "--purpose", "an audit",
            "--destination", "the auditors", *more)
    ).strip()  # fmt: skip


def agreed(say: Say, case: str, request: str, name: str) -> tuple[int, str, str]:
    return say("quarantine", "approve", case, request, "--key", f"../outside/{name}.pem")


def test_from_quarantined_to_released(say: Say) -> None:
    case = quarantined(say)
    ann, _, _ = enrolled(say, "ann", "bob", "cid")
    assert "  quarantined  " in done(say("quarantine", "list"))
    code, out, err = say(
        "quarantine", "request", case, "--key", "../outside/ann.pem",
        "--purpose", "an audit", "--destination", "the auditors",
    )  # fmt: skip
    request = out.strip()
    assert (code, len(request)) == (0, 32)
    assert f"gatekeeper quarantine approve {case} {request} --key FILE" in err
    assert "  requested  " in done(say("quarantine", "list"))
    code, out, err = agreed(say, case, request, "bob")
    assert code == 0
    assert f"request {request}: release, requested, by {ann}, approvals 1, until " in out
    assert out.endswith(", for an audit, to the auditors\n")
    assert "1 more needed" in err
    release = ("quarantine", "release", case, request, "-i", "../outside/b.key", "--out", "out")
    code, _, err = say(*release)
    assert code == 1
    assert "1 of 2 approvals missing" in err
    assert "gatekeeper quarantine approve" in err
    code, out, err = agreed(say, case, request, "cid")
    assert (code, "approved" in out, "more needed" in err) == (0, True, False)
    assert "  approved  " in done(say("quarantine", "list"))
    code, out, err = say(*release)
    assert (code, out) == (0, str(Path("out/key.jsonl").resolve()) + "\n")
    assert "decided then: quarantine; today: quarantine" in err
    assert Path("out/key.jsonl").read_text(encoding="utf-8") == TEXT
    assert "  released  " in done(say("quarantine", "list"))
    code, _, err = say(*release[:-1], "again")
    assert (code, "it was used already" in err) == (1, True)
    shown = done(say("quarantine", "show", case))
    assert f"request {request}: release, used, by {ann}" in shown
    assert SECRET not in shown
    assert json.loads(shown.splitlines()[0])["id"] == case


def test_released_as_json(say: Say) -> None:
    case = quarantined(say)
    enrolled(say, "ann", "bob", "cid")
    request = asked(say, case)
    for name in ("bob", "cid"):
        done(agreed(say, case, request, name))
    found = json.loads(
        done(say("quarantine", "release", case, request, "-i", "../outside/a.key", "--out", "out",
                 "--format", "json"))
    )  # fmt: skip
    assert found == {
        "case": case, "request": request, "purpose": "an audit", "destination": "the auditors",
        "files": [str(Path("out/key.jsonl").resolve())], "then": "quarantine", "now": "quarantine",
        "changes": [], "duties": found["duties"],
    }  # fmt: skip


def test_a_release_says_what_todays_policies_make_of_it(say: Say) -> None:
    case = quarantined(say)
    enrolled(say, "ann", "bob", "cid")
    request = asked(say, case)
    for name in ("bob", "cid"):
        done(agreed(say, case, request, name))
    config = Path("gatekeeper.yaml").read_text(encoding="utf-8")
    config = config.replace("policies: [internal]", "policies: [hipaa]")
    Path("gatekeeper.yaml").write_text(config, encoding="utf-8")
    code, _, err = say("quarantine", "release", case, request, "-i", "../outside/a.key",
                       "--out", "out")  # fmt: skip
    assert code == 0, err
    assert "decided then: quarantine; today: allow" in err
    assert "changed: " in err


def test_destroyed_held_and_verified(say: Say) -> None:
    case, kept = quarantined(say), quarantined(say, "data/other.jsonl")
    ann, bob, _ = enrolled(say, "ann", "bob", "cid")
    request = asked(say, case, "--destroy")
    for name in ("bob", "cid"):
        done(agreed(say, case, request, name))
    key = ("--key", "../outside/ann.pem")
    held = done(say("quarantine", "hold", case, *key, "--because", "matter 12"))
    assert held == f"{case}: on hold\n"
    assert "on hold since 20" in done(say("quarantine", "show", case))
    assert f"by {ann}: matter 12" in done(say("quarantine", "show", case))
    assert done(say("quarantine", "list")).splitlines()[0].endswith("  on hold")
    code, _, err = say("quarantine", "destroy", case, request, *key)
    assert (code, "on legal hold since" in err) == (1, True)
    lifted = done(say("quarantine", "hold", case, *key, "--because", "done", "--lift"))
    assert lifted == f"{case}: hold lifted\n"
    code, out, err = say("quarantine", "destroy", case, request, *key)
    assert (code, out) == (0, f"{case}: destroyed\n")
    assert "a snapshot or a backup may still hold both" in err
    assert f"{case}  destroyed on " in done(say("quarantine", "list"))
    shown = done(say("quarantine", "show", case)).splitlines()
    assert json.loads(shown[0])["request"] == request
    assert done(say("quarantine", "verify")) == "whole: 1; destroyed, as the log says: 1\n"
    assert re.fullmatch(rf"{kept}: whole, [\d,]+ bytes\n", done(say("quarantine", "verify", kept)))
    Path("vault/cases", kept, "data.age").unlink()
    code, out, _ = say("quarantine", "verify")
    assert (code, f"{kept}  case {kept}: its ciphertext is missing" in out) == (1, True)
    Path(f"vault/people/{bob}.pub").rename("taken")
    assert f"person {bob}: enrolled, the log says" in say("quarantine", "verify")[1]
    Path("taken").rename(f"vault/people/{bob}.pub")
    code, out, _ = say("quarantine", "list")
    assert (code, f"{kept}  damaged: " in out) == (1, True)
    assert bob in done(say("people", "list"))


@pytest.mark.parametrize("how", ["rewrap", "rotate"])
def test_rewritten_for_the_recipients_of_today(say: Say, how: str) -> None:
    case = quarantined(say)
    done(say("keys", "init", "../outside/c.key"))
    code, out, err = say("quarantine", how, case, "-i", "../outside/a.key")
    assert (code, out) == (0, f"{case}: revision 2, 3 recipients\n")
    assert ("still opens" in err, "after a leak, `quarantine rotate`" in err) == (
        True, how == "rewrap",
    )  # fmt: skip
    assert done(say("quarantine", "verify", case)).startswith(f"{case}: whole, ")
    assert done(say("quarantine", "recover")) == ""


def test_what_cannot_be_ended_is_said_with_its_exit_code(say: Say) -> None:
    case = quarantined(say)
    Path(f"vault/journal/{case}.intent").write_bytes(b"of another gate")
    code, out, _ = say("quarantine", "recover")
    assert code == 1
    assert out.startswith(f"{case}  damaged: journal of case {case}: changed, or written with")


def test_a_case_may_be_destroyed_when_its_time_is_over(
    say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datetime import datetime, timedelta, timezone

    from gatekeeper.cli import options

    config = Path("gatekeeper.yaml")
    with config.open("a", encoding="utf-8") as stream:
        stream.write("retention_days: 3\n")
    case = quarantined(say)
    enrolled(say, "ann")
    code, _, err = say("quarantine", "destroy", case, "--key", "../outside/ann.pem")
    assert (code, "it is kept until 20" in err) == (1, True)
    late = datetime.now(timezone.utc) + timedelta(days=3, seconds=5)
    monkeypatch.setattr(options, "now", lambda: late)
    assert done(say("quarantine", "destroy", case, "--key", "../outside/ann.pem"))


@pytest.mark.parametrize("days", ["0", "-1", "36501", "1.5", "soon"])
def test_a_senseless_time_to_keep_is_refused(say: Say, days: str) -> None:
    with Path("gatekeeper.yaml").open("a", encoding="utf-8") as stream:
        stream.write(f"retention_days: {days}\n")
    code, _, err = say("quarantine", "list")
    assert (code, "retention_days" in err) == (2, True)


def test_people_come_and_go(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    (ann,) = enrolled(say, "ann")
    code, _, err = say("people", "init", "ann.pem", "--name", "eve")
    assert (code, "a signing key must not lie in the project" in err) == (2, True)
    assert not Path("ann.pem").exists()
    assert say("people", "init", "vault/ann.pem", "--name", "eve")[0] == 2
    prompts: list[str] = []

    def prompt(text: str, **_: object) -> str:
        prompts.append(text)
        return "correct horse"

    monkeypatch.setattr(click, "prompt", prompt)
    code, public, err = say("people", "init", "../outside/bob.pem", "--name", "bob", "--passphrase")
    assert (code, prompts) == (0, ["passphrase"])
    assert b"ENCRYPTED" in Path("../outside/bob.pem").read_bytes()
    Path("bob.pub").write_text(public, encoding="ascii")
    bob = done(say("people", "list")).splitlines()
    (bob_id,) = [line[:32] for line in bob if line.endswith("  bob")]
    assert done(say("people", "remove", bob_id)) == f"{bob_id}: removed\n"
    assert done(say("people", "add", "bob.pub", "--name", "bob\x1b[31m")) == f"{bob_id}\n"
    listed = done(say("people", "list"))
    assert sorted(line[:32] for line in listed.splitlines()) == sorted([ann, bob_id])
    assert "\x1b" not in listed
    case = quarantined(say)
    prompts.clear()
    done(say("quarantine", "request", case, "--key", "../outside/bob.pem", "--purpose", "p",
             "--destination", "d"))  # fmt: skip
    assert prompts == ["passphrase of the key"]


def test_a_request_to_destroy_goes_nowhere_and_one_to_release_somewhere(say: Say) -> None:
    case = quarantined(say)
    enrolled(say, "ann")
    key = ("--key", "../outside/ann.pem", "--purpose", "x")
    code, _, err = say("quarantine", "request", case, *key)
    assert (code, "destination: write one line" in err) == (1, True)
    request = done(say("quarantine", "request", case, *key, "--destroy")).strip()
    assert f"request {request}: destroy, requested" in done(say("quarantine", "show", case))
    assert done(say("quarantine", "show", case)).strip().endswith(", for x, to nowhere")
    path = Path(f"vault/cases/{case}/requests/{request}/request.dsse")
    path.write_bytes(path.read_bytes()[:-3])
    assert "request: request: envelope: not a JSON object" in done(say("quarantine", "show", case))
