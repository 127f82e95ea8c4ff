"""Somebody who can write to the vault changes it: every bit, every cut, every piece moved.

    python -m bench.faults tamper [--every N]      N: only every N-th bit and cut

For each file of a vault there is a view: what the vault says that depends on this file. A change is
found where the view raises an error of ours or says something else; one after which the vault says
just what it said before is silent, and a violation. For what a release depends on, the release must
be refused, and nothing may be at its place.
"""

from __future__ import annotations

import itertools
import multiprocessing
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from bench.faults.operations import ask, open_release
from bench.faults.place import Place, digest, now, scratch
from gatekeeper.errors import GatekeeperError
from gatekeeper.vault import Manifest, Tombstone, age, load_identities
from gatekeeper.vault.destroying import destroy
from gatekeeper.vault.holds import hold_of, put
from gatekeeper.vault.journal import QUARANTINE, Intent
from gatekeeper.vault.people import enrolled
from gatekeeper.vault.workflow import read_asked

SMALL = {"a.jsonl": b'{"text": "Ada Canary-4711"}\n'}
LARGE = {"large.jsonl": b'{"text": "Bob Canary-4711, in several chunks"}\n' * 6500}
CHUNK = (64 << 10) + 16
NOTHING_TO_SAY = ("lock", "log.lock", ".gitignore")
"""Files that nothing is read from."""
REFUSED = "refused"
SILENT = "silent"
REPLACED = "put in its place:"


@dataclass(frozen=True)
class Tampered:
    """A vault with one of everything in it."""

    place: Place
    asked: str
    """The small case, which two people approved to release."""
    request: str
    held: str
    gone: str
    begun: str
    large: str

    def at(self, root: Path) -> Tampered:
        """The same in a copy of the place."""
        fields = {
            n: getattr(self, n) for n in ("asked", "request", "held", "gone", "begun", "large")
        }
        return Tampered(self.place.copied(root), **fields)

    def files(self) -> list[Path]:
        """What lies in the vault, relative to it."""
        folder = self.place.vault_folder
        found = sorted(p.relative_to(folder) for p in folder.rglob("*") if p.is_file())
        return [p for p in found if p.name not in NOTHING_TO_SAY]

    def is_large(self, path: Path) -> bool:
        return self.large in path.parts


def prepare(root: Path) -> Tampered:
    """A new vault: a case asked for, a held one, a destroyed one, a large one, and an intent."""
    place = Place(root).init()
    ids = []
    for number in range(3):
        files = {f"{number}-{name}": content for name, content in SMALL.items()}
        place.write(files)
        ids.append(place.store(files).id)
    place.write(LARGE)
    large = place.store(LARGE).id
    asked, held, gone = ids
    put(place.vault(), held, place.person("ada"), on=True, because="a matter", now=now())
    request = ask(place, gone, "destroy")
    destroy(place.vault(), gone, request, place.person("ada"), now=now())
    request = ask(place, asked)
    place.write(SMALL)
    vault, begun = place.vault(), "0" * 31 + "1"
    source = (place.data / "a.jsonl", digest(SMALL["a.jsonl"]))
    vault.journal.begin(Intent(begun, QUARANTINE, (source,)))
    vault.journal.let_go(begun)
    return Tampered(place, asked, request, held, gone, begun, large)


# --- what the vault says ---------------------------------------------------------------------


def view_of(path: Path, t: Tampered) -> Callable[[], object]:
    """What the vault says that depends on the file `path` of it."""
    vault = t.place.vault()
    keys = load_identities(t.place.identities[0])
    views: Mapping[str, Callable[[], object]] = {
        "audit": lambda: (t.place.log.check(), t.place.log.newest("person")),
        "recipients": vault.recipients,
        "people": lambda: [(p.id, p.name, p.since) for p in enrolled(t.place.vault())],
        "journal": lambda: vault.journal.read(t.begun),
        "config.yaml": lambda: t.place.vault().layout.root,
    }
    if path.parts[0] in views:
        return views[path.parts[0]]
    case = path.parts[1]
    if "requests" in path.parts:
        return lambda: read_asked(vault, case, path.parts[3], now())
    if "holds" in path.parts:
        return lambda: hold_of(vault, case)
    if path.name == "tombstone.dsse":
        return lambda: vault.tombstone(case)
    if path.name == "manifest.dsse":
        return lambda: vault.manifest(case)
    manifest = vault.manifest(case)
    return lambda: (vault.verify(case), t.place.open_case(vault, manifest, keys))


