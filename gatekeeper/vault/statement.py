"""in-toto Statements v1: what the gate signs (in-toto attestation, spec/v1/statement.md)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from gatekeeper.errors import ReceiptError
from gatekeeper.model import canonical_bytes

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"


def make_statement(
    predicate_type: str, predicate: Mapping[str, Any], subjects: Sequence[tuple[str, str]]
) -> bytes:
    """Canonical bytes of a statement about `subjects`: pairs of a name and a `sha256:…` digest."""
    return canonical_bytes(
        {
            "_type": STATEMENT_TYPE,
            "subject": [
                {"name": name, "digest": {"sha256": digest.removeprefix("sha256:")}}
                for name, digest in subjects
            ],
            "predicateType": predicate_type,
            "predicate": predicate,
        }
    )


def parse_statement(payload: bytes, predicate_type: str) -> dict[str, Any]:
    """The statement in `payload`; raises ReceiptError unless it is canonical and of this type."""
    statement: Any = None
    try:
        statement = json.loads(payload)
        canonical = canonical_bytes(statement) == payload
    except (ValueError, RecursionError):
        canonical = False
    if not canonical or not isinstance(statement, dict):
        raise ReceiptError("signed statement: not canonical JSON")
    if statement.get("_type") != STATEMENT_TYPE:
        raise ReceiptError("signed statement: not an in-toto statement v1")
    if statement.get("predicateType") != predicate_type:
        raise ReceiptError(f"signed statement: not of type {predicate_type}")
    if not isinstance(statement.get("predicate"), dict):
        raise ReceiptError("signed statement: it has no predicate")
    return statement


def subjects_of(statement: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The (name, `sha256:…`) pairs of a parsed statement; raises ReceiptError."""
    pairs: list[tuple[str, str]] = []
    subjects = statement.get("subject")
    for subject in subjects if isinstance(subjects, list) else [None]:
        digest = subject.get("digest") if isinstance(subject, dict) else None
        value = digest.get("sha256") if isinstance(digest, dict) else None
        name = subject.get("name") if isinstance(subject, dict) else None
        if not isinstance(value, str) or not isinstance(name, str):
            raise ReceiptError("signed statement: malformed subject")
        pairs.append((name, f"sha256:{value}"))
    return pairs
