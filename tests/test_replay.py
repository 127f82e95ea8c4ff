"""Recorded evidence under another law: what flips, by what cause, and what is still out there."""

from __future__ import annotations

import dataclasses
import datetime
import json
from pathlib import Path

import pytest

from gatekeeper.audit import (
    audit_chain,
    audit_log,
    load_signer,
    load_trusted_keys,
    make_receipt,
    write_receipt,
)
from gatekeeper.cli import main
from gatekeeper.decide import decide
from gatekeeper.flips import Step, date_cause, flips
from gatekeeper.model import (
    Agreement,
    Attestation,
    Confidence,
    Count,
    Destination,
    Evidence,
    Policy,
    Requirement,
    Route,
    Rule,
    Tally,
    Vocabulary,
)
from gatekeeper.policy import Config
from gatekeeper.prepare import Setup
from gatekeeper.replay import Replay, live_uploads, replay
from tests.laws.strategies import TODAY, destination

NOW = datetime.datetime(2026, 6, 1, 12, tzinfo=datetime.timezone.utc)
DAY = datetime.timedelta(days=1)
MAIL = Rule("mail", "section 1", Count(frozenset({"EMAIL_ADDRESS"})), Route.ON_PREM, "p.yaml:6:5")
NAMES = Rule("names", "section 2", Count(frozenset({"PERSON"})), Route.QUARANTINE, "p.yaml:9:5")
ASKS = Requirement("DPA", ("personal",), Count(frozenset({"PERSON"})), "Art. 28", "p.yaml:3:5")
PAPER = Agreement("openai", "DPA", ("personal",), datetime.date(2026, 1, 1), TODAY + 9 * DAY)


def policy(*rules: Rule, requires: tuple[Requirement, ...] = ()) -> Policy:
    digest = f"sha256:{rules!r}{requires!r}"
    return Policy("ours", 1, "t", "s", "p.yaml", digest, rules, requires)


def content(mark: str) -> str:
    return f"sha256:{mark * 64}"


def tally(name: str, **found: int) -> Tally:
    counts = {(e, "/text", Confidence.LIKELY): n for e, n in found.items()}
    return Tally(frozenset({name}), 100, 0, 4, counts=counts)


def setup_of(
    folder: Path,
    *policies: Policy,
    to: Destination | None = None,
    papers: tuple[Agreement, ...] = (),
) -> Setup:
    config = dataclasses.replace(Config.default(folder), agreements=papers)
    return Setup(config, policies, to or destination(), Vocabulary({}, {}))


def recorded(
    setup: Setup,
    mark: str,
    looked_for: frozenset[str] | None = None,
    *,
    hour: int = 0,
    withhold: bool = False,
    **found: int,
) -> Path:
    """A receipt of the decision under `setup` on a dataset in which so much was found."""
    evidence = Evidence({content(mark): tally(f"{mark}.jsonl", **found)})
    proved = setup.entities if looked_for is None else looked_for
    decided = decide(
        setup.policies,
        evidence,
        setup.destination,
        Attestation("sha256:detector", proved),
        agreements=setup.config.agreements,
        today=TODAY,
    )
    receipt = make_receipt(
        decided,
        evidence,
        signer=load_signer(),
        now=NOW + datetime.timedelta(hours=hour),
        version="0.1.0",
        subjects={f"{mark}.jsonl": content(mark)},
        looked_for=proved,
        withhold_names=withhold,
    )
    return write_receipt(receipt, setup.config.receipts)


def again(setup: Setup, *, today: datetime.date = TODAY) -> Replay:
    paths = setup.config.receipts.glob("*.dsse.json")
    log = audit_chain(setup.config.state, load_trusted_keys())
    return replay(paths, setup, log, today=today)


def test_nothing_flips_where_nothing_changed(tmp_path: Path) -> None:
    setup = setup_of(tmp_path, policy(MAIL, NAMES))
    recorded(setup, "a", EMAIL_ADDRESS=2)
    recorded(setup, "b")
    result = again(setup)
    assert {(r.then, r.now, r.flips) for r in result.replayed} == {
        (Route.ON_PREM, Route.ON_PREM, ()),
        (Route.ALLOW, Route.ALLOW, ()),
    }
    assert result.exit_code == 0


