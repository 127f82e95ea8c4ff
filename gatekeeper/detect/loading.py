"""One detector a process for the same entities, recognizers, lists, locales and name model."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path

from gatekeeper.detect.detector import Detector, load_detector
from gatekeeper.detect.lists import KeyedList
from gatekeeper.model import NameModel


def cached_detector(
    entities: frozenset[str],
    recognizers: Sequence[Path],
    names: NameModel | None,
    lists: Sequence[KeyedList],
    locales: Sequence[str] = (),
) -> Detector:
    """What `load_detector` makes, made anew only where one of its files has changed."""
    contents = tuple((path, _content(path)) for path in recognizers)
    return _load(entities, contents, names, _model_digest(names), tuple(lists), tuple(locales))


@functools.lru_cache(maxsize=8)
def _load(
    entities: frozenset[str],
    recognizers: tuple[tuple[Path, bytes], ...],
    names: NameModel | None,
    model: str,  # noqa: ARG001  (part of the key)
    lists: tuple[KeyedList, ...],
    locales: tuple[str, ...],
) -> Detector:
    """Compiling takes most of a second; what it depends on is the key."""
    paths = [path for path, _ in recognizers]
    return load_detector(
        entities=entities, recognizers=paths, names=names, lists=lists, locales=locales
    )


def _model_digest(names: NameModel | None) -> str:
    """Digest of the user's own name model; empty for the bundled one."""
    if names is None:
        return ""
    from gatekeeper.detect.ner.custom import digest_of_model

    return digest_of_model(names)


def _content(path: Path) -> bytes:
    """The bytes of a recognizer file; empty where it cannot be read: loading it then says so."""
    try:
        return path.read_bytes()
    except OSError:
        return b""
