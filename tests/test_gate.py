"""The composition: six stages on real input, and what must hold between them."""

import datetime
import json
from pathlib import Path

import pytest

from gatekeeper import gate
from gatekeeper.errors import DatasetChanged, InputError, ReceiptError, UploadError
from gatekeeper.model import Route
from gatekeeper.policy import load_config
from gatekeeper.read import open_sources
from gatekeeper.upload import Wish, upload
from gatekeeper.verify import verify
from tests.laws.worlds import World
from tests.servers.files_api import FilesApi

DAY = datetime.date(2026, 11, 24)
NOW = datetime.datetime(2026, 11, 24, 12, tzinfo=datetime.timezone.utc)
ROWS = [
    {
        "messages": [
            {"role": "user", "content": f"Add {n} and {n + 1}."},
            {"role": "assistant", "content": f"The sum is {2 * n + 1}."},
        ]
    }
    for n in range(12)
]
CLEAN = "".join(json.dumps(row) + "\n" for row in ROWS)


def decided(
    world: World, path: Path, *, to: str | None = None, day: datetime.date = DAY
) -> tuple[gate.Verdict, gate.Setup]:
    setup = gate.prepare(load_config(start=world.root), destination=to)
    verdict = gate.check(open_sources([path]), setup, today=day)
    return gate.with_receipt(verdict, setup, now=NOW), setup


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, policies="internal")


@pytest.mark.parametrize(
    ("day", "route", "says"),
    [
        (datetime.date(2026, 11, 24), Route.ALLOW, ""),
        (datetime.date(2027, 1, 5), Route.ALLOW, ""),
        (datetime.date(2027, 1, 6), Route.ON_PREM, "closed on 2027-01-06"),
        (datetime.date(2030, 1, 1), Route.ON_PREM, "closed on 2027-01-06"),
        (datetime.date(2026, 1, 1), Route.ON_PREM, "after today"),
    ],
)
def test_openais_door_closes_on_its_date(
    world: World, day: datetime.date, route: Route, says: str
) -> None:
    verdict, _ = decided(world, world.write("data/a.jsonl", CLEAN), to="openai", day=day)
    assert verdict.decision.route is route
    assert says in "".join(r.because for r in verdict.decision.reasons)


def test_bytes_received_are_the_bytes_scanned(world: World) -> None:
    with FilesApi() as server:
        world.write("loopback.yaml", destination(server))
        verdict, setup = decided(world, world.write("data/a.jsonl", CLEAN))
        outcome = upload(verdict, setup, Wish("sk-test"), today=DAY)
        ((about, received),) = server.files.values()
        assert received == CLEAN.encode()
        assert about["purpose"] == "fine-tune"
        assert outcome.action == "uploaded"
        assert len(server.requests) == 1


@pytest.mark.parametrize("change", ["byte", "longer", "gone", "link"])
def test_a_wrong_byte_between_check_and_upload_never_uploads(world: World, change: str) -> None:
    path = world.write("data/a.jsonl", CLEAN)
    with FilesApi() as server:
        world.write("loopback.yaml", destination(server))
        verdict, setup = decided(world, path)
        assert verdict.decision.route is Route.ALLOW
        if change == "byte":
            path.write_text(CLEAN.replace("sum", "Sum", 1))
        elif change == "longer":
            path.write_text(CLEAN + CLEAN)
        else:
            path.unlink()
        if change == "link":
            path.symlink_to(world.write("other.jsonl", CLEAN))
        with pytest.raises((DatasetChanged, InputError)):
            upload(verdict, setup, Wish("sk-test"), today=DAY)
        assert not server.requests


def test_a_verdict_without_a_receipt_takes_no_route(world: World) -> None:
    setup = gate.prepare(load_config(start=world.root))
    path = world.write("data/a.jsonl", CLEAN)
    verdict = gate.check(open_sources([path]), setup, today=DAY)
    with pytest.raises(ValueError, match="receipt"):
        gate.take_route(verdict, setup, now=NOW)
    with pytest.raises(ValueError, match="receipt"):
        upload(verdict, setup, Wish("sk-test"), today=DAY)


