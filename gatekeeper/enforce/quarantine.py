"""Quarantine: the dataset becomes an encrypted case in the vault, and its plaintext is unlinked."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gatekeeper.errors import DatasetChanged
from gatekeeper.model import Decision, Route, Wrapper

if TYPE_CHECKING:
    from gatekeeper.vault import Vault
    from gatekeeper.vault.age import Recipient

_PUBLIC_DIGESTS = ("policies", "destination", "detector")
"""What the manifest may say. Not the evidence: its digest would tell a known small file again."""


@dataclass(frozen=True, slots=True)
class Quarantined:
    """What was done: the case, and what became of each original (`unlinked`, `kept-hard-link`)."""

    case: str
    sequence: int
    files: int
    size_bytes: int
    """Of the ciphertext."""
    recipients: tuple[str, ...]
    removal: tuple[tuple[str, str], ...]
    """(name, outcome), by name."""
    warnings: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As the command line prints it."""
        return {
            "case": self.case,
            "sequence": self.sequence,
            "files": self.files,
            "bytes": self.size_bytes,
            "recipients": list(self.recipients),
            "removal": [{"file": name, "removal": outcome} for name, outcome in self.removal],
            "warnings": list(self.warnings),
        }


def open_vault(path: Path, *, home: Path | None = None) -> Vault:
    """The vault at `path`, with the gate's key and the log that lies in the vault.

    Raises ConfigError where the key cannot be had, VaultError for a vault of another format.
    """
    from gatekeeper.audit import audit_log, load_signer
    from gatekeeper.vault import Vault

    signer = load_signer(home)
    return Vault.open(path, gate=signer, log=audit_log(path, signer))


def recipients_for(
    vault: Vault,
    written: Sequence[str],
    *,
    now: datetime.datetime,
    wrappers: Mapping[str, Wrapper] | None = None,
) -> tuple[Recipient, ...]:
    """Those `written` in the configuration, or else all that are enrolled in the vault; `wrappers`
    are the commands that it configures.

    Raises ConfigError where they would not do.
    """
    from gatekeeper.vault import choose_recipients

    return choose_recipients(written, vault.recipients(wrappers), now=now)


def quarantine(
    decision: Decision,
    sources: Sequence[tuple[Path, str]],
    vault: Vault,
    *,
    recipients: Sequence[str] = (),
    retention_days: int | None = None,
    now: datetime.datetime,
    wrappers: Mapping[str, Wrapper] | None = None,
) -> Quarantined:
    """Make one case of `sources` (path, digest that was scanned), all of them or none.

    After `retention_days` one person may destroy it; without, it takes a request and two approvals.

    `recipients` are those of the configuration; without any, those enrolled in the vault are used.
    Either way two of them must have a possession check of the last 90 days. `wrappers` are the
    commands that the configuration has for recipients `command:NAME`.

    Raises:
        ConfigError: there are too few recipients; nothing was touched.
        DatasetChanged: a source is not what was decided on; nothing was removed.
        VaultError: the case could not be written and verified; nothing was removed.
        ValueError: the decision is not QUARANTINE. A caller that gets this has a fault.
    """
    from gatekeeper.model.display import shown
    from gatekeeper.vault import choose_recipients, doubts

    if decision.route is not Route.QUARANTINE:
        raise ValueError(f"not quarantined: the route is {decision.route.word}")
    for path, digest in sources:
        if digest not in decision.subjects:
            raise DatasetChanged(f"{shown(path)}: the decision was not made on these bytes")
    enrolled = vault.recipients(wrappers)
    chosen = choose_recipients(recipients, enrolled, now=now)
    case = vault.store(
        sources,
        description={"decision": decision.to_json()},
        facts={
            "route": decision.route.word,
            "policies": list(decision.policies),
            "digests": {n: decision.digests[n] for n in _PUBLIC_DIGESTS if n in decision.digests},
            **_kept_until(retention_days, now),
        },
        recipients=chosen,
        now=now,
    )
    return Quarantined(
        case=case.id,
        sequence=case.manifest.sequence,
        files=len(case.removals),
        size_bytes=case.manifest.size_bytes,
        recipients=case.manifest.recipients,
        removal=tuple(sorted((shown(r.path), r.outcome) for r in case.removals)),
        warnings=(*doubts(recipients, enrolled, now=now), *decision.duties),
    )


def _kept_until(days: int | None, now: datetime.datetime) -> dict[str, str]:
    from gatekeeper.vault.times import utc

    return {} if days is None else {"expires": utc(now + datetime.timedelta(days=days))}
