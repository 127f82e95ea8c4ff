"""Who may use a gateway: one line of JSON for each token, with its digest and never itself.

A token is 256 random bits, so a plain SHA-256 of it is enough: there is nothing to guess.
"""

from __future__ import annotations

import base64
import contextlib
import datetime
import hashlib
import hmac
import json
import os
import re
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from gatekeeper.errors import ConfigError, UsageError
from gatekeeper.model.display import shown
from gatekeeper.vault.durable import (
    locked,
    open_regular,
    present,
    sync_directory,
    system_errors,
    write_new,
)
from gatekeeper.vault.times import utc

FILE = "gateway.tokens"
PREFIX = "gkt-"
NAMES_MAX = 1000

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")
_DIGEST = re.compile(r"[0-9a-f]{64}\Z")
_MAX_BYTES = 1 << 20
_LOOK_S = 1.0
_LOCK_TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class Client:
    """Somebody who has a token."""

    name: str
    sha256: str
    """Of the token, in hex."""
    created: str
    """RFC 3339, UTC."""


def load_clients(path: Path) -> tuple[Client, ...]:
    """Those of the file `path`; none where there is no file. Raises ConfigError."""
    if not present(path):
        return ()
    with system_errors(path, kind=ConfigError), open_regular(path) as stream:
        if os.fstat(stream.fileno()).st_mode & 0o077:
            raise ConfigError(f"{shown(path)}: others can read it", hint="chmod 600")
        text = stream.read(_MAX_BYTES + 1)
    clients = [_parsed(line) for line in text.splitlines()]
    found = [c for c in clients if c is not None]
    if len(found) != len(clients) or len({c.name for c in found}) != len(found):
        raise ConfigError(f"{shown(path)}: not a file of tokens", hint="`gateway token add`")
    return tuple(found)


def _parsed(line: bytes) -> Client | None:
    try:
        client = Client(**json.loads(line))
    except (ValueError, TypeError):
        return None
    forms = ((client.name, _NAME), (client.sha256, _DIGEST))
    right = isinstance(client.created, str) and all(
        isinstance(value, str) and form.match(value) for value, form in forms
    )
    return client if right else None


def add_client(path: Path, name: str, *, now: datetime.datetime) -> str:
    """A new token for `name`, which is shown once. Raises UsageError and ConfigError."""
    if not _NAME.match(name):
        raise UsageError("a name has up to 64 letters, digits, dots, dashes and underscores")
    token = PREFIX + base64.urlsafe_b64encode(os.urandom(32)).rstrip(b"=").decode("ascii")
    with _alone(path):
        clients = load_clients(path)
        if name in {c.name for c in clients}:
            raise UsageError(f"{name} has a token", hint="remove it first")
        if len(clients) >= NAMES_MAX:
            raise UsageError(f"there are {NAMES_MAX} tokens", hint="remove some first")
        _write(path, (*clients, Client(name, _digest(token), utc(now))))
    return token


def remove_client(path: Path, name: str) -> None:
    """The token of `name` is good for nothing any more. Raises UsageError and ConfigError."""
    with _alone(path):
        clients = load_clients(path)
        left = tuple(c for c in clients if c.name != name)
        if len(left) == len(clients):
            raise UsageError("no token of that name", hint="`gatekeeper gateway token list`")
        _write(path, left)


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    with system_errors(path, kind=ConfigError):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with locked(path.with_name(f".{path.name}.lock"), timeout_s=_LOCK_TIMEOUT_S):
            yield


def _write(path: Path, clients: tuple[Client, ...]) -> None:
    lines = "".join(json.dumps(asdict(c)) + "\n" for c in clients)
    with system_errors(path, kind=ConfigError):
        scratch = path.with_name(f".{os.urandom(8).hex()}.new")
        write_new(scratch, lines.encode("ascii"))
        scratch.rename(path)
        sync_directory(path.parent)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()


class Clients:
    """Those of a file, read anew when it changes."""

    def __init__(self, path: Path) -> None:
        """Raises ConfigError where the file is none of tokens."""
        self._path = path
        self._seen = self._stamp()
        self._clients = load_clients(path)
        self._next_look = time.monotonic() + _LOOK_S

    def __len__(self) -> int:
        return len(self._clients)

    def who(self, authorization: str) -> Client | None:
        """Whose token is in the header `Authorization`; every digest is compared, in constant
        time. A file that became unreadable lets nobody in.
        """
        self._look()
        scheme, _, token = authorization.partition(" ")
        digest = _digest(token.strip())
        found = None
        for client in self._clients:
            if hmac.compare_digest(client.sha256, digest):
                found = client
        return found if scheme.lower() == "bearer" else None

    def _look(self) -> None:
        if time.monotonic() < self._next_look:
            return
        self._next_look = time.monotonic() + _LOOK_S
        stamp = self._stamp()
        if stamp == self._seen:
            return
        try:
            self._clients = load_clients(self._path)
        except ConfigError:
            self._clients = ()
        self._seen = stamp

    def _stamp(self) -> tuple[int, ...]:
        try:
            found = self._path.stat()
        except OSError:
            return ()
        return found.st_ino, found.st_size, found.st_mtime_ns, found.st_mode
