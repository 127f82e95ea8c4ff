"""Records → Findings. `load_detector` is the way in, and alone imports presidio and spacy.

The catalogue is read without the detector: nothing of it is imported before it is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatekeeper.detect.catalogue import Catalogue, EntityInfo, load_catalogue

if TYPE_CHECKING:
    from gatekeeper.detect.detector import Detector, load_detector

__all__ = ["Catalogue", "Detector", "EntityInfo", "load_catalogue", "load_detector"]


def __getattr__(name: str) -> Any:
    """`Detector` and `load_detector`, imported now (PEP 562)."""
    if name in {"Detector", "load_detector"}:
        from gatekeeper.detect import detector

        return getattr(detector, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
