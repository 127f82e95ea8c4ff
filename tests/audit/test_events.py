"""What the log can say: a closed list of events, each field of one form, and no room for a text."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.audit import EVENTS
from gatekeeper.audit.events import (
    FIRST_PREV,
    MAX_LINE_BYTES,
    check_event,
    check_query,
    parse_record,
    signed_part,
)
from gatekeeper.model import canonical_bytes
from tests.audit.kit import CASE, REMOVAL

DIGEST = "sha256:" + "a1" * 32
EXAMPLES: dict[str, dict[str, str | int]] = {
    "decision": {
        "receipt": CASE, "decision": DIGEST, "statement": DIGEST, "route": "on_prem",
        "files": 1, "records": 10**19 - 1,
    },
    "waiver": {"decision": DIGEST, "waiver": DIGEST},
    "upload-intent": {
        "decision": DIGEST, "content": DIGEST, "host": "api.openai.com:443", "bytes": 7,
    },
    "upload": {
        "decision": DIGEST, "content": DIGEST, "host": "localhost", "bytes": 7,
        "remote": "file-Ab_9",
    },
    "upload-lost": {"decision": DIGEST, "content": DIGEST, "host": "localhost", "bytes": 7},
    "upload-deleted": {
        "decision": DIGEST, "content": DIGEST, "host": "localhost", "bytes": 7,
        "remote": "file-Ab_9",
    },
    "job": {"decision": DIGEST, "host": "localhost", "remote": "ftjob-Ab_9"},
    "quarantine": {"case": CASE, "ciphertext": DIGEST, "bytes": 7, "sequence": 1},
    "removal": {"case": CASE, "unlinked": 1, "kept": 0},
    "request": {
        "case": CASE, "request": CASE, "action": "release", "statement": DIGEST, "person": CASE,
    },
    "approval": {"case": CASE, "request": CASE, "statement": DIGEST, "person": CASE},
    "release": {"case": CASE, "request": CASE, "ciphertext": DIGEST},
    "released": {"case": CASE, "request": CASE, "files": 2},
    "destroy": {"case": CASE, "request": CASE, "ciphertext": DIGEST, "person": CASE},
    "hold": {"case": CASE, "statement": DIGEST, "person": CASE, "state": "on"},
    "rewrap": {"case": CASE, "ciphertext": DIGEST, "previous": DIGEST, "revision": 1},
    "rotate": {"case": CASE, "ciphertext": DIGEST, "previous": DIGEST, "revision": 2},
    "key": {"recipient": CASE, "action": "checked"},
    "person": {"person": CASE, "action": "removed"},
}  # fmt: skip
RECORD = {
    "seq": 1,
    "prev": FIRST_PREV,
    "time": "2026-03-01T12:00:00Z",
    "event": "removal",
    "data": REMOVAL,
    "sig": "0f" * 64,
}


def test_the_events_are_these_and_no_others() -> None:
    assert {event: set(forms) for event, forms in EVENTS.items()} == {
        event: set(fields) for event, fields in EXAMPLES.items()
    }


@pytest.mark.parametrize("event", EXAMPLES)
def test_an_event_has_all_its_fields_and_no_other(event: str) -> None:
    fields = EXAMPLES[event]
    check_event(event, fields)
    for name in fields:
        with pytest.raises(ValueError, match=f"exactly its fields: '{event}'"):
            check_event(event, {n: v for n, v in fields.items() if n != name})
    with pytest.raises(ValueError, match=f"exactly its fields: '{event}'"):
        check_event(event, {**fields, "note": 1})


@pytest.mark.parametrize("event", EXAMPLES)
def test_a_field_takes_its_form_alone(event: str) -> None:
    for name, value in EXAMPLES[event].items():
        wrong: list[object] = [None, [value], f"{value} ", f" {value}", f"{value}\n", ""]
        if type(value) is int:
            wrong += [str(value), float(value), True, -1, 10**19]
        else:
            wrong += [7, f"{value}é"]
        if value in (CASE, DIGEST):
            wrong += [str(value)[:-1], f"{value}0", str(value)[:-1] + "g", str(value).upper() + "A"]
        for one in wrong:
            with pytest.raises(ValueError, match=re.escape(f"`{name}` of `{event}` has not its")):
                check_event(event, {**EXAMPLES[event], name: one})


@pytest.mark.parametrize(
    ("event", "name", "good", "bad"),
    [
        ("decision", "route", ["allow", "on_prem", "quarantine"], ["ALLOW", "allowed", "deny"]),
        ("request", "action", ["release", "destroy"], ["enrolled", "released", "releasedestroy"]),
        ("hold", "state", ["on", "off"], ["onoff", "ON", "1"]),
        ("key", "action", ["enrolled", "checked", "removed"], ["release", "made"]),
        ("person", "action", ["enrolled", "removed"], ["checked"]),
        (
            "upload",
            "host",
            ["a", "a-b.c:1", "127.0.0.1:65535", "a" * 253],
            [
                "a" * 254,
                "A.com",
                "a..b",
                ".a",
                "a.",
                "a:",
                "a:123456",
                "u@a",
                "a/b",
                "[::1]",
                "a:x",
            ],
        ),
        ("upload", "remote", ["a" * 128, "A_z-9"], ["a" * 129, "a.b", "a b"]),
        ("removal", "kept", [0, 1, 10**19 - 1], [10**19, -1]),
    ],
)
def test_the_edges_of_the_forms(
    event: str, name: str, good: list[object], bad: list[object]
) -> None:
    for value in good:
        check_event(event, {**EXAMPLES[event], name: value})
    for value in bad:
        with pytest.raises(ValueError, match=f"the field `{name}` of `{event}` has not its form"):
            check_event(event, {**EXAMPLES[event], name: value})


@pytest.mark.parametrize(
    ("event", "fields"), [(None, {}), (7, REMOVAL), ("removal", None), ("removal", [("case", 1)])]
)
def test_an_event_is_a_word_and_its_fields(event: object, fields: object) -> None:
    with pytest.raises(TypeError, match=r"^an event is a word and its fields$"):
        check_event(event, fields)


@given(st.sampled_from(sorted(EXAMPLES)), st.text(min_size=1, max_size=40))
def test_a_text_fits_no_field(event: str, text: str) -> None:
    for name in EXAMPLES[event]:
        with pytest.raises(ValueError) as caught:
            check_event(event, {**EXAMPLES[event], name: text + " "})
        assert str(caught.value) == f"the field `{name}` of `{event}` has not its form"


def said_against(event: str, names: list[str]) -> str:
    try:
        check_query(event, names)
    except ValueError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    ("event", "names", "may"),
    [
        ("", [], True),
        ("", ["case"], True),
        ("", ["case", "unlinked"], True),
        ("removal", [], True),
        ("removal", ["kept"], True),
        ("removals", [], False),
        ("removal", ["receipt"], False),
        ("", ["receipt", "case"], False),
        ("", ["name"], False),
    ],
)
def test_only_what_some_record_could_have_may_be_asked_for(
    event: str, names: list[str], may: bool
) -> None:
    refusal = f"not an event of the audit log with such fields: {event!r}"
    assert said_against(event, names) == ("" if may else refusal)


def test_a_record_comes_back_as_it_was_written() -> None:
    line = canonical_bytes(RECORD)
    assert parse_record(line) == RECORD
    assert signed_part(RECORD) == canonical_bytes({k: v for k, v in RECORD.items() if k != "sig"})
    assert b'"sig"' not in signed_part(RECORD)


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{}",
        b"[]",
        b"7",
        b"\xff",
        b"[" * 2000,
        canonical_bytes(RECORD) + b" ",
        canonical_bytes(RECORD).decode().encode("utf-16"),
        b"\xef\xbb\xbf" + canonical_bytes(RECORD),
        canonical_bytes(RECORD) + b"\n",
        canonical_bytes({**RECORD, "more": 1}),
        canonical_bytes({k: v for k, v in RECORD.items() if k != "time"}),
        canonical_bytes({**RECORD, "seq": "1"}),
        canonical_bytes({**RECORD, "seq": 1.0}),
        canonical_bytes({**RECORD, "seq": -1}),
        canonical_bytes({**RECORD, "seq": True}),
        canonical_bytes({**RECORD, "prev": "sha256:00"}),
        canonical_bytes({**RECORD, "time": "2026-03-01T12:00:00+00:00"}),
        canonical_bytes({**RECORD, "time": "2026-03-01 12:00:00Z"}),
        canonical_bytes({**RECORD, "sig": "0F" * 64}),
        canonical_bytes({**RECORD, "sig": "0f" * 63}),
        canonical_bytes({**RECORD, "event": "remove"}),
        canonical_bytes({**RECORD, "event": 1}),
        canonical_bytes({**RECORD, "data": []}),
        canonical_bytes({**RECORD, "data": {**REMOVAL, "kept": "0"}}),
        canonical_bytes({**RECORD, "data": {**REMOVAL, "name": "Maria"}}),
        canonical_bytes(RECORD).replace(b'"seq":1', b'"seq":1,"seq":1'),
    ],
)
def test_what_is_not_so_written_is_no_record(line: bytes) -> None:
    assert parse_record(line) is None


def test_the_longest_record_fits_a_line() -> None:
    longest = {
        "upload": {
            **EXAMPLES["upload"],
            "host": "a" * 253,
            "remote": "b" * 128,
            "bytes": 10**19 - 1,
        }
    }
    sizes = []
    for event, fields in {**EXAMPLES, **longest}.items():
        line = (
            canonical_bytes({**RECORD, "event": event, "data": fields, "seq": 10**19 - 1}) + b"\n"
        )
        assert parse_record(line[:-1]) is not None
        sizes.append(len(line))
    assert 900 < max(sizes) <= MAX_LINE_BYTES
