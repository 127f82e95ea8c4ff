"""`gatekeeper lists`: made from names in clear, held as hashes, found in a dataset, never shown."""

import json
import stat
from pathlib import Path

import pytest

from gatekeeper.cli import main
from tests.laws.worlds import World

NAMES = "Quorvane Holdings\nBrimtallow Umbrix\nbrimtallow umbrix\n"
SECRET = ("quorvane", "brimtallow", "umbrix")


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path, policies="internal")
    (made.outside / "names.txt").write_text(NAMES)
    made.write("data/chat.jsonl", json.dumps({"text": "Renew BRIMTALLOW  Umbrix by May."}) + "\n")
    return made


def configure(world: World, lists: str) -> None:
    config = world.root / "gatekeeper.yaml"
    config.write_text(f"{config.read_text()}lists: {lists}\n")


def make(world: World, *arguments: str) -> str:
    done = world.run(
        "lists", "make", str(world.outside / "names.txt"), "--entity", "CUSTOMER_NAME",
        "-o", "customers.gklist", *arguments, expect=0,
    )  # fmt: skip
    return done.stdout + done.stderr


def test_a_name_on_a_list_keeps_the_dataset_in_the_house(world: World) -> None:
    world.run("check", "data/chat.jsonl", expect=0)
    said = make(world)
    assert "CUSTOMER_NAME: 2 entries (1 given again)" in said
    key = world.outside / "home/lists.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    made_again = make(world)
    assert "made the key" in said
    assert "made the key" not in made_again
    shown = world.run("lists", "show", "customers.gklist", expect=0).stdout
    assert "entity: CUSTOMER_NAME\n" in shown
    assert "entries: 2," in shown
    assert shown.split("key: ")[1].strip() in said
    configure(world, "[customers.gklist]")

    done = world.run("check", "data/chat.jsonl", "--format", "json", expect=10)
    (reason,) = json.loads(done.stdout)["reasons"]
    assert (reason["rule"], reason["count"]) == ("listed-names", 1)
    (where,) = reason["where"]
    assert (where["entity"], where["start"], where["end"]) == ("CUSTOMER_NAME", 6, 24)

    written = [
        path.read_bytes().decode(errors="replace")
        for place in (world.root, world.outside, world.tmp)
        for path in place.rglob("*")
        if path.is_file() and path.parent.name != "data" and path.name != "names.txt"
    ]
    outputs = [said, made_again, shown, done.stdout, done.stderr, *written]
    assert len(written) >= 5
    assert not [word for word in SECRET for text in outputs if word in text.lower()]


def test_a_key_and_an_entity_of_ones_own(world: World) -> None:
    key = world.outside / "customers.key"
    make(world, "--key", str(key), "--class", "internal", "--class", "personal")
    assert not (world.outside / "home/lists.key").exists()
    configure(world, f"[{{file: customers.gklist, key: {key}}}]")
    entities = world.run("policy", "entities", expect=0).stdout
    assert "CUSTOMER_NAME                internal, listed, personal\n" in entities
    world.run("check", "data/chat.jsonl", expect=10)
    assert "internal: " in world.run("policy", "test", "internal", expect=0).stdout


def test_what_is_wrong_ends_with_2_and_one_line(world: World) -> None:
    make(world)
    configure(world, "[customers.gklist]")
    file, key = world.root / "customers.gklist", world.outside / "home/lists.key"
    whole, secret = file.read_bytes(), key.read_bytes()

    def refused(said: str) -> None:
        done = world.run("check", "data/chat.jsonl", expect=2)
        (error,) = [x for x in done.stderr.splitlines() if "error:" in x]
        assert said in error
        assert done.stdout == ""

    file.write_bytes(whole[:-30])
    refused("customers.gklist: damaged or truncated")
    file.write_bytes(whole.replace(b"list 1", b"list 9"))
    refused("customers.gklist: version 9 of lists is not known; this reads 1")
    file.write_bytes(whole)
    key.write_bytes(secret[:-65] + b"0" * 64 + b"\n")
    refused("customers.gklist: made with key ")
    key.unlink()
    refused("lists.key: the key of a list is missing")
    file.unlink()
    refused("customers.gklist: the list is missing")


@pytest.mark.parametrize(
    ("names", "arguments", "said"),
    [
        ("", [], "no name in it"),
        ("Quorvane\nQ\n", [], "names.txt:2: fewer than 2 letters"),
        (NAMES, ["--entity", "customer"], "an entity is a word like CUSTOMER_NAME"),
        (NAMES, ["--class", "customers"], "unknown data class `customers`"),
        (NAMES, ["-o", "names.txt"], "are three files"),
        (NAMES, ["--key", "out.gklist"], "are three files"),
        (NAMES, ["-o", "missing/out.gklist"], "missing/out.gklist: no such file"),
        (None, [], "names.txt: no such file"),
    ],
)
def test_what_cannot_be_made_is_not(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    names: str | None,
    arguments: list[str],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GATEKEEPER_HOME", str(tmp_path / "home"))
    if names is not None:
        Path("names.txt").write_text(names)
    given = ["--entity", "CUSTOMER_NAME", "-o", "out.gklist", *arguments]
    assert main(["lists", "make", "names.txt", *given]) == 2
    told = "".join(capsys.readouterr())
    assert said in told
    assert not [word for word in SECRET if word in told.lower()]
    assert not Path("out.gklist").exists()
