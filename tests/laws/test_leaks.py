"""Law 6: no value leaks. Unique canaries are planted in every shape of input, and every output
channel is searched for them: stdout, stderr, logs at DEBUG, JSON, receipts, audit log, vault,
temp files and exceptions with all that hangs on them."""

import base64
import gzip
import json
import logging
import traceback
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

import pytest

from gatekeeper.cli import main
from gatekeeper.model.places import cache_folder
from tests.laws.worlds import World

WORD = "zyxgrimwaldquoxbyvjk"
"""No four letters in a row of it occur in any word Gatekeeper says."""
TOKEN = "ghp" + "_" + "q7Xw9ZkV3jYt5Bn1Hf8Gd2Rs6Lc4Mp0QaTxE"
SSN = "536-22-8179"
ROW = {
    "text": f"SSN {SSN}, mail {WORD}@example.com, token {TOKEN}",
    WORD: "a key that is a value",
    f"{WORD}@example.com": {"ssn": 536228179},
}
GOOD = (json.dumps(ROW) + "\n").encode()
CLEAN = b'{"text": "Add two and two."}\n'


def windows(secret: str) -> set[str]:
    return {secret[i : i + 4] for i in range(len(secret) - 3)}


def forms(secret: str) -> set[bytes]:
    """The secret as it might be written: encodings in which it would still be a leak."""
    raw = secret.encode()
    return {
        raw, raw.hex().encode(), base64.b64encode(raw)[:-2], base64.b32encode(raw)[:24],
        secret.encode("utf-16-le"), secret[::-1].encode(), urllib.parse.quote(secret).encode(),
        secret.upper().encode(), raw.replace(b"-", b""),
    }  # fmt: skip


def assert_silent(content: bytes, where: str) -> None:
    for secret in (WORD, TOKEN, SSN):
        for form in forms(secret):
            assert form not in content, f"a canary stands in {where}"
    if where.endswith(".key"):
        return  # drawn at random: any four characters may stand there
    for window in windows(WORD) | windows(TOKEN[4:]):
        assert window.encode() not in content, f"four characters of a canary stand in {where}"


def broken_inputs() -> Iterator[tuple[str, bytes]]:
    yield "good.jsonl", GOOD
    yield "cut.jsonl", CLEAN + GOOD[:-20] + b"\n" + CLEAN
    yield "bytes.jsonl", CLEAN + GOOD.replace(b"token", b"\xff\xfe") + CLEAN
    yield "nul.jsonl", CLEAN + GOOD.replace(b"token", b"\x00")
    yield "utf16.jsonl", json.dumps(ROW).encode("utf-16-le")
    yield "nan.jsonl", CLEAN + GOOD.replace(b"536228179", b"NaN")
    yield "surrogate.jsonl", CLEAN + GOOD.replace(b"token", b"\\ud800")
    yield "two.jsonl", CLEAN + GOOD.strip() + GOOD
    yield "huge.jsonl", CLEAN + GOOD.replace(b"536228179", b"9" * 50_000)
    yield "deep.jsonl", CLEAN + b"[" * 100_000 + GOOD.strip() + b"]" * 100_000 + b"\n"
    yield "bad.json", b'[{"a": 1}, ' + GOOD.strip() + b", }]"
    yield "quote.csv", f'id,note\n1,"{WORD}@example.com {SSN}\n2,x\n'.encode()
    yield "header.csv", f"{WORD},{SSN}\n1,2\n".encode()
    yield "ragged.csv", f"id,note\n1,ok,{WORD}@example.com,{SSN}\n".encode()
    yield "note.txt", f"SSN {SSN}\n{WORD}@example.com\n{TOKEN}\n".encode()
    yield "latin.txt", f"SSN {SSN} {WORD}".encode() + b"\xe9\n"
    yield "cut.jsonl.gz", gzip.compress(GOOD * 50, mtime=0)[:-9]
    yield "fake.parquet", b"PAR1" + GOOD + b"PAR1"
    yield f"{WORD}@example.com.jsonl", GOOD
    yield "what.xyz", GOOD


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path, policies="internal, secrets.yaml")
    made.write(
        "secrets.yaml",
        "policy: ours\nversion: 1\ntitle: t\nsource: s\nrules:\n"
        "  - id: mail\n    because: c\n    when: {any_of: [EMAIL_ADDRESS, US_SSN]}\n"
        "    route: on_prem\n",
    )
    return made


