"""Parquet and Arrow IPC, by batches of rows, through pyarrow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from gatekeeper.model.pointer import safe_token
from gatekeeper.read.arrow_values import rows_of, weight_of
from gatekeeper.read.limits import Limits
from gatekeeper.read.refusal import Items, Refusal, over_limit, uncovered
from gatekeeper.read.shapes import KNOWN_KEYS
from gatekeeper.read.streams import StoredStream, Stream, read_up_to
from gatekeeper.read.strict_json import Value
from gatekeeper.read.walk import Walk

_BATCH_ROWS = 128
_END_OF_STREAM = b"\xff\xff\xff\xff\x00\x00\x00\x00"
_ROW_BYTES = 16
"""What a row counts at least, so that a column of nulls cannot stand for endless rows."""

_OWN_METADATA = frozenset({"ARROW:schema"})
"""The schema again, in another encoding."""


def read_columnar(name: str, stream: Stream, stored: StoredStream, raw: BinaryIO | None,
                  source: str, limits: Limits) -> Items:  # fmt: skip
    """The rows of a Parquet or Arrow file as records; its metadata is read with the first.

    `raw` is the file where it can be sought in: it is hashed whole first, and its identity is
    compared afterwards. Anything else is held in memory, up to a limit. Raises Refusal where the
    file is damaged, or pyarrow is missing.
    """
    pa = _load_pyarrow()
    if raw is None:
        data = read_up_to(stream, limits.max_in_memory_bytes + 1)
        if len(data) > limits.max_in_memory_bytes:
            raise over_limit("columnar data in memory", limits.max_in_memory_bytes, "bytes")
        file, size_bytes = pa.BufferReader(data), len(data)
    else:
        stored.drain()
        raw.seek(0)
        file, size_bytes = pa.PythonFile(_Unclosed(raw), mode="r"), stored.bytes_seen
    stored.drain()
    table = _opened(pa, name, file, size_bytes)
    if table.unclaimed_bytes:
        yield uncovered(table.unclaimed_bytes).unscanned(source, table.unclaimed_bytes)
    size_bytes = stored.bytes_seen - table.unclaimed_bytes
    yield from _records(pa, table, size_bytes, source, limits, Budget())


@dataclass(slots=True)
class Budget:
    """How many bytes the rows may unfold to, and how many they did."""

    allowed_bytes: int = 0
    spent_bytes: int = 0

    def spend(self, size_bytes: int, limits: Limits) -> None:
        """Raises Refusal where more was spent than is allowed."""
        self.spent_bytes += size_bytes
        if self.spent_bytes > self.allowed_bytes:
            detail = f"unfolds to more than {limits.max_ratio} times its size; unpack it"
            raise Refusal("decompression-bomb", detail)


def read_groups(raw: BinaryIO, numbers: tuple[int, ...], rows_before: int, size_bytes: int,
                source: str, limits: Limits, budget: Budget) -> Items:  # fmt: skip
    """The rows of some row groups of the Parquet file `raw`, as `read_columnar` gives them.

    Its metadata is read with the first row of the file. Raises Refusal where a part is damaged, or
    the budget is spent.
    """
    pa = _load_pyarrow()
    table = _opened(pa, "parquet", pa.PythonFile(_Unclosed(raw), mode="r"), size_bytes, numbers)
    if table.unclaimed_bytes and not rows_before:
        yield uncovered(table.unclaimed_bytes).unscanned(source, table.unclaimed_bytes)
    claimed = size_bytes - table.unclaimed_bytes
    yield from _records(pa, table, claimed, source, limits, budget, rows_before)


def groups_of(raw: BinaryIO) -> list[tuple[int, int]]:
    """The rows and the stored bytes of each row group. Raises Refusal where `raw` is damaged."""
    pa = _load_pyarrow()
    from pyarrow import parquet

    groups: list[tuple[int, int]] | None = None
    try:
        with pa.PythonFile(_Unclosed(raw), mode="r") as file:
            footer = parquet.read_metadata(file)
            found = (footer.row_group(n) for n in range(footer.num_row_groups))
            groups = [(group.num_rows, _stored_bytes(group)) for group in found]
    except _failures(pa):
        groups = None
    if groups is None:
        raise _damaged()
    return groups


def _stored_bytes(group: Any) -> int:
    return sum(group.column(n).total_compressed_size for n in range(group.num_columns))


class _Unclosed:
    """A file that pyarrow may close without closing it: its identity is asked for afterwards."""

    def __init__(self, raw: BinaryIO) -> None:
        self._raw = raw
        self.closed = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._raw, name)

    def close(self) -> None:
        self.closed = True


def _load_pyarrow() -> Any:
    try:
        import pyarrow as pa
    except ImportError:
        pass
    else:
        return pa
    raise Refusal("missing-package", "parquet and arrow need `pip install 'gatekeeper[arrow]'`")


class _Table:
    """What the readers of both formats have in common."""

    def __init__(self, schema: Any, metadata: dict[bytes, bytes], batches: Iterator[Any],
                 rows: int | None = None, unclaimed_bytes: int = 0) -> None:  # fmt: skip
        self.schema = schema
        self.metadata = metadata
        self.batches = batches
        self.rows = rows
        """How many rows there will be; None where only reading tells."""
        self.unclaimed_bytes = unclaimed_bytes
        """Bytes of the file that belong to no column and no index."""


def _failures(pa: Any) -> tuple[type[Exception], ...]:
    # What pyarrow raises on damaged files; messages are dropped, for they may quote the data.
    return (pa.ArrowException, OSError, ValueError, OverflowError)


def _opened(pa: Any, name: str, file: Any, size_bytes: int,
            groups: tuple[int, ...] | None = None) -> _Table:  # fmt: skip
    table: _Table | None = None
    try:
        if name == "parquet":
            table = _open_parquet(file, size_bytes, groups)
        else:
            table = _open_arrow(file, size_bytes)
    except _failures(pa):
        table = None
    if table is None:
        raise _damaged()
    return table


def _open_parquet(file: Any, size_bytes: int, groups: tuple[int, ...] | None) -> _Table:
    from pyarrow import parquet

    opened = parquet.ParquetFile(file, pre_buffer=False)
    batches = opened.iter_batches(batch_size=_BATCH_ROWS, row_groups=groups, use_threads=False)
    footer = opened.metadata
    unclaimed = _unclaimed_bytes(footer, size_bytes) if footer.num_rows else 0
    metadata = dict(footer.metadata or {})
    return _Table(opened.schema_arrow, metadata, batches, footer.num_rows, unclaimed)


def _unclaimed_bytes(footer: Any, size_bytes: int) -> int:
    """Bytes between the columns, and after them where the footer tells of no index there."""
    spans: list[tuple[int, int]] = []
    indexed = False
    for group in range(footer.num_row_groups):
        for n in range(footer.num_columns):
            chunk = footer.row_group(group).column(n)
            start = chunk.data_page_offset
            if chunk.has_dictionary_page and chunk.dictionary_page_offset:
                start = min(start, chunk.dictionary_page_offset)
            spans.append((start, start + chunk.total_compressed_size))
            indexed = indexed or chunk.has_offset_index or chunk.has_column_index
    at, unclaimed = len(b"PAR1"), 0
    for start, end in sorted(spans):
        unclaimed += max(0, start - at)
        at = max(at, end)
    footer_start = size_bytes - footer.serialized_size - len(b"size") - len(b"PAR1")
    return unclaimed if indexed else unclaimed + max(0, footer_start - at)


def _open_arrow(file: Any, size_bytes: int) -> _Table:
    from pyarrow import ipc

    magic = file.read(6)
    file.seek(0)
    if magic == b"ARROW1":
        opened = ipc.open_file(file)
        batches = (opened.get_batch(n) for n in range(opened.num_record_batches))
        return _Table(opened.schema, dict(opened.metadata or {}), batches)
    file.seek(max(0, size_bytes - len(_END_OF_STREAM)))
    if file.read(len(_END_OF_STREAM)) != _END_OF_STREAM:
        raise ValueError("the stream has no end")  # pyarrow takes a cut between batches for an end
    file.seek(0)
    stream = ipc.open_stream(file)
    return _Table(stream.schema, {}, _to_the_end(stream, file, size_bytes))


def _to_the_end(stream: Any, file: Any, size_bytes: int) -> Iterator[Any]:
    yield from stream
    if file.tell() != size_bytes:
        raise ValueError("bytes follow the stream")


def _damaged() -> Refusal:
    return Refusal("damaged", "the columnar file is cut or damaged; fetch or make it again")


def _records(pa: Any, table: _Table, size_bytes: int, source: str, limits: Limits,
             budget: Budget, rows_before: int = 0) -> Items:  # fmt: skip
    names = list(table.schema.names)
    pointers = [f"/{safe_token(name, n)}" if name else f"/{n}" for n, name in enumerate(names)]
    about = None if rows_before else _about(table, names, pointers, limits)
    budget.allowed_bytes = limits.ratio_floor_bytes + limits.max_ratio * size_bytes
    for index, row in enumerate(_rows(pa, table, limits, budget), rows_before):
        share = _share(index, table.rows, size_bytes)
        walked = row if isinstance(row, Refusal) else _walk(row, names, pointers, limits)
        if isinstance(walked, Refusal):
            yield walked.unscanned(source, max(1, share), f"record {index}")
        else:
            if about is not None:
                walked.texts[:0] = about.texts
                walked.media[:0] = about.media
                about = None
            yield from walked.items(source, index, share)


def _share(index: int, rows: int | None, size_bytes: int) -> int:
    """The bytes of the file that row `index` stands for: an equal share, for it has none itself."""
    if not rows or index >= rows:
        return 0
    return size_bytes * (index + 1) // rows - size_bytes * index // rows


def _walk(row: list[Value], names: list[str], pointers: list[str],
          limits: Limits) -> Walk | Refusal:  # fmt: skip
    walked = Walk(limits)
    try:
        for name, pointer, value in zip(names, pointers, row, strict=True):
            walked.value(value, pointer, name)
    except Refusal as refusal:
        return refusal
    return walked


def _rows(pa: Any, table: _Table, limits: Limits,
          budget: Budget) -> Iterator[list[Value] | Refusal]:  # fmt: skip
    """Each row's values, or why the row is refused. Raises Refusal where the rest is."""
    for batch in _batches(pa, table.batches):
        for start in range(0, batch.num_rows, _BATCH_ROWS):
            part = batch.slice(start, _BATCH_ROWS)
            budget.spend(part.num_rows * _ROW_BYTES + weight_of(pa, part), limits)
            yield from rows_of(pa, part, limits)


