"""The gate's key: made once, private, and not the only one that is trusted."""

from __future__ import annotations

import base64
import hmac
import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from gatekeeper.audit import load_signer, load_trusted_keys
from gatekeeper.audit.signing import is_marked
from gatekeeper.errors import ConfigError
from tests.vault.refusals import refused


def test_the_key_is_made_once_and_is_private(tmp_path: Path) -> None:
    home = tmp_path / "a/b/home"
    first, again = load_signer(home), load_signer(home)
    assert first.keyid == again.keyid
    assert again.unseal(first.seal(b"{}")) == b"{}"
    key = home / "gate.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert stat.S_IMODE(key.parent.stat().st_mode) == 0o700
    assert [p.name for p in key.parent.iterdir()] == ["gate.key"]
    assert repr(first) == f"Signer({first.keyid})"


def test_processes_at_once_end_with_one_key(tmp_path: Path) -> None:
    code = "import sys; from gatekeeper.audit import load_signer; print(load_signer().keyid)"
    started = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) for _ in range(6)
    ]
    ids = {p.communicate()[0] for p in started}
    assert ids == {load_signer().keyid.encode() + b"\n"}


def test_the_first_of_two_keys_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    link, winners = os.link, []

    def be_late(*names: Path) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(os, "link", link)
            winners.append(load_signer(tmp_path).keyid)
        link(*names)

    monkeypatch.setattr(os, "link", be_late)
    assert [load_signer(tmp_path).keyid] == winners


@pytest.mark.parametrize("mode", [0o640, 0o620, 0o604, 0o601])
def test_a_key_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    load_signer(tmp_path)
    key = tmp_path / "gate.key"
    key.chmod(mode)
    for load in (load_signer, load_trusted_keys):
        with refused(f"{key}: others can read it", hint=f"chmod 600 {key}", kind=ConfigError):
            load(tmp_path)


def private(key: Ed25519PrivateKey | X25519PrivateKey, password: bytes = b"") -> bytes:
    protection = BestAvailableEncryption(password) if password else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, protection)


def of_no_known_kind(label: bytes, der: bytes) -> bytes:
    """A key in PEM whose algorithm, 1.2.3.4, nobody knows."""
    return b"-----BEGIN %b-----\n%b\n-----END %b-----\n" % (label, base64.b64encode(der), label)


ED25519 = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
X25519 = X25519PrivateKey.from_private_bytes(b"k" * 32)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a key",
        private(X25519),
        private(ED25519, password=b"secret"),
        b" " * (1 << 14) + private(ED25519),  # nobody reads so far
        of_no_known_kind(b"PRIVATE KEY", bytes.fromhex("300e020100300506032a030404020400")),
    ],
)
def test_what_is_no_key_is_refused(tmp_path: Path, content: bytes) -> None:
    key = tmp_path / "gate.key"
    key.write_bytes(content)
    key.chmod(0o600)
    with refused(f"{key}: not an Ed25519 private key in PEM", kind=ConfigError):
        load_signer(tmp_path)


def test_a_home_that_cannot_be_made_is_our_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    home, hint = tmp_path / "file/home", "set GATEKEEPER_HOME to your own folder"
    said = f"{home}: the signing key cannot be made or read: not a directory"
    with refused(said, hint=hint, kind=ConfigError):
        load_signer(home)
    said = f"{home}: the signing key cannot be read: not a directory"
    with refused(said, hint=hint, kind=ConfigError):
        load_trusted_keys(home)


def test_trusted_keys_are_read_and_nothing_is_made(tmp_path: Path) -> None:
    assert load_trusted_keys(tmp_path / "none") == {}
    assert not (tmp_path / "none").exists()
    other = load_signer(tmp_path / "other")
    own = load_signer(tmp_path / "own")
    (tmp_path / "own/trusted").mkdir()
    (tmp_path / "own/trusted/other.pub").write_bytes(other.public_pem)
    assert set(load_trusted_keys(tmp_path / "own")) == {own.keyid, other.keyid}
    (tmp_path / "own/trusted/README").write_bytes(b"no key")
    assert set(load_signer(tmp_path / "own").trusted) == {own.keyid, other.keyid}
    assert load_trusted_keys() == {}
    assert list(load_signer().trusted) == list(load_trusted_keys())  # of the own home


@pytest.mark.parametrize(
    "content",
    [
        b"no key",
        X25519.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        of_no_known_kind(b"PUBLIC KEY", bytes.fromhex("300b300506032a030403020000")),
        None,
    ],
)
def test_what_is_no_public_key_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "trusted/bad.pub"
    path.parent.mkdir()
    path.mkdir() if content is None else path.write_bytes(content)
    with refused(f"{path}: not an Ed25519 public key in PEM", kind=ConfigError):
        load_trusted_keys(tmp_path)


def test_trusted_keys_that_cannot_be_listed_are_not_taken_for_none(tmp_path: Path) -> None:
    (tmp_path / "trusted").write_bytes(b"")
    with refused(f"{tmp_path}/trusted: not a directory", kind=ConfigError):
        load_trusted_keys(tmp_path)


def test_a_key_that_is_gone_at_once_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = os.link

    def and_away(source: Path, target: Path) -> None:
        link(source, target)
        target.unlink()

    monkeypatch.setattr(os, "link", and_away)
    said = f"{tmp_path}/gate.key: it was removed while it was being made"
    with refused(said, kind=ConfigError):
        load_signer(tmp_path)


def test_a_mark_is_of_one_record_by_one_key_and_of_nothing_else(tmp_path: Path) -> None:
    one, other = load_signer(tmp_path / "a"), load_signer(tmp_path / "b")
    mark = one.mark(b"record")
    assert len(mark) == 128
    assert is_marked(b"record", mark, one.trusted.values())
    assert is_marked(b"record", mark, [*other.trusted.values(), *one.trusted.values()])
    assert not is_marked(b"record", mark, other.trusted.values())
    assert not is_marked(b"record", mark, [])
    assert not is_marked(b"Record", mark, one.trusted.values())
    assert not is_marked(b"record", other.mark(b"record"), one.trusted.values())
    (key,) = one.trusted.values()
    kind = b"application/vnd.gatekeeper.audit-record+json"
    key.verify(bytes.fromhex(mark), b"DSSEv1 %d %b 6 record" % (len(kind), kind))
    # the signature of an envelope around the same bytes is none of a record, nor the other way
    (signature,) = json.loads(one.seal(b"record"))["signatures"]
    assert not is_marked(b"record", base64.b64decode(signature["sig"]).hex(), one.trusted.values())


def test_derived_secrets_differ_by_purpose_and_key(tmp_path: Path) -> None:
    one, other = load_signer(tmp_path / "a"), load_signer(tmp_path / "b")
    made = {s.derive(p) for s in (one, other) for p in ("journal", "tag")}
    assert len(made) == 4
    assert load_signer(tmp_path / "a").derive("tag") == one.derive("tag")


def test_a_derived_secret_is_that_of_hkdf(tmp_path: Path) -> None:
    """RFC 5869 without a salt: what was made under it once must be found again."""
    (tmp_path / "gate.key").write_bytes(private(ED25519))
    (tmp_path / "gate.key").chmod(0o600)
    extracted = hmac.digest(bytes(32), b"k" * 32, "sha256")
    expected = hmac.digest(extracted, b"journal\x01", "sha256")
    assert load_signer(tmp_path).derive("journal") == expected
