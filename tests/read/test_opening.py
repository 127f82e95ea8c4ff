"""Paths: everything in a folder is a source or a refusal, and nothing is followed or waited for."""

import io
import os
import pickle
import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gatekeeper.errors import InputError
from gatekeeper.model import Unscanned
from gatekeeper.read import Limits, Source, open_sources
from tests.read.helpers import only, read_source, reasons, values

ROW = b'{"text": "x"}\n'


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that others may enter, unlike pytest's own."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name)
        path.chmod(0o755)
        yield path


def names(found: list[Source | Unscanned], root: Path) -> list[tuple[str, str]]:
    """(name below the root, reason or format)"""
    return [
        (os.path.relpath(Path(s.name if isinstance(s, Source) else s.source), root), kind(s))
        for s in found
    ]


def kind(source: Source | Unscanned) -> str:
    refused = source.refused if isinstance(source, Source) else source
    return refused.reason if refused else source.format


def test_a_folder_is_walked_to_the_bottom_in_order(folder: Path) -> None:
    for name in ["b.jsonl", "a/z.txt", "a/deep/er/c.csv", ".hidden.jsonl", "A.JSONL"]:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(ROW if "json" in name.lower() else b"text,n\nx,1\n")
    for name in [".git/objects/x", ".gatekeeper/receipts/x.json", "a/.git/x.jsonl"]:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"not a dataset")
    assert names(open_sources([folder]), folder) == [
        (".hidden.jsonl", "jsonl"),
        ("A.JSONL", "jsonl"),
        ("a/deep/er/c.csv", "csv"),
        ("a/z.txt", "text"),
        ("b.jsonl", "jsonl"),
    ]


def test_a_folder_that_is_named_is_walked_whatever_it_is_called(folder: Path) -> None:
    (folder / ".git").mkdir()
    (folder / ".git" / "a.jsonl").write_bytes(ROW)
    assert [kind(s) for s in open_sources([folder / ".git"])] == ["jsonl"]


def test_what_is_no_regular_file_is_refused_without_waiting(folder: Path) -> None:
    (folder / "real.jsonl").write_bytes(ROW)
    outside = Path(tempfile.mkdtemp())
    (outside / "secret.jsonl").write_bytes(ROW)
    os.mkfifo(folder / "pipe.jsonl")
    (folder / "link.jsonl").symlink_to(outside / "secret.jsonl")
    (folder / "inside.jsonl").symlink_to(folder / "real.jsonl")
    (folder / "folder").symlink_to(outside)
    (folder / "dangling.jsonl").symlink_to(folder / "nothing")
    (folder / "loop").symlink_to(folder)
    (folder / "zero.jsonl").symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / "sock.jsonl"))
        found = dict(names(open_sources([folder]), folder))
    assert found == {
        "real.jsonl": "jsonl",
        "pipe.jsonl": "not-regular",
        "sock.jsonl": "not-regular",
        "link.jsonl": "symlink",
        "inside.jsonl": "symlink",
        "folder": "symlink",
        "dangling.jsonl": "symlink",
        "loop": "symlink",
        "zero.jsonl": "symlink",
    }


def test_a_link_given_by_hand_is_refused_with_what_to_do(folder: Path) -> None:
    (folder / "real.jsonl").write_bytes(ROW)
    (folder / "link.jsonl").symlink_to(folder / "real.jsonl")
    (item,) = open_sources([folder / "link.jsonl"])
    assert isinstance(item, Unscanned)
    assert (item.reason, item.opaque) == ("symlink", False)
    assert "points to" in item.detail


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null", "/dev/tty"])
def test_a_device_given_by_hand_is_refused(device: str) -> None:
    (item,) = open_sources([device])
    assert isinstance(item, Unscanned)
    assert item.reason in ("not-regular", "unreadable")


def test_a_path_that_is_not_there_is_an_input_error(folder: Path) -> None:
    with pytest.raises(InputError, match="no such file") as raised:
        open_sources([folder / "no\nsuch\x1b[31m.jsonl"])
    assert str(raised.value).isprintable()
    assert raised.value.exit_code == 3
    for name in ["a" * 5000, "nul\0name"]:
        with pytest.raises(InputError):
            open_sources([name])


def as_nobody(act: Callable[[], object]) -> object:
    """What `act` returns in a process of its own, without root's right to read everything."""
    read_end, write_end = os.pipe()
    child = os.fork()
    if not child:
        try:
            if os.geteuid() == 0:
                os.setgroups([])
                os.setgid(65534)
                os.setuid(65534)
            os.write(write_end, pickle.dumps(act()))
        finally:
            os._exit(0)
    os.close(write_end)
    with os.fdopen(read_end, "rb") as stream:
        result = pickle.loads(stream.read())  # noqa: S301  (our own child's)
    os.waitpid(child, 0)
    return result


def test_what_may_not_be_read_is_refused(folder: Path) -> None:
    (folder / "locked.jsonl").write_bytes(ROW)
    (folder / "locked.jsonl").chmod(0)
    (folder / "closed").mkdir()
    (folder / "closed" / "a.jsonl").write_bytes(ROW)
    (folder / "closed").chmod(0)
    (folder / "open.jsonl").write_bytes(ROW)
    try:
        found = as_nobody(lambda: names(open_sources([folder]), folder))
    finally:
        (folder / "closed").chmod(0o755)
    assert found == [("closed", "unreadable"), ("locked.jsonl", "unreadable"),
                     ("open.jsonl", "jsonl")]  # fmt: skip


