"""JSON as RFC 8259 has it, with nothing dropped: every duplicate key and every digit is kept.

`json.loads` keeps only the last of two equal keys, takes NaN, and turns numbers into values that
no longer show their digits. Here an object becomes a tuple of (key, value) pairs, an array a list,
and a number the text it was written as.
"""

from __future__ import annotations

import json
import re
from typing import NoReturn, TypeAlias, Union

from gatekeeper.read.limits import Limits
from gatekeeper.read.refusal import Refusal, over_limit, too_deep

Value: TypeAlias = Union[str, bytes, bool, "list[Value]", "tuple[tuple[str, Value], ...]", None]

_SURROGATE = re.compile("[\ud800-\udfff]")
_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89abA-Fc-f]")


def _refuse_constant(_: str) -> NoReturn:
    raise Refusal("broken-json", "NaN and Infinity are not json; write null or a string")


DECODER = json.JSONDecoder(
    object_pairs_hook=tuple, parse_int=str, parse_float=str, parse_constant=_refuse_constant
)


def broken(at: str = "") -> Refusal:
    """Text that is not JSON."""
    return Refusal("broken-json", "not valid json; correct or remove it", at)


def parse(text: str, limits: Limits) -> Value:
    """The one JSON value in `text`. Raises Refusal: broken, too deep, or too many values."""
    check_count(text, limits)
    try:
        value: Value = DECODER.decode(text)
    except json.JSONDecodeError:
        refusal = broken()
    except RecursionError:
        refusal = too_deep(limits.max_depth)
    else:
        check_surrogates(text, value)
        return value
    raise refusal


def check_count(text: str, limits: Limits, at: str = "") -> None:
    """Refuse, before anything is built of it, a text with more values than the limit.

    Values are separated by commas; commas in strings are counted too, which errs on the safe side.
    """
    if len(text) > limits.max_values and text.count(",") > limits.max_values:
        raise over_limit("the number of values in a record", limits.max_values, "values", at)


def check_surrogates(text: str, value: Value, at: str = "") -> None:
    """Refuse half a surrogate pair: no such text exists, and encoding it would fail later."""
    if _SURROGATE_ESCAPE.search(text) and _holds_surrogate(value):
        raise Refusal("broken-json", "holds half a surrogate pair; correct the escape", at)


def _holds_surrogate(value: Value) -> bool:
    waiting = [value]
    while waiting:
        node = waiting.pop()
        if isinstance(node, str):
            if _SURROGATE.search(node):
                return True
        elif isinstance(node, list):
            waiting.extend(node)
        elif isinstance(node, tuple):
            for key, member in node:
                waiting += (key, member)
    return False
