"""The journal: what was about to be done to a case, so that `recover` can end it after a crash.

One file for each case in hand, written before anything else and removed at the very end. The state
itself is read from the file system: every act has one rename, or one record of the log, that
settles it. An entry names paths, so it is encrypted under a key that stays in the gate's home:
whoever copies the vault reads no file name in it. Whoever is at work holds a lock on his entry; one
that is killed frees it.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from gatekeeper.errors import VaultError
from gatekeeper.model import canonical_bytes
from gatekeeper.vault.case import check_case_id
from gatekeeper.vault.durable import create_private, present, sync_directory, sync_file
from gatekeeper.vault.ports import GateKey

QUARANTINE, RELEASE, REWRITE, DESTROY = "quarantine", "release", "rewrite", "destroy"
_SUFFIX = ".intent"
_SCRATCH = ".new"
_NONCE_BYTES = 12


@dataclass(frozen=True, slots=True)
class Intent:
    """What is done to a case, and the places outside the vault that it touches.

    For a quarantine these are the sources with the digests they were decided on; for a release, the
    folder that plaintext is written to. `revision` is the one that a rewrite makes.
    """

    case_id: str
    act: str
    places: tuple[tuple[Path, str], ...] = ()
    revision: int = 1


class Journal:
    """The intents of one vault."""

    def __init__(self, folder: Path, gate: GateKey) -> None:
        self._folder = folder
        self._cipher = ChaCha20Poly1305(gate.derive("gatekeeper.dev/journal/v1"))
        self._held: dict[str, int] = {}

    def begin(self, intent: Intent) -> None:
        """Write the intent durably, and hold it until `close`.

        Raises VaultError where an earlier act on this case has not ended.
        """
        case_id = intent.case_id
        final, scratch = self._folder / (case_id + _SUFFIX), self._folder / (case_id + _SCRATCH)
        if present(final) or present(scratch):
            raise VaultError(
                f"case {case_id}: what was begun with it has not ended",
                hint="`gatekeeper quarantine recover` ends it, or says what stands in the way",
            )
        nonce = os.urandom(_NONCE_BYTES)
        sealed = nonce + self._cipher.encrypt(nonce, _encoded(intent), case_id.encode())
        try:
            with create_private(scratch) as stream:
                self._held[case_id] = os.dup(stream.fileno())
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
                stream.write(sealed)
                sync_file(stream)
            scratch.rename(final)
            sync_directory(self._folder)
        except BaseException:
            self.let_go(case_id)
            raise

    def close(self, case_id: str) -> None:
        """Remove the intent: the act has ended, or was never begun."""
        for suffix in (_SUFFIX, _SCRATCH):
            (self._folder / (case_id + suffix)).unlink(missing_ok=True)
        sync_directory(self._folder)
        self.let_go(case_id)

    def let_go(self, case_id: str) -> None:
        """Leave the intent to `recover`."""
        held = self._held.pop(case_id, None)
        if held is not None:
            os.close(held)

    def case_ids(self) -> Iterator[str]:
        """The cases of which an act has not ended, and is in nobody's hands."""
        for path in sorted(self._folder.iterdir()):
            if path.suffix in (_SUFFIX, _SCRATCH) and not _in_hand(path):
                yield check_case_id(path.stem)

    def read(self, case_id: str) -> Intent | None:
        """The intent, or None where it was never wholly written.

        Raises VaultError where it was changed, or is that of another gate.
        """
        path = self._folder / (case_id + _SUFFIX)
        if not present(path):
            return None
        sealed = path.read_bytes()
        intent = None
        try:
            nonce, body = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
            intent = _decoded(case_id, self._cipher.decrypt(nonce, body, case_id.encode()))
        except (InvalidTag, ValueError):
            pass
        if intent is None:
            raise VaultError(
                f"journal of case {case_id}: changed, or written with another gate's key",
                hint="run recover on the machine and account that began it",
            )
        return intent


def _encoded(intent: Intent) -> bytes:
    places: Sequence[Sequence[str]] = [
        [os.fsencode(path).hex(), digest] for path, digest in intent.places
    ]
    return canonical_bytes({"act": intent.act, "places": places, "revision": intent.revision})


def _decoded(case_id: str, data: bytes) -> Intent:
    entry = json.loads(data)
    places = ((Path(os.fsdecode(bytes.fromhex(name))), digest) for name, digest in entry["places"])
    return Intent(case_id, entry["act"], tuple(places), entry["revision"])


def _in_hand(path: Path) -> bool:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:  # it ended meanwhile
        return True
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(fd)
    return False
