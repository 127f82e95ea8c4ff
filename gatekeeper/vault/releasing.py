"""Releasing: an approved case is opened into a folder, once.

The lock of the vault is not held while a large case is decrypted and judged; the entry in the
journal is. It names the folder that plaintext is written to, so that `recover` can clear it. What
uses up the approvals is one record of the log, written when everything is verified and right before
the folder has its name.
"""

from __future__ import annotations

import contextlib
import datetime
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gatekeeper.errors import VaultError
from gatekeeper.model.display import shown
from gatekeeper.vault import age
from gatekeeper.vault.approvals import RELEASE, Request
from gatekeeper.vault.case import Manifest
from gatekeeper.vault.durable import present, sync_directory, system_errors
from gatekeeper.vault.journal import RELEASE as RELEASE_ACT
from gatekeeper.vault.journal import Intent
from gatekeeper.vault.opening import Opened, check_free, decrypt_case
from gatekeeper.vault.workflow import check_approved, check_clock

if TYPE_CHECKING:
    from gatekeeper.vault.store import Vault

WORK_PREFIX = ".gatekeeper-release-"

Judge = Callable[[Opened, Path], None]
"""Looks at what is about to be released, in the folder where it is; raises to keep it back."""


@dataclass(frozen=True, slots=True)
class Released:
    """What was released: the files in their folder, and on which request."""

    manifest: Manifest
    request: Request
    files: tuple[Path, ...]


def release(
    vault: Vault,
    case_id: str,
    request_id: str,
    identities: Sequence[age.Identity],
    out: Path,
    *,
    now: datetime.datetime,
    judge: Judge,
) -> Released:
    """Open a case that two others approved into the folder `out`, new or empty.

    Files are written to a private folder beside `out`; it takes that name in one step once the last
    chunk, the digest of the ciphertext and of every file are verified, and `judge` let it pass.
    Raises VaultError, or what `judge` raises; then `out` is as it was and no plaintext is left. An
    error after the folder has its name leaves it there: it was recorded as released, and is whole.
    """
    place = out.parent.resolve() / out.name
    if place.is_relative_to(vault.layout.root):
        raise VaultError(f"{shown(out)}: is in the vault", hint="name a folder outside of it")
    work = place.with_name(f"{WORK_PREFIX}{case_id[:8]}-{os.urandom(8).hex()}")
    with system_errors(out, what="the case was not released"):
        check_free(place)
        with vault.locked():
            check_clock(vault, now)
            manifest = vault.show(case_id)
            asked = check_approved(vault, manifest, request_id, RELEASE, now)
            vault.journal.begin(Intent(case_id, RELEASE_ACT, ((work, ""),)))
        try:
            work.mkdir(mode=0o700)
            opened = decrypt_case(
                vault.layout.case(case_id) / manifest.data_name, manifest, identities, work
            )
            judge(opened, work)
            with vault.locked():
                check_approved(vault, manifest, request_id, RELEASE, now)  # nobody was faster
                check_free(place)
                vault.log.append("release", _event(manifest, request_id))
                work.rename(place)
                sync_directory(place.parent)
                vault.log.append(
                    "released",
                    {"case": case_id, "request": request_id, "files": len(opened.names)},
                )
            vault.journal.close(case_id)
        except BaseException:
            with contextlib.suppress(OSError):  # the first error is the one to tell
                _clear_folder(work)
                vault.journal.close(case_id)
            raise
        finally:
            vault.journal.let_go(case_id)
    return Released(manifest, asked.request, tuple(place / name for name in opened.names))


def clear(vault: Vault, intent: Intent) -> str:
    """Remove the plaintext that a release had written when it was cut off; gives how it ended."""
    left = [work for work, _ in intent.places if present(work)]
    for work in left:
        if not work.name.startswith(WORK_PREFIX):
            raise VaultError("journal: a release names a folder that is none of its own")
        _clear_folder(work)
    vault.journal.close(intent.case_id)
    return "dropped" if left else "finished"


def _clear_folder(work: Path) -> None:
    if present(work):
        shutil.rmtree(work)
        sync_directory(work.parent)


def _event(manifest: Manifest, request_id: str) -> dict[str, str | int]:
    return {
        "case": manifest.case_id,
        "request": request_id,
        "ciphertext": manifest.ciphertext,
    }
