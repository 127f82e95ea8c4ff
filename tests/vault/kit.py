"""What the vault's tests stand on: a vault with its own home and two identities."""

from __future__ import annotations

import datetime
import hashlib
import io
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gatekeeper.audit import AuditLog, load_signer
from gatekeeper.model import Wrapper
from gatekeeper.vault import Case, Vault, choose_recipients, load_identities
from gatekeeper.vault.approvals import RELEASE
from gatekeeper.vault.opening import decrypt_case
from gatekeeper.vault.people import PersonKey, enrol, load_key, make_key
from gatekeeper.vault.workflow import approve, request

NOW = datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.timezone.utc)
FACTS = {"route": "quarantine", "policies": ["hipaa"], "digests": {}}


def digest(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


class InPieces(io.BytesIO):
    """A stream that nobody may read in one piece: memory must not grow with it."""

    def read(self, size: int | None = -1) -> bytes:
        assert size is not None
        assert 0 < size <= 1 << 20
        return super().read(size)


def kms(folder: Path, *, post_quantum: bool = False) -> Wrapper:
    """A command that wraps and unwraps with the key that lies in `folder`."""
    key = folder / "kms.key"
    if not key.exists():
        key.write_bytes(hashlib.sha256(b"the key of the KMS").digest())
    program = (sys.executable, "-I", "-S", str(Path(__file__).with_name("kms.py")))
    return Wrapper((*program, "wrap", str(key)), (*program, "unwrap", str(key)), post_quantum)


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
        """The log of the vault, whose clock stands still."""
        path = self.root / "vault/audit/log.jsonl"
        return AuditLog(path, load_signer(self.root / "home"), clock=lambda: NOW)

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

    def opened(self, case_id: str, identity: Path | None = None) -> dict[str, bytes]:
        """What is in a case, by name, as somebody with an identity reads it without any gate."""
        vault = self.vault()
        manifest = vault.show(case_id)
        work = self.root / f"opened-{os.urandom(8).hex()}"
        work.mkdir()
        data = vault.layout.case(case_id) / manifest.data_name
        found = decrypt_case(data, manifest, load_identities(identity or self.identity), work)
        return {name: (work / name).read_bytes() for name in found.names}

    def person(self, name: str, *, now: datetime.datetime = NOW) -> PersonKey:
        """The key of somebody called `name`, who is enrolled when first asked for."""
        path = self.root / f"{name}.pem"
        if not path.exists():
            enrol(self.vault(), make_key(path).public, name, now=now)
        return load_key(path, lambda: b"")

    def asked(
        self,
        case_id: str,
        *,
        action: str = RELEASE,
        approvals: int = 2,
        now: datetime.datetime = NOW,
    ) -> str:
        """The id of a request by ann, that as many others approved."""
        vault = self.vault()
        made = request(
            vault, case_id, self.person("ann"), action=action, purpose="a court order",
            destination="the court", days=7, now=now,
        )  # fmt: skip
        for name in ("bob", "cid")[:approvals]:
            approve(vault, case_id, made.id, self.person(name), days=7, now=now)
        return made.id

    def tree(self) -> dict[str, bytes]:
        """Every file under the vault and the datasets, with its bytes."""
        return {
            str(p.relative_to(self.root)): p.read_bytes()
            for folder in ("vault", "data")
            for p in sorted((self.root / folder).rglob("*"))
            if p.is_file()
        }
