"""Opening a case: everything is verified before one plaintext byte has its final name."""

from __future__ import annotations

import io
import os
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

from gatekeeper.errors import VaultError
from gatekeeper.model.display import shown
from gatekeeper.vault import age
from gatekeeper.vault.case import DATA_FOLDER, Manifest, Member, check_binding, read_members
from gatekeeper.vault.durable import (
    READ_BYTES,
    create_private,
    open_regular,
    sync_directory,
    sync_file,
)
from gatekeeper.vault.writing import HashedSink, HashedSource


@dataclass(frozen=True, slots=True)
class Opened:
    """What was in a case: names relative to the folder, and what was said of it when stored."""

    names: tuple[str, ...]
    description: Mapping[str, Any]


def decrypt_case(
    data: Path, manifest: Manifest, identities: Sequence[age.Identity], work: Path
) -> Opened:
    """Decrypt `data` into the empty folder `work`.

    Raises VaultError unless the last chunk, the digest of the ciphertext and the digest of every
    file are right; what is in `work` then is the caller's to remove.
    """
    with open_regular(data) as stream:
        source = HashedSource(stream)
        header = age.read_header(source)
        check_binding(header, manifest.facts)
        reader = age.PayloadReader(source, age.file_key_of(header, identities))
        with io.BufferedReader(reader, READ_BYTES) as payload:
            opened = _unpack(cast("BinaryIO", payload), work)
            while payload.read(READ_BYTES):  # to the end, where the last chunk is verified
                pass
    if source.digest != manifest.ciphertext:
        raise VaultError("case: the ciphertext is not the one that the manifest names")
    return opened


def check_free(place: Path) -> None:
    """Raise VaultError unless `place` is a new name or an empty folder."""
    if place.is_symlink() or (place.exists() and not place.is_dir()):
        raise VaultError(f"{shown(place)}: is there already", hint="name a new folder")
    if place.is_dir() and any(place.iterdir()):
        raise VaultError(f"{shown(place)}: is not empty", hint="name a new or an empty folder")


def _unpack(payload: BinaryIO, work: Path) -> Opened:
    broken = False
    names: list[str] = []
    try:
        with tarfile.open(mode="r|", fileobj=payload, bufsize=READ_BYTES) as archive:
            members, description = read_members(archive)
            names.extend(_unpack_member(archive, member, work) for member in members)
            broken = archive.next() is not None
    except tarfile.TarError:
        broken = True
    if broken:
        raise VaultError("case: its tar stream is malformed")
    _sync_folders(work)
    return Opened(tuple(names), description)


def _unpack_member(archive: tarfile.TarFile, member: Member, work: Path) -> str:
    info = archive.next()
    stream = archive.extractfile(info) if info and info.isreg() else None
    if info is None or stream is None or (info.name, info.size) != (member.name, member.size_bytes):
        raise VaultError(f"case: its files are not those that it announces ({shown(member.name)})")
    name = member.name.removeprefix(DATA_FOLDER + "/")
    (work / name).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with create_private(work / name) as out:
        sink = HashedSink(out)
        while piece := stream.read(READ_BYTES):
            sink.write(piece)
        sync_file(out)
    if sink.digest != member.digest:
        raise VaultError(f"case: {shown(member.name)} has not the digest it was stored with")
    return name


def _sync_folders(work: Path) -> None:
    for folder, _, _ in os.walk(work):
        sync_directory(Path(folder))
