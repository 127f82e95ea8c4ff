"""The entity catalogue: what can be found, what it is called, and which data classes it belongs to.

It imports neither presidio nor spacy, so that policies can be compiled without them.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from gatekeeper.errors import PolicyError
from gatekeeper.model import Confidence, Vocabulary

if TYPE_CHECKING:
    from gatekeeper.detect.lists import KeyedList

_FILE = Path(__file__).with_name("catalogue.yaml")
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_OPEN, _CLOSE = "[[", "]]"


@dataclass(frozen=True, slots=True)
class Canary:
    """A planted text; the value to be found is `text[start:end]`."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class EntityInfo:
    """One entity. `tiers` are the scores from which it is possible, likely and certain."""

    name: str
    title: str
    classes: frozenset[str]
    tiers: tuple[float, float, float]
    hipaa: tuple[str, ...] = ()
    yields_to: frozenset[str] = frozenset()
    """Entities that explain the same characters better (see `overlap`)."""
    covers: frozenset[str] = frozenset()
    """Entities of the catalogue that yield to this one, which is added to it."""
    canaries: tuple[Canary, ...] = ()
    media: bool = False
    rank: int = 0
    """Position in the catalogue: the last word of the order of findings."""

    def tier(self, score: float) -> Confidence | None:
        """The tier of `score`; None below `possible`. Scores are compared to four decimals."""
        return _tier(self.tiers, score)


@lru_cache(maxsize=1024)
def _tier(tiers: tuple[float, float, float], score: float) -> Confidence | None:
    rounded = round(score, 4)
    possible, likely, certain = tiers
    if rounded >= certain:
        return Confidence.CERTAIN
    if rounded >= likely:
        return Confidence.LIKELY
    return Confidence.POSSIBLE if rounded >= possible else None


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Every entity by name, every data class with its meaning, and the derived classes."""

    entities: Mapping[str, EntityInfo]
    classes: Mapping[str, str]
    derived: Mapping[str, tuple[str, ...]]
    digest: str
    """`sha256:…` of the bytes of the catalogue's file."""

    def resolve(self, class_name: str) -> frozenset[str]:
        """The entities of a plain class; raises KeyError for a derived or unknown one."""
        if class_name not in self.classes:
            raise KeyError(class_name)
        return frozenset(e.name for e in self.entities.values() if class_name in e.classes)

    def vocabulary(
        self,
        recognizers: Iterable[Path] = (),
        lists: Iterable[KeyedList] = (),
        locales: Iterable[str] = (),
    ) -> Vocabulary:
        """The words a policy may use, with the entities of `recognizers`, `lists` and `locales`.

        Raises ConfigError where one of those files is wrong.
        """
        words = Vocabulary(
            entities=frozenset(self.entities),
            classes={name: self.resolve(name) for name in self.classes},
            derived=self.derived,
            digest=self.digest,
        )
        added: dict[str, set[str]] = {}
        if switched_on := tuple(locales):
            from gatekeeper.detect.national import national_ids

            added.update((i.entity, set(i.classes)) for i in national_ids(switched_on))
        for held in lists:
            added.setdefault(held.entity, set()).update(held.classes)
        if paths := tuple(recognizers):
            from gatekeeper.detect.own import load_own

            for own in load_own(paths):
                added.setdefault(own.entity, set()).update(own.classes)
        full = words.extended({e: held for e, held in added.items() if e not in self.entities})
        return dataclasses.replace(full, locales=_SwitchedOff(full.entities))

    def extended(self, extra: Iterable[EntityInfo]) -> Catalogue:
        """This catalogue and further entities; those it knows already stay as they are, and one
        that is given twice has the classes and canaries of both.
        """
        added: dict[str, EntityInfo] = {}
        for e in extra:
            if e.name not in self.entities:
                added[e.name] = _both(added[e.name], e) if e.name in added else e
        named = {c for e in added.values() for c in e.classes}
        classes = {**{c: c for c in sorted(named)}, **self.classes}
        known = {
            name: dataclasses.replace(e, yields_to=e.yields_to | covering)
            if (covering := {a.name for a in added.values() if name in a.covers})
            else e
            for name, e in self.entities.items()
        }
        return Catalogue({**known, **added}, classes, self.derived, self.digest)


