"""The sealed snapshot: these bytes, and no others, whatever happens to the file."""

import hashlib
import io
import os
from pathlib import Path

import pytest

from gatekeeper.errors import DatasetChanged, InputError
from gatekeeper.read import SealedSnapshot, open_sources, snapshot, source_from_bytes
from tests.read.helpers import only

DATA = os.urandom(3 << 20) + b"end"
DIGEST = f"sha256:{hashlib.sha256(DATA).hexdigest()}"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "a.jsonl"
    path.write_bytes(DATA)
    return path


def test_it_holds_the_bytes_whatever_happens_to_the_file(path: Path) -> None:
    with snapshot(path, DIGEST, max_bytes=len(DATA)) as sealed:
        path.write_bytes(b"other")
        path.unlink()
        assert (sealed.digest, sealed.size_bytes) == (DIGEST, len(DATA))
        with sealed.open() as stream:
            assert stream.read() == DATA


def test_each_stream_has_a_place_of_its_own(path: Path) -> None:
    with snapshot(path, DIGEST, max_bytes=len(DATA)) as sealed:
        one, two = sealed.open(), sealed.open()
        assert one.read(1000) == DATA[:1000]
        assert two.read(10) == DATA[:10]
        assert one.read(10) == DATA[1000:1010]
        assert one.seek(-3, os.SEEK_END) == len(DATA) - 3
        assert one.read() == b"end"
        assert two.seek(0) == 0
        one.close()
        assert two.read() == DATA
        assert not two.writable()
        two.close()


def test_nobody_can_write_to_it(path: Path) -> None:
    sealed = snapshot(path, DIGEST, max_bytes=len(DATA))
    descriptor = sealed._held
    if not isinstance(descriptor, int):
        pytest.skip("no memfd here")
    with pytest.raises(OSError, match="not permitted"):
        os.write(descriptor, b"x")
    with pytest.raises(OSError, match="not permitted"):
        os.ftruncate(descriptor, 0)
    sealed.close()
    with pytest.raises(ValueError, match="closed"):
        sealed.open()


def test_other_bytes_are_refused(path: Path) -> None:
    with path.open("r+b") as stream:
        stream.seek(100)
        stream.write(b"x" if DATA[100:101] != b"x" else b"y")
    with pytest.raises(DatasetChanged, match="not what was scanned"):
        snapshot(path, DIGEST, max_bytes=len(DATA))


def test_more_bytes_than_allowed_are_refused(path: Path) -> None:
    with pytest.raises(InputError, match="larger"):
        snapshot(path, DIGEST, max_bytes=len(DATA) - 1)


def test_links_and_missing_files_are_refused(path: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.jsonl"
    link.symlink_to(path)
    for gone in (link, tmp_path / "none.jsonl", tmp_path):
        with pytest.raises(DatasetChanged):
            snapshot(gone, DIGEST, max_bytes=len(DATA))


def test_a_source_can_be_sealed_too(path: Path) -> None:
    memory = source_from_bytes("a.txt", DATA)
    assert snapshot(memory, DIGEST, max_bytes=len(DATA)).open().read() == DATA
    path.write_bytes(b'{"text": "x"}\n')
    source = only(open_sources([path]))
    reading = source.read()
    list(reading)
    assert snapshot(source, reading.digest, max_bytes=100).size_bytes == 14


def test_where_there_is_no_memfd_the_bytes_stay_in_memory(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "memfd_create")
    with snapshot(path, DIGEST, max_bytes=len(DATA)) as sealed:
        assert isinstance(sealed, SealedSnapshot)
        stream = sealed.open()
        assert isinstance(stream, io.BytesIO)
        assert stream.read() == DATA


def test_no_descriptor_is_left_open(path: Path) -> None:
    if not Path("/proc/self/fd").exists():
        pytest.skip("no list of descriptors here")
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(5):
        with snapshot(path, DIGEST, max_bytes=len(DATA)) as sealed, sealed.open() as stream:
            stream.read(10)
        with pytest.raises(InputError):
            snapshot(path, DIGEST, max_bytes=10)
        list(open_sources([path]))
    assert len(list(Path("/proc/self/fd").iterdir())) == before
