"""The vault's own log: recovering a vault mends it, and a damaged one stops what needs it."""

from __future__ import annotations

from pathlib import Path

import pytest

from gatekeeper.audit import load_signer
from gatekeeper.errors import ReceiptError
from tests.audit.kit import head_file, rewind, snapshot
from tests.vault.kit import Place


@pytest.fixture
def stored(tmp_path: Path) -> Place:
    made = Place(tmp_path).init()
    made.store(made.write({"a": b"one"}))
    return made


def test_recovering_a_vault_mends_its_log(stored: Place) -> None:
    log = stored.log
    whole = log.path.read_bytes()
    end = log.head()
    rewind(log, end.seq - 1, load_signer(stored.root / "home"))
    log.path.write_bytes(whole + b'{"data"')
    assert stored.vault().recover() == ()
    found = log.check()
    assert (found.head, found.signed, found.torn_bytes) == (end, end, 0)
    assert log.path.read_bytes() == whole
    before = snapshot(log)
    assert stored.vault().recover() == ()
    assert snapshot(log) == before


def test_nothing_is_stored_with_a_damaged_log_and_the_originals_stay(stored: Place) -> None:
    head_file(stored.log).unlink()
    sources = stored.write({"b": b"two"})
    with pytest.raises(ReceiptError, match=r"its signed head head\.dsse is missing"):
        stored.store(sources)
    assert sources[0][0].read_bytes() == b"two"
    with pytest.raises(ReceiptError, match=r"its signed head head\.dsse is missing"):
        stored.vault().recover()
