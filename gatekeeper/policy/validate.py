"""From a parsed file to its model, or to every error in it: each at its place, in plain words."""

from __future__ import annotations

import typing
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel, ValidationError

from gatekeeper.errors import PolicyError, UsageError
from gatekeeper.model import Vocabulary
from gatekeeper.policy.problems import Problem, did_you_mean, one_of, raise_all
from gatekeeper.policy.schema import Strict
from gatekeeper.policy.strict_yaml import YamlPath, shown

M = TypeVar("M", bound=Strict)

MAX_PROBLEMS = 100
"""Of each kind that are told: a file with more is not one that somebody wrote."""

_WANTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "bool_type": "`true` or `false`",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "date_type": "a day like 2026-01-31",
    "is_instance_of": "of another kind",
}


class Placed(Protocol):
    """A parsed file: its values, and where each one stands."""

    @property
    def data(self) -> Any:
        """The plain values."""

    def at(self, path: YamlPath = (), *, key: bool = False) -> str:
        """The place of a value or of its key, as messages write it."""


def validate(
    document: Placed,
    model: type[M],
    vocabulary: Vocabulary | None = None,
    error: type[UsageError] = PolicyError,
    also: Iterable[Problem] = (),
) -> M:
    """The model of `document`; raises `error` with every problem of the file, `also` among them.

    Entities and classes are checked where a `vocabulary` is given.
    """
    problems: list[Problem] = []
    value: M | None = None
    try:
        value = model.model_validate(document.data, context=vocabulary)
    except ValidationError as found:
        details = found.errors(include_url=False, include_input=True)[:MAX_PROBLEMS]
        problems = [_problem(document, model, dict(d)) for d in details]
    problems += islice(_empty(document, (), document.data), MAX_PROBLEMS)
    problems += islice(also, MAX_PROBLEMS)
    raise_all(sorted(set(problems), key=_reading_order), error)
    assert value is not None  # noqa: S101  (a failed validation has at least one problem)
    return value


def _reading_order(problem: Problem) -> tuple[Any, ...]:
    places = problem.at.rsplit(":", 2)[1:]
    return (*(int(p) if p.isdigit() else 0 for p in places), problem.at, problem.what)


def _problem(document: Placed, model: type[Strict], detail: dict[str, Any]) -> Problem:
    path = _path(document.data, detail["loc"])
    kind, context = detail["type"], detail.get("ctx", {})
    last = detail["loc"][-1] if detail["loc"] else ""
    if kind == "extra_forbidden":
        known = _keys(_owner(model, path[:-1]))
        hint = did_you_mean(str(last), known, otherwise=f"known here: {', '.join(known)}")
        return Problem(document.at(path, key=True), f"unknown key {shown(last)}", hint)
    if kind == "missing":
        return Problem(document.at(path), f"missing key {shown(last)}")
    name = _name(path)
    if kind == "gatekeeper":
        what = context["what"]
        if what.startswith(("may", "must")):
            what = f"{name} {what}"
        near = did_you_mean(context["word"], context["known"])
        return Problem(document.at(path), what, f"{near} {context['hint']}".strip())
    return Problem(document.at(path), *_words(kind, name, detail.get("input"), context))


def _words(kind: str, name: str, value: Any, context: Mapping[str, Any]) -> tuple[str, str]:
    """What is wrong, and a hint, for one kind of pydantic error."""
    if value is None and kind != "missing":
        return f"{name} is empty", ""
    if kind == "literal_error":
        words = [w.strip("' ") for w in context["expected"].replace(" or ", ", ").split(",")]
        hint = did_you_mean(str(value), words)
        return f"{name} must be {one_of(words)}, not {shown(value)}", hint
    if kind in _WANTED:
        hint = "put it in quotes" if kind == "string_type" and _scalar(value) else ""
        return f"{name} must be {_WANTED[kind]}, not {_kind_of(value)}", hint
    if kind in ("greater_than_equal", "less_than_equal"):
        bound = f"at least {context['ge']}" if "ge" in context else f"at most {context['le']}"
        return f"{name} must be {bound}", ""
    if kind == "too_short":
        wanted = context["min_length"]
        return (f"{name} may not be empty" if wanted == 1 else f"{name} needs {wanted} or more"), ""
    if kind == "string_pattern_mismatch":
        return f"{name} {shown(value)} does not match {context['pattern']}", ""
    return f"{name} is not valid: {kind.replace('_', ' ')}", ""


def _scalar(value: Any) -> bool:
    return not isinstance(value, list | dict)


def _kind_of(value: Any) -> str:
    kinds = {str: "text", bool: "a boolean", int: "a whole number", float: "a fraction"}
    kinds |= {list: "a list", dict: "a mapping"}
    return kinds.get(type(value), "a day")


def _name(path: YamlPath) -> str:
    names = [str(step) for step in path if isinstance(step, str)]
    inside = bool(path) and isinstance(path[-1], int)
    if not names:
        return "the file"
    return f"an item of {shown(names[-1])}" if inside else shown(names[-1])


def _path(data: Any, loc: tuple[Any, ...]) -> YamlPath:
    """Pydantic's location without the names of union branches, which the file does not have."""
    path: list[str | int] = []
    for step in loc:
        steps = range(len(data)) if isinstance(data, list) else data
        if isinstance(data, dict | list) and step in steps:
            path.append(step)
            data = data[step]
    return tuple(path)


def _empty(document: Placed, path: YamlPath, value: Any) -> Iterator[Problem]:
    """Keys and items without a value: nothing in these files means something by being empty."""
    if value is None:
        yield Problem(document.at(path), f"{_name(path)} is empty")
    elif isinstance(value, dict | list):
        for step, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _empty(document, (*path, step), inner)


def _models_in(annotation: Any) -> Iterator[type[Strict]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield typing.cast("type[Strict]", annotation)
    for inner in typing.get_args(annotation):
        yield from _models_in(inner)


def _owner(model: type[Strict], path: YamlPath) -> type[Strict]:
    """The model of the mapping at `path`."""
    for step in path:
        for name, field in model.model_fields.items():
            if step == (field.alias or name):
                model = next(_models_in(field.annotation), model)
    return model


def _keys(model: type[Strict]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]
