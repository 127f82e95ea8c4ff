"""The door lets through what the way out asks for, and nothing else."""

from __future__ import annotations

import pytest

pytest.importorskip("openai", reason="the extra gatekeeper[openai] is not installed")

import httpx2

from gatekeeper.egress.bound import Account
from gatekeeper.egress.door import Door, open_client
from gatekeeper.errors import UploadError
from tests.egress.kit import KEY, PRESENT
from tests.enforce.support import destination
from tests.servers.files_api import FilesApi

BASE = "https://api.example.com/v1/"


def door() -> Door:
    return Door(httpx2.URL(BASE), {"authorization": "Bearer x"})


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "files"),
        ("GET", "files"),
        ("GET", "files?purpose=fine-tune&limit=100&order=desc&after=file-1"),
        ("GET", "files/file-1"),
        ("GET", "files/file-1/content"),
        ("DELETE", "files/file-1"),
        ("POST", "uploads"),
        ("POST", "uploads/upload_1/parts"),
        ("POST", "uploads/upload_1/complete"),
        ("POST", "uploads/upload_1/cancel"),
        ("POST", "fine_tuning/jobs"),
        ("GET", "fine_tuning/jobs?limit=20"),
        ("GET", "fine_tuning/jobs/ftjob-1"),
        ("GET", "fine_tuning/jobs/ftjob-1/events"),
        ("GET", "fine_tuning/jobs/ftjob-1/checkpoints"),
        ("POST", "fine_tuning/jobs/ftjob-1/cancel"),
    ],
)
def test_what_the_way_out_asks_for_is_let_through(method: str, path: str) -> None:
    assert door()._is_allowed(method, httpx2.URL(BASE + path))


@pytest.mark.parametrize(
    ("method", "url"),
    [
        ("PUT", BASE + "files"),
        ("PATCH", BASE + "files/file-1"),
        ("DELETE", BASE + "files"),
        ("DELETE", BASE + "fine_tuning/jobs/ftjob-1"),
        ("POST", BASE + "files/file-1"),
        ("POST", BASE + "chat/completions"),
        ("POST", BASE + "fine_tuning/alpha/graders/run"),
        ("POST", BASE + "fine_tuning/checkpoints/x/permissions"),
        ("POST", BASE + "files?to=elsewhere"),
        ("POST", BASE + "files?purpose=fine-tune"),
        ("GET", BASE + "files?metadata%5Ba%5D=maria"),
        ("GET", BASE + "files?q=maria"),
        ("GET", BASE + "files?after=maria%20gonzalez"),
        ("GET", BASE + "files?after=" + "x" * 129),
        ("GET", BASE + "files/../models"),
        ("GET", BASE + "files/%2e%2e/models"),
        ("GET", BASE + "files/a%2fb"),
        ("GET", BASE + "files/file-1/"),
        ("GET", BASE + "files/" + "x" * 129),
        ("GET", "https://api.example.com/v2/files"),
        ("GET", "https://api.example.com/files"),
        ("GET", "https://elsewhere.example.com/v1/files"),
        ("GET", "http://api.example.com/v1/files"),
        ("GET", "https://api.example.com:8443/v1/files"),
        ("GET", "https://maria@api.example.com/v1/files"),
    ],
)
def test_nothing_else_is(method: str, url: str) -> None:
    assert not door()._is_allowed(method, httpx2.URL(url))


def test_the_sdk_cannot_ask_for_anything_else() -> None:
    with FilesApi() as server:
        terms = PRESENT.terms(destination(server.base_url), Account(KEY))
        with open_client(terms, Account(KEY), timeout_s=5) as client:
            with pytest.raises(UploadError, match="another address"):
                client.models.list()
            with pytest.raises(UploadError, match="another address"):
                client.files.list(extra_query={"note": "maria"})
        assert not server.requests


def test_an_account_that_is_not_that_of_the_terms_is_refused() -> None:
    terms = PRESENT.terms(destination(BASE), Account(KEY, "org-a"))
    with (
        pytest.raises(UploadError, match="another organization"),
        open_client(terms, Account(KEY), timeout_s=5),
    ):
        pass
