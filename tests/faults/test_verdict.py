"""The verdict tells what is broken: each way of breaking a promise is seen."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.faults.operations import DESTROY, FILES, QUARANTINE, RELEASE, Operation
from bench.faults.place import Place
from bench.faults.verdict import judge


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "place").init()


def after(op: Operation, place: Place, harm: Callable[[Place], object], code: int) -> list[str]:
    op.prepare(place)
    op.run(place)
    harm(place)
    return judge(op, place, exit_code=code).violations


def test_a_run_that_did_nothing_is_well(place: Place) -> None:
    QUARANTINE.prepare(place)
    verdict = judge(QUARANTINE, place, exit_code=1)
    assert (verdict.outcome, verdict.violations) == ("error: plain", [])


def test_all_is_well(place: Place) -> None:
    QUARANTINE.prepare(place)
    QUARANTINE.run(place)
    verdict = judge(QUARANTINE, place, exit_code=0)
    assert (verdict.outcome, verdict.violations) == ("success: vault", [])


def test_neither_is_told(place: Place) -> None:
    QUARANTINE.prepare(place)
    for name in FILES:
        (place.data / name).unlink()
    verdict = judge(QUARANTINE, place, exit_code=-9)
    assert verdict.outcome == "killed: neither"
    assert verdict.violations[:2] == [
        "LOST before recover: ['a.jsonl', 'b.jsonl']",
        "LOST after recover: ['a.jsonl', 'b.jsonl']",
    ]


def test_a_success_claimed_in_vain_is_told(place: Place) -> None:
    QUARANTINE.prepare(place)
    assert judge(QUARANTINE, place, exit_code=0).violations == [
        "exit 0, but an original is still there"
    ]


def test_half_of_the_originals_is_told(place: Place) -> None:
    found = after(QUARANTINE, place, lambda p: p.write({"a.jsonl": FILES["a.jsonl"]}), -9)
    assert found == ["the originals are neither all there nor all gone: ['a.jsonl']"]


def test_plaintext_in_the_vault_is_told(place: Place) -> None:
    found = after(
        QUARANTINE, place, lambda p: (p.vault_folder / "x").write_bytes(FILES["b.jsonl"]), 0
    )
    assert found == ["plaintext in vault/x"]


def test_a_value_or_a_traceback_in_what_it_said_is_told(place: Place) -> None:
    QUARANTINE.prepare(place)
    said = b"Traceback (most recent call last):\nOSError: Canary-4711\n"
    assert judge(QUARANTINE, place, exit_code=1, said=said).violations == [
        "a value of the dataset is in what it said",
        "a traceback: OSError: Canary-4711",
    ]


def test_a_case_that_is_gone_is_told(place: Place) -> None:
    found = after(QUARANTINE, place, lambda p: shutil.rmtree(p.vault_folder / "cases"), 0)
    assert found[0] == "LOST before recover: ['a.jsonl', 'b.jsonl']"
    assert any(line.endswith("not in this vault, or a part of it is missing") for line in found)


def test_plaintext_beside_a_release_is_told(place: Place) -> None:
    found = after(RELEASE, place, lambda p: (p.out.parent / "left").touch(), 0)
    assert found == ["plaintext left beside the release: ['left']"]


def test_a_release_that_is_not_whole_is_told(place: Place) -> None:
    found = after(RELEASE, place, lambda p: (p.out / "b.jsonl").unlink(), 0)
    assert found == [
        "exit 0, but the release is not whole",
        "the folder of the release holds ['a.jsonl']",
    ]


def test_a_destroyed_case_may_be_gone_and_not_half(place: Place) -> None:
    DESTROY.prepare(place)
    DESTROY.run(place)
    (case,) = (place.vault_folder / "cases").iterdir()
    (case / "data.age").touch()
    verdict = judge(DESTROY, place, exit_code=-9)
    assert verdict.outcome == "killed: nothing"
    assert verdict.violations == [
        "begun and not ended: a tombstone: True, ciphertexts: ['data.age']"
    ]


def test_a_recover_that_does_something_each_time_is_told(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gatekeeper.vault import Recovered, Vault

    def recover(vault: Vault) -> tuple[Recovered, ...]:
        with (vault.layout.root / "grows").open("ab") as stream:
            stream.write(b".")
        return (Recovered("0" * 32, "unfinished", why="a fault"),)

    monkeypatch.setattr(Vault, "recover", recover)
    QUARANTINE.prepare(place)
    assert judge(QUARANTINE, place, exit_code=1).violations[:3] == [
        "recover: unfinished: a fault",
        "the second recover did something: ['unfinished']",
        "the second recover changed the tree",
    ]
