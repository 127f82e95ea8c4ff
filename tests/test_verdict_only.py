"""`--verdict-only`: the route of the whole, by reading no more than it takes."""

import datetime
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gatekeeper import gate
from gatekeeper.errors import InputError
from gatekeeper.model import Route
from gatekeeper.policy import load_config
from gatekeeper.read import Source, source_from_bytes
from gatekeeper.remember import open_memory
from gatekeeper.upload import Wish, upload
from tests.hooks.repo import door

MAIL, SSN, KEY = "write to jo@example.com", "SSN 536-22-8179", "key AKIAQ3EGRIPL7N2WXYZA"
LINES = {
    "clean": '{"text": "the sky is blue"}',
    "mail": json.dumps({"text": MAIL}),
    "ssn": json.dumps({"text": SSN}),
    "both": json.dumps({"text": f"{SSN}, {MAIL}"}),
    "key": json.dumps({"text": KEY}),
    "field": json.dumps({"note": KEY}),
    "broken": '{"text": "no end',
    "image": json.dumps({"image": {"bytes": "iVBORw0KGgo="}, "text": "sky"}),
}
CONDITIONS = [
    "{any_of: [AWS_ACCESS_KEY]}",
    "{any_of: [AWS_ACCESS_KEY], at_least: 3}",
    "{any_of: [EMAIL_ADDRESS], at_least: 2, count: records}",
    "{any_of: [AWS_ACCESS_KEY], fields: [/note]}",
    "{any_of: [US_SSN], files: ['b*']}",
    "{same_record: [{entity: US_SSN}, {entity: EMAIL_ADDRESS}]}",
    "{all_of: [US_SSN, EMAIL_ADDRESS]}",
]
routes = st.sampled_from(["on_prem", "quarantine"])
files = st.lists(
    st.lists(st.sampled_from(sorted(LINES)), min_size=1, max_size=12), min_size=1, max_size=3
)
rules = st.lists(st.tuples(st.sampled_from(CONDITIONS), routes), min_size=1, max_size=3)


def today() -> datetime.date:
    return datetime.datetime.now(datetime.timezone.utc).date()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("rules")


def ready(
    folder: Path, rules: list[tuple[str, str]], unscanned: str = "quarantine", waived: str = ""
) -> gate.Setup:
    """Detection is that of one set of entities: the detector is loaded once for all examples."""
    always = "{any_of: [AWS_ACCESS_KEY, EMAIL_ADDRESS, US_SSN], at_least: 100000}"
    written = "".join(
        f"  - {{id: r{n}, because: c, when: {when}, route: {route}}}\n"
        for n, (when, route) in enumerate([*rules, (always, "on_prem")])
    )
    head = "policy: ours\nversion: 1\ntitle: t\nsource: s\n"
    (folder / "ours.yaml").write_text(f"{head}rules:\n{written}unscanned: {unscanned}\n")
    (folder / "door.yaml").write_text(door())
    waivers = (
        f"waivers: [{{policy: ours, rule: r0, dataset: '{waived}', until: 2999-01-01, "
        "owner: o, because: b}]\n"
        if waived
        else ""
    )
    (folder / "gatekeeper.yaml").write_text(
        f"policies: [ours.yaml]\ndestination: door.yaml\n{waivers}"
    )
    return gate.prepare(load_config(start=folder))


def sources(contents: list[list[str]]) -> list[Source]:
    return [
        source_from_bytes(f"{name}.jsonl", "".join(f"{LINES[k]}\n" for k in lines).encode())
        for name, lines in zip("abc", contents, strict=False)
    ]