def _batches(pa: Any, batches: Iterator[Any]) -> Iterator[Any]:
    failed = False
    while not failed:
        batch = None
        try:
            batch = next(batches, None)
            if batch is not None:
                batch.validate(full=False)
        except _failures(pa):
            failed = True
        if batch is None and not failed:
            return
        if not failed:
            yield batch
    raise _damaged()


def _about(table: _Table, names: list[str], pointers: list[str], limits: Limits) -> Walk:
    """The column names, and every string of the schema's and the file's own metadata."""
    about = Walk(limits)
    for n, name in enumerate(names):
        if name not in KNOWN_KEYS:
            about.key(name, pointers[n], f"/#{n}")
    metadata = {**table.metadata, **(table.schema.metadata or {})}
    for field in table.schema:
        metadata.update(_field_metadata(field))
    for n, (key, value) in enumerate(metadata.items()):
        word = key.decode("utf-8", "replace")
        if word not in _OWN_METADATA:
            pointer = f"/#metadata/{safe_token(word, n)}"
            about.key(word, pointer, f"/#metadata/#{n}")
            about.value(value, pointer, word)
    return about


def _field_metadata(field: Any) -> dict[bytes, bytes]:
    """The metadata of `field` and of the fields inside it; ids that Parquet adds are left out."""
    found = {k: v for k, v in (field.metadata or {}).items() if k != b"PARQUET:field_id"}
    for n in range(field.type.num_fields):
        found.update(_field_metadata(field.type.field(n)))
    return found
