"""Releasing a quarantined case: what was approved is opened, and judged again as of today.

Two people approved the release, so today's decision keeps nothing back; it says what would happen
to these bytes now, and what changed since they were quarantined.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gatekeeper.errors import InputError
from gatekeeper.gate import Setup, check
from gatekeeper.model import Decision
from gatekeeper.read import open_sources
from gatekeeper.verify import changes_since

if TYPE_CHECKING:
    from gatekeeper.vault import Opened, Released, Vault
    from gatekeeper.vault.age import Identity


@dataclass(frozen=True, slots=True)
class Judged:
    """How the bytes were decided on then, how they would be today, and what differs."""

    then: str
    now: str
    """A route, or `no decision` where nothing of it can be scanned today."""
    changes: tuple[str, ...]
    duties: tuple[str, ...] = ()
    """What today's policies demand beside the route."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was released, and what today's policies say of it."""

    released: Released
    judged: Judged

    def to_json(self) -> dict[str, Any]:
        """For `--format json`; names of files are those in the folder."""
        request = self.released.request
        return {
            "case": self.released.manifest.case_id,
            "request": request.id,
            "purpose": request.purpose,
            "destination": request.destination,
            "files": [str(path) for path in self.released.files],
            "then": self.judged.then,
            "now": self.judged.now,
            "changes": list(self.judged.changes),
            "duties": list(self.judged.duties),
        }


def release(
    vault: Vault,
    case_id: str,
    request_id: str,
    identities: Sequence[Identity],
    out: Path,
    setup: Setup,
    *,
    now: datetime.datetime,
) -> Outcome:
    """Open the case into the folder `out`, and say what today's policies make of it.

    Raises VaultError where it is not approved or does not verify, DetectorError where it could not
    be judged; then `out` is as it was.
    """
    from gatekeeper.vault.releasing import release as open_approved

    found: list[Judged] = []

    def judge(opened: Opened, folder: Path) -> None:
        found.append(_judge(opened, folder, setup, now.date()))

    released = open_approved(vault, case_id, request_id, identities, out, now=now, judge=judge)
    return Outcome(released, found[0])


def _judge(opened: Opened, folder: Path, setup: Setup, today: datetime.date) -> Judged:
    recorded = opened.description.get("decision")
    then: Mapping[str, Any] = recorded if isinstance(recorded, dict) else {}
    route = str(then.get("route", "unknown"))
    decision = _decide(opened, folder, setup, today)
    if decision is None:
        return Judged(route, "no decision", ("nothing of it can be scanned today",))
    same = sorted(then.get("subjects", [])) == list(decision.subjects)
    changes = changes_since(then, decision, same) if then else ["what was decided then is unknown"]
    return Judged(route, decision.route.word, tuple(changes), decision.duties)


def _decide(opened: Opened, folder: Path, setup: Setup, today: datetime.date) -> Decision | None:
    sources = open_sources([folder / name for name in opened.names])
    try:
        return check(sources, setup, today=today).decision
    except InputError:  # said in place of a route
        return None
