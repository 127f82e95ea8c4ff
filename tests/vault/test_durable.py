"""Files that are what they are called, and errors of the system in our words."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from gatekeeper.errors import InputError, VaultError
from gatekeeper.vault.durable import (
    drop_cache,
    ensure_file,
    entries,
    locked,
    make_private_directory,
    open_regular,
    present,
    read_small,
    reason,
    system_errors,
    write_durably,
    write_new,
)


def test_a_small_file_is_read_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"12345")
    assert read_small(path, max_bytes=5) == b"12345"
    with pytest.raises(VaultError, match=r"a: larger than 4 bytes"):
        read_small(path, max_bytes=4)
    path.write_bytes(bytes((1 << 16) + 1))
    with pytest.raises(VaultError, match=r"a: larger than 65,536 bytes"):
        read_small(path)
    with pytest.raises(VaultError, match=r"none: no such file or directory"):
        read_small(tmp_path / "none")
    (tmp_path / "link").symlink_to(path)
    with pytest.raises(VaultError, match=r"link: a symbolic link or a device, not a regular file"):
        read_small(tmp_path / "link")


def test_only_a_regular_file_is_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    for odd in (tmp_path / "fifo", tmp_path, Path("/dev/null")):
        with pytest.raises(InputError, match=r": not a regular file"), open_regular(odd):
            pass
    before = sorted(Path("/proc/self/fd").iterdir())
    with pytest.raises(InputError), open_regular(tmp_path):
        pass
    assert len(list(Path("/proc/self/fd").iterdir())) == len(before)


def test_the_systems_words_are_passed_on_without_its_path() -> None:
    assert reason(OSError(28, "whatever", "/secret/name")) == "no space left on device"
    assert reason(OSError("no number")) == "input/output error"
    with (
        pytest.raises(InputError, match=r"^place: not done: no space left on device$") as caught,
        system_errors(Path("place"), kind=InputError, what="not done", hint="free some"),
    ):
        raise OSError(28, "x", "/secret/name")
    assert caught.value.hint == "free some"
    with (
        pytest.raises(VaultError, match=r"^place: input/output error$"),
        system_errors(Path("place")),
    ):
        raise OSError


def test_what_is_there_is_told_apart_from_what_cannot_be_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "dangling").symlink_to("nowhere")
    assert present(tmp_path / "file")
    assert present(tmp_path / "dangling")
    assert not present(tmp_path / "none")
    assert not present(tmp_path / "file" / "below")
    with pytest.raises(OSError, match="File name too long"):
        present(tmp_path / ("x" * 300))
    assert [p.name for p in entries(tmp_path)] == ["dangling", "file"]
    assert entries(tmp_path / "none") == []


def test_a_folder_is_private_and_no_link(tmp_path: Path) -> None:
    make_private_directory(tmp_path / "a")
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o700
    make_private_directory(tmp_path / "a")
    (tmp_path / "link").symlink_to(tmp_path / "a")
    (tmp_path / "file").write_bytes(b"")
    for name in ("link", "file"):
        with pytest.raises(VaultError, match=f"{name}: not a directory"):
            make_private_directory(tmp_path / name)


def test_a_file_is_put_in_place_whole(tmp_path: Path) -> None:
    write_durably(tmp_path / "a", b"first", scratch=tmp_path / "a.new")
    write_durably(tmp_path / "a", b"second", scratch=tmp_path / "a.new")
    assert (tmp_path / "a").read_bytes() == b"second"
    with pytest.raises(FileExistsError):
        write_new(tmp_path / "a", b"third")
    ensure_file(tmp_path / "a", b"fourth")
    ensure_file(tmp_path / "b", b"fifth")
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == {"a": b"second", "b": b"fifth"}


HOLD = """
import pathlib, sys
from gatekeeper.vault.durable import locked
with locked(pathlib.Path(sys.argv[1]), timeout_s=0):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_lock_is_waited_for_and_then_given_up(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdin is not None
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    held = pytest.raises(VaultError, match=r"lock: held by another process for more than 0 s")
    with held as got, locked(path, timeout_s=0):
        pass
    assert got.value.hint == "wait until it is done, and run the command again"
    threading.Timer(0.2, holder.stdin.close).start()
    with locked(path, timeout_s=60):
        assert holder.wait(timeout=60) == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_system_that_keeps_no_count_of_its_cache_is_read_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").write_bytes(b"data")
    with (tmp_path / "a").open("rb") as stream:
        drop_cache(stream)
        monkeypatch.delattr(os, "posix_fadvise", raising=False)
        drop_cache(stream)
        assert stream.read() == b"data"
