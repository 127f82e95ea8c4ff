"""The age v1 header: stanzas, their strict grammar, and the MAC over them (C2SP age.md, "Header").

A header is text: the version line, one stanza for each way to the file key, and a MAC line. The MAC
is keyed from the file key and covers every stanza, also those a reader does not know.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from gatekeeper.errors import VaultError
from gatekeeper.vault.age.kdf import hkdf_sha256
from gatekeeper.vault.age.streams import ByteSource

VERSION_LINE = b"age-encryption.org/v1"
HYBRID_TYPE = "mlkem768x25519"
_CLASSICAL_TYPES = frozenset({"X25519", "p256tag"})
MAX_STANZAS = 20
"""More is refused: each stanza costs work before anything is authenticated."""
MAX_LINE_BYTES = 16_384
"""No line of a header may be longer; the longest of a known stanza has 1.6 kB."""
MAX_BODY_BYTES = 65_536
FILE_KEY_BYTES = 16
_COLUMNS = 64
_MAC_BYTES = 32


@dataclass(frozen=True, slots=True)
class Stanza:
    """One way to the file key: a type, its arguments, and a body, often the wrapped key."""

    type: str
    args: tuple[str, ...]
    body: bytes

    def __post_init__(self) -> None:
        for word in (self.type, *self.args):
            if not word or any(not 33 <= ord(c) <= 126 for c in word):
                raise VaultError("age header: a stanza argument is empty or not printable ASCII")

    def to_bytes(self) -> bytes:
        """The stanza as text: its line, then its body in base64, 64 columns, last line shorter."""
        text = encode_base64(self.body)
        lines = [text[i : i + _COLUMNS] for i in range(0, len(text) + 1, _COLUMNS)]
        head = " ".join(("->", self.type, *self.args))
        return "\n".join((head, *lines, "")).encode("ascii")


class Recipient(Protocol):
    """Whoever a file key can be wrapped for: a public key, a passphrase, a KMS.

    One that is safe against quantum computers has an attribute `post_quantum` that is true.
    """

    def wrap(self, file_key: bytes) -> Stanza:
        """The stanza from which only this recipient gets `file_key` back."""


class Identity(Protocol):
    """The secret side of a recipient."""

    def unwrap(self, stanzas: Sequence[Stanza]) -> bytes | None:
        """The file key, or None where no stanza is for this identity; raises VaultError where one
        is but is malformed.
        """


@dataclass(frozen=True, slots=True)
class Header:
    """A parsed header; `covered` are the exact bytes under the MAC."""

    stanzas: tuple[Stanza, ...]
    covered: bytes
    mac: bytes

    def check_mac(self, file_key: bytes) -> None:
        """Raise VaultError unless the MAC holds under `file_key`."""
        if not hmac.compare_digest(_mac(file_key, self.covered), self.mac):
            raise VaultError("age header: bad header MAC: the file was changed")

    def to_bytes(self) -> bytes:
        """The header as it stands in the file."""
        return self.covered + b" " + encode_base64(self.mac).encode("ascii") + b"\n"


def make_header(file_key: bytes, stanzas: Sequence[Stanza]) -> Header:
    """The header that holds `stanzas`; raises VaultError for a set that age does not allow.

    That includes post-quantum stanzas beside others, which readers take but writers must not make:
    the file would be no safer than the weakest of them.
    """
    _check_set(stanzas)
    types = {s.type for s in stanzas}
    if HYBRID_TYPE in types and types & _CLASSICAL_TYPES:
        raise mixed_kinds()
    covered = VERSION_LINE + b"\n" + b"".join(s.to_bytes() for s in stanzas) + b"---"
    return Header(tuple(stanzas), covered, _mac(file_key, covered))


def read_header(stream: ByteSource) -> Header:
    """Parse the header at the front of `stream`, strictly; the payload follows.

    Raises VaultError for anything that the grammar of C2SP age.md does not allow.
    """
    seen = bytearray()
    lines = _lines(stream, seen)
    if next(lines) != VERSION_LINE:
        raise VaultError("age header: not an age v1 file")
    stanzas: list[Stanza] = []
    line = next(lines)
    while line.startswith(b"-> "):
        if len(stanzas) == MAX_STANZAS:
            raise VaultError(f"age header: more than {MAX_STANZAS} stanzas")
        stanzas.append(_stanza(line, lines))
        line = next(lines)
    if not line.startswith(b"--- "):
        raise VaultError("age header: neither a stanza nor the MAC line")
    mac = decode_base64(line[4:].decode("ascii"))
    if len(mac) != _MAC_BYTES:
        raise VaultError("age header: the MAC has a wrong length")
    _check_set(stanzas)
    covered = bytes(seen[: len(seen) - len(line) - 1]) + b"---"
    return Header(tuple(stanzas), covered, mac)


def mixed_kinds() -> VaultError:
    """The refusal to write one file for post-quantum and for other recipients."""
    return VaultError(
        "age: post-quantum recipients cannot stand beside others in one file",
        hint="use post-quantum recipients (age1pq1…) only, or none",
    )


def encode_base64(data: bytes) -> str:
    """Base64 as age writes it: standard alphabet, no padding (RFC 4648 section 3.2)."""
    return base64.b64encode(data).rstrip(b"=").decode("ascii")


def decode_base64(text: str) -> bytes:
    """The bytes of canonical unpadded base64; raises VaultError for any other spelling."""
    data = None
    with contextlib.suppress(binascii.Error):
        data = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    if data is None or encode_base64(data) != text:
        raise VaultError("age header: base64 is not canonical")
    return data


def _stanza(line: bytes, lines: Iterator[bytes]) -> Stanza:
    kind, *args = line[3:].decode("ascii").split(" ")
    body = bytearray()
    while True:
        text = next(lines)
        if len(text) > _COLUMNS:
            raise VaultError("age header: a stanza's body line is too long")
        body += decode_base64(text.decode("ascii"))
        if len(text) < _COLUMNS:
            return Stanza(kind, tuple(args), bytes(body))
        if len(body) > MAX_BODY_BYTES:
            raise VaultError("age header: a stanza's body is too long")


def _lines(stream: ByteSource, seen: bytearray) -> Iterator[bytes]:
    while True:
        line = stream.readline(MAX_LINE_BYTES)
        if not line.endswith(b"\n"):
            raise VaultError("age header: cut off, or a line is too long")
        if any(not 32 <= byte <= 126 for byte in line[:-1]):
            raise VaultError("age header: a byte that is not printable ASCII")
        seen += line
        yield line[:-1]


def _check_set(stanzas: Sequence[Stanza]) -> None:
    if not stanzas:
        raise VaultError("age header: no recipient")
    if len(stanzas) > MAX_STANZAS:
        raise VaultError(f"age header: more than {MAX_STANZAS} stanzas")
    if len(stanzas) > 1 and any(s.type == "scrypt" for s in stanzas):
        raise VaultError("age header: a passphrase must be the only recipient")


def _mac(file_key: bytes, covered: bytes) -> bytes:
    return hmac.digest(hkdf_sha256(file_key, salt=b"", info=b"header"), covered, "sha256")
