"""Rows of an Arrow record batch → the values that the walk takes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gatekeeper.read.limits import Limits
from gatekeeper.read.refusal import Refusal, over_limit
from gatekeeper.read.strict_json import Value


def rows_of(pa: Any, batch: Any, limits: Limits) -> Iterator[list[Value] | Refusal]:
    """Each row of `batch` as its columns' values, or why that row is refused."""
    if _fits(pa, batch, limits):
        columns = _columns(pa, batch)
        if columns is not None:
            yield from ([column[n] for column in columns] for n in range(batch.num_rows))
            return
    for n in range(batch.num_rows):
        yield _row(pa, batch.slice(n, 1), limits)


def _row(pa: Any, row: Any, limits: Limits) -> list[Value] | Refusal:
    if weight_of(pa, row) > limits.max_record_bytes:
        return over_limit("the row", limits.max_record_bytes, "bytes")
    if _count(pa, row) > limits.max_values:
        return over_limit("the number of values in a row", limits.max_values, "values")
    columns = _columns(pa, row)
    if columns is None:
        return Refusal("not-utf8", "a value cannot be read as text; write it as utf-8 strings")
    return [column[0] for column in columns]


def _fits(pa: Any, batch: Any, limits: Limits) -> bool:
    """Whether the whole batch may be unfolded at once."""
    small = weight_of(pa, batch) <= limits.max_record_bytes
    return small and _count(pa, batch) <= limits.max_values


def weight_of(pa: Any, batch: Any) -> int:
    """The bytes of `batch` with every dictionary unfolded."""
    return sum(_array_weight(pa, column) for column in batch.columns)


def _array_weight(pa: Any, array: Any) -> int:
    if not pa.types.is_dictionary(array.type):
        return int(array.nbytes)
    from pyarrow import compute

    kind = array.type.value_type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_binary(kind):
        lengths = compute.binary_length(array.dictionary)
        return int(compute.sum(compute.take(lengths, array.indices)).as_py() or 0)
    return int(array.dictionary.nbytes) * max(1, len(array))


def _count(pa: Any, batch: Any) -> int:
    """How many values the rows of `batch` hold, those inside lists counted each."""
    return sum(_array_count(pa, column) for column in batch.columns)


def _array_count(pa: Any, array: Any) -> int:
    kinds = pa.types
    kind = array.type
    if kinds.is_map(kind):
        return len(array.keys) + _array_count(pa, array.items)
    if kinds.is_list(kind) or kinds.is_large_list(kind) or kinds.is_fixed_size_list(kind):
        return len(array) + _array_count(pa, array.flatten())
    if kinds.is_struct(kind):
        return len(array) + sum(_array_count(pa, member) for member in array.flatten())
    return len(array)


def _columns(pa: Any, batch: Any) -> list[list[Value]] | None:
    """Every column's values; None where one of them cannot be made."""
    try:
        return [[_value(v) for v in _as_text(pa, column).to_pylist()] for column in batch.columns]
    except (pa.ArrowException, ValueError, OverflowError):
        # A string that is not UTF-8, a nested time that Python cannot hold, repeated field names.
        return None


def _as_text(pa: Any, array: Any) -> Any:
    """`array`, with times and dates written out by Arrow, which holds more than Python's do."""
    if pa.types.is_duration(array.type) or pa.types.is_interval(array.type):
        return array.cast(pa.int64()) if pa.types.is_duration(array.type) else array
    return array.cast(pa.string()) if pa.types.is_temporal(array.type) else array


def _value(value: Any) -> Value:
    """`value` as the walk takes it: an object as pairs, a number as its text."""
    if value is None or isinstance(value, (str, bytes, bool)):
        return value
    if isinstance(value, dict):
        return tuple([(str(key), _value(member)) for key, member in value.items()])
    if isinstance(value, list):
        if value and all(isinstance(item, tuple) and len(item) == 2 for item in value):
            return tuple([(str(_value(key)), _value(member)) for key, member in value])
        return [_value(item) for item in value]
    return str(value)
