"""Gatekeeper: a data-privacy gatekeeper and policy engine for LLM training data.

In a training pipeline:

```
import gatekeeper

verdict = gatekeeper.check(dataset, policies=["hipaa"], destination="openai")
dataset = gatekeeper.guard(dataset)                     # or raises PolicyViolation

@gatekeeper.gated(argument="dataset", accept=gatekeeper.Route.ON_PREM)
def train(model, dataset): ...
```
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from gatekeeper.errors import GatekeeperError, InputError, PolicyViolation, UsageError

if TYPE_CHECKING:
    from gatekeeper.gate import Verdict
    from gatekeeper.integrations.library import check, gated, guard
    from gatekeeper.model import Decision, Route

__version__ = "0.1.0"

__all__ = [
    "Decision",
    "GatekeeperError",
    "InputError",
    "PolicyViolation",
    "Route",
    "UsageError",
    "Verdict",
    "check",
    "gated",
    "guard",
]

_HOMES = {
    "Decision": "gatekeeper.model",
    "Route": "gatekeeper.model",
    "Verdict": "gatekeeper.gate",
    "check": "gatekeeper.integrations.library",
    "gated": "gatekeeper.integrations.library",
    "guard": "gatekeeper.integrations.library",
}
"""Where the names live that are imported when they are first used."""


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
