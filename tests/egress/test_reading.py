"""The hashing reader gives out the bytes of its digest, or not all of them."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.egress.reading import HashingReader
from gatekeeper.errors import DatasetChanged
from tests.enforce.support import Sealed, digest


@given(st.binary(max_size=300), st.integers(1, 64))
def test_it_gives_out_what_it_was_given(data: bytes, chunk: int) -> None:
    with HashingReader(Sealed(data), digest(data)) as reader:
        pieces = []
        while piece := reader.read(chunk):
            pieces.append(piece)
        assert b"".join(pieces) == data
        assert reader.finished


@given(st.binary(min_size=1, max_size=300), st.integers(1, 64), st.data())
def test_a_wrong_byte_is_never_followed_by_the_end(
    data: bytes, chunk: int, draw: st.DataObject
) -> None:
    at = draw.draw(st.integers(0, len(data) - 1))
    wrong = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
    given_out = []
    with HashingReader(Sealed(wrong), digest(data)) as reader:
        with pytest.raises(DatasetChanged):
            given_out.extend(iter(lambda: reader.read(chunk), b""))
        assert not reader.finished
        assert reader.tell() < len(data)
    assert sum(map(len, given_out)) < len(data)


@pytest.mark.parametrize("data", [b"", b"abc"])
def test_too_many_bytes_are_as_wrong_as_too_few(data: bytes) -> None:
    with pytest.raises(DatasetChanged), HashingReader(Sealed(data), digest(data + b"d")) as reader:
        reader.read()


def test_it_tells_its_length_and_starts_again() -> None:
    with HashingReader(Sealed(b"abcdef"), digest(b"abcdef")) as reader:
        assert reader.seek(0, io.SEEK_END) == 6
        assert reader.read(2) == b"ab"
        assert reader.tell() == 2
        assert reader.seek(0) == 0
        assert reader.read() == b"abcdef"
        with pytest.raises(io.UnsupportedOperation):
            reader.seek(3)
        with pytest.raises(OSError, match="fileno"):
            reader.fileno()
