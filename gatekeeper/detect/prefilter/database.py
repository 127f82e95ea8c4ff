"""The weak patterns as one Hyperscan database: which of them does a text match?

Compiling takes seconds, so a database is kept on disk. Where there is none, `matching` says that
any pattern may match, until somebody has it compiled.
"""

from __future__ import annotations

import hashlib
import json
import sys
import threading
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from gatekeeper.detect.prefilter.cache import read, write
from gatekeeper.detect.prefilter.fold import folded
from gatekeeper.detect.prefilter.weaken import TooStrange, weakened

PatternKey = tuple[str, bool]
"""A pattern in the syntax of `regex`, and whether case is ignored."""

_HERE = Path(__file__).parent


class Prefilter:
    """Says which of its patterns may match a text. One per set of patterns and process."""

    def __init__(self, patterns: Iterable[PatternKey]) -> None:
        """Take the patterns; what cannot be weakened may always match."""
        self._keys = tuple(dict.fromkeys(patterns))
        self._numbers = {key: number for number, key in enumerate(self._keys)}
        self.always: frozenset[int] = frozenset()
        """The patterns that may match any text, once the database is there."""
        self._database: Any = None
        self._opened = self._useless = False
        self._lock = threading.Lock()
        self.matching = lru_cache(maxsize=16)(self.scanned)
        """text → the numbers of the patterns that may match it; None where any may."""

    def number(self, key: PatternKey) -> int | None:
        """The number of a pattern in what `matching` returns; None for one that is not in it."""
        return self._numbers.get(key)

    def scanned(self, text: str) -> frozenset[int] | None:
        """As `matching`, of a text that nobody asks about again."""
        with self._lock:
            if self._database is None and not self._opened:
                self._open(compile_it=False)
            if self._database is None:
                return None
            found: list[int] = []
            for read in folded(text):
                self._database.scan(read, match_event_handler=lambda n, *_: found.append(n))
            return self.always.union(found)

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
        if hyperscan is None or not self._keys:
            self._useless = True
            return
        name = self._name(hyperscan)
        always = read(f"{name}.json")
        if always is not None:
            self._take(hyperscan, always, read(f"{name}.hs"))
        if self._database is None and compile_it:
            made = _compiled(hyperscan, self._keys)
            if made is not None:
                self._take(hyperscan, *made)
            self._useless = self._database is None
            if made is not None and not self._useless:
                write(f"{name}.json", made[0])
                write(f"{name}.hs", made[1])

    def _take(self, hyperscan: Any, always: bytes, dumped: bytes | None) -> None:
        """What `_compiled` gave, where it is whole and of this version and processor."""
        if dumped is not None:
            self._database = _loaded(hyperscan, dumped)
        if self._database is not None:
            self.always = frozenset(json.loads(always))

    def _name(self, hyperscan: Any) -> str:
        """Everything that the database depends on, as a name."""
        digest = hashlib.sha256(f"{hyperscan.__version__} {sys.version_info[:2]}".encode())
        for path in (_HERE / "weaken.py", _HERE / "fold.py", _HERE / "database.py"):
            digest.update(hashlib.sha256(path.read_bytes()).digest())
        digest.update(repr(self._keys).encode("utf-8", "backslashreplace"))
        return f"patterns-{digest.hexdigest()[:32]}"


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


def _compiled(hyperscan: Any, keys: Sequence[PatternKey]) -> tuple[bytes, bytes] | None:
    """The numbers of what cannot be weakened, as JSON, and the database of the others; None where
    Hyperscan cannot work here.
    """
    weak = [_weak(key) for key in keys]
    named = [(number, text) for number, text in enumerate(weak) if text is not None]
    always = [number for number, text in enumerate(weak) if text is None]
    database = hyperscan.Database()
    try:
        database.compile(
            expressions=[text.encode("ascii") for _, text in named],
            ids=[number for number, _ in named],
            elements=len(named),
            flags=[hyperscan.HS_FLAG_SINGLEMATCH] * len(named),
        )
        return json.dumps(always).encode(), bytes(hyperscan.dumpb(database))
    except hyperscan.HyperscanError:
        return None


def _loaded(hyperscan: Any, body: bytes) -> Any:
    """A database of what `dumpb` gave; None where it was made by another version or CPU."""
    try:
        database = hyperscan.loadb(body, hyperscan.HS_MODE_BLOCK)
        database.scratch = hyperscan.Scratch(database)
    except hyperscan.HyperscanError:
        return None
    return database
