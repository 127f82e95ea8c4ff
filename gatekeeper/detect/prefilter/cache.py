"""Compiled databases on disk: read only where nobody else can have written them, and whole."""

from __future__ import annotations

import hashlib
import os
import tempfile
from contextlib import suppress
from pathlib import Path

from gatekeeper.model.places import cache_folder

KEPT = 8
"""Databases that are kept, some megabytes each."""
_DIGEST = hashlib.sha256().digest_size


def read(name: str) -> bytes | None:
    """The body kept under `name`; None where there is none that can be trusted.

    Others must not be able to write to the file or its folder, and the digest must hold.
    """
    path = cache_folder() / name
    try:
        if not (_is_ours(path.parent) and _is_ours(path)):
            return None
        with path.open("rb") as file:
            digest, body = file.read(_DIGEST), file.read()  # a slice would be a copy of megabytes
    except OSError:
        return None
    return body if hashlib.sha256(body).digest() == digest else None


def write(name: str, body: bytes) -> None:
    """Keep `body` under `name`, all of it or none; a cache that cannot be written is no error."""
    folder = cache_folder()
    with suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=folder)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(hashlib.sha256(body).digest() + body)
            Path(temporary).replace(folder / name)
            _drop_oldest(folder, Path(name).suffix)
        except OSError:
            Path(temporary).unlink(missing_ok=True)


def _drop_oldest(folder: Path, suffix: str) -> None:
    """Keep the newest few of a kind: every version and every choice of entities has its own."""
    files = sorted(folder.glob(f"patterns-*{suffix}"), key=lambda p: p.stat().st_mtime)
    for path in files[:-KEPT]:
        path.unlink(missing_ok=True)


def _is_ours(path: Path) -> bool:
    state = path.stat()
    return state.st_uid == os.geteuid() and not state.st_mode & 0o022
