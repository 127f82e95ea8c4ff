"""The vault: storing, listing, showing and verifying cases; what else is done to one is beside it.

The order of `store` is the whole point (DESIGN law 8): at every instant either the originals are
intact, or a ciphertext that was synced, read back and decrypted is in place. Its twelve steps are
numbered where they happen, here and in `writing` and `removal`.
"""

from __future__ import annotations

import contextlib
import datetime
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gatekeeper.errors import ConfigError, InputError, ReceiptError, VaultError
from gatekeeper.model import Wrapper
from gatekeeper.model.display import shown
from gatekeeper.model.snapshot import Snapshot
from gatekeeper.vault import age
from gatekeeper.vault.case import (
    MANIFEST_NAME,
    Manifest,
    check_binding,
    check_case_id,
    new_case_id,
)
from gatekeeper.vault.durable import (
    digest_of_stream,
    drop_cache,
    entries,
    locked,
    open_regular,
    present,
    reason,
    sync_directory,
    system_errors,
)
from gatekeeper.vault.journal import QUARANTINE, Intent, Journal
from gatekeeper.vault.keys import Enrolled, enrolled_recipients
from gatekeeper.vault.layout import Layout
from gatekeeper.vault.ports import EventLog, GateKey
from gatekeeper.vault.removal import UNLINKED, Original, Removal, remove_originals
from gatekeeper.vault.tombstone import Tombstone, read_tombstone
from gatekeeper.vault.writing import Order, write_case

if TYPE_CHECKING:
    from gatekeeper.vault.recovery import Recovered

LOCK_TIMEOUT_S = 300.0
"""A store of a large dataset holds the lock for as long as its encryption takes."""
MAX_MANIFEST_BYTES = 1 << 20
_UNFINISHED = (
    "an original that is not in the vault is where it was; "
    "`gatekeeper quarantine recover` ends what was begun"
)


@dataclass(frozen=True, slots=True)
class Case:
    """A stored case, and what became of each original."""

    manifest: Manifest
    removals: tuple[Removal, ...]

    @property
    def id(self) -> str:
        """Its name in the vault."""
        return self.manifest.case_id


@dataclass(frozen=True, slots=True)
class Damaged:
    """A case whose manifest or ciphertext cannot be trusted, and why."""

    case_id: str
    why: str