def test_a_file_that_goes_away_or_turns_into_a_link_is_refused(folder: Path) -> None:
    path = folder / "a.jsonl"
    path.write_bytes(ROW)
    source = only(open_sources([path]))
    path.unlink()
    assert reasons(source.read()) == [("unreadable", "whole file")]
    path.symlink_to("/etc/passwd")
    assert reasons(source.read()) == [("unreadable", "whole file")]


@pytest.mark.parametrize("act", ["append", "truncate", "rewrite", "touch"])
@pytest.mark.parametrize("name", ["a.jsonl", "a.parquet"])
def test_a_file_that_changes_while_it_is_read_is_refused(folder: Path, act: str, name: str) -> None:
    path = folder / name
    if name == "a.parquet":
        pa = pytest.importorskip("pyarrow")
        pytest.importorskip("pyarrow.parquet").write_table(pa.table({"text": ["x"] * 9000}), path)
    else:
        path.write_bytes(ROW * 90_000)
    source = only(open_sources([path]))
    reading = source.read()
    items = [next(reading)]
    if act == "append":
        with path.open("ab") as stream:
            stream.write(ROW)
    elif act == "truncate":
        os.truncate(path, 100)
    elif act == "rewrite":
        with path.open("r+b") as stream:
            stream.seek(-10, os.SEEK_END)
            stream.write(b"canary")
    else:
        os.utime(path, ns=(1, 1))
    items += list(reading)
    assert "changed" in {reason for reason, _ in reasons(items)}
    changed = [i for i in items if isinstance(i, Unscanned) and i.reason == "changed"]
    assert changed[0].size_bytes >= reading.bytes_seen


def test_a_file_that_was_replaced_is_read_as_it_now_is(folder: Path) -> None:
    path = folder / "a.jsonl"
    path.write_bytes(ROW)
    source = only(open_sources([path]))
    path.write_bytes(b'{"text": "other"}\n')
    reading = source.read()
    assert values(list(reading)) == {"other"}
    path.write_bytes(b"\x89PNG....")
    assert reasons(list(source.read())) == [("format-mismatch", "whole file")]


def test_a_folder_without_files_is_not_clean(folder: Path) -> None:
    (folder / "inner").mkdir()
    assert [kind(s) for s in open_sources([folder])] == ["empty"]


def test_an_empty_file_is_not_clean(folder: Path) -> None:
    (folder / "a.jsonl").write_bytes(b"")
    (item,) = open_sources([folder])
    assert isinstance(item, Source)
    assert item.refused is not None
    assert (item.refused.reason, item.refused.size_bytes) == ("empty", 0)


def test_a_file_that_opens_but_cannot_be_read_still_has_a_digest(folder: Path) -> None:
    (folder / "sheet.xlsx").write_bytes(b"PK\x03\x04 not a table")
    (source,) = open_sources([folder])
    assert isinstance(source, Source)
    reading = source.read()
    (item,) = list(reading)
    assert isinstance(item, Unscanned)
    assert (item.reason, item.size_bytes) == ("unsupported-format", 16)
    assert reading.digest.startswith("sha256:")


def test_more_files_than_the_limit_are_a_refusal_not_a_gap(folder: Path) -> None:
    for n in range(5):
        (folder / f"{n}.jsonl").write_bytes(ROW)
    found = open_sources([folder], limits=Limits(max_files=3))
    assert [kind(s) for s in found] == ["jsonl", "jsonl", "jsonl", "over-limit"]
    assert len(open_sources([folder], limits=Limits(max_files=5))) == 5


@pytest.mark.parametrize(
    "name",
    ["new\nline.jsonl", "esc\x1b[31m.jsonl", "rtl\u202egnp.jsonl", "tab\t.jsonl", "back\\.jsonl",
     "~.jsonl", "-x.jsonl", " .jsonl", "ü.jsonl"],
)  # fmt: skip
def test_odd_names_are_read_and_shown_on_one_line(folder: Path, name: str) -> None:
    (folder / name).write_bytes(ROW)
    (folder / name.replace(".jsonl", ".xyz")).write_bytes(ROW)
    found = open_sources([folder])
    assert [kind(s) for s in found] == ["jsonl", "unsupported-format"]
    shown = [s.name if isinstance(s, Source) else s.source + s.detail for s in found]
    assert all(text.isprintable() for text in shown)


def test_a_name_that_is_not_utf8_is_read_and_shown(folder: Path) -> None:
    with open(os.fsencode(folder) + b"/caf\xe9.jsonl", "wb") as stream:  # noqa: PTH123
        stream.write(ROW)
    source = only(open_sources([folder]))
    assert source.name.isprintable()
    assert values(read_source(source)) == {"x"}


def test_stdin_is_held_so_that_it_can_be_read_twice() -> None:
    source = only(open_sources(["-"], stdin=io.BytesIO(ROW)))
    assert (source.name, source.path) == ("stdin", None)
    assert values(read_source(source)) == {"x"}
    assert values(read_source(source)) == {"x"}
    few = Limits(max_in_memory_bytes=len(ROW) - 1)
    with pytest.raises(InputError, match="standard input holds more"):
        list(only(open_sources(["-"], stdin=io.BytesIO(ROW), limits=few)).read())
    with pytest.raises(InputError, match="no standard input"):
        open_sources(["-"])
    source = only(open_sources(["-"], input_format="csv", stdin=io.BytesIO(b"text,n\nx,1\n")))
    assert values(read_source(source)) == {"x", "1"}
