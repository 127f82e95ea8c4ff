"""JSON lines: one value a line. A broken line is refused by its number; the next are read."""

from __future__ import annotations

from gatekeeper.model import PlainTexts, Record, Text
from gatekeeper.read.limits import Limits
from gatekeeper.read.plain_shape import plain_texts
from gatekeeper.read.refusal import Items, Refusal, not_utf8, nul_bytes, over_limit
from gatekeeper.read.streams import Line, Stream, lines
from gatekeeper.read.strict_json import parse
from gatekeeper.read.walk import Walk, walk

BOM = b"\xef\xbb\xbf"
_BROKEN_MAX = 1 << 20
"""Bytes of a broken line up to which it is shown to the detector as text."""


def read_jsonl(
    stream: Stream, source: str, limits: Limits, lines_before: int = 0, records_before: int = 0
) -> Items:
    """Each line of `stream` as a record, or as what is wrong with it.

    Records count every line that is not blank, broken ones too, so that a record keeps its number
    whatever stands before it. Where the stream is a part of a file, what stands before is counted.
    """
    index = records_before
    for line in lines(stream, limits.max_record_bytes, number=lines_before):
        if is_blank(line):
            yield line.size_bytes
            continue
        walked = _read(line, limits)
        if isinstance(walked, PlainTexts):
            yield Record(source, index, walked, line.size_bytes)
        elif isinstance(walked, Refusal):
            yield walked.unscanned(source, line.size_bytes, f"line {line.number}")
            yield from _as_it_stands(walked, line, source, index)
        else:
            yield from walked.items(source, index, line.size_bytes)
        index += 1


def is_blank(line: Line) -> bool:
    """Whether the line holds nothing; one over the limit was not kept, and is something."""
    return line.data is not None and not _content(line).strip()


def _as_it_stands(refusal: Refusal, line: Line, source: str, index: int) -> Items:
    """The text of a line that is not JSON, so that what stands in it is found as well.

    Its bytes are those of the refusal, and are not counted again.
    """
    if refusal.reason == "broken-json" and len(line.data or b"") <= _BROKEN_MAX:
        text = Text("", _content(line).decode("utf-8"))
        yield Record(source, index, (text,), 0, refused=True)


def _content(line: Line) -> bytes:
    data = line.data or b""
    return data[len(BOM) :] if line.number == 1 and data.startswith(BOM) else data


def _read(line: Line, limits: Limits) -> Walk | PlainTexts | Refusal:
    if line.data is None:
        return over_limit("the line", limits.max_record_bytes, "bytes")
    if b"\0" in line.data:
        return nul_bytes()
    text: str | None = None
    try:
        text = _content(line).decode("utf-8")
    except UnicodeDecodeError:
        text = None
    if text is None:
        return not_utf8()
    try:
        value = parse(text, limits)
        return plain_texts(value, limits) or walk(value, limits)
    except Refusal as refusal:
        return refusal
