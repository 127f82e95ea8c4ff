"""What the vault's tests stand on: a vault with its own home and two identities."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gatekeeper.audit import AuditLog, audit_log, load_signer
from gatekeeper.vault import Case, Vault, choose_recipients

NOW = datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.timezone.utc)
FACTS = {"route": "quarantine", "policies": ["hipaa"], "digests": {}}


def digest(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


@dataclass(frozen=True)
class Place:
    """A folder with a gate's home, a vault and room for datasets."""

    root: Path

    @property
    def identity(self) -> Path:
        return self.root / "identity.txt"

    @property
    def spare(self) -> Path:
        """The identity of a second holder."""
        return self.root / "spare.txt"

    @property
    def log(self) -> AuditLog:
        return audit_log(self.root / "vault")

    def vault(self, *, lock_timeout_s: float = 60.0) -> Vault:
        return Vault.open(
            self.root / "vault",
            gate=load_signer(self.root / "home"),
            log=self.log,
            lock_timeout_s=lock_timeout_s,
        )

    def init(self) -> Place:
        vault = self.vault()
        for path in (self.identity, self.spare):
            vault.init_identity(path, now=NOW)
        return self

    def write(self, files: Mapping[str, bytes]) -> list[tuple[Path, str]]:
        sources = []
        for name, data in files.items():
            path = self.root / "data" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            sources.append((path, digest(data)))
        return sources

    def store(self, sources: list[tuple[Path, str]], vault: Vault | None = None) -> Case:
        vault = vault or self.vault()
        return vault.store(
            sources,
            description={"decision": {"route": "quarantine"}},
            facts=FACTS,
            recipients=choose_recipients((), vault.recipients(), now=NOW),
            now=NOW,
        )

    def tree(self) -> dict[str, bytes]:
        """Every file under the vault and the datasets, with its bytes."""
        return {
            str(p.relative_to(self.root)): p.read_bytes()
            for folder in ("vault", "data")
            for p in sorted((self.root / folder).rglob("*"))
            if p.is_file()
        }
