"""What a source is: by its suffix, held against its first bytes."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import PurePath

from gatekeeper.errors import UsageError
from gatekeeper.model.display import shown
from gatekeeper.read.refusal import Refusal

HEAD_BYTES = 1 << 16
"""How much of a source is looked at before it is read."""

SUFFIXES = {
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "json",
    ".csv": "csv", ".tsv": "tsv", ".tab": "tsv",
    ".parquet": "parquet", ".arrow": "arrow", ".arrows": "arrow", ".feather": "arrow",
    ".ipc": "arrow",
    ".txt": "text", ".text": "text", ".md": "text", ".markdown": "text", ".rst": "text",
    ".log": "text",
}  # fmt: skip
COMPRESSIONS = {".gz": "gzip", ".zst": "zstd"}
FORMATS = ("jsonl", "json", "csv", "tsv", "parquet", "arrow", "text")

_MAGICS = (
    (b"\x1f\x8b", "gzip"), (b"\x28\xb5\x2f\xfd", "zstd"), (b"PAR1", "parquet"),
    (b"ARROW1", "arrow"), (b"FEA1", "feather version 1"), (b"\x89PNG", "a png image"),
    (b"\xff\xd8\xff", "a jpeg image"), (b"GIF8", "a gif image"), (b"PK\x03\x04", "a zip archive"),
    (b"PK\x05\x06", "a zip archive"), (b"%PDF-", "a pdf"), (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"), (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"SQLite format 3\x00", "a sqlite database"), (b"\x7fELF", "a program"), (b"RIFF", "media"),
    (b"OggS", "media"), (b"\x93NUMPY", "a numpy array"), (b"\x89HDF", "hdf5"),
    (b"PAGE_INDEX", "a page index"), (b"ORC", "orc"), (b"Obj\x01", "avro"),
    *((bytes([0x80, version]), "a pickle") for version in range(2, 6)),
)  # fmt: skip
_POINTERS = (
    (b"version https://git-lfs.github.com/spec/", "a git-lfs pointer; run `git lfs pull`"),
    (b"version https://hawser.github.com/spec/", "a git-lfs pointer; run `git lfs pull`"),
    (b"/annex/objects/", "a git-annex pointer; run `git annex get`"),
    (b"outs:\n- md5:", "a dvc pointer; run `dvc pull`"),
    (b"outs:\n- hash:", "a dvc pointer; run `dvc pull`"),
    (b"outs:\n- etag:", "a dvc pointer; run `dvc pull`"),
)
_ARROW_STREAM = b"\xff\xff\xff\xff"


@dataclass(frozen=True, slots=True)
class Format:
    """How to read a source. `name` is empty where the bytes have yet to tell."""

    name: str
    compression: str | None = None


def format_of_name(name: str) -> Format:
    """The format that the suffix of `name` claims; raises Refusal where it is not supported."""
    path = PurePath(name.lower())
    compression = COMPRESSIONS.get(path.suffix)
    if compression:
        path = path.with_suffix("")
        if path.suffix in COMPRESSIONS:
            raise Refusal("nested-compression", "compressed twice; unpack one layer")
    if not path.suffix:
        return Format("", compression)
    if path.suffix == ".dvc":
        raise Refusal("pointer-file", "a dvc pointer, not the data; run `dvc pull`")
    if path.suffix not in SUFFIXES:
        known = " ".join(SUFFIXES)
        suffix = shown(path.suffix[:20])
        raise Refusal("unsupported-format", f"`{suffix}` is not supported; supported: {known}")
    return Format(SUFFIXES[path.suffix], compression)


def format_of_option(option: str) -> Format:
    """The format of `--input-format`: a name of `FORMATS`, with `.gz` or `.zst` where compressed.

    Raises UsageError for any other word.
    """
    name, dot, ending = option.lower().partition(".")
    compression = COMPRESSIONS.get(dot + ending) if dot else None
    if name not in FORMATS or (dot and compression is None):
        raise UsageError(
            f"unknown input format `{shown(option[:40])}`",
            hint=f"use one of {', '.join(FORMATS)}, with .gz or .zst where compressed",
        )
    return Format(name, compression)


def check_option(chosen: Format, name: str) -> None:
    """Refuse to read as plain text a file that says by its name that it is structured.

    In plain text no line is broken, and no flag makes clean what was refused (DESIGN law 9).
    """
    named = ""
    with suppress(Refusal):
        named = format_of_name(name).name
    if chosen.name == "text" and named not in ("", "text"):
        raise Refusal(
            "format-mismatch",
            f"the suffix says {named}: it is not read as text; name it for what it is",
        )


def check_pointer_file(head: bytes) -> None:
    """Refuse a file that only says where the data is."""
    for magic, detail in _POINTERS:
        if head.startswith(magic):
            raise Refusal("pointer-file", f"{detail}: this is not the data")


def compression_of(claimed: Format, head: bytes, *, explicit: bool) -> str | None:
    """The compression that the stored bytes show. Raises Refusal where the name claims another.

    `explicit` says that `claimed` came from a person, who may leave the compression out.
    """
    shows = magic_of(head)
    found = shows if shows in ("gzip", "zstd") else None
    if claimed.compression and found != claimed.compression:
        raise mismatch(f"the suffix says {claimed.compression}", shows)
    if found and claimed.name and not claimed.compression and not explicit:
        raise mismatch(f"the suffix says {claimed.name}", shows)
    return found


def settle(claimed: str, head: bytes) -> str:
    """The format to read: `claimed`, or what `head` (decompressed) shows. Raises Refusal."""
    shows = magic_of(head)
    if shows in ("gzip", "zstd"):
        raise Refusal("nested-compression", "compressed twice; unpack one layer")
    if not claimed:
        return _sniff(head, shows)
    if claimed == "parquet":
        agrees = shows == "parquet"
    elif claimed == "arrow":
        agrees = shows == "arrow" or head.startswith(_ARROW_STREAM)
    else:
        agrees = not shows
    if not agrees or (claimed in ("csv", "tsv") and _is_object(head.split(b"\n", 1)[0])):
        raise mismatch(f"the suffix says {claimed}", shows)
    return claimed


def magic_of(head: bytes) -> str:
    """What kind of binary content `head` begins; empty where it may be text."""
    return next((kind for magic, kind in _MAGICS if head.startswith(magic)), "")


def mismatch(claim: str, shows: str) -> Refusal:
    """The name and the bytes tell two stories."""
    return Refusal(
        "format-mismatch",
        f"{claim}, the content is {shows or 'something else'}; name it for what it is",
    )


def _sniff(head: bytes, shows: str) -> str:
    if shows in ("parquet", "arrow"):
        return shows
    if shows:
        raise Refusal("unsupported-format", f"the content is {shows}, which is not supported")
    if head.startswith(_ARROW_STREAM):
        return "arrow"
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n")
    if text.startswith(b"["):
        return "json"
    if text.startswith(b"{"):
        return "jsonl" if _is_object(text.split(b"\n", 1)[0]) else "json"
    return "text"


def _is_object(line: bytes) -> bool:
    """Whether `line` is one whole JSON object."""
    if not line.lstrip(b"\xef\xbb\xbf \t").startswith(b"{"):
        return False
    try:
        json.loads(line.decode("utf-8-sig"), parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return False
    return True
