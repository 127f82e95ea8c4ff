"""What the process that asks and the workers say to each other; nothing here can hold record text.

A worker does one task at a time and ends it with one `Tallied`, `Looked`, `Reported` or `Failed`;
`Beat` and `Told` come meanwhile. Fields are named by pointers that are safe to show.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gatekeeper.counting import Count
from gatekeeper.model import Finding, Tally
from gatekeeper.read.limits import Limits
from gatekeeper.read.parts import Part
from gatekeeper.read.row_groups import Groups
from gatekeeper.shards.jobs import Recipe

if TYPE_CHECKING:
    from gatekeeper.detect.survey import Whole


@dataclass(frozen=True, slots=True)
class Begin:
    """The first message: make the detector, prove it, and keep within `memory_bytes`."""

    recipe: Recipe
    entities: frozenset[str]
    memory_bytes: int


@dataclass(frozen=True, slots=True)
class Ready:
    """The answer to `Begin`: what the detector is, that has passed its known-answer test."""

    fingerprint: str


@dataclass(frozen=True, slots=True)
class File:
    """A file to be opened."""

    path: Path
    input_format: str | None
    limits: Limits


@dataclass(frozen=True, slots=True)
class TallyFile:
    """Tally all of `file`; where `told`, tell each finding of the second reading."""

    file: File
    told: bool


@dataclass(frozen=True, slots=True)
class LookAt:
    """Read `part` of a content for the first time, and keep what the second reading needs."""

    content: int
    file: File
    part: Part | Groups
    key: bytes


@dataclass(frozen=True, slots=True)
class ReportOn:
    """Read again the `nth` part that this worker looked at; `whole` comes with the first."""

    content: int
    nth: int
    whole: Whole | None
    told: bool


@dataclass(frozen=True, slots=True)
class Forget:
    """Nothing more is asked about `content`. Is not answered."""

    content: int


Message = TallyFile | LookAt | ReportOn
"""A task."""


@dataclass(frozen=True, slots=True)
class Beat:
    """A sign of progress: so many bytes were looked at."""

    size_bytes: int


@dataclass(frozen=True, slots=True)
class Told:
    """Records with their findings, in order."""

    records: tuple[tuple[int, tuple[Finding, ...]], ...]


@dataclass(frozen=True, slots=True)
class Tallied:
    """The answer to `TallyFile`."""

    digest: str
    tally: Tally


@dataclass(frozen=True, slots=True)
class Looked:
    """The answer to `LookAt`; `same` says that the bytes were those that were cut.

    `complete` says that nothing stood in the way which only a reading of the whole file can account
    for. The parts of a columnar file together may unfold to `allowed_bytes`.
    """

    count: Count
    whole: Whole
    same: bool
    complete: bool = True
    spent_bytes: int = 0
    allowed_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Reported:
    """The answer to `ReportOn`."""

    count: Count
    same: bool


@dataclass(frozen=True, slots=True)
class Failed:
    """The answer to anything that failed: `kind` is that of the error, or empty for ours."""

    kind: str
    message: str
    hint: str = ""


Done = Tallied | Looked | Reported | Failed
