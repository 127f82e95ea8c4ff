"""Entries that are believed: whole, of this user, for what is asked. Others are as good as none."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gatekeeper.remember import store as store_module
from gatekeeper.remember.seal import Seal
from gatekeeper.remember.store import MAX_ENTRY_BYTES, Store

ABOUT, BODY = b"this content under this detector", b'{"records":7}'


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = Store(tmp_path / "cache", Seal(b"k" * 32))
    made.put(ABOUT, BODY)
    return made


def entry(store: Store) -> Path:
    (found,) = store.folder.iterdir()
    return found


def test_what_is_kept_is_found_again(store: Store, tmp_path: Path) -> None:
    assert store.get(ABOUT) == BODY
    assert Store(tmp_path / "cache", Seal(b"k" * 32)).get(ABOUT) == BODY
    assert store.size() == (1, len(BODY) + 32)
    assert entry(store).stat().st_mode & 0o777 == 0o600
    assert store.folder.stat().st_mode & 0o777 == 0o700


def test_nothing_is_known_of_anything_else(store: Store, tmp_path: Path) -> None:
    assert store.get(b"another content") is None
    assert Store(tmp_path / "cache", Seal(b"x" * 32)).get(ABOUT) is None
    assert Store(tmp_path / "nowhere", Seal(b"k" * 32)).get(ABOUT) is None


def test_one_wrong_bit_anywhere_and_it_is_ignored(store: Store) -> None:
    whole = entry(store).read_bytes()
    for at in range(len(whole)):
        for bit in (0x01, 0x80):
            entry(store).write_bytes(whole[:at] + bytes([whole[at] ^ bit]) + whole[at + 1 :])
            assert store.get(ABOUT) is None
    entry(store).write_bytes(whole)
    assert store.get(ABOUT) == BODY


def test_cut_or_longer_it_is_ignored_and_made_anew(store: Store) -> None:
    whole = entry(store).read_bytes()
    for wrong in [whole[:n] for n in range(len(whole))] + [whole + b" ", whole * 2]:
        entry(store).write_bytes(wrong)
        assert store.get(ABOUT) is None
    store.put(ABOUT, BODY)
    assert store.get(ABOUT) == BODY


def test_an_entry_is_not_believed_in_the_place_of_another(store: Store) -> None:
    whole, first = entry(store).read_bytes(), entry(store)
    store.put(b"another", b"{}")
    (other,) = (p for p in store.folder.iterdir() if p != first)
    other.write_bytes(whole)
    assert store.get(b"another") is None


def test_of_another_key_it_is_ignored_and_made_anew(store: Store, tmp_path: Path) -> None:
    theirs = Store(tmp_path / "theirs", Seal(b"x" * 32))
    theirs.put(ABOUT, b'{"records":0}')
    entry(store).write_bytes(entry(theirs).read_bytes())
    assert store.get(ABOUT) is None


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_what_others_can_write_is_ignored(store: Store, mode: int) -> None:
    entry(store).chmod(mode)
    assert store.get(ABOUT) is None


@pytest.mark.parametrize("mode", [0o720, 0o702, 0o777])
def test_a_folder_that_others_can_write_to_is_not_used(store: Store, mode: int) -> None:
    store.folder.chmod(mode)
    assert store.get(ABOUT) is None
    store.put(b"more", BODY)
    assert len(list(store.folder.iterdir())) == 1


def test_links_are_not_followed(store: Store, tmp_path: Path) -> None:
    real = tmp_path / "elsewhere"
    entry(store).rename(real)
    (store.folder / Seal(b"k" * 32).name(ABOUT)).symlink_to(real)
    assert store.get(ABOUT) is None
    store.put(ABOUT, BODY)
    assert store.get(ABOUT) == BODY
    assert real.read_bytes()[32:] == BODY
    moved = store.folder.rename(tmp_path / "moved")
    store.folder.symlink_to(moved)
    assert store.get(ABOUT) is None
    assert store.clear() == 0


def test_a_pipe_in_its_place_does_not_block(store: Store) -> None:
    path = entry(store)
    path.unlink()
    os.mkfifo(path)
    assert store.get(ABOUT) is None


def test_what_is_too_large_is_neither_kept_nor_read(store: Store) -> None:
    store.put(b"large", b"x" * MAX_ENTRY_BYTES)
    assert store.size()[0] == 1
    seal, body = Seal(b"k" * 32), b"x" * MAX_ENTRY_BYTES
    (store.folder / seal.name(b"large")).write_bytes(seal.seal(b"large", body) + body)
    assert store.get(b"large") is None


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file")
    store = Store(tmp_path / "cache", Seal(b"k" * 32))
    store.put(ABOUT, BODY)
    assert store.get(ABOUT) is None
    assert (store.size(), store.clear()) == ((0, 0), 0)


def test_it_is_bounded_and_the_oldest_goes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "MAX_ENTRIES", 3)
    seal = Seal(b"k" * 32)
    for n in range(6):
        Store(tmp_path, seal).put(b"%d" % n, BODY)  # each a process of its own: it sweeps
        path = tmp_path / store_module.FOLDER / seal.name(b"%d" % n)
        os.utime(path, (time.time() - 100 + n,) * 2)
        if n == 2:
            assert Store(tmp_path, seal).get(b"0") == BODY  # asked for: it counts as new
    kept = [n for n in range(6) if Store(tmp_path, seal).get(b"%d" % n)]
    assert kept == [0, 4, 5]


def test_bytes_are_bounded_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "MAX_BYTES", 10_000)
    monkeypatch.setattr(store_module, "_SWEPT_AFTER", (256, 2_000))
    store = Store(tmp_path, Seal(b"k" * 32))
    for n in range(100):
        store.put(b"%d" % n, b"x" * 1_000)
        assert store.size()[1] <= 14_000


def test_what_a_process_left_that_died_is_swept(tmp_path: Path) -> None:
    store = Store(tmp_path, Seal(b"k" * 32))
    store.put(ABOUT, BODY)
    old, young = store.folder / ".new-old", store.folder / ".new-young"
    for path in (old, young):
        path.write_bytes(b"half")
    os.utime(old, (1, 1))
    Store(tmp_path, Seal(b"k" * 32)).put(ABOUT, BODY)
    assert not old.exists()
    assert young.exists()
    assert store.get(ABOUT) == BODY


def test_clear_leaves_nothing(store: Store) -> None:
    store.put(b"more", BODY)
    assert store.clear() == 2
    assert list(store.folder.iterdir()) == []


def test_many_processes_at_once(tmp_path: Path) -> None:
    code = f"""
from pathlib import Path
from gatekeeper.remember.seal import Seal
from gatekeeper.remember.store import Store
store = Store(Path({str(tmp_path)!r}), Seal(b"k" * 32))
for n in range(300):
    about = b"%d" % (n % 20)
    got = store.get(about)
    assert got is None or got == b"body of " + about, got
    store.put(about, b"body of " + about)
    assert store.get(about) == b"body of " + about
"""
    running = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(3)]
    assert [p.wait() for p in running] == [0, 0, 0]
    assert Store(tmp_path, Seal(b"k" * 32)).size()[0] == 20
