"""A vault that was changed: the short form. `make tamper` turns every bit of every file."""

from __future__ import annotations

import zlib
from pathlib import Path

import pytest

from bench.faults import tamper
from bench.faults.tamper import Tampered

EVERY = 601


@pytest.fixture(scope="module")
def vault(module_path: Path) -> Tampered:
    return tamper.prepare(module_path / "place")


def test_every_kind_of_file_is_there(vault: Tampered) -> None:
    kinds = {
        p.name if len(p.name) < 20 else p.suffixes[-1] + str(p.parts[-3:-1]) for p in vault.files()
    }
    folders = {part for path in vault.files() for part in path.parts if len(part) < 20}
    assert {"data.age", "manifest.dsse", "log.jsonl", "head.dsse", "request.dsse", "tombstone.dsse",
            "config.yaml"} <= kinds  # fmt: skip
    assert {"audit", "cases", "holds", "journal", "people", "recipients", "requests"} <= folders


def test_no_change_of_any_file_passes(vault: Tampered, tmp_path: Path) -> None:
    outcomes = {}
    for path in vault.files():
        report = tamper.try_file(vault, path, tmp_path, EVERY)
        assert report.violations == (), path
        outcomes[path.name] = report.outcomes
    assert sum(sum(o.values()) for o in outcomes.values()) > 800
    assert set(outcomes["data.age"]) == {"refused: VaultError"}


def test_nothing_changed_is_released(vault: Tampered, tmp_path: Path) -> None:
    for path in tamper.needed_to_release(vault):
        report = tamper.try_release(vault, path, tmp_path, EVERY)
        assert report.violations == (), path
        assert any(word.startswith("refused: ") for word in report.outcomes)
    here = vault.at(tmp_path / "copy")
    tamper.release_asked(here)
    assert here.place.released() == {f"0-{n}": content for n, content in tamper.SMALL.items()}


def test_a_case_removed_exchanged_or_put_back_is_told(vault: Tampered, tmp_path: Path) -> None:
    report = tamper.try_wholes(vault, tmp_path)
    assert report.violations == ()
    assert report.outcomes == {"said": 17, "refused: OtherLogError": 1}


def test_a_change_that_nobody_notices_is_silent(vault: Tampered, tmp_path: Path) -> None:
    here = vault.at(tmp_path / "copy")
    file = here.place.vault_folder / "config.yaml"
    view = tamper.view_of(file.relative_to(here.place.vault_folder), here)
    before = view()
    assert tamper.found(view, before) == "silent"
    assert tamper.found(view, "another") == "said"
    file.write_bytes(b"format: of tomorrow\n")
    assert tamper.found(view, before) == "refused: VaultError"


def test_the_changes_are_all_there() -> None:
    assert [d for _, d in tamper.flips(b"\x00\xff")] == [
        *(bytes((1 << n, 255)) for n in range(8)),
        *(bytes((0, 255 ^ 1 << n)) for n in range(8)),
    ]
    assert [d for _, d in tamper.cuts(b"abc")] == [
        b"", b"a", b"ab", b"abc\0", b"abc\n", b"abc ", b"abcc", b"abcabc",
    ]  # fmt: skip
    assert [d for _, d in tamper.pieces([b"1", b"2", b"3"], [b"x"])] == [
        b"23", b"1123", b"213", b"321", b"x23", b"x123",
        b"13", b"1223", b"132", b"1x3", b"1x23",
        b"12", b"1233", b"12x", b"12x3",
    ]  # fmt: skip
    assert [d for _, d in tamper.cuts_at(b"abcd", [0, 4])] == [b"", b"a", b"abc"]


def test_a_ciphertext_is_cut_into_its_chunks(vault: Tampered) -> None:
    data = (vault.place.vault_folder / "cases" / vault.large / "data.age").read_bytes()
    parts = tamper.chunks(data)
    assert b"".join(parts) == data
    assert len(parts) == 6
    assert {len(p) for p in parts[1:-1]} == {tamper.CHUNK}
    assert zlib.crc32(data) == zlib.crc32(b"".join(parts))
