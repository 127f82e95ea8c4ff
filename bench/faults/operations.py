"""The operations of the vault that are tried. A new one is one more `Operation` in `OPERATIONS`.

An operation says how its place is made, what the process under test runs, when it is wholly done,
and what must hold once `recover` ran, beyond what `verdict` asks of every operation. `promises`
says what must have reached the disk when a step of it begins: that is what its syncs are there for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bench.faults.place import Place, now
from gatekeeper.errors import VaultError
from gatekeeper.vault import Manifest, Tombstone, load_identities
from gatekeeper.vault.destroying import destroy
from gatekeeper.vault.holds import hold_of, put
from gatekeeper.vault.people import enrol, enrolled, load_key, make_key, remove
from gatekeeper.vault.releasing import WORK_PREFIX, release
from gatekeeper.vault.rewriting import REWRAP, ROTATE, rewrite
from gatekeeper.vault.workflow import approve, asked_of, request

ROWS = 4000
LARGE_ROWS = 160_000
"""Of so many rows, 5 MB, a ciphertext is read by two threads."""
FILES = {"a.jsonl": b"", "b.jsonl": b'{"text": "Bob Canary-4711 second"}\n'}


def make_files(rows: int) -> None:
    """Make the first of `FILES` so many rows long, in this process."""
    FILES["a.jsonl"] = b'{"text": "Ada Canary-4711 first"}\n' * rows


make_files(ROWS)
CANARY = b"Canary-4711"
"""Stands in every dataset, and must stand nowhere in the vault."""


@dataclass(frozen=True)
class Promise:
    """What must be on disk when a step begins, whatever call made it so.

    `step` and `path` say which step: a call of `os` and the end of its path, as a pattern of
    `fnmatch`, `#n` for the n-th such step. `broken` tells of a place after a power cut just before
    that step what is missing.
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
    run: Callable[[Place], object]
    """What the process under test does; it raises where the operation fails."""
    done: Callable[[Place], str]
    """Empty where the operation is wholly done, else what is missing."""
    settled: Callable[[Place], Iterator[str]]
    """What does not hold after `recover`."""
    kept: Callable[[Place], Mapping[str, bytes]]
    """What must not be lost: each is in the folder of datasets or in a case that opens."""
    promises: tuple[Promise, ...] = ()


def _cases(place: Place) -> list[Path]:
    folder = place.vault_folder / "cases"
    return sorted(folder.iterdir()) if folder.exists() else []


def the_case(place: Place) -> str:
    """The id of the one case. Whoever asks for it in the process under test knew it before."""
    return place.case or _cases(place)[0].name


def known(place: Place) -> Place:
    """The place with the ids of its one case and request, where it has them."""
    case = _cases(place)[0] if _cases(place) else None
    asked = sorted((case / "requests").iterdir()) if case and (case / "requests").exists() else []
    return replace(place, case=case.name if case else "", request=asked[0].name if asked else "")


def _holds_all(place: Place, identity: Path | None = None) -> bool:
    kept = [set(files.values()) for files in place.opened(identity).values()]
    return set(FILES.values()) in kept


def left_in(place: Place, folder: str) -> list[str]:
    """What is in a folder of the vault."""
    path = place.vault_folder / folder
    return sorted(p.name for p in path.iterdir()) if path.exists() else []


def _unsettled(place: Place) -> str:
    return "the journal or tmp is not empty" if left_in(place, "journal") or left_in(
        place, "tmp"
    ) else ""  # fmt: skip


def events(place: Place, word: str) -> list[Mapping[str, Any]]:
    """The data of every such event in the log of the vault."""
    return [record["data"] for record in place.log.records() if record["event"] == word]


def _all(_: Place) -> Mapping[str, bytes]:
    return FILES


# --- what several promises ask -----------------------------------------------------------------


def _first(*asked: Callable[[Place], str]) -> Callable[[Place], str]:
    """The first thing that is missing."""

    def broken(place: Place) -> str:
        return next(filter(None, (ask(place) for ask in asked)), "")

    return broken


