"""What is remembered: the tally of a content, and that a detector passed its known-answer test."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import time
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Protocol

from gatekeeper.model import Attestation, Tally, Unscanned, canonical_bytes
from gatekeeper.model.installed import versions
from gatekeeper.model.places import cache_folder, gatekeeper_home
from gatekeeper.remember.seal import Seal, forget_key, load_key
from gatekeeper.remember.store import Store

ATTESTED_S = 86_400.0
"""How long a known-answer test that was passed speaks for the same detector."""
PASSING = frozenset({"changed", "unreadable"})
"""Refusals that say something of the moment and not of the content."""

_PACKAGE = Path(__file__).parents[1]
_CODE = ("errors.py", "counting.py", "tally.py", "model", "read", "remember")
"""What a tally depends on besides the detector, which has a fingerprint of its own."""
_PACKAGES = ("gatekeeper", "pyarrow", "zstandard")


Counted = tuple[str, Tally]
"""The digest of a content, and its tally."""


class Readable(Protocol):
    """A source, as far as its tally depends on it."""

    name: str

    @property
    def how(self) -> str: ...  # noqa: D102

    def stored(self) -> tuple[str, int] | None: ...  # noqa: D102


class Memory:
    """Tallies and attestations of one user. Make it with `open_memory`."""

    def __init__(self, store: Store) -> None:
        """Of what is in `store`."""
        self.store = store

    def recall(self, sources: Sequence[Readable | Unscanned], detector: str) -> Recalled:
        """What is remembered of `sources` under the detector with the fingerprint `detector`.

        Each is hashed as it is now; of one that does not hold still nothing is known.
        """
        known: dict[int, Counted] = {}
        for number, source in enumerate(sources):
            if not isinstance(source, Unscanned):
                counted = self._recall(source, detector)
                if counted is not None:
                    known[number] = counted
        left = sum(not isinstance(s, Unscanned) for s in sources) - len(known)
        return Recalled(self.store, detector, known, is_all=not left)

    def _recall(self, source: Readable, detector: str) -> Counted | None:
        stored = source.stored()
        if stored is None:
            return None
        content = stored[0]
        body = self.store.get(_about("tally", detector, content=content, how=source.how))
        tally = None if body is None else _tally(body)
        return None if tally is None else (content, renamed(tally, "", source.name))


class Recalled:
    """What is known of some sources under one detector. What is counted anew is kept."""

    def __init__(
        self, store: Store, detector: str, known: Mapping[int, Counted], *, is_all: bool
    ) -> None:
        """See `Memory.recall`."""
        self._store = store
        self.detector = detector
        self.known = known
        """Digest and tally of what is known, by its number among the sources."""
        self.is_all = is_all
        """Whether there is nothing left to count."""

    def keep(self, source: Readable, content: str, tally: Tally) -> None:
        """Remember the `tally` of the bytes `content`, unless it is of the moment, partial, or
        names more than this source.
        """
        named = {u.source for u in tally.unscanned} | tally.sources
        passing = any(u.reason in PASSING for u in tally.unscanned)
        if named != {source.name} or passing or tally.bytes_left:
            return
        about = _about("tally", self.detector, content=content, how=source.how)
        self._store.put(about, canonical_bytes(renamed(tally, source.name, "").to_json()))

    def attestation(self, entities: frozenset[str]) -> Attestation | None:
        """That this very detector proved to find `entities`, within the last `ATTESTED_S`."""
        body = self._store.get(_about("attestation", self.detector))
        if body is None:
            return None
        try:
            data = json.loads(body)
            age_s = time.time() - float(data["at"])
            proved = frozenset(map(str, data["entities"]))
        except (ValueError, KeyError, TypeError):
            return None
        fresh = 0 <= age_s < ATTESTED_S
        return Attestation(self.detector, entities) if fresh and entities <= proved else None

    def under(self, attestation: Attestation) -> Recalled:
        """The same under the detector that has just passed its known-answer test, which is
        remembered; nothing is known where that turned out to be another one.
        """
        detector = attestation.fingerprint
        body = {"at": _proved_at(attestation), "entities": sorted(attestation.entities)}
        self._store.put(_about("attestation", detector), canonical_bytes(body))
        same = detector == self.detector
        return self if same else Recalled(self._store, detector, {}, is_all=False)


def open_memory(home: Path | None = None, cache_at: Path | None = None) -> Memory | None:
    """The memory of this user; None where they have no key of their own to seal it with."""
    key = load_key(gatekeeper_home() if home is None else home)
    return Memory(Store(cache_at or cache_folder(), Seal(key))) if key else None


def clear_memory() -> int:
    """Remove every entry and the key they were sealed with; how many there were."""
    removed = Store(cache_folder(), Seal(b"")).clear()
    forget_key(gatekeeper_home())
    return removed


def renamed(tally: Tally, name: str, to: str) -> Tally:
    """`tally` of the same content under another name; everything else stays."""
    return dataclasses.replace(
        tally,
        sources=frozenset(to if s == name else s for s in tally.sources),
        unscanned=frozenset(
            dataclasses.replace(u, source=to) if u.source == name else u for u in tally.unscanned
        ),
    )


@cache
def _proved_at(attestation: Attestation) -> float:  # noqa: ARG001  (the key)
    """When this process first had it: a detector proves itself once a process."""
    return time.time()


def _tally(body: bytes) -> Tally | None:
    try:
        return Tally.from_json(json.loads(body))
    except (ValueError, KeyError, TypeError):
        return None


def _about(kind: str, detector: str, **more: str) -> bytes:
    """Everything that an entry depends on."""
    return canonical_bytes(
        {
            "kind": kind,
            "detector": detector,
            "code": _code(),
            "packages": versions(_PACKAGES),
            "machine": list(os.uname()[:1] + os.uname()[4:]),
            **more,
        }
    )


@cache
def _code() -> str:
    """Digest of the source that reads, counts and remembers."""
    digest = hashlib.sha256()
    for part in _CODE:
        path = _PACKAGE / part
        for file in [path] if path.is_file() else sorted(path.rglob("*.py")):
            digest.update(f"{file.relative_to(_PACKAGE).as_posix()}\0".encode())
            digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()
