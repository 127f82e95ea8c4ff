"""Records → Findings. `load_detector` is the way in; neither presidio nor spacy is imported before."""

from gatekeeper.detect.catalogue import Catalogue, EntityInfo, load_catalogue
from gatekeeper.detect.detector import Detector, load_detector

__all__ = ["Catalogue", "Detector", "EntityInfo", "load_catalogue", "load_detector"]
