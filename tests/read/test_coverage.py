"""Properties: nothing of a value is skipped, every byte is accounted for, the digest is exact."""

import gzip
import hashlib
import json
import subprocess
import sys
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatekeeper.model import Unscanned
from gatekeeper.read import Limits, source_from_bytes
from gatekeeper.read.delimited import read_delimited
from gatekeeper.read.document import read_document
from gatekeeper.read.jsonl import read_jsonl
from gatekeeper.read.plain import read_text
from gatekeeper.read.refusal import Refusal
from gatekeeper.read.shapes import KNOWN_KEYS
from tests.read.helpers import read, records, refused, resolve, texts, total

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
KEYS = WORDS | st.sampled_from(["role", "content", "messages", "url", "image_url", "file", "a/b"])
SCALARS = WORDS | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.booleans()
JSON = st.recursive(
    st.none() | SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(KEYS, inner, max_size=4)
        | inner.map(json.dumps)
    ),
    max_leaves=12,
)


def leaves(value: Any) -> tuple[set[str], set[str]]:
    """Every string and number as written, and every key, those of JSON in strings not counted."""
    if isinstance(value, dict):
        inner = [leaves(v) for v in value.values()]
        keys = set(value).union(*(k for _, k in inner))
        return set().union(*(v for v, _ in inner)), keys
    if isinstance(value, list):
        inner = [leaves(v) for v in value]
        return set().union(*(v for v, _ in inner)), set().union(*(k for _, k in inner))
    if value is None or isinstance(value, bool):
        return set(), set()
    return {value if isinstance(value, str) else json.dumps(value)}, set()


@settings(max_examples=300)
@given(JSON, st.booleans())
def test_every_string_number_and_key_is_a_text_that_stands_where_it_says(
    value: Any, ascii_only: bool
) -> None:
    items = read("a.jsonl", json.dumps(value, ensure_ascii=ascii_only).encode())
    assert not refused(items)
    found = {t.value for t in texts(items)}
    expected, keys = leaves(value)
    assert expected - {""} <= found
    assert keys - KNOWN_KEYS - {""} <= {t.value for t in texts(items) if t.is_key}
    for text in texts(items):
        if text.is_key and text.offsets is None and text.base == 0:
            continue
        outer = resolve(value, text.pointer)
        if not isinstance(outer, str):
            continue
        for n, character in enumerate(text.value):
            first, after = text.locate(n, n + 1)
            assert outer[first:after] in (character, "\\")


@settings(max_examples=150)
@given(st.lists(JSON, min_size=1, max_size=5))
def test_lines_documents_and_compressed_lines_give_the_same_texts(rows: list[Any]) -> None:
    lines = b"".join(json.dumps(row).encode() + b"\n" for row in rows)
    found = [
        [(t.pointer, t.value, t.base) for t in texts(list(source_from_bytes(name, data).read()))]
        for name, data in [
            ("a.jsonl", lines),
            ("a.json", json.dumps(rows).encode()),
            ("a.jsonl.gz", gzip.compress(lines)),
        ]
    ]
    assert found[0] == found[1] == found[2]


@settings(max_examples=300)
@given(
    st.sampled_from(["a.jsonl", "a.json", "a.csv", "a.tsv", "a.txt", "a"]),
    st.lists(
        st.binary(max_size=20)
        | st.sampled_from([b"\n", b"\r\n", b'{"text": "x"}', b'"', b",", b"a,b", b"\xef\xbb\xbf",
                           b"[", b"]", b"\xff", b"\0", b"data:image/png;base64,QUJD"]),
        max_size=12,
    ).map(b"".join),
)  # fmt: skip
def test_every_byte_is_scanned_or_unscanned_whatever_the_bytes(name: str, data: bytes) -> None:
    reading = source_from_bytes(name, data).read()
    items = list(reading)
    assert total(items) == reading.bytes_seen == len(data)
    assert reading.digest == f"sha256:{hashlib.sha256(data).hexdigest()}"
    assert records(items) or refused(items)
    assert all(item.size_bytes >= 0 for item in items)


@settings(max_examples=100)
@given(st.binary(max_size=300), st.sampled_from(["a.jsonl.gz", "a.jsonl.zst", "a.parquet"]))
def test_damage_is_a_refusal_whatever_the_bytes(data: bytes, name: str) -> None:
    magic = {"z": b"\x1f\x8b\x08\x00", "t": b"\x28\xb5\x2f\xfd", "q": b"PAR1"}
    whole = magic["q" if "parquet" in name else "t" if "zst" in name else "z"] + data
    reading = source_from_bytes(name, whole).read()
    items = list(reading)
    assert refused(items)
    assert total(items) >= reading.bytes_seen == len(whole)


def test_a_reading_has_no_digest_before_its_end() -> None:
    from gatekeeper.errors import GatekeeperError

    reading = source_from_bytes("a.jsonl", b'{"text": "x"}\n' * 5).read()
    next(reading)
    with pytest.raises(GatekeeperError):
        _ = reading.digest
    assert len(list(reading)) == 4
    assert reading.bytes_seen == 75 - 5


