"""The runner: it verifies first, tells the child nothing, and closes the network."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from gatekeeper.enforce.closed import launch
from gatekeeper.enforce.on_prem import HandedOff, hand_off
from gatekeeper.enforce.train import (
    find_model,
    train,
    training_environment,
    verify_hand_off,
)
from gatekeeper.errors import ConfigError, DatasetChanged, ReceiptError
from gatekeeper.model import Route
from tests.enforce.support import chat_rows, decision, digest, jsonl, write_receipt_of

CHAT = jsonl(chat_rows())


@pytest.fixture
def handed(tmp_path: Path) -> HandedOff:
    return make(tmp_path, CHAT, receipt_for=CHAT)


def make(
    tmp_path: Path, data: bytes, *, receipt_for: bytes, route: Route = Route.ON_PREM
) -> HandedOff:
    source = tmp_path / "rows.jsonl"
    source.write_bytes(data)
    made = decision(receipt_for, route=route)
    receipt = write_receipt_of(
        made, {"rows.jsonl": digest(receipt_for)}, tmp_path / "receipts", tmp_path / "home"
    )
    return hand_off(
        decision(data, route=Route.ON_PREM),
        [("rows.jsonl", source, digest(data))],
        tmp_path / "handoff",
        receipt_path=receipt,
        base_model="example/no-such-model",
    )


# --- verification ---------------------------------------------------------------------------


def test_an_untouched_hand_off_verifies(tmp_path: Path, handed: HandedOff) -> None:
    verify_hand_off(handed, home=tmp_path / "home")


def test_changed_data_are_not_trained_on(tmp_path: Path, handed: HandedOff) -> None:
    data = handed.path / handed.files[0].file
    data.write_bytes(data.read_bytes().replace(b"one", b"two"))
    with pytest.raises(DatasetChanged, match="not what was handed off"):
        train(handed.path, home=tmp_path / "home")


def test_a_missing_file_is_a_config_error(tmp_path: Path, handed: HandedOff) -> None:
    (handed.path / handed.files[0].file).unlink()
    with pytest.raises(ConfigError, match=r"lacks train\.jsonl"):
        train(handed.path, home=tmp_path / "home")


def test_a_missing_receipt_stops_it(tmp_path: Path, handed: HandedOff) -> None:
    (handed.path / "receipt.dsse.json").unlink()
    with pytest.raises(ReceiptError):
        train(handed.path, home=tmp_path / "home")


def test_a_receipt_of_another_gate_stops_it(tmp_path: Path, handed: HandedOff) -> None:
    (tmp_path / "other").mkdir()
    write_receipt_of(decision(CHAT), {"x": digest(CHAT)}, tmp_path / "r", tmp_path / "other")
    with pytest.raises(ReceiptError, match="no trusted key"):
        train(handed.path, home=tmp_path / "other")


def test_a_receipt_about_other_data_stops_it(tmp_path: Path) -> None:
    made = make(tmp_path, CHAT, receipt_for=b"other")
    with pytest.raises(ReceiptError, match="other data"):
        train(made.path, home=tmp_path / "home")


def test_a_receipt_of_a_quarantine_stops_it(tmp_path: Path) -> None:
    made = make(tmp_path, CHAT, receipt_for=CHAT, route=Route.QUARANTINE)
    with pytest.raises(ReceiptError, match="neither on_prem nor allow"):
        train(made.path, home=tmp_path / "home")


@pytest.mark.parametrize(
    "extra", [["--dataset_name", "other"], ["--dataset-name=other"], ["--config", "x.yaml"]]
)
def test_extra_arguments_cannot_change_the_data(
    tmp_path: Path, handed: HandedOff, extra: list[str]
) -> None:
    with pytest.raises(ConfigError, match="set by the hand-off"):
        train(handed.path, extra_args=extra, home=tmp_path / "home")


def test_a_model_that_is_not_here_is_not_fetched(tmp_path: Path, handed: HandedOff) -> None:
    with pytest.raises(ConfigError, match="not on this machine") as caught:
        train(handed.path, home=tmp_path / "home")
    assert "onprem: base_model" in caught.value.hint


# --- the base model -------------------------------------------------------------------------


def test_a_folder_is_a_model_when_it_has_a_config(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        find_model(str(tmp_path), {})
    (tmp_path / "config.json").write_text("{}")
    assert find_model(str(tmp_path), {}) == tmp_path


def test_a_hub_id_is_found_in_the_cache(tmp_path: Path) -> None:
    cached = tmp_path / "hub" / "models--org--name"
    snapshot = cached / "snapshots" / "0123abcd"
    snapshot.mkdir(parents=True)
    (snapshot / "config.json").write_text("{}")
    (cached / "refs").mkdir()
    (cached / "refs" / "main").write_text("0123abcd")
    for environment in (
        {"HF_HOME": str(tmp_path)},
        {"HF_HUB_CACHE": str(tmp_path / "hub"), "HF_HOME": "/nowhere"},
    ):
        assert find_model("org/name", environment) == snapshot
    (cached / "refs" / "main").write_text("../../../../..")
    with pytest.raises(ConfigError):
        find_model("org/name", {"HF_HOME": str(tmp_path)})


@pytest.mark.parametrize("model", ["", "../x", "a/b/c", "org/name\n", "relative/folder"])
def test_other_names_are_no_models(model: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="not on this machine"):
        find_model(model, {"HF_HOME": str(tmp_path)})


# --- the environment ------------------------------------------------------------------------


def test_the_child_inherits_no_key_and_no_proxy(tmp_path: Path) -> None:
    ambient = {
        "PATH": "/bin",
        "OPENAI_API_KEY": "sk-secret",
        "HF_TOKEN": "hf-secret",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "HTTPS_PROXY": "http://proxy.example.com",
        "WANDB_API_KEY": "secret",
        "PYTHONPATH": "/somewhere",
        "HF_HUB_OFFLINE": "0",
    }
    told = training_environment(tmp_path, ambient)
    assert told["PATH"] == "/bin"
    assert told["HF_HUB_OFFLINE"] == "1"
    assert not [v for v in told.values() if "secret" in v or "proxy" in v]
    assert "PYTHONPATH" not in told
    for name in ("HF_HOME", "HOME", "TMPDIR", "XDG_CACHE_HOME"):
        assert Path(told[name]).is_relative_to(tmp_path)


# --- the network ----------------------------------------------------------------------------

CONNECT = """
import socket, sys
try:
    socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=5).close()
