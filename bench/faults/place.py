"""A place to try things in: a gate's home, datasets, a vault with two recipients, three people."""

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
from gatekeeper.vault import Case, Manifest, Vault, age, choose_recipients, load_identities
from gatekeeper.vault.opening import decrypt_case
from gatekeeper.vault.people import PersonKey, enrol, load_key, make_key

FACTS = {"route": "quarantine", "policies": ["hipaa"], "digests": {}}
KEYS = ("operations", "recovery")
PEOPLE = ("ada", "bob", "eve")


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
    """The folder `root`; `home`, `vault`, `data`, `out` and `keys` are in it."""

    root: Path
    case: str = ""
    """The id of the case that an operation is about, where it is known."""
    request: str = ""

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
    def out(self) -> Path:
        """Where a release goes to: a folder in a folder of its own."""
        return self.root / "out" / "released"

    @property
    def identities(self) -> tuple[Path, ...]:
        """Not a part of the gate's host: whoever opens a case brings one."""
        return tuple(self.root / "keys" / name for name in KEYS)

    @property
    def log(self) -> AuditLog:
        return audit_log(self.vault_folder, load_signer(self.home))

    def person(self, name: str) -> PersonKey:
        """The signing key of one of `PEOPLE`."""
        return load_key(self.root / "keys" / f"{name}.pem", lambda: b"")

    def vault(self, *, lock_timeout_s: float = 60.0) -> Vault:
        return Vault.open(
            self.vault_folder,
            gate=load_signer(self.home),
            log=self.log,
            lock_timeout_s=lock_timeout_s,
        )

    def init(self) -> Place:
        """Make the vault, enrol two recipients and three people."""
        for folder in (self.data, self.out.parent):
            folder.mkdir(parents=True, exist_ok=True)
        (self.root / "keys").mkdir(mode=0o700, exist_ok=True)
        for path in self.identities:
            self.vault().init_identity(path, now=now())
        for name in PEOPLE:
            key = make_key(self.root / "keys" / f"{name}.pem")
            enrol(self.vault(), key.public, name, now=now())
        return self

    def write(self, files: Mapping[str, bytes]) -> None:
        """Put `files` into the folder of datasets."""
        for name, content in files.items():
            (self.data / name).write_bytes(content)

    def recipients(self) -> Sequence[age.Recipient]:
        """Who a case is encrypted to now."""
        return choose_recipients((), self.vault().recipients(), now=now())

    def store(self, files: Mapping[str, bytes]) -> Case:
        """Quarantine `files`, which were written before and decided on as given."""
        vault = self.vault()
        return vault.store(
            [(self.data / name, digest(content)) for name, content in files.items()],
            description={"decision": {"route": "quarantine"}},
            facts=FACTS,
            recipients=self.recipients(),
            now=now(),
        )

    def plain(self) -> dict[str, bytes]:
        """What lies in the folder of datasets, by name."""
        return {p.name: p.read_bytes() for p in self.data.iterdir() if p.is_file()}

    def released(self) -> dict[str, bytes] | None:
        """What lies in the folder of the release, by name; None where there is no such folder."""
        if not self.out.exists():
            return None
        return {p.name: p.read_bytes() for p in self.out.iterdir()}

    def opened(self, identity: Path | None = None) -> dict[str, dict[str, bytes]]:
        """The files of every case by its id; no record of it is written.

        Raises GatekeeperError for what does not open.
        """
        vault = self.vault()
        keys = load_identities(identity or self.identities[0])
        found = [case for case in vault.list() if isinstance(case, Manifest)]
        return {case.case_id: self.open_case(vault, case, keys) for case in found}

    def open_case(
        self, vault: Vault, case: Manifest, keys: Sequence[age.Identity]
    ) -> dict[str, bytes]:
        """The files of one case by their names, as `keys` open it."""
        with tempfile.TemporaryDirectory(prefix="gk-opened-", dir=scratch()) as folder:
            work = Path(folder)
            data = vault.layout.case(case.case_id) / case.data_name
            names = decrypt_case(data, case, keys, work).names
            return {name: (work / name).read_bytes() for name in names}

    def tree(self) -> str:
        """A digest over the names, kinds, modes and bytes of all that an act on a case touches."""
        whole = hashlib.sha256()
        for folder in (self.vault_folder, self.data, self.out.parent):
            for path in sorted(folder.rglob("*")):
                content = path.read_bytes() if path.is_file() else b""
                entry = (str(path.relative_to(self.root)), path.lstat().st_mode, digest(content))
                whole.update(repr(entry).encode())
        return whole.hexdigest()

    def copied(self, root: Path) -> Place:
        """A copy of it at `root`, in place of what is there."""
        if root.exists():
            shutil.rmtree(root)
        shutil.copytree(self.root, root, ignore=shutil.ignore_patterns("lost+found"))
        return Place(root)