CANARY = "CANARYqzv7 555-0147"
BROKEN = {
    "a.jsonl": f'{{"text": "{CANARY}'.encode(),
    "b.jsonl": f'{{"text": "{CANARY}"}} {CANARY}'.encode(),
    "c.jsonl": f'{{"text": "{CANARY}\xff"}}'.encode("latin-1"),
    "d.jsonl": f'{{"{CANARY}": NaN}}'.encode(),
    "e.jsonl": ('{"' + CANARY + '": ' + "[" * 5000).encode(),
    "a.json": f'[{{"text": "{CANARY}"}}, {CANARY}]'.encode(),
    "a.csv": f'text,n\n"{CANARY}"x,1\n'.encode(),
    "b.csv": f'text,n\n"{CANARY}'.encode(),
    "c.csv": f"text,n\n{CANARY}\xff,1\n".encode("latin-1"),
    "a.txt": f"{CANARY}\xff".encode("latin-1"),
    "a.parquet": b"PAR1" + CANARY.encode() + b"PAR1",
    "a.arrow": b"ARROW1" + CANARY.encode(),
    "a.jsonl.gz": gzip.compress(CANARY.encode())[:-4],
    "a.png": CANARY.encode(),
}


def chain(error: BaseException | None) -> list[BaseException]:
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        found += chain(error.__cause__)
        error = error.__context__
    return found


@pytest.mark.parametrize("name", BROKEN)
def test_no_refusal_shows_a_value(name: str) -> None:
    items = list(source_from_bytes(name, BROKEN[name]).read())
    assert refused(items)
    shown = repr([i for i in items if isinstance(i, Unscanned)]) + repr(records(items))
    for start in range(len(CANARY) - 4):
        assert CANARY[start : start + 4] not in shown


@pytest.mark.parametrize("name", BROKEN)
def test_no_exception_of_the_room_keeps_a_value(name: str, monkeypatch: Any) -> None:
    from gatekeeper.read import refusal

    raised: list[BaseException] = []
    original = refusal.Refusal.unscanned

    def kept(self: Any, *args: Any, **kwargs: Any) -> Unscanned:
        raised.append(self)
        return original(self, *args, **kwargs)

    monkeypatch.setattr(refusal.Refusal, "unscanned", kept)
    list(source_from_bytes(name, BROKEN[name]).read())
    assert raised
    for error in raised:
        for link in chain(error):
            assert CANARY[:8] not in repr(link.args) + repr(vars(link)), type(link)


def test_reading_lines_needs_neither_pyarrow_nor_zstandard() -> None:
    code = (
        "import sys\nfrom gatekeeper.read import source_from_bytes\n"
        "for n, d in [('a.jsonl', b'{\"a\": 1}'), ('a.csv', b'text\\nx\\n'), ('a.json', b'[1]'),"
        " ('a.txt', b'x')]:\n    assert list(source_from_bytes(n, d).read())\n"
        "heavy = {'pyarrow', 'zstandard', 'numpy', 'pandas', 'spacy', 'presidio_analyzer'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("package", "name", "data"),
    [
        ("pyarrow", "a.parquet", b"PAR1....PAR1"),
        ("zstandard", "a.jsonl.zst", b"\x28\xb5\x2f\xfd...."),
    ],
)
def test_a_missing_package_is_a_refusal_that_names_it(
    package: str, name: str, data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    (item,) = read(name, data)
    assert isinstance(item, Unscanned)
    assert item.reason == "missing-package"
    assert "gatekeeper[arrow]" in item.detail


class Dribble:
    """A stream that gives its bytes a few at a time."""

    def __init__(self, data: bytes, sizes: list[int]) -> None:
        self._data = data
        self._sizes = sizes
        self._reads = 0

    def read(self, size: int = 1 << 18) -> bytes:
        self._reads += 1
        size = min(size, self._sizes[self._reads % len(self._sizes)])
        piece, self._data = self._data[:size], self._data[size:]
        return piece


READERS: dict[str, Any] = {
    "jsonl": read_jsonl,
    "json": read_document,
    "csv": partial(read_delimited, tabs=False),
    "text": read_text,
}


@settings(max_examples=200)
@given(
    st.sampled_from(sorted(READERS)),
    st.lists(JSON, min_size=1, max_size=4),
    st.lists(st.integers(1, 9), min_size=1, max_size=5),
    st.booleans(),
)
def test_where_the_blocks_end_makes_no_difference(
    name: str, rows: list[Any], sizes: list[int], ascii_only: bool
) -> None:
    written = [json.dumps(row, ensure_ascii=ascii_only) for row in rows]
    text = f"[{', '.join(written)}]" if name == "json" else "\n".join(written)
    data = text.encode()
    limits = Limits(chunk_characters=50, overlap_characters=10)

    def items(stream: Any) -> list[Any]:
        found = list(READERS[name](stream, "a", limits))
        return [i for i in found if not isinstance(i, int)] if name != "text" else texts(found)

    try:
        whole = items(Dribble(data, [1 << 20]))
    except Refusal as refused_whole:
        with pytest.raises(Refusal, match=refused_whole.reason):
            items(Dribble(data, sizes))
        return
    assert items(Dribble(data, sizes)) == whole
