"""Policies, destinations, agreements and waivers as compiled values: all that `decide` may know.

Data classes are resolved to entities when a policy is loaded, so a condition holds entity names
only. Every condition is monotone: more evidence can only turn it on (DESIGN law 4); there is no
negation and no ratio to write one with.
"""

from __future__ import annotations

import datetime
import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gatekeeper.model.values import Confidence


class Route(enum.IntEnum):
    """Where a dataset may go, by strictness; the value is the exit code."""

    ALLOW = 0
    ON_PREM = 10
    QUARANTINE = 20

    @property
    def word(self) -> str:
        """The route as policies and reports write it."""
        return self.name.lower()

    @classmethod
    def parse(cls, word: str) -> Route:
        """The route named `word`; raises KeyError for any other word."""
        return cls[word.upper()]


class Duty(enum.Enum):
    """What a rule asks for beyond its route; it never loosens one."""

    NOTHING = ""
    DESTROY = "destroy"
    """The data may not be kept, not even encrypted: quarantine holds it only until it is gone."""

    @property
    def words(self) -> str:
        """What is to be done, for reports; empty where nothing is."""
        if self is Duty.NOTHING:
            return ""
        return (
            "may not be kept, even encrypted: strip it at the source, "
            "and delete the quarantined case as well"
        )


class Unit(enum.Enum):
    """What a count counts."""

    FINDINGS = "findings"
    RECORDS = "records"


@dataclass(frozen=True, slots=True)
class Count:
    """At least `at_least` findings (or records with one) of any of `entities`.

    Only findings of `confidence` or above count; `fields` and `files`, where given, are globs that
    select fields (`/messages/*/content`) and sources.
    """

    entities: frozenset[str]
    at_least: int = 1
    confidence: Confidence = Confidence.LIKELY
    unit: Unit = Unit.FINDINGS
    fields: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SameRecord:
    """At least `at_least` records in which every group has a finding of `confidence` or above."""

    groups: tuple[frozenset[str], ...]
    at_least: int = 1
    confidence: Confidence = Confidence.LIKELY
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every part holds; never empty."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Some part holds; never empty."""

    parts: tuple[Condition, ...]


Condition = Count | SameRecord | AllOf | AnyOf


def entities_of(condition: Condition) -> frozenset[str]:
    """Every entity that `condition` looks at."""
    match condition:
        case Count(entities=entities):
            return entities
        case SameRecord(groups=groups):
            return frozenset().union(*groups)
        case AllOf(parts=parts) | AnyOf(parts=parts):
            return frozenset().union(*(entities_of(p) for p in parts))


def names_fields(condition: Condition) -> bool:
    """Whether it matters to `condition` in which fields something stands."""
    match condition:
        case Count(fields=fields):
            return bool(fields)
        case SameRecord():
            return False
        case AllOf(parts=parts) | AnyOf(parts=parts):
            return any(map(names_fields, parts))


def names_files(condition: Condition) -> bool:
    """Whether it matters to `condition` how the files are called."""
    match condition:
        case Count(files=files) | SameRecord(files=files):
            return bool(files)
        case AllOf(parts=parts) | AnyOf(parts=parts):
            return any(map(names_files, parts))


@dataclass(frozen=True, slots=True)
class Examples:
    """Texts that must and must not trip a rule: its own test."""

    trips: tuple[str, ...] = ()
    passes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """When `when` holds, the dataset takes `route` at least; `because` is the clause."""

    id: str
    because: str
    when: Condition
    route: Route
    at: str
    """`file:line:column`"""
    must: Duty = Duty.NOTHING
    """What is owed besides the route, where no route can do it."""
    examples: Examples = field(default=Examples(), compare=False)


@dataclass(frozen=True, slots=True)
class Requirement:
    """An agreement that the destination must have where `when` holds; else on-prem at least.

    `endpoints` are those that it is about, all where empty. `regions`, where given, are the only
    ones in which the data may be; in a region of `unless_in` the agreement is not needed. Both
    count only where the endpoint keeps what is sent within the region.
    """

    agreement: str
    classes: tuple[str, ...]
    when: Condition
    because: str
    at: str
    endpoints: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    unless_in: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Policy:
    """A compiled policy. `digest` is over the bytes of its file and of the entity catalogue."""

    id: str
    version: int
    title: str
    source: str
    path: str
    digest: str
    rules: tuple[Rule, ...]
    requires: tuple[Requirement, ...] = ()
    unscanned: Route = Route.QUARANTINE

    @property
    def entities(self) -> frozenset[str]:
        """Every entity that some rule or requirement names."""
        conditions = [r.when for r in self.rules] + [r.when for r in self.requires]
        return frozenset().union(*(entities_of(c) for c in conditions))

    @property
    def names_fields(self) -> bool:
        """Whether it matters to some rule or requirement in which fields something stands."""
        conditions = [r.when for r in self.rules] + [r.when for r in self.requires]
        return any(map(names_fields, conditions))

    @property
    def names_files(self) -> bool:
        """Whether it matters to some rule or requirement how the files are called."""
        conditions = [r.when for r in self.rules] + [r.when for r in self.requires]
        return any(map(names_files, conditions))


