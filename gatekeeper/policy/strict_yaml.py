"""YAML as a policy may be written: plain, one meaning to every reader, every value with its place.

PyYAML's `safe_load` keeps the last of two equal keys, reads `no` as false, `010` as 8 and
`12:30:45` as 45045, and hands out shared objects for aliases. A policy read that way may not be the
policy that was reviewed, so all of it is refused here, at its line and column. The file is read
from the parser's events, without recursion.
"""

from __future__ import annotations

import contextlib
import datetime
import os
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import yaml

from gatekeeper.errors import PolicyError
from gatekeeper.model.display import escaped

MAX_BYTES = 1 << 20
"""A larger file is refused: no policy written by people comes near."""

MAX_DEPTH = 32
"""Levels of nesting; the language itself needs about eight."""

YamlPath = tuple[str | int, ...]
"""Where a value stands: keys and list positions from the root."""

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u200b-\u200f\u202a-\u202e\u2060-\u2069"
    "\ufeff\ufffe\uffff]|\r(?!\n)"
)
"""Characters an editor shows as nothing, as another order (CVE-2021-42574), or not as the line
break that YAML takes them for: text that is not what its reviewer saw.
"""

_BOOLEAN_WORD = re.compile(r"(?:y|n|yes|no|on|off|true|false)\Z", re.IGNORECASE)
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})\Z")
_FLOAT = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})\.[0-9]{1,17}\Z")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_SEXAGESIMAL = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?\Z")
_TIMESTAMP = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:(?:[Tt]|[ \t]+)[0-9]{1,2}:.*)?\Z")
_NUMBER_LIKE = re.compile(
    r"[-+]?(?:0[xX][0-9a-fA-F_]+|0o?[0-7_]+|0b[01_]+|[0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?"
    r"|\.[0-9][0-9_]*(?:[eE][-+]?[0-9]+)?|\.(?:inf|Inf|INF|nan|NaN|NAN))\Z"
)
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_CONTROL_WORDS = {"<<": "merge keys are", "=": "the value key `=` is"}


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a file, both counted from 1; columns are characters."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Document:
    """The plain values of a file, and where each of them and each key stands."""

    name: str
    data: Any
    marks: Mapping[YamlPath, Mark]
    keys: Mapping[YamlPath, Mark]

    def at(self, path: YamlPath = (), *, key: bool = False) -> str:
        """`file:line:column` of the value at `path`, or of its key; of what holds it otherwise."""
        marks = self.keys if key else self.marks
        while path not in marks and path:
            path, marks = path[:-1], self.marks
        mark = marks.get(path, Mark(1, 1))
        return f"{self.name}:{mark.line}:{mark.column}"


def shown(text: object, limit: int = 60) -> str:
    """`text` in backticks for a message: one line, no control characters, cut at `limit`."""
    flat = "".join(
        c if c.isprintable() else c.encode("unicode_escape").decode("ascii")
        for c in str(text)[: limit + 1].replace("`", "'")
    )
    return f"`{flat[:limit]}…`" if len(flat) > limit else f"`{flat}`"


def read_file(path: Path, name: str = "", *, max_bytes: int = MAX_BYTES) -> bytes:
    """The bytes of a regular file, of a larger one `max_bytes` and one more.

    Raises PolicyError for anything else.
    """
    name = name or escaped(str(path))
    descriptor, problem = -1, "not a regular file"
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            with open(descriptor, "rb", closefd=False) as file:
                return file.read(max_bytes + 1)
    except (OSError, ValueError) as error:
        problem = _os_problem(error)
    finally:
        if descriptor >= 0:
            os.close(descriptor)
    raise PolicyError(f"{name}: {problem}")


def _os_problem(error: OSError | ValueError) -> str:
    if isinstance(error, FileNotFoundError):
        return "no such file"
    if isinstance(error, PermissionError):
        return "permission denied"
    return f"cannot be read: {type(error).__name__}"


