"""The one door: an HTTP transport that reaches one address and carries only what is needed.

The SDK takes headers, organization, project and base URL from the environment
(`OPENAI_CUSTOM_HEADERS`, `OPENAI_ORG_ID`, `OPENAI_PROJECT_ID`, `OPENAI_BASE_URL`), and the HTTP
client takes proxies from it. The door stands below all of them, at the last step before the
socket: another address, method or query is refused, and every header not listed here is dropped.

Only what goes out imports this module; it needs the extra `gatekeeper[openai]`.
"""

from __future__ import annotations

import contextlib
import functools
import ipaddress
import re
import ssl
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import httpx2

from gatekeeper.egress.bound import Account
from gatekeeper.errors import ConfigError, UploadError
from gatekeeper.model.cleared import Terms

if TYPE_CHECKING:
    from openai import OpenAI

CONNECT_TIMEOUT_S = 10.0
_CARRIED = frozenset({"accept", "content-length", "content-type", "transfer-encoding"})
_ID = "[A-Za-z0-9_-]{1,128}"
_ROUTES = {
    "GET": re.compile(
        rf"files(/{_ID}(/content)?)?"
        rf"|fine_tuning/jobs(/{_ID}(/events|/checkpoints)?)?\Z"
    ),
    "POST": re.compile(
        rf"files|uploads(/{_ID}/(parts|complete|cancel))?"
        rf"|fine_tuning/jobs(/{_ID}/(cancel|pause|resume))?\Z"
    ),
    "DELETE": re.compile(rf"files/{_ID}\Z"),
}
_QUERY = re.compile(r"[A-Za-z0-9_.-]{0,128}\Z")
_ASKED = frozenset({"purpose", "limit", "order", "after"})


class Door(httpx2.BaseTransport):
    """Lets the requests of the three endpoints through to `base_url` and nowhere else."""

    def __init__(self, base_url: httpx2.URL, headers: Mapping[str, str]) -> None:
        self._base_url = base_url
        self._headers = dict(headers)
        self._transport = httpx2.HTTPTransport(verify=_authorities(), trust_env=False, retries=0)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send `request` if it goes where it may. Raises UploadError where it does not."""
        if not self._is_allowed(request.method, request.url):
            raise UploadError(
                "the upload was led to another address than the decision's; nothing was sent there"
            )
        headers = {
            "host": request.url.netloc.decode("ascii"),
            "accept-encoding": "identity",
            "connection": "close",
            **{k: v for k, v in request.headers.items() if k.lower() in _CARRIED},
            **self._headers,
        }
        return self._transport.handle_request(
            httpx2.Request(
                request.method,
                request.url,
                headers=headers,
                stream=request.stream,
                extensions=request.extensions,
            )
        )

    def _is_allowed(self, method: str, url: httpx2.URL) -> bool:
        base = self._base_url
        path = url.path.removeprefix(base.path)
        route = _ROUTES.get(method)
        if route is None or not route.fullmatch(path) or "%" in url.raw_path.decode("ascii"):
            return False
        asked = url.params.multi_items()
        if any(k not in _ASKED or not _QUERY.match(v) for k, v in asked):
            return False
        if asked and method != "GET":
            return False
        return url.copy_with(query=None) == base.copy_with(path=base.path + path)

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()


@functools.cache
def _authorities() -> ssl.SSLContext:
    """Those that may vouch for the destination: reading them takes longer than a small upload."""
    return httpx2.create_ssl_context(trust_env=False)


def checked_base_url(base_url: str, host: str) -> httpx2.URL:
    """`base_url` with a final slash, if it is of `host` and safe to use.

    Raises:
        ConfigError: it is no URL of that host, or clear text to a host that is not this machine.
    """
    try:
        url = httpx2.URL(base_url)
    except httpx2.InvalidURL:
        url = httpx2.URL("")
    if host not in (url.host, url.netloc.decode("ascii")) or not url.host:
        raise ConfigError("the destination's base_url is not of its host")
    if url.userinfo or url.query or url.fragment:
        raise ConfigError("the destination's base_url holds more than an address")
    if url.scheme != "https" and not (url.scheme == "http" and is_loopback(url.host)):
        raise ConfigError(
            "the destination's base_url is not https",
            hint="clear text is accepted for this machine itself alone",
        )
    return url.copy_with(path=url.path.rstrip("/") + "/")


def is_loopback(host: str) -> bool:
    """Whether `host` names this machine itself."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@contextlib.contextmanager
def open_client(terms: Terms, account: Account, *, timeout_s: float) -> Iterator[OpenAI]:
    """The SDK's client behind the door to `terms.base_url`, in the name of `account`.

    No retries, no redirects, nothing from the environment. `timeout_s` is how long nothing may
    come or go.

    Raises:
        ConfigError: the base URL is not safe to use.
        UploadError: the account is not that of the terms.
    """
    from openai import OpenAI

    if (account.organization, account.project) != (terms.organization, terms.project):
        raise UploadError("the upload was cleared for another organization or project")
    base_url = checked_base_url(terms.base_url, terms.host)
    timeout = httpx2.Timeout(timeout_s, connect=CONNECT_TIMEOUT_S)
    with httpx2.Client(
        transport=Door(base_url, account.headers()),
        trust_env=False,
        follow_redirects=False,
        timeout=timeout,
    ) as http:
        client = OpenAI(
            api_key=account.api_key,
            base_url=base_url,
            max_retries=0,
            timeout=timeout,
            http_client=http,
        )
        if client.base_url != base_url:
            raise UploadError("the SDK resolved another address than the decision's")
        yield client
