"""What is wrong with a policy beyond the shape of single values: two rules of one name, a condition
of two kinds, a key that says nothing where it stands.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gatekeeper.model import Vocabulary
from gatekeeper.policy.problems import Problem, one_of
from gatekeeper.policy.schema import Condition, Group
from gatekeeper.policy.strict_yaml import Document, YamlPath, shown


def structure(document: Document, vocabulary: Vocabulary) -> Iterator[Problem]:
    """Every such problem of a policy file; looks at plain values, so that it can be told together
    with what the schema finds.
    """
    rules = document.data.get("rules") if isinstance(document.data, dict) else None
    seen: dict[str, int] = {}
    for index, rule in enumerate(rules if isinstance(rules, list) else []):
        if not isinstance(rule, dict):
            continue
        yield from _name_again(document, seen, index, rule.get("id"))
        if rule.get("must") == "destroy" and rule.get("route") != "quarantine":
            yield Problem(
                document.at(("rules", index, "must"), key=True),
                "`must: destroy` needs `route: quarantine`",
                "what may not even be kept cannot be trained on",
            )
        if isinstance(rule.get("when"), dict):
            yield from _condition(document, ("rules", index, "when"), rule["when"], vocabulary)


def _name_again(
    document: Document, seen: dict[str, int], index: int, name: Any
) -> Iterator[Problem]:
    if not isinstance(name, str):
        return
    first = seen.setdefault(name, index)
    if first != index:
        yield Problem(
            document.at(("rules", index, "id")),
            f"rule id {shown(name)} is given twice, first at {document.at(('rules', first, 'id'))}",
            "every rule needs a name of its own",
        )


def _condition(
    document: Document, path: YamlPath, when: dict[str, Any], vocabulary: Vocabulary
) -> Iterator[Problem]:
    given = [kind for kind in Condition.kinds() if kind in when]
    if len(given) != 1:
        yield _kinds(document, path, given, "a condition", Condition.kinds())
        return
    kind = given[0]
    parts = when[kind] if isinstance(when[kind], list) else []
    nested = [isinstance(part, dict) for part in parts]
    if kind == "same_record":
        yield from _groups(document, (*path, kind), parts)
    elif kind in ("any_of", "all_of") and any(nested):
        if not all(nested):
            what = f"{shown(kind)} mixes entities and conditions"
            hint = "write an entity as {any_of: [ENTITY]}"
            yield Problem(document.at((*path, kind)), what, hint)
        for index, part in enumerate(parts):
            if isinstance(part, dict):
                yield from _condition(document, (*path, kind, index), part, vocabulary)
    yield from _modifiers(document, path, when, kind, any(nested), vocabulary)


def _groups(document: Document, path: YamlPath, groups: list[Any]) -> Iterator[Problem]:
    for index, group in enumerate(groups):
        if isinstance(group, dict):
            given = [kind for kind in Group.kinds() if kind in group]
            if len(given) != 1:
                yield _kinds(document, (*path, index), given, "a group", Group.kinds())


def _kinds(
    document: Document, path: YamlPath, given: list[str], what: str, kinds: tuple[str, ...]
) -> Problem:
    if not given:
        return Problem(document.at(path), f"{what} needs one of {one_of(kinds)}")
    second = (*path, given[1])
    return Problem(
        document.at(second, key=True),
        f"{what} has {one_of(given).replace(' or ', ' and ')}, but only one of them can be given",
        "nest them: all_of: [{…}, {…}]" if what == "a condition" else "",
    )


def _modifiers(
    document: Document,
    path: YamlPath,
    when: dict[str, Any],
    kind: str,
    nested: bool,
    vocabulary: Vocabulary,
) -> Iterator[Problem]:
    """Keys that say nothing beside this kind of condition."""
    derived = _derived(when, vocabulary)
    refused: dict[str, str] = {}
    if kind in ("any_of", "all_of") and nested:
        for key in ("at_least", "count", "confidence", "fields", "files"):
            refused[key] = "belongs into the conditions inside"
    elif kind == "all_of":
        refused["at_least"] = "has no meaning beside `all_of` of entities: each is needed once"
        refused["count"] = "has no meaning beside `all_of` of entities: each is needed once"
    elif kind == "same_record" or derived:
        refused["fields"] = "has no meaning where findings meet in a record: all fields count"
        if when.get("count") == "findings":
            refused["count"] = "must be `records` here: what meets in a record is counted so"
    for key, why in refused.items():
        if key in when:
            yield Problem(document.at((*path, key), key=True), f"{shown(key)} {why}")
    if kind == "classes" and derived:
        what = f"class {shown(derived)} is derived and cannot be counted with others"
        hint = f"any_of: [{{class: {derived}}}, …]"
        yield Problem(document.at((*path, "classes")), what, hint)


def _derived(when: dict[str, Any], vocabulary: Vocabulary) -> str:
    """The derived class that `when` names in `class` or `classes`, or nothing."""
    names = [when.get("class"), *(when["classes"] if isinstance(when.get("classes"), list) else [])]
    return next((n for n in names if isinstance(n, str) and n in vocabulary.derived), "")
