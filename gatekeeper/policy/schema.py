"""The shapes of the files people write: a policy, a destination, gatekeeper.yaml.

Pydantic checks them; `validate` says every error in plain words at its place in the file, and
`published` writes the same shapes for editors. Nothing is coerced and no key is ignored.
"""

from __future__ import annotations

import datetime
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    field_validator,
)

from gatekeeper.policy.named import (
    ClassName,
    Entity,
    FieldGlob,
    Identifier,
    Line,
    Locale,
    problem,
)

CONFIDENCES = ("possible", "likely", "certain")
UNITS = ("findings", "records")
AGREEMENTS = ("BAA", "DPA", "SCC", "ZDR", "RESIDENCY")
"""Kinds of paper: business associate agreement (45 CFR 164.504(e)), data processing agreement
(GDPR Art. 28(3)), standard contractual clauses (GDPR Art. 46(2)(c)), zero data retention, residency
addendum (what is sent stays in a region).
"""
ENDPOINTS = ("files", "uploads", "fine_tuning")
"""What an upload, or the job on it, uses of the OpenAI protocol."""

Confidence = Literal["possible", "likely", "certain"]
StrictRoute = Literal["on_prem", "quarantine"]
AgreementKind = Literal["BAA", "DPA", "SCC", "ZDR", "RESIDENCY"]
EndpointName = Literal["files", "uploads", "fine_tuning"]
AtLeast = Annotated[int, Field(ge=1)]


