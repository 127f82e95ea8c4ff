"""What is remembered changes no decision (laws 1, 3 and 9) and holds no value (law 6)."""

import datetime
import hashlib
import json
import os
from pathlib import Path

import pytest

from gatekeeper import gate
from gatekeeper.model import Route
from gatekeeper.policy import load_config
from gatekeeper.read import open_sources
from gatekeeper.remember import Memory, open_memory
from tests.hooks.repo import CLEAN, SECRET, write_rules
from tests.laws.worlds import World

VALUE = "AKIAQ3EGRIPL7N2WXYZA"


@pytest.fixture
def remembered(tmp_path: Path) -> Memory:
    made = open_memory(tmp_path / "home", tmp_path / "cache")
    assert made is not None
    return made


def route(folder: Path, name: str, memory: Memory | None) -> Route:
    setup = gate.prepare(load_config(start=folder))
    today = datetime.datetime.now(datetime.timezone.utc).date()
    verdict = gate.check(open_sources([folder / name]), setup, today=today, memory=memory)
    return verdict.decision.route


def test_the_entry_of_clean_data_allows_no_other_data(tmp_path: Path, remembered: Memory) -> None:
    write_rules(tmp_path)
    (tmp_path / "clean.jsonl").write_text(CLEAN)
    (tmp_path / "secret.jsonl").write_text(SECRET)
    assert route(tmp_path, "clean.jsonl", remembered) is Route.ALLOW
    clean = {p.name: p.read_bytes() for p in remembered.store.folder.iterdir()}
    assert route(tmp_path, "secret.jsonl", remembered) is Route.QUARANTINE
    for path in remembered.store.folder.iterdir():
        for body in clean.values():
            path.write_bytes(body)
            assert route(tmp_path, "secret.jsonl", remembered) is Route.QUARANTINE


@pytest.mark.parametrize("kind", ["nothing", "noise", "json", "other-key"])
def test_no_forged_entry_allows_anything(tmp_path: Path, remembered: Memory, kind: str) -> None:
    write_rules(tmp_path)
    (tmp_path / "secret.jsonl").write_text(SECRET)
    assert route(tmp_path, "secret.jsonl", remembered) is Route.QUARANTINE
    stranger = open_memory(tmp_path / "other", tmp_path / "theirs")
    assert stranger is not None
    assert route(tmp_path, "secret.jsonl", stranger) is Route.QUARANTINE
    theirs = [p.read_bytes() for p in stranger.store.folder.iterdir()]
    forged = {
        "nothing": [b""],
        "noise": [os.urandom(200)],
        "json": [b'{"records":1,"counts":[]}', bytes(32) + b'{"records":1,"counts":[]}'],
        "other-key": theirs,
    }[kind]
    for path in list(remembered.store.folder.iterdir()):
        for body in forged:
            path.write_bytes(body)
            assert route(tmp_path, "secret.jsonl", remembered) is Route.QUARANTINE


def test_nothing_kept_holds_a_value_or_a_digest_of_one(tmp_path: Path, remembered: Memory) -> None:
    write_rules(tmp_path)
    data = tmp_path / "secret.jsonl"
    data.write_text(json.dumps({VALUE: {"key": VALUE}, "text": f"the key {VALUE}"}) + "\n")
    assert route(tmp_path, "secret.jsonl", remembered) is Route.QUARANTINE
    files = list(remembered.store.folder.iterdir())
    assert len(files) == 2
    content = hashlib.sha256(data.read_bytes()).hexdigest()
    for path in files:
        written = path.name.encode() + path.read_bytes()
        for told in (VALUE, content, hashlib.sha256(VALUE.encode()).hexdigest(), "secret.jsonl"):
            assert told.encode() not in written


def test_the_command_line_says_the_same_with_and_without(tmp_path: Path) -> None:
    world = World(tmp_path, policies="internal")
    cache = {"GATEKEEPER_CACHE": str(tmp_path / "cache")}
    world.write("data/a.jsonl", SECRET + '{"broken": \n' + CLEAN)
    told = []
    for flags in ([], [], ["--no-cache"]):
        done = world.run("check", "data", "--format", "json", *flags, expect=20, **cache)
        told.append({k: v for k, v in json.loads(done.stdout).items() if k != "receipt"})
    assert told[0] == told[1] == told[2]
    assert (world.outside / "home/memory.key").stat().st_mode & 0o777 == 0o600
    assert "2 entries" in world.run("cache", "show", expect=0, **cache).stdout
    assert "2 entries" in world.run("doctor", **cache).stdout
    assert "forgot 2 entries" in world.run("cache", "clear", expect=0, **cache).stderr
    (world.outside / "home/memory.key").touch()
    (world.outside / "home/memory.key").chmod(0o644)
    world.run("check", "data", expect=20, **cache)
    assert world.run("cache", "show", expect=0, **cache).stdout.startswith("none: ")


def test_without_asking_nothing_is_remembered(tmp_path: Path) -> None:
    world = World(tmp_path, policies="internal")
    world.write("data/a.jsonl", SECRET)
    cache = {"GATEKEEPER_CACHE": str(tmp_path / "cache")}
    world.run("check", "data", "--no-cache", expect=20, **cache)
    world.run("scan", "data", expect=0, **cache)
    assert not (tmp_path / "cache/remembered").exists()
