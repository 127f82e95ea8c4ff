"""Datasets in memory → rows, a batch at a time, with nothing left out that the dataset stores.

Types of other packages are known by name, so that none of them is imported here. What a table
holds beside its columns (an index with labels, metadata of the schema, attributes) is sensitive as
well: labels stand in their row, metadata follows the last row as one more record, so that record
`n` is always row `n`.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from gatekeeper.errors import UsageError
from gatekeeper.integrations.canonical import unique

Rows = Callable[[], Iterator[Any]]
"""Begins a pass over the rows."""

BATCH = 1000
"""Rows that are turned into Python values at once."""

_ASKED_NAMES = 100
"""Strings of which it is asked whether they are names of files."""

_ACCEPTED = (
    "give a path, an iterable of dicts or strings, a pandas, polars or pyarrow table, or a "
    "datasets.Dataset"
)


def named_rows(x: Any) -> dict[str, Rows]:
    """Name → rows of each table in `x`: one, or one for every split.

    Raises UsageError where `x` is nothing that has rows.
    """
    kinds = _kinds(x)
    if kinds & {"datasets.DatasetDict", "datasets.IterableDatasetDict"} or (
        isinstance(x, dict) and x and all(_table(split) for split in x.values())
    ):
        return {f"dataset/{name}": _rows(split) for name, split in x.items()}
    return {"dataset": _rows(x)}


def is_one_shot(x: Any) -> bool:
    """Whether reading `x` once uses it up."""
    return isinstance(x, Iterator) or "pyarrow.RecordBatchReader" in _kinds(x)


def _rows(x: Any) -> Rows:
    table = _table(x)
    if table is not None:
        return lambda: table(x)
    kind = type(x).__name__
    if "polars.LazyFrame" in _kinds(x):
        raise UsageError("a lazy frame has no rows yet", hint="give frame.collect()")
    if "pyarrow.RecordBatchReader" in _kinds(x):
        raise UsageError("a reader of record batches can be read only once", hint="give read_all()")
    unfit = isinstance(x, (str, bytes, bytearray, Mapping, io.IOBase, type)) or callable(x)
    if unfit or not (isinstance(x, Iterable) or hasattr(x, "__getitem__")):
        raise UsageError(f"a {kind} is no dataset", hint=_ACCEPTED)
    return lambda: _items(x)


def _kinds(x: Any) -> frozenset[str]:
    """`package.Class` of every class that `x` is an instance of."""
    return frozenset(f"{c.__module__.partition('.')[0]}.{c.__name__}" for c in type(x).__mro__)


def _table(x: Any) -> Callable[[Any], Iterator[Any]] | None:
    kinds = _kinds(x)
    return next((rows for kind, rows in _TABLES.items() if kind in kinds), None)


def _items(x: Iterable[Any]) -> Iterator[Any]:
    for number, item in enumerate(x):
        is_name = isinstance(item, str) and len(item) < 1024 and number < _ASKED_NAMES
        if isinstance(item, os.PathLike) or (is_name and os.path.lexists(item.replace("\0", ""))):
            raise UsageError(
                f"item {number} names a file, and the file would not be looked into",
                hint="give the path itself, or a list of nothing but pathlib.Path",
            )
        yield item


def _pandas(frame: Any) -> Iterator[Any]:
    labels = [] if _is_counted(frame.index) else list(frame.index.names)
    columns = unique(
        [*("index" if n is None else n for n in labels), *frame.columns.to_flat_index()]
    )
    for start in range(0, len(frame), BATCH):
        part = frame.iloc[start : start + BATCH]
        held = [part.index.get_level_values(i) for i in range(len(labels))]
        held += [part.iloc[:, i] for i in range(part.shape[1])]
        if not held:
            yield from ({} for _ in range(len(part)))
        for row in zip(*held, strict=True):
            yield dict(zip(columns, row, strict=True))
    if frame.attrs:
        yield {"attrs": frame.attrs}


def _is_counted(index: Any) -> bool:
    """Whether `index` is 0, 1, 2, … and so says nothing."""
    return "pandas.RangeIndex" in _kinds(index) and index.name is None


def _series(series: Any) -> Iterator[Any]:
    return _pandas(series.to_frame("value" if series.name is None else series.name))


def _polars(frame: Any) -> Iterator[Any]:
    return iter(frame.iter_rows(named=True))


def _arrow(table: Any) -> Iterator[Any]:
    for batch in table.to_batches(max_chunksize=BATCH):
        yield from _batch(batch)
    yield from _metadata(table.schema)


def _batch(batch: Any) -> Iterator[Any]:
    columns = unique(batch.schema.names)
    held = [column.to_pylist() for column in batch.columns]
    if not held:
        yield from ({} for _ in range(batch.num_rows))
    for row in zip(*held, strict=True):
        yield dict(zip(columns, row, strict=True))


def _record_batch(batch: Any) -> Iterator[Any]:
    for start in range(0, batch.num_rows, BATCH):
        yield from _batch(batch.slice(start, BATCH))
    yield from _metadata(batch.schema)


def _metadata(schema: Any) -> Iterator[Any]:
    """What the schema and its fields say beside their names, as one record."""
    said = [schema.metadata, *(field.metadata for field in schema)]
    if any(said):
        yield {"metadata": [{_text(k): v for k, v in m.items()} for m in said if m]}


def _text(key: bytes) -> str:
    return key.decode("utf-8", "backslashreplace")


def _hugging_face(dataset: Any) -> Iterator[Any]:
    """As Arrow, whatever format is set: columns that a format hides are there, media is bytes."""
    schema = None
    for table in dataset.with_format("arrow").iter(batch_size=BATCH):
        schema = table.schema
        for batch in table.to_batches():
            yield from _batch(batch)
    if schema is not None:
        yield from _metadata(schema)


_TABLES: Mapping[str, Callable[[Any], Iterator[Any]]] = {
    "pandas.DataFrame": _pandas,
    "pandas.Series": _series,
    "polars.DataFrame": _polars,
    "pyarrow.Table": _arrow,
    "pyarrow.RecordBatch": _record_batch,
    "datasets.Dataset": _hugging_face,
    "datasets.IterableDataset": _hugging_face,
}
"""Class → its rows."""