def everything_written(world: World) -> Iterator[tuple[str, bytes]]:
    """Every file that is there now, but the datasets themselves and the handed-off copies."""
    for path in cache_folder().glob("remembered/*"):
        yield f"remembered/{path.name}", path.name.encode() + path.read_bytes()
    for place in (world.root, world.outside, world.tmp):
        for path in place.rglob("*"):
            inside = path.relative_to(place)
            if path.is_file() and inside.parts[0] != "data" and "data" not in inside.parts:
                yield f"{inside}", path.read_bytes()


@pytest.mark.parametrize(
    ("name", "content"), list(broken_inputs()), ids=lambda v: v if isinstance(v, str) else ""
)
def test_no_output_channel_shows_a_value(
    world: World,
    name: str,
    content: bytes,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(world.root)
    monkeypatch.setenv("GATEKEEPER_HOME", str(world.outside / "home"))
    monkeypatch.setattr("tempfile.tempdir", str(world.tmp))
    data = f"data/{name}"
    world.write(data, content)
    for key in ("a.key", "b.key"):
        assert main(["keys", "init", str(world.outside / key)]) == 0

    def run(*arguments: str) -> int:
        code = main(["--log-level", "debug", *arguments])
        said = capfd.readouterr()
        assert_silent((said.out + said.err).encode(), f"the output of {arguments[0]}")
        assert "internal error" not in said.err
        return code

    assert run("scan", data, "--format", "jsonl") in {0, 3}
    assert run("check", data, "--format", "json") in {3, 10, 20}
    assert run("gate", data) in {3, 10, 20}
    for receipt in world.receipts():
        assert run("explain", str(receipt)) == 0
        assert run("explain", str(receipt), "--format", "json") == 0
    for where, written in everything_written(world):
        assert_silent(written, where)


def test_a_process_of_its_own_shows_no_value_either(world: World) -> None:
    world.write("data/good.jsonl", GOOD)
    done = world.run("--log-level", "debug", "check", "data/good.jsonl", expect=20)
    assert_silent((done.stdout + done.stderr).encode(), "the output of check")


def test_several_processes_show_no_value_either(world: World) -> None:
    for name, content in broken_inputs():
        world.write(f"data/{name}", content)
    shown = world.run("--log-level", "debug", "scan", "data", "--format", "jsonl", "--jobs", "2")
    alone = world.run("--log-level", "debug", "scan", "data", "--format", "jsonl")
    assert_silent((shown.stdout + shown.stderr).encode(), "the output of scan")
    assert (shown.returncode, shown.stdout) == (alone.returncode, alone.stdout)
    for where, written in everything_written(world):
        assert_silent(written, where)


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """The exception and every exception that hangs on it."""
    seen: set[int] = set()
    pending = [error]
    while pending:
        current = pending.pop()
        if current is None or id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        pending += [current.__cause__, current.__context__]


def test_no_exception_of_the_library_carries_a_value(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    import gatekeeper

    monkeypatch.chdir(tmp_path)
    caplog.set_level(logging.DEBUG)
    config = World(tmp_path, policies="internal").root / "gatekeeper.yaml"

    def failing() -> Iterator[dict[str, str]]:
        yield {"text": f"{WORD}@example.com"}
        raise ValueError(f"{WORD} {SSN}")

    raised = 0
    for dataset in (
        failing(),
        [{"text": f"token {TOKEN}"}],
        [{"text": object(), "k": WORD}],
        [{(WORD, 1): 2}],
    ):
        try:
            gatekeeper.guard(
                dataset, config=config, destination=str(config.parent / "loopback.yaml")
            )
        except Exception as error:
            raised += 1
            for part in chain(error):
                said = f"{part!r} {part} {getattr(part, '__dict__', '')} {part.args!r}"
                assert_silent(said.encode(), f"a {type(part).__name__}")
            lines = "".join(traceback.format_exception(error))
            assert_silent(lines.encode(), "the traceback")
    assert raised >= 3
    assert_silent(caplog.text.encode(), "the log at DEBUG")
