"""Rewrap and rotate: who can open a case from now on, and what of the old one stays."""

from __future__ import annotations

import os
from io import BytesIO
from pathlib import Path

import pytest

from gatekeeper.errors import ConfigError, VaultError
from gatekeeper.vault import Recovered, Vault, age, load_identities
from gatekeeper.vault.journal import REWRITE, Intent, Journal
from gatekeeper.vault.keys import fingerprint
from gatekeeper.vault.rewriting import REWRAP, ROTATE, Rewritten, rewrite
from gatekeeper.vault.times import utc
from tests.vault.kit import NOW, Place

FILES = {"a.jsonl": b'{"text": "first"}\n' * 9000, "b": b"second"}
BOTH = pytest.mark.parametrize("how", [REWRAP, ROTATE])


@pytest.fixture
def case_id(place: Place) -> str:
    return place.store(place.write(FILES)).id


def third(place: Place) -> Path:
    path = place.root / "third.txt"
    if not path.exists():
        place.vault().init_identity(path, now=NOW)
    return path


def redo(place: Place, case_id: str, how: str, *to: Path, vault: Vault | None = None,
         by: Path | None = None) -> Rewritten:  # fmt: skip
    recipients = [i.recipient for path in to for i in load_identities(path)]
    return rewrite(
        vault or place.vault(), case_id, load_identities(by or place.identity), recipients, how=how,
        now=NOW,
    )  # fmt: skip


def sealed(place: Place, case_id: str) -> bytes:
    manifest = place.vault().show(case_id)
    return (place.vault().layout.case(case_id) / manifest.data_name).read_bytes()


def key_of(data: bytes, identity: Path) -> tuple[bytes, bytes]:
    """The file key of a ciphertext, and its payload."""
    stream = BytesIO(data)
    key = age.file_key_of(age.read_header(stream), load_identities(identity))
    return key, stream.read()


def names(place: Place, case_id: str) -> list[str]:
    return sorted(p.name for p in place.vault().layout.case(case_id).iterdir())


@BOTH
def test_others_can_open_it_from_now_on(place: Place, case_id: str, how: str) -> None:
    before = place.vault().show(case_id)
    done = redo(place, case_id, how, place.identity, third(place))
    assert (done.before, done.after) == (before, place.vault().verify(case_id))
    assert place.opened(case_id) == place.opened(case_id, third(place)) == FILES
    with pytest.raises(VaultError, match="no identity matches"):
        place.opened(case_id, place.spare)
    after = done.after
    assert (after.revision, after.data_name, after.sequence) == (2, "data-2.age", before.sequence)
    people = [i.recipient for p in (place.identity, third(place)) for i in load_identities(p)]
    assert after.recipients == tuple(fingerprint(r) for r in people)
    assert after.facts["rewritten"] == {
        "how": how, "time": utc(NOW), "previous": before.ciphertext,
    }  # fmt: skip
    kept = {
        k: v for k, v in after.facts.items() if k not in ("revision", "recipients", "rewritten")
    }
    assert kept == {k: v for k, v in before.facts.items() if k not in ("revision", "recipients")}
    assert names(place, case_id) == ["data-2.age", "manifest.dsse"]
    assert place.log.newest()["data"] == {  # type: ignore[index]
        "case": case_id, "ciphertext": after.ciphertext, "previous": before.ciphertext,
        "revision": 2,
    }  # fmt: skip
    assert place.log.newest()["event"] == how  # type: ignore[index]
    assert place.vault().recover() == ()


@BOTH
def test_what_stays_of_the_old_one_is_as_it_is_said(place: Place, case_id: str, how: str) -> None:
    old = sealed(place, case_id)
    old_key, old_payload = key_of(old, place.spare)
    redo(place, case_id, how, place.identity, third(place))
    key, payload = key_of(sealed(place, case_id), third(place))
    assert (key == old_key, payload == old_payload) == ((how == REWRAP,) * 2)


@BOTH
def test_it_can_be_done_again(place: Place, case_id: str, how: str) -> None:
    for revision in (2, 3, 4):
        done = redo(place, case_id, how, place.identity, place.spare)
        assert done.after.revision == revision
        assert names(place, case_id) == [f"data-{revision}.age", "manifest.dsse"]
    assert place.opened(case_id, place.spare) == FILES
    said = [r["data"]["revision"] for r in place.log.records() if r["event"] == how]
    assert said == [2, 3, 4]


@BOTH
def test_who_cannot_open_it_cannot_rewrite_it(place: Place, case_id: str, how: str) -> None:
    before = place.tree()
    with pytest.raises(VaultError, match="no identity matches"):
        redo(place, case_id, how, place.spare, by=third(place))
    after = place.tree()
    assert {n: d for n, d in after.items() if n in before and "audit" not in n} == {
        n: d for n, d in before.items() if "audit" not in n
    }
    assert names(place, case_id) == ["data.age", "manifest.dsse"]
    assert list((place.root / "vault/journal").iterdir()) == []
    assert list((place.root / "vault/tmp").iterdir()) == []


@BOTH
def test_a_damaged_case_is_not_rewritten(place: Place, case_id: str, how: str) -> None:
    data = place.vault().layout.case(case_id) / "data.age"
    whole = data.read_bytes()
    data.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(VaultError, match="the ciphertext was changed"):
        redo(place, case_id, how, place.identity)
    assert names(place, case_id) == ["data.age", "manifest.dsse"]


def test_a_case_for_nobody_is_not_made(place: Place, case_id: str) -> None:
    with pytest.raises(ConfigError, match="a case needs a recipient and there is none") as caught:
        redo(place, case_id, REWRAP)
    assert caught.value.hint == "`gatekeeper keys`"
    assert place.opened(case_id) == FILES


