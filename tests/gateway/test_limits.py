"""Bodies and connections that are too large, too slow, or not what they say."""

import json
import socket
import time
from collections.abc import Iterator

import pytest

from tests.gateway.kit import Gate, chat, form, gate, read_reply

pytest.importorskip("uvicorn", reason="the extra gatekeeper[gateway] is not installed")

LIMITS = {
    "connections": 40,
    "header_s": 1.5,
    "idle_s": 1.5,
    "slowest_bytes_s": 2000,
    "spool_bytes": 3 << 20,
    "part_bytes": 1 << 20,
    "requests_per_client": 6,
    "uploads": 2,
    "json_bytes": 64 << 10,
}


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gate]:
    made, api = gate(tmp_path_factory.mktemp("narrow"), limits=LIMITS)
    with api, made:
        yield made


def connected(running: Gate) -> socket.socket:
    return socket.create_connection(("127.0.0.1", running.port), timeout=60)


def head(running: Gate, *more: str, path: str = "/v1/files", method: str = "POST") -> bytes:
    lines = [
        f"{method} {path} HTTP/1.1",
        "host: x",
        f"authorization: Bearer {running.token}",
        *more,
    ]
    return "\r\n".join([*lines, "", ""]).encode()


def whole(running: Gate, data: bytes) -> bytes:
    kind, body = form(data, {"purpose": "fine-tune"})
    return head(running, f"content-type: {kind}", f"content-length: {len(body)}") + body


def test_a_client_that_closed_its_side_is_answered(narrow: Gate) -> None:
    data = chat(12, start=100)
    with connected(narrow) as sock:
        sock.sendall(whole(narrow, data))
        sock.shutdown(socket.SHUT_WR)
        reply = read_reply(sock)
    assert reply.status == 200
    assert narrow.upstream.files[json.loads(reply.body)["id"]][1] == data


def test_chunks_of_any_size(narrow: Gate) -> None:
    data = chat(12, start=200)
    kind, body = form(data, {"purpose": "fine-tune"})
    with connected(narrow) as sock:
        sock.sendall(head(narrow, f"content-type: {kind}", "transfer-encoding: chunked"))
        for start in range(0, len(body), 37):
            piece = body[start : start + 37]
            sock.sendall(f"{len(piece):x};x=y\r\n".encode() + piece + b"\r\n")
        sock.sendall(b"0\r\nX-Trailer: y\r\n\r\n")
        reply = read_reply(sock)
    assert reply.status == 200
    assert narrow.upstream.files[json.loads(reply.body)["id"]][1] == data


def test_half_a_body_is_nothing(narrow: Gate) -> None:
    before = len(narrow.upstream.requests)
    for cut in (40, -30, -3):
        with connected(narrow) as sock:
            sock.sendall(whole(narrow, chat(12, start=300))[:cut])
            sock.shutdown(socket.SHUT_WR)
            assert sock.recv(100) == b""
    with connected(narrow) as sock:
        sock.sendall(whole(narrow, chat(12, start=301))[:-40])
        reply = read_reply(sock)
    assert (reply.status, reply.error["code"]) == (408, "gatekeeper_too_slow")
    assert len(narrow.upstream.requests) == before
    assert_nothing_is_held(narrow)


def test_wrong_lengths(narrow: Gate) -> None:
    kind, body = form(chat(12, start=400), {"purpose": "fine-tune"})
    said = [f"content-type: {kind}"]
    for more, status in (
        ([f"content-length: {len(body) - 20}"], 400),
        (["content-length: x"], 400),
        (["content-length: -1"], 400),
        ([f"content-length: {len(body)}", "content-length: 7"], 400),
        (["content-length: 99999999999999999999"], 413),
        ([], 400),
    ):
        with connected(narrow) as sock:
            sock.sendall(head(narrow, *said, *more) + body)
            reply = read_reply(sock)
        assert reply.status == status, more
        assert reply.error["code"]
    with connected(narrow) as sock:
        sock.sendall(head(narrow, *said, "transfer-encoding: chunked") + b"zz\r\n" + body)
        assert read_reply(sock).status == 400
    assert_nothing_is_held(narrow)