class Vault:
    """The vault in one folder; nothing is made there until something is stored."""

    def __init__(
        self, layout: Layout, gate: GateKey, log: EventLog, *, lock_timeout_s: float
    ) -> None:
        self.layout = layout
        self.gate = gate
        self.log = log
        self.journal = Journal(layout.journal, gate)
        self._lock_timeout_s = lock_timeout_s

    @classmethod
    def open(
        cls, path: Path, *, gate: GateKey, log: EventLog, lock_timeout_s: float = LOCK_TIMEOUT_S
    ) -> Vault:
        """The vault at `path`, there or not yet there; raises VaultError for another format."""
        layout = Layout(path.parent.resolve() / path.name)
        layout.check()
        return cls(layout, gate, log, lock_timeout_s=lock_timeout_s)

    def locked(self) -> contextlib.AbstractContextManager[None]:
        """Alone with the vault; raises VaultError where others hold it for too long."""
        return locked(self.layout.lock, timeout_s=self._lock_timeout_s)

    def store(
        self,
        sources: Iterable[tuple[Path, str]],
        *,
        description: Mapping[str, Any],
        facts: Mapping[str, Any],
        recipients: Sequence[age.Recipient],
        now: datetime.datetime,
        snapshots: Iterable[tuple[str, Snapshot]] = (),
    ) -> Case:
        """Make one case of `sources` (path, `sha256:…` it was decided on) and unlink them.

        `snapshots` are sealed bytes under the name they have in the case; they are in no file.

        `description` goes inside the ciphertext, `facts` into the signed manifest beside it: no
        name and no digest of plaintext belongs there. Hard-linked sources are stored and kept.
        Raises DatasetChanged where a source is not what was decided on, ConfigError without a
        recipient, VaultError; in each case the originals are as they were.
        """
        from gatekeeper.vault.recovery import recover_all

        originals = self._originals(sources, snapshots)
        if not recipients:
            raise ConfigError(
                "quarantine needs a recipient and there is none", hint="`gatekeeper keys init FILE`"
            )
        order = Order(originals, description, facts, tuple(recipients), now)
        with system_errors(self.layout.root, what="the case was not finished", hint=_UNFINISHED):
            self.layout.create()
            with self.locked():  # step 1
                recover_all(self)  # what another left: its case has its number in the log
                return self._store(new_case_id(), order)

    def list(self) -> tuple[Manifest | Tombstone | Damaged, ...]:
        """Every case, in the order of their sequence; what does not verify comes last."""
        with system_errors(self.layout.cases):
            names = [p.name for p in entries(self.layout.cases)]
        found = [self._look(name) for name in names]
        whole = [f for f in found if not isinstance(f, Damaged)]
        return (
            *sorted(whole, key=lambda f: f.sequence),
            *(f for f in found if isinstance(f, Damaged)),
        )

    def manifest(self, case_id: str) -> Manifest:
        """The manifest of a case, its signature verified, whether or not its ciphertext is there.

        Raises VaultError.
        """
        folder = self.layout.case(check_case_id(case_id))
        why = ""
        try:
            with open_regular(folder / MANIFEST_NAME) as stream:
                payload = self.gate.unseal(stream.read(MAX_MANIFEST_BYTES))
            manifest = Manifest.from_statement(payload)
        except (ReceiptError, InputError, VaultError) as e:
            why = str(e)
        except FileNotFoundError:
            why = "not in this vault, or a part of it is missing"
        except OSError as e:
            why = reason(e)
        if not why and manifest.case_id != case_id:
            why = "the manifest is that of another case"
        if why:
            raise VaultError(f"case {case_id}: {why}")
        return manifest

    def tombstone(self, case_id: str) -> Tombstone | None:
        """What says that a case was destroyed; None for one that was not. Raises VaultError."""
        return read_tombstone(self.layout.case(check_case_id(case_id)), self.gate)

    def show(self, case_id: str) -> Manifest:
        """The manifest of a case: its signature, its size and its binding to the ciphertext hold.

        Raises VaultError, also for a case that was destroyed.
        """
        manifest = self.manifest(case_id)
        if (gone := self.tombstone(case_id)) is not None:
            raise VaultError(f"case {case_id}: it was destroyed on {gone.time[:10]}")
        data = self.layout.case(case_id) / manifest.data_name
        why = ""
        try:
            with open_regular(data) as stream:
                check_binding(age.read_header(stream), manifest.facts)
            if data.stat().st_size != manifest.size_bytes:
                why = "the ciphertext has not the size that the manifest names"
        except (InputError, VaultError) as e:
            why = str(e)
        except FileNotFoundError:
            why = "its ciphertext is missing"
        except OSError as e:
            why = reason(e)
        if why:
            raise VaultError(f"case {case_id}: {why}")
        return manifest

    def verify(self, case_id: str) -> Manifest:
        """`show`, and the ciphertext has the digest that the manifest names; raises VaultError."""
        manifest = self.show(case_id)
        data = self.layout.case(case_id) / manifest.data_name
        with system_errors(data), open_regular(data) as stream:
            drop_cache(stream)
            if digest_of_stream(stream) != manifest.ciphertext:
                raise VaultError(f"case {case_id}: the ciphertext was changed")
        return manifest

    def recover(self) -> tuple[Recovered, ...]:
        """End what a crash cut off; a second run changes nothing more. Raises VaultError."""
        from gatekeeper.vault.recovery import recover_all

        with system_errors(self.layout.root, what="not recovered"):
            if not present(self.layout.journal):
                return ()
            with self.locked():
                ended = recover_all(self)
                self.log.mend()
                return ended

    def init_identity(
        self,
        path: Path,
        *,
        now: datetime.datetime,
        comment: str = "",
        forbidden: Sequence[Path] = (),
    ) -> Enrolled:
        """Make an identity in the new file `path` and enrol its recipient:
        `keyfile.init_identity`.
        """
        from gatekeeper.vault.keyfile import init_identity

        return init_identity(self, path, now=now, comment=comment, forbidden=forbidden)

    def recipients(self, wrappers: Mapping[str, Wrapper] | None = None) -> tuple[Enrolled, ...]:
        """Every recipient enrolled here: `keys.enrolled_recipients`. Raises VaultError for one
        nobody vouches for.
        """
        return enrolled_recipients(self, wrappers)

    # --- the order of operations -------------------------------------------------------------

    def _store(self, case_id: str, order: Order) -> Case:
        numbered = self._numbered(order)
        try:
            sources = tuple((o.path, o.digest) for o in order.originals if o.snapshot is None)
            self.journal.begin(Intent(case_id, QUARANTINE, sources))  # step 2
            manifest, seen = write_case(self.layout, self.gate, case_id, numbered)  # steps 3 to 7
            self.layout.part(case_id).rename(self.layout.case(case_id))  # step 8
        except BaseException:
            if not present(self.layout.case(case_id)):
                with contextlib.suppress(OSError):  # the first error is the one to tell
                    self.drop(case_id)
            self.journal.let_go(case_id)
            raise
        try:
            return Case(manifest, self.finish(manifest, seen.originals))
        finally:
            self.journal.let_go(case_id)

    def _numbered(self, order: Order) -> Order:
        """`order` with the number of its case: one more than that of the last."""
        last = self.log.newest("quarantine")
        sequence = 1 + (last["data"]["sequence"] if last else 0)
        return Order(
            order.originals,
            order.description,
            {**order.facts, "sequence": sequence},
            order.recipients,
            order.now,
        )

    def finish(
        self, manifest: Manifest, originals: Sequence[Original], *, again: bool = False
    ) -> tuple[Removal, ...]:
        """Steps 9 to 12, for a case that has its name; `again` after a crash."""
        case_id = manifest.case_id
        sync_directory(self.layout.cases)  # the folder itself was synced as the part that it was
        sync_directory(self.layout.tmp)
        self.record(manifest, again=again)  # step 9
        try:
            in_files = [o for o in originals if o.snapshot is None]
            removals = remove_originals(case_id, in_files, again=again)  # steps 10 and 11
        except InputError as e:  # they changed: both stay
            e.hint = e.hint or f"nothing was removed; case {case_id} holds what was scanned"
            self.journal.close(case_id)
            raise
        if not (again and self.log.newest("removal", case=case_id)):
            gone = sum(r.outcome == UNLINKED for r in removals)
            self.log.append(
                "removal", {"case": case_id, "unlinked": gone, "kept": len(removals) - gone}
            )
        self.journal.close(case_id)  # step 12
        return removals

    def record(self, manifest: Manifest, *, again: bool) -> None:
        """Step 9: the case stands in the log, once."""
        if not (again and self.log.newest("quarantine", case=manifest.case_id)):
            self.log.append("quarantine", _event(manifest))

    def drop(self, case_id: str) -> None:
        """Forget a case, or a revision of one, that never had its name."""
        part = self.layout.part(case_id)
        if present(part):
            shutil.rmtree(part)
            sync_directory(self.layout.tmp)
        self.journal.close(case_id)

    def _look(self, name: str) -> Manifest | Tombstone | Damaged:
        try:
            return self.tombstone(name) or self.show(name)
        except VaultError as e:
            return Damaged(name, str(e))

    def _originals(
        self, sources: Iterable[tuple[Path, str]], snapshots: Iterable[tuple[str, Snapshot]]
    ) -> tuple[Original, ...]:
        found: dict[Path, Original] = {}
        for path, digest in sources:
            place = path.parent.resolve() / path.name
            if place.is_relative_to(self.layout.root):
                raise InputError(f"{shown(path)}: it lies in the vault already")
            found[place] = Original(place, digest)
        for name, snapshot in snapshots:
            found[Path(name)] = Original(Path(name), snapshot.digest, snapshot=snapshot)
        if not found:
            raise InputError("there is nothing to quarantine")
        return tuple(found[place] for place in sorted(found))


def _event(manifest: Manifest) -> dict[str, str | int]:
    return {
        "case": manifest.case_id,
        "ciphertext": manifest.ciphertext,
        "bytes": manifest.size_bytes,
        "sequence": manifest.sequence,
    }
