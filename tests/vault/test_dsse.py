"""DSSE envelopes: what is verified is what is used."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.errors import ReceiptError
from gatekeeper.vault import dsse
from tests.vault.refusals import refused

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
TRUSTED = {"ours": KEY.public_key()}
NO_LISTS: tuple[Any, ...] = (None, [], {}, [{"sig": "AA=="}] * 17)
NO_SIGNATURES: tuple[Any, ...] = ("x", {}, {"sig": "AA"})
PAYLOAD = b'{"a":1}'
UNTRUSTED = "no trusted key signed it, or it was changed"
UNTRUSTED_HINT = "put the gate's public key into the trusted folder of the gatekeeper home"
NO_OBJECT = "not a JSON object, or a key stands in it twice"


def test_the_encoding_is_that_of_the_protocol() -> None:
    # protocol.md, "Test Vectors"
    expected = b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    assert dsse.pae("http://example.com/HelloWorld", b"hello world") == expected


@given(st.binary(max_size=300))
def test_what_is_signed_comes_back(payload: bytes) -> None:
    envelope = dsse.sign(payload, key=KEY, keyid="ours")
    assert dsse.verify(envelope, TRUSTED) == (payload, "ours")
    assert dsse.verify_exact(envelope, TRUSTED) == (payload, "ours")


def changed(**fields: Any) -> bytes:
    return json.dumps({**json.loads(dsse.sign(PAYLOAD, key=KEY, keyid="ours")), **fields}).encode()


def test_every_changed_byte_of_a_payload_or_signature_is_detected() -> None:
    whole = json.loads(dsse.sign(PAYLOAD, key=KEY, keyid="ours"))
    signature = base64.b64decode(whole["signatures"][0]["sig"])
    for at in range(len(PAYLOAD)):
        broken = bytearray(PAYLOAD)
        broken[at] ^= 1
        with pytest.raises(ReceiptError, match="no trusted key signed it"):
            dsse.verify(changed(payload=base64.b64encode(broken).decode()), TRUSTED)
    for at in range(len(signature)):
        broken = bytearray(signature)
        broken[at] ^= 1
        sig = base64.b64encode(broken).decode()
        with pytest.raises(ReceiptError, match="no trusted key signed it"):
            dsse.verify(changed(signatures=[{"sig": sig}]), TRUSTED)


def test_every_flipped_byte_of_an_envelope_we_keep_is_detected() -> None:
    whole = dsse.sign(PAYLOAD, key=KEY, keyid="ours")
    for at in range(len(whole)):
        broken = bytearray(whole)
        broken[at] ^= 1
        with pytest.raises(ReceiptError):
            dsse.verify_exact(bytes(broken), TRUSTED)


def test_a_key_id_is_only_a_hint() -> None:
    sig = json.loads(dsse.sign(PAYLOAD, key=KEY, keyid="ours"))["signatures"][0]["sig"]
    for signature in ({"sig": sig}, {"sig": sig, "keyid": ""}, {"sig": sig, "keyid": "theirs"}):
        assert dsse.verify(changed(signatures=[signature]), TRUSTED) == (PAYLOAD, "ours")
        message = "envelope: it was changed outside of what its signature covers"
        with refused(message, kind=ReceiptError):
            dsse.verify_exact(changed(signatures=[signature]), TRUSTED)
    other = Ed25519PrivateKey.generate()
    forged = dsse.sign(PAYLOAD, key=other, keyid="ours")
    with refused(f"envelope: {UNTRUSTED}", hint=UNTRUSTED_HINT, kind=ReceiptError):
        dsse.verify(forged, TRUSTED)


def test_one_trusted_signature_among_others_is_enough() -> None:
    good, bad = (
        json.loads(dsse.sign(PAYLOAD, key=key, keyid="k"))["signatures"][0]
        for key in (KEY, Ed25519PrivateKey.generate())
    )
    assert dsse.verify(changed(signatures=[bad, good]), TRUSTED)[0] == PAYLOAD
    assert dsse.verify(changed(signatures=[bad] * 15 + [good]), TRUSTED)[0] == PAYLOAD
    others = {"theirs": Ed25519PrivateKey.generate().public_key(), **TRUSTED}
    assert dsse.verify(changed(signatures=[bad, good]), others) == (PAYLOAD, "ours")


def test_url_safe_base64_and_unknown_fields_are_read() -> None:
    envelope = json.loads(dsse.sign(b"\xff\xfe\xfb" * 9, key=KEY, keyid="ours"))
    envelope["payload"] = envelope["payload"].replace("+", "-").replace("/", "_")
    envelope["later"] = {"version": 2}
    assert dsse.verify(json.dumps(envelope).encode(), TRUSTED)[0] == b"\xff\xfe\xfb" * 9


@pytest.mark.parametrize(
    ("envelope", "says"),
    [
        (b"", NO_OBJECT),
        (b"[]", NO_OBJECT),
        (b"\xff", NO_OBJECT),
        (b"[" * 100_000, NO_OBJECT),
        (b'{"payload":"","payload":""}', NO_OBJECT),
        *((changed(payload=text), "its payload is not base64")
          for text in (None, "e30", "e3 0=", "e31=", "\u00e9")),
        (changed(payloadType="application/json"),
         "its payload type is not application/vnd.in-toto+json"),
        *((changed(signatures=found), "it needs 1 to 16 signatures")
          for found in NO_LISTS),
        *((changed(signatures=[found]), "its signature is not base64")
          for found in NO_SIGNATURES),
    ],
)  # fmt: skip
def test_a_malformed_envelope_is_refused(envelope: bytes, says: str) -> None:
    with refused(f"envelope: {says}", kind=ReceiptError):
        dsse.verify(envelope, TRUSTED)


def test_bytes_that_are_no_signature_are_none_of_a_trusted_key() -> None:
    with refused(f"envelope: {UNTRUSTED}", hint=UNTRUSTED_HINT, kind=ReceiptError):
        dsse.verify(changed(signatures=[{"sig": "AA=="}]), TRUSTED)


@given(st.binary(max_size=200))
def test_any_bytes_for_an_envelope_give_our_error(data: bytes) -> None:
    with pytest.raises(ReceiptError):
        dsse.verify(data, TRUSTED)


def test_an_envelope_has_a_largest_size() -> None:
    whole = dsse.sign(b"x", key=KEY, keyid="ours")
    fits = whole + b" " * (dsse.MAX_ENVELOPE_BYTES - len(whole))
    assert dsse.verify(fits, TRUSTED) == (b"x", "ours")
    with pytest.raises(ReceiptError, match="not a JSON object"):
        dsse.verify(fits + b" ", TRUSTED)
