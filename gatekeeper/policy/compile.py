"""From the models of files to the values that `decide` knows. Data classes become entities here."""

from __future__ import annotations

import hashlib
import ipaddress
import json
from urllib.parse import SplitResult, urlsplit

from gatekeeper.errors import PolicyError
from gatekeeper.model import (
    AllOf,
    AnyOf,
    Confidence,
    Count,
    Destination,
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
from gatekeeper.policy.problems import Problem, raise_all
from gatekeeper.policy.schema import (
    Condition,
    DestinationFile,
    Example,
    Group,
    PolicyFile,
    Repeated,
    RequirementFile,
    RuleFile,
)
from gatekeeper.policy.strict_yaml import Document, parse, shown
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


def compile_destination(source: bytes, name: str) -> Destination:
    """The destination in `source`, the bytes of the file `name`.

    Its `as_of` is that of its oldest fact, and `host` is what `base_url` connects to: the name in
    lower case, with the port where it is not the scheme's own. Raises PolicyError with every error
    of the file.
    """
    document = parse(source, name)
    file = validate(document, DestinationFile)
    host, problems = _host(file.base_url, document)
    if file.opens and file.closes and file.closes <= file.opens:
        problems.append(Problem(document.at(("closes",)), "`closes` is not after `opens`"))
    if file.closes and not file.closes_because:
        at = document.at(("closes",), key=True)
        problems.append(Problem(at, "`closes` needs `closes_because`", "it is shown as the reason"))
    raise_all(problems, PolicyError)
    return Destination(
        name=file.destination,
        title=file.title or file.destination,
        party=file.party,
        base_url=file.base_url,
        host=host,
        as_of=min([file.as_of, *(fact.as_of for fact in file.facts.values())]),
        max_age_days=file.max_age_days,
        digest=_digest(source),
        opens=file.opens,
        closes=file.closes,
        closes_because=file.closes_because or "",
        covers=frozenset(file.covers),
        max_bytes=file.max_bytes,
        formats=tuple(file.formats),
        expires_after_s=file.expires_after_s,
        models=tuple(file.models),
        facts={key: fact.model_dump(exclude_none=True) for key, fact in file.facts.items()},
    )


def _host(base_url: str, document: Document) -> tuple[str, list[Problem]]:
    at = document.at(("base_url",))
    url, port = _split(base_url)
    if url is None or not url.hostname or url.scheme not in ("https", "http"):
        return "", [Problem(at, "`base_url` is not a web address", "https://host/v1")]
    if not base_url.isascii() or url.username is not None or url.query or url.fragment:
        what = "`base_url` may hold a host, a port and a path only"
        return "", [Problem(at, what, "keys belong into the environment")]
    if url.scheme == "http" and not _is_loopback(url.hostname):
        what = f"`base_url` must be https: {shown(url.hostname)} is not this machine"
        return "", [Problem(at, what, "plain http is for 127.0.0.1, [::1] and localhost")]
    name = f"[{url.hostname}]" if ":" in url.hostname else url.hostname
    own = {"https": 443, "http": 80}[url.scheme]
    return (name if port in (None, own) else f"{name}:{port}"), []


def _split(base_url: str) -> tuple[SplitResult | None, int | None]:
    try:
        url = urlsplit(base_url)
        return url, url.port
    except ValueError:
        return None, None


def _is_loopback(hostname: str) -> bool:
    if hostname == "localhost":
        return True
    try:
        return ipaddress.ip_address(hostname).is_loopback
    except ValueError:
        return False
