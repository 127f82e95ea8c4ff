"""Files that are what they are called, and errors of the system in our words."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from gatekeeper.errors import InputError
from gatekeeper.vault.durable import (
    FileIdentity,
    create_private,
    digest_of_stream,
    drop_cache,
    ensure_file,
    entries,
    locked,
    make_private_directory,
    open_regular,
    present,
    read_small,
    reason,
    sync_directory,
    system_errors,
    write_durably,
    write_new,
)
from tests.vault.kit import InPieces, digest
from tests.vault.refusals import refused


def test_a_small_file_is_read_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"12345")
    assert read_small(path, max_bytes=5) == b"12345"
    with refused(f"{path}: larger than 4 bytes"):
        read_small(path, max_bytes=4)
    path.write_bytes(bytes(1 << 16))
    assert read_small(path) == bytes(1 << 16)
    path.write_bytes(bytes((1 << 16) + 1))
    with refused(f"{path}: larger than 65,536 bytes"):
        read_small(path)
    os.truncate(path, 1 << 40)  # which no memory holds
    with refused(f"{path}: larger than 65,536 bytes"):
        read_small(path)
    with refused(f"{tmp_path}/none: no such file or directory"):
        read_small(tmp_path / "none")
    (tmp_path / "link").symlink_to(path)
    with refused(f"{tmp_path}/link: a symbolic link or a device, not a regular file"):
        read_small(tmp_path / "link")


def test_only_a_regular_file_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "fifo")
    for odd in (tmp_path / "fifo", tmp_path, Path("/dev/null")):
        with refused(f"{odd}: not a regular file", kind=InputError), open_regular(odd):
            pass
    monkeypatch.chdir(tmp_path)  # the name of a socket must be short
    with socket.socket(socket.AF_UNIX) as made:
        made.bind("socket")
    (tmp_path / "link").symlink_to("socket")
    for name in ("socket", "link"):
        says = f"{name}: a symbolic link or a device, not a regular file"
        with refused(says, kind=InputError), open_regular(name):
            pass
    with pytest.raises(FileNotFoundError), open_regular(tmp_path / "none"):
        pass
    before = sorted(Path("/proc/self/fd").iterdir())
    with pytest.raises(InputError), open_regular(tmp_path):
        pass
    assert len(list(Path("/proc/self/fd").iterdir())) == len(before)


def test_the_systems_words_are_passed_on_without_its_path() -> None:
    assert reason(OSError(28, "whatever", "/secret/name")) == "no space left on device"
    assert reason(OSError("no number")) == "input/output error"
    with (
        refused("place: not done: no space left on device", hint="free some", kind=InputError),
        system_errors(Path("place"), kind=InputError, what="not done", hint="free some"),
    ):
        raise OSError(28, "x", "/secret/name")
    with refused("place: input/output error"), system_errors(Path("place")):
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
        with refused(f"{tmp_path}/{name}: not a directory"):
            make_private_directory(tmp_path / name)
    with pytest.raises(NotADirectoryError):
        sync_directory(tmp_path / "file")


def test_a_file_is_put_in_place_whole(tmp_path: Path) -> None:
    write_durably(tmp_path / "a", b"first", scratch=tmp_path / "a.new")
    write_durably(tmp_path / "a", b"second", scratch=tmp_path / "a.new")
    assert (tmp_path / "a").read_bytes() == b"second"
    with pytest.raises(FileExistsError):
        write_new(tmp_path / "a", b"third")
    ensure_file(tmp_path / "a", b"fourth")
    ensure_file(tmp_path / "b", b"fifth")
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == {"a": b"second", "b": b"fifth"}


def test_a_new_file_is_private_and_follows_no_link(tmp_path: Path) -> None:
    with create_private(tmp_path / "a") as stream:
        stream.write(b"data")
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o600
    (tmp_path / "link").symlink_to("elsewhere")
    for name in ("a", "link"):
        with pytest.raises(FileExistsError):
            create_private(tmp_path / name)
    assert (tmp_path / "a").read_bytes() == b"data"
    too_many = pytest.raises(OSError, match="Too many levels of symbolic links")
    with too_many, locked(tmp_path / "link", timeout_s=0):
        pass
    assert not (tmp_path / "elsewhere").exists()


def test_a_stream_has_the_digest_of_what_is_left_in_it() -> None:
    data = os.urandom(5000) * 500
    stream = InPieces(b"past" + data)
    stream.read(4)
    assert digest_of_stream(stream) == digest(data)
    assert digest_of_stream(stream) == digest(b"")


def test_a_file_is_known_by_its_place_its_size_and_its_time(tmp_path: Path) -> None:
    def seen(name: str) -> FileIdentity:
        with (tmp_path / name).open("rb") as stream:
            return FileIdentity.of(stream.fileno())

    for name in "ab":
        (tmp_path / name).write_bytes(b"data")
        os.utime(tmp_path / name, ns=(0, 1))
    first = seen("a")
    at = (tmp_path / "a").stat()
    assert first == FileIdentity(at.st_dev, at.st_ino, 4, 1)
    assert first == seen("a") != seen("b")
    os.utime(tmp_path / "a", ns=(0, 2))
    assert seen("a") != first
    (tmp_path / "a").write_bytes(b"more data")
    os.utime(tmp_path / "a", ns=(0, 1))
    assert seen("a") != first


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
    says, do = "held by another process for more than 0 s", "wait until it is done, and run the"
    with refused(f"{path}: {says}", hint=f"{do} command again"), locked(path, timeout_s=0):
        pass
    threading.Timer(0.2, holder.stdin.close).start()
    with locked(path, timeout_s=60):
        assert holder.wait(timeout=60) == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_is_read_back_is_asked_of_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[int, ...]] = []
    monkeypatch.setattr(os, "posix_fadvise", lambda *of: asked.append(of), raising=False)
    monkeypatch.setattr(os, "POSIX_FADV_DONTNEED", 4, raising=False)
    (tmp_path / "a").write_bytes(b"data")
    with (tmp_path / "a").open("rb") as stream:
        drop_cache(stream)
        assert asked == [(stream.fileno(), 0, 0, 4)]  # from the start to the end, whole


def test_a_system_that_keeps_no_count_of_its_cache_is_read_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").write_bytes(b"data")
    with (tmp_path / "a").open("rb") as stream:
        drop_cache(stream)
        monkeypatch.delattr(os, "posix_fadvise", raising=False)
        drop_cache(stream)
        assert stream.read() == b"data"
