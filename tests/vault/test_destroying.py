"""Destroying and holding: what is gone is said to be gone, and nothing goes while it is held."""

from __future__ import annotations

import datetime
import hashlib
import json
import os
from pathlib import Path

import pytest

from gatekeeper.audit import load_signer
from gatekeeper.errors import VaultError
from gatekeeper.model import canonical_bytes
from gatekeeper.vault import (
    Case,
    Damaged,
    Manifest,
    Recovered,
    Tombstone,
    Vault,
    age,
    choose_recipients,
    dsse,
)
from gatekeeper.vault.approvals import DESTROY
from gatekeeper.vault.checking import Checked, check_all
from gatekeeper.vault.destroying import destroy
from gatekeeper.vault.holds import PREDICATE_TYPE as HOLD_TYPE
from gatekeeper.vault.holds import Hold, hold_of, put
from gatekeeper.vault.journal import DESTROY as DESTROY_ACT
from gatekeeper.vault.journal import Intent, Journal
from gatekeeper.vault.people import remove
from gatekeeper.vault.statement import make_statement
from gatekeeper.vault.tombstone import EXPIRED, PREDICATE_TYPE
from tests.audit.kit import rewind
from tests.vault.kit import FACTS, NOW, Place
from tests.vault.test_rewriting import LogFull

DAY = datetime.timedelta(days=1)
NO_ID = "0" * 32


@pytest.fixture
def case(place: Place) -> Case:
    return place.store(place.write({"a": b"content" * 1000}))


def end(place: Place, case: Case, request_id: str | None = None, *, now: datetime.datetime = NOW,
        vault: Vault | None = None) -> Tombstone:  # fmt: skip
    return destroy(vault or place.vault(), case.id, request_id, place.person("ann"), now=now)


def names(place: Place, case: Case) -> list[str]:
    return sorted(p.name for p in place.vault().layout.case(case.id).iterdir())


def test_what_two_others_approved_is_destroyed(place: Place, case: Case) -> None:
    request_id = place.asked(case.id, action=DESTROY)
    gone = end(place, case, request_id)
    ann = place.person("ann").id
    assert gone == Tombstone(
        case.id, 1, case.manifest.ciphertext, request_id, ann, "2026-03-01T12:00:00Z"
    )
    assert gone.to_json() == {
        "id": case.id, "sequence": 1, "destroyed": "2026-03-01T12:00:00Z", "request": request_id,
        "person": ann, "ciphertext": {"digest": case.manifest.ciphertext},
    }  # fmt: skip
    assert names(place, case) == ["manifest.dsse", "requests", "tombstone.dsse"]
    assert place.vault().tombstone(case.id) == gone
    assert place.vault().list() == (gone,)
    assert place.log.newest()["data"] == {  # type: ignore[index]
        "case": case.id, "request": request_id, "ciphertext": gone.ciphertext, "person": ann,
    }  # fmt: skip
    assert place.log.newest()["event"] == "destroy"  # type: ignore[index]
    for look in (place.vault().show, place.vault().verify):
        with pytest.raises(VaultError, match=f"{case.id}: it was destroyed on 2026-03-01"):
            look(case.id)
    with pytest.raises(VaultError, match="it was destroyed already"):
        end(place, case, request_id)
    assert check_all(place.vault()) == Checked(0, 1, ())
    assert place.vault().recover() == ()
    assert place.store(place.write({"b": b"next"})).manifest.sequence == 2


