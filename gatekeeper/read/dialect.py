"""The dialect of delimited text, and whether its first row names the columns."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from gatekeeper.model.pointer import is_plain_key
from gatekeeper.read.shapes import KNOWN_KEYS

_DELIMITERS = (",", "\t", ";", "|")
_ROWS = 200
_QUOTED = re.compile(r"(?:^|[,;\t|])'[^'\n]*'(?=[,;\t|\r\n]|$)", re.MULTILINE)
_FIELD_WORD = re.compile(
    r"\A_?(?:[a-z0-9]+[_.-])*(?:id|uuid|name|text|email|mail|phone|ssn|mrn|dob|date|time|age|sex|"
    r"gender|city|state|zip|zipcode|address|country|notes?|comments?|body|message|subject|label|"
    r"category|amount|price|code|number|status|user|customer|patient|employee|url|ip|lang|language|"
    r"target|account|card|department|dept|diagnosis|salary|token|key|value|count|day|month|year)\Z"
)


@dataclass(frozen=True, slots=True)
class Dialect:
    """How rows and cells are told apart."""

    delimiter: str = ","
    line_end: bytes = b"\n"
    has_header: bool = False
    options: dict[str, Any] = field(default_factory=dict)
    """For `csv.reader`."""


def sniff(head: bytes, *, tabs: bool, at_end: bool) -> Dialect:
    """The dialect of text that begins with `head`.

    A wrong guess costs context, never coverage: whatever the delimiter, every character of a row
    is in one of its cells.

    Args:
        head: the first bytes.
        tabs: the suffix says that tabs delimit.
        at_end: `head` is the whole text.
    """
    line_end = b"\r" if b"\r" in head and b"\n" not in head else b"\n"
    whole = head if at_end or line_end not in head else head[: head.rindex(line_end) + 1]
    text = whole.decode("utf-8-sig", "replace").replace("\0", "\ufffd")
    default = "\t" if tabs else ","
    best: tuple[tuple[float, int], dict[str, Any], list[list[str]]] | None = None
    for delimiter in (default,) if tabs else _DELIMITERS:
        for quoting in _quotings(text, tabs=tabs):
            options = {"delimiter": delimiter, **quoting}
            rows, broken = _parse(text, options)
            if not broken and (best is None or _score(rows) > best[0]):
                best = _score(rows), options, rows
            if not broken:
                break
    if best is None or (best[0][0] == 0 and best[1]["delimiter"] != default):
        # Broken as it is: the reader will say where, rather than take each line for one cell.
        options = {"delimiter": default}
        rows, _ = _parse(text, options)
    else:
        _, options, rows = best
    return Dialect(options["delimiter"], line_end, _has_header(rows), options)


def _quotings(text: str, *, tabs: bool) -> list[dict[str, Any]]:
    """Ways to quote, the likeliest first; the first that parses is taken."""
    ways: list[dict[str, Any]] = [{"quotechar": '"'}]
    if '\\"' in text:
        ways.append({"quotechar": '"', "escapechar": "\\", "doublequote": False})
    if '"' not in text and len(_QUOTED.findall(text)) > 1:
        ways.insert(0, {"quotechar": "'"})
    if tabs:
        ways.append({"quoting": csv.QUOTE_NONE})
    return ways


def _parse(text: str, options: dict[str, Any]) -> tuple[list[list[str]], bool]:
    """The first rows, and whether this dialect breaks on the next."""
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), strict=True, **options):
            if row:
                rows.append(row)
            if len(rows) == _ROWS:
                break
    except csv.Error as error:
        # The sample may end inside a quoted cell; that says nothing against the rows before it.
        return rows, "end of data" not in str(error) or not rows
    return rows, False


def _score(rows: list[list[str]]) -> tuple[float, int]:
    """How well rows agree on a number of columns, and that number; one column agrees on nothing."""
    if not rows:
        return 0.0, 0
    width, times = Counter(len(row) for row in rows).most_common(1)[0]
    return (times / len(rows) if width > 1 else 0.0), width


def _has_header(rows: list[list[str]]) -> bool:
    """Whether the first row names columns. In doubt it does not: then it is data like any other.

    A name is short, plain and unique. Beyond that, either one of the names is a word that columns
    are called by, or some column's cells are unlike its name.
    """
    if not rows:
        return False
    first, body = rows[0], rows[1:50]
    names = [name.strip() for name in first]
    named = names[1:] if len(names) > 1 and not names[0] else names  # pandas leaves the index bare
    if not named or len(set(named)) < len(named) or not all(is_plain_key(n) for n in named):
        return False
    if any(n in KNOWN_KEYS or _FIELD_WORD.match(n.lower()) for n in named):
        return True
    return any(
        all(not is_plain_key(row[n].strip()) for row in body if n < len(row))
        for n in range(len(first))
        if body and first[n].strip()
    )
