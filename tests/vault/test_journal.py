"""The journal: what is begun is written before, stays in its owner's hands, and names nothing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gatekeeper.audit.signing import Signer
from gatekeeper.vault.journal import QUARANTINE, REWRITE, Intent, Journal
from tests.vault.kit import Place
from tests.vault.refusals import refused

ONE, TWO = "1" * 32, "2" * 32
PLACES = ((Path("/data/secret name"), "sha256:" + "0" * 64), (Path(os.fsdecode(b"/\xff")), ""))

ENTRY = (  # under the key of bytes 0 to 31
    "000102030405060708090a0b9a1813a0499dcf438ca25a017a65cb19b270d77b08fa92f477089de7b7901498"
    "fb250c514d7cfc2a00adb1505808b5b09a8f018e4bebeda91b957cf4f6c808ceb760c4ba2888aaf617e716b4"
    "bb468ae9a0f15898fba0acc9237b20068cd3c1dd707faf5d138469d5970132d414df41ca14c589914990af0c"
    "d143d13b7db6e9529391e322abcc71e2ef1a4956d1a5992cdcb595620613baeb860824227cc803df0828a1ab"
    "0ab14e97e5e60b98370df841798d4a195aea4a28d1"
)


def journal(place: Place) -> Journal:
    vault = place.vault()
    return Journal(vault.layout.journal, vault.gate)


def test_an_intent_comes_back(place: Place) -> None:
    intent = Intent(ONE, QUARANTINE, PLACES, 7)
    ours = journal(place)
    open_before = len(list(Path("/proc/self/fd").iterdir()))
    ours.begin(intent)
    assert ours.read(ONE) == intent == journal(place).read(ONE)
    assert ours.read(TWO) is None
    (path,) = (place.root / "vault/journal").iterdir()
    assert path.name == f"{ONE}.intent"
    assert b"secret" not in path.read_bytes()
    ours.close(ONE)
    assert not path.exists()
    ours.close(ONE)
    assert len(list(Path("/proc/self/fd").iterdir())) == open_before


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
    says = f"case {ONE}: what was begun with it has not ended"
    do = "`gatekeeper quarantine recover` ends it, or says what stands in the way"
    for _ in range(2):
        with refused(says, hint=do):
            journal(place).begin(Intent(ONE, REWRITE))
        ours.let_go(ONE)
    ours.close(ONE)
    (place.root / f"vault/journal/{ONE}.new").write_bytes(b"torn")
    with refused(says, hint=do):
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
    says = "changed, or written with another gate's key"
    do = "run recover on the machine and account that began it"
    changed = [whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :] for at in range(len(whole))]
    for content in [*changed, *(whole[:end] for end in range(len(whole)))]:
        path.write_bytes(content)
        with refused(f"journal of case {ONE}: {says}", hint=do):
            ours.read(ONE)
    path.write_bytes(whole)
    path.rename(path.with_name(f"{TWO}.intent"))  # and it is of its own case alone
    with refused(f"journal of case {TWO}: {says}", hint=do):
        ours.read(TWO)


def test_an_entry_of_an_earlier_version_is_read(tmp_path: Path) -> None:
    """What a crash left may be ended after an upgrade; the format changes with its name alone."""
    signer = Signer(Ed25519PrivateKey.from_private_bytes(bytes(range(32))), {})
    (tmp_path / f"{ONE}.intent").write_bytes(bytes.fromhex(ENTRY))
    assert Journal(tmp_path, signer).read(ONE) == Intent(ONE, QUARANTINE, PLACES, 7)


def test_a_link_among_the_entries_is_not_followed(place: Place) -> None:
    (place.root / f"vault/journal/{ONE}.intent").symlink_to(place.identity)
    with pytest.raises(OSError, match="Too many levels of symbolic links"):
        list(journal(place).case_ids())
