"""What the vault asks of the rooms above it: the gate's own key, and a log of what was done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol


class GateKey(Protocol):
    """The gate's signing key and the keys it trusts. It opens no case."""

    def seal(self, payload: bytes) -> bytes:
        """A signed envelope around `payload`."""

    def unseal(self, envelope: bytes) -> bytes:
        """The payload of `envelope`, which must be as `seal` made it; raises ReceiptError."""

    def derive(self, purpose: str) -> bytes:
        """32 secret bytes, the same for the same `purpose` and key."""


class EventLog(Protocol):
    """An append-only log. It takes numbers, digests and ids, never a name or a value."""

    def append(self, event: str, fields: Mapping[str, str | int]) -> None:
        """Write one event durably; returns only once it is on disk."""

    def records(self) -> Iterator[Mapping[str, Any]]:
        """Every record, oldest first, each checked against the one before; raises ReceiptError."""

    def newest(self, event: str = "", /, **fields: str | int) -> Mapping[str, Any] | None:
        """The newest record (`seq`, `time`, `event`, `data`) of `event`, or of any, whose data
        agrees with `fields`; None where there is none.
        """

    def mend(self) -> bool:
        """End what a crash cut off in the log itself; whether there was anything to be done."""
