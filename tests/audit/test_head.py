"""The signed head: what it says, and that no byte of it can be changed."""

from __future__ import annotations

import base64
import json
import os
import stat
from pathlib import Path

import pytest

from gatekeeper.audit import Head, load_signer
from gatekeeper.audit.events import FIRST_PREV
from gatekeeper.audit.head import (
    HEAD_TYPE,
    NOTHING,
    WAY_OUT,
    drop_scratch,
    open_plain,
    read_head,
    write_head,
)
from gatekeeper.errors import ReceiptError
from gatekeeper.vault.statement import make_statement
from tests.audit.kit import little_memory
from tests.vault.refusals import refused

DIGEST = "sha256:" + "ab" * 32
HEAD = Head(7, DIGEST, time="2026-03-01T12:00:00Z")


def test_a_head_is_written_and_read(tmp_path: Path) -> None:
    signer = load_signer(tmp_path / "home")
    write_head(tmp_path, HEAD, signer)
    read = read_head(tmp_path, signer.trusted)
    assert read == HEAD
    assert read is not None
    assert read.time == "2026-03-01T12:00:00Z"
    path = tmp_path / "head.dsse"
    assert read.envelope == path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    statement = json.loads(base64.b64decode(json.loads(read.envelope)["payload"]))
    assert statement == {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "log.jsonl", "digest": {"sha256": "ab" * 32}}],
        "predicateType": "https://gatekeeper.dev/audit-head/v1",
        "predicate": {"seq": 7, "digest": DIGEST, "time": "2026-03-01T12:00:00Z"},
    }
    (tmp_path / ".head.new").write_bytes(b"what a crash left")
    write_head(tmp_path, Head(8, DIGEST, time=HEAD.time), signer)
    assert read_head(tmp_path, signer.trusted) == Head(8, DIGEST)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["head.dsse", "home"]


def test_heads_are_equal_where_they_name_one_record() -> None:
    assert Head(7, DIGEST) == HEAD
    assert Head(8, DIGEST) != HEAD
    assert Head(7, FIRST_PREV) != HEAD
    assert Head(0, "sha256:" + "0" * 64) == NOTHING
    assert "envelope" not in repr(Head(1, DIGEST, envelope=b"abc"))


def test_a_head_is_written_as_number_and_digest() -> None:
    assert str(HEAD) == f"7:{DIGEST}"
    assert Head.parse(str(HEAD)) == HEAD
    assert Head.parse(f"0:{FIRST_PREV}") == NOTHING
    assert Head.parse(f"{10**19 - 1}:{DIGEST}") == Head(10**19 - 1, DIGEST)


@pytest.mark.parametrize(
    "text",
    ["", "7", DIGEST, f"07:{DIGEST}", f"-1:{DIGEST}", f"{10**19}:{DIGEST}", f"7:{DIGEST}0",
     f"7:{DIGEST[:-1]}", f"7:{DIGEST.upper()}", f" 7:{DIGEST}", f"7:{DIGEST}\n",
     f"state:7:{DIGEST}"],
)  # fmt: skip
def test_what_is_no_head_is_not_taken_for_one(text: str) -> None:
    assert Head.parse(text) is None


def test_no_head_is_none(tmp_path: Path) -> None:
    assert read_head(tmp_path, {}) is None
    drop_scratch(tmp_path)


def test_every_bit_and_every_cut_of_the_head_shows(tmp_path: Path) -> None:
    signer = load_signer(tmp_path / "home")
    write_head(tmp_path, HEAD, signer)
    path = tmp_path / "head.dsse"
    whole = path.read_bytes()
    damaged = [whole[:at] for at in range(len(whole))]
    damaged += [whole + b"\n", b" " + whole, whole * 2, whole.replace(b",", b", ", 1)]
    for at in range(len(whole)):
        for bit in range(8):
            broken = bytearray(whole)
            broken[at] ^= 1 << bit
            damaged.append(bytes(broken))
    for data in damaged:
        path.write_bytes(data)
        with pytest.raises(ReceiptError, match=r"head\.dsse: "):
            read_head(tmp_path, signer.trusted)
    path.write_bytes(whole)
    assert read_head(tmp_path, signer.trusted) == HEAD


