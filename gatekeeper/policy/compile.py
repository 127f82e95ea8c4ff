"""From a policy's file to the value that `decide` knows. Data classes become entities here."""

from __future__ import annotations

import hashlib
import json

from gatekeeper.model import (
    AllOf,
    AnyOf,
    Confidence,
    Count,
    Duty,
    Examples,
    Policy,
    Requirement,
    Route,
    Rule,
    SameRecord,
    Unit,
    Vocabulary,
    digest_of,
)
from gatekeeper.model import Condition as Compiled
from gatekeeper.policy.schema import (
    Condition,
    Example,
    Group,
    PolicyFile,
    Repeated,
    RequirementFile,
    RuleFile,
)
from gatekeeper.policy.strict_yaml import parse
from gatekeeper.policy.structure import structure
from gatekeeper.policy.validate import validate


def compile_policy(source: bytes, name: str, vocabulary: Vocabulary) -> Policy:
    """The policy in `source`, the bytes of the file `name`.

    Raises PolicyError with every error of the file, each as `name:line:column: what`.
    """
    document = parse(source, name)
    file = validate(document, PolicyFile, vocabulary, also=structure(document, vocabulary))
    return Policy(
        id=file.policy,
        version=file.version,
        title=file.title,
        source=file.source,
        path=name,
        digest=digest_of({"file": _digest(source), "vocabulary": vocabulary.digest}),
        rules=tuple(
            _rule(rule, document.at(("rules", index)), vocabulary)
            for index, rule in enumerate(file.rules)
        ),
        requires=tuple(
            _requirement(requirement, document.at(("requires", index)), vocabulary)
            for index, requirement in enumerate(file.requires)
        ),
        unscanned=Route.parse(file.unscanned),
    )


def _digest(source: bytes) -> str:
    return "sha256:" + hashlib.sha256(source).hexdigest()


def _rule(rule: RuleFile, at: str, vocabulary: Vocabulary) -> Rule:
    return Rule(
        id=rule.id,
        because=rule.because,
        when=compile_condition(rule.when, vocabulary),
        route=Route.parse(rule.route),
        at=at,
        must=Duty(rule.must or ""),
        examples=Examples(
            trips=tuple(_example(e) for e in rule.examples.trips),
            passes=tuple(_example(e) for e in rule.examples.passes),
        ),
    )


def _example(example: Example) -> str:
    """The text; a repeated one as JSON Lines, because every line is a record there."""
    if not isinstance(example, Repeated):
        return example
    return "\n".join([json.dumps({"text": example.text}, ensure_ascii=False)] * example.times)


def _requirement(requirement: RequirementFile, at: str, vocabulary: Vocabulary) -> Requirement:
    found = tuple(_class(name, Condition(), vocabulary) for name in requirement.for_)
    return Requirement(
        agreement=requirement.agreement,
        classes=tuple(requirement.for_),
        when=found[0] if len(found) == 1 else AnyOf(found),
        because=requirement.because,
        at=at,
        endpoints=tuple(sorted(set(requirement.endpoints or ()))),
        regions=tuple(sorted(set(requirement.in_ or ()))),
        unless_in=tuple(sorted(set(requirement.unless_in or ()))),
    )


def compile_condition(when: Condition, vocabulary: Vocabulary) -> Compiled:
    """The compiled form of a condition that `structure` has nothing against."""
    if when.same_record is not None:
        groups = tuple(g for group in when.same_record for g in _group(group, vocabulary))
        return _same_record(groups, when)
    if when.class_ is not None:
        return _class(when.class_, when, vocabulary)
    if when.classes is not None:
        entities = frozenset().union(*(vocabulary.classes[name] for name in when.classes))
        return _count(entities, when)
    parts = when.any_of if when.any_of is not None else when.all_of or []
    nested = tuple(compile_condition(p, vocabulary) for p in parts if isinstance(p, Condition))
    names = [p for p in parts if isinstance(p, str)]
    if when.any_of is not None:
        return AnyOf(nested) if nested else _count(frozenset(names), when)
    return AllOf(nested or tuple(_count(frozenset({name}), when) for name in names))


def _class(name: str, when: Condition, vocabulary: Vocabulary) -> Compiled:
    groups = vocabulary.groups(name)
    return _count(groups[0], when) if len(groups) == 1 else _same_record(groups, when)


def _group(group: Group, vocabulary: Vocabulary) -> tuple[frozenset[str], ...]:
    if group.class_ is not None:
        return vocabulary.groups(group.class_)
    return (frozenset(group.any_of or [group.entity or ""]),)


def _confidence(when: Condition) -> Confidence:
    return Confidence.parse(when.confidence or "likely")


def _count(entities: frozenset[str], when: Condition) -> Count:
    return Count(
        entities=entities,
        at_least=when.at_least or 1,
        confidence=_confidence(when),
        unit=Unit(when.count or "findings"),
        fields=tuple(when.fields or ()),
        files=tuple(when.files or ()),
    )


def _same_record(groups: tuple[frozenset[str], ...], when: Condition) -> SameRecord:
    return SameRecord(
        groups=groups,
        at_least=when.at_least or 1,
        confidence=_confidence(when),
        files=tuple(when.files or ()),
    )
