"""The words a policy may use: entities and the data classes they belong to.

The catalogue of the detector makes a `Vocabulary`; policies are compiled against it, so the policy
room never has to know the detector.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from gatekeeper.model.canonical import digest_of


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Entity names, the entities of each data class, and the derived classes.

    A derived class (`phi`) is no set of entities: it is two or more classes that meet in one
    record. `digest` identifies the catalogue that the words came from.
    """

    entities: frozenset[str]
    classes: Mapping[str, frozenset[str]]
    derived: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    digest: str = ""
    locales: Mapping[str, str] = field(default_factory=dict)
    """Entities that are known but not looked for → the locale that would switch each on."""

    @property
    def class_names(self) -> tuple[str, ...]:
        """Every class a policy may name, derived ones included, sorted."""
        return tuple(sorted({*self.classes, *self.derived}))

    def groups(self, name: str) -> tuple[frozenset[str], ...]:
        """The sets of entities that must meet in a record for `name` to be there: one set for a
        plain class, several for a derived one. Raises KeyError for an unknown name.
        """
        if name in self.derived:
            return tuple(self.classes[part] for part in self.derived[name])
        return (self.classes[name],)

    def extended(self, extra: Mapping[str, Iterable[str]]) -> Vocabulary:
        """This vocabulary and the entities of the user's own recognizers: entity → its classes."""
        if not extra:
            return self
        added = {entity: sorted(set(names)) for entity, names in sorted(extra.items())}
        names = {*self.classes, *(name for held in added.values() for name in held)}
        return Vocabulary(
            entities=self.entities | frozenset(added),
            classes={
                name: self.classes.get(name, frozenset())
                | {entity for entity, held in added.items() if name in held}
                for name in sorted(names)
            },
            derived=self.derived,
            locales=self.locales,
            digest=digest_of({"base": self.digest, "added": added}),
        )