except OSError as e:
    print(type(e).__name__)
    sys.exit(7)
"""
RESOLVE = "import socket; socket.getaddrinfo('example.com', 443)"
UNIX = "import socket; a, b = socket.socketpair(); a.send(b'x'); assert b.recv(1) == b'x'"


@pytest.fixture
def listener() -> Iterator[int]:
    """A server on this machine's loopback that accepts whoever comes."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        done = threading.Event()

        def accept() -> None:
            while not done.is_set():
                try:
                    server.accept()[0].close()
                except TimeoutError:
                    continue

        thread = threading.Thread(target=accept)
        thread.start()
        yield server.getsockname()[1]
        done.set()
        thread.join()


def run(*arguments: str, options: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", launch.__file__, *options, sys.executable, *arguments]
    environment = {"PATH": os.environ["PATH"]}
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


def test_without_the_launcher_the_listener_answers(listener: int) -> None:
    done = subprocess.run([sys.executable, "-c", CONNECT, str(listener)], check=False)
    assert done.returncode == 0


@pytest.mark.parametrize("options", [(), ("--python-only",)])
def test_a_child_cannot_reach_this_machines_loopback(
    listener: int, options: tuple[str, ...]
) -> None:
    done = run("-c", CONNECT, str(listener), options=options)
    assert done.returncode == 7, done.stderr
    assert "network: closed" in done.stderr


@pytest.mark.parametrize("options", [(), ("--python-only",)])
def test_children_of_the_child_are_held_too(listener: int, options: tuple[str, ...]) -> None:
    nested = (
        "import subprocess, sys; sys.exit(subprocess.call([sys.executable, '-c', *sys.argv[1:]]))"
    )
    done = run("-c", nested, CONNECT, str(listener), options=options)
    assert done.returncode == 7, done.stderr


@pytest.mark.parametrize("options", [(), ("--python-only",)])
def test_names_are_not_resolved(options: tuple[str, ...]) -> None:
    assert run("-c", RESOLVE, options=options).returncode != 0


@pytest.mark.parametrize("options", [(), ("--python-only",)])
def test_processes_may_talk_among_themselves(options: tuple[str, ...]) -> None:
    done = run("-c", UNIX, options=options)
    assert done.returncode == 0, done.stderr


def test_which_of_the_two_is_in_force_is_said() -> None:
    assert launch.BY_GUARD in run("-c", "", options=("--python-only",)).stderr
    said = run("-c", "").stderr
    assert (launch.BY_KERNEL in said) is not (launch.BY_GUARD in said)


def test_the_exit_code_and_the_user_stay_the_same() -> None:
    done = run("-c", "import os, sys; print(os.getuid(), os.getgid()); sys.exit(5)")
    assert done.returncode == 5
    assert done.stdout.split() == [str(os.getuid()), str(os.getgid())]


@pytest.mark.skipif(shutil.which("setpriv") is None, reason="setpriv (util-linux) is not here")
@pytest.mark.skipif(os.name != "posix" or os.getuid() != 0, reason="only root can drop its rights")
@pytest.mark.parametrize("drop", [["--bounding-set", "-all"], ["--reuid", "65534"]])
def test_without_rights_it_is_closed_all_the_same(
    listener: int, tmp_path: Path, drop: list[str]
) -> None:
    python = "/usr/bin/python3"
    if not Path(python).exists():
        pytest.skip("no interpreter that another user may run")
    folder = Path(tempfile.mkdtemp(dir="/tmp"))  # pytest's own is closed to others
    try:
        shutil.copytree(Path(launch.__file__).parent, folder / "closed")
        folder.chmod(0o755)
        launcher = str(folder / "closed" / "launch.py")
        command = ["setpriv", *drop, python, "-I", launcher, python, "-c", CONNECT, str(listener)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
    finally:
        shutil.rmtree(folder)
    assert done.returncode == 7, done.stderr
    assert "network: closed" in done.stderr


def test_nothing_to_launch_is_a_usage_error() -> None:
    done = subprocess.run([sys.executable, "-I", launch.__file__], capture_output=True, check=False)
    assert done.returncode == 2
