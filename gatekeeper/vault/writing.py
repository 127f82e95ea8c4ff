"""Writing a case: steps 3 to 8 of the order of operations (read, encrypt, sync, verify, name).

What is made here is verified by reading it back from disk, with the file key that is still in
memory: no private key is on this machine.
"""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

from gatekeeper.errors import DatasetChanged, VaultError
from gatekeeper.model import canonical_bytes
from gatekeeper.model.display import shown
from gatekeeper.vault import age
from gatekeeper.vault.case import (
    DATA_NAME,
    DESCRIPTION_NAME,
    MANIFEST_NAME,
    Manifest,
    Member,
    TarWriter,
    case_stanza,
    check_binding,
    describe,
    safe_names,
)
from gatekeeper.vault.durable import (
    READ_BYTES,
    FileIdentity,
    create_private,
    drop_cache,
    make_private_directory,
    open_regular,
    sync_directory,
    sync_file,
    write_new,
)
from gatekeeper.vault.keys import fingerprint
from gatekeeper.vault.layout import Layout
from gatekeeper.vault.ports import GateKey
from gatekeeper.vault.removal import Original, source_errors
from gatekeeper.vault.times import utc


@dataclass(frozen=True, slots=True)
class Order:
    """What to store: the originals, what is said of them inside and outside, and for whom."""

    originals: tuple[Original, ...]
    description: Mapping[str, Any]
    facts: Mapping[str, Any]
    recipients: tuple[age.Recipient, ...]
    now: datetime.datetime


class HashedSink:
    """Passes bytes on and hashes them."""

    def __init__(self, sink: age.ByteSink) -> None:
        self._sink = sink
        self._hash = hashlib.sha256()
        self.size_bytes = 0

    def write(self, data: bytes) -> int:
        """Take `data` whole."""
        self._hash.update(data)
        self.size_bytes += len(data)
        return self._sink.write(data)

    @property
    def digest(self) -> str:
        """`sha256:…` of what went through."""
        return f"sha256:{self._hash.hexdigest()}"


class HashedSource:
    """Gives bytes on and hashes them."""

    def __init__(self, source: age.ByteSource) -> None:
        self._source = source
        self._hash = hashlib.sha256()

    def read(self, size: int, /) -> bytes:
        """As the source does."""
        data = self._source.read(size)
        self._hash.update(data)
        return data

    def readline(self, limit: int, /) -> bytes:
        """As the source does."""
        data = self._source.readline(limit)
        self._hash.update(data)
        return data

    @property
    def digest(self) -> str:
        """`sha256:…` of what went through."""
        return f"sha256:{self._hash.hexdigest()}"


def write_case(layout: Layout, gate: GateKey, case_id: str, order: Order) -> tuple[Manifest, Order]:
    """Encrypt `order` into the part folder of `case_id`, verify it on disk, and write its manifest.

    Gives the manifest, and the order with the identities of the files that were read. Raises
    DatasetChanged where a source is not what was decided on; the part folder is the caller's to
    drop.
    """
    seen = replace(order, originals=tuple(_observe(o) for o in order.originals))
    facts = _facts(gate, case_id, seen)
    part = layout.part(case_id)
    make_private_directory(part)
    file_key = age.new_file_key()
    with create_private(part / DATA_NAME) as stream:
        sealed, plain = _encrypt(stream, seen, facts, file_key)
        sync_file(stream)
    verify_written(part / DATA_NAME, facts, file_key, sealed=sealed.digest, plain=plain.digest)
    manifest = Manifest(case_id, facts["sequence"], facts, sealed.digest, sealed.size_bytes)
    write_new(part / MANIFEST_NAME, gate.seal(manifest.to_statement()))
    sync_directory(part)
    return manifest, seen


def _observe(original: Original) -> Original:
    if original.snapshot is not None:
        return original
    with _open_original(original) as stream:
        return replace(original, identity=FileIdentity.of(stream.fileno()))


@contextlib.contextmanager
def _open_original(original: Original) -> Iterator[BinaryIO]:
    if original.snapshot is not None:
        with original.snapshot.open() as stream:
            yield stream
        return
    with source_errors(original.path), open_regular(original.path) as stream:
        yield stream


def _facts(gate: GateKey, case_id: str, order: Order) -> dict[str, Any]:
    names = canonical_bytes([os.fsencode(o.path).hex() for o in order.originals])
    key = gate.derive("gatekeeper.dev/source-tag/v1")
    return {
        **order.facts,
        "id": case_id,
        "time": utc(order.now),
        "files": len(order.originals),
        "recipients": [fingerprint(r) for r in order.recipients],
        "sourceTag": hashlib.blake2b(names, key=key, digest_size=32).hexdigest(),
    }


def _encrypt(
    stream: BinaryIO, order: Order, facts: Mapping[str, Any], file_key: bytes
) -> tuple[HashedSink, HashedSink]:
    sealed = HashedSink(stream)
    payload = age.encrypt(sealed, order.recipients, file_key=file_key, extra=[case_stanza(facts)])
    plain = HashedSink(payload)
    paths = [o.path for o in order.originals]
    named = list(zip(safe_names(paths), order.originals, strict=True))
    members = [Member(name, o.size_bytes, o.digest) for name, o in named]
    archive = TarWriter(plain)
    described = describe(members, [shown(p) for p in paths], order.description)
    with archive.member(DESCRIPTION_NAME, len(described)) as sink:
        sink.write(described)
    for name, original in named:
        with archive.member(name, original.size_bytes) as sink:
            _copy(original, sink)
    archive.close()
    payload.close()
    return sealed, plain


def _copy(original: Original, sink: age.ByteSink) -> None:
    """Copy exactly the file that was observed; raises DatasetChanged where its bytes differ."""
    whole, left = hashlib.sha256(), original.size_bytes
    with _open_original(original) as stream:
        sealed = original.snapshot is not None
        same = sealed or FileIdentity.of(stream.fileno()) == original.identity
        while left and (data := stream.read(min(left, READ_BYTES))):
            whole.update(data)
            sink.write(data)
            left -= len(data)
        same = same and not left and not stream.read(1)
    if not same or f"sha256:{whole.hexdigest()}" != original.digest:
        raise DatasetChanged(
            f"{shown(original.path)}: it changed since it was scanned",
            hint="nothing was stored or removed; run the gate again",
        )


def verify_written(
    path: Path, facts: Mapping[str, Any], file_key: bytes, *, sealed: str, plain: str = ""
) -> None:
    """Read a ciphertext from disk: it is the one that was written, is bound to its case, and opens
    to its end, to the digest `plain` where one is given. Raises VaultError.
    """
    whole = hashlib.sha256()
    with open_regular(path) as stream:
        drop_cache(stream)
        source = HashedSource(stream)
        header = age.read_header(source)
        header.check_mac(file_key)
        check_binding(header, facts)
        with contextlib.closing(age.decrypt_chunks(source, file_key)) as chunks:
            for chunk in chunks:
                whole.update(chunk)
    if source.digest != sealed or (plain and f"sha256:{whole.hexdigest()}" != plain):
        raise VaultError("the ciphertext read back from disk is not the one that was written")
