"""What the tests of enforcement share: small datasets, decisions on them, sealed bytes."""

from __future__ import annotations

import datetime
import hashlib
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from gatekeeper.audit import load_signer, make_receipt, write_receipt
from gatekeeper.model import Coverage, Decision, Destination, Evidence, Route

CANARY = "kestrel-quollmarlow"
"""A value planted in the rows: no output may hold four of its characters in a row."""


def chat_rows(count: int = 12, *, text: str = CANARY) -> list[dict[str, object]]:
    return [
        {
            "messages": [
                {"role": "system", "content": "Answer in one word."},
                {"role": "user", "content": f"Question {i} about {text}?"},
                {"role": "assistant", "content": f"Answer {i}."},
            ]
        }
        for i in range(count)
    ]


def jsonl(rows: list[dict[str, object]]) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


@dataclass(frozen=True)
class Sealed:
    """Bytes in memory, as a snapshot. `claims` is the digest it says it has."""

    data: bytes
    claims: str = ""

    @property
    def digest(self) -> str:
        return self.claims or digest(self.data)

    @property
    def size_bytes(self) -> int:
        return len(self.data)

    def open(self) -> BinaryIO:
        return io.BytesIO(self.data)


def destination(base_url: str = "https://api.example.com/v1", **changes: object) -> Destination:
    host = base_url.partition("://")[2].partition("/")[0].partition(":")[0]
    facts: dict[str, object] = {
        "name": "loopback",
        "title": "Loopback",
        "party": "example",
        "base_url": base_url,
        "host": host,
        "as_of": datetime.date(2026, 11, 1),
        "max_age_days": 90,
        "digest": digest(base_url.encode()),
    }
    return Destination(**{**facts, **changes})  # type: ignore[arg-type]


def decision(
    *subjects: bytes, to: Destination | None = None, route: Route = Route.ALLOW
) -> Decision:
    to = to or destination()
    return Decision(
        route=route,
        reasons=(),
        coverage=Coverage(1, 12, 100, 100, 0),
        destination=to.name,
        host=to.host,
        date="2026-11-20",
        subjects=tuple(sorted(digest(s) for s in subjects)),
        policies=("hipaa",),
        digests={
            "destination": to.digest,
            "policies": digest(b"policies"),
            "detector": digest(b"detector"),
        },
    )


def leaks(text: str, secret: str = CANARY) -> list[str]:
    """Each run of four characters of `secret` that `text` holds."""
    runs = {secret[i : i + 4] for i in range(len(secret) - 3)}
    return sorted(run for run in runs if run in text)


def write_receipt_of(made: Decision, names: dict[str, str], folder: Path, home: Path) -> Path:
    """A signed receipt of `made` for `names` (display name → digest), by a gate key in `home`."""
    signer = load_signer(home)
    receipt = make_receipt(
        made,
        Evidence(),
        signer=signer,
        now=datetime.datetime(2026, 11, 20, tzinfo=datetime.timezone.utc),
        version="0",
        subjects=names,
    )
    return write_receipt(receipt, folder)
