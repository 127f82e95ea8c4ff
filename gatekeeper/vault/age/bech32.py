"""Bech32 (BIP 173) without its limit on length, as age writes keys (C2SP age.md, "Keys")."""

from __future__ import annotations

from collections.abc import Iterable

from gatekeeper.errors import VaultError

_CHARSET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_CHECKSUM_SIZE = 6


def encode(prefix: str, data: bytes) -> str:
    """`data` in lower-case Bech32 under the human-readable `prefix`."""
    values = _regroup(data, 8, 5, pad=True)
    check = _polymod([*_expand(prefix), *values, *([0] * _CHECKSUM_SIZE)]) ^ 1
    values += [(check >> 5 * (5 - i)) & 31 for i in range(_CHECKSUM_SIZE)]
    return prefix + "1" + "".join(_CHARSET[v] for v in values)


def decode(text: str) -> tuple[str, bytes]:
    """The prefix (in lower case) and the bytes of `text`; raises VaultError. Never shows `text`."""
    if text not in (text.lower(), text.upper()):
        raise VaultError("age key: upper and lower case are mixed")
    prefix, separator, rest = text.lower().rpartition("1")
    if not separator or not prefix or len(rest) < _CHECKSUM_SIZE or not prefix.isascii():
        raise VaultError("age key: not a bech32 string")
    values = [_CHARSET.find(c) for c in rest]
    if -1 in values:
        raise VaultError("age key: a character outside the bech32 alphabet")
    if _polymod([*_expand(prefix), *values]) != 1:
        raise VaultError("age key: bad checksum", hint="copy the whole key, from its first letter")
    return prefix, bytes(_regroup(values[:-_CHECKSUM_SIZE], 5, 8, pad=False))


def _polymod(values: Iterable[int]) -> int:
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for i, generator in enumerate(_GENERATOR):
            check ^= generator if top >> i & 1 else 0
    return check


def _expand(prefix: str) -> list[int]:
    return [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix]


def _regroup(data: Iterable[int], width: int, new_width: int, *, pad: bool) -> list[int]:
    held, bits, out = 0, 0, []
    for value in data:
        held = held << width | value
        bits += width
        while bits >= new_width:
            bits -= new_width
            out.append(held >> bits & (1 << new_width) - 1)
        held &= (1 << bits) - 1
    if pad and bits:
        out.append(held << new_width - bits)
    elif not pad and (bits >= width or held):
        raise VaultError("age key: bad padding")
    return out
