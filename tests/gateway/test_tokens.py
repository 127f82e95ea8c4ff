"""Tokens: made once, kept as digests, and taken away."""

import datetime
import json
from pathlib import Path

import pytest

from gatekeeper.errors import ConfigError, UsageError
from gatekeeper.gateway.tokens import Clients, add_client, load_clients, remove_client
from tests.laws.worlds import World

NOW = datetime.datetime(2026, 11, 20, tzinfo=datetime.timezone.utc)


def test_a_token_is_known_by_its_digest_alone(tmp_path: Path) -> None:
    path = tmp_path / "home" / "tokens"
    tokens = {name: add_client(path, name, now=NOW) for name in ("ann", "bob", "cid")}
    assert path.stat().st_mode & 0o777 == 0o600
    text = path.read_text()
    assert not [t for t in tokens.values() if t in text or t.removeprefix("gkt-") in text]
    clients = Clients(path)
    for name, token in tokens.items():
        found = clients.who(f"Bearer {token}")
        assert found is not None
        assert found.name == name
        assert clients.who(f"Bearer {token}x") is None
        assert clients.who(f"Bearer {token[:-1]}") is None
        assert clients.who(token) is None
        assert clients.who(f"Basic {token}") is None
    digests = [json.loads(line)["sha256"] for line in text.splitlines()]
    assert not [d for d in digests if clients.who(f"Bearer {d}")]
    remove_client(path, "bob")
    assert [c.name for c in load_clients(path)] == ["ann", "cid"]
    assert Clients(path).who(f"Bearer {tokens['bob']}") is None


@pytest.mark.parametrize("name", ["", "a b", "-x", "é", "a" * 65, "a\n"])
def test_a_name_is_a_word(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError):
        add_client(tmp_path / "tokens", name, now=NOW)


def test_one_token_for_each_name(tmp_path: Path) -> None:
    add_client(tmp_path / "tokens", "ann", now=NOW)
    with pytest.raises(UsageError, match="has a token"):
        add_client(tmp_path / "tokens", "ann", now=NOW)
    with pytest.raises(UsageError, match="no token"):
        remove_client(tmp_path / "tokens", "bob")


@pytest.mark.parametrize(
    "line",
    ["x", "{}", "[]", '{"name": "a", "sha256": "00", "created": ""}',
     '{"name": "a b", "sha256": "' + "0" * 64 + '", "created": ""}'],
)  # fmt: skip
def test_a_file_that_is_none_of_tokens_lets_nobody_in(tmp_path: Path, line: str) -> None:
    path = tmp_path / "tokens"
    token = add_client(path, "ann", now=NOW)
    clients = Clients(path)
    with path.open("a") as stream:
        stream.write(line + "\n")
    with pytest.raises(ConfigError):
        Clients(path)
    clients._next_look = 0
    assert clients.who(f"Bearer {token}") is None


def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "tokens"
    add_client(path, "ann", now=NOW)
    path.chmod(0o640)
    with pytest.raises(ConfigError, match="others can read it"):
        load_clients(path)


def test_the_command_line(tmp_path: Path) -> None:
    world = World(tmp_path, policies="internal")
    token = world.run("gateway", "token", "add", "ann", expect=0).stdout.strip()
    listed = world.run("gateway", "token", "list", expect=0).stdout
    assert listed.startswith("ann  20")
    assert token not in listed
    world.run("gateway", "token", "add", "ann", expect=2)
    world.run("gateway", "token", "remove", "ann", expect=0)
    assert world.run("gateway", "token", "list", expect=0).stdout == ""
    world.run("gateway", expect=2)
    for arguments in (
        ["--listen", "0.0.0.0:0"],
        ["--listen", "8700"],
        ["--tls-key", "x"],
        ["--spool", "nowhere"],
        ["--key-file", "nowhere"],
    ):
        done = world.run("gateway", *arguments, expect=2, OPENAI_API_KEY="sk-test")
        assert done.stderr.startswith("gatekeeper: error: ")
