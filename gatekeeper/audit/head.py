"""The signed head: where a log ends, said by a gate. It lies beside the log as `head.dsse`.

The chain shows that nothing in the middle was changed; the head shows that nothing was cut off at
the end and that nobody without a gate's key wrote the chain anew. It is an in-toto statement in a
DSSE envelope, about the digest of the last record.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from gatekeeper.audit.events import FIRST_PREV
from gatekeeper.audit.signing import Signer
from gatekeeper.errors import ReceiptError
from gatekeeper.model.display import shown
from gatekeeper.vault import dsse
from gatekeeper.vault.durable import present, write_durably
from gatekeeper.vault.statement import make_statement, parse_statement, subjects_of

HEAD_NAME = "head.dsse"
HEAD_TYPE = "https://gatekeeper.dev/audit-head/v1"
WAY_OUT = (
    "nothing is added to a damaged log: compare it with a copy, or keep the folder as it is for "
    "whoever looks into it, and move it away to begin a new log"
)
_SCRATCH = ".head.new"
_SUBJECT = "log.jsonl"
_MAX_BYTES = 1 << 14  # a head has a tenth of that: what is longer is none
_WRITTEN = re.compile(r"(0|[1-9][0-9]{0,18}):(sha256:[0-9a-f]{64})")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a log: how many records it has, and the digest of the last one."""

    seq: int
    digest: str
    time: str = field(default="", compare=False)
    """When it was signed; empty where it was counted and not read from a signature."""
    envelope: bytes = field(default=b"", compare=False, repr=False)
    """The signature that it was read from."""

    def __str__(self) -> str:
        return f"{self.seq}:{self.digest}"

    @classmethod
    def parse(cls, text: str) -> Head | None:
        """The head written as `SEQ:DIGEST`, or None where it is none."""
        found = _WRITTEN.fullmatch(text)
        return cls(int(found[1]), found[2]) if found else None


NOTHING = Head(0, FIRST_PREV)
"""The head of a log without a record."""


class OtherLogError(ReceiptError):
    """A log that does not go through a head that was kept of it."""


def damage(path: Path, what: str, *, kind: type[ReceiptError] = ReceiptError) -> ReceiptError:
    """The error for a log that is not as the gate left it."""
    return kind(f"{shown(path)}: {what}", hint=WAY_OUT)


def open_plain(path: Path, flags: int = os.O_RDONLY) -> int:
    """A descriptor of the regular file `path`, links not followed; raises OSError, ReceiptError."""
    fd = os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o600)
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise damage(path, "not a regular file")
    return fd


def read_head(folder: Path, keys: Mapping[str, Ed25519PublicKey]) -> Head | None:
    """The head in `folder`, or None where there is none; raises ReceiptError, OSError.

    Every byte must be as `write_head` wrote it, by one of `keys`: several gates share a vault.
    """
    path = folder / HEAD_NAME
    try:
        fd = open_plain(path)
    except FileNotFoundError:
        return None
    with open(fd, "rb") as stream:  # noqa: PTH123  (a descriptor)
        envelope = stream.read(_MAX_BYTES)
    why = None
    try:
        payload, _ = dsse.verify_exact(envelope, keys)
        head = replace(_parse(payload), envelope=envelope)
    except ReceiptError as e:
        why = e
    if why is not None:
        hint = f"where another gate wrote it: {why.hint}; else {WAY_OUT}" if why.hint else WAY_OUT
        raise ReceiptError(f"{shown(path)}: {why}", hint=hint)
    return head


def _parse(payload: bytes) -> Head:
    statement = parse_statement(payload, HEAD_TYPE)
    said = statement["predicate"]
    seq, digest, time = said.get("seq"), said.get("digest"), said.get("time")
    whole = (
        set(said) == {"seq", "digest", "time"}
        and type(seq) is int
        and _WRITTEN.fullmatch(f"{seq}:{digest}")
        and isinstance(time, str)
        and _TIME.fullmatch(time)
        and subjects_of(statement) == [(_SUBJECT, digest)]
    )
    if not whole:
        raise ReceiptError("signed, but not the head of an audit log")
    return Head(seq, digest, time=time)


def write_head(folder: Path, head: Head, signer: Signer) -> None:
    """Sign `head` and put it in place, whole and durably; the caller holds the log's lock."""
    said = {"seq": head.seq, "digest": head.digest, "time": head.time}
    payload = make_statement(HEAD_TYPE, said, [(_SUBJECT, head.digest)])
    drop_scratch(folder)
    write_durably(folder / HEAD_NAME, signer.seal(payload), scratch=folder / _SCRATCH)


def drop_scratch(folder: Path) -> None:
    """Drop what a crash left of a head that was being written."""
    if present(folder / _SCRATCH):
        (folder / _SCRATCH).unlink()
