"""New recipients for a case: `rewrap` writes its header anew, `rotate` encrypts it anew.

Both write a new ciphertext beside the old one, verify it from disk, and then put a new manifest in
place of the old by one rename: that settles it. The old ciphertext is unlinked afterwards. A file
key that somebody kept, or an old copy of the ciphertext, opens what it opened before; after a
`rotate` such a file key does not open the new ciphertext.
"""

from __future__ import annotations

import contextlib
import datetime
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gatekeeper.errors import ConfigError, VaultError
from gatekeeper.vault import age
from gatekeeper.vault.case import MANIFEST_NAME, Manifest, case_stanza, check_binding, data_name
from gatekeeper.vault.durable import (
    READ_BYTES,
    create_private,
    entries,
    make_private_directory,
    open_regular,
    sync_directory,
    sync_file,
    system_errors,
    write_durably,
    write_new,
)
from gatekeeper.vault.journal import REWRITE, Intent
from gatekeeper.vault.keys import fingerprint
from gatekeeper.vault.times import utc
from gatekeeper.vault.workflow import check_clock
from gatekeeper.vault.writing import HashedSink, HashedSource, verify_written

if TYPE_CHECKING:
    from gatekeeper.vault.store import Vault

REWRAP, ROTATE = "rewrap", "rotate"


@dataclass(frozen=True, slots=True)
class Rewritten:
    """What was done: the case as it was and as it is."""

    before: Manifest
    after: Manifest


def rewrite(
    vault: Vault,
    case_id: str,
    identities: Sequence[age.Identity],
    recipients: Sequence[age.Recipient],
    *,
    how: str,
    now: datetime.datetime,
) -> Rewritten:
    """Let `recipients`, and nobody else, open the ciphertext of a case from now on.

    `how` is REWRAP (the same file key, wrapped anew; the payload is copied as it is) or ROTATE (a
    new file key, the payload encrypted anew). `identities` must open the case as it is. Raises
    ConfigError without a recipient, VaultError; the case then is as it was.
    """
    if not recipients:
        raise ConfigError("a case needs a recipient and there is none", hint="`gatekeeper keys`")
    with (
        system_errors(vault.layout.root, what="the case was not rewritten"),
        vault.locked(),
    ):
        check_clock(vault, now)
        before = vault.verify(case_id)
        intent = Intent(case_id, REWRITE, revision=before.revision + 1)
        vault.journal.begin(intent)
        try:
            after = _write(vault, before, identities, recipients, how, now)
            _put(vault, before, after)
            settle(vault, intent)
        except BaseException:
            # Nothing is dropped once the manifest is in place: an fsync that failed may have left
            # the old one on the disk, and that one names the old ciphertext. `recover` goes on.
            with contextlib.suppress(OSError, VaultError):  # the first error is the one to tell
                if vault.manifest(case_id).revision == before.revision:
                    settle(vault, intent)
            raise
        finally:
            vault.journal.let_go(case_id)
    return Rewritten(before, after)


def settle(vault: Vault, intent: Intent, *, again: bool = False) -> str:
    """End a rewrite, as the manifest that is in place says; gives how it ended.

    `again` is for recovery: the new ciphertext is verified, and its manifest written once more, for
    the run that was cut off may not have come to its fsync.
    """
    case_id = intent.case_id
    manifest = vault.manifest(case_id)
    done = manifest.revision == intent.revision
    folder = vault.layout.case(case_id)
    if done and again:
        vault.verify(case_id)
        path = folder / MANIFEST_NAME
        write_durably(path, path.read_bytes(), scratch=folder / ".manifest.new")
    if done:
        _record(vault, manifest)
    for path in entries(folder):
        stale = path.name.endswith(".age") and path.name != manifest.data_name
        if stale or path.name.endswith(".new"):
            path.unlink()
    sync_directory(folder)
    vault.drop(case_id)
    return "finished" if done else "dropped"


def _write(
    vault: Vault,
    before: Manifest,
    identities: Sequence[age.Identity],
    recipients: Sequence[age.Recipient],
    how: str,
    now: datetime.datetime,
) -> Manifest:
    """The new ciphertext and its manifest, verified, in the part folder of the case."""
    facts = {
        **before.facts,
        "revision": before.revision + 1,
        "recipients": [fingerprint(r) for r in recipients],
        "rewritten": {"how": how, "time": utc(now), "previous": before.ciphertext},
    }
    part = vault.layout.part(before.case_id)
    make_private_directory(part)
    old = vault.layout.case(before.case_id) / before.data_name
    new = part / data_name(before.revision + 1)
    with open_regular(old) as stream, create_private(new) as out:
        source = HashedSource(stream)
        header = age.read_header(source)
        check_binding(header, before.facts)
        file_key = age.file_key_of(header, identities)
        sink = HashedSink(out)
        if how == REWRAP:
            new_key, plain = file_key, _copy(source, sink, file_key, recipients, facts)
        else:
            new_key = age.new_file_key()
            plain = _encrypt_anew(source, sink, file_key, new_key, recipients, facts)
        if source.digest != before.ciphertext:
            raise VaultError(f"case {before.case_id}: the ciphertext was changed")
        sync_file(out)
    verify_written(new, facts, new_key, sealed=sink.digest, plain=plain)
    after = Manifest(before.case_id, before.sequence, facts, sink.digest, sink.size_bytes)
    write_new(part / MANIFEST_NAME, vault.gate.seal(after.to_statement()))
    sync_directory(part)
    return after


def _copy(
    source: HashedSource,
    sink: HashedSink,
    file_key: bytes,
    recipients: Sequence[age.Recipient],
    facts: dict[str, Any],
) -> str:
    """A new header, and the payload byte for byte; gives no digest, for nothing was decrypted."""
    stanzas = age.wrap_for(recipients, file_key)
    sink.write(age.make_header(file_key, [*stanzas, case_stanza(facts)]).to_bytes())
    while data := source.read(READ_BYTES):
        sink.write(data)
    return ""


def _encrypt_anew(
    source: HashedSource,
    sink: HashedSink,
    file_key: bytes,
    new_key: bytes,
    recipients: Sequence[age.Recipient],
    facts: dict[str, Any],
) -> str:
    """The payload decrypted and encrypted, piece by piece; gives the digest of the plaintext."""
    payload = age.encrypt(sink, recipients, file_key=new_key, extra=[case_stanza(facts)])
    whole = hashlib.sha256()
    with contextlib.closing(age.decrypt_chunks(source, file_key)) as chunks:
        for chunk in chunks:
            whole.update(chunk)
            payload.write(chunk)
    payload.close()
    return f"sha256:{whole.hexdigest()}"


def _put(vault: Vault, before: Manifest, after: Manifest) -> None:
    """The new ciphertext into the case folder, and then, in one step, its manifest."""
    part, folder = vault.layout.part(before.case_id), vault.layout.case(before.case_id)
    (part / after.data_name).rename(folder / after.data_name)
    sync_directory(folder)
    (part / MANIFEST_NAME).rename(folder / MANIFEST_NAME)
    sync_directory(folder)


def _record(vault: Vault, manifest: Manifest) -> None:
    said = manifest.facts["rewritten"]
    event = {
        "case": manifest.case_id,
        "ciphertext": manifest.ciphertext,
        "previous": said["previous"],
        "revision": manifest.revision,
    }
    if not vault.log.newest(said["how"], **event):
        vault.log.append(said["how"], event)
