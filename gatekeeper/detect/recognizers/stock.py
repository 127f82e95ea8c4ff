"""Bitcoin addresses and UUIDs, as Presidio's own recognizers find them."""

from __future__ import annotations

import re
from hashlib import sha256

from gatekeeper.detect.lazy import lazy
from gatekeeper.detect.recognizers.spec import Pattern, Recognizer

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_BECH32_SUMS = (1, 0x2BC830A3)
"""What the checksum of BIP 173 (bech32) and of BIP 350 (bech32m) leaves."""
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_UUID = lazy(r"[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.I)
"""Version and variant as RFC 9562, 4.1 and 4.2 have them; the nil UUID has neither."""


def _bitcoin(text: str, start: int, end: int, _: float) -> float:
    value = text[start:end]
    if not value.isascii():
        return 0.0
    if value.startswith(("1", "3")):
        return float(_base58_holds(value))
    return float(value.startswith("bc1") and _bech32_holds(value))


def _base58_holds(value: str) -> bool:
    """Whether the last four of its bytes are the double SHA-256 of those before (Base58Check)."""
    number = 0
    for character in value:
        digit = _BASE58.find(character)
        if digit < 0:
            return False
        number = number * 58 + digit
    zeros = len(value) - len(value.lstrip("1"))
    body = number.to_bytes(zeros + (number.bit_length() + 7) // 8, "big")
    return sha256(sha256(body[:-4]).digest()).digest()[:4] == body[-4:]


def _bech32_holds(value: str) -> bool:
    """Whether the checksum over the human-readable part and the data holds (BIP 173, BIP 350)."""
    if value not in (value.lower(), value.upper()):
        return False
    value = value.lower()
    at = value.rfind("1")
    data = [_BECH32.find(c) for c in value[at + 1 :]]
    if at < 1 or len(data) < 6 or len(value) > 90 or -1 in data:
        return False
    head = [ord(c) for c in value[:at]]
    total = 1
    for number in (*(c >> 5 for c in head), 0, *(c & 31 for c in head), *data):
        top = total >> 25
        total = (total & 0x1FFFFFF) << 5 ^ number
        for bit, mixed in enumerate(_GENERATOR):
            total ^= mixed if top >> bit & 1 else 0
    return total in _BECH32_SUMS


def _uuid(text: str, start: int, end: int, score: float) -> float:
    return score if _UUID.fullmatch(text, start, end) else 0.0


RECOGNIZERS = (
    Recognizer(
        "CryptoRecognizer",
        "CRYPTO",
        (Pattern("Crypto (Medium)", "(?s)(bc1|[13])[a-zA-HJ-NP-Z0-9]{25,59}", 0.5),),
        ("wallet", "btc", "bitcoin", "crypto"),
        _bitcoin,
    ),
    Recognizer(
        "UuidRecognizer",
        "UUID",
        (
            Pattern(
                "UUID (hyphenated)",
                r"\b[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}\b",
                0.5,
            ),
        ),
        ("uuid", "guid", "unique identifier"),
        _uuid,
    ),
)
