"""The shape checks of the fine-tuning service, before anything is sent to it.

What the service's guide names as a failure is `sure`: it refuses the file. The rest is advice. No
problem holds a value of a row, nor a key that the service does not define.

Source: the supervised fine-tuning and direct preference optimization guides of the service.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

from gatekeeper.enforce.shapes import HOSTED, Shape, shape_of

MIN_ROWS = 10
"""The service trains on no fewer."""

MAX_LINE_BYTES = 256 << 20
"""A longer line is not read: ten images of 10 MB each, in base64, stay below it."""

ROLES = frozenset({"system", "developer", "user", "assistant", "tool", "function"})
_WEIGHTS = (0, 1)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that the service would not take, or may not."""

    line: int
    """Counted from 1, as the service does; 0 where it is the file as a whole."""
    pointer: str
    what: str
    sure: bool
    """Whether the service refuses the file for it, by its own guide."""

    def __str__(self) -> str:
        place = f"line {self.line}" if self.line else "the file"
        return f"{place}{' ' + self.pointer if self.pointer else ''}: {self.what}"


def read_lines(stream: BinaryIO) -> Iterator[bytes]:
    """The lines of `stream` without their ends; one longer than MAX_LINE_BYTES is cut there."""
    while line := stream.readline(MAX_LINE_BYTES + 1):
        yield line.removesuffix(b"\n").removesuffix(b"\r")


def problems_in(lines: Iterable[bytes]) -> Iterator[Problem]:
    """What is wrong with a chat, completion or preference JSONL, line by line, then as a whole.

    Memory does not grow with the number of lines.
    """
    first: Shape | None = None
    rows = 0
    for number, line in enumerate(lines, 1):
        row, what = _parse(line)
        if row is None:
            yield Problem(number, "", what, sure=True)
            continue
        rows += 1
        shape = shape_of(row)
        if shape is None or shape not in HOSTED:
            yield Problem(number, "", _unknown_shape(row), sure=True)
            continue
        if first is not None and shape is not first:
            what = f"has the shape {shape.value}, and lines before it {first.value}"
            yield Problem(number, "", what, sure=True)
        first = first or shape
        for pointer, what, sure in _CHECKS[shape](row):
            yield Problem(number, pointer, what, sure)
    if rows < MIN_ROWS:
        what = f"has {rows} rows; the service asks for {MIN_ROWS} at least"
        yield Problem(0, "", what, sure=True)


def _parse(line: bytes) -> tuple[dict[str, Any] | None, str]:
    """The row, or None and why; the parser's own error holds the line, so it is dropped."""
    import orjson

    if not line.strip():
        return None, "an empty line"
    if len(line) > MAX_LINE_BYTES:
        return None, f"longer than {MAX_LINE_BYTES} bytes"
    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError:
        row = None
    if row is None:
        return None, "not valid JSON"
    if not isinstance(row, dict):
        return None, "not a JSON object"
    return row, ""


def _unknown_shape(row: Mapping[str, Any]) -> str:
    shape = shape_of(row)
    if shape is not None:
        return f"the shape {shape.value} is for local training; the service does not take it"
    return "has neither `messages` nor `prompt` and `completion` nor `input` with its two outputs"


_Found = Iterator[tuple[str, str, bool]]


def _check_chat(row: Mapping[str, Any]) -> _Found:
    yield from _check_messages(row["messages"], "/messages")
    messages = row["messages"]
    if isinstance(messages, list) and messages and isinstance(messages[-1], dict):
        if not any(isinstance(m, dict) and m.get("role") == "assistant" for m in messages):
            yield "/messages", "no message is from the assistant", True
        elif messages[-1].get("role") != "assistant":
            yield f"/messages/{len(messages) - 1}", "the last is not from the assistant", False
    if "tools" in row and not isinstance(row["tools"], list):
        yield "/tools", "not a list", True
    if "parallel_tool_calls" in row and not isinstance(row["parallel_tool_calls"], bool):
        yield "/parallel_tool_calls", "neither true nor false", True


def _check_messages(messages: Any, at: str) -> _Found:
    if not isinstance(messages, list) or not messages:
        yield at, "not a list of messages, or an empty one", True
        return
    for i, message in enumerate(messages):
        if isinstance(message, dict):
            yield from _check_message(message, f"{at}/{i}")
        else:
            yield f"{at}/{i}", "not an object", True


def _check_message(message: Mapping[str, Any], at: str) -> _Found:
    role, content = message.get("role"), message.get("content")
    if role not in ROLES:
        yield f"{at}/role", "missing, or not a role that the service knows", True
        return
    calls = message.get("tool_calls") or message.get("function_call")
    if role == "assistant" and not content and not calls and not message.get("refusal"):
        yield f"{at}/content", "an empty assistant message", True
    elif role != "assistant" and content is None:
        yield f"{at}/content", "missing", True
    elif content is not None and not isinstance(content, (str, list)):
        yield f"{at}/content", "neither a string nor a list of parts", True
    if role == "tool" and not isinstance(message.get("tool_call_id"), str):
        yield f"{at}/tool_call_id", "missing from a tool message", False
    weight = message.get("weight")
    if weight is not None and (isinstance(weight, bool) or weight not in _WEIGHTS):
        yield f"{at}/weight", "neither 0 nor 1", True
    elif weight is not None and role != "assistant":
        yield f"{at}/weight", "on a message that is not from the assistant", False


def _check_completion(row: Mapping[str, Any]) -> _Found:
    for key in ("prompt", "completion"):
        if not isinstance(row[key], str):
            yield f"/{key}", "not a string", True
    if row["completion"] == "":
        yield "/completion", "empty", True


def _check_preference(row: Mapping[str, Any]) -> _Found:
    asked = row["input"]
    if isinstance(asked, dict) and "messages" in asked:
        yield from _check_messages(asked["messages"], "/input/messages")
    else:
        yield "/input", "has no `messages`", True
    for key in ("preferred_output", "non_preferred_output"):
        yield from _check_messages(row[key], f"/{key}")
        if isinstance(row[key], list) and len(row[key]) != 1:
            yield f"/{key}", "holds more than one message", False


_CHECKS = {
    Shape.CHAT: _check_chat,
    Shape.COMPLETION: _check_completion,
    Shape.HOSTED_PREFERENCE: _check_preference,
}
