"""How a run that met a fault is judged; the same for every tool.

1. Never neither: each content is byte for byte in the folder of datasets, or in a case that opens.
2. Success is not claimed in vain: exit 0 only where the operation is wholly done.
3. `recover` ends, and a second `recover` changes nothing: the digest of the tree is the same.
4. After it: nothing in `tmp/` and `journal/`, no plaintext in the vault, the audit log verifies,
   every case is recorded once, their sequence numbers have no gap, and what the operation asks for.
5. The vault goes on: one more dataset is quarantined at once, and the log has no torn end then.
6. No value of a dataset and no traceback is in what the process said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from bench.faults.operations import CANARY, Operation, events, left_in
from bench.faults.place import Place
from gatekeeper.errors import GatekeeperError
from gatekeeper.vault import Damaged
from gatekeeper.vault.checking import check_all

NEXT = {"next.jsonl": b'{"text": "Eve Canary-4711 next"}\n'}


@dataclass
class Verdict:
    """What a place was like after the fault, and what does not hold."""

    outcome: str
    violations: list[str] = field(default_factory=list)


def judge(op: Operation, place: Place, *, exit_code: int, said: bytes = b"") -> Verdict:
    """Look at `place` after a disturbed run of `op`. `exit_code` below 0: it was killed."""
    verdict = Verdict("?")
    found = verdict.violations
    try:
        verdict.outcome = _outcome(op, place, exit_code)
        found.extend(_lost(op, place, "before recover"))
        if exit_code == 0 and (missing := op.done(place)):
            found.append(f"exit 0, but {missing}")
        found.extend(_recovered(op, place))
        found.extend(_goes_on(place))
    except GatekeeperError as e:
        found.append(f"{type(e).__name__}: {e}")
    if CANARY in said:
        found.append("a value of the dataset is in what it said")
    if b"Traceback" in said:
        found.append(f"a traceback: {said.strip().splitlines()[-1].decode(errors='replace')}")
    return verdict


def _outcome(op: Operation, place: Place, exit_code: int) -> str:
    plain = set(place.plain().values())
    inside = {c for files in place.opened().values() for c in files.values()}
    contents = set(op.kept(place).values())
    where = ["plain"] if contents & plain else []
    where += ["vault"] if contents and contents <= inside else []
    where += ["nothing"] if not contents else []
    ended = "killed" if exit_code < 0 else "success" if exit_code == 0 else "error"
    return f"{ended}: {' and '.join(where) or 'neither'}"


def _lost(op: Operation, place: Place, when: str) -> Iterator[str]:
    plain = set(place.plain().values())
    inside = {c for files in place.opened().values() for c in files.values()}
    lost = [name for name, content in op.kept(place).items() if content not in plain | inside]
    if lost:
        yield f"LOST {when}: {lost}"


def _recovered(op: Operation, place: Place) -> Iterator[str]:
    ended = place.vault().recover()
    yield from (
        f"recover: {r.state}: {r.why}" for r in ended if r.state in ("damaged", "unfinished")
    )
    yield from _lost(op, place, "after recover")
    before = place.tree()
    if again := place.vault().recover():
        yield f"the second recover did something: {[r.state for r in again]}"
    if place.tree() != before:
        yield "the second recover changed the tree"
    for name in ("tmp", "journal"):
        if left := left_in(place, name):
            yield f"left in {name}: {left}"
    for path in place.vault_folder.rglob("*"):
        if path.is_file() and CANARY in path.read_bytes():
            yield f"plaintext in {path.relative_to(place.root)}"
    yield from op.settled(place)
    yield from recorded(place)


def recorded(place: Place) -> Iterator[str]:
    """What is amiss between the cases and the audit log."""
    if (checked := place.log.check()).torn_bytes or checked.signed != checked.head:
        yield f"after recover the log has {checked.torn_bytes} torn bytes, its head is not its end"
    vault = place.vault()
    yield from (f"case {c.case_id}: {c.why}" for c in check_all(vault).damaged)
    whole = [c for c in vault.list() if not isinstance(c, Damaged)]
    if [c.sequence for c in whole] != list(range(1, len(whole) + 1)):
        yield f"sequence {[c.sequence for c in whole]}"
    told_of = events(place, "quarantine")
    told = Counter(data["case"] for data in told_of)
    if told != Counter(c.case_id for c in whole):
        yield f"{len(whole)} cases, recorded {sorted(told.values())} times"
    if [data["sequence"] for data in told_of] != list(range(1, len(told_of) + 1)):
        yield f"recorded sequence {[data['sequence'] for data in told_of]}"


def _goes_on(place: Place) -> Iterator[str]:
    count = len(place.vault().list())
    place.write(NEXT)
    case = place.store(NEXT)
    if case.manifest.sequence != count + 1:
        yield f"the next case has the sequence {case.manifest.sequence} after {count}"
    if place.log.check().torn_bytes:
        yield "the log has a torn end after the next record"
