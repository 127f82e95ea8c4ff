"""What a receipt without names says instead of them: the same throughout, and nothing more."""

from __future__ import annotations

import json

from gatekeeper.audit.withheld import withhold

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


def test_numbers_follow_the_contents_and_not_the_names() -> None:
    for names in ("abc", "cba"):
        subjects = {name: B if name == "a" else A for name in names}
        assert withhold(DECISION, EVIDENCE, subjects)[2] == {
            "withheld-1": A, "withheld-2": A, "withheld-3": B,
        }  # fmt: skip
        _, counted, _ = withhold(DECISION, {A: {"sources": ["c"]}, B: {"sources": ["a"]}}, subjects)
        assert counted == {A: {"sources": ["withheld-2"]}, B: {"sources": ["withheld-3"]}}


def test_a_name_with_colons_is_withheld_whole() -> None:
    unread = "unread:unsupported:data/Maria: 1990:x"
    decision = {"subjects": [unread], "coverage": {"unscanned": []}}
    decided, counted, _ = withhold(decision, {unread: {"sources": ["data/Maria: 1990:x"]}}, {})
    assert decided["subjects"] == ["unread:unsupported:withheld-1"]
    assert counted == {"unread:unsupported:withheld-1": {"sources": ["withheld-1"]}}


def test_what_is_no_name_stays() -> None:
    said = {"at": "hipaa.yaml:1:1", "why": "unread", "what": "unread:", "text": "unread: a", "n": 1}
    decision = {"reasons": [said], "coverage": {"unscanned": []}}
    decided, counted, _ = withhold(decision, {A: said}, {})
    assert (decided["reasons"], counted) == ([said], {A: said})
    assert "withheld" not in json.dumps([decided, counted])
