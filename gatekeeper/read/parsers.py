"""Which reader takes which format; each is imported when there is something to read with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from gatekeeper.read.formats import Format
    from gatekeeper.read.refusal import Items
    from gatekeeper.read.source import Source
    from gatekeeper.read.streams import StoredStream, Stream

COLUMNAR = frozenset({"parquet", "arrow"})
"""Formats whose records have no bytes of their own in the file."""


def parse(
    found: Format, stream: Stream, stored: StoredStream, raw: BinaryIO, source: Source
) -> Items:
    """The items of `stream`, read as `found`."""
    if found.name == "jsonl":
        from gatekeeper.read.jsonl import read_jsonl

        return read_jsonl(stream, source.name, source.limits)
    if found.name == "json":
        from gatekeeper.read.document import read_document

        return read_document(stream, source.name, source.limits)
    if found.name in ("csv", "tsv"):
        from gatekeeper.read.delimited import read_delimited

        return read_delimited(stream, source.name, source.limits, tabs=found.name == "tsv")
    if found.name == "text":
        from gatekeeper.read.plain import read_text

        return read_text(stream, source.name, source.limits)
    from gatekeeper.read.columnar import read_columnar

    seekable = raw if source.regular and not found.compression else None
    return read_columnar(found.name, stream, stored, seekable, source.name, source.limits)
