"""A place to try things in: a gate's home, a vault with two recipients, and a folder of datasets."""

from __future__ import annotations

import datetime
import hashlib
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gatekeeper.audit import AuditLog, audit_log, load_signer
from gatekeeper.vault import Case, Manifest, Vault, choose_recipients

FACTS = {"route": "quarantine", "policies": ["hipaa"], "digests": {}}
KEYS = ("operations", "recovery")


def digest(data: bytes) -> str:
    """`sha256:…` of `data`."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def scratch() -> str | None:
    """The folder for places that see no power cut: in memory, where that is to be had."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108


def now() -> datetime.datetime:
    """The system's clock, which libfaketime may have turned."""
    return datetime.datetime.now(datetime.timezone.utc)


@dataclass(frozen=True)
class Place:
    """The folder `root`; `home`, `vault`, `data` and the identities are in it."""

    root: Path

    @property
    def home(self) -> Path:
        return self.root / "home"

    @property
    def vault_folder(self) -> Path:
        return self.root / "vault"

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def identities(self) -> tuple[Path, ...]:
        """Not a part of the gate's host: whoever opens a case brings one."""
        return tuple(self.root / "keys" / name for name in KEYS)

    @property
    def log(self) -> AuditLog:
        return audit_log(self.vault_folder)

    def vault(self, *, lock_timeout_s: float = 60.0) -> Vault:
        return Vault.open(
            self.vault_folder,
            gate=load_signer(self.home),
            log=self.log,
            lock_timeout_s=lock_timeout_s,
        )

    def init(self) -> Place:
        """Make the vault and enrol two recipients."""
        self.data.mkdir(parents=True, exist_ok=True)
        (self.root / "keys").mkdir(mode=0o700, exist_ok=True)
        for path in self.identities:
            self.vault().init_identity(path, now=now())
        return self

    def write(self, files: Mapping[str, bytes]) -> None:
        """Put `files` into the folder of datasets."""
        for name, content in files.items():
            (self.data / name).write_bytes(content)

    def store(self, files: Mapping[str, bytes]) -> Case:
        """Quarantine `files`, which were written before and decided on as given."""
        vault = self.vault()
        return vault.store(
            [(self.data / name, digest(content)) for name, content in files.items()],
            description={"decision": {"route": "quarantine"}},
            facts=FACTS,
            recipients=choose_recipients((), vault.recipients()),
            now=now(),
        )

    def plain(self) -> dict[str, bytes]:
        """What lies in the folder of datasets, by name."""
        return {p.name: p.read_bytes() for p in self.data.iterdir() if p.is_file()}

    def opened(self, manifests: Sequence[Manifest] | None = None) -> dict[str, dict[str, bytes]]:
        """The files of every case by its id, opened in a copy of the place: no record is written.

        What does not open raises GatekeeperError.
        """
        with tempfile.TemporaryDirectory(prefix="gk-opened-", dir=scratch()) as folder:
            copy = Place(Path(folder) / "copy")
            for name in ("home", "vault"):
                shutil.copytree(self.root / name, copy.root / name)
            vault = copy.vault()
            found = vault.list() if manifests is None else manifests
            out: dict[str, dict[str, bytes]] = {}
            for case in found:
                if isinstance(case, Manifest):
                    folder_of_case = Path(folder) / case.case_id
                    paths = vault.extract(case.case_id, self.identities[0], folder_of_case)
                    out[case.case_id] = {
                        str(p.relative_to(folder_of_case.resolve())): p.read_bytes() for p in paths
                    }
            return out

    def tree(self) -> str:
        """A digest over the names, kinds, modes and bytes of all that is in the vault and beside
        it in the folder of datasets.
        """
        whole = hashlib.sha256()
        for folder in (self.vault_folder, self.data):
            for path in sorted(folder.rglob("*")):
                content = path.read_bytes() if path.is_file() else b""
                entry = (str(path.relative_to(self.root)), path.lstat().st_mode, digest(content))
                whole.update(repr(entry).encode())
        return whole.hexdigest()