class _SwitchedOff(Mapping[str, str]):
    """Entity → the locale that would switch it on, but for those that are `on`.

    Only somebody who named one that is off asks for it: the countries are imported then.
    """

    def __init__(self, on: frozenset[str]) -> None:
        self._on = on

    def _all(self) -> dict[str, str]:
        from gatekeeper.detect.national import locale_of

        return {e: locale for e, locale in locale_of().items() if e not in self._on}

    def __getitem__(self, entity: str) -> str:
        return self._all()[entity]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())


def _both(one: EntityInfo, other: EntityInfo) -> EntityInfo:
    return dataclasses.replace(
        one,
        classes=one.classes | other.classes,
        canaries=tuple(dict.fromkeys((*one.canaries, *other.canaries))),
    )


@cache
def load_catalogue(path: Path = _FILE) -> Catalogue:
    """The catalogue in `path`. Raises PolicyError, with the place, for what it should not hold."""
    data = path.read_bytes()
    problem = ""
    try:
        root = yaml.compose(data, Loader=_LOADER)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = f"{path.name}:{mark.line + 1 if mark else 1}: not valid yaml"
    if problem:
        raise PolicyError(problem)
    return _Reader(path.name).catalogue(root, "sha256:" + hashlib.sha256(data).hexdigest())


