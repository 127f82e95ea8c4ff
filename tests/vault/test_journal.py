"""The journal: what is begun is written before, stays in its owner's hands, and names nothing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gatekeeper.errors import VaultError
from gatekeeper.vault.journal import QUARANTINE, REWRITE, Intent, Journal
from tests.vault.kit import Place

ONE, TWO = "1" * 32, "2" * 32
PLACES = ((Path("/data/secret name"), "sha256:" + "0" * 64), (Path(os.fsdecode(b"/\xff")), ""))


def journal(place: Place) -> Journal:
    vault = place.vault()
    return Journal(vault.layout.journal, vault.gate)


def test_an_intent_comes_back(place: Place) -> None:
    intent = Intent(ONE, QUARANTINE, PLACES, 7)
    ours = journal(place)
    ours.begin(intent)
    assert ours.read(ONE) == intent == journal(place).read(ONE)
    assert ours.read(TWO) is None
    (path,) = (place.root / "vault/journal").iterdir()
    assert path.name == f"{ONE}.intent"
    assert b"secret" not in path.read_bytes()
    ours.close(ONE)
    assert not path.exists()
    ours.close(ONE)


def test_the_same_intent_is_never_written_the_same(place: Place) -> None:
    written = set()
    for _ in range(3):
        ours = journal(place)
        ours.begin(Intent(ONE, QUARANTINE))
        written.add((place.root / f"vault/journal/{ONE}.intent").read_bytes()[:12])
        ours.close(ONE)
    assert len(written) == 3


def test_one_act_at_a_time(place: Place) -> None:
    ours = journal(place)
    ours.begin(Intent(ONE, QUARANTINE))
    for _ in range(2):
        with pytest.raises(VaultError, match=f"{ONE}: what was begun with it has not") as caught:
            journal(place).begin(Intent(ONE, REWRITE))
        assert "`gatekeeper quarantine recover` ends it" in caught.value.hint
        ours.let_go(ONE)
    ours.close(ONE)
    (place.root / f"vault/journal/{ONE}.new").write_bytes(b"torn")
    with pytest.raises(VaultError, match="has not ended"):
        ours.begin(Intent(ONE, REWRITE))
    assert ours.read(ONE) is None
    assert list(ours.case_ids()) == [ONE]
    ours.close(ONE)
    assert list((place.root / "vault/journal").iterdir()) == []


def test_what_somebody_has_in_hand_is_left_alone(place: Place) -> None:
    ours = journal(place)
    for case_id in (TWO, ONE):
        ours.begin(Intent(case_id, QUARANTINE))
    assert list(journal(place).case_ids()) == []
    ours.let_go(ONE)
    assert list(journal(place).case_ids()) == [ONE]
    ours.let_go(TWO)
    ours.let_go(TWO)
    found = journal(place).case_ids()
    assert next(found) == ONE
    ours.close(TWO)  # it ends while others look
    assert list(found) == []
    (place.root / "vault/journal/other").write_bytes(b"")
    assert list(journal(place).case_ids()) == [ONE]


def test_an_intent_that_could_not_be_written_is_nobodys(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = journal(place)
    open_before = len(list(Path("/proc/self/fd").iterdir()))

    def fails(_: int) -> None:
        raise OSError(5, "no")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fails)
        with pytest.raises(OSError, match="no"):
            ours.begin(Intent(ONE, QUARANTINE))
    assert list(journal(place).case_ids()) == [ONE]
    assert len(list(Path("/proc/self/fd").iterdir())) == open_before


def test_a_changed_intent_is_not_believed(place: Place) -> None:
    ours = journal(place)
    ours.begin(Intent(ONE, QUARANTINE, PLACES))
    path = place.root / f"vault/journal/{ONE}.intent"
    whole = path.read_bytes()
    changed = [whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :] for at in range(len(whole))]
    for content in [*changed, *(whole[:end] for end in range(len(whole)))]:
        path.write_bytes(content)
        with pytest.raises(VaultError, match=f"journal of case {ONE}: changed, or written") as got:
            ours.read(ONE)
        assert got.value.hint == "run recover on the machine and account that began it"
    path.write_bytes(whole)
    path.rename(path.with_name(f"{TWO}.intent"))  # and it is of its own case alone
    with pytest.raises(VaultError, match=f"journal of case {TWO}: changed"):
        ours.read(TWO)