def test_the_wrapped_keys_are_gone_before_the_file_is(
    place: Place, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = place.vault().layout.case(case.id) / "data.age"
    whole = data.read_bytes()
    with data.open("rb") as stream:
        age.read_header(stream)
        length = stream.tell()
    seen = []
    unlink = os.unlink

    def look(path: str | Path, **more: int) -> None:
        if Path(path).name == "data.age":
            seen.append(data.read_bytes())
        unlink(path, **more)

    request_id = place.asked(case.id, action=DESTROY)
    monkeypatch.setattr(os, "unlink", look)
    end(place, case, request_id)
    assert seen == [bytes(length) + whole[length:]]
    assert 200 < length < 2000


def test_a_request_to_release_destroys_nothing(place: Place, case: Case) -> None:
    with pytest.raises(VaultError, match="it asks to release the case"):
        end(place, case, place.asked(case.id))
    with pytest.raises(VaultError, match="1 of 2 approvals missing"):
        end(place, case, place.asked(case.id, action=DESTROY, approvals=1))
    with pytest.raises(VaultError, match="it has no end of its time") as caught:
        end(place, case)
    assert caught.value.hint == "destroying it takes a request that two others approved"
    assert place.opened(case.id)


def test_a_stranger_destroys_nothing(place: Place, case: Case) -> None:
    request_id = place.asked(case.id, action=DESTROY)
    key = place.person("ann")
    remove(place.vault(), key.id)
    with pytest.raises(VaultError, match="not that of somebody enrolled"):
        destroy(place.vault(), case.id, request_id, key, now=NOW)
    with pytest.raises(VaultError, match="the clock says"):
        destroy(place.vault(), case.id, request_id, place.person("bob"), now=NOW - DAY)


def test_one_alone_may_destroy_what_has_expired(place: Place) -> None:
    vault = place.vault()
    until = NOW + 10 * DAY
    case = vault.store(
        place.write({"a": b"content"}), description={},
        facts={**FACTS, "expires": "2026-03-11T12:00:00Z"},
        recipients=choose_recipients((), vault.recipients(), now=NOW), now=NOW,
    )  # fmt: skip
    assert case.manifest.expires == "2026-03-11T12:00:00Z"
    with pytest.raises(VaultError, match=f"{case.id}: it is kept until 2026-03-11") as caught:
        end(place, case, now=until - datetime.timedelta(seconds=1))
    assert caught.value.hint == "destroying it before takes a request that two others approved"
    assert end(place, case, now=until).request == EXPIRED == NO_ID


def test_what_is_on_hold_is_not_destroyed(place: Place, case: Case) -> None:
    vault, ann = place.vault(), place.person("ann")
    request_id = place.asked(case.id, action=DESTROY)
    assert hold_of(vault, case.id) is None
    put(vault, case.id, ann, on=True, because="matter 12", now=NOW)
    assert hold_of(vault, case.id) == Hold("2026-03-01T12:00:00Z", ann.id, "matter 12")
    with pytest.raises(VaultError, match=f"{case.id}: on legal hold since 2026-03-01") as caught:
        end(place, case, request_id)
    assert caught.value.hint == f"`gatekeeper quarantine hold {case.id} --lift`, by who may"
    with pytest.raises(VaultError, match="its hold is on already"):
        put(vault, case.id, ann, on=True, because="again", now=NOW)
    put(vault, case.id, place.person("bob"), on=False, because="it ended", now=NOW)
    assert hold_of(vault, case.id) is None
    with pytest.raises(VaultError, match="its hold is off already"):
        put(vault, case.id, ann, on=False, because="again", now=NOW)
    end(place, case, request_id)
    with pytest.raises(VaultError, match="it was destroyed"):
        put(vault, case.id, ann, on=True, because="late", now=NOW)
    said = [(r["data"]["state"], r["data"]["person"]) for r in place.log.records()
            if r["event"] == "hold"]  # fmt: skip
    assert said == [("on", ann.id), ("off", place.person("bob").id)]


def test_a_hold_is_of_one_case_and_says_what_it_is(place: Place, case: Case) -> None:
    other = place.store(place.write({"b": b"other"}))
    ann = place.person("ann")
    put(place.vault(), other.id, ann, on=True, because="matter 12", now=NOW)
    assert hold_of(place.vault(), case.id) is None
    (path,) = (place.vault().layout.case(other.id) / "holds").iterdir()
    payload, who = dsse.verify(path.read_bytes(), {ann.id: ann.public})
    digest = hashlib.sha256(payload).hexdigest()
    assert (path.name, who) == (f"{digest[:32]}.dsse", ann.id)
    assert json.loads(payload)["predicate"] == {
        "case": other.id, "state": "on", "because": "matter 12", "time": "2026-03-01T12:00:00Z",
    }  # fmt: skip


def test_a_hold_needs_somebody_enrolled_a_reason_and_a_clock(place: Place, case: Case) -> None:
    vault, ann = place.vault(), place.person("ann")
    with pytest.raises(VaultError, match="reason: write one line of at most 200 characters"):
        put(vault, case.id, ann, on=True, because="", now=NOW)
    with pytest.raises(VaultError, match="the clock says"):
        put(vault, case.id, ann, on=True, because="x", now=NOW - DAY)
    remove(vault, ann.id)
    with pytest.raises(VaultError, match="not that of somebody enrolled"):
        put(vault, case.id, ann, on=True, because="x", now=NOW)
    assert names(place, case) == ["data.age", "manifest.dsse"]


def test_a_hold_holds_whatever_becomes_of_its_statement(place: Place, case: Case) -> None:
    """The log says that it is on; the file beside the case only says why."""
    vault, ann = place.vault(), place.person("ann")
    put(vault, case.id, ann, on=True, because="matter 12", now=NOW)
    (path,) = (vault.layout.case(case.id) / "holds").iterdir()
    whole = path.read_bytes()
    other = make_statement(HOLD_TYPE, {"because": "another"}, [])
    unread = "its statement cannot be read, or its signer is enrolled no longer"
    for content, said in (
        (whole, "matter 12"),
        (whole[:-9], unread),
        (ann.seal(make_statement(HOLD_TYPE + "x", {}, [])), unread),
        (ann.seal(other), "its statement was changed"),
    ):
        path.write_bytes(content)
        assert hold_of(vault, case.id) == Hold("2026-03-01T12:00:00Z", ann.id, said)
    path.write_bytes(whole)
    remove(vault, ann.id)
    held = hold_of(vault, case.id)
    assert held is not None
    assert held.because == unread
    path.unlink()
    held = hold_of(vault, case.id)
    assert held is not None
    assert held.because == "its statement is missing"


# --- after a crash -----------------------------------------------------------------------------


def test_what_was_not_recorded_is_ended_by_recover(place: Place, case: Case) -> None:
    request_id = place.asked(case.id, action=DESTROY)
    vault = place.vault()
    full = Vault(vault.layout, vault.gate, LogFull(place), lock_timeout_s=1)
    with pytest.raises(VaultError, match="the case was not destroyed: no space left on device"):
        end(place, case, request_id, vault=full)
    assert names(place, case) == ["data.age", "manifest.dsse", "requests", "tombstone.dsse"]
    assert place.vault().recover() == (Recovered(case.id, "finished"),)
    assert names(place, case) == ["manifest.dsse", "requests", "tombstone.dsse"]
    assert place.log.newest("destroy", case=case.id, request=request_id) is not None
    assert place.vault().recover() == ()


def begun(place: Place, case: Case) -> None:
    vault = place.vault()
    journal = Journal(vault.layout.journal, vault.gate)
    journal.begin(Intent(case.id, DESTROY_ACT))
    journal.let_go(case.id)


def test_without_a_tombstone_nothing_was_begun(place: Place, case: Case) -> None:
    begun(place, case)
    (place.vault().layout.case(case.id) / ".0123.new").write_bytes(b"half")
    assert place.vault().recover() == (Recovered(case.id, "dropped"),)
    assert names(place, case) == ["data.age", "manifest.dsse"]
    assert place.opened(case.id)


def test_with_one_it_is_ended_even_where_the_header_is_zeros(place: Place, case: Case) -> None:
    request_id = place.asked(case.id, action=DESTROY)
    end(place, case, request_id)
    data = place.vault().layout.case(case.id) / "data.age"
    data.write_bytes(bytes(9000))
    begun(place, case)
    assert place.vault().recover() == (Recovered(case.id, "finished"),)
    assert not data.exists()
    said = [r for r in place.log.records() if r["event"] == "destroy"]
    assert len(said) == 1


def test_a_case_given_up_in_one_vault_is_not_in_another(place: Place, case: Case) -> None:
    """A tombstone is signed, and names its case: none can be laid onto another."""
    other = place.store(place.write({"b": b"other"}))
    end(place, case, place.asked(case.id, action=DESTROY))
    stone = place.vault().layout.case(case.id) / "tombstone.dsse"
    target = place.vault().layout.case(other.id) / "tombstone.dsse"
    whole = stone.read_bytes()
    gate = place.vault().gate
    said = {"case": other.id, "request": "r", "person": "p", "time": "t", "sequence": "1"}
    for content, why in (
        (whole, "tombstone: it is that of another case"),
        (whole[:-5], "tombstone: "),
        (gate.seal(make_statement(PREDICATE_TYPE + "x", said, [])), "not of type"),
        (gate.seal(make_statement(PREDICATE_TYPE, said, [("a", FINE)])), "tombstone: malformed"),
        (gate.seal(make_statement(PREDICATE_TYPE, {**said, "sequence": 1}, [])), "malformed"),
        (gate.seal(make_statement(PREDICATE_TYPE, {**said, "sequence": 1, "time": 1},
                                  [("a", FINE)])), "malformed"),
        (canonical_bytes({}), "tombstone: "),
    ):  # fmt: skip
        target.write_bytes(content)
        with pytest.raises(VaultError, match=why):
            place.vault().show(other.id)
        assert isinstance(place.vault().list()[-1], Damaged)
    target.unlink()
    target.symlink_to(stone)
    with pytest.raises(VaultError, match="a symbolic link"):
        place.vault().show(other.id)


FINE = "sha256:" + "0" * 64


# --- the whole vault against its log -------------------------------------------------------------


def test_the_whole_vault_agrees_with_its_log(place: Place, case: Case) -> None:
    second = place.store(place.write({"b": b"second"}))
    third = place.store(place.write({"c": b"third"}))
    end(place, second, place.asked(second.id, action=DESTROY))
    assert check_all(place.vault()) == Checked(2, 1, ())
    cases = place.vault().layout.cases
    (cases / third.id).rename(place.root / "taken")
    (cases / second.id / "tombstone.dsse").unlink()
    (cases / case.id / "data.age").unlink()
    found = check_all(place.vault())
    assert (found.whole, found.destroyed) == (0, 0)
    assert {d.case_id: d.why for d in found.damaged} == {
        case.id: f"case {case.id}: its ciphertext is missing",
        second.id: "destroyed, the log says, and there is no tombstone of it",
        third.id: f"case {third.id}: not in this vault, or a part of it is missing",
    }
    assert [d.case_id for d in found.damaged] == sorted(d.case_id for d in found.damaged)


def test_who_is_enrolled_and_not_there_is_told(place: Place, case: Case) -> None:
    """Deleting a statement takes somebody's key or voice away without a word in the log."""
    ann, bob = place.person("ann"), place.person("bob")
    remove(place.vault(), bob.id)
    assert check_all(place.vault()).missing == ()
    (place.root / f"vault/people/{ann.id}.pub").unlink()
    (key, *_) = sorted((place.root / "vault/recipients").glob("*.pub"))
    key.unlink()
    assert check_all(place.vault()).missing == (
        f"person {ann.id}: enrolled, the log says, and its statement is missing",
        f"recipient {key.stem}: enrolled, the log says, and its statement is missing",
    )
    assert case.id in {c.case_id for c in place.vault().list() if isinstance(c, Manifest)}


def test_a_case_the_log_does_not_know_is_told(place: Place, case: Case) -> None:
    rewind(place.log, 2, load_signer(place.root / "home"))
    (found,) = check_all(place.vault()).damaged
    assert found == Damaged(
        case.id,
        "the log of the vault does not know it; `quarantine recover` may end its storing",
    )
    assert check_all(Place(place.root / "none").vault()) == Checked(0, 0, ())
