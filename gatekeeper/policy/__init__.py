"""The policy room: YAML → Policy and Destination, gatekeeper.yaml → Config."""

from __future__ import annotations

from typing import Any

from gatekeeper.policy.config import Config, load_config
from gatekeeper.policy.examples import ExampleResult, is_json_lines, run_examples
from gatekeeper.policy.load import (
    load_destination,
    load_policy,
    shipped_destinations,
    shipped_policies,
)

__all__ = [
    "Config",
    "ExampleResult",
    "config_json_schema",
    "is_json_lines",
    "json_schema",
    "load_config",
    "load_destination",
    "load_policy",
    "run_examples",
    "shipped_destinations",
    "shipped_policies",
]


def json_schema(kind: str = "policy") -> dict[str, Any]:
    """The JSON Schema (2020-12) of a `policy`, `destination` or `gatekeeper` file, for editors."""
    from gatekeeper.policy import published

    return published.json_schema(kind)


def config_json_schema() -> dict[str, Any]:
    """The JSON Schema of `gatekeeper.yaml`."""
    return json_schema("gatekeeper")
