"""The gate's key: made once, private, and not the only one that is trusted."""

from __future__ import annotations

import base64
import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from gatekeeper.audit import load_signer, load_trusted_keys
from gatekeeper.audit.signing import is_marked
from gatekeeper.errors import ConfigError


def test_the_key_is_made_once_and_is_private(tmp_path: Path) -> None:
    first, again = load_signer(tmp_path / "home"), load_signer(tmp_path / "home")
    assert first.keyid == again.keyid
    assert again.unseal(first.seal(b"{}")) == b"{}"
    key = tmp_path / "home" / "gate.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert stat.S_IMODE(key.parent.stat().st_mode) == 0o700
    assert [p.name for p in key.parent.iterdir()] == ["gate.key"]
    assert "PRIVATE" not in repr(first)


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


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    load_signer(tmp_path)
    (tmp_path / "gate.key").chmod(0o640)
    with pytest.raises(ConfigError, match="others can read it") as caught:
        load_signer(tmp_path)
    assert caught.value.hint.startswith("chmod 600")


def x25519_pem() -> bytes:
    return X25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )


@pytest.mark.parametrize("content", [b"", b"not a key", x25519_pem()])
def test_what_is_no_key_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "gate.key").write_bytes(content)
    (tmp_path / "gate.key").chmod(0o600)
    with pytest.raises(ConfigError, match="not an Ed25519 private key"):
        load_signer(tmp_path)


def test_a_home_that_cannot_be_made_is_our_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ConfigError, match="cannot be made or read"):
        load_signer(tmp_path / "file" / "home")


def test_trusted_keys_are_read_and_nothing_is_made(tmp_path: Path) -> None:
    assert load_trusted_keys(tmp_path / "none") == {}
    assert not (tmp_path / "none").exists()
    other = load_signer(tmp_path / "other")
    own = load_signer(tmp_path / "own")
    (tmp_path / "own/trusted").mkdir()
    (tmp_path / "own/trusted/other.pub").write_bytes(other.public_pem)
    assert set(load_trusted_keys(tmp_path / "own")) == {own.keyid, other.keyid}
    (tmp_path / "own/trusted/bad.pub").write_bytes(b"no key")
    with pytest.raises(ConfigError, match="not an Ed25519 public key"):
        load_trusted_keys(tmp_path / "own")


def test_a_key_that_is_gone_at_once_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = os.link

    def and_away(source: Path, target: Path) -> None:
        link(source, target)
        target.unlink()

    monkeypatch.setattr(os, "link", and_away)
    with pytest.raises(ConfigError) as caught:
        load_signer(tmp_path)
    assert str(caught.value) == f"{tmp_path}/gate.key: it was removed while it was being made"


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
