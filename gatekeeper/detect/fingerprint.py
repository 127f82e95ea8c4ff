"""What decides what is found, as one digest: code, data, model and the packages below."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from gatekeeper.model import digest_of
from gatekeeper.model.installed import versions

_HERE = Path(__file__).parent
_PACKAGES = (
    "gatekeeper",
    "presidio-analyzer",
    "spacy",
    "phonenumbers",
    "regex",
    "tldextract",
    "onnxruntime",
    "tokenizers",
    "numpy",
    "hyperscan",
    "pyyaml",
)
_KINDS = {".py", ".yaml", ".xz"}


def fingerprint(
    entities: Iterable[str],
    without: Iterable[str],
    model: str,
    own_files: Sequence[Path],
    lists: Iterable[str] = (),
    locales: Iterable[str] = (),
) -> str:
    """`sha256:…` of a detector: equal fingerprints find the same in the same bytes.

    Args:
        entities: what is looked for.
        without: names of the recognizers that are left out; the others are those of this room's
            own source, of `own_files`, `lists` and `locales`.
        model: digest of the name model, empty where it is not loaded.
        own_files: the user's own recognizers.
        lists: digest and key id of each of the user's lists of names.
        locales: the countries whose ids are looked for as well.
    """
    return digest_of(
        {
            "entities": sorted(entities),
            "without": sorted(without),
            "model": model,
            "own": [hashlib.sha256(path.read_bytes()).hexdigest() for path in own_files],
            "lists": list(lists),
            "locales": list(locales),
            "room": _room(),
            "packages": _versions(),
        }
    )


@cache
def _room() -> str:
    """Digest of this room's own source and data; the model's files have a digest of their own."""
    digest = hashlib.sha256()
    for path in sorted(_HERE.rglob("*")):
        inside = path.relative_to(_HERE)
        if path.suffix in _KINDS and inside.parts[:2] != ("ner", "model"):
            digest.update(f"{inside.as_posix()}\0".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


@cache
def _versions() -> dict[str, str]:
    return versions(_PACKAGES)
