"""A case: one quarantined dataset, as a signed manifest outside and a tar stream inside.

The payload is a POSIX tar stream, so `age -d -i KEY data.age | tar x` recovers it without
Gatekeeper. Its first member, `gatekeeper-case.json`, holds the names the files had and what was
found in them; the files follow under `data/`. Outside the ciphertext stands no name and no digest
of the plaintext.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from gatekeeper.errors import VaultError
from gatekeeper.model import canonical_bytes, digest_of
from gatekeeper.vault.age import ByteSink, Header, Stanza
from gatekeeper.vault.statement import make_statement, parse_statement, subjects_of

STANZA_TYPE = "gatekeeper.dev/case-v1"
PREDICATE_TYPE = "https://gatekeeper.dev/case/v1"
DATA_NAME = "data.age"
"""The ciphertext of a case as it was stored; `data_name` gives that of a later revision."""
MANIFEST_NAME = "manifest.dsse"
DESCRIPTION_NAME = "gatekeeper-case.json"
DATA_FOLDER = "data"
MAX_DESCRIPTION_BYTES = 64 << 20
"""A description larger than this is refused when read: it is held in memory whole."""

_ID = re.compile(r"[0-9a-f]{32}\Z")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}\Z")


def new_case_id() -> str:
    """128 random bits in hex: it says nothing about the dataset."""
    return os.urandom(16).hex()


def check_case_id(case_id: str) -> str:
    """`case_id` if it is one; raises VaultError. It becomes a path, so nothing else passes."""
    if not _ID.match(case_id):
        raise VaultError(
            "not a case id: it has 32 characters of 0-9a-f",
            hint="`gatekeeper quarantine list` shows the cases",
        )
    return case_id


@dataclass(frozen=True, slots=True)
class Manifest:
    """What may be known of a case without a key. `facts` is all that was known before encryption;
    its digest is bound into the age header.
    """

    case_id: str
    sequence: int
    facts: Mapping[str, Any]
    ciphertext: str
    """`sha256:…` of data.age."""
    size_bytes: int

    @property
    def time(self) -> str:
        """When the case was made, by the gate's clock (order comes from `sequence`)."""
        return str(self.facts.get("time", ""))

    @property
    def revision(self) -> int:
        """1 as stored; one more after each rewrap and each rotation."""
        revision = self.facts.get("revision", 1)
        return revision if type(revision) is int else 0

    @property
    def data_name(self) -> str:
        """The name of the file in the case folder that holds the ciphertext."""
        return data_name(self.revision)

    @property
    def expires(self) -> str:
        """From when one person may have it destroyed; empty where it is kept until two ask."""
        return str(self.facts.get("expires", ""))

    @property
    def route(self) -> str:
        """The route that was decided."""
        return str(self.facts.get("route", ""))

    @property
    def recipients(self) -> tuple[str, ...]:
        """Fingerprints of the recipients."""
        return tuple(str(r) for r in self.facts.get("recipients", ()))

    def to_json(self) -> dict[str, Any]:
        """As `gatekeeper quarantine show` prints it."""
        return {
            **self.facts,
            "ciphertext": {"digest": self.ciphertext, "bytes": self.size_bytes},
        }

    def to_statement(self) -> bytes:
        """The statement that the gate signs."""
        predicate = {"case": self.facts, "ciphertextBytes": self.size_bytes}
        return make_statement(PREDICATE_TYPE, predicate, [(self.data_name, self.ciphertext)])

    @classmethod
    def from_statement(cls, payload: bytes) -> Manifest:
        """The manifest in a statement whose signature was verified; raises VaultError."""
        statement = parse_statement(payload, PREDICATE_TYPE)
        facts = statement["predicate"].get("case")
        size = statement["predicate"].get("ciphertextBytes")
        subjects = subjects_of(statement)
        if not isinstance(facts, dict) or type(size) is not int or len(subjects) != 1:
            raise VaultError("case manifest: malformed")
        case_id, sequence = facts.get("id"), facts.get("sequence")
        if not isinstance(case_id, str) or type(sequence) is not int:
            raise VaultError("case manifest: it names no case")
        if not _DIGEST.match(subjects[0][1]):
            raise VaultError("case manifest: malformed digest")
        manifest = cls(check_case_id(case_id), sequence, facts, subjects[0][1], size)
        if manifest.revision < 1 or subjects[0][0] != manifest.data_name:
            raise VaultError("case manifest: it does not name the file of its revision")
        return manifest


