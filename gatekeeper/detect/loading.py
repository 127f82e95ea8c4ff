"""One detector a process for the same entities, recognizers, lists, locales and name model.

Its fingerprint can be told without it: nothing is compiled for that, and no model opened.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gatekeeper.detect.catalogue import Catalogue, entities_closed, load_catalogue
from gatekeeper.detect.fingerprint import fingerprint
from gatekeeper.detect.ner import NAME_ENTITIES, recorded_digest
from gatekeeper.model import NameModel

if TYPE_CHECKING:
    from gatekeeper.detect.detector import Detector
    from gatekeeper.detect.lists import KeyedList


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


def fingerprint_of(
    entities: frozenset[str],
    recognizers: Sequence[Path],
    names: NameModel | None,
    lists: Sequence[KeyedList],
    locales: Sequence[str] = (),
) -> str:
    """What `cached_detector(…).fingerprint` is, were it loaded.

    The bundled name model is taken by its manifest; the files are held against that when it is
    opened. Raises ConfigError for a file of recognizers or the user's own name model, DetectorError
    for the bundled one.
    """
    digest = ""
    searched = entities_closed(_catalogue(recognizers, lists, locales), entities)
    if searched & NAME_ENTITIES:
        digest = _model_digest(names) or recorded_digest()
    held = [k.identity for k in lists]
    return fingerprint(entities, (), digest, recognizers, held, sorted(set(locales)))


def _catalogue(
    recognizers: Sequence[Path], lists: Sequence[KeyedList], locales: Sequence[str]
) -> Catalogue:
    """The catalogue with the entities of all of them, as the detector has it."""
    catalogue = load_catalogue()
    if not (recognizers or lists or locales):
        return catalogue
    from gatekeeper.detect.national import national_ids
    from gatekeeper.detect.own import load_own

    own = load_own(tuple(recognizers))
    added = (
        *(i.info() for i in national_ids(locales)),
        *(o.info() for o in own),
        *(k.info() for k in lists),
    )
    return catalogue.extended(added)


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
    from gatekeeper.detect.detector import load_detector

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
