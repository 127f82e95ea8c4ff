"""What is too large for memory is on disk, and neither readable nor changeable there."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.errors import DatasetChanged
from gatekeeper.read import Sealing, snapshot
from gatekeeper.read.spool import CHUNK_BYTES, Spool

TAG_BYTES = 16


def spooled(data: bytes, piece: int = 1 << 20) -> Spool:
    spool = Spool()
    for start in range(0, len(data), piece):
        spool.write(data[start : start + piece])
    return spool.seal()


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1,
                                  3 * CHUNK_BYTES + 7])  # fmt: skip
@pytest.mark.parametrize("piece", [1000, 1 << 20])
def test_what_was_written_is_read(size: int, piece: int) -> None:
    data = os.urandom(size)
    spool = spooled(data, piece)
    assert spool.size_bytes == size
    for _ in range(2):
        with spool.open() as stream:
            assert stream.read() == data
    spool.close()


@given(st.lists(st.tuples(st.integers(0, 3 * CHUNK_BYTES), st.integers(0, 5000)), max_size=8))
def test_it_can_be_read_from_anywhere(places: list[tuple[int, int]]) -> None:
    data = bytes(range(251)) * (2 * CHUNK_BYTES // 251 + 9)
    spool = spooled(data)
    with spool.open() as stream:
        for offset, count in places:
            assert stream.seek(offset) == offset
            assert stream.read(count) == data[offset : offset + count]
        assert stream.seek(-5, io.SEEK_END) == len(data) - 5
        assert stream.read() == data[-5:]
    spool.close()


def test_the_disk_holds_no_plaintext_and_no_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    data = b"the quick brown fox " * 100_000
    spool = spooled(data)
    assert list(tmp_path.iterdir()) == []
    stored = os.pread(spool._file.fileno(), 2 * len(data), 0)
    assert len(stored) == len(data) + TAG_BYTES * (len(data) // CHUNK_BYTES + 1)
    assert b"quick" not in stored
    spool.close()


@pytest.mark.parametrize("how", ["a byte", "the tag", "cut off", "swapped"])
def test_a_change_on_the_disk_is_noticed(how: str) -> None:
    data = os.urandom(3 * CHUNK_BYTES)
    spool = spooled(data)
    descriptor = spool._file.fileno()
    one = CHUNK_BYTES + TAG_BYTES
    if how == "a byte":
        byte = os.pread(descriptor, 1, one + 5)
        os.pwrite(descriptor, bytes([byte[0] ^ 1]), one + 5)
    elif how == "the tag":
        os.pwrite(descriptor, b"\0" * TAG_BYTES, 2 * one - TAG_BYTES)
    elif how == "cut off":
        os.ftruncate(descriptor, one + 100)
    else:
        first, second = (os.pread(descriptor, one, n * one) for n in (0, 1))
        os.pwrite(descriptor, second, 0)
        os.pwrite(descriptor, first, one)
    with spool.open() as stream, pytest.raises(DatasetChanged, match="on disk was changed"):
        stream.read()
    spool.close()


@pytest.mark.parametrize("in_memory_bytes", [0, 1000, 1 << 20])
def test_a_snapshot_moves_to_the_disk_when_it_grows(in_memory_bytes: int) -> None:
    data = os.urandom(300_000)
    sealing = Sealing(in_memory_bytes=in_memory_bytes)
    for start in range(0, len(data), 777):
        sealing.write(data[start : start + 777])
    with sealing.seal() as sealed:
        assert (sealed.size_bytes, sealed.digest) == (
            len(data), f"sha256:{hashlib.sha256(data).hexdigest()}",
        )  # fmt: skip
        assert isinstance(sealed._held, Spool) == (in_memory_bytes < len(data))
        stream = sealed.open()
    assert stream.read() == data  # as with memory, a stream outlives its snapshot
    stream.close()


def test_what_was_begun_can_be_dropped(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys.modules["gatekeeper.read.snapshot"], "IN_MEMORY_BYTES", 100)
    path = tmp_path / "a"
    path.write_bytes(b"x" * 5000)
    digest = f"sha256:{hashlib.sha256(b'x' * 5000).hexdigest()}"
    with snapshot(path, digest, max_bytes=5000) as sealed, sealed.open() as stream:
        assert stream.read() == b"x" * 5000
    for discard in (Sealing(in_memory_bytes=0), Sealing()):
        discard.write(b"y")
        discard.discard()


@pytest.mark.parametrize("in_memory_bytes", [0, 1 << 20])
def test_what_is_lent_is_read_by_another_process(tmp_path: Path, in_memory_bytes: int) -> None:
    data = os.urandom(CHUNK_BYTES + 7)
    sealing = Sealing(in_memory_bytes=in_memory_bytes, folder=tmp_path)
    sealing.write(data)
    sealed = sealing.seal()
    descriptor, key = sealed.lent()
    assert bool(key) == (in_memory_bytes == 0)
    code = (
        "import sys\n"
        "from gatekeeper.read import SealedSnapshot\n"
        "fd, key, size = int(sys.argv[1]), bytes.fromhex(sys.argv[2]), int(sys.argv[3])\n"
        "with SealedSnapshot.borrowed(fd, key, 'd', size) as lent, lent.open() as stream:\n"
        "    sys.stdout.buffer.write(stream.read())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(descriptor), key.hex(), str(len(data))],
        pass_fds=[descriptor],
        capture_output=True,
        check=True,
    )
    os.close(descriptor)
    assert done.stdout == data
    with sealed.open() as stream:
        assert stream.read() == data
    assert list(tmp_path.iterdir()) == []
    sealed.close()
    with pytest.raises(ValueError, match="closed"):
        sealed.lent()