class LogFull:
    """The log of a vault on a disk that is full from the first record on."""

    def __init__(self, place: Place) -> None:
        self.records, self.newest, self.mend = place.log.records, place.log.newest, place.log.mend

    def append(self, event: str, fields: object) -> None:
        raise OSError(28, f"no space for {event}: {fields!r}")


@BOTH
def test_what_is_in_place_but_not_recorded_is_ended_by_recover(
    place: Place, case_id: str, how: str
) -> None:
    vault = place.vault()
    full = Vault(vault.layout, vault.gate, LogFull(place), lock_timeout_s=1)
    with pytest.raises(VaultError, match="the case was not rewritten: no space left on device"):
        redo(place, case_id, how, place.identity, third(place), vault=full)
    assert names(place, case_id) == ["data-2.age", "data.age", "manifest.dsse"]
    assert place.vault().verify(case_id).revision == 2
    with pytest.raises(VaultError, match="what was begun with it has not ended"):
        redo(place, case_id, how, place.identity)
    assert place.vault().recover() == (Recovered(case_id, "finished"),)
    assert names(place, case_id) == ["data-2.age", "manifest.dsse"]
    assert place.log.newest(how, case=case_id, revision=2) is not None
    assert place.vault().recover() == ()
    assert place.opened(case_id, third(place)) == FILES


def begun(place: Place, case_id: str) -> None:
    vault = place.vault()
    journal = Journal(vault.layout.journal, vault.gate)
    journal.begin(Intent(case_id, REWRITE, revision=2))
    journal.let_go(case_id)


def test_what_was_only_begun_is_dropped_by_recover(place: Place, case_id: str) -> None:
    begun(place, case_id)
    part = place.vault().layout.part(case_id)
    part.mkdir()
    (part / "data-2.age").write_bytes(b"age")
    folder = place.vault().layout.case(case_id)
    (folder / "data-2.age").write_bytes(b"age")
    (folder / ".manifest.new").write_bytes(b"")
    assert place.vault().recover() == (Recovered(case_id, "dropped"),)
    assert names(place, case_id) == ["data.age", "manifest.dsse"]
    assert not part.exists()
    assert place.opened(case_id) == FILES
    assert place.log.newest(REWRAP) is place.log.newest(ROTATE) is None


def test_recover_unlinks_nothing_where_the_new_one_does_not_verify(
    place: Place, case_id: str
) -> None:
    old = sealed(place, case_id)
    redo(place, case_id, ROTATE, place.identity)
    folder = place.vault().layout.case(case_id)
    (folder / "data.age").write_bytes(old)
    whole = (folder / "data-2.age").read_bytes()
    (folder / "data-2.age").write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    begun(place, case_id)
    (ended,) = place.vault().recover()
    assert (ended.state, ended.why) == ("damaged", f"case {case_id}: the ciphertext was changed")
    assert names(place, case_id) == ["data-2.age", "data.age", "manifest.dsse"]


@BOTH
def test_a_disk_that_loses_a_byte_changes_nothing(
    place: Place, case_id: str, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fsync = os.fsync

    def damage(fd: int) -> None:
        fsync(fd)
        for data in (place.root / "vault/tmp").glob("*.part/data-2.age"):
            whole = data.read_bytes()
            data.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", damage)
        with pytest.raises(VaultError, match=r"was changed, moved or cut off|read back from disk"):
            redo(place, case_id, how, place.identity)
    assert names(place, case_id) == ["data.age", "manifest.dsse"]
    assert list((place.root / "vault/journal").iterdir()) == []
    assert place.opened(case_id) == FILES


def test_a_file_that_no_revision_names_is_none_of_the_case(place: Place, case_id: str) -> None:
    """An old ciphertext put back under a later name, with its old manifest, is told by the log."""
    from gatekeeper.vault.checking import check_all

    folder = place.vault().layout.case(case_id)
    before = {n: (folder / n).read_bytes() for n in ("data.age", "manifest.dsse")}
    redo(place, case_id, ROTATE, place.identity)
    for name, data in before.items():
        (folder / name).write_bytes(data)
    assert place.vault().verify(case_id).revision == 1  # by itself it is a whole case
    (found,) = check_all(place.vault()).damaged
    assert found.why == "an older ciphertext than the log has: it was put back"


@BOTH
def test_a_case_that_changes_while_it_is_read_is_not_rewritten(
    place: Place, case_id: str, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was verified, and then somebody put another whole ciphertext of the same case there."""
    data = place.vault().layout.case(case_id) / "data.age"
    manifest = place.vault().show(case_id)
    with data.open("rb") as stream:
        header = age.read_header(stream)
        payload = stream.read()
    key = age.file_key_of(header, load_identities(place.identity))
    again = [i.recipient.wrap(key) for i in load_identities(place.spare)]
    other = age.make_header(key, [*header.stanzas, *again]).to_bytes() + payload
    verify = Vault.verify

    def then_swap(self: Vault, name: str) -> object:
        found = verify(self, name)
        data.write_bytes(other)
        return found

    with monkeypatch.context() as patch:
        patch.setattr(Vault, "verify", then_swap)
        with pytest.raises(VaultError, match=f"case {case_id}: the ciphertext was changed"):
            redo(place, case_id, how, place.identity)
    assert place.vault().manifest(case_id) == manifest
    assert names(place, case_id) == ["data.age", "manifest.dsse"]


@BOTH
def test_what_is_recorded_is_not_recorded_twice(place: Place, case_id: str, how: str) -> None:
    redo(place, case_id, how, place.identity)
    begun(place, case_id)
    assert place.vault().recover() == (Recovered(case_id, "finished"),)
    assert len([r for r in place.log.records() if r["event"] == how]) == 1
