"""People: whose signature counts, and from when to when."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from gatekeeper.errors import ConfigError, VaultError
from gatekeeper.vault.people import (
    MAX_NAME,
    PREDICATE_TYPE,
    enrol,
    enrolled,
    load_key,
    load_public,
    make_key,
    person_id,
    public_pem,
    remove,
)
from gatekeeper.vault.statement import make_statement
from tests.vault.kit import NOW, Place

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def nobody() -> bytes:
    raise AssertionError("no passphrase was to be asked for")


def test_a_person_is_named_by_the_key() -> None:
    # SHA-256 of the raw public key of RFC 8032's form, cut to 32 digits
    assert person_id(KEY.public_key()) == "56475aa75463474c0285df5dbf2bcab7"


def test_a_key_is_private_and_comes_back(tmp_path: Path) -> None:
    made = make_key(tmp_path / "ann.pem")
    assert stat.S_IMODE((tmp_path / "ann.pem").stat().st_mode) == 0o600
    assert (tmp_path / "ann.pem").read_bytes().startswith(b"-----BEGIN PRIVATE KEY-----\n")
    assert re.fullmatch(r"<gatekeeper.vault.people.PersonKey object at 0x[0-9a-f]+>", repr(made))
    with pytest.raises(VaultError, match="file exists"):
        make_key(tmp_path / "ann.pem")
    assert load_key(tmp_path / "ann.pem", nobody).id == made.id


def test_a_locked_key_asks_for_its_passphrase(tmp_path: Path) -> None:
    made = make_key(tmp_path / "ann.pem", passphrase=b"correct horse")
    assert b"ENCRYPTED PRIVATE KEY" in (tmp_path / "ann.pem").read_bytes()
    assert load_key(tmp_path / "ann.pem", lambda: b"correct horse").id == made.id
    with pytest.raises(VaultError, match="or the passphrase is wrong") as caught:
        load_key(tmp_path / "ann.pem", lambda: b"wrong horse")
    assert caught.value.hint == "`gatekeeper people init FILE` makes one"
    assert "horse" not in str(caught.value)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"-----BEGIN PRIVATE KEY-----\nno\n-----END PRIVATE KEY-----\n",
        generate_private_key(SECP256R1()).private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        ),
    ],
)
def test_another_file_is_no_key(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "key").write_bytes(content)
    with pytest.raises(VaultError, match=r"key: not the key of a person"):
        load_key(tmp_path / "key", nobody)
    with pytest.raises(VaultError, match=r"key: not an Ed25519 public key in PEM"):
        load_public(tmp_path / "key")
    for load in (lambda p: load_key(p, nobody), load_public):
        with pytest.raises(VaultError, match="no such file"):
            load(tmp_path / "none")


def test_a_public_key_travels_in_pem(place: Place) -> None:
    (place.root / "ann.pub").write_text(public_pem(KEY.public_key()))
    key = load_public(place.root / "ann.pub")
    person = enrol(place.vault(), key, "Ann", now=NOW)
    assert (person.id, person.name, person.since) == (
        person_id(KEY.public_key()), "Ann", "2026-03-01T12:00:00Z",
    )  # fmt: skip
    assert enrolled(place.vault()) == (person,)


def test_nobody_is_enrolled_twice_or_without_a_name(place: Place) -> None:
    vault = place.vault()
    assert enrolled(Place(place.root / "elsewhere").vault()) == ()
    with pytest.raises(ConfigError, match="needs a name") as caught:
        enrol(vault, KEY.public_key(), " \x1b\n ", now=NOW)
    assert caught.value.hint == "`--name` says who it is"
    long = enrol(vault, KEY.public_key(), "  A\x1bnn" + "x" * MAX_NAME, now=NOW)
    assert long.name == ("Ann" + "x" * MAX_NAME)[:MAX_NAME]
    with pytest.raises(ConfigError, match=f"{long.id}: this key is enrolled already"):
        enrol(vault, KEY.public_key(), "other", now=NOW)
    other = make_key(place.root / "other.pem").public
    with pytest.raises(ConfigError, match="under that name already"):
        enrol(vault, other, long.name.upper(), now=NOW)
    assert [p.name for p in (place.root / "vault/people").iterdir()] == [f"{long.id}.pub"]


def test_who_is_removed_counts_no_longer_even_if_put_back(place: Place) -> None:
    vault = place.vault()
    ann = enrol(vault, KEY.public_key(), "Ann", now=NOW)
    path = place.root / "vault/people" / f"{ann.id}.pub"
    statement = path.read_bytes()
    remove(vault, ann.id)
    assert not path.exists()
    with pytest.raises(ConfigError, match="no such person") as caught:
        remove(vault, ann.id)
    assert caught.value.hint == "`gatekeeper people list` shows them"
    path.write_bytes(statement)
    assert enrolled(vault) == ()
    again = enrol(vault, KEY.public_key(), "Ann", now=NOW)
    assert enrolled(vault) == (again,)
    said = [r["data"] for r in place.log.records() if r["event"] == "person"]
    assert said == [{"person": ann.id, "action": a} for a in ("enrolled", "removed", "enrolled")]


def test_a_statement_the_log_does_not_know_counts_for_nothing(place: Place) -> None:
    vault = place.vault()
    vault.layout.create()
    raw = KEY.public_key().public_bytes_raw()
    name = person_id(KEY.public_key())
    digest = "sha256:" + hashlib.sha256(raw).hexdigest()
    predicate = {"name": "Eve", "since": "2026-03-01T12:00:00Z", "key": raw.hex()}
    statement = make_statement(PREDICATE_TYPE, predicate, [(name, digest)])
    (place.root / "vault/people" / f"{name}.pub").write_bytes(vault.gate.seal(statement))
    assert enrolled(vault) == ()


def test_what_the_gate_did_not_sign_stops_everything(place: Place) -> None:
    vault = place.vault()
    ann = enrol(vault, KEY.public_key(), "Ann", now=NOW)
    path = place.root / "vault/people" / f"{ann.id}.pub"
    whole = path.read_bytes()
    raw = KEY.public_key().public_bytes_raw()
    digest = "sha256:" + hashlib.sha256(raw).hexdigest()

    def sealed(kind: str = PREDICATE_TYPE, key: str = raw.hex(), subject: str = ann.id) -> bytes:
        statement = make_statement(kind, {"name": "Ann", "key": key}, [(subject, digest)])
        return vault.gate.seal(statement)

    cases = [
        (whole.replace(b'"sig":"', b'"sig":"AA'), "signature"),
        (sealed(kind=PREDICATE_TYPE + "x"), "not of type"),
        (sealed(key="zz"), "its key cannot be read"),
        (sealed(key="00"), "its key cannot be read"),
        (sealed(subject="f" * 32), "it is not what it is called"),
        (sealed(key="11" * 32), "it is not what it is called"),
    ]
    for content, why in cases:
        path.write_bytes(content)
        with pytest.raises(VaultError, match=why) as caught:
            enrolled(vault)
        assert str(path) in str(caught.value)
        assert caught.value.hint == "remove it, and enrol the person again"
    path.write_bytes(whole)
    other = path.with_name("f" * 32 + ".pub")
    path.rename(other)
    with pytest.raises(VaultError, match="it is not what it is called"):
        enrolled(vault)
    other.unlink()
    path.symlink_to("/etc/hostname")
    with pytest.raises(VaultError, match="a symbolic link"):
        enrolled(vault)


def test_other_files_there_are_no_people(place: Place) -> None:
    enrol(place.vault(), KEY.public_key(), "Ann", now=NOW)
    (place.root / "vault/people/.0123.new").write_bytes(os.urandom(8))
    assert len(enrolled(place.vault())) == 1


def test_a_disk_that_refuses_is_told_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Place(tmp_path)
    place.vault().gate  # noqa: B018  (its home is made before the disk is full)

    def full(path: object, *_: object) -> None:
        raise OSError(28, "no space left", str(path))

    monkeypatch.setattr(os, "mkdir", full)
    with pytest.raises(VaultError, match=r"people: no space left on device"):
        enrol(place.vault(), KEY.public_key(), "Ann", now=NOW)
    monkeypatch.undo()
    vault = place.vault()
    enrol(vault, KEY.public_key(), "Ann", now=NOW)
    lstat = os.lstat

    def broken(path: object, **more: int) -> os.stat_result:
        if str(path).endswith("people"):
            raise OSError(5, "input/output error", str(path))
        return lstat(path, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "lstat", broken)
    monkeypatch.setattr(Path, "lstat", lambda self: broken(self))
    with pytest.raises(VaultError, match=r"people: input/output error"):
        enrolled(vault)
