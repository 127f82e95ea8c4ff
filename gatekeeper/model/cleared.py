"""The value that opens the door: proof that one content was allowed to go to one destination."""

from __future__ import annotations

from dataclasses import InitVar, dataclass
from typing import NoReturn

from gatekeeper.model.decision import Decision
from gatekeeper.model.policy import Destination, Route

_TOKEN = object()


@dataclass(frozen=True, slots=True)
class Cleared:
    """One content, one destination, one decision. The uploader takes nothing less.

    Only `issue_cleared` makes one, and it makes none from a decision that is not ALLOW. It can be
    neither built, nor altered (`dataclasses.replace`), nor copied, nor unpickled.
    """

    decision: str
    """Digest of the decision."""
    content: str
    """Digest of the bytes that were scanned."""
    destination: str
    destination_digest: str
    host: str
    date: str
    """The day the decision was made for, ISO 8601."""
    token: InitVar[object]

    def __post_init__(self, token: object) -> None:
        if token is not _TOKEN:
            raise TypeError("a clearance is issued by the gate, from a decision that allows")

    def __reduce__(self) -> NoReturn:
        raise TypeError("a clearance cannot be copied or stored")


def issue_cleared(decision: Decision, content: str, destination: Destination) -> Cleared:
    """The clearance of `content` for `destination`; for the gate alone.

    Raises:
        ValueError: the decision is not ALLOW, was not made on `content`, or was made for another
            destination or for other facts about it. A caller that gets this has a fault.
    """
    if decision.route is not Route.ALLOW:
        raise ValueError(f"not cleared: the route is {decision.route.word}")
    if content not in decision.subjects:
        raise ValueError("not cleared: the decision was not made on this content")
    same = (decision.destination, decision.host, decision.digests.get("destination"))
    if same != (destination.name, destination.host, destination.digest):
        raise ValueError("not cleared: the decision was made for another destination")
    return Cleared(
        decision=decision.digest,
        content=content,
        destination=destination.name,
        destination_digest=destination.digest,
        host=destination.host,
        date=decision.date,
        token=_TOKEN,
    )
