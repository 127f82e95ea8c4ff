"""What enforcement needs of a sealed snapshot."""

from __future__ import annotations

from typing import BinaryIO, Protocol


class Snapshot(Protocol):
    """Bytes that were copied once, while they were hashed, and cannot change any more."""

    @property
    def digest(self) -> str:
        """`sha256:…` of the bytes."""

    @property
    def size_bytes(self) -> int:
        """How many there are."""

    def open(self) -> BinaryIO:
        """A new stream over them, from the start."""
