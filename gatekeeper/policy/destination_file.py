"""The shape of a destination's file: where data may go, each fact with its source and its day."""

from __future__ import annotations

import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from gatekeeper.policy.named import Identifier, Line, problem
from gatekeeper.policy.schema import AgreementKind, EndpointName, Strict

DAY_S = 86_400

Leak = Literal["file_name", "metadata", "suffix", "grader", "wandb"]

UNKNOWN = "unknown"
"""The value of a fact that nobody knows: it closes the destination until somebody does."""


def _fact_value(value: Any) -> Any:
    items = value if isinstance(value, list) else [value]
    if not items or not all(isinstance(i, str | int | datetime.date) for i in items):
        raise problem("must be text, a whole number, a boolean, a day, or a list of them")
    return value


class FactFile(Strict):
    """One thing known of a destination, or not known."""

    value: Annotated[Any, AfterValidator(_fact_value)]
    """Text, a whole number, a boolean, a day, or a list of texts. `unknown` closes the door."""
    source: Line
    """Where it was read."""
    as_of: datetime.date
    """The day it was read, or of the copy that was read."""
    until: datetime.date | None = None
    """The last day on which it holds; the destination closes on the next."""
    note: Line | None = None


class EndpointFile(Strict):
    """One endpoint that an upload, or the job on it, uses."""

    paths: Annotated[list[Line], Field(min_length=1)]
    """Below base_url, as /files."""
    covers: list[AgreementKind] | None = None
    """The kinds of agreement that reach it at all; those of the destination where not given."""
    zdr_eligible: bool = False
    """Whether zero data retention can be had for it."""
    regions: list[Identifier] = Field(default=[])
    """The regions that what is sent does not leave; none where that is not promised."""
    keeps_region: bool = False
    """What is sent does not leave the destination's own region, whichever that is."""
    opens: datetime.date | None = None
    """The first day it is open."""
    closes: datetime.date | None = None
    """The first day it is closed again."""
    closes_because: Line | None = None
    source: Line
    """Where all this was read."""
    as_of: datetime.date
    """The day it was read, or of the copy that was read."""
    until: datetime.date | None = None
    """The last day on which it holds; the destination closes on the next."""
    note: Line | None = None


class DestinationFile(Strict):
    """Where data may go. Four keys are enough: destination, party, base_url, as_of."""

    destination: Identifier
    extends: Identifier | None = None
    """A shipped destination whose keys, facts and endpoints hold where this file has no own."""
    template: bool = False
    """To be extended: closed, and without base_url, until another file completes it."""
    party: Identifier | None = None
    """Whose it is; agreements are with a party."""
    base_url: Line | None = None
    """Of the OpenAI-compatible API, with its /v1; https, or http on this very machine."""
    as_of: datetime.date
    """The day these facts were last checked."""
    title: Line | None = None
    max_age_days: Annotated[int, Field(ge=1, le=3660)] = 365
    """The destination closes when its oldest fact is older than this."""
    opens: datetime.date | None = None
    """The first day it is open."""
    closes: datetime.date | None = None
    """The first day it is closed again."""
    closes_because: Line | None = None
    covers: list[AgreementKind] = Field(default=[])
    """The kinds of agreement that reach this endpoint at all."""
    zdr_only: list[AgreementKind] = Field(default=[])
    """The kinds that reach only endpoints eligible for zero data retention."""
    region: Identifier | None = None
    """Where the data is kept; not known where not given. Regions are compared word by word."""
    endpoints: dict[EndpointName, EndpointFile] = Field(default={})
    """What is used of it; a decision is made for all of them, the strictest counts."""
    purposes: Annotated[list[Identifier], Field(min_length=1)] = Field(default=["fine-tune"])
    """Of the Files API, that an upload may name."""
    leaks: list[Leak] = Field(default=[])
    """What else leaves the house with an upload or a job, beside the rows."""
    integrations: list[Identifier] = Field(default=[])
    """Third parties that a job may forward to; none where empty."""
    job_extra: dict[Line, Line] = Field(default={})
    """What every job has to say beside what it is asked for."""
    max_bytes: Annotated[int, Field(ge=1)] = 512_000_000
    formats: Annotated[list[Identifier], Field(min_length=1)] = Field(default=["jsonl"])
    expires_after_s: Annotated[int, Field(ge=3_600, le=30 * DAY_S)] = DAY_S
    """When the uploaded file deletes itself: an hour to 30 days, a day where not given."""
    models: list[Line] = Field(default=[])
    """The base models that a training job may name; any where empty."""
    facts: dict[str, FactFile] = Field(default={})
