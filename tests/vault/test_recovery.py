"""Crashes, faults and rivals: never neither (DESIGN law 8); `recover` ends in one of two states."""

from __future__ import annotations

import contextlib
import errno
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from gatekeeper.audit import load_signer
from gatekeeper.errors import DatasetChanged, InputError, VaultError
from gatekeeper.vault import Manifest, Recovered
from gatekeeper.vault.journal import QUARANTINE, Intent, Journal
from gatekeeper.vault.removal import PRIVATE_PREFIX, Original, Removal, remove_originals
from tests.audit.kit import rewind
from tests.vault.kit import Place, digest
from tests.vault.refusals import refused

FILES = {"a.jsonl": b'{"text": "first"}\n' * 20_000, "b.jsonl": b'{"text": "second"}\n'}
CASE_ID = "c" * 32


def start(place: Place, *names: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.vault.store_once", place.root, *names],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def fresh(tmp_path: Path, name: object) -> Place:
    place = Place(tmp_path / str(name))
    place.root.mkdir()
    place.init().write(FILES)
    return place


def plain(place: Place) -> dict[str, bytes]:
    """The originals by content, wherever they stand in their folder."""
    return {str(p.name): p.read_bytes() for p in (place.root / "data").iterdir()}


def assert_never_neither(place: Place) -> None:
    """Every original is there, or a case that opens holds it; so it is, too, after `recover`."""
    there = set(plain(place).values())
    kept = opened(place)
    assert all(content in there or content in kept for content in FILES.values())
    place.vault().recover()
    left = plain(place)
    assert left in ({}, FILES)
    assert left == FILES or opened(place) == set(FILES.values())
    for folder in ("tmp", "journal"):
        path = place.root / "vault" / folder
        assert not path.exists() or list(path.iterdir()) == []
    if left == {}:
        assert place.log.check().torn_bytes == 0
    after = place.tree()
    assert place.vault().recover() == ()
    assert place.tree() == after


def opened(place: Place) -> set[bytes]:
    contents: set[bytes] = set()
    for case in place.vault().list():
        assert isinstance(case, Manifest), case
        contents |= set(place.opened(case.case_id).values())
    return contents


def test_killed_at_random_instants_nothing_is_lost(tmp_path: Path) -> None:
    place = fresh(tmp_path, "timed")
    process = start(place, *FILES)
    assert process.stdout is not None
    process.stdout.readline()
    begun = time.monotonic()
    process.communicate()
    whole_s = time.monotonic() - begun
    chance = random.Random(7)  # noqa: S311
    for number in range(30):
        place = fresh(tmp_path, number)
        process = start(place, *FILES)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(chance.random() * whole_s)
        process.kill()
        process.communicate()
        assert_never_neither(place)


def test_a_killed_holder_frees_the_lock_at_once(tmp_path: Path) -> None:
    place = fresh(tmp_path, "one")
    place.write({"big": bytes(64 << 20)})
    process = start(place, "big")
    assert process.stdout is not None
    process.stdout.readline()
    while not list((place.root / "vault/tmp").iterdir()):
        assert process.poll() is None
    with pytest.raises(VaultError, match="held by another process"):
        place.store(place.write(FILES), place.vault(lock_timeout_s=0))
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert place.store(place.write(FILES)).manifest.sequence == 1
    assert place.vault().recover() == ()  # that store has ended what the killed one began
    assert list((place.root / "vault/tmp").iterdir()) == []
    assert (place.root / "data/big").stat().st_size == 64 << 20


def test_rivals_share_a_vault_without_gap_or_loss(tmp_path: Path) -> None:
    place = fresh(tmp_path, "one")
    names = [f"file-{n}" for n in range(8)]
    place.write({name: name.encode() * 1000 for name in names})
    processes = [start(place, name) for name in names]
    assert [p.communicate()[1] for p in processes] == [b""] * 8
    found = place.vault().list()
    assert [m.sequence for m in found if isinstance(m, Manifest)] == list(range(1, 9))
    events = [r["event"] for r in place.log.records() if r["event"] != "key"]
    assert events == ["quarantine", "removal"] * 8
    assert opened(place) == {name.encode() * 1000 for name in names}


def test_rivals_for_one_dataset_make_one_case(tmp_path: Path) -> None:
    place = fresh(tmp_path, "one")
    processes = [start(place, *FILES) for _ in range(3)]
    errors = [p.communicate()[1] for p in processes]
    assert sum(e == b"" for e in errors) == 1
    assert all(e == b"" or b"DatasetChanged" in e or b"FileNotFound" in e for e in errors)
    assert opened(place) == set(FILES.values())


def half_stored(place: Place) -> tuple[Manifest, list[tuple[Path, str]]]:
    """As after a crash between the case and the removal: journal open, nothing gone."""
    sources = place.write(FILES)
    case = place.store(sources)
    place.write(FILES)
    vault = place.vault()
    journal = Journal(vault.layout.journal, vault.gate)
    journal.begin(Intent(case.id, QUARANTINE, tuple(sources)))
    journal.let_go(case.id)
    return case.manifest, sources


def test_recover_goes_on_where_a_crash_stopped(place: Place) -> None:
    manifest, sources = half_stored(place)
    records = place.log.check().head.seq
    (ended,) = place.vault().recover()
    assert (ended.case_id, ended.state) == (manifest.case_id, "finished")
    assert not any(path.exists() for path, _ in sources)
    assert place.log.check().head.seq == records  # it was all recorded before the crash
    assert place.vault().recover() == ()


def test_recover_goes_on_after_the_first_original_is_gone(place: Place) -> None:
    manifest, sources = half_stored(place)
    sources[0][0].unlink()
    removals = tuple(Removal(path, "unlinked") for path, _ in sources)
    assert place.vault().recover() == (Recovered(manifest.case_id, "finished", removals),)
    assert plain(place) == {}


@pytest.mark.parametrize("lost", [0, 1, 2])
def test_recover_records_what_the_log_lacks_and_nothing_twice(place: Place, lost: int) -> None:
    place.store(place.write({"first": b"another case"}))
    half_stored(place)
    whole = [(r["event"], r["data"]) for r in place.log.records()]
    rewind(place.log, len(whole) - lost, load_signer(place.root / "home"))
    assert [r.state for r in place.vault().recover()] == ["finished"]
    assert [(r["event"], r["data"]) for r in place.log.records()] == whole


def test_recover_keeps_what_changed_since(place: Place) -> None:
    manifest, sources = half_stored(place)
    sources[1][0].write_bytes(b"edited after the crash")
    (ended,) = place.vault().recover()
    assert (ended.case_id, ended.state) == (manifest.case_id, "kept")
    assert "changed since" in ended.why
    assert plain(place) == {"a.jsonl": FILES["a.jsonl"], "b.jsonl": b"edited after the crash"}
    assert place.vault().recover() == ()


def test_recover_removes_nothing_for_a_damaged_case(place: Place) -> None:
    manifest, _ = half_stored(place)
    data = place.vault().layout.case(manifest.case_id) / "data.age"
    data.write_bytes(data.read_bytes()[:-1] + b"\0")
    for _ in range(2):
        (ended,) = place.vault().recover()
        assert ended == Recovered(manifest.case_id, "damaged", (), ended.why)
        assert "changed" in ended.why
        assert plain(place) == FILES


def test_recover_reads_no_journal_of_another_gate(place: Place) -> None:
    manifest, _ = half_stored(place)
    path = place.vault().layout.journal / f"{manifest.case_id}.intent"
    path.write_bytes(bytes(len(path.read_bytes())))
    (ended,) = place.vault().recover()
    assert (ended.state, plain(place)) == ("damaged", FILES)


def test_recover_does_not_take_an_act_of_a_later_version_for_one_it_knows(place: Place) -> None:
    case = place.store(place.write(FILES))
    vault = place.vault()
    vault.journal.begin(Intent(case.id, "archive", tuple(place.write(FILES))))
    vault.journal.let_go(case.id)
    says = f"case {case.id}: what was begun with it is not known to this version"
    for _ in range(2):
        assert vault.recover() == (Recovered(case.id, "damaged", why=says),)
        assert plain(place) == FILES


def test_a_case_of_another_gate_that_cannot_be_ended_has_its_number(place: Place) -> None:
    """Its journal cannot be read here, and the log may lack it: the next case must not repeat."""
    place.store(place.write({"first": b"another case"}))
    manifest, _ = half_stored(place)
    path = place.vault().layout.journal / f"{manifest.case_id}.intent"
    path.write_bytes(bytes(len(path.read_bytes())))
    rewind(place.log, 4, load_signer(place.root / "home"))
    (ended,) = place.vault().recover()
    assert ended.state == "damaged"
    assert place.log.newest("quarantine", case=manifest.case_id) is not None
    assert place.store(place.write({"c": b"next"})).manifest.sequence == manifest.sequence + 1
    data = place.vault().layout.case(manifest.case_id) / "data.age"
    data.unlink()
    rewind(place.log, 4, load_signer(place.root / "home"))
    (ended,) = place.vault().recover()
    assert ended.why == f"case {manifest.case_id}: its ciphertext is missing"


def test_recover_tries_again_where_the_folder_cannot_be_written(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest, _ = half_stored(place)

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "read-only")

    with monkeypatch.context() as patch:
        patch.setattr(os, "rename", refuse)
        (ended,) = place.vault().recover()
    assert (ended.case_id, ended.state) == (manifest.case_id, "unfinished")
    assert ended.why == "read-only file system"
    assert plain(place) == FILES
    assert [r.state for r in place.vault().recover()] == ["finished"]


def test_recover_finishes_a_move_that_was_cut_off(place: Place) -> None:
    manifest, sources = half_stored(place)
    path = sources[0][0]
    path.rename(path.with_name(f"{PRIVATE_PREFIX}{manifest.case_id}-0"))
    path.write_bytes(b"somebody's new file of the same name")
    (ended,) = place.vault().recover()
    assert ended.state == "finished"
    assert plain(place) == {"a.jsonl": b"somebody's new file of the same name"}


def test_an_intent_that_was_never_wholly_written_is_dropped(place: Place) -> None:
    place.vault().layout.create()
    (place.root / f"vault/journal/{CASE_ID}.new").write_bytes(b"torn")
    assert place.vault().recover() == (Recovered(CASE_ID, "dropped"),)
    assert list((place.root / "vault/journal").iterdir()) == []


def test_ciphertext_that_no_journal_names_is_swept(place: Place) -> None:
    place.store(place.write(FILES))
    (place.root / "vault/tmp" / (CASE_ID + ".part")).mkdir()
    (place.root / "vault/tmp" / (CASE_ID + ".part") / "data.age").write_bytes(b"age")
    assert place.vault().recover() == ()
    assert list((place.root / "vault/tmp").iterdir()) == []


def test_ciphertext_that_somebody_is_writing_is_not_swept(place: Place) -> None:
    vault = place.vault()
    journal = Journal(vault.layout.journal, vault.gate)
    vault.layout.create()
    journal.begin(Intent(CASE_ID, QUARANTINE))
    part = vault.layout.part(CASE_ID)
    part.mkdir()
    assert place.vault().recover() == ()
    assert part.is_dir()
    journal.let_go(CASE_ID)
    assert place.vault().recover() == (Recovered(CASE_ID, "dropped"),)
    assert not part.exists()


def test_a_stop_after_the_case_has_its_name_leaves_the_rest_to_recover(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = place.write(FILES)
    rename = Path.rename

    def stopped(self: Path, target: Path) -> Path:
        rename(self, target)
        if self.suffix == ".part":
            raise KeyboardInterrupt
        return target

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", stopped)
        with pytest.raises(KeyboardInterrupt):
            place.store(sources)
    assert plain(place) == FILES
    assert [r.state for r in place.vault().recover()] == ["finished"]
    assert plain(place) == {}
    assert opened(place) == set(FILES.values())


def changed_since(path: Path, *, hint: str = "") -> contextlib.AbstractContextManager[None]:
    return refused(f"{path}: it changed since it was scanned", hint=hint, kind=DatasetChanged)


def originals(sources: list[tuple[Path, str]]) -> list[Original]:
    return [Original(path, want) for path, want in sources]


def test_all_originals_go_or_none(place: Place) -> None:
    sources = place.write({"a": b"first", "b": b"second"})
    sources[1][0].write_bytes(b"edited")
    with changed_since(sources[1][0]):
        remove_originals(CASE_ID, originals(sources))
    assert plain(place) == {"a": b"first", "b": b"edited"}


@pytest.mark.parametrize("again", [False, True])
def test_what_is_gone_was_unlinked_by_the_run_before_or_by_somebody_else(
    place: Place, again: bool
) -> None:
    sources = place.write({"a": b"first", "sub/b": b"second"})
    (path, _), (other, _) = sources
    path.unlink()
    if again:
        done = remove_originals(CASE_ID, originals(sources), again=True)
        assert done == (Removal(path, "unlinked"), Removal(other, "unlinked"))
        assert not other.exists()
        return
    with refused(f"{path}: it is gone since it was scanned", kind=DatasetChanged):
        remove_originals(CASE_ID, originals(sources))
    assert other.read_bytes() == b"second"


def test_a_folder_that_is_gone_or_no_folder_any_more_is_a_change(place: Place) -> None:
    (path, want) = place.write({"sub/a": b"first"})[0]
    path.unlink()
    path.parent.rmdir()
    for _ in range(2):
        with refused(f"{path}: it is gone since it was scanned", kind=DatasetChanged):
            remove_originals(CASE_ID, [Original(path, want)])
        if not path.parent.exists():
            path.parent.write_bytes(b"a file")


def test_a_link_in_the_place_of_an_original_is_not_followed(place: Place) -> None:
    sources = place.write({"a": b"first", "b": b"second"})
    path = sources[0][0]
    path.unlink()
    path.symlink_to("nowhere")
    with refused(f"{path}: a symbolic link or a device, not a regular file", kind=InputError):
        remove_originals(CASE_ID, originals(sources), again=True)
    assert path.is_symlink()
    assert sources[1][0].read_bytes() == b"second"
    path.unlink()
    path.mkdir()
    with refused(f"{path}: not a regular file", kind=InputError):
        remove_originals(CASE_ID, originals(sources), again=True)
    assert sources[1][0].read_bytes() == b"second"


def test_a_moved_original_that_changed_goes_back_to_its_name(place: Place) -> None:
    sources = place.write({"a": b"first", "b": b"second"})
    private = sources[1][0].with_name(f"{PRIVATE_PREFIX}{CASE_ID}-1")
    sources[1][0].rename(private)
    private.write_bytes(b"edited")
    with pytest.raises(DatasetChanged):
        remove_originals(CASE_ID, originals(sources), again=True)
    assert plain(place) == {"a": b"first", "b": b"edited"}


def test_a_name_taken_meanwhile_is_not_overwritten(place: Place) -> None:
    sources = place.write({"a": b"first"})
    private = sources[0][0].with_name(f"{PRIVATE_PREFIX}{CASE_ID}-0")
    sources[0][0].rename(private)
    private.write_bytes(b"edited")
    sources[0][0].write_bytes(b"new file")
    left = f"its name is taken, or cannot be given back; the bytes that were there are in {private}"
    with changed_since(sources[0][0], hint=left):
        remove_originals(CASE_ID, originals(sources), again=True)
    assert plain(place) == {"a": b"new file", private.name: b"edited"}


def test_a_put_back_that_was_cut_off_is_finished(place: Place) -> None:
    sources = place.write({"a": b"first"})
    os.link(sources[0][0], sources[0][0].with_name(f"{PRIVATE_PREFIX}{CASE_ID}-0"))
    (done,) = remove_originals(CASE_ID, originals(sources), again=True)
    assert done.outcome == "unlinked"
    assert plain(place) == {}


def test_a_write_in_the_last_instant_is_not_lost(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = place.write({"a": b"first", "b": b"second"})
    rename = os.rename

    def edit_first(old: str, new: str, **folders: int) -> None:
        sources[1][0].write_bytes(b"edited")
        rename(old, new, **folders)

    with monkeypatch.context() as patch:
        patch.setattr(os, "rename", edit_first)
        with changed_since(sources[1][0]):
            remove_originals(CASE_ID, originals(sources))
    assert plain(place) == {"a": b"first", "b": b"edited"}


def test_what_is_linked_in_the_last_instant_is_kept(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = place.write({"a": b"first", "b": b"second"})
    rename = os.rename

    def link_too(old: str, new: str, **folders: int) -> None:
        if old == "a":
            os.link(sources[0][0], place.root / "second")
        rename(old, new, **folders)

    monkeypatch.setattr(os, "rename", link_too)
    done = remove_originals(CASE_ID, originals(sources))
    assert [r.outcome for r in done] == ["kept-hard-link", "unlinked"]
    assert plain(place) == {"a": b"first"}


def test_the_first_error_is_told_where_nothing_can_be_put_back(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = place.write({"a": b"first", "b": b"second"})
    private = sources[0][0].with_name(f"{PRIVATE_PREFIX}{CASE_ID}-0")
    sources[0][0].rename(private)
    sources[1][0].write_bytes(b"edited")

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "read-only")

    with monkeypatch.context() as patch:
        patch.setattr(os, "link", refuse)
        patch.setattr(os, "rename", refuse)
        with pytest.raises(DatasetChanged, match=f"{sources[1][0]}: it changed"):
            remove_originals(CASE_ID, originals(sources), again=True)
    assert plain(place) == {private.name: b"first", "b": b"edited"}
    with changed_since(sources[1][0]):
        remove_originals(CASE_ID, originals(sources), again=True)
    assert plain(place) == {"a": b"first", "b": b"edited"}


def test_a_disk_that_loses_a_byte_loses_no_dataset(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    fsync = os.fsync

    def damage(fd: int) -> None:
        fsync(fd)
        for data in (place.root / "vault/tmp").glob("*.part/data.age"):
            with data.open("r+b") as stream:
                stream.seek(-1, os.SEEK_END)
                last = stream.read(1)
                stream.seek(-1, os.SEEK_END)
                stream.write(bytes([last[0] ^ 1]))

    sources = place.write(FILES)
    monkeypatch.setattr(os, "fsync", damage)
    with pytest.raises(VaultError, match="was changed, moved or cut off"):
        place.store(sources)
    assert plain(place) == FILES
    assert place.vault().list() == ()
    assert list((place.root / "vault/tmp").iterdir()) == []


def test_a_machine_that_miscomputes_loses_no_dataset(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Wrong:
        """Encrypts something else than it was given, so that the ciphertext is a good one."""

        def __init__(self, key: bytes) -> None:
            self._right = ChaCha20Poly1305(key)

        def encrypt(self, nonce: bytes, data: bytes, more: bytes | None) -> bytes:
            return self._right.encrypt(nonce, bytes(len(data)), more)

        def __getattr__(self, name: str) -> object:
            return getattr(self._right, name)

    sources = place.write(FILES)
    monkeypatch.setattr("gatekeeper.vault.age.payload.ChaCha20Poly1305", Wrong)
    with refused("the ciphertext read back from disk is not the one that was written"):
        place.store(sources)
    assert plain(place) == FILES
    assert place.vault().list() == ()


def test_a_file_system_without_hard_links_puts_back_by_name(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = place.write({"a": b"first"})
    private = sources[0][0].with_name(f"{PRIVATE_PREFIX}{CASE_ID}-0")
    sources[0][0].rename(private)
    private.write_bytes(b"edited")

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "no links")

    monkeypatch.setattr(os, "link", refuse)
    with pytest.raises(DatasetChanged):
        remove_originals(CASE_ID, originals(sources), again=True)
    assert plain(place) == {"a": b"edited"}
    sources[0][0].rename(private)
    sources[0][0].write_bytes(b"new file")
    with pytest.raises(DatasetChanged):
        remove_originals(CASE_ID, originals(sources), again=True)
    assert plain(place)["a"] == b"new file"


def test_an_original_that_cannot_be_read_stays(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = place.write({"a": b"first"})
    opened_as = os.open

    def refuse(path: str | Path, flags: int, *more: int, **at: int) -> int:
        if Path(path).name == "a":
            raise PermissionError(13, "no")
        return opened_as(path, flags, *more, **at)

    monkeypatch.setattr(os, "open", refuse)
    says = f"{sources[0][0]}: cannot be read: permission denied"
    with refused(says, kind=InputError):
        remove_originals(CASE_ID, originals(sources))
    assert (place.root / "data/a").exists()


def test_another_inode_with_the_same_bytes_is_another_file(place: Place) -> None:
    from gatekeeper.vault.durable import FileIdentity

    (path, want) = place.write({"a": b"first"})[0]
    with path.open("rb") as stream:
        seen = FileIdentity.of(stream.fileno())
    path.rename(path.with_name("kept"))
    path.write_bytes(b"first")
    with changed_since(path):
        remove_originals(CASE_ID, [Original(path, want, seen)])
    assert digest(path.read_bytes()) == want
