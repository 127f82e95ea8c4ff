"""What gives the bytes of an encoded run, and whether they are text."""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from gatekeeper.detect.lazy import lazy

BUDGET = 1 << 18
"""Characters that the encoded runs of one text may decode to, all together."""

_BASE58_DIGITS = {
    c: i for i, c in enumerate("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz")
}
UNREADABLE = lazy(
    r"[^\t\r\n\x20-\x7e\u00a0-\u024f\u0370-\u06ff\u2010-\u2044\u20ac\u3000-\u30ff\u4e00-\u9fff\uff01-\uff5e]"
)


@dataclass(slots=True)
class Budget:
    """What may still be decoded of one text."""

    left: int = BUDGET
    bombs: int = 0
    """Compressed runs that would have grown beyond the budget."""


# --- is it text --------------------------------------------------------------------------------


def readable(data: bytes, budget: Budget, depth: int = 0) -> str | None:
    """The text that `data` holds; None where it holds none. Compressed data is opened."""
    if data[:2] == b"\x1f\x8b" or (data[:1] == b"\x78" and data[1:2] in b"\x01\x5e\x9c\xda"):
        opened = _inflated(data, budget)
        return readable(opened, budget, depth + 1) if opened and depth < 2 else None
    if len(data) < 6:
        return None
    for encoding in _encodings(data):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        short = len(data) < 24 and not text.lstrip("\ufeff").isascii()  # chance makes such, too
        if not short and not UNREADABLE.search(text) and _plain(text):
            return text.lstrip("\ufeff")
    return None


def _plain(text: str) -> bool:
    """Mostly letters, digits and spaces, as text is."""
    return 2 * sum(c.isalnum() or c in " -.@" for c in text) > len(text)


def _encodings(data: bytes) -> list[str]:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return ["utf-16"]
    if data[1:2] == b"\0" and data[3:4] == b"\0":
        return ["utf-16-le"]
    if data[:1] == b"\0" and data[2:3] == b"\0":
        return ["utf-16-be"]
    return ["utf-8-sig"]


def _inflated(data: bytes, budget: Budget) -> bytes | None:
    """`data` decompressed as far as the budget goes, 16 bits of header or none."""
    stream = zlib.decompressobj(47)
    try:
        opened = stream.decompress(data, budget.left + 1)
    except zlib.error:
        return None
    if len(opened) > budget.left:
        budget.bombs += 1
        opened = opened[: budget.left]
        # Cut where a character ends.
        opened = opened.decode("utf-8", "ignore").encode()
    return opened


# --- codecs: each gives the bytes of a run, or None -----------------------------------------------


def unbase64(run: str) -> bytes | None:
    """Base64 in either alphabet (RFC 4648, 4 and 5), lines and padding as they come."""
    cleaned = re.sub(r"\\n|[\s>]", "", run).rstrip("=").replace("-", "+").replace("_", "/")
    try:
        head = base64.b64decode(cleaned[:16] + "=" * (-len(cleaned[:16]) % 4))
        if not _promising(head):
            return None
        return base64.b64decode(cleaned + "=" * (-len(cleaned) % 4))
    except binascii.Error:
        return None


def _promising(head: bytes) -> bool:
    """Whether the first bytes may be text or compressed data."""
    if head[:2] == b"\x1f\x8b" or head[:2] in (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda"):
        return True
    return all(
        32 <= b < 127 or b in b"\0\t\r\n\xff\xfe" or b > 0xC1 or 0x80 <= b < 0xC0 for b in head
    ) and (3 * sum(32 <= b < 127 for b in head) >= len(head))


def unhex(run: str) -> bytes | None:
    """Pairs of hexadecimal digits, whatever stands between them."""
    cleaned = re.sub(r"0[xX]|\\x|[xX]'|[^0-9a-fA-F]", "", run)
    if len(cleaned) % 2 or len(cleaned) < 14:
        return None
    return bytes.fromhex(cleaned)


def unbase32(run: str) -> bytes | None:
    """Base32 (RFC 4648, 6), in either case."""
    cleaned = run.rstrip("=").upper()
    try:
        return base64.b32decode(cleaned + "=" * (-len(cleaned) % 8))
    except binascii.Error:
        return None


def unbase85(run: str) -> bytes | None:
    """Base85 as Python's `b85` and Adobe's Ascii85 have it."""
    if run.startswith("<~"):
        decoders: list[Callable[[str], bytes]] = [
            lambda r: base64.a85decode(r, adobe=r.endswith("~>"))
        ]
    else:
        decoders = [base64.b85decode, base64.a85decode]
    for decode in decoders:
        try:
            if run.startswith("<~") or is_ascii(decode(run[:5])):
                data = decode(run)
                if is_ascii(data) or data[:2] == b"\x1f\x8b":
                    return data
        except (ValueError, binascii.Error):
            continue
    return None


def is_ascii(data: bytes) -> bool:
    """Whether all bytes are printable ASCII, tabs or ends of lines."""
    return all(32 <= b < 127 or b in b"\t\r\n" for b in data)


def unbase58(run: str) -> bytes | None:
    """Base58 in Bitcoin's alphabet."""
    if not re.search(r"\d", run) or not re.search(r"[A-Z]", run) or not re.search(r"[a-z]", run):
        return None
    number = 0
    for c in run:
        number = number * 58 + _BASE58_DIGITS[c]
    data = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return data if len(data) >= 9 and is_ascii(data) else None


def unbinary(run: str) -> bytes | None:
    """Bits in groups of seven or eight."""
    width = 7 if re.fullmatch(r"(?:[01]{7} )+[01]{7}", run) else 8
    bits = re.sub(r"[^01]", "", run)
    return bytes(int(bits[i : i + width], 2) for i in range(0, len(bits) - width + 1, width))


def uncodes(run: str) -> bytes | None:
    """Decimal character codes."""
    return bytes(int(n) for n in re.findall(r"\d+", run))


def unoctal(run: str) -> bytes | None:
    """Octal character codes."""
    return bytes(int(n, 8) for n in run.split())


def unuu(run: str) -> bytes | None:
    """A uuencoded file."""
    data = b""
    for line in run.split("\n")[1:]:
        if line in ("`", "end", ""):
            break
        try:
            data += binascii.a2b_uu(line)
        except binascii.Error:
            return None
    return data
