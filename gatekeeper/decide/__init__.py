"""The policy decision point: policies × evidence × destination × agreements × date → Decision.

Pure, total and order-independent (DESIGN law 5); imports `model` and `errors` alone.
"""

from gatekeeper.decide.conditions import PLACES_SHOWN
from gatekeeper.decide.deciding import STOPPED, THE_GATE, decide, strictest_route
from gatekeeper.decide.doors import why_all_closed, why_closed
from gatekeeper.decide.papers import Reach, reach, why_not_met

__all__ = [
    "PLACES_SHOWN",
    "STOPPED",
    "THE_GATE",
    "Reach",
    "decide",
    "reach",
    "strictest_route",
    "why_all_closed",
    "why_closed",
    "why_not_met",
]
