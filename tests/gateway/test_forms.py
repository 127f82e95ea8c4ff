"""The form reader: the same however a body is cut, and nothing that could be read two ways."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.gateway.answers import Answer
from gatekeeper.gateway.forms import Begin, Data, End, FormReader, boundary_of

PIECES = st.binary(max_size=40) | st.sampled_from(
    [b"\r\n--mark", b"--mark--", b"\r\n", b"\r", b"\n--mar", b"--", b"\r\n--marc\r\n", b""]
)


def whole(body: bytes, cuts: list[int]) -> list[tuple[str, bytes]] | str:
    """Name and bytes of each part, or the code of the refusal."""
    reader = FormReader(b"mark")
    found: list[tuple[str, bytes]] = []
    ended = 0
    places = [0, *sorted({c % (len(body) + 1) for c in cuts}), len(body)]
    try:
        for start, end in itertools.pairwise(places):
            for event in reader.feed(body[start:end]):
                if isinstance(event, Begin):
                    found.append((event.name, b""))
                elif isinstance(event, Data):
                    found[-1] = (found[-1][0], found[-1][1] + event.block)
                else:
                    assert isinstance(event, End)
                    ended += 1
    except Answer as answer:
        return answer.code
    return found if reader.finished and ended == len(found) else "unfinished"


def part(name: str, data: bytes, headers: str = "") -> bytes:
    head = f'--mark\r\nContent-Disposition: form-data; name="{name}"\r\n{headers}\r\n'
    return head.encode() + data + b"\r\n"


@given(st.lists(st.lists(PIECES, max_size=5).map(b"".join), max_size=4), st.lists(st.integers(0)))
def test_what_was_put_in_comes_out_however_it_is_cut(datas: list[bytes], cuts: list[int]) -> None:
    datas = [d.replace(b"--mark", b"--m4rk") for d in datas]
    body = b"".join(part(f"n{i}", d) for i, d in enumerate(datas)) + b"--mark--\r\n"
    assert whole(body, cuts) == [(f"n{i}", d) for i, d in enumerate(datas)]


BODIES = st.binary(max_size=200) | st.lists(PIECES, max_size=12).map(b"".join)


@given(BODIES, st.lists(st.integers(0)))
def test_anything_is_read_the_same_way_however_it_is_cut(body: bytes, cuts: list[int]) -> None:
    assert whole(body, cuts) == whole(body, [])


@pytest.mark.parametrize(
    "body",
    [
        b"preamble\r\n" + part("a", b"x") + b"--mark--",
        part("a", b"x") + b"--mark--\r\nepilogue",
        part("a", b"x") + b"--markmark--",
        b"--mark \r\n" + part("a", b"x")[8:] + b"--mark--",
        b"--mark\nContent-Disposition: form-data; name=a\n\nx\n--mark--",
        b"--mark\r\n\r\nx\r\n--mark--",
        b"--mark\r\nContent-Disposition: form-data\r\n\r\nx\r\n--mark--",
        b"--mark\r\nContent-Disposition: attachment; name=a\r\n\r\nx\r\n--mark--",
        b'--mark\r\nContent-Disposition: form-data; name="a"; name="b"\r\n\r\nx\r\n--mark--',
        part("a", b"x", "Content-Disposition: form-data; name=b\r\n") + b"--mark--",
        part("a", b"x", "Content-Transfer-Encoding: base64\r\n") + b"--mark--",
        part("a", b"x", " folded: header\r\n") + b"--mark--",
        part("a", b"x", "X: " + "y" * 5000 + "\r\n") + b"--mark--",
        part("a", b"x", "".join(f"X{i}: y\r\n" for i in range(9))) + b"--mark--",
        b"".join(part(f"n{i}", b"") for i in range(17)) + b"--mark--",
    ],
)
def test_what_could_be_read_two_ways_is_refused(body: bytes) -> None:
    assert whole(body, []) == "invalid_request"


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("multipart/form-data; boundary=mark", b"mark"),
        ('Multipart/Form-Data; charset=utf-8; boundary="a b"', b"a b"),
        ("multipart/form-data", None),
        ("multipart/form-data; boundary=", None),
        ('multipart/form-data; boundary="a "', None),
        ("multipart/form-data; boundary=a; boundary=b", None),
        ("multipart/form-data; boundary=" + "a" * 71, None),
        ("multipart/form-data; boundary=a\r\nx", None),
        ("multipart/mixed; boundary=a", None),
        ("application/json", None),
    ],
)
def test_the_boundary(said: str, found: bytes | None) -> None:
    if found is None:
        with pytest.raises(Answer):
            boundary_of(said)
    else:
        assert boundary_of(said) == found