def _intent_missing(place: Place) -> str:
    entries = left_in(place, "journal")
    if [name for name in entries if name.endswith(".intent")] == []:
        return f"no intent in the journal ({entries})"
    states = [r for r in place.vault().recover() if r.state == "damaged"]
    return f"the intent cannot be read: {states[0].why}" if states else ""


def _event_missing(word: str, count: int = 1) -> Callable[[Place], str]:
    def broken(place: Place) -> str:
        if len(events(place, word)) < count:
            return f"no {word} in the log"
        return _head_missing(place)

    return broken


def _head_missing(place: Place) -> str:
    checked = place.log.check()
    return "" if checked.signed == checked.head else "its head does not name the last record"


def _case_missing(place: Place) -> str:
    found = place.vault().list()
    if len(found) != 1 or not isinstance(found[0], Manifest):
        return f"{len(found)} cases: {[getattr(f, 'why', 'whole') for f in found]}"
    return "" if _holds_all(place) else "the case does not hold the originals"


def _end(done: Callable[[Place], str]) -> Promise:
    return Promise("end: all of it", "exit", "", _first(done, _head_missing))


# --- quarantine --------------------------------------------------------------------------------


def _quarantine_done(place: Place) -> str:
    if place.plain():
        return "an original is still there"
    if len(events(place, "quarantine")) != 1 or len(events(place, "removal")) != 1:
        return "the audit log does not tell of it once"
    return _unsettled(place) or ("" if _holds_all(place) else "no case holds it")


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


def _ciphertext_missing(place: Place) -> str:
    """The part folder, given the name it is about to get, is a case that opens."""
    for part in (place.vault_folder / "tmp").glob("*.part"):
        part.rename(place.vault_folder / "cases" / part.stem)
    return _case_missing(place)


def _originals_left(place: Place) -> str:
    left = sorted(place.plain())
    return f"the originals are back: {left}" if left else ""


QUARANTINE = Operation(
    name="quarantine",
    prepare=lambda place: place.write(FILES),
    run=lambda place: place.store(FILES),
    done=_quarantine_done,
    settled=_quarantine_settled,
    kept=_all,
    promises=(
        Promise("2 the intent", "mkdir", "*/tmp/*.part", _intent_missing),
        Promise("5-7 the ciphertext and its manifest", "rename", "*/tmp/*.part",
                _ciphertext_missing),
        Promise("8 the case under its name", "append", "*/audit/log.jsonl#1", _case_missing),
        Promise("8 nothing of it in tmp", "append", "*/audit/log.jsonl#1",
                lambda place: f"{left_in(place, 'tmp')} in tmp" if left_in(place, "tmp") else ""),
        Promise("9 the case and its audit record", "rename", "*/a.jsonl",
                _first(_case_missing, _event_missing("quarantine"))),
        Promise("11 the originals' absence", "append", "*/audit/log.jsonl#2", _originals_left),
        Promise("12 the record of the removal", "unlink", "*/journal/*.intent",
                _event_missing("removal")),
        _end(_quarantine_done),
    ),
)  # fmt: skip


# --- release -----------------------------------------------------------------------------------


def stored(place: Place) -> str:
    """A case of FILES in the place; gives its id."""
    place.write(FILES)
    return place.store(FILES).id


def ask(place: Place, case_id: str, action: str = "release", *, approvals: int = 2) -> str:
    """A request by Ada, approved by as many of Bob and Eve; gives its id."""
    asked = request(
        place.vault(), case_id, place.person("ada"), action=action, purpose="a fault",
        destination="out", days=7, now=now(),
    )  # fmt: skip
    for name in ("bob", "eve")[:approvals]:
        approve(place.vault(), case_id, asked.id, place.person(name), days=7, now=now())
    return asked.id


def the_request(place: Place) -> str:
    """The id of the one request, as `the_case`."""
    return place.request or next((_cases(place)[0] / "requests").iterdir()).name


