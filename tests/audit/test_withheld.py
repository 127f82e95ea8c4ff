"""A receipt of what was quarantined says no names, by the command line."""

from __future__ import annotations

import json
from pathlib import Path

from tests.laws.worlds import World


def test_only_who_acts_withholds_them(tmp_path: Path) -> None:
    world = World(tmp_path, policies="internal")
    world.write("data/payroll.jsonl", json.dumps({"text": "key AKIA" + "Q3EGRZ7XWN5TPL2V"}) + "\n")
    world.write("data/sheet.xlsx", b"PK\x03\x04 no table")
    world.keys()
    world.run("check", "data", expect=20)
    world.run("gate", "data", expect=20)
    checked, acted = world.receipts()
    assert "data/payroll.jsonl" in world.run("explain", str(checked), expect=0).stdout
    told = world.run("explain", str(acted), expect=0).stdout
    assert "payroll" not in told
    assert "sheet" not in told
    assert "withheld-1" in told
    assert "names of files stand in the case alone" in told
    world.write("data/payroll.jsonl", json.dumps({"text": "key AKIA" + "Q3EGRZ7XWN5TPL2V"}) + "\n")
    world.write("data/sheet.xlsx", b"PK\x03\x04 no table")
    told = world.run("verify", str(acted), "data", expect=20).stderr
    assert "the receipt holds" in told
    assert "the audit log does not" not in told
