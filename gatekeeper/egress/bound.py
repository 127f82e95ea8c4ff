"""What a clearance binds, held against what is about to be sent: all of it is the same, or nothing
is sent.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field, fields

from gatekeeper.egress.ways import checked_expiry, purposes
from gatekeeper.errors import ConfigError, DatasetChanged, UploadError
from gatekeeper.model import Destination
from gatekeeper.model.cleared import PURPOSE, Cleared, Terms
from gatekeeper.model.job import JobRequest
from gatekeeper.model.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Account:
    """In whose name requests are made. The key goes into one header and nowhere else."""

    api_key: str = field(repr=False)
    organization: str = ""
    project: str = ""

    def headers(self) -> dict[str, str]:
        """The headers that say so, and nothing about this machine."""
        named = {"openai-organization": self.organization, "openai-project": self.project}
        return {
            "authorization": f"Bearer {self.api_key}",
            "user-agent": "gatekeeper",
            **{name: value for name, value in named.items() if value},
        }


@dataclass(frozen=True, slots=True)
class Parcel:
    """A sealed file, what it is for, and the name it is to go under."""

    role: str
    """`training` or `validation`."""
    name: str
    snapshot: Snapshot


@dataclass(frozen=True, slots=True)
class Present:
    """What holds at the moment of sending: it must be what held when it was decided."""

    policies: str
    """Digest of the policies, as `Decision.digests` has it."""
    detector: str
    """The detector's fingerprint."""
    today: datetime.date

    def terms(
        self,
        destination: Destination,
        account: Account,
        purpose: str = PURPOSE,
        expires_after_s: int | None = None,
    ) -> Terms:
        """The terms of an upload that begins now."""
        return Terms.of(
            destination,
            policies=self.policies,
            detector=self.detector,
            today=self.today,
            organization=account.organization,
            project=account.project,
            purpose=purpose,
            expires_after_s=expires_after_s,
        )


def parcels_for(cleared: Cleared, snapshots: Sequence[Snapshot]) -> list[Parcel]:
    """The snapshots under the roles and names of the clearance, in its order."""
    contents = cleared.contents
    return [Parcel(c.role, c.name, s) for c, s in zip(contents, snapshots, strict=True)]


def check_clearance(
    cleared: Cleared,
    parcels: Sequence[Parcel],
    destination: Destination,
    terms: Terms,
    job: JobRequest | None,
) -> None:
    """Raise unless every field of `cleared` is that of what is about to be sent.

    Raises:
        UploadError: it is none, was altered, or a field differs: the message names the field.
        DatasetChanged: the snapshots are others.
        ConfigError: `expires_after` is outside of the bounds of the service.
    """
    if type(cleared) is not Cleared or not cleared.holds:
        raise UploadError("nothing was cleared for upload", hint="run `gatekeeper upload`")
    checked_expiry(terms.expires_after_s)
    for bound in fields(Terms):
        if getattr(terms, bound.name) != getattr(cleared.terms, bound.name):
            raise UploadError(
                f"the clearance is for another `{bound.name}`; nothing was sent",
                hint="run the command again: it decides anew",
            )
    if (job.digest if job else "") != cleared.job:
        raise UploadError("the clearance is for another job, or for none; nothing was sent")
    if len(parcels) != len(cleared.contents):
        raise UploadError("the clearance is for other files; nothing was sent")
    for parcel, content in zip(parcels, cleared.contents, strict=True):
        if (parcel.role, parcel.name) != (content.role, content.name):
            raise UploadError("the clearance is for another name or role; nothing was sent")
        snapshot = parcel.snapshot
        if (snapshot.digest, snapshot.size_bytes) != (content.digest, content.size_bytes):
            raise DatasetChanged(
                "the snapshot is not what was cleared; nothing was sent",
                hint="run the command again",
            )
    if "jsonl" not in destination.formats:
        raise UploadError("the destination takes no JSONL; nothing was sent")
    if terms.purpose not in purposes(destination):
        raise UploadError("the destination takes no files of that purpose; nothing was sent")


def checked_key(api_key: str) -> str:
    """`api_key`, if it can stand in a header. Raises ConfigError."""
    if not api_key or not api_key.isascii() or not api_key.isprintable() or " " in api_key:
        raise ConfigError("no usable API key for the destination", hint="set OPENAI_API_KEY")
    return api_key
