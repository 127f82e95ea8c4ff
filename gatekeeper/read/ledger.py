"""Every stored byte is charged to one item: a record, or what was refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from gatekeeper.model import Record, Unscanned
from gatekeeper.read.refusal import Items, Refusal
from gatekeeper.read.streams import StoredStream


def empty() -> Refusal:
    """Nothing to scan is not the same as clean."""
    return Refusal("empty", "holds no record; remove it, or fill it")


def account(
    stored: StoredStream, name: str, begin: Callable[[Ledger], Items]
) -> Iterator[Record | Unscanned]:
    """The items that `begin` starts to read of `stored`, with every stored byte charged to one.

    Where the text is stored as it is, sizes are exact. Where it is compressed or columnar, a
    refusal is charged the bytes it refused as decompressed, at most what is stored and at least 1,
    and records share what is left as the reading moves on; so scanned and unscanned make up the
    whole, and a refusal can only be overstated.
    """
    ledger = Ledger(stored)
    refusal: Refusal | None = None
    try:
        for item in begin(ledger):
            ready = ledger.take(item)
            if ready:
                yield ready
    except Refusal as refused:
        refusal = refused
    stored_all = drain(stored)
    yield from ledger.close(name, refusal or stored_all)


def drain(stored: StoredStream) -> Refusal | None:
    """Read and hash what is left; why not, where that cannot be."""
    try:
        stored.drain()
    except Refusal as refusal:
        return refusal
    return None


class Ledger:
    """Charges bytes to items; holds the last one back until its neighbours are known."""

    def __init__(self, stored: StoredStream) -> None:
        """Of the stream that the items come from."""
        self._stored = stored
        self._held: Record | Unscanned | None = None
        self._blank = 0
        self._charged = 0
        self._any = False
        self.exact = True
        """Whether the sizes of the items are stored bytes, and all of them."""
        self.shared = False
        """Whether the items came with their shares of the stored bytes."""

    def take(self, item: Record | Unscanned | int) -> Record | Unscanned | None:
        """Charge `item`; returns the one that was held back before it."""
        if isinstance(item, int):
            self._blank += item
            return None
        size = item.size_bytes + self._blank if self.exact else self._share(item)
        self._blank = 0
        self._charged += size
        self._any = True
        ready, self._held = self._held, _resized(item, size)
        return ready

    def _share(self, item: Record | Unscanned) -> int:
        if self.shared:
            return item.size_bytes
        if isinstance(item, Record):
            return max(0, self._stored.bytes_taken - self._charged)
        if item.opaque and not item.size_bytes:
            return 0
        return max(1, min(item.size_bytes, self._stored.bytes_seen))

    def close(self, source: str, refusal: Refusal | None) -> Iterator[Record | Unscanned]:
        """The held item with what is left, or the refusal of what is left."""
        left = self._stored.bytes_seen - self._charged
        if refusal is None and not self._any:
            refusal = empty()
        if self._held is not None:
            if refusal is None and (self._blank or not self.exact):
                more = self._blank if self.exact else max(0, left)
                self._held = _resized(self._held, self._held.size_bytes + more)
            yield self._held
        if refusal is not None:
            yield refusal.unscanned(source, left if left > 0 else min(1, self._stored.bytes_seen))


def _resized(item: Record | Unscanned, size_bytes: int) -> Record | Unscanned:
    return item if item.size_bytes == size_bytes else replace(item, size_bytes=size_bytes)