ZDR = "ZDR"
"""Zero data retention: it reaches only endpoints that are eligible for it."""

RESIDENCY = "RESIDENCY"
"""A residency addendum: it reaches only endpoints that keep what is sent within the region."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One endpoint that an upload, or the job on it, uses: `files`, `uploads` or `fine_tuning`.

    It is open on a day when `opens` ≤ day < `closes`.
    """

    name: str
    paths: tuple[str, ...] = ()
    covers: frozenset[str] = frozenset()
    """The kinds of agreement that reach it at all."""
    zdr_eligible: bool = False
    """Whether nothing need be retained there; a policy of zero retention is possible."""
    regions: frozenset[str] = frozenset()
    """The regions that what is sent does not leave; none where that is not promised."""
    opens: datetime.date | None = None
    closes: datetime.date | None = None
    closes_because: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """When and where one thing about a destination was read, and how long it holds."""

    key: str
    source: str
    as_of: datetime.date
    until: datetime.date | None = None
    """The last day on which it holds; None where no end is known."""
    known: bool = True
    """False where the file says that nobody knows: what is not known closes the door."""


@dataclass(frozen=True, slots=True)
class Destination:
    """Where data may go, as data: facts with a source and a date, named in its file.

    A destination is open on a day when `opens` ≤ day < `closes`, none of its facts is unknown,
    over, older than `max_age_days` or from the future, every endpoint is open, and it has an
    address.
    `covers` are the kinds of agreement that reach every endpoint: a BAA that does not reach the
    endpoint unlocks nothing.
    """

    name: str
    title: str
    party: str
    base_url: str
    """Empty in a template, which is closed until somebody's own file completes it."""
    host: str
    as_of: datetime.date
    """The day of the oldest fact."""
    max_age_days: int
    digest: str
    opens: datetime.date | None = None
    closes: datetime.date | None = None
    closes_because: str = ""
    covers: frozenset[str] = frozenset()
    max_bytes: int = 512_000_000
    formats: tuple[str, ...] = ("jsonl",)
    expires_after_s: int = 86_400
    models: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict, compare=False)
    purposes: tuple[str, ...] = ("fine-tune",)
    """Of the Files API, that an upload may name."""
    region: str = ""
    """Where the data is kept; empty where that is not known."""
    zdr_only: frozenset[str] = frozenset()
    """The kinds of agreement that reach only endpoints eligible for zero data retention."""
    endpoints: Mapping[str, Endpoint] = field(default_factory=dict, hash=False)
    leaks: tuple[str, ...] = ()
    """What else leaves the house with an upload or a job, beside the rows."""
    integrations: tuple[str, ...] = ()
    """The third parties to which a job may forward what it has; none where empty."""
    job_extra: tuple[tuple[str, str], ...] = ()
    """What every job has to say there beside what it is asked for: (key, value)."""
    stated: tuple[Fact, ...] = ()
    """Every dated thing of the file, the file itself among them."""

    @property
    def used(self) -> tuple[Endpoint, ...]:
        """The endpoints that are decided on, by name; one without a name where none is declared."""
        if self.endpoints:
            return tuple(e for _, e in sorted(self.endpoints.items()))
        kept = frozenset({self.region} if self.region else ())
        return (Endpoint("", (), self.covers, zdr_eligible=ZDR in self.covers, regions=kept),)


@dataclass(frozen=True, slots=True)
class Agreement:
    """A signed paper between the house and a party, and the days on which it holds (inclusive)."""

    party: str
    kind: str
    covers: tuple[str, ...]
    valid_from: datetime.date
    until: datetime.date
    digest: str = ""
    endpoints: tuple[str, ...] = ()
    """The endpoints it is about; all where empty."""
    region: str = ""
    """The only region it is about; any where empty."""


@dataclass(frozen=True, slots=True)
class Waiver:
    """One rule set aside for one set of files, by somebody, for a reason, until a day (inclusive).

    It is data, evaluated like a rule, and every decision that used it names it (DESIGN law 9).
    """

    policy: str
    rule: str
    dataset: str
    until: datetime.date
    owner: str
    because: str
    at: str


@dataclass(frozen=True, slots=True)
class Attestation:
    """What the detector proved in this process: its fingerprint and the entities whose planted
    canary it has just found (the known-answer test).
    """

    fingerprint: str
    entities: frozenset[str]