def open_release(place: Place, case: str = "", request_id: str = "") -> object:
    """Release a case on a request; by default the one case, on its one request."""
    return release(
        place.vault(), case or the_case(place), request_id or the_request(place),
        load_identities(place.identities[0]), place.out, now=now(), judge=lambda *_: None,
    )  # fmt: skip


def _release_done(place: Place) -> str:
    if place.released() != dict(FILES):
        return "the release is not whole"
    if len(events(place, "release")) != 1 or len(events(place, "released")) != 1:
        return "the log does not tell of the release once"
    return _unsettled(place)


def _release_settled(place: Place) -> Iterator[str]:
    out = place.released()
    if out not in (None, dict(FILES)):
        yield f"the folder of the release holds {sorted(out or {})}"
    if out is not None and not events(place, "release"):
        yield "released, and the log knows nothing of it"
    if left := [p.name for p in place.out.parent.iterdir() if p != place.out]:
        yield f"plaintext left beside the release: {left}"
    if place.plain():
        yield "an original is back"


def _out_not_whole(place: Place) -> str:
    return "" if place.released() == dict(FILES) else "the folder of the release is not whole"


RELEASE = Operation(
    name="release",
    prepare=lambda place: ask(place, stored(place)) and None,
    run=lambda place: open_release(place),
    done=_release_done,
    settled=_release_settled,
    kept=_all,
    promises=(
        Promise("the intent", "mkdir", f"*/{WORK_PREFIX}*", _intent_missing),
        Promise("the record of the release", "rename", f"*/{WORK_PREFIX}*",
                _event_missing("release")),
        Promise("the folder under its name", "append", "*/audit/log.jsonl#2", _out_not_whole),
        Promise("the record that it is out", "unlink", "*/journal/*.intent",
                _event_missing("released")),
        _end(_release_done),
    ),
)  # fmt: skip


# --- rewrap and rotate -------------------------------------------------------------------------


def _prepare_rewrite(place: Place) -> None:
    """A case for the two recipients, and a third who is to get it from now on."""
    stored(place)
    place.vault().init_identity(place.root / "keys" / "third", now=now())


def _rewrite(how: str) -> Callable[[Place], object]:
    def run(place: Place) -> object:
        return rewrite(
            place.vault(), the_case(place), load_identities(place.identities[0]),
            place.recipients(), how=how, now=now(),
        )  # fmt: skip

    return run


def _ages(place: Place) -> list[str]:
    return sorted(p.name for p in _cases(place)[0].glob("*.age"))


def _rewrite_done(how: str) -> Callable[[Place], str]:
    def done(place: Place) -> str:
        if _ages(place) != ["data-2.age"]:
            return f"the ciphertexts are {_ages(place)}"
        if len(events(place, how)) != 1:
            return "the log does not tell of it once"
        if not _holds_all(place, place.root / "keys" / "third"):
            return "the new recipient does not open it"
        return _unsettled(place)

    return done


def _rewrite_settled(how: str) -> Callable[[Place], Iterator[str]]:
    def settled(place: Place) -> Iterator[str]:
        revision = place.vault().manifest(the_case(place)).revision
        expected = ["data.age"] if revision == 1 else ["data-2.age"]
        if _ages(place) != expected:
            yield f"revision {revision}, and the ciphertexts are {_ages(place)}"
        if len(events(place, how)) != revision - 1:
            yield f"revision {revision}, and the log has {len(events(place, how))} of {how}"
        if left := [p.name for p in _cases(place)[0].iterdir() if p.name.endswith(".new")]:
            yield f"left in the case: {left}"

    return settled


def _new_not_whole(place: Place) -> str:
    """The new manifest, put where it is about to go, belongs to a ciphertext that opens."""
    for part in (place.vault_folder / "tmp").glob("*.part/manifest.dsse"):
        part.replace(_cases(place)[0] / "manifest.dsse")
    return _first(_case_missing, _revision_missing)(place)


def _revision_missing(place: Place) -> str:
    revision = place.vault().verify(the_case(place)).revision
    return "" if revision == 2 else "the manifest is the old one"


