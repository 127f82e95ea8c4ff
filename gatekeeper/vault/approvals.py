"""Requests and approvals: what people sign before a case is given out or destroyed.

A request names the case, the digest of its ciphertext, what is to be done, what for, where to, and
until when. An approval covers the digest of that very request, and repeats what it allows. Both are
DSSE envelopes around in-toto statements, so that each can be checked without this vault.
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from gatekeeper.errors import ReceiptError, VaultError
from gatekeeper.vault import dsse
from gatekeeper.vault.statement import make_statement, parse_statement, subjects_of
from gatekeeper.vault.times import parse_utc, utc

REQUEST_TYPE = "https://gatekeeper.dev/request/v1"
APPROVAL_TYPE = "https://gatekeeper.dev/approval/v1"
RELEASE, DESTROY = "release", "destroy"
ACTIONS = (RELEASE, DESTROY)
MAX_DAYS = 30
"""A request that is older was never about the vault as it is."""
MAX_TEXT = 200
SKEW = datetime.timedelta(minutes=5)
"""By how much two clocks may differ."""
_WORDS = ("request", "case", "action", "purpose", "destination", "time", "expires")


@dataclass(frozen=True, slots=True)
class Request:
    """Somebody asks that a case be released or destroyed."""

    id: str
    case_id: str
    action: str
    purpose: str
    destination: str
    ciphertext: str
    """`sha256:…` of the ciphertext that it is about: a case rewrapped since needs a new request."""
    time: str
    expires: str
    person: str
    digest: str = ""
    """`sha256:…` of the statement that was signed."""

    def statement(self) -> bytes:
        """What the person signs."""
        predicate = {
            "request": self.id,
            "case": self.case_id,
            "action": self.action,
            "purpose": self.purpose,
            "destination": self.destination,
            "time": self.time,
            "expires": self.expires,
        }
        return make_statement(REQUEST_TYPE, predicate, [("ciphertext", self.ciphertext)])


@dataclass(frozen=True, slots=True)
class Approval:
    """Somebody else agrees to a request."""

    request: Request
    time: str
    expires: str
    person: str
    digest: str = ""
    """`sha256:…` of the statement that was signed."""

    def statement(self) -> bytes:
        """What the person signs: all that is approved, bound to the digest of the request."""
        asked = self.request
        predicate = {
            "request": asked.id,
            "case": asked.case_id,
            "action": asked.action,
            "purpose": asked.purpose,
            "destination": asked.destination,
            "time": self.time,
            "expires": self.expires,
        }
        subjects = [("ciphertext", asked.ciphertext), ("request", asked.digest)]
        return make_statement(APPROVAL_TYPE, predicate, subjects)


def digest_of_statement(statement: bytes) -> str:
    """`sha256:…` of the bytes that were signed."""
    return f"sha256:{hashlib.sha256(statement).hexdigest()}"


def check_text(text: str, what: str) -> str:
    """`text` if it may stand in a request; raises VaultError."""
    if not 0 < len(text) <= MAX_TEXT or not text.isprintable() or text.strip() != text:
        raise VaultError(f"{what}: write one line of at most {MAX_TEXT} characters")
    return text


def lifetime(now: datetime.datetime, days: int) -> tuple[str, str]:
    """The time of a signature, and when it expires; raises VaultError for too long."""
    if not 1 <= days <= MAX_DAYS:
        raise VaultError(f"{days} days: a request or an approval holds for 1 to {MAX_DAYS} days")
    return utc(now), utc(now + datetime.timedelta(days=days))


def read_request(envelope: bytes, people: Mapping[str, Ed25519PublicKey]) -> Request:
    """The request in `envelope`, signed by one of `people` (id → key); raises VaultError."""
    said, subjects, person, digest = _open(envelope, REQUEST_TYPE, people)
    ciphertext = subjects.get("ciphertext", "")
    if set(subjects) != {"ciphertext"} or said["action"] not in ACTIONS:
        raise VaultError("request: malformed")
    return Request(
        said["request"], said["case"], said["action"], said["purpose"], said["destination"],
        ciphertext, said["time"], said["expires"], person, digest,
    )  # fmt: skip


def read_approval(
    envelope: bytes, request: Request, people: Mapping[str, Ed25519PublicKey]
) -> Approval:
    """The approval in `envelope`, of exactly `request`; raises VaultError."""
    said, _, person, digest = _open(envelope, APPROVAL_TYPE, people)
    approval = Approval(request, said["time"], said["expires"], person, digest)
    if digest_of_statement(approval.statement()) != digest:
        raise VaultError("approval: it is of another request")
    return approval


def why_not_now(signed: Request | Approval, now: datetime.datetime) -> str:
    """Why a signature does not count at `now`, in a few words; empty where it does."""
    if now < parse_utc(signed.time) - SKEW:
        return f"is of {signed.time}, which has not come yet"
    if now >= parse_utc(signed.expires):
        return f"expired on {signed.expires}"
    longest = datetime.timedelta(days=MAX_DAYS)
    if parse_utc(signed.expires) - parse_utc(signed.time) > longest:
        return f"is made for more than {MAX_DAYS} days"
    return ""


def _open(
    envelope: bytes, kind: str, people: Mapping[str, Ed25519PublicKey]
) -> tuple[dict[str, str], dict[str, str], str, str]:
    what = kind.rsplit("/", 2)[1]
    why = ""
    try:
        payload, person = dsse.verify_exact(envelope, people)
        statement = parse_statement(payload, kind)
        subjects = dict(subjects_of(statement))
    except ReceiptError as e:
        why = str(e)
    if why:
        raise VaultError(f"{what}: {why}", hint="")
    predicate: Mapping[str, Any] = statement["predicate"]
    if set(predicate) != set(_WORDS) or any(type(v) is not str for v in predicate.values()):
        raise VaultError(f"{what}: malformed")
    for word in ("time", "expires"):
        parse_utc(predicate[word])
    return dict(predicate), subjects, person, digest_of_statement(payload)
