"""Identities stay with their holders; recipients are vouched for."""

from __future__ import annotations

import dataclasses
import datetime
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from gatekeeper.errors import ConfigError, VaultError
from gatekeeper.vault import Enrolled, age, choose_recipients, doubts, load_identities
from gatekeeper.vault.keys import check_possession
from tests.vault.kit import NOW, Place


@pytest.fixture
def bare(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_init_makes_a_private_file_and_enrols_its_recipient(bare: Place) -> None:
    enrolled = bare.vault().init_identity(bare.identity, now=NOW, comment="operations\x1b[31m")
    assert stat.S_IMODE(bare.identity.stat().st_mode) == 0o600
    (identity,) = load_identities(bare.identity)
    assert bare.vault().recipients() == (enrolled,)
    assert (enrolled.recipient, enrolled.comment) == (identity.recipient, "operations[31m")
    assert enrolled.created == enrolled.checked == "2026-03-01T12:00:00Z"
    secret = bare.identity.read_text().split("\n")[2]
    held = [p for p in (bare.root / "vault").rglob("*") if p.is_file()]
    assert not [p for p in held if secret.encode() in p.read_bytes()]


@pytest.mark.skipif(shutil.which("age-keygen") is None, reason="the age tool is not installed")
def test_age_keygen_reads_our_identity_and_we_read_its(bare: Place) -> None:
    enrolled = bare.vault().init_identity(bare.identity, now=NOW)
    shown = subprocess.run(["age-keygen", "-y", bare.identity], capture_output=True, check=True)
    assert shown.stdout.decode().strip() == str(enrolled.recipient)
    subprocess.run(["age-keygen", "-o", bare.root / "theirs"], capture_output=True, check=True)
    (theirs,) = load_identities(bare.root / "theirs")
    assert str(theirs.recipient) in (bare.root / "theirs").read_text()


@pytest.mark.parametrize("name", ["vault/key", "vault/sub/../key", "data/key", "link/key"])
def test_an_identity_is_refused_in_the_vault_and_the_datasets(bare: Place, name: str) -> None:
    (bare.root / "vault" / "sub").mkdir(parents=True)
    (bare.root / "data").mkdir()
    (bare.root / "link").symlink_to(bare.root / "data")
    with pytest.raises(ConfigError, match="an identity must not lie in"):
        bare.vault().init_identity(bare.root / name, now=NOW, forbidden=[bare.root / "data"])
    assert not (bare.root / name).exists()


def test_an_identity_file_is_never_overwritten(bare: Place) -> None:
    bare.identity.write_text("mine")
    with pytest.raises(VaultError, match="file exists"):
        bare.vault().init_identity(bare.identity, now=NOW)
    assert bare.identity.read_text() == "mine"
    assert bare.vault().recipients() == ()


def test_a_recipient_nobody_vouched_for_is_refused(place: Place, tmp_path: Path) -> None:
    stranger = Place(tmp_path / "stranger")
    stranger.root.mkdir()
    stranger.init()
    theirs, _ = (stranger.root / "vault/recipients").iterdir()
    folder = place.root / "vault/recipients"
    shutil.copy(theirs, folder)
    with pytest.raises(VaultError, match="no trusted key signed it"):
        place.vault().recipients()
    (folder / theirs.name).unlink()
    ours, _ = folder.iterdir()
    ours.rename(folder / ("0" * 32 + ".pub"))
    with pytest.raises(VaultError, match="its name is not its fingerprint"):
        place.vault().recipients()


def changed(enrolled: Enrolled, **fields: str) -> Enrolled:
    return dataclasses.replace(enrolled, **fields)


def test_who_receives(place: Place) -> None:
    first, second = enrolled = place.vault().recipients()
    both = (first.recipient, second.recipient)
    assert choose_recipients((), enrolled, now=NOW) == both
    words = [str(r) for r in (*reversed(both), both[0])]
    assert choose_recipients(words, enrolled, now=NOW) == both[::-1]
    assert doubts((), enrolled, now=NOW) == ()
    other = str(age.X25519Identity.generate().recipient)
    for written, found, says in (
        ([], (), "2 recipients .* of the last 90 days, and there is none"),
        ([], (first,), "there is 1$"),
        ([], (first, first), "there is 1$"),
        (words[:1], enrolled, "there is 1$"),
        ([*words, other], enrolled, f"{other[:20]}… is not enrolled"),
        ([""], enrolled, "is not enrolled"),
        (words, (first, changed(second, checked="")), "was never checked"),
    ):
        with pytest.raises(ConfigError, match=says) as caught:
            choose_recipients(written, found, now=NOW)
        assert caught.value.exit_code == 2
        assert "`gatekeeper keys" in caught.value.hint


DAY = datetime.timedelta(days=1)


@pytest.mark.parametrize(
    ("passed", "doubt"),
    [
        (datetime.timedelta(), ""),
        (90 * DAY, ""),
        (90 * DAY + datetime.timedelta(seconds=1), "more than 90 days ago"),
        (3653 * DAY, "more than 90 days ago"),
        (-datetime.timedelta(seconds=1), "in the future: a clock is wrong"),
        (-3653 * DAY, "in the future: a clock is wrong"),
    ],
)
def test_a_possession_check_counts_for_ninety_days(
    place: Place, passed: datetime.timedelta, doubt: str
) -> None:
    enrolled = place.vault().recipients()
    now = NOW + passed
    if not doubt:
        assert len(choose_recipients((), enrolled, now=now)) == 2
        return
    for written in ([], [str(e.recipient) for e in enrolled]):
        with pytest.raises(ConfigError, match=f"there is none; [0-9a-f]{{32}}: .*{doubt}") as e:
            choose_recipients(written, enrolled, now=now)
        assert "gatekeeper keys check" in e.value.hint


def test_an_old_proof_is_not_counted_but_its_key_still_receives(place: Place) -> None:
    first, second = place.vault().recipients()
    place.vault().init_identity(place.root / "third", now=NOW)
    (third,) = set(place.vault().recipients()) - {first, second}
    old = changed(third, checked="2025-01-01T00:00:00Z")
    found = (first, second, old)
    assert choose_recipients((), found, now=NOW) == tuple(e.recipient for e in found)
    assert doubts((), found, now=NOW) == (
        f"recipient {old.fingerprint}: last checked 2025-01-01T00:00:00Z, more than 90 days ago",
    )
    never = changed(third, checked="")
    found = (first, second, never)
    assert choose_recipients((), found, now=NOW) == (first.recipient, second.recipient)
    (said,) = doubts((), found, now=NOW)
    assert said == f"recipient {never.fingerprint}: never checked; it receives nothing yet"
    assert doubts([str(first.recipient)], found, now=NOW) == ()


@pytest.mark.parametrize(
    "text", ["", "# only a comment\n", "AGE-SECRET-KEY-1NONSENSE\n", "\0\xff", "age1public"]
)
def test_a_key_file_without_an_identity_is_refused_and_not_shown(bare: Place, text: str) -> None:
    bare.identity.write_text(text)
    with pytest.raises(VaultError) as caught:
        load_identities(bare.identity)
    assert "NONSENSE" not in str(caught.value)
    with pytest.raises(VaultError, match="no such file"):
        load_identities(bare.root / "missing")


def test_possession_is_proved_by_opening() -> None:
    mine, other = age.X25519Identity.generate(), age.X25519Identity.generate()
    check_possession(mine.recipient, [other, mine])
    with pytest.raises(VaultError, match="no identity matches"):
        check_possession(mine.recipient, [other])


def test_a_time_has_its_zone(bare: Place) -> None:
    with pytest.raises(ValueError, match="zone"):
        bare.vault().init_identity(bare.identity, now=datetime.datetime(2026, 3, 1))
