"""The shape checks of the fine-tuning service, before anything is sent to it.

What the service's guide names as a failure is `sure`: it refuses the file. The rest is advice. No
problem holds a value of a row, nor a key that the service does not define.

Sources: the service's guides to supervised, preference, reinforcement and vision fine-tuning.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

from gatekeeper.egress.messages import ROLES, Found, check_messages, check_tools, has_image
from gatekeeper.egress.tokens import ROW_MAX, Tokens
from gatekeeper.enforce.shapes import HOSTED, Shape, shape_of
from gatekeeper.model.cleared import TRAINING

MIN_ROWS = 10
"""The service trains on no fewer."""

MAX_LINE_BYTES = 256 << 20
"""A longer line is not read: ten images of 10 MB each, in base64, stay below it."""

IMAGE_ROWS_MAX = 50_000
"""Rows with images that the service takes in a file."""


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


def problems_in(
    lines: Iterable[bytes],
    *,
    method: str = "",
    role: str = TRAINING,
    tokens: Tokens | None = None,
) -> Iterator[Problem]:
    """What is wrong with a chat, completion or preference JSONL, line by line, then as a whole.

    With the `method` of a job, rows must be of its shape; `role` is what the file is for; `tokens`
    is added to. Memory does not grow with the number of lines.
    """
    first: Shape | None = None
    rows = with_images = 0
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
        if method and shape not in _SHAPES_OF[method]:
            what = f"has the shape {shape.value}, which {method} does not train on"
            yield Problem(number, "", what, sure=True)
            continue
        check = _check_asked if method == "reinforcement" else _CHECKS[shape]
        for pointer, what, sure in check(row):
            yield Problem(number, pointer, what, sure)
        with_images += has_image(row.get("messages"))
        count = tokens.add(row) if tokens is not None else 0
        if count > ROW_MAX:
            what = f"about {count} tokens (an estimate); an example may have {ROW_MAX}"
            yield Problem(number, "", what, sure=False)
    yield from _as_a_whole(rows, with_images, role)


def _as_a_whole(rows: int, with_images: int, role: str) -> Iterator[Problem]:
    if rows < MIN_ROWS:
        what = f"has {rows} rows; the service asks for {MIN_ROWS} at least"
        yield Problem(0, "", what, sure=role == TRAINING or not rows)
    if with_images > IMAGE_ROWS_MAX:
        what = f"has {with_images} rows with images; the service takes {IMAGE_ROWS_MAX}"
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


def _check_chat(row: Mapping[str, Any]) -> Found:
    yield from check_messages(row["messages"], "/messages")
    messages = row["messages"]
    if isinstance(messages, list) and messages and isinstance(messages[-1], dict):
        answers = [m for m in messages if isinstance(m, dict) and m.get("role") == "assistant"]
        if not answers:
            yield "/messages", "no message is from the assistant", True
        elif messages[-1].get("role") != "assistant":
            yield f"/messages/{len(messages) - 1}", "the last is not from the assistant", False
        elif all(m.get("weight") == 0 for m in answers):
            yield "/messages", "every answer has the weight 0, so nothing is learned of it", False
    yield from check_tools(row)


def _check_asked(row: Mapping[str, Any]) -> Found:
    """A row of reinforcement: a question, and columns of one's own for the grader."""
    yield from check_messages(row["messages"], "/messages")
    messages = row["messages"]
    last = messages[-1] if isinstance(messages, list) and messages else None
    if isinstance(last, dict) and last.get("role") not in ("user", "tool"):
        yield f"/messages/{len(messages) - 1}", "the last is not from the user", True
    yield from check_tools(row)


def _check_completion(row: Mapping[str, Any]) -> Found:
    for key in ("prompt", "completion"):
        if not isinstance(row[key], str):
            yield f"/{key}", "not a string", True
    if row["completion"] == "":
        yield "/completion", "empty", True


def _check_preference(row: Mapping[str, Any]) -> Found:
    asked = row["input"]
    if isinstance(asked, dict) and "messages" in asked:
        yield from check_messages(asked["messages"], "/input/messages")
        yield from check_tools(asked, "/input")
        if has_image(asked["messages"]):
            yield "/input/messages", "an image; preferences are trained on text alone", True
    else:
        yield "/input", "has no `messages`", True
    for key in ("preferred_output", "non_preferred_output"):
        answer = row[key]
        yield from check_messages(answer, f"/{key}")
        if not isinstance(answer, list):
            continue
        if len(answer) != 1:
            yield f"/{key}", "holds more than one message", False
        roles = [m.get("role") for m in answer if isinstance(m, dict)]
        if any(r in ROLES and r not in ("assistant", "tool") for r in roles):
            yield f"/{key}", "a message that is neither from the assistant nor from a tool", True
        elif roles and "assistant" not in roles:
            yield f"/{key}", "no message is from the assistant", True


_CHECKS = {
    Shape.CHAT: _check_chat,
    Shape.COMPLETION: _check_completion,
    Shape.HOSTED_PREFERENCE: _check_preference,
}
_SHAPES_OF = {
    "supervised": frozenset({Shape.CHAT, Shape.COMPLETION}),
    "dpo": frozenset({Shape.HOSTED_PREFERENCE}),
    "reinforcement": frozenset({Shape.CHAT}),
}
"""Method → the shapes it trains on."""