def age_alone(t: Tampered, case: str) -> Callable[[], object]:
    """What the encryption says of a ciphertext by itself, its manifest left aside."""
    vault = t.place.vault()
    data = vault.layout.case(case) / vault.manifest(case).data_name
    keys = load_identities(t.place.identities[0])

    def view() -> object:
        with data.open("rb") as stream:
            key = age.file_key_of(age.read_header(stream), keys)
            return b"".join(age.decrypt_chunks(stream, key))

    return view


def found(view: Callable[[], object], before: object) -> str:
    """`refused` with the error's name, `said`, or `silent`."""
    try:
        return SILENT if view() == before else "said"
    except GatekeeperError as e:
        return f"{REFUSED}: {type(e).__name__}"


# --- how it is changed -----------------------------------------------------------------------


def flips(data: bytes, every: int = 1) -> Iterator[tuple[str, bytes]]:
    """Each bit of it turned."""
    changed = bytearray(data)
    for bit in range(0, 8 * len(data), every):
        changed[bit // 8] ^= 1 << bit % 8
        yield f"bit {bit}", bytes(changed)
        changed[bit // 8] ^= 1 << bit % 8


def cuts(data: bytes, every: int = 1) -> Iterator[tuple[str, bytes]]:
    """Each length it can be cut to, and a few that are longer."""
    for size in range(0, len(data), every):
        yield f"cut to {size}", data[:size]
    for more in (b"\0", b"\n", b" ", data[-1:], data):
        yield f"{len(more)} bytes more", data + more


def pieces(parts: list[bytes], foreign: list[bytes]) -> Iterator[tuple[str, bytes]]:
    """Each piece dropped, doubled, swapped with another, and replaced by a foreign one."""
    for n in range(len(parts)):
        yield f"piece {n} dropped", b"".join(parts[:n] + parts[n + 1 :])
        yield f"piece {n} doubled", b"".join(parts[: n + 1] + parts[n:])
        for m in range(n + 1, len(parts)):
            swapped = [*parts]
            swapped[n], swapped[m] = parts[m], parts[n]
            if swapped != parts:
                yield f"pieces {n} and {m} swapped", b"".join(swapped)
        for m, other in enumerate(foreign):
            if other != parts[n]:
                yield (
                    f"piece {n} replaced by foreign {m}",
                    b"".join([*parts[:n], other, *parts[n + 1 :]]),
                )
                yield f"foreign {m} put in at {n}", b"".join([*parts[:n], other, *parts[n:]])


def chunks(data: bytes) -> list[bytes]:
    """A ciphertext as its header with the nonce, and its chunks."""
    stop = data.index(b"\n--- ") + 1
    start = data.index(b"\n", stop) + 1 + 16
    rest = data[start:]
    return [data[:start], *(rest[at : at + CHUNK] for at in range(0, len(rest), CHUNK))]


def changes(path: Path, t: Tampered, every: int) -> Iterator[tuple[str, bytes]]:
    """All changes of one file."""
    file = t.place.vault_folder / path
    data = file.read_bytes()
    if not t.is_large(path):
        yield from flips(data, every)
        yield from cuts(data, every)
    if path.suffix == ".age":
        other = t.held if t.asked in path.parts or t.is_large(path) else t.asked
        foreign = (t.place.vault_folder / "cases" / other / "data.age").read_bytes()
        if t.is_large(path):
            yield from cuts_at(data, [sum(map(len, chunks(data)[:n])) for n in range(7)])
        yield from pieces(chunks(data), chunks(foreign))
    if path.name == "log.jsonl":
        lines = data.splitlines(keepends=True)
        with tempfile.TemporaryDirectory(dir=scratch()) as folder:
            other_log = Place(Path(folder) / "other").init().log.path.read_bytes()
        yield from pieces(lines, other_log.splitlines(keepends=True))
    for twin in (p for p in t.files() if p != path and _kind(p) == _kind(path)):
        yield f"{REPLACED} {twin}", (t.place.vault_folder / twin).read_bytes()


def cuts_at(data: bytes, places: list[int]) -> Iterator[tuple[str, bytes]]:
    """Cut at these places and one byte beside them."""
    sizes = {p + d for p, d in itertools.product(places, (-1, 0, 1))}
    for size in sorted(sizes & set(range(len(data)))):
        yield f"cut to {size}", data[:size]


def _kind(path: Path) -> tuple[str, ...]:
    return (path.parts[0], path.suffix, *(p for p in path.parts if p in ("requests", "holds")))


# --- trying ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Report:
    """What came of all changes to one file."""

    path: str
    outcomes: Mapping[str, int]
    violations: tuple[str, ...]


def try_file(t: Tampered, path: Path, folder: Path, every: int = 1) -> Report:
    """Every change of one file, in a copy of the vault in `folder`."""
    here = t.at(folder / "copy")
    file = here.place.vault_folder / path
    data, view = file.read_bytes(), view_of(path, here)
    before = view()
    alone = age_alone(here, path.parts[1]) if path.suffix == ".age" else None
    plain = alone() if alone else None
    outcomes: Counter[str] = Counter()
    bad: list[str] = []
    for what, changed in changes(path, here, every):
        file.write_bytes(changed)
        outcome = found(view, before)
        outcomes[outcome] += 1
        if outcome == SILENT:
            bad.append(f"{what}: nothing is said")
        if path.suffix == ".age" and not outcome.startswith(REFUSED):
            bad.append(f"{what}: {outcome}")
        whole = what.startswith(REPLACED)
        if alone and not whole and not found(alone, plain).startswith(REFUSED):
            bad.append(f"{what}: the encryption alone lets it pass")
    file.unlink()
    outcome = found(view, before)
    outcomes[outcome] += 1
    if outcome == SILENT and path.name != "config.yaml":  # always the same, and written anew
        bad.append("removed: nothing is said")
    file.write_bytes(data)
    if found(view, before) != SILENT:
        bad.append("the vault says something else when all is as it was")
    return Report(str(path), outcomes, tuple(bad))


def needed_to_release(t: Tampered) -> list[Path]:
    """The files without which the case that was asked for is not released."""
    case = Path("cases") / t.asked
    return [p for p in t.files() if p.is_relative_to(case) or p.parts[0] == "audit"]


def try_release(t: Tampered, path: Path, folder: Path, every: int = 1) -> Report:
    """One bit of each `every`-th byte turned, and some cuts; then the case is released."""
    outcomes: Counter[str] = Counter()
    bad: list[str] = []
    data = (t.place.vault_folder / path).read_bytes()
    here = t.at(folder / "copy")
    kept = folder / "kept"
    shutil.rmtree(kept, ignore_errors=True)
    shutil.copytree(here.place.vault_folder, kept)
    for what, changed in itertools.chain(flips(data, 8 * every + 1), cuts(data, max(37, every))):
        file = here.place.vault_folder / path
        file.write_bytes(changed)
        torn = path.name == "log.jsonl" and changed.startswith(data)
        try:
            release_asked(here)
            outcomes["released"] += 1
            if not torn:  # the end of a write that a crash cut off: dropped, as it has to be
                bad.append(f"{what}: it was released")
        except GatekeeperError as e:
            outcomes[f"{REFUSED}: {type(e).__name__}"] += 1
        if left := [p.name for p in here.place.out.parent.iterdir()]:
            if not torn:
                bad.append(f"{what}: left where it is released to: {left}")
            shutil.rmtree(here.place.out.parent)
            here.place.out.parent.mkdir()
        shutil.rmtree(here.place.vault_folder)
        shutil.copytree(kept, here.place.vault_folder)
    return Report(f"release with {path}", outcomes, tuple(bad))


def release_asked(t: Tampered) -> None:
    """Release the case that was asked for."""
    open_release(t.place, t.asked, t.request)


# --- cases as wholes -------------------------------------------------------------------------


def try_wholes(t: Tampered, folder: Path) -> Report:
    """Each case removed, put under another's name, put back as it was; the vault put back whole."""
    from gatekeeper.vault.checking import check_all

    outcomes: Counter[str] = Counter()
    bad: list[str] = []

    def look(what: str, here: Tampered) -> None:
        damaged = check_all(here.place.vault()).damaged
        outcomes["said" if damaged else SILENT] += 1
        if not damaged:
            bad.append(f"{what}: nothing is said")

    cases = [c.case_id for c in t.place.vault().list() if isinstance(c, Manifest | Tombstone)]
    for case in cases:
        here = t.at(folder / "copy")
        shutil.rmtree(here.place.vault_folder / "cases" / case)
        look(f"case {case} removed", here)
        for other in cases:
            if other == case:
                continue
            here = t.at(folder / "copy")
            inside = here.place.vault_folder / "cases"
            shutil.rmtree(inside / case)
            shutil.copytree(inside / other, inside / case)
            look(f"case {other} under the name of {case}", here)
    here = t.at(folder / "copy")
    (here.place.root / "keys" / "third").unlink(missing_ok=True)
    rotate_asked(here)
    shutil.rmtree(here.place.vault_folder / "cases" / t.asked)
    shutil.copytree(
        t.place.vault_folder / "cases" / t.asked, here.place.vault_folder / "cases" / t.asked
    )
    look("a case put back as it was before a rotation", here)
    here = t.at(folder / "copy")
    rotate_asked(here)
    kept = here.place.log.head()
    shutil.rmtree(here.place.vault_folder)
    shutil.copytree(t.place.vault_folder, here.place.vault_folder)
    outcome = found(lambda: here.place.log.check([kept]), None)
    outcomes[outcome] += 1
    if not outcome.startswith(REFUSED):
        bad.append("the whole vault put back, and the head kept elsewhere does not show it")
    return Report("cases as wholes", outcomes, tuple(bad))


def rotate_asked(t: Tampered) -> None:
    """A new file key for the case that was asked for."""
    from gatekeeper.vault.rewriting import ROTATE, rewrite

    keys = load_identities(t.place.identities[0])
    rewrite(t.place.vault(), t.asked, keys, t.place.recipients(), how=ROTATE, now=now())


# --- the command line ------------------------------------------------------------------------


def run(folder: Path, *, every: int, processes: int) -> list[Report]:
    """All of it."""
    t = prepare(folder / "tampered")
    names = iter(range(10_000))
    with ProcessPoolExecutor(processes, multiprocessing.get_context("forkserver")) as pool:
        jobs = [
            pool.submit(try_file, t, path, _own(folder, next(names)), every) for path in t.files()
        ]
        jobs += [
            pool.submit(try_release, t, path, _own(folder, next(names)), every)
            for path in needed_to_release(t)
        ]
        jobs.append(pool.submit(try_wholes, t, _own(folder, next(names))))
        return [job.result() for job in jobs]


def _own(folder: Path, number: int) -> Path:
    own = folder / f"own-{number}"
    own.mkdir()
    return own


def main(*, every: int, processes: int) -> int:
    """Print how many changes were found, and which were not; 1 where there are such."""
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="gk-tamper-", dir=scratch()) as folder:
        reports = run(Path(folder), every=every, processes=processes)
    for report in reports:
        said = ", ".join(f"{word} {count}" for word, count in sorted(report.outcomes.items()))
        print(f"{report.path}: {said}")
        for violation in report.violations[:5]:
            print(f"    VIOLATION {violation}")
        if len(report.violations) > 5:
            print(f"    … and {len(report.violations) - 5} more")
    count = sum(sum(r.outcomes.values()) for r in reports)
    bad = sum(len(r.violations) for r in reports)
    print(f"{count} changes, {bad} not found, {time.monotonic() - begun:.0f} s")
    return 1 if bad else 0