class _Reader:
    """Reads the composed YAML nodes, so that every complaint has its line."""

    def __init__(self, name: str) -> None:
        self._name = name

    def catalogue(self, root: Any, digest: str) -> Catalogue:
        required = {"classes", "tiers", "entities"}
        top = self._members(root, required | {"derived"}, required)
        classes = {k: self._text(v) for k, v in self._members(top["classes"]).items()}
        derived = {
            k: self._words(v, classes)
            for k, v in (self._members(top["derived"]) if "derived" in top else {}).items()
        }
        tiers = self._tiers(top["tiers"])
        entities: dict[str, EntityInfo] = {}
        members = self._members(top["entities"])
        for rank, (name, node) in enumerate(members.items()):
            entities[name] = self._entity(name, node, rank, classes, tiers, members)
        known = {
            name: _resolved(e, classes, entities) if e.yields_to else e
            for name, e in entities.items()
        }
        self._check_order(known, members)
        return Catalogue(known, classes, derived, digest)

    def _entity(
        self,
        name: str,
        node: Any,
        rank: int,
        classes: Mapping[str, str],
        tiers: tuple[float, float, float],
        entities: Mapping[str, Any],
    ) -> EntityInfo:
        allowed = {"title", "classes", "tiers", "hipaa", "yields_to", "canaries", "media"}
        parts = self._members(node, allowed, needed={"title", "classes"})
        media = "media" in parts and self._text(parts["media"]) == "true"
        canaries = self._canaries(parts["canaries"]) if "canaries" in parts else ()
        if len(canaries) < 2 and not media:
            raise self._wrong(node, f"`{name}` needs two canaries")
        known = {*classes, *entities}
        return EntityInfo(
            name=name,
            title=self._text(parts["title"]),
            classes=frozenset(self._words(parts["classes"], classes)),
            tiers=self._tiers(parts["tiers"]) if "tiers" in parts else tiers,
            hipaa=self._words(parts["hipaa"]) if "hipaa" in parts else (),
            yields_to=frozenset(
                self._words(parts["yields_to"], known) if "yields_to" in parts else ()
            ),
            canaries=canaries,
            media=media,
            rank=rank,
        )

    def _check_order(self, entities: Mapping[str, EntityInfo], nodes: Mapping[str, Any]) -> None:
        """`yields_to` has no circle: else two findings could drop each other."""
        done: set[str] = set()

        def visit(name: str, above: tuple[str, ...]) -> None:
            if name in above:
                raise self._wrong(nodes[name], f"`{name}` yields to itself in the end")
            if name not in done:
                for other in sorted(entities[name].yields_to):
                    visit(other, (*above, name))
                done.add(name)

        for name in entities:
            visit(name, ())

    def _tiers(self, node: Any) -> tuple[float, float, float]:
        parts = self._members(node, {"possible", "likely", "certain"})
        values: tuple[float, ...] = ()
        try:
            values = tuple(float(self._text(parts[k])) for k in ("possible", "likely", "certain"))
        except (KeyError, ValueError):
            values = ()
        if not values or not 0 < values[0] <= values[1] <= values[2] <= 1:
            raise self._wrong(node, "tiers rise from possible over likely to certain, in 0 to 1")
        return values[0], values[1], values[2]

    def _canaries(self, node: Any) -> tuple[Canary, ...]:
        self._want(node, yaml.SequenceNode, "a list of texts")
        return tuple(self._canary(item) for item in node.value)

    def _canary(self, node: Any) -> Canary:
        if isinstance(node, yaml.SequenceNode):
            marked = "".join(self._text(part) for part in node.value)
        else:
            marked = self._text(node)
        canary = marked_text(marked)
        if canary is None:
            raise self._wrong(node, "a canary marks exactly one value with [[ ]]")
        return canary

    def _words(self, node: Any, known: Iterable[str] | None = None) -> tuple[str, ...]:
        self._want(node, yaml.SequenceNode, "a list")
        words = tuple(self._text(item) for item in node.value)
        for word, item in zip(words, node.value, strict=True):
            if known is not None and word not in known:
                raise self._wrong(item, f"unknown name `{word}`")
        return words

    def _text(self, node: Any) -> str:
        self._want(node, yaml.ScalarNode, "a single value")
        return str(node.value)

    def _members(
        self, node: Any, allowed: set[str] | None = None, needed: Iterable[str] = ()
    ) -> dict[str, Any]:
        self._want(node, yaml.MappingNode, "keys and values")
        members: dict[str, Any] = {}
        for key, value in node.value:
            name = self._text(key)
            if allowed is not None and name not in allowed:
                raise self._wrong(key, f"unknown key `{name}`")
            if name in members:
                raise self._wrong(key, f"`{name}` stands twice")
            members[name] = value
        for name in needed:
            if name not in members:
                raise self._wrong(node, f"`{name}` is missing")
        return members

    def _want(self, node: Any, kind: type, what: str) -> None:
        if not isinstance(node, kind):
            raise self._wrong(node, f"{what} expected")

    def _wrong(self, node: Any, what: str) -> PolicyError:
        line = node.start_mark.line + 1 if node is not None else 1
        return PolicyError(f"{self._name}:{line}: {what}")


def marked_text(marked: str) -> Canary | None:
    """`text [[value]] text` as a canary; None where not exactly one value is marked."""
    head, opened, rest = marked.partition(_OPEN)
    value, closed, tail = rest.partition(_CLOSE)
    if not opened or not closed or not value or _OPEN in value + tail or _CLOSE in tail:
        return None
    return Canary(head + value + tail, len(head), len(head) + len(value))


def _resolved(
    entity: EntityInfo, classes: Mapping[str, str], entities: Mapping[str, EntityInfo]
) -> EntityInfo:
    """`entity` with the classes of its `yields_to` replaced by their entities."""
    names: set[str] = set()
    for word in entity.yields_to:
        if word in classes:
            names |= {e.name for e in entities.values() if word in e.classes}
        else:
            names.add(word)
    return dataclasses.replace(entity, yields_to=frozenset(names - {entity.name}))


def entities_closed(catalogue: Catalogue, wanted: Sequence[str] | frozenset[str]) -> frozenset[str]:
    """`wanted` and every entity that one of them may yield to, directly or not.

    What is found of `wanted` then does not depend on what else was asked for.
    """
    closed: set[str] = set()
    pending = list(wanted)
    while pending:
        name = pending.pop()
        if name not in closed:
            closed.add(name)
            pending += catalogue.entities[name].yields_to
    return frozenset(closed)
