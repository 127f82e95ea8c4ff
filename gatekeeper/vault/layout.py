"""Where things lie in a vault.

```
vault/{config.yaml, lock, recipients/, people/, journal/, tmp/, audit/}
vault/cases/<id>/{data.age, manifest.dsse, requests/<id>/, holds/, tombstone.dsse}
```

Every folder has mode 0700, every file 0600. A folder under `cases/` appears by one rename, whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gatekeeper.errors import VaultError
from gatekeeper.model.display import shown
from gatekeeper.vault.durable import (
    ensure_file,
    make_private_directory,
    present,
    system_errors,
)

_CONFIG = b"format: gatekeeper.dev/vault-v1\n"
_IGNORE = b"*\n"


@dataclass(frozen=True, slots=True)
class Layout:
    """The paths of the vault at `root`."""

    root: Path

    @property
    def lock(self) -> Path:
        """The lock of whoever changes the vault."""
        return self.root / "lock"

    @property
    def recipients(self) -> Path:
        """One signed `<fingerprint>.pub` for each enrolled recipient, and its open `.challenge`."""
        return self.root / "recipients"

    @property
    def people(self) -> Path:
        """One signed `<id>.pub` for each person whose signature counts."""
        return self.root / "people"

    @property
    def journal(self) -> Path:
        """What is being done, until it is done."""
        return self.root / "journal"

    @property
    def tmp(self) -> Path:
        """Ciphertext that is not yet a case."""
        return self.root / "tmp"

    @property
    def cases(self) -> Path:
        """The cases."""
        return self.root / "cases"

    @property
    def audit_log(self) -> Path:
        """The log of what was done."""
        return self.root / "audit" / "log.jsonl"

    def part(self, case_id: str) -> Path:
        """The folder in which a case is made."""
        return self.tmp / f"{case_id}.part"

    def case(self, case_id: str) -> Path:
        """The folder of a case."""
        return self.cases / case_id

    def check(self) -> None:
        """Raise VaultError for a vault that this version does not know, or cannot read."""
        config = self.root / "config.yaml"
        with system_errors(config):
            known = not present(config) or config.read_bytes() == _CONFIG
        if not known:
            raise VaultError(f"{shown(config)}: not a vault of a format known here")

    def create(self) -> None:
        """Make what is missing; the caller need not hold the lock."""
        self.check()
        self.root.parent.mkdir(parents=True, exist_ok=True)
        make_private_directory(self.root)
        for folder in (
            self.recipients, self.people, self.journal, self.tmp, self.cases, self.audit_log.parent,
        ):  # fmt: skip
            make_private_directory(folder)
        for name, content in ((".gitignore", _IGNORE), ("config.yaml", _CONFIG)):
            ensure_file(self.root / name, content)
