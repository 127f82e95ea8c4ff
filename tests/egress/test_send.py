"""The ALLOW route against a real HTTP server, with the real SDK."""

from __future__ import annotations

import io
import logging
import re
import socket
import sys
from collections.abc import Callable
from typing import BinaryIO, cast

import pytest

pytest.importorskip("openai", reason="the extra gatekeeper[openai] is not installed")

from gatekeeper.egress.bound import Account
from gatekeeper.egress.send import Uploaded
from gatekeeper.errors import ConfigError, DatasetChanged, GatekeeperError, UploadError
from gatekeeper.model.cleared import Cleared
from gatekeeper.model.job import JobRequest
from tests.egress.kit import DATA, KEY, Place, clear
from tests.enforce.support import (
    CANARY,
    Sealed,
    chat_rows,
    decision,
    destination,
    digest,
    jsonl,
    leaks,
)
from tests.servers.files_api import Fault, FilesApi

Send = Callable[..., Uploaded]


@pytest.fixture
def send(place: Place) -> Send:
    """Send `data` to a server whose destination has these further facts."""

    def sent(server: FilesApi, data: bytes = DATA, *, snapshot: Sealed | None = None,
             expires_after_s: int | None = None, job: JobRequest | None = None,
             timeout_s: float = 30, **facts: object) -> Uploaded:  # fmt: skip
        to = destination(server.base_url, **facts)
        return place.send(
            to, data, snapshots=[snapshot] if snapshot else [], job=job, timeout_s=timeout_s,
            expires_after_s=expires_after_s,
        )  # fmt: skip

    return sent


def posts(server: FilesApi) -> int:
    """How often a file was begun to be sent."""
    return sum(r.method == "POST" and r.path == "/v1/files" for r in server.requests)


def everything_said(error: BaseException, caplog: pytest.LogCaptureFixture) -> str:
    """The error, its hint, everything chained to it, and every log record."""
    said = [caplog.text, str([r.__dict__ for r in caplog.records])]
    link: BaseException | None = error
    while link is not None:
        said += [str(link), repr(link), repr(vars(link)), getattr(link, "hint", "")]
        link = link.__cause__ or link.__context__
    return "\n".join(said)


def test_the_bytes_received_are_the_bytes_scanned(send: Send) -> None:
    with FilesApi() as server:
        done = send(server)
    (request,) = server.requests
    assert request.file.data == DATA
    assert done.size_bytes == len(DATA)
    assert done.training.content == digest(DATA)
    assert done.file_id in server.files


def test_a_large_snapshot_is_streamed_whole(send: Send) -> None:
    data = jsonl(chat_rows(400, text="x" * 20_000))
    with FilesApi() as server:
        send(server, data)
    assert digest(server.requests[0].file.data) == digest(data)


def test_the_name_is_neutral_and_the_same_for_the_same_decision(
    send: Send,
) -> None:
    with FilesApi() as server:
        done = send(server)
        to = destination(server.base_url)
        name = server.requests[0].file.filename
        assert name == done.training.name == clear([DATA], to).contents[0].name
    assert name is not None
    assert re.fullmatch(r"gk-[0-9a-f]{16}\.jsonl", name)


def test_purpose_and_expiry_are_sent(send: Send) -> None:
    with FilesApi() as server:
        send(server, expires_after_s=7_200)
    assert server.requests[0].fields == {
        "purpose": "fine-tune",
        "expires_after[anchor]": "created_at",
        "expires_after[seconds]": "7200",
    }


@pytest.mark.parametrize("seconds", [0, 3_599, 2_592_001])
def test_an_expiry_outside_the_service_bounds_is_refused(seconds: int, send: Send) -> None:
    with FilesApi() as server, pytest.raises(ConfigError, match="expires_after_s"):
        send(server, expires_after_s=seconds)
    assert not server.requests


def test_nothing_but_the_listed_headers_is_sent(
    monkeypatch: pytest.MonkeyPatch, send: Send
) -> None:
    monkeypatch.setenv("OPENAI_ORG_ID", "org-ambient")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "proj-ambient")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Ambient: yes\nAuthorization: Bearer other")
    with FilesApi() as server:
        send(server)
    headers = server.requests[0].headers
    assert set(headers) == {
        "host", "accept", "accept-encoding", "authorization", "connection",
        "content-length", "content-type", "user-agent",
    }  # fmt: skip
    assert headers["authorization"] == f"Bearer {KEY}"
    assert headers["user-agent"] == "gatekeeper"


def test_the_account_is_named_only_when_asked_for(place: Place) -> None:
    with FilesApi() as server:
        to = destination(server.base_url)
        place.send(to, account=Account(KEY, "org-a", "proj-b"))
    headers = server.requests[0].headers
    assert (headers["openai-organization"], headers["openai-project"]) == ("org-a", "proj-b")


