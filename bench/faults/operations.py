"""The operations of the vault that are tried. A new one is one more `Operation` in `OPERATIONS`.

An operation says how its place is made, what the process under test runs, when it is wholly done,
and what must hold once `recover` ran, beyond what `verdict` asks of every operation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.faults.place import Place
from gatekeeper.vault import Manifest

FILES: Mapping[str, bytes] = {
    "a.jsonl": b'{"text": "Ada Canary-4711 first"}\n' * 4000,
    "b.jsonl": b'{"text": "Bob Canary-4711 second"}\n',
}
CANARY = b"Canary-4711"
"""Stands in every dataset, and must stand nowhere in the vault."""


@dataclass(frozen=True)
class Promise:
    """What must be on disk when a step begins, whatever call made it so.

    `step` and `path` say which step: a call of `os` and the end of its path, as a pattern of
    `fnmatch`. `broken` tells of a place after a power cut just before that step what is missing.
    """

    text: str
    step: str
    path: str
    broken: Callable[[Place], str]


@dataclass(frozen=True)
class Operation:
    """One operation."""

    name: str
    prepare: Callable[[Place], None]
    """Makes the start state in a place that has its keys."""
    run: Callable[[Place], None]
    """What the process under test does; it raises where the operation fails."""
    done: Callable[[Place], str]
    """Empty where the operation is wholly done, else what is missing."""
    settled: Callable[[Place], Iterator[str]]
    """What does not hold after `recover`."""
    contents: Mapping[str, bytes]
    """What must never be lost: each is in the folder of datasets or in a case that opens."""
    promises: tuple[Promise, ...] = ()


def _cases(place: Place) -> list[Path]:
    return sorted((place.vault_folder / "cases").iterdir())


def _holds_all(place: Place) -> bool:
    kept = [set(files.values()) for files in place.opened().values()]
    return set(FILES.values()) in kept


def _left(place: Place, folder: str) -> list[str]:
    path = place.vault_folder / folder
    return sorted(p.name for p in path.iterdir()) if path.exists() else []


# --- quarantine -------------------------------------------------------------------------------


def _quarantine_done(place: Place) -> str:
    events = [record["event"] for record in place.log.records()]
    if place.plain():
        return "an original is still there"
    if _left(place, "journal") or _left(place, "tmp"):
        return "the journal or tmp is not empty"
    if events.count("quarantine") != 1 or events.count("removal") != 1:
        return "the audit log does not tell of it once"
    return "" if _holds_all(place) else "no case holds it"


def _quarantine_settled(place: Place) -> Iterator[str]:
    left = place.plain()
    if left not in ({}, dict(FILES)):
        yield f"the originals are neither all there nor all gone: {sorted(left)}"
    if left == {}:
        why = _quarantine_done(place)
        if why:
            yield f"the originals are gone, but {why}"
    elif len(_cases(place)) > 1:
        yield "more than one case"


def _intent_missing(place: Place) -> str:
    entries = _left(place, "journal")
    if [name for name in entries if name.endswith(".intent")] == []:
        return f"no intent in the journal ({entries})"
    vault = place.vault()
    states = [r for r in vault.recover() if r.state == "damaged"]
    return f"the intent cannot be read: {states[0].why}" if states else ""


def _ciphertext_missing(place: Place) -> str:
    """The part folder, given the name it is about to get, is a case that opens."""
    for part in (place.vault_folder / "tmp").glob("*.part"):
        part.rename(place.vault_folder / "cases" / part.stem)
    return _case_missing(place)


def _case_missing(place: Place) -> str:
    found = place.vault().list()
    if len(found) != 1 or not isinstance(found[0], Manifest):
        return f"{len(found)} cases: {[getattr(f, 'why', 'whole') for f in found]}"
    return "" if _holds_all(place) else "the case does not hold the originals"


def _event_missing(event: str) -> Callable[[Place], str]:
    def broken(place: Place) -> str:
        events = [record["event"] for record in place.log.records()]
        return "" if event in events else f"no {event} in the audit log {events}"

    return broken


def _recorded_case_missing(place: Place) -> str:
    return _case_missing(place) or _event_missing("quarantine")(place)


def _originals_left(place: Place) -> str:
    left = sorted(place.plain())
    return f"the originals are back: {left}" if left else ""


QUARANTINE = Operation(
    name="quarantine",
    prepare=lambda place: place.write(FILES),
    run=lambda place: place.store(FILES) and None,
    done=_quarantine_done,
    settled=_quarantine_settled,
    contents=FILES,
    promises=(
        Promise("2 the intent", "mkdir", "*/tmp/*.part", _intent_missing),
        Promise("5-7 the ciphertext and its manifest", "rename", "*/tmp/*.part",
                _ciphertext_missing),
        Promise("8 the case under its name", "append", "*/audit/log.jsonl#1", _case_missing),
        Promise("9 the case and its audit record", "rename", "a.jsonl", _recorded_case_missing),
        Promise("11 the originals' absence", "append", "*/audit/log.jsonl#2", _originals_left),
        Promise("12 the record of the removal", "unlink", "*/journal/*.intent",
                _event_missing("removal")),
        Promise("end: all of it", "exit", "", _quarantine_done),
    ),
)  # fmt: skip

OPERATIONS: Mapping[str, Operation] = {op.name: op for op in (QUARANTINE,)}