class Strict(BaseModel):
    """No unknown key, no coercion, no change afterwards."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        populate_by_name=False,
        defer_build=True,  # a shape that stands only within others needs no validator of its own
    )


class Group(Strict):
    """One of the things that must meet in a record."""

    entity: Entity | None = None
    """One entity."""
    class_: ClassName | None = Field(default=None, alias="class")
    """Any entity of a data class."""
    any_of: Annotated[list[Entity], Field(min_length=1)] | None = None
    """Any of these entities."""

    @classmethod
    def kinds(cls) -> tuple[str, ...]:
        """The keys of which one is given."""
        return ("entity", "class", "any_of")


def _part_kind(value: Any) -> str:
    return "condition" if isinstance(value, dict | Condition) else "entity"


class Condition(Strict):
    """When a rule holds. Exactly one of any_of, all_of, class, classes and same_record."""

    any_of: Parts | None = None
    """Findings of any of these entities, counted together; or any of these conditions."""
    all_of: Parts | None = None
    """A finding of each of these entities, anywhere; or all of these conditions."""
    class_: ClassName | None = Field(default=None, alias="class")
    """Findings of any entity of a data class."""
    classes: Annotated[list[ClassName], Field(min_length=1)] | None = None
    """Findings of any entity of any of these data classes, counted together."""
    same_record: Annotated[list[Group], Field(min_length=2)] | None = None
    """Records in which every one of these is found."""
    at_least: AtLeast | None = None
    """How many findings or records it takes; 1 where not given."""
    count: Literal["findings", "records"] | None = None
    """What is counted: findings (the default), or records that have one."""
    confidence: Confidence | None = None
    """Findings below this tier do not count; likely where not given."""
    fields: Annotated[list[FieldGlob], Field(min_length=1)] | None = None
    """Only findings in these fields count: globs such as /messages/*/content."""
    files: Annotated[list[Line], Field(min_length=1)] | None = None
    """Only findings in these files count: globs."""

    @classmethod
    def kinds(cls) -> tuple[str, ...]:
        """The keys of which one is given."""
        return ("any_of", "all_of", "class", "classes", "same_record")


Part = Annotated[
    Annotated[Entity, Tag("entity")] | Annotated[Condition, Tag("condition")],
    Discriminator(_part_kind),
]
Parts = Annotated[list[Part], Field(min_length=1)]


class Repeated(Strict):
    """An example of many records: `text`, so many times."""

    text: str
    times: Annotated[int, Field(ge=1, le=10_000)]


def _example_kind(value: Any) -> str:
    return "repeated" if isinstance(value, dict | Repeated) else "text"


Example = Annotated[
    Annotated[str, Tag("text")] | Annotated[Repeated, Tag("repeated")],
    Discriminator(_example_kind),
]


class ExamplesFile(Strict):
    """A rule's own test: texts that must trip it, and texts that must not.

    A text is plain text, or one record of JSON Lines where it starts with `{`.
    """

    trips: list[Example] = []
    passes: list[Example] = []


class RuleFile(Strict):
    """One rule."""

    id: Identifier
    because: Line
    """The clause, and what it says in a few words."""
    when: Condition
    route: StrictRoute
    must: Literal["destroy"] | None = None
    """What may not be kept even encrypted is to be destroyed; only beside route quarantine."""
    examples: ExamplesFile = ExamplesFile()

    @field_validator("route", mode="before")
    @classmethod
    def _only_tighten(cls, value: Any) -> Any:
        if value == "allow":
            raise problem(
                "a rule cannot have route `allow`: rules can only tighten",
                "what no rule holds against is allowed; remove the rule",
            )
        return value


class RequirementFile(Strict):
    """An agreement the destination's owner must have signed where these classes are found."""

    agreement: AgreementKind
    for_: Annotated[list[ClassName], Field(min_length=1, alias="for")]
    because: Line
    endpoints: Annotated[list[EndpointName], Field(min_length=1)] | None = None
    """The endpoints that the agreement must reach; all that are used where not given."""
    in_: Annotated[list[Identifier], Field(min_length=1)] | None = Field(default=None, alias="in")
    """The only regions that the data may be kept in: nothing else will do, agreement or not."""
    unless_in: Annotated[list[Identifier], Field(min_length=1)] | None = None
    """No agreement is needed where what is sent is kept in one of these regions."""


class PolicyFile(Strict):
    """A policy of Gatekeeper: what may not go to a third party, and why."""

    policy: Identifier
    """The policy's name, in every report and receipt."""
    version: Annotated[int, Field(ge=1)]
    title: Line
    source: Line
    """The law, standard or document the policy comes from."""
    requires: list[RequirementFile] = []
    rules: Annotated[list[RuleFile], Field(min_length=1)]
    unscanned: StrictRoute = "quarantine"
    """Where a dataset goes of which something could not be scanned."""


class AgreementFile(Strict):
    """A signed paper between the house and a party."""

    party: Identifier
    kind: AgreementKind
    covers: Annotated[list[ClassName], Field(min_length=1)]
    """The data classes it is about."""
    from_: Annotated[datetime.date, Field(alias="from")]
    until: datetime.date
    """The last day it holds."""
    digest: Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")] | None = None
    """Of the signed paper."""
    endpoints: Annotated[list[EndpointName], Field(min_length=1)] | None = None
    """The endpoints it is about; all where not given."""
    region: Identifier | None = None
    """The only region it is about; any where not given. A RESIDENCY addendum names one."""


class WaiverFile(Strict):
    """One rule set aside for one set of files, by somebody, for a reason, until a day."""

    policy: Line
    rule: Identifier
    dataset: Line
    """A glob of file names."""
    until: datetime.date
    """The last day it holds; a waiver always ends."""
    owner: Line
    because: Line


class OnPremFile(Strict):
    """Settings of the on-prem hand-off."""

    base_model: Line
    """The model to train: a folder, or a name the training machine knows."""


class NameModelFile(Strict):
    """A name model of your own, in place of the bundled one."""

    kind: Literal["spacy", "transformers", "gliner"]
    """What opens it; transformers and gliner are extras of the package."""
    path: Line
    """Its folder on this machine; nothing is fetched from a hub."""


class NameListFile(Strict):
    """A list of names with a key of its own."""

    file: Line
    """Made by `gatekeeper lists make`."""
    key: Line | None = None
    """The file of its key; lists.key in the gatekeeper home where not given."""


def _list_kind(value: Any) -> str:
    return "keyed" if isinstance(value, dict | NameListFile) else "file"


NameListEntry = Annotated[
    Annotated[Line, Tag("file")] | Annotated[NameListFile, Tag("keyed")],
    Discriminator(_list_kind),
]


def _recipient(text: str) -> str:
    if text.upper().startswith("AGE-SECRET-KEY-"):
        raise problem(
            "a secret key stands where a recipient belongs",
            "take it out and make a new key: `gatekeeper keys init`; recipients start `age1`",
        )
    plain = text.startswith("age1") and text.isalnum() and text.isascii()
    if not plain and not text.startswith("command:"):
        raise problem(
            "not a recipient",
            "recipients start `age1` (`gatekeeper keys init`), or are `command:NAME`",
        )
    return text


class WrapperFile(Strict):
    """A command that wraps the keys of cases: the way to a KMS or an HSM.

    Each is a list: a program (on PATH, or a path) and its arguments. No shell reads it.
    """

    wrap: Annotated[list[Line], Field(min_length=1)]
    """Reads 16 bytes on stdin, and prints them wrapped, 16 to 65,536 bytes."""
    unwrap: Annotated[list[Line], Field(min_length=1)] | None = None
    """The other way. Only on machines where cases may be opened, not on the gate's."""
    post_quantum: bool = False
    """Whether its wrapping is safe against quantum computers; then no other kind is beside it."""


class ConfigFile(Strict):
    """gatekeeper.yaml: what applies in this folder and below."""

    policies: Annotated[list[Line], Field(min_length=1)] | None = None
    """Shipped names or files; all shipped policies where not given."""
    datasets: list[Line] = []
    """Folders and globs that the git hook looks at."""
    destination: Line = "openai"
    """A shipped name or a file."""
    state: Line = ".gatekeeper"
    """Where receipts, hand-offs and keys are kept."""
    vault: Line | None = None
    """Where quarantined datasets are kept; the folder vault in state where not given."""
    recipients: list[Annotated[str, AfterValidator(_recipient)]] = []
    """Public keys (age1…) and commands (command:NAME) that cases are encrypted to."""
    wrappers: dict[Identifier, WrapperFile] = {}
    """Commands for recipients `command:NAME`, by name."""
    retention_days: Annotated[int, Field(ge=1, le=36_500)] | None = None
    """After so many days one enrolled person may destroy a case; without it, only on a request."""
    agreements: list[AgreementFile] = []
    waivers: list[WaiverFile] = []
    recognizers: list[Line] = []
    """Files of own recognizers, in Presidio's YAML."""
    lists: list[NameListEntry] = []
    """Lists of customers and code names, kept as keyed hashes: files, or {file: …, key: …}."""
    locales: list[Locale] = []
    """Countries whose own numbers are looked for as well, ISO 3166-1 alpha-2 in lower case."""
    names: NameModelFile | None = None
    """The name model; the bundled one where not given."""
    onprem: OnPremFile | None = None


Condition.model_rebuild()
