"""Receipts: a decision as a signed in-toto statement, written before any byte leaves.

The predicate has the field names of the SLSA Verification Summary
(https://slsa.dev/spec/v1.1/verification_summary), and one field of our own, `gatekeeper`, that
holds the decision and the evidence it was made from, so that anyone can make it again offline.
"""

from __future__ import annotations

import datetime
import hashlib
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from gatekeeper.audit.head import Head
from gatekeeper.audit.signing import Signer
from gatekeeper.audit.withheld import withhold
from gatekeeper.errors import ReceiptError
from gatekeeper.model import Decision, Evidence, Route, digest_of
from gatekeeper.vault import dsse
from gatekeeper.vault.durable import (
    ensure_file,
    make_private_directory,
    open_regular,
    system_errors,
    write_durably,
)
from gatekeeper.vault.statement import make_statement, parse_statement, subjects_of
from gatekeeper.vault.times import utc

PREDICATE_TYPE = "https://slsa.dev/verification_summary/v1"
VERIFIER_ID = "https://gatekeeper.dev/gate/v1"
SUFFIX = ".dsse.json"
_ID = re.compile(r"[0-9a-f]{32}\Z")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\Z")
_POLICY_DIGESTS = ("policies", "agreements", "waivers", "destination")


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt whose signature holds, with the envelope it came in."""

    id: str
    time: str
    version: str
    keyid: str
    subjects: tuple[tuple[str, str], ...]
    """(display name, content digest) of everything that was decided on."""
    decision: Mapping[str, Any]
    evidence: Mapping[str, Any]
    log_head: Head | None
    """Where the audit log ended when the receipt was written; None where it does not say."""
    envelope: bytes
    looked_for: frozenset[str] = frozenset()
    """The entities that the detector had proved to find: what the evidence can tell of. Empty in
    receipts that do not say.
    """
    names_withheld: bool = False
    """Whether it says not how the files were called, since they were to be quarantined."""

    @property
    def digest(self) -> str:
        """`sha256:…` of the envelope, as the audit log names it."""
        return f"sha256:{hashlib.sha256(self.envelope).hexdigest()}"

    @property
    def file_name(self) -> str:
        """Its name in a folder of receipts."""
        return f"{self.time[:10]}-{self.id}{SUFFIX}"


def make_receipt(
    decision: Decision,
    evidence: Evidence,
    *,
    signer: Signer,
    now: datetime.datetime,
    version: str,
    subjects: Mapping[str, str],
    log_head: Head | None = None,
    looked_for: Iterable[str] = (),
    withhold_names: bool = False,
) -> Receipt:
    """Sign a receipt of `decision`.

    `subjects` are the display names and content digests; `version` is Gatekeeper's; `log_head` is
    the head of the audit log that the decision will be recorded in. `withhold_names` is for what is
    about to be quarantined; `looked_for` are the entities that the detector had proved to find.
    """
    said: tuple[Any, Any, Mapping[str, str]]
    said = decision.to_json(), evidence.to_json(), subjects
    if withhold_names:
        said = withhold(*said)
    allowed = decision.route is Route.ALLOW
    predicate = {
        "verifier": {"id": VERIFIER_ID, "version": {"gatekeeper": version}},
        "timeVerified": utc(now),
        "resourceUri": f"gatekeeper:dataset:{digest_of(list(decision.subjects))}",
        "policy": {
            "uri": "gatekeeper:policies:" + ",".join(decision.policies),
            "digest": {"sha256": _hex(digest_of(_policy_digests(decision)))},
        },
        "inputAttestations": [
            {"uri": "gatekeeper:evidence", "digest": {"sha256": _hex(evidence.digest)}}
        ],
        "verificationResult": "PASSED" if allowed else "FAILED",
        "verifiedLevels": ["GATEKEEPER_ALLOW"] if allowed else ["FAILED"],
        "gatekeeper": {
            "receipt": os.urandom(16).hex(),
            **({"audit": {"seq": log_head.seq, "digest": log_head.digest}} if log_head else {}),
            **({"namesWithheld": True} if withhold_names else {}),
            "decision": said[0],
            "evidence": said[1],
            "looked_for": sorted(looked_for),
        },
    }
    payload = make_statement(PREDICATE_TYPE, predicate, sorted(said[2].items()))
    return parse_receipt(signer.seal(payload), signer.trusted)


def parse_receipt(envelope: bytes, trusted_keys: Mapping[str, Ed25519PublicKey]) -> Receipt:
    """The receipt in `envelope`; raises ReceiptError unless a trusted key signed it."""
    payload, keyid = dsse.verify(envelope, trusted_keys)
    statement = parse_statement(payload, PREDICATE_TYPE)
    predicate = statement["predicate"]
    ours = predicate.get("gatekeeper")
    if not isinstance(ours, dict):
        raise ReceiptError("receipt: a verification summary, but not one of Gatekeeper")
    decision, evidence = ours.get("decision"), ours.get("evidence")
    receipt_id, time = ours.get("receipt"), predicate.get("timeVerified")
    if not (isinstance(receipt_id, str) and _ID.match(receipt_id)):
        raise ReceiptError("receipt: its id is malformed")
    if not (isinstance(time, str) and _TIME.match(time)):
        raise ReceiptError("receipt: its time is malformed")
    if not isinstance(decision, dict) or not isinstance(evidence, dict):
        raise ReceiptError("receipt: it holds no decision or no evidence")
    looked_for = ours.get("looked_for", [])
    if not isinstance(looked_for, list) or not all(isinstance(e, str) for e in looked_for):
        raise ReceiptError("receipt: what was looked for is malformed")
    return Receipt(
        id=receipt_id,
        time=time,
        version=_version(predicate),
        keyid=keyid,
        subjects=tuple(subjects_of(statement)),
        decision=decision,
        evidence=evidence,
        log_head=_log_head(ours["audit"]) if "audit" in ours else None,
        envelope=envelope,
        looked_for=frozenset(looked_for),
        names_withheld=ours.get("namesWithheld") is True,
    )


def write_receipt(receipt: Receipt, directory: Path) -> Path:
    """Put `receipt` into `directory` (made with mode 0700 and ignored by git), durably and whole.

    Raises ReceiptError where that fails: nothing may leave then.
    """
    path = directory / receipt.file_name
    with system_errors(path, kind=ReceiptError, what="the receipt was not written"):
        directory.parent.mkdir(parents=True, exist_ok=True)
        make_private_directory(directory)
        ensure_file(directory / ".gitignore", b"*\n")
        write_durably(path, receipt.envelope, scratch=directory / f".{receipt.id}.new")
    return path


def prepare_state(folder: Path, project: Path) -> None:
    """Make the state folder with mode 0700, and keep git from looking into it: hand-offs and
    receipts are nobody's to commit. A state folder that is the project itself is left as it is.

    Raises ReceiptError where that fails.
    """
    if folder.resolve() == project.resolve():
        return
    with system_errors(folder, kind=ReceiptError):
        folder.parent.mkdir(parents=True, exist_ok=True)
        make_private_directory(folder)
        ensure_file(folder / ".gitignore", b"*\n")


def read_receipt(path: Path, trusted_keys: Mapping[str, Ed25519PublicKey]) -> Receipt:
    """The receipt in the file `path`; raises ReceiptError."""
    with system_errors(path, kind=ReceiptError), open_regular(path) as stream:
        envelope = stream.read(dsse.MAX_ENVELOPE_BYTES + 1)
    return parse_receipt(envelope, trusted_keys)


def _policy_digests(decision: Decision) -> list[list[str]]:
    return [[name, decision.digests[name]] for name in _POLICY_DIGESTS if name in decision.digests]


def _hex(digest: str) -> str:
    return digest.removeprefix("sha256:")


def _log_head(said: object) -> Head:
    if isinstance(said, dict) and set(said) == {"seq", "digest"} and type(said["seq"]) is int:
        head = Head.parse(f"{said['seq']}:{said['digest']}")
        if head is not None:
            return head
    raise ReceiptError("receipt: the head of the audit log in it is malformed")


def _version(predicate: Mapping[str, Any]) -> str:
    verifier = predicate.get("verifier")
    versions = verifier.get("version") if isinstance(verifier, dict) else None
    version = versions.get("gatekeeper") if isinstance(versions, dict) else None
    if not isinstance(version, str):
        raise ReceiptError("receipt: it does not say which version made it")
    return version
