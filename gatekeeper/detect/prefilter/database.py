"""The weak patterns as one Hyperscan database: which of them does a text match?

Compiling takes seconds, so a database is kept on disk. Where there is none, `matching` says that
any pattern may match, until somebody has it compiled.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Any

from gatekeeper.detect.prefilter.cache import read, write
from gatekeeper.detect.prefilter.fold import folded
from gatekeeper.detect.prefilter.weaken import TooStrange, weakened

PatternKey = tuple[str, bool]
"""A pattern in the syntax of `regex`, and whether case is ignored."""

_FORM = 5
"""Of the weak patterns and of the files; part of their names."""


class Prefilter:
    """Says which of its patterns may match a text. One per set of patterns and process."""

    def __init__(self, patterns: Iterable[PatternKey]) -> None:
        """Take the patterns; what cannot be weakened may always match."""
        self._numbers: dict[PatternKey, int] = {}
        weak: list[str] = []
        for key in dict.fromkeys(patterns):
            text = _weak(key)
            if text is not None:
                self._numbers[key] = len(weak)
                weak.append(text)
        self._weak = weak
        self._database: Any = None
        self._opened = self._useless = False
        self._lock = threading.Lock()
        self.matching = lru_cache(maxsize=16)(self._matching)
        """text → the numbers of the patterns that may match it; None where any may."""

    def number(self, key: PatternKey) -> int | None:
        """The number of a pattern in what `matching` returns; None where it may always match."""
        return self._numbers.get(key)

    def _matching(self, text: str) -> frozenset[int] | None:
        with self._lock:
            if self._database is None and not self._opened:
                self._open(compile_it=False)
            if self._database is None:
                return None
            found: list[int] = []
            for read in folded(text):
                self._database.scan(read, match_event_handler=lambda n, *_: found.append(n))
            return frozenset(found)

    @property
    def size(self) -> int:
        """How many patterns it has."""
        return len(self._weak)

    def compile(self) -> bool:
        """Have the database ready now; False where Hyperscan is not installed or cannot work."""
        with self._lock:
            if self._database is None and not self._useless:
                self._open(compile_it=True)
            return self._database is not None

    def _open(self, *, compile_it: bool) -> None:
        """Take the database that is kept, or make and keep it."""
        self._opened = True
        hyperscan = _hyperscan()
        if hyperscan is None or not self._weak:
            self._useless = True
            return
        name = self._name(hyperscan)
        self._database = _loaded(hyperscan, read(name))
        if self._database is None and compile_it:
            body = _compiled(hyperscan, self._weak)
            self._database = _loaded(hyperscan, body)
            self._useless = self._database is None
            if body is not None and not self._useless:
                write(name, body)

    def _name(self, hyperscan: Any) -> str:
        digest = hashlib.sha256(f"{_FORM} {hyperscan.__version__}".encode())
        for text in self._weak:
            digest.update(text.encode() + b"\n")
        return f"patterns-{digest.hexdigest()[:32]}.hs"


@cache
def _weak(key: PatternKey) -> str | None:
    pattern, ignore_case = key
    try:
        return weakened(pattern, ignore_case=ignore_case)
    except TooStrange:
        return None


@cache
def _hyperscan() -> Any:
    try:
        import hyperscan
    except ImportError:
        return None
    return hyperscan


def _compiled(hyperscan: Any, weak: list[str]) -> bytes | None:
    """The database of `weak` as bytes; None where Hyperscan cannot work here."""
    database = hyperscan.Database()
    try:
        database.compile(
            expressions=[text.encode("ascii") for text in weak],
            ids=list(range(len(weak))),
            elements=len(weak),
            flags=[hyperscan.HS_FLAG_SINGLEMATCH] * len(weak),
        )
        return bytes(hyperscan.dumpb(database))
    except hyperscan.HyperscanError:
        return None


def _loaded(hyperscan: Any, body: bytes | None) -> Any:
    """A database of what `dumpb` gave; None where it was made by another version or CPU."""
    if body is None:
        return None
    try:
        database = hyperscan.loadb(body, hyperscan.HS_MODE_BLOCK)
        database.scratch = hyperscan.Scratch(database)
    except hyperscan.HyperscanError:
        return None
    return database
