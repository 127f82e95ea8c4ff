"""The value that opens the door: proof that these contents were allowed to go to one destination.

A clearance binds everything that the decision depends on and everything that the receiver sees. It
is used once: within a process by the list of those spent, across processes by the record that is
written under its id before a socket is opened (`egress.records`).
"""

from __future__ import annotations

import datetime
import hashlib
import hmac
import os
import threading
from collections.abc import Sequence
from dataclasses import InitVar, asdict, dataclass, field
from typing import Any, NoReturn

from gatekeeper.model.canonical import canonical_bytes
from gatekeeper.model.decision import Decision
from gatekeeper.model.job import JobRequest
from gatekeeper.model.policy import Destination, Route

TRAINING = "training"
VALIDATION = "validation"
PURPOSE = "fine-tune"

_TOKEN = object()
_SECRET = os.urandom(32)
_SPENT: set[str] = set()
_LOCK = threading.Lock()


@dataclass(frozen=True, slots=True)
class Content:
    """One file of an upload."""

    role: str
    """`training` or `validation`."""
    digest: str
    """Of the bytes that were scanned."""
    size_bytes: int
    name: str
    """Under which it goes: neutral, and the same for the same decision and content."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What an upload is bound to besides its bytes. The door makes them anew, and compares."""

    destination: str
    destination_digest: str
    host: str
    base_url: str
    organization: str
    project: str
    purpose: str
    expires_after_s: int
    policies: str
    """Digest of the policies that were decided under."""
    detector: str
    """Fingerprint of the detector that scanned."""
    date: str
    """The day the decision was made for, ISO 8601."""

    @classmethod
    def of(
        cls,
        destination: Destination,
        *,
        policies: str,
        detector: str,
        today: datetime.date,
        organization: str = "",
        project: str = "",
        purpose: str = PURPOSE,
        expires_after_s: int | None = None,
    ) -> Terms:
        """The terms of an upload to `destination` on the day `today`.

        `expires_after_s` (seconds until the destination deletes the files) is the destination's
        own where it is None.
        """
        expires = destination.expires_after_s if expires_after_s is None else expires_after_s
        return cls(
            destination.name,
            destination.digest,
            destination.host,
            destination.base_url,
            organization,
            project,
            purpose,
            expires,
            policies,
            detector,
            today.isoformat(),
        )


@dataclass(frozen=True, slots=True)
class Cleared:
    """Some contents, one destination, one decision. The sender takes nothing less.

    Only `issue_cleared` makes one, and it makes none from a decision that is not ALLOW. It can be
    neither built, nor copied, nor unpickled, and one that was altered (`dataclasses.replace`,
    `object.__setattr__`) does not hold any more.
    """

    id: str
    """32 hex digits; the first twelve are those of the decision, the rest are random."""
    decision: str
    """Digest of the decision."""
    contents: tuple[Content, ...]
    terms: Terms
    job: str
    """Digest of the fine-tuning job that may be created on the files; empty for none."""
    token: InitVar[object]
    _seal: bytes = field(init=False, repr=False, compare=False)

    def __post_init__(self, token: object) -> None:
        if token is not _TOKEN:
            raise TypeError("a clearance is issued by the gate, from a decision that allows")
        object.__setattr__(self, "_seal", self._sealed())

    def __reduce__(self) -> NoReturn:
        raise TypeError("a clearance cannot be copied or stored")

    @property
    def holds(self) -> bool:
        """Whether it is as it was issued, in this process."""
        return hmac.compare_digest(self._seal, self._sealed())

    def _sealed(self) -> bytes:
        bound: list[Any] = [self.id, self.decision, self.job, asdict(self.terms)]
        bound += [asdict(c) for c in self.contents]
        return hmac.digest(_SECRET, canonical_bytes(bound), "sha256")


def issue_cleared(
    decision: Decision,
    contents: Sequence[tuple[str, str, int]],
    destination: Destination,
    terms: Terms,
    *,
    job: JobRequest | None = None,
) -> Cleared:
    """The clearance of `contents` for `destination`; for the gate alone.

    Args:
        decision: what was decided.
        contents: role, digest and size of each file, the training file first.
        destination: that of the decision.
        terms: what else the clearance is for.
        job: the fine-tuning job that may be created on them.

    Raises:
        ValueError: the decision is not ALLOW, was not made on all of this, or was made for another
            destination, under other facts, policies or detectors, or for another day. A caller that
            gets this has a fault.
    """
    if decision.route is not Route.ALLOW:
        raise ValueError(f"not cleared: the route is {decision.route.word}")
    if [role for role, _, _ in contents] not in ([TRAINING], [TRAINING, VALIDATION]):
        raise ValueError("not cleared: one training file, and at most one validation file")
    texts = job.texts_digest(destination.models) if job else ""
    needed = [*(digest for _, digest, _ in contents), *([texts] if texts else [])]
    if not set(needed) <= set(decision.subjects):
        raise ValueError("not cleared: the decision was not made on this content")
    if len(set(needed)) != len(needed):
        raise ValueError("not cleared: the same content twice")
    same = (decision.destination, decision.host, decision.digests.get("destination"))
    if same != (destination.name, destination.host, destination.digest):
        raise ValueError("not cleared: the decision was made for another destination")
    decided_under = (*same, decision.digests.get("policies"), decision.digests.get("detector"))
    named = (terms.destination, terms.host, terms.destination_digest)
    if decided_under != (*named, terms.policies, terms.detector) or decision.date != terms.date:
        raise ValueError("not cleared: the terms are not those of the decision")
    return Cleared(
        id=decision.digest.removeprefix("sha256:")[:12] + os.urandom(10).hex(),
        decision=decision.digest,
        contents=tuple(
            Content(role, digest, size, neutral_name(decision.digest, digest))
            for role, digest, size in contents
        ),
        terms=terms,
        job=job.digest if job else "",
        token=_TOKEN,
    )


def neutral_name(decision: str, content: str) -> str:
    """`gk-<16 hex>.jsonl`: the same for the same decision and content, so that what became of an
    upload can be looked up by it, and without a word about the dataset.
    """
    bound = f"{decision} {content}".encode("ascii")
    return f"gk-{hashlib.sha256(bound).hexdigest()[:16]}.jsonl"


def spend(cleared: Cleared) -> bool:
    """Whether `cleared` was not used before; it is from now on, in this process."""
    with _LOCK:
        fresh = cleared.id not in _SPENT
        _SPENT.add(cleared.id)
    return fresh