def test_only_an_allowed_verdict_is_uploaded(world: World) -> None:
    path = world.write("data/a.jsonl", '{"text": "ask build7.corp.internal"}\n')
    verdict, setup = decided(world, path)
    assert verdict.decision.route is Route.ON_PREM
    with pytest.raises(ValueError, match="not cleared"):
        upload(verdict, setup, Wish("sk-test"), today=DAY)


def test_a_format_the_destination_does_not_take_is_not_sent(world: World) -> None:
    path = world.write("data/a.csv", "question,answer\nAdd two and two,four\n")
    verdict, setup = decided(world, path)
    assert verdict.decision.route is Route.ALLOW
    with pytest.raises(UploadError, match="takes jsonl"):
        upload(verdict, setup, Wish("sk-test"), today=DAY)


def destination(server: FilesApi) -> str:
    return (
        f"destination: loopback\ntitle: t\nparty: p\nbase_url: {server.base_url}\n"
        "as_of: 2026-01-01\nmax_age_days: 3650\n"
    )


# --- receipts that hold, or do not ------------------------------------------------------------


def test_a_receipt_holds_for_the_same_bytes_and_rules(world: World) -> None:
    path = world.write("data/a.jsonl", CLEAN)
    verdict, setup = decided(world, path)
    assert verdict.receipt is not None
    result = verify(verdict.receipt, open_sources([path]), setup, today=DAY)
    assert result.holds
    assert result.changes == ()
    assert result.verdict.decision.to_bytes() == verdict.decision.to_bytes()


def test_a_receipt_does_not_hold_for_other_bytes(world: World) -> None:
    path = world.write("data/a.jsonl", CLEAN)
    verdict, setup = decided(world, path)
    path.write_text(CLEAN.replace("sum", "Sum", 1))
    assert verdict.receipt is not None
    result = verify(verdict.receipt, open_sources([path]), setup, today=DAY)
    assert not result.holds
    assert "not the one that was decided on" in result.changes[0]


def test_a_receipt_says_what_changed_since(world: World) -> None:
    path = world.write("data/a.jsonl", '{"text": "Write to jo@example.com."}\n')
    verdict, _ = decided(world, path)
    world.write(
        "gatekeeper.yaml",
        "policies: [internal, ours.yaml]\ndestination: loopback.yaml\nvault: vault\n",
    )
    world.write(
        "ours.yaml",
        "policy: ours\nversion: 1\ntitle: t\nsource: s\nrules:\n  - id: mail\n    because: c\n"
        "    when: {any_of: [EMAIL_ADDRESS]}\n    route: quarantine\n",
    )
    setup = gate.prepare(load_config(start=world.root))
    assert verdict.receipt is not None
    result = verify(verdict.receipt, open_sources([path]), setup, today=DAY)
    assert (result.then, result.now) == (Route.ON_PREM, Route.QUARANTINE)
    assert not result.holds
    assert "the policies changed" in result.changes
    assert "ours/mail did not speak then, and does now" in result.changes


def test_a_receipt_of_a_key_nobody_trusts_is_refused(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = world.write("data/a.jsonl", CLEAN)
    verdict, setup = decided(world, path)
    monkeypatch.setenv("GATEKEEPER_HOME", str(tmp_path / "somebody-else"))
    assert verdict.receipt is not None
    with pytest.raises(ReceiptError):
        verify(verdict.receipt, open_sources([path]), setup, today=DAY)


# --- one dataset, whatever it is made of ------------------------------------------------------


def test_files_make_one_decision_and_shards_do_not_dilute(world: World) -> None:
    for n in range(5):
        world.write(f"data/clean{n}.jsonl", CLEAN.replace("Add", f"Add{'!' * n}"))
    world.write("data/one.jsonl", '{"text": "ask build7.corp.internal"}\n')
    verdict, _ = decided(world, world.root / "data")
    assert verdict.decision.route is Route.ON_PREM
    assert verdict.decision.coverage.files == 6


def test_the_same_content_twice_counts_once(world: World) -> None:
    row = '{"text": "ask build7.corp.internal"}\n'
    once, _ = decided(world, world.write("one/a.jsonl", row))
    world.write("two/a.jsonl", row)
    world.write("two/b.jsonl", row)
    twice, _ = decided(world, world.root / "two")
    assert [r.count for r in once.decision.reasons] == [r.count for r in twice.decision.reasons]
