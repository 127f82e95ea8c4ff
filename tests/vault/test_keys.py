"""Identities stay with their holders; recipients are vouched for."""

from __future__ import annotations

import datetime
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from gatekeeper.errors import ConfigError, VaultError
from gatekeeper.vault import age, choose_recipients, load_identities, too_few
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
    (theirs,) = (stranger.root / "vault/recipients").iterdir()
    folder = place.root / "vault/recipients"
    shutil.copy(theirs, folder)
    with pytest.raises(VaultError, match="no trusted key signed it"):
        place.vault().recipients()
    (folder / theirs.name).unlink()
    (ours,) = folder.iterdir()
    ours.rename(folder / ("0" * 32 + ".pub"))
    with pytest.raises(VaultError, match="its name is not its fingerprint"):
        place.vault().recipients()


def test_who_receives(place: Place) -> None:
    enrolled = place.vault().recipients()
    other = str(age.X25519Identity.generate().recipient)
    assert choose_recipients((), enrolled) == (enrolled[0].recipient,)
    assert [str(r) for r in choose_recipients([other, other], enrolled)] == [other]
    for written, found in (([], ()), (["age1nonsense"], enrolled), ([""], enrolled)):
        with pytest.raises(ConfigError) as caught:
            choose_recipients(written, found)
        assert caught.value.exit_code == 2
        assert caught.value.hint
    assert "only one recipient" in too_few(choose_recipients((), enrolled))
    assert too_few(choose_recipients([other, str(enrolled[0].recipient)], ())) == ""


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