def test_a_new_rule_flips_the_datasets_that_it_holds_against_and_no_other(tmp_path: Path) -> None:
    before = setup_of(tmp_path, policy(MAIL, requires=(ASKS,)), papers=(PAPER,))
    recorded(before, "a", PERSON=3)
    recorded(before, "b")
    after = setup_of(tmp_path, policy(MAIL, NAMES, requires=(ASKS,)), papers=(PAPER,))
    result = again(after)
    (changed,) = [r for r in result.replayed if r.changes]
    assert changed.names == ("a.jsonl",)
    assert (changed.then, changed.now) == (Route.ALLOW, Route.QUARANTINE)
    (flip,) = changed.flips
    assert flip.words == "ours/names says quarantine: section 2 [the policies changed]"
    assert result.exit_code == 20


def test_an_agreement_taken_away_is_named_as_the_cause(tmp_path: Path) -> None:
    law = policy(MAIL, requires=(ASKS,))
    recorded(setup_of(tmp_path, law, papers=(PAPER,)), "a", PERSON=1)
    (one,) = again(setup_of(tmp_path, law)).replayed
    (flip,) = one.flips
    assert (one.now, flip.rule, flip.cause) == (
        Route.ON_PREM,
        "requires-dpa",
        "the agreements changed",
    )


def test_the_day_after_the_agreement_the_date_is_the_cause(tmp_path: Path) -> None:
    setup = setup_of(tmp_path, policy(MAIL, requires=(ASKS,)), papers=(PAPER,))
    recorded(setup, "a", PERSON=1)
    assert not again(setup, today=PAPER.until).replayed[0].changes
    (one,) = again(setup, today=PAPER.until + DAY).replayed
    (flip,) = one.flips
    assert flip.cause == "the date: 2026-06-01 then, 2026-06-11 now"
    assert flip.because.endswith("not in force on 2026-06-11: it ended on 2026-06-10")


def test_a_door_that_closed_and_a_door_that_opened(tmp_path: Path) -> None:
    law = policy(MAIL)
    recorded(setup_of(tmp_path, law), "a")
    shut = setup_of(tmp_path, law, to=destination(digest="sha256:new", closes=TODAY))
    (one,) = again(shut).replayed
    assert [f.words for f in one.flips] == [
        "gatekeeper/destination-closed says on_prem: destination `openai` closed on 2026-06-01 "
        "[the destination changed]"
    ]
    recorded(shut, "b")
    (opened,) = [r for r in again(setup_of(tmp_path, law)).replayed if r.names == ("b.jsonl",)]
    assert (opened.then, opened.now) == (Route.ON_PREM, Route.ALLOW)
    assert opened.flips[0].words.startswith("gatekeeper/destination-closed no longer says on_prem")


def test_what_was_not_looked_for_has_to_be_scanned_again(tmp_path: Path) -> None:
    recorded(setup_of(tmp_path, policy(MAIL)), "a")
    result = again(setup_of(tmp_path, policy(MAIL, NAMES)))
    (one,) = result.replayed
    assert one.scan_again == ("PERSON",)
    assert not one.changes
    assert result.exit_code == 3


def test_the_newest_receipt_of_a_dataset_counts(tmp_path: Path) -> None:
    recorded(setup_of(tmp_path, policy(NAMES)), "a", PERSON=1)
    recorded(setup_of(tmp_path, policy(MAIL)), "a", PERSON=1, hour=1)
    (one,) = again(setup_of(tmp_path, policy(MAIL))).replayed
    assert (one.then, one.now) == (Route.ALLOW, Route.ALLOW)


def test_a_receipt_of_another_hand_is_refused_and_said(tmp_path: Path) -> None:
    setup = setup_of(tmp_path, policy(MAIL))
    path = recorded(setup, "a")
    forged = path.with_name("2026-06-01-forged.dsse.json")
    forged.write_bytes(path.read_bytes().replace(b'"sig":"', b'"sig":"A'))
    result = again(setup)
    assert [r.path for r in result.refused] == [forged]
    assert len(result.replayed) == 1
    assert result.exit_code == 1


def test_a_receipt_without_names_tells_only_where_no_name_is_asked_for(tmp_path: Path) -> None:
    law = policy(NAMES)
    recorded(setup_of(tmp_path, law), "a", PERSON=1, withhold=True)
    (one,) = again(setup_of(tmp_path, law)).replayed
    assert (one.then, one.now, one.flips) == (Route.QUARANTINE, Route.QUARANTINE, ())
    when = Count(frozenset({"PERSON"}), files=("a.*",))
    asks = policy(dataclasses.replace(NAMES, when=when))
    (refused,) = again(setup_of(tmp_path, asks)).refused
    assert "withholds the names of its files" in refused.why


