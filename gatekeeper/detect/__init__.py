"""Records → Findings. `load_detector` is the way in, and alone imports presidio and spacy."""

from gatekeeper.detect.catalogue import Catalogue, EntityInfo, load_catalogue
from gatekeeper.detect.detector import Detector, load_detector

__all__ = ["Catalogue", "Detector", "EntityInfo", "load_catalogue", "load_detector"]
