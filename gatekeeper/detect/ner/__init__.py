"""The bundled English name model: where it lies, and whether it is still what was shipped.

A token classifier in ONNX for PERSON, LOCATION and ORGANIZATION (`tagger.py` runs it).
MODEL_CARD.md says what it was trained on and how well it does, NOTICE names the sources.
Call `verify_model()` before loading: a damaged model finds less, and says nothing.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from gatekeeper.errors import DetectorError
from gatekeeper.model import NameModel

__all__ = [
    "NAME_ENTITIES",
    "ModelDamaged",
    "model_digest",
    "model_path",
    "recorded_digest",
    "verify_model",
]

NAME_ENTITIES = frozenset({"PERSON", "LOCATION", "ORGANIZATION"})
"""What a name model finds."""

_HERE = Path(__file__).parent


class ModelDamaged(DetectorError, ValueError):  # noqa: N818  (it names the event)
    """A file of the bundled model is missing, altered or unknown; the message names it, no more."""


def model_path() -> Path:
    """The folder of the bundled model: four graphs, weights.bin, tokenizer.json, config.json."""
    return _HERE / "model"


def verify_model(model: Path | None = None, manifest: Path | None = None) -> str:
    """Check every file of the model against `manifest.json`; return one digest of the whole.

    Args:
        model: the model's folder; the bundled one by default.
        manifest: its manifest; the bundled one by default.

    Returns:
        64 hex digits: SHA-256 over the sorted `digest  path` lines (the form of `sha256sum`), which
        stands for the model in a detector's fingerprint.

    Raises:
        ModelDamaged: a file is missing, differs from its recorded SHA-256, or was added.
    """
    model = model or model_path()
    recorded = _recorded(manifest or _HERE / "manifest.json")
    present = {p.relative_to(model).as_posix() for p in model.rglob("*") if p.is_file()}
    for name in sorted(recorded.keys() | present):
        if name not in recorded:
            raise ModelDamaged(f"name model: {name}: not in manifest.json")
        if name not in present:
            raise ModelDamaged(f"name model: {name}: missing; reinstall gatekeeper")
        if hashlib.sha256((model / name).read_bytes()).hexdigest() != recorded[name]:
            raise ModelDamaged(f"name model: {name}: damaged; reinstall gatekeeper")
    return _as_one(recorded)


def recorded_digest() -> str:
    """What `verify_model` returns of a bundled model that is whole; its files are not read.

    Raises ModelDamaged where the manifest is not readable.
    """
    return _as_one(_recorded(_HERE / "manifest.json"))


def _as_one(recorded: dict[str, str]) -> str:
    lines = "".join(f"{digest}  {name}\n" for name, digest in sorted(recorded.items()))
    return hashlib.sha256(lines.encode()).hexdigest()


def model_digest(own: NameModel | None) -> str:
    """What stands for the name model in a fingerprint: the bundled one, verified, or the user's.

    Raises ModelDamaged for the bundled one, ConfigError for the user's.
    """
    if own is None:
        return verify_model()
    from gatekeeper.detect.ner.custom import digest_of_model

    return digest_of_model(own)


def _recorded(manifest: Path) -> dict[str, str]:
    """The SHA-256 of each model file by its path, as the manifest has it."""
    try:
        files = json.loads(manifest.read_bytes())["files"]
        return {str(name): str(entry["sha256"]) for name, entry in files.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise ModelDamaged("name model: manifest.json: missing or not readable") from None