def _rewriting(how: str) -> Operation:
    return Operation(
        name=how,
        prepare=_prepare_rewrite,
        run=_rewrite(how),
        done=_rewrite_done(how),
        settled=_rewrite_settled(how),
        kept=_all,
        promises=(
            Promise("the intent", "mkdir", "*/tmp/*.part", _intent_missing),
            Promise("the new ciphertext and its manifest", "rename", "*/tmp/*/manifest.dsse",
                    _new_not_whole),
            Promise("the new manifest", "append", "*/audit/log.jsonl#1", _revision_missing),
            Promise("the record of it", "unlink", "*/data.age",
                    _first(_revision_missing, _event_missing(how))),
            Promise("the old ciphertext's absence", "unlink", "*/journal/*.intent",
                    lambda place: "" if _ages(place) == ["data-2.age"] else "the old one is back"),
            _end(_rewrite_done(how)),
        ),
    )  # fmt: skip


# --- destroy -----------------------------------------------------------------------------------


def _gone(place: Place) -> bool:
    return any(isinstance(found, Tombstone) for found in place.vault().list())


def _destroy_done(place: Place) -> str:
    if not _gone(place) or _ages(place):
        return f"a tombstone: {_gone(place)}, ciphertexts: {_ages(place)}"
    if len(events(place, "destroy")) != 1:
        return "the log does not tell of it once"
    return _unsettled(place)


def _destroy_settled(place: Place) -> Iterator[str]:
    if (why := _destroy_done(place)) and (_gone(place) or events(place, "destroy")):
        yield f"begun and not ended: {why}"
    if left := [p.name for p in _cases(place)[0].iterdir() if p.name.endswith(".new")]:
        yield f"left in the case: {left}"


def _tombstone_missing(place: Place) -> str:
    return "" if place.vault().tombstone(the_case(place)) else "no tombstone"


def _header_left(place: Place) -> str:
    data = _cases(place)[0] / "data.age"
    return "the wrapped keys are back" if data.read_bytes()[:20].strip(b"\0") else ""


def _ciphertext_left(place: Place) -> str:
    return "the ciphertext is back" if _ages(place) else ""


DESTROY = Operation(
    name="destroy",
    prepare=lambda place: ask(place, stored(place), "destroy") and None,
    run=lambda place: destroy(
        place.vault(), the_case(place), the_request(place), place.person("ada"), now=now()
    ),
    done=_destroy_done,
    settled=_destroy_settled,
    kept=lambda place: {} if _gone(place) else FILES,
    promises=(
        Promise("the intent", "create", "*/cases/*/.*.new", _intent_missing),
        Promise("the tombstone", "append", "*/audit/log.jsonl#1", _tombstone_missing),
        Promise("the record of it", "unlink", "*/data.age", _event_missing("destroy")),
        Promise("the zeros over the wrapped keys", "unlink", "*/data.age", _header_left),
        Promise("the ciphertext's absence", "unlink", "*/journal/*.intent", _ciphertext_left),
        _end(_destroy_done),
    ),
)  # fmt: skip


# --- what people sign --------------------------------------------------------------------------


def _states(place: Place) -> list[str]:
    """The states of the requests of the case, or why one cannot be trusted."""
    return [
        found if isinstance(found, str) else found.state
        for found in asked_of(place.vault(), the_case(place), now())
    ]


_OPEN = ("requested", "approved")


def _nothing(_: Place) -> Iterator[str]:
    return iter(())


def _one(found: Sequence[str], wanted: str) -> str:
    return "" if wanted in found else f"{list(found)}, not {wanted}"


REQUEST = Operation(
    name="request",
    prepare=lambda place: stored(place) and None,
    run=lambda place: ask(place, the_case(place), approvals=0),
    done=lambda place: _one(_states(place), "requested"),
    settled=_nothing,
    kept=_all,
    promises=(
        Promise("the request", "append", "*/audit/log.jsonl#1",
                lambda place: "" if any(_cases(place)[0].glob("requests/*/request.dsse")) and
                all(p.stat().st_size for p in _cases(place)[0].glob("requests/*/request.dsse"))
                else "no request"),
        _end(lambda place: _one(_states(place), "requested")),
    ),
)  # fmt: skip

