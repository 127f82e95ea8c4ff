"""The key of the memory, and the seal over what is kept under it: HMAC-SHA256."""

from __future__ import annotations

import contextlib
import hmac
import os
import stat
from pathlib import Path

KEY_NAME = "memory.key"
KEY_BYTES = 32
TAG_BYTES = 32
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class Seal:
    """Names and seals entries. `about` is everything that an entry depends on."""

    def __init__(self, key: bytes) -> None:
        """Under `key`, of which nothing is shown."""
        self._key = key

    def name(self, about: bytes) -> str:
        """The file name of the entry for `about`: says nothing to whoever lacks the key."""
        return self._mac(b"name", about, b"").hex()

    def seal(self, about: bytes, body: bytes) -> bytes:
        """The tag over `about` and `body`."""
        return self._mac(b"body", about, body)

    def holds(self, tag: bytes, about: bytes, body: bytes) -> bool:
        """Whether `tag` is the seal over both; takes as long for every wrong one."""
        return hmac.compare_digest(tag, self.seal(about, body))

    def _mac(self, purpose: bytes, about: bytes, body: bytes) -> bytes:
        framed = b"gatekeeper memory 1 %s %d " % (purpose, len(about))
        return hmac.digest(self._key, framed + about + body, "sha256")


def load_key(home: Path) -> bytes | None:
    """The key in `home`, made at first use; None where there is none that only this user can read.

    Two processes at once end with one key.
    """
    with contextlib.suppress(OSError):
        if not os.path.lexists(home / KEY_NAME):
            _make_key(home)
        return _read_key(home / KEY_NAME)
    return None


def forget_key(home: Path) -> None:
    """Remove the key: nothing that was kept under it is believed any more."""
    with contextlib.suppress(OSError):
        (home / KEY_NAME).unlink()


def _read_key(path: Path) -> bytes | None:
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(handle, "rb") as file:  # noqa: PTH123  (a descriptor)
        state = os.fstat(handle)
        key = file.read(KEY_BYTES + 1)
    mine = stat.S_ISREG(state.st_mode) and state.st_uid == os.geteuid() and state.st_nlink == 1
    return key if mine and not state.st_mode & _OTHERS and len(key) == KEY_BYTES else None


def _make_key(home: Path) -> None:
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    scratch = home / f".{os.urandom(8).hex()}.new"
    handle = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with open(handle, "wb") as file:  # noqa: PTH123  (a descriptor)
            file.write(os.urandom(KEY_BYTES))
        # A rename would put this key in the place of one that another process has just made.
        with contextlib.suppress(FileExistsError):
            os.link(scratch, home / KEY_NAME)
    finally:
        scratch.unlink()