def test_a_job_is_created_on_the_file(send: Send) -> None:
    job = JobRequest("gpt-4o-mini", seed=7, hyperparameters={"n_epochs": 2})
    with FilesApi() as server:
        done = send(server, job=job)
        made = server.jobs[done.record.job_id]
    assert made["training_file"] == done.file_id
    assert made["method"] == {
        "type": "supervised",
        "supervised": {"hyperparameters": {"n_epochs": 2}},
    }
    assert (made["seed"], done.job_status) == (7, "queued")


@pytest.mark.parametrize(
    ("job", "message"),
    [
        (JobRequest("a model of\nmine"), "does not fine-tune"),
        (JobRequest("gpt-unlisted"), "does not fine-tune"),
        (JobRequest("gpt-4o-mini", method="rlhf"), "none of supervised, dpo, reinforcement"),
        (JobRequest("gpt-4o-mini", hyperparameters={"note": 1}), "hyperparameter"),
        (JobRequest("gpt-4o-mini", hyperparameters={"n_epochs": CANARY}), "hyperparameter"),
    ],
)
def test_a_job_carries_no_free_text(job: JobRequest, message: str, send: Send) -> None:
    with FilesApi() as server, pytest.raises(ConfigError, match=message):
        send(server, job=job, models=("gpt-4o-mini",))
    assert not server.requests


def test_a_refused_job_says_what_was_uploaded(send: Send) -> None:
    fault = Fault(status=429, on="/v1/fine_tuning")
    with FilesApi(fault=fault) as server, pytest.raises(UploadError) as caught:
        send(server, job=JobRequest("gpt-4o-mini"))
    (file_id,) = server.files
    assert f"uploaded as {file_id}" in str(caught.value)
    assert len(server.files) == 1


# --- another address ------------------------------------------------------------------------


def test_the_environment_redirects_nothing(monkeypatch: pytest.MonkeyPatch, send: Send) -> None:
    with FilesApi() as server, FilesApi() as other:
        monkeypatch.setenv("OPENAI_BASE_URL", other.base_url)
        send(server)
    assert len(server.requests) == 1
    assert not other.requests


def test_proxies_of_the_environment_are_not_used(
    monkeypatch: pytest.MonkeyPatch, send: Send
) -> None:
    with FilesApi() as server, FilesApi() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        send(server)
    assert len(server.requests) == 1
    assert not proxy.requests


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(status: int, send: Send) -> None:
    with FilesApi() as other:
        fault = Fault(status=status, location=f"{other.base_url}/files")
        with FilesApi(fault=fault) as server, pytest.raises(UploadError, match="redirect"):
            send(server)
    assert len(server.requests) == 1
    assert not other.requests


@pytest.mark.parametrize(
    "base_url",
    [
        "http://api.example.com/v1",
        "https://elsewhere.example.com/v1",
        "https://api.example.com@elsewhere.example.com/v1",
        "https://user:secret@api.example.com/v1",
        "https://api.example.com/v1?to=elsewhere",
        "ftp://api.example.com/v1",
        "https://",
        "",
    ],
)
def test_a_base_url_that_is_not_safe_is_refused(base_url: str, place: Place) -> None:
    to = destination(base_url, host="api.example.com")
    with pytest.raises(ConfigError, match="base_url"):
        place.send(to)


# --- other bytes ----------------------------------------------------------------------------


def test_a_wrong_byte_is_never_uploaded(send: Send) -> None:
    wrong = bytearray(DATA)
    wrong[100] ^= 1
    with FilesApi() as server:
        with pytest.raises(DatasetChanged):
            send(server, snapshot=Sealed(bytes(wrong)))
        with pytest.raises(DatasetChanged):
            send(server, snapshot=Sealed(bytes(wrong), claims=digest(DATA)))
        with pytest.raises(DatasetChanged):
            send(server, snapshot=Sealed(DATA + b"\n", claims=digest(DATA)))
        with pytest.raises(DatasetChanged):
            send(server, snapshot=Sealed(DATA[:-1], claims=digest(DATA)))
    assert not server.requests


class Turncoat(Sealed):
    """Right when it is checked, wrong when it is sent."""

    def open(self) -> BinaryIO:
        opened.append(1)
        return io.BytesIO(self.data if len(opened) == 1 else self.data[:-3] + b"?}\n")


opened: list[int] = []


def test_bytes_that_turn_on_their_way_out_never_make_a_request(
    send: Send,
) -> None:
    opened.clear()
    with FilesApi() as server, pytest.raises(DatasetChanged):
        send(server, snapshot=Turncoat(DATA))
    assert len(opened) == 2
    assert not server.files
    assert not any(r.complete for r in server.requests)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"max_bytes": 100}, "takes 100"),
        ({"formats": ("parquet",)}, "takes no JSONL"),
    ],
)
def test_what_the_destination_does_not_take_is_not_sent(
    changes: dict[str, object], message: str, send: Send
) -> None:
    with FilesApi() as server, pytest.raises(UploadError, match=message):
        send(server, **changes)
    assert not server.requests