def test_a_head_of_a_stranger_says_how_gates_come_to_share_a_vault(tmp_path: Path) -> None:
    one, other = load_signer(tmp_path / "a"), load_signer(tmp_path / "b")
    write_head(tmp_path, HEAD, one)
    with pytest.raises(ReceiptError) as caught:
        read_head(tmp_path, other.trusted)
    assert str(caught.value) == (
        f"{tmp_path}/head.dsse: envelope: no trusted key signed it, or it was changed"
    )
    assert caught.value.hint == (
        "where another gate wrote it: put the gate's public key into the trusted folder of the "
        f"gatekeeper home; else {WAY_OUT}"
    )
    (tmp_path / "b/trusted").mkdir()
    (tmp_path / "b/trusted/a.pub").write_bytes(one.public_pem)
    assert read_head(tmp_path, load_signer(tmp_path / "b").trusted) == HEAD


SAID = {"seq": 7, "digest": DIGEST, "time": "2026-03-01T12:00:00Z"}


@pytest.mark.parametrize(
    ("said", "subject"),
    [
        ({**SAID, "more": 1}, ("log.jsonl", DIGEST)),
        ({"seq": 7, "digest": DIGEST}, ("log.jsonl", DIGEST)),
        ({**SAID, "seq": "7"}, ("log.jsonl", DIGEST)),
        ({**SAID, "seq": True}, ("log.jsonl", DIGEST)),
        ({**SAID, "seq": -1}, ("log.jsonl", DIGEST)),
        ({**SAID, "digest": DIGEST + "0"}, ("log.jsonl", DIGEST)),
        ({**SAID, "digest": None}, ("log.jsonl", DIGEST)),
        ({**SAID, "time": 7}, ("log.jsonl", DIGEST)),
        ({**SAID, "time": "today"}, ("log.jsonl", DIGEST)),
        (SAID, ("other.jsonl", DIGEST)),
        (SAID, ("log.jsonl", FIRST_PREV)),
    ],
)
def test_what_is_signed_but_no_head_is_refused(
    tmp_path: Path, said: dict[str, object], subject: tuple[str, str]
) -> None:
    signer = load_signer(tmp_path / "home")
    envelope = signer.seal(make_statement(HEAD_TYPE, said, [subject]))
    (tmp_path / "head.dsse").write_bytes(envelope)
    with pytest.raises(ReceiptError) as caught:
        read_head(tmp_path, signer.trusted)
    assert str(caught.value) == (f"{tmp_path}/head.dsse: signed, but not the head of an audit log")
    assert caught.value.hint == WAY_OUT


def test_a_receipt_or_a_manifest_stands_for_no_head(tmp_path: Path) -> None:
    signer = load_signer(tmp_path / "home")
    envelope = signer.seal(make_statement("https://example.com/x", SAID, [("log.jsonl", DIGEST)]))
    (tmp_path / "head.dsse").write_bytes(envelope)
    with pytest.raises(ReceiptError, match=r"not of type https://gatekeeper\.dev/audit-head/v1"):
        read_head(tmp_path, signer.trusted)


def test_what_stands_behind_a_head_is_not_passed_over(tmp_path: Path) -> None:
    signer = load_signer(tmp_path / "home")
    write_head(tmp_path, HEAD, signer)
    path = tmp_path / "head.dsse"
    said = f"{path}: envelope: it was changed outside of what its signature covers"
    path.write_bytes(path.read_bytes() + b" " * (1 << 24))
    with little_memory(), refused(said, hint=WAY_OUT, kind=ReceiptError):
        read_head(tmp_path, signer.trusted)


def test_only_a_plain_file_is_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "head.dsse")
    said = f"{tmp_path}/head.dsse: not a regular file"
    with refused(said, hint=WAY_OUT, kind=ReceiptError):
        read_head(tmp_path, {})
    (tmp_path / "head.dsse").unlink()
    (tmp_path / "head.dsse").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match=r"symbolic links|symbolic link"):
        read_head(tmp_path, {})
    (tmp_path / "file").write_bytes(b"x")
    fd = open_plain(tmp_path / "file")
    try:
        assert os.read(fd, 2) == b"x"
        assert not os.get_inheritable(fd)
    finally:
        os.close(fd)
