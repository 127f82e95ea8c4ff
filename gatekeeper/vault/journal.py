"""The journal: what a store was about to do, so that `recover` can end it after a crash.

One file for each case in hand, written before anything else and removed at the very end. The state
itself is read from the file system: the case folder appears by one rename. The entry names the
sources, so it is encrypted under a key that stays in the gate's home: whoever copies the vault
reads no file name in it.
"""

from __future__ import annotations

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
from gatekeeper.vault.durable import present, sync_directory, write_durably
from gatekeeper.vault.ports import GateKey

_SUFFIX = ".intent"
_SCRATCH = ".new"
_NONCE_BYTES = 12


@dataclass(frozen=True, slots=True)
class Intent:
    """The case, and the sources it takes with the digests they were decided on."""

    case_id: str
    sources: tuple[tuple[Path, str], ...]


class Journal:
    """The intents of one vault."""

    def __init__(self, folder: Path, gate: GateKey) -> None:
        self._folder = folder
        self._cipher = ChaCha20Poly1305(gate.derive("gatekeeper.dev/journal/v1"))

    def begin(self, case_id: str, sources: Sequence[tuple[Path, str]]) -> None:
        """Write the intent durably."""
        entry = [[os.fsencode(path).hex(), digest] for path, digest in sources]
        nonce = os.urandom(_NONCE_BYTES)
        sealed = nonce + self._cipher.encrypt(nonce, canonical_bytes(entry), case_id.encode())
        scratch = self._folder / (case_id + _SCRATCH)
        write_durably(self._folder / (case_id + _SUFFIX), sealed, scratch=scratch)

    def close(self, case_id: str) -> None:
        """Remove the intent: the case is done, or was never begun."""
        for suffix in (_SUFFIX, _SCRATCH):
            (self._folder / (case_id + suffix)).unlink(missing_ok=True)
        sync_directory(self._folder)

    def case_ids(self) -> Iterator[str]:
        """The cases in hand."""
        for path in sorted(self._folder.iterdir()):
            if path.suffix in (_SUFFIX, _SCRATCH):
                yield check_case_id(path.stem)

    def read(self, case_id: str) -> Intent | None:
        """The intent, or None where it was never wholly written; raises VaultError if changed."""
        path = self._folder / (case_id + _SUFFIX)
        if not present(path):
            return None
        sealed = path.read_bytes()
        entry = None
        try:
            nonce, body = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
            entry = json.loads(self._cipher.decrypt(nonce, body, case_id.encode()))
        except (InvalidTag, ValueError):
            pass
        if entry is None:
            raise VaultError(
                f"journal of case {case_id}: changed, or written with another gate's key",
                hint="run recover on the machine and account that stored the case",
            )
        sources = ((Path(os.fsdecode(bytes.fromhex(name))), digest) for name, digest in entry)
        return Intent(case_id, tuple(sources))