@pytest.mark.parametrize(
    "data",
    [jsonl(chat_rows(9)), DATA + b'{"messages"\n', b"", DATA.replace(b'"messages"', b'"massages"')],
)
def test_rows_that_would_be_refused_are_not_sent(
    data: bytes, caplog: pytest.LogCaptureFixture, send: Send
) -> None:
    with FilesApi() as server, pytest.raises(UploadError, match="would refuse") as caught:
        send(server, data)
    assert not server.requests
    assert not leaks(everything_said(caught.value, caplog))


def test_only_a_clearance_opens_the_door(place: Place) -> None:
    with FilesApi() as server:
        to = destination(server.base_url)
        for forged in (object(), digest(DATA), decision(DATA, to=to)):
            with pytest.raises(UploadError, match="nothing was cleared"):
                place.send(to, cleared=cast("Cleared", forged), parcels=[])
        with pytest.raises(UploadError, match="another `destination_digest`"):
            place.send(to, cleared=clear([DATA], destination()))
    assert not server.requests


@pytest.mark.parametrize("key", ["", "  ", "sk-ключ", "sk\nX-Header: 1"])
def test_a_key_that_is_none_is_a_config_error(key: str, place: Place) -> None:
    to = destination()
    with pytest.raises(ConfigError, match="API key"):
        place.send(to, account=Account(key))


def test_a_missing_sdk_says_what_to_install(monkeypatch: pytest.MonkeyPatch, place: Place) -> None:
    monkeypatch.setitem(sys.modules, "openai", None)
    to = destination()
    with pytest.raises(ConfigError) as caught:
        place.send(to)
    assert "gatekeeper[openai]" in caught.value.hint


# --- answers that are none ------------------------------------------------------------------

QUOTING = b'{"error": {"message": "your row says ' + CANARY.encode() + b'"}}'


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (400, "refused it (400"),
        (401, "refused it (401"),
        (403, "refused it (403"),
        (404, "refused it (404"),
        (409, "refused it (409"),
        (413, "refused it (413"),
        (422, "refused it (422"),
        (429, "refused it (429"),
        (500, "the outcome is unknown"),
        (503, "the outcome is unknown"),
    ],
)
def test_an_error_status_is_one_line_and_no_second_file(
    status: int, message: str, caplog: pytest.LogCaptureFixture, send: Send
) -> None:
    caplog.set_level(logging.DEBUG)
    fault = Fault(status=status, body=QUOTING)
    with FilesApi(fault=fault) as server, pytest.raises(UploadError) as caught:
        send(server)
    error = caught.value
    assert posts(server) == (3 if status == 429 else 1)
    assert not server.files
    assert message in str(error)
    assert "\n" not in str(error)
    assert error.hint
    said = everything_said(error, caplog)
    assert not leaks(said)
    assert KEY not in said


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (Fault(close_before_answer=True), "the outcome is unknown"),
        (Fault(delay_s=3), "the outcome is unknown"),
        (Fault(status=200, body=b"not json " + CANARY.encode()), "the outcome is unknown"),
        (Fault(status=200, body=b'"' + CANARY.encode() + b'"'), "no file object"),
        (Fault(status=200, body=b'{"id": "../../etc", "bytes": 1}'), "no file object"),
        (Fault(says_bytes=12), "does not hold"),
    ],
)
def test_an_answer_that_is_none_is_said_as_what_it_is(
    fault: Fault, message: str, caplog: pytest.LogCaptureFixture, send: Send
) -> None:
    caplog.set_level(logging.DEBUG)
    with FilesApi(fault=fault) as server, pytest.raises(UploadError) as caught:
        send(server, timeout_s=1 if fault.delay_s else 30)
    assert posts(server) == 1
    assert message in str(caught.value)
    assert not leaks(everything_said(caught.value, caplog))


def test_a_lost_answer_names_what_to_look_for(send: Send) -> None:
    with FilesApi(fault=Fault(close_before_answer=True)) as server:
        with pytest.raises(UploadError) as caught:
            send(server)
        name = clear([DATA], destination(server.base_url)).contents[0].name
    assert name in caught.value.hint


def test_a_connection_cut_in_the_body_did_not_upload(
    caplog: pytest.LogCaptureFixture, send: Send
) -> None:
    data = jsonl(chat_rows(600, text=CANARY + "x" * 30_000))
    fault = Fault(close_after_bytes=1000)
    with FilesApi(fault=fault) as server, pytest.raises(UploadError) as caught:
        send(server, data)
    assert "before all was sent" in str(caught.value)
    assert not leaks(everything_said(caught.value, caplog))


def test_nobody_listening_is_an_upload_error(place: Place) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        to = destination(f"http://127.0.0.1:{held.getsockname()[1]}/v1")
        with pytest.raises(UploadError, match="before all was sent") as caught:
            place.send(to)
    assert isinstance(caught.value, GatekeeperError)
    assert caught.value.__context__ is None
