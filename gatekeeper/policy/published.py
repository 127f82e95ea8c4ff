"""The JSON Schemas for editors, from the models: `python -m gatekeeper.policy.published`
writes them to `policies/`, and a test keeps them current.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from gatekeeper.policy.schema import (
    Condition,
    ConfigFile,
    DestinationFile,
    Group,
    PolicyFile,
    Strict,
)

_MODELS: dict[str, type[Strict]] = {
    "policy": PolicyFile,
    "destination": DestinationFile,
    "gatekeeper": ConfigFile,
}

_POLICIES = Path(__file__).parent.parent / "policies"

PUBLISHED = {
    "policy": _POLICIES / "policy.schema.json",
    "destination": _POLICIES / "destinations" / "destination.schema.json",
    "gatekeeper": _POLICIES / "gatekeeper.schema.json",
}
"""Kind of file → where its schema is published."""


def json_schema(kind: str = "policy") -> dict[str, Any]:
    """The JSON Schema (2020-12) of a `policy`, `destination` or `gatekeeper` file, for editors."""
    schema = _MODELS[kind].model_json_schema(by_alias=True)
    for model in (Condition, Group):
        if model.__name__ in schema.get("$defs", {}):
            one_of = [{"required": [key]} for key in model.kinds()]
            schema["$defs"][model.__name__]["oneOf"] = one_of
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def rendered(kind: str) -> str:
    """The published text of a schema."""
    return json.dumps(json_schema(kind), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for _kind, _path in PUBLISHED.items():
        _path.write_text(rendered(_kind), encoding="utf-8")