def data_name(revision: int) -> str:
    """The name of the ciphertext of a revision."""
    return DATA_NAME if revision == 1 else f"data-{revision}.age"


def case_stanza(facts: Mapping[str, Any]) -> Stanza:
    """The stanza that binds a ciphertext to its case and to what the manifest says of it."""
    return Stanza(STANZA_TYPE, (str(facts["id"]), digest_of(facts)), b"")


def check_binding(header: Header, facts: Mapping[str, Any]) -> None:
    """Raise VaultError unless `header` carries exactly the stanza of this case."""
    found = [s for s in header.stanzas if s.type == STANZA_TYPE]
    if found != [case_stanza(facts)]:
        raise VaultError("case: the ciphertext is bound to another case")


# --- the payload -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Member:
    """A file in a case: its safe name there, its size, and the digest it was decided on."""

    name: str
    size_bytes: int
    digest: str


class TarWriter:
    """Writes a tar stream member by member, the data in pieces (POSIX.1-2001 pax)."""

    def __init__(self, sink: ByteSink) -> None:
        self._sink = sink

    @contextlib.contextmanager
    def member(self, name: str, size_bytes: int) -> Iterator[ByteSink]:
        """The header of a file; exactly `size_bytes` must be written to what is given."""
        info = tarfile.TarInfo(name)
        info.size = size_bytes
        info.mode = 0o600
        self._sink.write(info.tobuf(tarfile.PAX_FORMAT))
        yield self._sink
        self._sink.write(bytes(-size_bytes % tarfile.BLOCKSIZE))

    def close(self) -> None:
        """The two empty blocks that end a tar stream."""
        self._sink.write(bytes(2 * tarfile.BLOCKSIZE))


def describe(
    members: Sequence[Member], sources: Sequence[str], description: Mapping[str, Any]
) -> bytes:
    """`gatekeeper-case.json`: the files, the names they had, and what the caller says of them."""
    files = [
        {"name": m.name, "bytes": m.size_bytes, "digest": m.digest, "source": source}
        for m, source in zip(members, sources, strict=True)
    ]
    return canonical_bytes({"format": STANZA_TYPE, "files": files, "description": description})


def read_members(archive: tarfile.TarFile) -> tuple[list[Member], Mapping[str, Any]]:
    """The files that the first member announces, and what was said of the dataset when it was
    stored; raises VaultError where it is malformed.
    """
    first = archive.next()
    if first is None or first.name != DESCRIPTION_NAME or first.size > MAX_DESCRIPTION_BYTES:
        raise VaultError(f"case: its first member is not {DESCRIPTION_NAME}")
    stream = archive.extractfile(first)
    members, description = None, None
    try:
        found = json.loads(stream.read() if stream else b"")
        members = [Member(f["name"], f["bytes"], f["digest"]) for f in found["files"]]
        description = found["description"]
    except (ValueError, KeyError, TypeError, RecursionError):
        pass
    if members is None or not isinstance(description, dict):
        raise VaultError(f"case: {DESCRIPTION_NAME} is malformed")
    for member in members:
        _check_member_name(member.name)
    return members, description


def safe_names(paths: Sequence[Path]) -> list[str]:
    r"""A distinct name under `data/` for each of `paths`, relative to the folder they share.

    Control characters, stray bytes, `\` and `:` become `_`; names that then differ in case alone
    get the number of the file in front.
    """
    parents = [p.parent for p in paths]
    root = Path(os.path.commonpath(parents)) if parents else Path()
    names: list[str] = []
    taken: set[str] = set()
    for number, path in enumerate(paths, start=1):
        parts = [_safe_part(part) for part in path.relative_to(root).parts]
        name = "/".join((DATA_FOLDER, *parts))
        while name.casefold() in taken:
            parts[-1] = f"{number}-{parts[-1]}"
            name = "/".join((DATA_FOLDER, *parts))
        taken.add(name.casefold())
        names.append(name)
    return names


def _safe_part(part: str) -> str:
    return "".join(c if c.isprintable() and c not in "\\:" else "_" for c in part)


def _check_member_name(name: object) -> None:
    parts = PurePosixPath(name).parts if isinstance(name, str) else ()
    if (
        len(parts) < 2
        or parts[0] != DATA_FOLDER
        or any(part == ".." or _safe_part(part) != part for part in parts)
        or "/".join(parts) != name
    ):
        raise VaultError("case: a file in it has an unsafe name")
