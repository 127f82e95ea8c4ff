"""How a gateway ends, and what it says of a desk or a destination that fails."""

import concurrent.futures
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gatekeeper.gateway.answers import STATED_5XX
from tests.gateway.kit import CANARY, MAIL, POLICY, Gate, Reply, chat, gate
from tests.servers.files_api import Fault

pytest.importorskip("uvicorn", reason="the extra gatekeeper[gateway] is not installed")


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Gate]:
    """One that a test may end."""
    made, api = gate(tmp_path)
    with api, made:
        yield made


def until(condition: object, what: str) -> None:
    deadline = time.monotonic() + 60
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


def files_begun(running: Gate) -> int:
    return sum(
        r.complete and (r.method, r.path) == ("POST", "/v1/files")
        for r in list(running.upstream.requests)
    )


def desk_of(running: Gate) -> int:
    assert running.process is not None
    children = Path(f"/proc/{running.process.pid}/task/{running.process.pid}/children")
    return int(children.read_text().split()[0])


def test_told_to_end_it_ends_what_is_under_way(alone: Gate) -> None:
    alone.upstream.fault = Fault(delay_s=1.5, method="POST")
    with concurrent.futures.ThreadPoolExecutor() as pool:
        reply = pool.submit(alone.send, chat(12))
        until(lambda: files_begun(alone) == 1, "the file was not sent on")
        assert alone.process is not None
        alone.process.send_signal(signal.SIGTERM)
        assert reply.result().status == 200
    assert alone.stop() == 0
    assert alone.sent() == [chat(12)]
    events = [line["event"] for line in alone.lines()]
    assert events[-3:] == ["draining", "request", "ended"]


def test_a_desk_that_is_killed_is_said_and_made_anew(alone: Gate) -> None:
    alone.upstream.fault = Fault(delay_s=3, method="POST", times=1)
    with concurrent.futures.ThreadPoolExecutor() as pool:
        reply = pool.submit(alone.send, chat(12))
        until(lambda: files_begun(alone) == 1, "the file was not sent on")
        os.kill(desk_of(alone), signal.SIGKILL)
        lost = reply.result()
    assert (lost.status, lost.error["code"]) == (503, "gatekeeper_desk_lost")
    until(lambda: alone.plain("/readyz").status == 200, "no other desk")
    until(lambda: len(alone.upstream.files) == 1, "the destination took it nevertheless")
    again = alone.send(chat(12))
    assert again.status == 200
    assert json.loads(again.body)["id"] in alone.upstream.files
    assert alone.sent() == [chat(12)]


def test_killed_amid_it_all_it_adopts_what_is_there(alone: Gate) -> None:
    alone.upstream.fault = Fault(delay_s=2, method="POST", times=1)
    with concurrent.futures.ThreadPoolExecutor() as pool:
        reply = pool.submit(_quietly, alone)
        until(lambda: files_begun(alone) == 1, "the file was not sent on")
        desk = desk_of(alone)
        alone.stop(signal.SIGKILL)
        reply.result()
    until(lambda: not Path(f"/proc/{desk}/exe").exists(), "the desk outlived the gateway")
    until(lambda: len(alone.upstream.files) == 1, "the destination took it nevertheless")
    alone.start()
    again = alone.send(chat(12))
    assert again.status == 200, again.body
    assert list(alone.upstream.files) == [json.loads(again.body)["id"]]
    assert alone.held() == []


def _quietly(running: Gate) -> Reply | None:
    try:
        return running.send(chat(12))
    except OSError:
        return None


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        (Fault(status=401), 502, "upstream_credentials"),
        (Fault(status=403), 502, "upstream_credentials"),
        (Fault(status=400, body=CANARY.encode()), 400, "upstream_refused"),
        (Fault(status=413), 413, "upstream_refused"),
        (Fault(status=500, body=CANARY.encode()), 502, "upstream_outcome_unknown"),
        (Fault(status=307, location="http://127.0.0.1:9/v1/files"), 502, "upstream_failed"),
        (Fault(close_after_bytes=10), 502, "upstream_outcome_unknown"),
        (Fault(says_bytes=3), 400, "gatekeeper_not_sent"),
    ],
)
def test_what_the_destination_does_is_said_in_our_words(
    running: Gate, fault: Fault, status: int, code: str
) -> None:
    fault.on, fault.method = "/v1/files", "POST"
    running.upstream.fault = fault
    try:
        reply = running.send(chat(12, start=hash((status, code, fault.status)) % 90_000))
    finally:
        running.upstream.fault = None
    assert (reply.status, reply.error["code"]) == (status, code), reply.body
    assert status < 500 or code in STATED_5XX
    assert CANARY not in reply.body.decode()


def test_without_a_receipt_nothing_is_sent(alone: Gate) -> None:
    folder = alone.world.root / ".gatekeeper/receipts"
    folder.parent.mkdir(exist_ok=True)
    folder.write_text("in the way")
    reply = alone.send(chat(12))
    assert (reply.status, reply.error["code"]) == (503, "gatekeeper_no_record")
    assert files_begun(alone) == 0


def test_rows_that_the_service_would_refuse_are_said(running: Gate) -> None:
    before = files_begun(running)
    reply = running.send(b'{"messages": []}\n' * 12)
    assert (reply.status, reply.error["code"]) == (400, "gatekeeper_not_sent")
    assert "record 0" in reply.error["message"] or "row" in reply.error["message"]
    assert files_begun(running) == before


def test_the_command_line_serves_and_takes_no_policy_away(tmp_path: Path) -> None:
    made, api = gate(tmp_path)
    made.world.write("house.yaml", POLICY)
    made.token = made.world.run("gateway", "token", "add", "ann", expect=0).stdout.strip()
    home = str(made.world.outside / "home")
    with api, made.log_path.open("wb") as log:
        made.process = subprocess.Popen(
            [sys.executable, "-m", "gatekeeper", "gateway", "--policy", "pci", "--desks", "1",
             "--listen", "127.0.0.1:0"],
            cwd=made.world.root,
            stderr=log,
            env={**os.environ, "GATEKEEPER_HOME": home, "OPENAI_API_KEY": "sk-upstream"},
        )  # fmt: skip
        try:
            until(lambda: "/v1\n" in made.log_path.read_text(), "it does not listen")
            made.base_url = re.findall(r"http://\S+/v1", made.log_path.read_text())[0]
            until(lambda: made.plain("/readyz").status == 200, made.log_path.read_text())
            assert made.send(chat(12)).status == 200
            assert made.send(MAIL).error["code"] == "gatekeeper_on_prem"
            card = made.send(chat(12, text="my card 4111 1111 1111 1111 please"))
            assert [r["policy"] for r in card.error["gatekeeper"]["reasons"]] == ["pci"]
        finally:
            assert made.stop() == 0