def verdict(contents: list[list[str]], setup: gate.Setup, **options: bool) -> gate.Verdict | None:
    """None where nothing could be scanned: then there is no decision, with exit code 3."""
    try:
        return gate.check(sources(contents), setup, today=today(), **options)
    except InputError:
        return None


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(files, rules, routes, st.sampled_from(["", "a*", "b*", "*"]))
def test_the_route_is_that_of_the_whole(
    folder: Path, contents: list[list[str]], chosen: list[tuple[str, str]], unscanned: str,
    waived: str,
) -> None:  # fmt: skip
    setup = ready(folder, chosen, unscanned, waived)
    whole, early = verdict(contents, setup), verdict(contents, setup, verdict_only=True)
    if whole is None or early is None:
        assert whole is early
        return
    assert early.decision.route is whole.decision.route
    assert early.decision.subjects == whole.decision.subjects
    covered = early.decision.coverage
    assert covered.bytes_seen == whole.decision.coverage.bytes_seen
    assert covered.records <= whole.decision.coverage.records
    if covered.partial:
        assert early.decision.route is not Route.ALLOW
    else:
        assert early.decision.to_bytes() == whole.decision.to_bytes()


MANY = [["clean"] * 5 + ["key"] + ["clean"] * 4000, ["clean"] * 50]


def test_it_stops_in_the_middle_and_says_so(folder: Path) -> None:
    setup = ready(folder, [(CONDITIONS[0], "quarantine")])
    early = verdict(MANY, setup, verdict_only=True)
    assert early is not None
    covered = early.decision.coverage
    assert covered.partial
    assert 6 <= covered.records <= 8
    assert covered.files == 2
    assert covered.bytes_scanned < covered.bytes_seen / 100
    assert covered.unscanned_count == 0
    assert [r.rule for r in early.decision.reasons] == ["r0", "not-read-to-the-end"]
    assert early.decision.to_json()["coverage"]["partial"] is True


def test_one_refusal_is_enough(folder: Path) -> None:
    setup = ready(folder, [(CONDITIONS[0], "quarantine")])
    early = verdict([["clean", "broken", "clean", *["clean"] * 2000]], setup, verdict_only=True)
    assert early is not None
    assert early.decision.route is Route.QUARANTINE
    assert early.decision.coverage.partial


def test_what_is_clean_is_read_to_the_end(folder: Path) -> None:
    setup = ready(folder, [(CONDITIONS[0], "quarantine")])
    early = verdict([["clean"] * 300], setup, verdict_only=True)
    assert early is not None
    assert early.decision.route is Route.ALLOW
    assert not early.decision.coverage.partial


def test_a_stricter_route_that_is_still_possible_is_waited_for(folder: Path) -> None:
    setup = ready(folder, [(CONDITIONS[2], "on_prem"), (CONDITIONS[0], "quarantine")])
    early = verdict([["mail"] * 5 + ["clean"] * 500 + ["key"]], setup, verdict_only=True)
    assert early is not None
    assert early.decision.route is Route.QUARANTINE
    assert early.decision.coverage.records > 500


def test_a_copy_does_not_count_twice(folder: Path) -> None:
    setup = ready(folder, [(CONDITIONS[1], "quarantine")])
    contents = [["key", "key", "clean"]] * 3
    early = verdict(contents, setup, verdict_only=True)
    assert early is not None
    assert early.decision.route is Route.ALLOW


def test_what_is_partial_is_not_remembered_and_takes_no_route(folder: Path, tmp_path: Path) -> None:
    setup = ready(folder, [(CONDITIONS[0], "quarantine")])
    memory = open_memory(tmp_path / "home", tmp_path / "cache")
    assert memory is not None
    early = gate.check(sources(MANY), setup, today=today(), memory=memory, verdict_only=True)
    assert early.decision.coverage.partial
    assert memory.store.size()[0] == 1  # that the known-answer test was passed
    kept = gate.with_receipt(early, setup, now=datetime.datetime.now(datetime.timezone.utc))
    with pytest.raises(ValueError, match="partial"):
        gate.take_route(kept, setup, now=datetime.datetime.now(datetime.timezone.utc))
    with pytest.raises(ValueError, match="partial"):
        upload(kept, setup, Wish("sk-test"), today=today())
    whole = gate.check(sources(MANY), setup, today=today(), memory=memory)
    assert not whole.decision.coverage.partial