def parse(source: bytes, name: str) -> Document:
    """The one document in `source`; `name` is the file's name in messages.

    Raises PolicyError `name:line:column: what` for whatever is not plain YAML 1.2 with one meaning.
    """
    text = _decode(source, name)
    builder = _Builder(name)
    for event in _events(text, name):
        builder.take(event)
    if builder.root is None:
        raise PolicyError(f"{name}:1:1: the file is empty")
    return Document(name, builder.root, builder.marks, builder.keys)


def _decode(source: bytes, name: str) -> str:
    if len(source) > MAX_BYTES:
        raise PolicyError(
            f"{name}:1:1: the file is larger than {MAX_BYTES} bytes",
            hint="split it into several policies",
        )
    source = source.removeprefix(b"\xef\xbb\xbf")
    bad = -1
    text = ""
    try:
        text = source.decode("utf-8")
    except UnicodeDecodeError as error:
        bad = error.start
    if bad >= 0:
        head = source[:bad].decode("utf-8")
        raise PolicyError(f"{name}:{_place(head)}: not UTF-8", hint="save the file as UTF-8")
    if hidden := _HIDDEN.search(text):
        raise PolicyError(
            f"{name}:{_place(text[: hidden.start()])}: "
            f"character U+{ord(hidden.group()):04X} is not allowed",
            hint="it does not show as what it is: remove it, or escape it in double quotes",
        )
    return text


def _place(head: str) -> str:
    """`line:column` of what follows `head`."""
    newline = "\n"
    return f"{head.count(newline) + 1}:{len(head) - head.rfind(newline)}"


def _events(text: str, name: str) -> Iterator[Any]:
    problem, mark = "", None
    events = iter(yaml.parse(text, Loader=_LOADER))
    while True:
        try:
            event = next(events, None)
        except yaml.YAMLError as error:
            problem = str(getattr(error, "problem", None) or "not readable as YAML")
            mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
            break
        if event is None:
            return
        yield event
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    hint = ""
    if _tab_at(text, line, column):
        problem, hint = "a tab where YAML wants spaces", "indent with spaces"
    raise PolicyError(f"{name}:{line}:{column}: {shown(problem)[1:-1]}", hint=hint)


def _tab_at(text: str, line: int, column: int) -> bool:
    lines = text.split("\n")
    return line <= len(lines) and lines[line - 1][column - 1 : column] == "\t"


@dataclass(slots=True)
class _Open:
    """A mapping or list that is being filled."""

    path: YamlPath
    value: dict[str, Any] | list[Any]
    key: str | None = None
    """The key whose value comes next; None where a key (or nothing) is expected."""


_NOTHING = object()


