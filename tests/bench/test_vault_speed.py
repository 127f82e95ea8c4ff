"""The vault's bench measures both tools on the same work; nothing here depends on the clock."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

import pytest

from bench import vault_speed
from gatekeeper.vault import age

needs_age = pytest.mark.skipif(shutil.which("age") is None, reason="the age tool is not installed")


@needs_age
@pytest.mark.parametrize("armor", [False, True])
def test_each_tool_does_each_work_and_both_come_to_the_same(tmp_path: Path, armor: bool) -> None:
    folder = vault_speed.Folder(tmp_path, 1, armor=armor)
    plain = folder.plain.read_bytes()
    assert len(plain) == 1 << 20
    assert folder.sealed.read_bytes().startswith(b"-----BEGIN" if armor else b"age-encryption")
    for tool in vault_speed.TOOLS:
        vault_speed.cost(folder.command(tool, "encrypt", folder.out))
        assert folder.out.read_bytes().startswith(b"-----BEGIN" if armor else b"age-encryption")
        folder.out.replace(folder.sealed)
        vault_speed.cost(folder.command("ours" if tool == "age" else "age", "decrypt", folder.out))
        assert folder.out.read_bytes() == plain
    costs = vault_speed.measure(folder, "encrypt", folder.out, 3)
    assert {tool: len(rounds) for tool, rounds in costs.items()} == {"age": 3, "ours": 3}
    assert not folder.out.exists()


@needs_age
def test_the_table_names_both_tools_four_times(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    vault_speed.main(["--mib", "1", "--rounds", "1", "--folder", str(tmp_path), "--stream", "1"])
    table = capsys.readouterr().out
    titles = re.findall(r"^(?:en|de)crypt to .*$", table, re.MULTILINE)
    assert titles == [f"{w} to {t}" for w in ("encrypt", "decrypt") for t in ("nothing", "a file")]
    for row in ("age   wall", "ours  wall", "ratio wall"):
        assert table.count(row) == 4
    assert re.search(r"1 MiB from a pipe, above an interpreter: encrypt \d+\.\d MiB", table)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("armor", [False, True])
def test_a_stream_of_64_mib_needs_no_more_memory_than_one_of_1(tmp_path: Path, armor: bool) -> None:
    key = tmp_path / "key"
    key.write_text(age.X25519Identity.generate().encode() + "\n")
    idle = vault_speed.idle_kib()
    small = vault_speed.streamed(1, key, armor=armor)
    large = vault_speed.streamed(64, key, armor=armor)
    assert min(small) > idle
    for less, more in zip(small, large, strict=True):
        assert more - less < 16 << 10


def test_a_tool_that_fails_stops_the_bench(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="failed: no way"):
        vault_speed.cost([sys.executable, "-c", "import sys; sys.exit('no way')"])
    with pytest.raises(SystemExit, match=r"(?s)a side of the stream failed: .*No such file"):
        vault_speed.streamed(1, tmp_path / "no key")


def test_without_the_age_tool_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.devnull)
    with pytest.raises(SystemExit, match="install_oracles"):
        vault_speed.main([])
