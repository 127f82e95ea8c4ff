"""Reading a source whole, and finding again what a text says about where it stands."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from gatekeeper.model import Record, Text, Unscanned
from gatekeeper.read import Limits, Source, source_from_bytes

Item = Record | Unscanned


def read(name: str, data: bytes, input_format: str | None = None, **limits: int) -> list[Item]:
    source = source_from_bytes(name, data, input_format=input_format, limits=Limits(**limits))
    return read_source(source)


def read_source(source: Source) -> list[Item]:
    """Everything of one reading; every stored byte is in it exactly once."""
    reading = source.read()
    items = list(reading)
    assert total(items) == reading.bytes_seen or any(i.reason == "changed" for i in refused(items))
    return items


def only(found: list[Source | Unscanned]) -> Source:
    """The one source that was found."""
    (source,) = found
    assert isinstance(source, Source)
    return source


def total(items: Iterable[Item]) -> int:
    return sum(item.size_bytes for item in items)


def records(items: Iterable[Item]) -> list[Record]:
    return [item for item in items if isinstance(item, Record)]


def unscanned(items: Iterable[Item]) -> list[Unscanned]:
    return [item for item in items if isinstance(item, Unscanned)]


def refused(items: Iterable[Item]) -> list[Unscanned]:
    return [item for item in unscanned(items) if not item.opaque]


def reasons(items: Iterable[Item]) -> list[tuple[str, str]]:
    """(reason, place) of every refusal."""
    return [(item.reason, item.at) for item in refused(items)]


def texts(items: Iterable[Item]) -> list[Text]:
    return [text for record in records(items) for text in record.texts]


def values(items: Iterable[Item]) -> set[str]:
    """Every text that is not a key."""
    return {text.value for text in texts(items) if not text.is_key}


def resolve(document: Any, pointer: str) -> Any:
    """RFC 6901, with `#n` for the member at position n."""
    node = document
    for token in pointer.split("/")[1:]:
        if isinstance(node, list):
            node = node[int(token)]
        elif token.startswith("#"):
            node = list(node.values())[int(token[1:])]
        else:
            node = node[token.replace("~1", "/").replace("~0", "~")]
    return node


def stands(text: Text, outer: str, canary: str) -> bool:
    """Whether the canary in `text` is, by its place, at the canary in the string `outer`.

    Where the outer string holds it with escapes, the piece between the places must decode to it.
    """
    start = text.value.index(canary)
    first, after = text.locate(start, start + len(canary))
    piece = outer[first:after]
    if piece == canary:
        return True
    # The place ends in the first unit of the last escape, so read on until the piece decodes.
    for end in range(after, after + 12):
        try:
            if json.loads(f'"{outer[first:end]}"') == canary:
                return True
        except ValueError:
            continue
    return False


def jsonl(*rows: Any, ascii_only: bool = True) -> bytes:
    return b"".join(json.dumps(row, ensure_ascii=ascii_only).encode() + b"\n" for row in rows)