APPROVE = Operation(
    name="approve",
    prepare=lambda place: ask(place, stored(place), approvals=1) and None,
    run=lambda place: approve(
        place.vault(), the_case(place), the_request(place), place.person("eve"), days=7, now=now()
    ),
    done=lambda place: _one(_states(place), "approved"),
    settled=lambda place: (f"a request is {s}" for s in _states(place) if s not in _OPEN),
    kept=_all,
    promises=(
        Promise("the approval", "append", "*/audit/log.jsonl#1",
                lambda place: "" if [p.stat().st_size > 0 for p in
                _cases(place)[0].glob("requests/*/*.approval.dsse")] == [True, True]
                else "no second approval"),
        _end(lambda place: _one(_states(place), "approved")),
    ),
)  # fmt: skip


def _not_held(place: Place) -> str:
    hold = hold_of(place.vault(), the_case(place))
    return "" if hold and hold.because == "a matter" else f"the hold is {hold}"


def _hold_refuses(place: Place) -> Iterator[str]:
    """A hold that the log knows stands, whatever became of its statement."""
    if events(place, "hold") and hold_of(place.vault(), the_case(place)) is None:
        yield "the log knows a hold, and it is not on"


HOLD = Operation(
    name="hold",
    prepare=lambda place: stored(place) and None,
    run=lambda place: put(
        place.vault(), the_case(place), place.person("ada"), on=True, because="a matter", now=now()
    ),
    done=_not_held,
    settled=_hold_refuses,
    kept=_all,
    promises=(
        Promise("the statement", "append", "*/audit/log.jsonl#1",
                lambda place: "" if [p.stat().st_size > 0 for p in
                _cases(place)[0].glob("holds/*.dsse")] == [True] else "no statement"),
        _end(_not_held),
    ),
)  # fmt: skip


def _newcomer(place: Place) -> Path:
    return place.root / "keys" / "newcomer.pem"


def _enrolled_missing(place: Place) -> str:
    names = [p.name for p in enrolled(place.vault())]
    return _one(names, "newcomer")


def _removed_missing(place: Place) -> str:
    if "eve" in [p.name for p in enrolled(place.vault())]:
        return "eve is enrolled again"
    left = place.vault_folder / "people" / f"{place.person('eve').id}.pub"
    return "her statement is back" if left.exists() else ""


ENROL = Operation(
    name="enrol",
    prepare=lambda place: make_key(_newcomer(place)) and None,
    run=lambda place: enrol(
        place.vault(), load_key(_newcomer(place), lambda: b"").public, "newcomer", now=now()
    ),
    done=_enrolled_missing,
    settled=_nothing,
    kept=lambda place: {},
    promises=(_end(_enrolled_missing),),
)

REMOVE = Operation(
    name="remove",
    prepare=lambda place: None,
    run=lambda place: remove(place.vault(), place.person("eve").id),
    done=_removed_missing,
    settled=_nothing,
    kept=lambda place: {},
    promises=(_end(_removed_missing),),
)


def _third_missing(place: Place) -> str:
    try:
        known = len(place.vault().recipients())
        load_identities(place.root / "keys" / "third")
    except VaultError as e:
        return str(e)
    return "" if known == 3 and len(events(place, "key")) == 3 else f"{known} recipients"


KEY = Operation(
    name="key",
    prepare=lambda place: None,
    run=lambda place: place.vault().init_identity(place.root / "keys" / "third", now=now()),
    done=_third_missing,
    settled=_nothing,
    kept=lambda place: {},
    promises=(_end(_third_missing),),
)

OPERATIONS: Mapping[str, Operation] = {
    op.name: op
    for op in (
        QUARANTINE, RELEASE, _rewriting(REWRAP), _rewriting(ROTATE), DESTROY,
        REQUEST, APPROVE, HOLD, ENROL, REMOVE, KEY,
    )
}  # fmt: skip
ON_CASES = ("quarantine", "release", REWRAP, ROTATE, "destroy")
"""Those that the journal covers."""
