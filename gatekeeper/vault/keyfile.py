"""Identity files: text as `age-keygen` writes it, or an age file of that text under a passphrase,
as `age -p` makes it.
"""

from __future__ import annotations

import datetime
import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gatekeeper.errors import ConfigError, VaultError
from gatekeeper.model.display import shown
from gatekeeper.vault import age
from gatekeeper.vault.age.armor import BEGIN_LINE
from gatekeeper.vault.age.header import VERSION_LINE
from gatekeeper.vault.durable import sync_directory, system_errors, write_new
from gatekeeper.vault.keys import Enrolled, enrol
from gatekeeper.vault.possession import check_possession
from gatekeeper.vault.times import utc

if TYPE_CHECKING:
    from gatekeeper.vault.store import Vault

MAX_FILE_BYTES = 1 << 16
_HINT = "it holds lines AGE-SECRET-KEY-…; `gatekeeper keys init FILE` makes such a file"


def init_identity(
    vault: Vault,
    path: Path,
    *,
    now: datetime.datetime,
    comment: str = "",
    forbidden: Sequence[Path] = (),
    passphrase: str = "",
    post_quantum: bool = False,
) -> Enrolled:
    """Make an identity in the new file `path` (mode 0600) and enrol its recipient.

    With a `passphrase` the file is locked with it (scrypt). `forbidden` are folders it must not lie
    in, beside the vault: the project and its datasets. The file is read back and opens a challenge
    before its recipient is enrolled. Raises ConfigError for a bad place, VaultError where it cannot
    be written.
    """
    place = path.parent.resolve() / path.name
    for folder in (vault.layout.root, *forbidden):
        if place.is_relative_to(folder.resolve()):
            raise ConfigError(
                f"{shown(path)}: an identity must not lie in {shown(folder)}",
                hint="name a file outside of it, best on a medium you can take away",
            )
    identity = _generate(post_quantum)
    _write(place, identity, utc(now), passphrase)
    check_possession(identity.recipient, load_identities(place, lambda: passphrase))
    return enrol(vault, identity.recipient, now=now, comment=comment, proved=True)


def load_identities(
    path: Path, passphrase: Callable[[], str] | None = None
) -> tuple[age.KeyIdentity, ...]:
    """The identities in a file; `passphrase` is asked where it is locked with one.

    Raises VaultError, showing nothing of what is in it.
    """
    with system_errors(path), path.open("rb") as stream:
        data = stream.read(MAX_FILE_BYTES + 1)
    why, hint, identities = "", _HINT, []
    try:
        if len(data) > MAX_FILE_BYTES:
            raise VaultError(f"more than {MAX_FILE_BYTES:,} bytes")
        if data.lstrip().startswith((VERSION_LINE, BEGIN_LINE)):
            data = _unlocked(data, passphrase)
        identities = [age.parse_identity(key) for key in _lines(data)]
    except VaultError as e:
        why, hint = str(e), e.hint or _HINT
    if not identities:
        raise VaultError(f"{shown(path)}: {why or 'no identity in it'}", hint=hint)
    return tuple(identities)


def _generate(post_quantum: bool) -> age.KeyIdentity:
    if not post_quantum:
        return age.X25519Identity.generate()
    from gatekeeper.vault.age.hybrid import HybridIdentity  # by the few who have such keys

    return HybridIdentity.generate()


def _write(place: Path, identity: age.KeyIdentity, created: str, passphrase: str) -> None:
    text = f"# created: {created}\n# public key: {identity.recipient}\n{identity.encode()}\n"
    data = text.encode("ascii")
    if passphrase:
        locked = io.BytesIO()
        writer = age.encrypt(locked, [age.Passphrase(passphrase)])
        writer.write(data)
        writer.close()
        data = locked.getvalue()
    with system_errors(place):
        write_new(place, data)
        sync_directory(place.parent)


def _unlocked(data: bytes, passphrase: Callable[[], str] | None) -> bytes:
    source = age.dearmored(io.BytesIO(data))
    header = age.read_header(source)
    if [s.type for s in header.stanzas] != ["scrypt"]:
        raise VaultError("an age file, but none that a passphrase opens")
    if passphrase is None:
        raise VaultError("locked with a passphrase, and nobody is there to ask for it")
    key = age.Passphrase(passphrase()).unwrap(header.stanzas)
    if key is None:
        raise VaultError("the passphrase is wrong", hint="it is that of this identity file")
    header.check_mac(key)
    return b"".join(age.decrypt_chunks(source, key))


def _lines(data: bytes) -> list[str]:
    lines = [line.strip() for line in data.decode("utf-8", "replace").splitlines()]
    return [line for line in lines if line and not line.startswith("#")]
