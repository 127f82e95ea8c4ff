"""Addresses, postal codes, coordinates, districts; and towns that the name model may believe in."""

from __future__ import annotations

from gatekeeper.detect.recognizers.places import (
    abroad,
    coordinates,
    districts,
    postcodes,
    streets,
)
from gatekeeper.detect.recognizers.places.states import is_state
from gatekeeper.detect.recognizers.places.towns import is_quantity, is_town

__all__ = ["RECOGNIZERS", "is_quantity", "is_state", "is_town"]

RECOGNIZERS = (
    *streets.RECOGNIZERS,
    *abroad.RECOGNIZERS,
    *postcodes.RECOGNIZERS,
    *coordinates.RECOGNIZERS,
    *districts.RECOGNIZERS,
)
