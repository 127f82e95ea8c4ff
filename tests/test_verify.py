"""A receipt held against today: what flips after a policy, an agreement or the dataset changed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gatekeeper.cli import main

POLICY = """\
policy: ours
version: 1
title: t
source: s
requires:
  - {{agreement: DPA, for: [personal], because: Art. 28}}
rules:
  - id: mail
    because: section 1
    when: {{any_of: [EMAIL_ADDRESS], at_least: {n}}}
    route: on_prem
"""
PLACE = """\
destination: ours
party: ourselves
base_url: http://127.0.0.1:9/v1
as_of: 2026-01-01
max_age_days: 3650
covers: [DPA]
"""
PAPER = "{party: ourselves, kind: DPA, covers: [personal], from: 2026-01-01, until: 2030-12-31}"


class House:
    """A project in which an allowed dataset was checked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.law(2)
        (folder / "place.yaml").write_text(PLACE)
        self.papers(PAPER)
        self.data("Write to jo@example.com.")

    def law(self, at_least: int) -> None:
        (self.folder / "ours.yaml").write_text(POLICY.format(n=at_least))

    def papers(self, *papers: str) -> None:
        config = "policies: [ours.yaml]\ndestination: place.yaml\n"
        agreements = f"agreements: [{', '.join(papers)}]\n" if papers else ""
        (self.folder / "gatekeeper.yaml").write_text(config + agreements)

    def data(self, text: str) -> None:
        (self.folder / "data.jsonl").write_text(json.dumps({"text": text}) + "\n")

    @property
    def receipt(self) -> str:
        (path,) = (self.folder / ".gatekeeper/receipts").glob("*.dsse.json")
        return str(path)


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    monkeypatch.chdir(tmp_path)
    made = House(tmp_path)
    assert main(["check", "data.jsonl"]) == 0
    return made


def verified(house: House, capsys: pytest.CaptureFixture[str], expect: int) -> dict[str, Any]:
    capsys.readouterr()
    assert main(["verify", house.receipt, "data.jsonl", "--format", "json"]) == expect
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    return told


def test_a_receipt_holds_and_nothing_flips(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    told = verified(house, capsys, 0)
    assert (told["holds"], told["flips"], told["changes"]) == (True, [], [])


def test_a_stricter_policy_flips_its_rule(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    house.law(1)
    told = verified(house, capsys, 10)
    (flip,) = told["flips"]
    assert (flip["rule"], flip["then"], flip["now"]) == ("mail", "", "on_prem")
    assert flip["cause"] == "the policies changed"
    assert main(["verify", house.receipt, "data.jsonl"]) == 10
    said = capsys.readouterr().err
    assert "does not hold: allow then, on_prem now" in said
    assert "why: ours/mail says on_prem: section 1 [the policies changed]" in said


def test_an_agreement_taken_away_flips_its_requirement(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    house.papers()
    (flip,) = verified(house, capsys, 10)["flips"]
    assert (flip["rule"], flip["cause"]) == ("requires-dpa", "the agreements changed")
    assert flip["because"] == "Art. 28: no DPA with ourselves covers `personal`"


def test_a_destination_that_says_less_flips_the_requirement(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    (house.folder / "place.yaml").write_text(PLACE.replace("covers: [DPA]\n", ""))
    (flip,) = verified(house, capsys, 10)["flips"]
    assert flip["cause"] == "the destination changed"
    assert "no DPA can cover this endpoint of `ours`" in flip["because"]


def test_another_dataset_is_its_own_cause(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    house.data("Write to jo@example.com or to ann@example.com.")
    told = verified(house, capsys, 3)
    (flip,) = told["flips"]
    assert (flip["rule"], flip["cause"]) == ("mail", "the dataset is another one")
    assert not told["same_bytes"]


def test_another_detector_is_named_where_it_finds_more(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    (house.folder / "own.yaml").write_text(
        "recognizers:\n"
        "  - name: Robots\n"
        "    supported_entity: EMAIL_ADDRESS\n"
        "    classes: [personal]\n"
        "    examples: ['[[Write to]] us']\n"
        "    patterns: [{name: p, regex: '\\bWrite to\\b', score: 0.9}]\n"
    )
    config = house.folder / "gatekeeper.yaml"
    config.write_text(config.read_text() + "recognizers: [own.yaml]\n")
    told = verified(house, capsys, 10)
    (flip,) = told["flips"]
    assert (flip["rule"], flip["now"]) == ("mail", "on_prem")
    assert flip["cause"].endswith("the detector changed")


def test_what_a_receipt_looked_for_is_in_it(house: House) -> None:
    from gatekeeper.audit import load_trusted_keys, read_receipt

    held = read_receipt(Path(house.receipt), load_trusted_keys())
    assert "EMAIL_ADDRESS" in held.looked_for
    assert "PERSON" in held.looked_for  # of the class `personal`
