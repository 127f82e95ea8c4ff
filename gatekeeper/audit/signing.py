"""The gate's own Ed25519 key, and the public keys it trusts.

They live in the user's gatekeeper home (`$GATEKEEPER_HOME`, else `$XDG_CONFIG_HOME/gatekeeper`,
else `~/.config/gatekeeper`): `gate.key`, made at first use, and `trusted/*.pub`. The key signs; it
opens no case.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256, Hash
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from gatekeeper.errors import ConfigError
from gatekeeper.model.display import shown
from gatekeeper.model.places import gatekeeper_home
from gatekeeper.vault import dsse
from gatekeeper.vault.durable import open_regular, sync_directory, system_errors, write_new

RECORD_TYPE = "application/vnd.gatekeeper.audit-record+json"
"""What a record of the audit log is signed as: no such signature can stand for a statement's."""
KEY_NAME = "gate.key"
TRUSTED_FOLDER = "trusted"
_MAX_KEY_BYTES = 1 << 14
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_OWN_HOME = "set GATEKEEPER_HOME to your own folder"


def key_id(key: Ed25519PublicKey) -> str:
    """`sha256:…` of the raw public key."""
    digest = Hash(SHA256())
    digest.update(key.public_bytes_raw())
    return f"sha256:{digest.finalize().hex()}"


@dataclass(frozen=True, slots=True, repr=False)
class Signer:
    """The gate's key, and every key whose signature it accepts (its own among them)."""

    _key: Ed25519PrivateKey
    trusted: Mapping[str, Ed25519PublicKey]

    def __repr__(self) -> str:
        return f"Signer({self.keyid})"

    @property
    def keyid(self) -> str:
        """The id of the gate's own key."""
        return key_id(self._key.public_key())

    @property
    def public_pem(self) -> bytes:
        """The public key, to be put into another gate's `trusted` folder."""
        return self._key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def seal(self, payload: bytes) -> bytes:
        """`payload` in a signed DSSE envelope."""
        return dsse.sign(payload, key=self._key, keyid=self.keyid)

    def unseal(self, envelope: bytes) -> bytes:
        """The payload of an envelope as `seal` made it, by a trusted key; raises ReceiptError."""
        return dsse.verify_exact(envelope, self.trusted)[0]

    def mark(self, record: bytes) -> str:
        """The gate's signature of one record of the audit log, in hexadecimal digits."""
        return self._key.sign(dsse.pae(RECORD_TYPE, record)).hex()

    def derive(self, purpose: str) -> bytes:
        """32 bytes that only the holder of the key can make, other ones for each `purpose`."""
        return HKDF(SHA256(), 32, None, purpose.encode("utf-8")).derive(
            self._key.private_bytes_raw()
        )


def is_marked(record: bytes, mark: str, keys: Iterable[Ed25519PublicKey]) -> bool:
    """Whether one of `keys` made `mark` (hexadecimal digits) for `record`."""
    message, signature = dsse.pae(RECORD_TYPE, record), bytes.fromhex(mark)
    for key in keys:
        with contextlib.suppress(InvalidSignature):
            key.verify(signature, message)
            return True
    return False


def load_signer(home: Path | None = None) -> Signer:
    """The gate's signer, its key made at first use; two processes at once end with one key.

    Raises ConfigError where the key cannot be made, is readable by others, or is no Ed25519 key.
    """
    place = gatekeeper_home() if home is None else home
    what = "the signing key cannot be made or read"
    with system_errors(place, kind=ConfigError, what=what, hint=_OWN_HOME):
        key = _read_private(place / KEY_NAME) or _make_private(place)
    public = key.public_key()
    return Signer(key, {key_id(public): public, **_read_trusted(place)})


def load_trusted_keys(home: Path | None = None) -> Mapping[str, Ed25519PublicKey]:
    """The trusted public keys, and the gate's own where it is there; makes nothing.

    Raises ConfigError.
    """
    place = gatekeeper_home() if home is None else home
    what = "the signing key cannot be read"
    with system_errors(place, kind=ConfigError, what=what, hint=_OWN_HOME):
        key = _read_private(place / KEY_NAME)
    own = {key_id(key.public_key()): key.public_key()} if key else {}
    return {**own, **_read_trusted(place)}


def _read_private(path: Path) -> Ed25519PrivateKey | None:
    try:
        with open_regular(path) as stream:
            mode = os.fstat(stream.fileno()).st_mode
            data = stream.read(_MAX_KEY_BYTES)
    except FileNotFoundError:
        return None
    if mode & _OTHERS:
        raise ConfigError(f"{shown(path)}: others can read it", hint=f"chmod 600 {shown(path)}")
    key = None
    with contextlib.suppress(ValueError, TypeError, UnsupportedAlgorithm):
        key = load_pem_private_key(data, password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise ConfigError(f"{shown(path)}: not an Ed25519 private key in PEM")
    return key


def _make_private(home: Path) -> Ed25519PrivateKey:
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    data = Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    scratch = home / f".{os.urandom(8).hex()}.new"
    write_new(scratch, data)
    try:
        os.link(scratch, home / KEY_NAME)
    except FileExistsError:  # another process was first: its key is the key
        pass
    finally:
        scratch.unlink()
    sync_directory(home)
    key = _read_private(home / KEY_NAME)
    if key is None:
        raise ConfigError(f"{shown(home / KEY_NAME)}: it was removed while it was being made")
    return key


def _read_trusted(home: Path) -> dict[str, Ed25519PublicKey]:
    folder = home / TRUSTED_FOLDER
    paths: list[Path] = []
    with system_errors(folder, kind=ConfigError), contextlib.suppress(FileNotFoundError):
        paths = sorted(path for path in folder.iterdir() if path.name.endswith(".pub"))
    keys = [_read_public(path) for path in paths]
    return {key_id(key): key for key in keys}


def _read_public(path: Path) -> Ed25519PublicKey:
    key = None
    with contextlib.suppress(OSError, ValueError, UnsupportedAlgorithm):
        key = load_pem_public_key(path.read_bytes())
    if not isinstance(key, Ed25519PublicKey):
        raise ConfigError(f"{shown(path)}: not an Ed25519 public key in PEM")
    return key
