"""A receipt of what is quarantined: everything but the names."""

from __future__ import annotations

import json
from pathlib import Path

from gatekeeper.audit.withheld import withhold
from tests.laws.worlds import World

A, B = "sha256:" + "a" * 64, "sha256:" + "b" * 64
DECISION = {
    "route": "quarantine",
    "subjects": [A, B, "unread:unsupported:data/PERSON"],
    "reasons": [
        {"rule": "data/b", "where": [{"source": "data/b", "entity": "PERSON", "record": 1}]},
        {"rule": "r", "where": []},
    ],
    "errors": ["data/PERSON: file: no table"],
    "coverage": {
        "files": 3,
        "unscanned": [{"source": "data/PERSON", "at": "file", "detail": "no table"}],
    },
}
EVIDENCE = {
    A: {
        "sources": ["data/z", "data/b"],
        "bytes": {"seen": 9, "unscanned": 2},
        "unscanned": [],
        "counts": [["PERSON", "/a", "likely", 1]],
    },
    "unread:unsupported:data/PERSON": {
        "sources": ["data/PERSON"],
        "unscanned": [["data/PERSON", "file", "unsupported", "", 1, False]],
    },
}


def test_a_name_is_called_the_same_throughout() -> None:
    subjects = {"data/z": A, "data/b": A, "data/c": B}
    decided, counted, named = withhold(DECISION, EVIDENCE, subjects)
    assert named == {"withheld-1": A, "withheld-2": A, "withheld-3": B}
    assert decided == {
        "route": "quarantine",
        "subjects": [A, B, "unread:unsupported:withheld-4"],
        "reasons": [
            {"rule": "data/b",
             "where": [{"source": "withheld-1", "entity": "PERSON", "record": 1}]},
            {"rule": "r", "where": []},
        ],
        "coverage": {
            "files": 3,
            "unscanned": [{"source": "withheld-4", "at": "file", "detail": "no table"}],
        },
        "errors": ["withheld-4: file: no table"],
    }  # fmt: skip
    assert counted == {
        A: {"sources": ["withheld-1", "withheld-2"], "unscanned": [],
            "bytes": {"seen": 9, "unscanned": 2},
            "counts": [["PERSON", "/a", "likely", 1]]},
        "unread:unsupported:withheld-4": {
            "sources": ["withheld-4"],
            "unscanned": [["withheld-4", "file", "unsupported", "", 1, False]],
        },
    }  # fmt: skip
    assert DECISION["subjects"] == [A, B, "unread:unsupported:data/PERSON"]  # its own are untouched


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
