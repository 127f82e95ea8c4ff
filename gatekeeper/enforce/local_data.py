"""Datasets for local training: copied byte for byte under neutral names, their shape told.

What a training library cannot read as it stands is converted losslessly, and the conversion is
tied to the original by both digests. What cannot be converted is kept as it is, and said so.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, cast

from gatekeeper.enforce.shapes import Shape, shape_of
from gatekeeper.errors import ConfigError, DatasetChanged, InputError
from gatekeeper.model.snapshot import Snapshot
from gatekeeper.vault.durable import create_private, open_regular, reason, sync_file

CHUNK_BYTES = 1 << 20
HEAD_BYTES = 16 << 20
"""How much of a file is looked at to tell its shape: one row of it, whole."""

_FORMATS = {
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "json",
    ".csv": "csv", ".tsv": "tsv", ".tab": "tsv",
    ".parquet": "parquet", ".arrow": "arrow", ".feather": "arrow", ".ipc": "arrow",
    ".txt": "txt", ".text": "txt", ".md": "txt", ".markdown": "txt", ".rst": "txt", ".log": "txt",
}  # fmt: skip
_PACKED = (".gz", ".zst")


class Content(NamedTuple):
    """One file that was decided on: display name, where it lies, the digest that was scanned.

    What has no path (stdin, rows in memory) comes as its snapshot. `format` is the reader's name
    of the format; where it is empty, the suffix of `name` tells.
    """

    name: str
    where: Path | Snapshot
    digest: str
    format: str = ""


@dataclass(frozen=True, slots=True)
class LocalFile:
    """One file of a hand-off; `file` is relative to the folder. `shape` is None where it could not
    be told.
    """

    file: str
    name: str
    digest: str
    size_bytes: int
    format: str
    shape: Shape | None

    def to_json(self) -> dict[str, Any]:
        """As `handoff.json` holds it."""
        return {
            "file": self.file,
            "name": self.name,
            "digest": self.digest,
            "bytes": self.size_bytes,
            "format": self.format,
            "shape": self.shape.value if self.shape else None,
        }


def copy_in(contents: Sequence[Content], folder: Path) -> tuple[LocalFile, ...]:
    """Copy every content into `folder`, as `train.<suffix>` or `train-00001.<suffix>` and so on.

    Raises:
        DatasetChanged: the bytes are no longer those of the digest.
        InputError: a file cannot be read.
    """
    folder.mkdir(mode=0o700)
    alone = len(contents) == 1
    return tuple(
        _copy_one(content, folder, "train" if alone else f"train-{number:05d}")
        for number, content in enumerate(contents, 1)
    )


def _copy_one(content: Content, folder: Path, stem: str) -> LocalFile:
    form, packed = _format_of(content)
    target = folder / f"{stem}.{form}{packed}"
    why, size, digest = "", 0, hashlib.sha256()
    try:
        with _opened(content.where) as source, create_private(target) as sink:
            while data := source.read(CHUNK_BYTES):
                digest.update(data)
                size += sink.write(data)
            sync_file(sink)
    except OSError as e:
        why = reason(e)
    if why:
        raise InputError(f"{content.name}: it could not be copied: {why}")
    found = f"sha256:{digest.hexdigest()}"
    if found != content.digest:
        raise DatasetChanged(
            f"{content.name}: it changed since it was scanned; nothing was handed off",
            hint="run the command again",
        )
    file = f"{folder.name}/{target.name}"
    return LocalFile(file, content.name, found, size, form + packed, _shape(target, form, packed))


def _opened(where: Path | Snapshot) -> AbstractContextManager[BinaryIO]:
    return open_regular(where) if isinstance(where, Path) else where.open()


def _format_of(content: Content) -> tuple[str, str]:
    """(format, packing) as suffixes; the format is `bin` where it is not known."""
    lower = content.name.lower()
    packed = next((p for p in _PACKED if lower.endswith(p)), "")
    suffix = f".{content.format}" if content.format else Path(lower.removesuffix(packed)).suffix
    return _FORMATS.get(suffix, "bin"), packed


# --- the shape, from the first row ----------------------------------------------------------


def _shape(path: Path, form: str, packed: str) -> Shape | None:
    """The shape of the first row; None where there is none to be read, which is no error here."""
    try:
        return _shape_of_first(path, form, packed)
    except (OSError, EOFError, ValueError, ImportError, csv.Error):
        return None


def _shape_of_first(path: Path, form: str, packed: str) -> Shape | None:
    if form == "txt":
        return Shape.TEXT
    readers = {"jsonl": _jsonl_keys, "json": _json_keys, "csv": _csv_keys, "tsv": _csv_keys}
    if form in readers:
        with _unpacked(path, packed) as stream:
            return shape_of(readers[form](stream))
    if form == "parquet" and not packed:
        return shape_of(_parquet_keys(path))
    return None


@contextmanager
def _unpacked(path: Path, packed: str) -> Iterator[BinaryIO]:
    with path.open("rb") as raw:
        if packed == ".gz":
            with gzip.open(raw) as stream:
                yield cast("BinaryIO", stream)
        elif packed == ".zst":
            yield _unpacked_zst(raw)
        else:
            yield raw


def _unpacked_zst(raw: BinaryIO) -> BinaryIO:
    import zstandard

    reader = zstandard.ZstdDecompressor().stream_reader(raw, read_across_frames=True)
    return cast("BinaryIO", io.BufferedReader(reader))


def _jsonl_keys(stream: BinaryIO) -> list[str]:
    import orjson

    row = orjson.loads(stream.readline(HEAD_BYTES))
    return list(row) if isinstance(row, dict) else []


def _json_keys(stream: BinaryIO) -> list[str]:
    import orjson

    rows = orjson.loads(stream.read(HEAD_BYTES))
    return list(rows[0]) if isinstance(rows, list) and rows and isinstance(rows[0], dict) else []


def _csv_keys(stream: BinaryIO) -> list[str]:
    line = stream.readline(HEAD_BYTES).decode("utf-8-sig")
    delimiter = max(",\t;|", key=line.count)
    return next(csv.reader([line], delimiter=delimiter), [])


def _parquet_keys(path: Path) -> list[str]:
    import pyarrow.parquet

    return list(pyarrow.parquet.read_schema(path).names)


# --- conversion -----------------------------------------------------------------------------


def convert(file: LocalFile, source: Path, target: Path) -> LocalFile:
    """`source` as JSONL that TRL reads, in the new file `target`: the same rows, other keys.

    Raises InputError, with the line, for a row that is not of the file's shape.
    """
    import orjson

    as_trl = _CONVERSIONS[cast("Shape", file.shape)]
    packed = next((p for p in _PACKED if source.name.endswith(p)), "")
    size, digest = 0, hashlib.sha256()
    with _unpacked(source, packed) as stream, create_private(target) as sink:
        for number, line in enumerate(stream, 1):
            data = None
            try:
                data = orjson.dumps(as_trl(orjson.loads(line)), option=orjson.OPT_APPEND_NEWLINE)
            except (ValueError, KeyError, TypeError):
                data = None
            if data is None:
                raise InputError(f"{file.name}: line {number}: not of the shape {file.shape}")
            digest.update(data)
            size += sink.write(data)
        sync_file(sink)
    name = f"{target.parent.name}/{target.name}"
    shape = CONVERTED[cast("Shape", file.shape)]
    return LocalFile(name, file.file, f"sha256:{digest.hexdigest()}", size, "jsonl", shape)


def can_convert(file: LocalFile) -> bool:
    """Whether TRL needs another form of `file`, and `convert` makes it."""
    return file.shape in CONVERTED and file.format.split(".")[0] == "jsonl"


def _from_alpaca(row: Mapping[str, Any]) -> dict[str, Any]:
    asked = row["instruction"] + (f"\n\n{row['input']}" if row.get("input") else "")
    return {"prompt": asked, "completion": row["output"]}


def _from_hosted_preference(row: Mapping[str, Any]) -> dict[str, Any]:
    tools = {"tools": row["input"]["tools"]} if row["input"].get("tools") else {}
    return {
        "prompt": row["input"]["messages"],
        "chosen": row["preferred_output"],
        "rejected": row["non_preferred_output"],
        **tools,
    }


_CONVERSIONS = {
    Shape.ALPACA: _from_alpaca,
    Shape.HOSTED_PREFERENCE: _from_hosted_preference,
}
CONVERTED = {Shape.ALPACA: Shape.COMPLETION, Shape.HOSTED_PREFERENCE: Shape.PREFERENCE}
"""Shapes that TRL does not read as they stand, and what they become."""


def digest_of_file(path: Path) -> str:
    """`sha256:…` of the regular file `path`; raises ConfigError where it cannot be read."""
    whole, why = hashlib.sha256(), ""
    try:
        with open_regular(path) as stream:
            while data := stream.read(CHUNK_BYTES):
                whole.update(data)
    except OSError as e:
        why = reason(e)
    if why:
        raise ConfigError(f"the hand-off lacks {path.name}: {why}")
    return f"sha256:{whole.hexdigest()}"


def as_document(value: Mapping[str, Any]) -> bytes:
    """`value` as JSON for people to read."""
    return json.dumps(value, indent=2, ensure_ascii=True).encode("ascii") + b"\n"
