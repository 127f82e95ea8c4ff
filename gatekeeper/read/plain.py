"""Plain text and Markdown: one record, whose offsets are code points over the whole file."""

from __future__ import annotations

import codecs

from gatekeeper.model import Media, Text
from gatekeeper.read import shapes
from gatekeeper.read.jsonl import BOM
from gatekeeper.read.limits import Limits
from gatekeeper.read.refusal import Items, not_utf8, nul_bytes
from gatekeeper.read.streams import Prefixed, Stream, read_up_to
from gatekeeper.read.walk import record_items

_SPACE = " \t\r\n"


def read_text(stream: Stream, source: str, limits: Limits) -> Items:
    """The text in pieces that overlap, all of record 0.

    Each piece begins `overlap_characters` before the end of the one before it, so that nothing up
    to that length is lost at an edge; its bytes are counted once. A byte order mark is not part of
    the text: offset 0 is the character after it. Raises Refusal for bytes that are not UTF-8.
    """
    bom_bytes, rest = without_bom(stream)
    yield bom_bytes
    pieces = _Pieces(source, limits)
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    while block := rest.read():
        yield from pieces.add(decode(decoder, block), last=False)
    yield from pieces.add(decode(decoder, b"", final=True), last=True)


def without_bom(stream: Stream) -> tuple[int, Stream]:
    """The size of the UTF-8 byte order mark, 0 where there is none, and what follows it."""
    head = read_up_to(stream, len(BOM))
    return (len(BOM), stream) if head == BOM else (0, Prefixed(head, stream))


def decode(decoder: codecs.IncrementalDecoder, block: bytes, *, final: bool = False) -> str:
    """The next characters. Raises Refusal for NUL bytes and for what is not UTF-8."""
    if b"\0" in block:
        raise nul_bytes()
    text: str | None = None
    try:
        text = decoder.decode(block, final)
    except UnicodeDecodeError:
        text = None
    if text is None:
        raise not_utf8()
    return text


class _Pieces:
    """Cuts text as it comes; holds one piece at most."""

    def __init__(self, source: str, limits: Limits) -> None:
        self._source = source
        self._size = limits.chunk_characters
        self._overlap = limits.overlap_characters
        self._text = ""
        self._base = 0
        self._shared = 0
        """How many characters at the start of `_text` were in the piece before."""

    def add(self, text: str, *, last: bool) -> Items:
        self._text += text
        start = 0
        while len(self._text) - start > self._size:
            end = self._cut(start)
            yield from self._piece(self._text[start:end])
            start = end - self._overlap
            self._base += start if start else 0
            self._shared = self._overlap
            self._text, start = self._text[start:], 0
        if last and len(self._text) > self._shared:
            yield from self._piece(self._text)

    def _cut(self, start: int) -> int:
        """The end of a piece: after the last space of its last quarter, where there is one."""
        end = start + self._size
        floor = max(end - self._size // 4, start + self._overlap + 1)
        space = max(self._text.rfind(c, floor, end) for c in _SPACE)
        return space + 1 if space >= 0 else end

    def _piece(self, text: str) -> Items:
        size_bytes = len(text[self._shared :].encode("utf-8"))
        media: list[Media] = []
        if ";base64," in text:
            for match in shapes.DATA_URI.finditer(text):
                begin, end = match.span("body")
                if begin > self._shared or not self._shared:
                    entity = shapes.media_of_type(match["type"])
                    media.append(Media("", entity, end - begin))
        if text.strip() or media:
            piece = Text("", text, base=self._base)
            yield from record_items(self._source, 0, [piece], media, size_bytes)
        else:
            yield size_bytes