def test_oversize_headers(narrow: Gate) -> None:
    for more in (["x: " + "y" * 40_000], [f"x{i}: y" for i in range(5000)]):
        with connected(narrow) as sock:
            sock.sendall(head(narrow, *more))
            reply = read_reply(sock)
        assert (reply.status, reply.error["code"]) == (431, "gatekeeper_headers")
    with connected(narrow) as sock:
        sock.sendall(b"\x16\x03\x01 this is no HTTP\r\n\r\n")
        assert read_reply(sock).status == 400


def test_headers_that_do_not_come(narrow: Gate) -> None:
    with connected(narrow) as sock:
        sock.sendall(b"POST /v1/files HTTP/1.1\r\nhost: x\r\nx-slow")
        assert read_reply(sock).status == 408
    with connected(narrow) as sock:
        assert read_reply(sock).status == 408


def test_a_body_that_drips(narrow: Gate) -> None:
    request = whole(narrow, chat(200, start=500))
    with connected(narrow) as sock:
        sock.sendall(request[:600])
        sock.settimeout(0.1)
        reply = None
        deadline = time.monotonic() + 60
        for at in range(600, len(request)):
            assert time.monotonic() < deadline
            try:
                sock.sendall(request[at : at + 1])
                sock.setblocking(False)
                reply = sock.recv(65536, socket.MSG_PEEK)
            except BlockingIOError:
                time.sleep(0.05)
                continue
            finally:
                sock.setblocking(True)
            break
        assert reply
        assert read_reply(sock).status == 408
    assert_nothing_is_held(narrow)


def test_too_much_for_the_spool_or_a_part(narrow: Gate) -> None:
    reply = narrow.send(chat(40_000))
    assert (reply.status, reply.error["code"]) == (503, "gatekeeper_spool_full")
    assert reply.headers["retry-after"]
    asked = {"bytes": 8 << 20, "filename": "x", "purpose": "fine-tune", "mime_type": "text/jsonl"}
    begun = json.loads(narrow.post("/v1/uploads", asked).body)
    kind, body = form(b"x" * (1 << 20) + b"y", {}, "data")
    reply = narrow.ask("POST", f"/v1/uploads/{begun['id']}/parts", body, content_type=kind)
    assert (reply.status, reply.error["code"]) == (413, "gatekeeper_too_large")
    assert narrow.post("/v1/uploads", asked).status == 200
    reply = narrow.post("/v1/uploads", asked)
    assert (reply.status, reply.error["code"]) == (429, "gatekeeper_too_many")
    assert_nothing_is_held(narrow)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{" + b" " * (65 << 10) + b"}", 413),
        (b"[" * 60_000, 400),
        (b'{"model": "a", "model": "b"}', 400),
        (b'{"model": NaN}', 400),
        (b"{}{}", 400),
        (b"\xff", 400),
        (b"", 400),
        (b"null", 400),
        (b"{}", 400),
    ],
)
def test_json_is_strict(narrow: Gate, body: bytes, status: int) -> None:
    reply = narrow.ask("POST", "/v1/fine_tuning/jobs", body, content_type="application/json")
    assert reply.status == status
    reply = narrow.ask("POST", "/v1/fine_tuning/jobs", b"{}", content_type="text/plain")
    assert reply.status == 415
    reply = narrow.ask("POST", "/v1/fine_tuning/jobs", b"{}", content_type="application/json",
                       content_encoding="gzip")  # fmt: skip
    assert reply.status == 415


def test_too_many_at_once(narrow: Gate) -> None:
    held = [connected(narrow) for _ in range(9)]
    kind, body = form(chat(12, start=900), {"purpose": "fine-tune"})
    said = head(narrow, f"content-type: {kind}", f"content-length: {len(body)}")
    for sock in held:
        sock.sendall(said + body[:100])
    codes = [read_reply(sock).error["code"] for sock in held]
    assert sorted(set(codes)) == ["gatekeeper_too_many", "gatekeeper_too_slow"]
    assert codes.count("gatekeeper_too_slow") == 6
    for sock in held:
        sock.close()
    many = [connected(narrow) for _ in range(60)]
    firsts = [read_reply(sock).status for sock in many]
    assert firsts.count(503) >= 15
    for sock in many:
        sock.close()
    assert_nothing_is_held(narrow)


def assert_nothing_is_held(running: Gate) -> None:
    """Room is given back as soon as the request has ended."""
    deadline = time.monotonic() + 30
    while b"gatekeeper_gateway_spool_bytes 0\n" not in running.plain("/metrics").body:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert [line for line in running.lines() if line["event"] == "error"] == []