def test_a_receipt_for_an_unknown_destination_is_refused(tmp_path: Path) -> None:
    law = policy(MAIL)
    recorded(setup_of(tmp_path, law, to=destination(name="elsewhere")), "a")
    (refused,) = again(setup_of(tmp_path, law)).refused
    assert "neither the configured one nor shipped" in refused.why


def test_uploads_that_are_still_out_there(tmp_path: Path) -> None:
    log = audit_log(tmp_path, load_signer())
    about = {"decision": content("d"), "host": "api.example.com", "bytes": 10}
    for mark, remote in (("a", "file-1"), ("b", "file-2")):
        log.append("upload-intent", {**about, "content": content(mark)})
        log.append("upload", {**about, "content": content(mark), "remote": remote})
    log.append("upload-intent", {**about, "content": content("c")})
    found = live_uploads(log.records())
    assert {(r.content, r.remote) for r in found} == {
        (content("a"), "file-1"),
        (content("b"), "file-2"),
        (content("c"), ""),
    }
    rows = list(log.records())
    gone = {"event": "upload-deleted", "time": "", "data": {**rows[1]["data"]}}
    lost = {"event": "upload-lost", "time": "", "data": {**rows[4]["data"]}}
    assert [r.remote for r in live_uploads([*rows, gone, lost])] == ["file-2"]


def test_a_flip_that_undoes_itself_is_none_and_two_causes_are_both_named() -> None:
    law, other = policy(MAIL), policy(MAIL, NAMES)
    evidence = Evidence({content("a"): tally("a.jsonl", PERSON=1)})
    proved = Attestation("f", frozenset({"PERSON", "EMAIL_ADDRESS"}))

    def on(chosen: Policy) -> Step:
        made = decide([chosen], evidence, destination(), proved, today=TODAY)
        return Step(made, f"step {len(chosen.rules)}")

    first = on(law).decision.to_json()
    assert flips(first, [on(other), on(law)], ()) == []
    softer = policy(MAIL, dataclasses.replace(NAMES, route=Route.ON_PREM))
    (flip,) = flips(first, [on(softer), on(other)], ())
    assert (flip.then, flip.now, flip.cause) == ("", "quarantine", "step 2; step 2")


def test_the_cause_of_a_date_names_both_days() -> None:
    assert date_cause("2026-11-26", TODAY) == "the date: 2026-11-26 then, 2026-06-01 now"


def test_the_command_reads_no_dataset_and_says_what_would_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    law = tmp_path / "ours.yaml"
    law.write_text(
        "policy: ours\nversion: 1\ntitle: t\nsource: s\nrules:\n"
        "  - {id: mail, because: section 1, when: {any_of: [EMAIL_ADDRESS]}, route: on_prem}\n"
    )
    place = tmp_path / "place.yaml"
    place.write_text(
        "destination: openai\nparty: openai\nbase_url: https://api.example.com/v1\n"
        "as_of: 2026-05-20\nmax_age_days: 3650\n"
    )
    (tmp_path / "gatekeeper.yaml").write_text("policies: [ours.yaml]\ndestination: place.yaml\n")
    loose = setup_of(tmp_path, policy(dataclasses.replace(MAIL, when=Count(frozenset({"URL"})))))
    recorded(loose, "a", frozenset({"URL", "EMAIL_ADDRESS"}), EMAIL_ADDRESS=5)
    about = {"decision": content("d"), "content": content("a"), "host": "api.example.com"}
    log = audit_log(tmp_path / ".gatekeeper", load_signer())
    log.append("upload", {**about, "bytes": 7, "remote": "file-9"})
    assert main(["replay"]) == 10
    said = capsys.readouterr().err
    assert "1 datasets, 1 would change route" in said
    assert "changes: a.jsonl: allow on 2026-06-01, on_prem now" in said
    assert "ours/mail says on_prem: section 1" in said
    assert "still there: file-9, 7 bytes at api.example.com" in said
    assert main(["replay", "--format", "json", "--on", "2026-06-02"]) == 10
    (told,) = json.loads(capsys.readouterr().out)["datasets"]
    assert (told["then"], told["now"], told["uploads"][0]["remote"]) == (
        "allow",
        "on_prem",
        "file-9",
    )
    assert main(["replay", "--on", "soon"]) == 2
    assert main(["replay", "no-such.dsse.json"]) == 1