@dataclass(slots=True)
class _Builder:
    """Turns parser events into values and marks."""

    name: str
    root: Any = None
    marks: dict[YamlPath, Mark] = field(default_factory=dict)
    keys: dict[YamlPath, Mark] = field(default_factory=dict)
    _stack: list[_Open] = field(default_factory=list)
    _documents: int = 0

    def take(self, event: Any) -> None:
        """One event more; raises PolicyError at its place if it is not allowed."""
        if isinstance(event, yaml.DocumentStartEvent):
            self._start_document(event)
        elif isinstance(event, yaml.AliasEvent):
            self._refuse(event, f"alias {shown(f'*{event.anchor}')} is not allowed", _WRITE_OUT)
        elif isinstance(event, yaml.NodeEvent):
            self._refuse_anchor_and_tag(event)
            self._node(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._stack.pop()

    def _start_document(self, event: Any) -> None:
        self._documents += 1
        if self._documents > 1:
            self._refuse(event, "a second document starts here", "one file holds one document")
        if event.version or event.tags:
            self._refuse(event, "directives (`%…`) are not allowed", "remove them")

    def _refuse_anchor_and_tag(self, event: Any) -> None:
        if event.anchor is not None:
            self._refuse(event, f"anchor {shown(f'&{event.anchor}')} is not allowed", _WRITE_OUT)
        if event.tag is not None:
            self._refuse(event, f"tag {shown(event.tag)} is not allowed", "write the plain value")

    def _node(self, event: Any) -> None:
        mark = Mark(event.start_mark.line + 1, event.start_mark.column + 1)
        holder = self._stack[-1] if self._stack else None
        if holder is not None and isinstance(holder.value, dict) and holder.key is None:
            self._key(holder, event, mark)
            return
        if holder is None:
            path: YamlPath = ()
        else:
            step = len(holder.value) if isinstance(holder.value, list) else holder.key
            path = (*holder.path, step)  # type: ignore[arg-type]
        self.marks[path] = mark
        self._put(holder, self._value(event, path))

    def _value(self, event: Any, path: YamlPath) -> Any:
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        if len(self._stack) >= MAX_DEPTH:
            self._refuse(event, f"nested deeper than {MAX_DEPTH} levels", "")
        value: dict[str, Any] | list[Any]
        value = {} if isinstance(event, yaml.MappingStartEvent) else []
        self._stack.append(_Open(path, value))
        return value

    def _put(self, holder: _Open | None, value: Any) -> None:
        if holder is None:
            self.root = value
        elif isinstance(holder.value, list):
            holder.value.append(value)
        else:
            assert holder.key is not None  # noqa: S101  (`_node` sends keys elsewhere)
            holder.value[holder.key] = value
            holder.key = None

    def _key(self, holder: _Open, event: Any, mark: Mark) -> None:
        assert isinstance(holder.value, dict)  # noqa: S101
        key = self._scalar(event) if isinstance(event, yaml.ScalarEvent) else _NOTHING
        if not isinstance(key, str):
            self._refuse(event, "a key must be text", "put it in quotes")
        path = (*holder.path, key)
        if path in self.keys:
            first = self.keys[path].line
            self._refuse(event, f"key {shown(key)} is given twice, first on line {first}", _ONE)
        self.keys[path] = mark
        holder.key = key

    def _scalar(self, event: Any) -> Any:
        text: str = event.value
        if not event.implicit[0]:
            return text
        if text in _NULLS:
            return None
        if text in ("true", "false"):
            return text == "true"
        if problem := _ambiguity(text):
            self._refuse(event, problem, _QUOTE)
        if _INTEGER.match(text):
            return int(text)
        if _FLOAT.match(text):
            return float(text)
        return self._date(event) if _DATE.match(text) else text

    def _date(self, event: Any) -> datetime.date:
        day = None
        with contextlib.suppress(ValueError):
            day = datetime.date.fromisoformat(event.value)
        if day is None:
            self._refuse(event, f"{shown(event.value)} is not a day of the calendar", "")
        return day

    def _refuse(self, event: Any, what: str, hint: str) -> NoReturn:
        mark = event.start_mark
        raise PolicyError(f"{self.name}:{mark.line + 1}:{mark.column + 1}: {what}", hint=hint)


_WRITE_OUT = "write the value out where it is used"
_ONE = "keep one of them"
_QUOTE = "put it in quotes if text is meant"


def _ambiguity(text: str) -> str:
    """Why a plain scalar means different things to different readers, or nothing."""
    if text in _CONTROL_WORDS:
        return f"{_CONTROL_WORDS[text]} not allowed"
    if _BOOLEAN_WORD.match(text):
        return f"{shown(text)} may be read as a boolean: only `true` and `false` are"
    if _DATE.match(text) or _INTEGER.match(text) or _FLOAT.match(text):
        return ""
    if _SEXAGESIMAL.match(text):
        return f"{shown(text)} may be read as a number in base 60"
    if _TIMESTAMP.match(text):
        return f"{shown(text)} may be read as a point in time; a day is written 2026-01-31"
    if _NUMBER_LIKE.match(text):
        return f"{shown(text)} may be read as different numbers"
    return ""
