"""Where the bytes of clients wait for their verdict: encrypted, without a name, and bounded."""

from __future__ import annotations

import asyncio
import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from gatekeeper.gateway.answers import Answer
from gatekeeper.read import SealedSnapshot, Sealing

BLOCK_BYTES = 256 << 10
"""Handed on to be encrypted and written at once; as much waits in memory for each body."""
IN_MEMORY_BYTES = (64 << 10) if hasattr(os, "memfd_create") else 0
WRITERS = 4


class Spools:
    """All of a gateway's spools, and how much is in them."""

    def __init__(self, most_bytes: int, folder: Path | None = None) -> None:
        """In `folder`; where it is None, where the system has temporary files."""
        self.held_bytes = 0
        self.most_bytes = most_bytes
        self.folder = folder
        self.writers = ThreadPoolExecutor(WRITERS, thread_name_prefix="spool")

    def new(self, *, md5: bool = False) -> Spooling:
        """An empty one, with an MD5 of it where that is asked for."""
        return Spooling(self, md5=md5)

    def take(self, size_bytes: int) -> None:
        """Account for bytes that are about to be written; raises Answer where they are too many."""
        if self.held_bytes + size_bytes > self.most_bytes:
            raise spool_full()
        self.held_bytes += size_bytes

    def close(self) -> None:
        """Wait for what is being written."""
        self.writers.shutdown()


class Spooling:
    """Bytes that are being spooled, and then are: it gives them back by `release`."""

    def __init__(self, spools: Spools, *, md5: bool) -> None:
        self._spools = spools
        self._sealing: Sealing | None = Sealing(
            in_memory_bytes=IN_MEMORY_BYTES, folder=spools.folder
        )
        self._waiting = bytearray()
        self._md5 = hashlib.md5(usedforsecurity=False) if md5 else None
        self._taken = 0
        self.snapshot: SealedSnapshot | None = None
        self.size_bytes = 0

    @property
    def md5(self) -> str:
        """Of all that was written, for the Uploads API; empty where it was not asked for."""
        return self._md5.hexdigest() if self._md5 else ""

    async def write(self, block: bytes) -> None:
        """Append `block`. Raises Answer where there is no room for it."""
        self._spools.take(len(block))
        self._taken += len(block)
        self.size_bytes += len(block)
        self._waiting += block
        if len(self._waiting) >= BLOCK_BYTES:
            await self._flush()

    async def seal(self) -> SealedSnapshot:
        """All that was written, unchangeable from here on."""
        await self._flush()
        sealing, self._sealing = self._sealing, None
        if sealing is None:
            raise ValueError("it was sealed before")
        self.snapshot = sealing.seal()
        return self.snapshot

    async def _flush(self) -> None:
        block = bytes(self._waiting)
        self._waiting.clear()
        if not block or self._sealing is None:
            return
        loop = asyncio.get_running_loop()
        written = loop.run_in_executor(self._spools.writers, self._put, self._sealing, block)
        full = False
        try:
            await asyncio.shield(written)
        except asyncio.CancelledError:  # whoever gives the room back must not do it under a writer
            await asyncio.wait([written])
            raise
        except OSError:
            full = True
        if full:
            raise spool_full()

    def _put(self, sealing: Sealing, block: bytes) -> None:
        if self._md5:
            self._md5.update(block)
        sealing.write(block)

    async def append(self, other: SealedSnapshot) -> None:
        """Append the bytes of `other`."""
        loop = asyncio.get_running_loop()
        with other.open() as stream:
            while True:
                block = await loop.run_in_executor(self._spools.writers, stream.read, 4 << 20)
                if not block:
                    return
                await self.write(block)

    def release(self) -> None:
        """Give the room back; it may be called again."""
        if self._sealing is not None:
            self._sealing.discard()
            self._sealing = None
        if self.snapshot is not None:
            self.snapshot.close()
            self.snapshot = None
        self._spools.held_bytes -= self._taken
        self._taken = 0


def spool_full() -> Answer:
    """503: there is no room for the bytes now."""
    return Answer(
        503,
        "gatekeeper_spool_full",
        "the gateway has no room for the dataset now; try again later",
        retry_after_s=30,
    )
