"""The JSON Schemas for editors, from the models: `python -m gatekeeper.policy.published`
writes them to `policies/`, and a test keeps them current.
"""

from __future__ import annotations

import ast
import inspect
import itertools
import json
from pathlib import Path
from typing import Any

from gatekeeper.policy import destination_file, schema
from gatekeeper.policy.destination_file import DestinationFile
from gatekeeper.policy.schema import Condition, ConfigFile, Group, PolicyFile, Strict

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
    whole = _MODELS[kind].model_json_schema(by_alias=True)
    for name, described in {_MODELS[kind].__name__: whole, **whole.get("$defs", {})}.items():
        _describe(described, name)
    for model in (Condition, Group):
        if model.__name__ in whole.get("$defs", {}):
            one_of = [{"required": [key]} for key in model.kinds()]
            whole["$defs"][model.__name__]["oneOf"] = one_of
    if kind == "destination":
        whole["anyOf"] = [{"required": keys} for keys in (["party", "base_url"], ["extends"])]
        whole["anyOf"].append(
            {"properties": {"template": {"const": True}}, "required": ["template"]}
        )
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **whole}


def _shape(name: str) -> type[Strict]:
    """The class `name` of the files' shapes."""
    found: type[Strict] = getattr(schema, name, None) or getattr(destination_file, name)
    return found


def _describe(described: dict[str, Any], name: str) -> None:
    """Give each property the words that stand under its field in the class `name`."""
    model = _shape(name)
    words = _words(model)
    for field, info in model.model_fields.items():
        if field in words:
            key = info.alias or field
            told = {**described["properties"][key], "description": words[field]}
            described["properties"][key] = dict(sorted(told.items()))


def _words(model: type[Strict]) -> dict[str, str]:
    """Field → the string that follows it in the source of `model`, as Sphinx reads it.

    Pydantic would read them as well, each time the models are imported.
    """
    (cls,) = ast.parse(inspect.getsource(model)).body
    body = cls.body if isinstance(cls, ast.ClassDef) else []
    return {
        field.target.id: inspect.cleandoc(str(text.value.value))
        for field, text in itertools.pairwise(body)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
    }


def rendered(kind: str) -> str:
    """The published text of a schema."""
    return json.dumps(json_schema(kind), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for _kind, _path in PUBLISHED.items():
        _path.write_text(rendered(_kind), encoding="utf-8")
