"""One row in memory → one line of JSON, with nothing dropped.

What JSON has no form for becomes text (dates, decimals, UUIDs, paths). What cannot be looked into
(images, audio, tensors, bytes that are no text, unknown objects) stands as a data URI whose body is
the SHA-256 of the content: the JSONL reader counts that as opaque, and a change of the content
changes the digest of the line. NaN, NaT and NA become null. Two keys with one spelling stay two.
"""

from __future__ import annotations

import base64
import dataclasses
import datetime
import hashlib
import json
import math
import numbers
import os
from collections.abc import Iterable, Mapping, Sequence, Set
from typing import Any

import orjson

_OPTIONS = orjson.OPT_NON_STR_KEYS | orjson.OPT_PASSTHROUGH_DATACLASS
_DEPTH_MAX = 250
"""As deep as orjson goes; the reader refuses more than 200 levels by name."""

_NUMBERS_MAX = 1024
"""A longer array of numbers is a sound, a picture or a tensor, and no list of figures."""

_ABSENT = frozenset({"NaTType", "NAType"})


def line(row: Any) -> bytes:
    """`row` as one JSON object with its line end: a text as `{"text": …}`, else `{"value": …}`.

    Raises ValueError, TypeError or RecursionError for what no line can be made of; their messages
    may hold values.
    """
    try:
        encoded = orjson.dumps(row, default=_stand_in, option=_OPTIONS)
    except (TypeError, ValueError):
        encoded = b""
    if not encoded:  # half a surrogate pair, an integer over 64 bits, keys of unusual types
        encoded = json.dumps(_plain(row), allow_nan=False, separators=(",", ":")).encode("ascii")
    if not encoded.startswith(b"{"):
        key = b"text" if encoded.startswith(b'"') else b"value"
        encoded = b'{"%b":%b}' % (key, encoded)
    return encoded + b"\n"


def unique(names: Iterable[object]) -> list[str]:
    """`names` as text, no two alike: a second `a` becomes `a (2)`."""
    taken: set[str] = set()
    result = []
    for name in names:
        text = name if isinstance(name, str) else str(name)
        number, free = 1, text
        while free in taken:
            number += 1
            free = f"{text} ({number})"
        taken.add(free)
        result.append(free)
    return result


def _stand_in(value: Any) -> Any:
    """What stands for a value that JSON has no form for. It may in turn hold such values."""
    if isinstance(value, (bytes, bytearray, memoryview)):
        return _binary(bytes(value))
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Set):
        return sorted(value, key=repr)
    if isinstance(value, Sequence):
        return list(value)
    if type(value).__name__ in _ABSENT:
        return None
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
    return _foreign(value)


def _foreign(value: Any) -> Any:
    """Of other packages, known by what they can do, so that none has to be imported."""
    kind = type(value)
    if hasattr(kind, "model_dump"):  # pydantic
        return value.model_dump()
    if hasattr(kind, "as_py"):  # a scalar of pyarrow
        return value.as_py()
    if hasattr(kind, "tobytes") and hasattr(kind, "getbands"):  # a picture of PIL
        return _opaque("image/x-raw", value.tobytes())
    if hasattr(kind, "tolist"):  # an array or scalar of numpy, a tensor of torch
        return _array(value)
    if isinstance(value, (numbers.Number, datetime.timedelta)):
        return str(value)
    if hasattr(kind, "to_list"):  # a series of polars
        return value.to_list()
    return _opaque("application/x-object", f"{kind.__module__}.{kind.__qualname__}".encode())


def _array(value: Any) -> Any:
    dtype = str(getattr(value, "dtype", ""))
    if dtype.startswith(("datetime64", "timedelta64")):
        return value.astype(str).tolist()
    shape = tuple(getattr(value, "shape", ()))
    of_numbers = not dtype.startswith(("object", "str", "<U", ">U"))
    if of_numbers and (len(shape) > 1 or math.prod(shape) > _NUMBERS_MAX):
        content = value.tobytes() if hasattr(value, "tobytes") else repr(shape).encode()
        return _opaque("application/x-array", content)
    listed = value.tolist()
    return str(value) if type(listed) is type(value) else listed


def _binary(data: bytes) -> Any:
    """Bytes as the readers take them: text where they are UTF-8 without NUL, else opaque."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = "\0"
    return _opaque(_media_type(data), data) if "\0" in text else text


def _media_type(data: bytes) -> str:
    from gatekeeper.read.shapes import AUDIO, IMAGE, media_of_bytes

    known = {IMAGE: "image/x-bytes", AUDIO: "audio/x-bytes"}
    return known.get(media_of_bytes(data), "application/octet-stream")


def _opaque(media_type: str, content: bytes) -> str:
    body = base64.b64encode(hashlib.sha256(content).digest()).decode("ascii")
    return f"data:{media_type};base64,{body}"


def _plain(value: Any, depth: int = 0) -> Any:
    """`value` in the types of `json`, for rows that orjson takes no part in."""
    if depth > _DEPTH_MAX:
        raise RecursionError
    if value is None or isinstance(value, (bool, str)) or type(value) is int:
        return value
    if type(value) is float:
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        names = unique(k if isinstance(k, str) else _key(k) for k in value)
        return {n: _plain(v, depth + 1) for n, v in zip(names, value.values(), strict=True)}
    if isinstance(value, (list, tuple)):
        return [_plain(v, depth + 1) for v in value]
    return _plain(_stand_in(value), depth + 1)


def _key(key: object) -> str:
    plain = _plain(key)
    return plain if isinstance(plain, str) else json.dumps(plain)
