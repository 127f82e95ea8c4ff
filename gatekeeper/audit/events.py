"""What the audit log can say: every event, its fields, and the form of each field.

The forms are numbers, digests, random ids and words of the gate. There is no field that takes a
text, so no value of a record can get in.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from gatekeeper.model import Route, canonical_bytes

FIRST_PREV = "sha256:" + "0" * 64
"""What the first record names as the digest of the one before it."""
MAX_LINE_BYTES = 2048
"""Of a record with its line feed: the longest one that the forms allow is shorter."""


def _words(*words: str) -> re.Pattern[str]:
    return re.compile("|".join(words))


_ID = re.compile(r"[0-9a-f]{32}")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}")
_ROUTE = _words(*(r.word for r in Route))
_HOST = re.compile(r"(?=.{1,253}\Z)[a-z0-9-]+(\.[a-z0-9-]+)*(:[0-9]{1,5})?")
_REMOTE = re.compile(r"[A-Za-z0-9_-]{1,128}")  # the id that the destination gave
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_MARK = re.compile(r"[0-9a-f]{128}")

_ENVELOPE: Mapping[str, re.Pattern[str]] = {
    "seq": _NUMBER,
    "prev": _DIGEST,
    "time": _TIME,
    "sig": _MARK,
}
_SENT: Mapping[str, re.Pattern[str]] = {
    "decision": _DIGEST,
    "content": _DIGEST,
    "host": _HOST,
    "bytes": _NUMBER,
}
_RESEALED: Mapping[str, re.Pattern[str]] = {
    "case": _ID,
    "ciphertext": _DIGEST,
    "previous": _DIGEST,
    "revision": _NUMBER,
}
EVENTS: Mapping[str, Mapping[str, re.Pattern[str]]] = {
    # the state folder's chain
    "decision": {
        "receipt": _ID,
        "decision": _DIGEST,
        "statement": _DIGEST,
        "route": _ROUTE,
        "files": _NUMBER,
        "records": _NUMBER,
    },
    "waiver": {"decision": _DIGEST, "waiver": _DIGEST},
    "upload-intent": _SENT,
    "upload": {**_SENT, "remote": _REMOTE},
    "upload-lost": _SENT,
    "upload-deleted": {**_SENT, "remote": _REMOTE},
    "job": {"decision": _DIGEST, "host": _HOST, "remote": _REMOTE},
    # the vault's chain: cases
    "quarantine": {"case": _ID, "ciphertext": _DIGEST, "bytes": _NUMBER, "sequence": _NUMBER},
    "removal": {"case": _ID, "unlinked": _NUMBER, "kept": _NUMBER},
    "request": {
        "case": _ID,
        "request": _ID,
        "action": _words("release", "destroy"),
        "statement": _DIGEST,
        "person": _ID,
    },
    "approval": {"case": _ID, "request": _ID, "statement": _DIGEST, "person": _ID},
    "release": {"case": _ID, "request": _ID, "ciphertext": _DIGEST},
    "released": {"case": _ID, "request": _ID, "files": _NUMBER},
    "destroy": {"case": _ID, "request": _ID, "ciphertext": _DIGEST, "person": _ID},
    "hold": {"case": _ID, "statement": _DIGEST, "person": _ID, "state": _words("on", "off")},
    "rewrap": _RESEALED,
    "rotate": _RESEALED,
    # the vault's chain: keys and people
    "key": {"recipient": _ID, "action": _words("enrolled", "checked", "removed")},
    "person": {"person": _ID, "action": _words("enrolled", "removed")},
}
"""Every event, and the fields it has: all of them, and no other."""


def check_event(event: object, fields: object) -> None:
    """Raise ValueError or TypeError for an event or a field that is not listed or not so formed."""
    if not isinstance(event, str) or not isinstance(fields, Mapping):
        raise TypeError("an event is a word and its fields")
    if event not in EVENTS or set(EVENTS[event]) != set(fields):
        raise ValueError(f"not an event of the audit log with exactly its fields: {event!r}")
    for name, form in EVENTS[event].items():
        if not _fits(form, fields[name]):
            raise ValueError(f"the field `{name}` of `{event}` has not its form")


def check_query(event: str, names: Iterable[str]) -> None:
    """Raise ValueError where no record could ever match: a slip would read as "it never was".

    An empty `event` stands for any.
    """
    asked = [forms for name, forms in EVENTS.items() if event in ("", name)]
    if not any(set(forms).issuperset(names) for forms in asked):
        raise ValueError(f"not an event of the audit log with such fields: {event!r}")


def _fits(form: re.Pattern[str], value: object) -> bool:
    kind = int if form is _NUMBER else str
    return type(value) is kind and form.fullmatch(str(value)) is not None


def parse_record(line: bytes) -> dict[str, Any] | None:
    """The record in `line` (without its line feed), or None where it is not as it is written."""
    with suppress(ValueError, TypeError, RecursionError):
        record = json.loads(line)
        whole = set(record) == {*_ENVELOPE, "event", "data"} and canonical_bytes(record) == line
        if whole and all(_fits(form, record[name]) for name, form in _ENVELOPE.items()):
            check_event(record["event"], record["data"])
            return dict(record)
    return None


def signed_part(record: Mapping[str, Any]) -> bytes:
    """What the signature in `record` is of: all the rest, in canonical bytes."""
    return canonical_bytes({name: value for name, value in record.items() if name != "sig"})
