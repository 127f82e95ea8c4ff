"""DSSE v1: a signature over exact bytes and their type (secure-systems-lab/dsse, protocol 1.0.2).

What is verified is what is used: `verify` gives back the very bytes that the signature covers. A
`keyid` is a hint that anybody can write, so it chooses no key.
"""

from __future__ import annotations

import base64
import contextlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from gatekeeper.errors import ReceiptError
from gatekeeper.model import canonical_bytes

PAYLOAD_TYPE = "application/vnd.in-toto+json"
MAX_ENVELOPE_BYTES = 256 << 20
MAX_SIGNATURES = 16


def pae(payload_type: str, payload: bytes) -> bytes:
    """The pre-authentication encoding: the bytes that are signed."""
    kind = payload_type.encode("utf-8")
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def sign(payload: bytes, *, key: Ed25519PrivateKey, keyid: str) -> bytes:
    """An envelope around `payload`, in canonical JSON."""
    signature = key.sign(pae(PAYLOAD_TYPE, payload))
    return canonical_bytes(
        {
            "payload": _encode(payload),
            "payloadType": PAYLOAD_TYPE,
            "signatures": [{"keyid": keyid, "sig": _encode(signature)}],
        }
    )


def verify(envelope: bytes, keys: Mapping[str, Ed25519PublicKey]) -> tuple[bytes, str]:
    """The payload of `envelope`, and the id (in `keys`) of the key that signed it.

    Raises ReceiptError where the envelope is malformed or no key of `keys` signed it.
    """
    found = _parse(envelope)
    payload = _decode(found.get("payload"), "payload")
    if found.get("payloadType") != PAYLOAD_TYPE:
        raise ReceiptError(f"envelope: its payload type is not {PAYLOAD_TYPE}")
    message = pae(PAYLOAD_TYPE, payload)
    for signature in _signatures(found):
        for keyid, key in keys.items():
            if _holds(key, signature, message):
                return payload, keyid
    raise ReceiptError(
        "envelope: no trusted key signed it, or it was changed",
        hint="put the gate's public key into the trusted folder of the gatekeeper home",
    )


def verify_exact(envelope: bytes, keys: Mapping[str, Ed25519PublicKey]) -> tuple[bytes, str]:
    """As `verify`, for what a vault keeps: every byte must be as `sign` wrote it.

    `verify` must let pass what no signature covers: the key id, spaces, fields it does not know.
    """
    payload, keyid = verify(envelope, keys)
    found = _parse(envelope)
    written = {
        "payload": _encode(payload),
        "payloadType": PAYLOAD_TYPE,
        "signatures": [{"keyid": keyid, "sig": _encode(_signatures(found)[0])}],
    }
    if canonical_bytes(written) != envelope:
        raise ReceiptError("envelope: it was changed outside of what its signature covers")
    return payload, keyid


def _parse(envelope: bytes) -> dict[str, Any]:
    found: Any = None
    if len(envelope) <= MAX_ENVELOPE_BYTES:
        with contextlib.suppress(ValueError, RecursionError):
            found = json.loads(envelope.decode("utf-8"), object_pairs_hook=_no_duplicates)
    if not isinstance(found, dict):
        raise ReceiptError("envelope: not a JSON object, or a key stands in it twice")
    return found


def _no_duplicates(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    items = list(pairs)
    found = dict(items)
    if len(found) != len(items):
        raise ValueError
    return found


def _signatures(found: Mapping[str, Any]) -> list[bytes]:
    listed = found.get("signatures")
    if not isinstance(listed, list) or not 1 <= len(listed) <= MAX_SIGNATURES:
        raise ReceiptError(f"envelope: it needs 1 to {MAX_SIGNATURES} signatures")
    return [_decode(s.get("sig") if isinstance(s, dict) else None, "signature") for s in listed]


def _holds(key: Ed25519PublicKey, signature: bytes, message: bytes) -> bool:
    try:
        key.verify(signature, message)
    except InvalidSignature:
        return False
    return True


def _encode(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _decode(text: object, what: str) -> bytes:
    """Standard or URL-safe base64 (envelope.md allows both), padded, in its one canonical form."""
    data = None
    if isinstance(text, str):
        standard = text.translate(str.maketrans("-_", "+/"))
        with contextlib.suppress(ValueError):
            data = base64.b64decode(standard)
    if data is None or _encode(data) != standard:  # as well where a stray character was skipped
        raise ReceiptError(f"envelope: its {what} is not base64")
    return data
