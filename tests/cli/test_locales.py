"""`locales`: numbers of other countries from the configuration to the decision."""

import json
from pathlib import Path

import pytest

from tests.laws.worlds import World

NHS = "478 454 7487"
POLICY = """\
policy: ours
version: 1
title: Ours
source: A test
rules:
  - id: nhs
    because: ours
    when: {any_of: [UK_NHS], at_least: 1, confidence: likely}
    route: on_prem
    examples: {trips: ["NHS number: 478 454 7487"], passes: ["Bring it."]}
unscanned: quarantine
"""


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path, policies="gdpr")
    row = {"messages": [{"role": "user", "content": f"My NHS number is {NHS}, why?"}]}
    made.write("data/chat.jsonl", json.dumps(row) + "\n")
    return made


def switch_on(world: World, locales: str) -> None:
    config = world.root / "gatekeeper.yaml"
    config.write_text(f"{config.read_text()}locales: {locales}\n")


def test_a_locale_changes_the_decision_and_its_evidence(world: World) -> None:
    before = world.run("check", "data/chat.jsonl", "--format", "json").stdout
    switch_on(world, "[uk]")
    after = world.run("check", "data/chat.jsonl", "--format", "json", expect=10).stdout
    off, on = json.loads(before), json.loads(after)
    assert on["digests"]["detector"] != off["digests"]["detector"]
    rules = {r["rule"]: r for r in on["reasons"]}
    assert not [r for r in off["reasons"] if r["rule"] == "national-identification-numbers"]
    (where,) = rules["national-identification-numbers"]["where"]
    assert where["entity"] == "UK_NHS"
    assert NHS not in after

    table = world.run("explain", on["receipt"], "--safe-harbor", expect=0).stdout
    assert "UK_NHS 1" in table


def test_entities_are_listed_with_their_locale(world: World) -> None:
    assert "UK_NHS" not in world.run("policy", "entities", expect=0).stdout
    switch_on(world, "[gb]")
    listed = world.run("policy", "entities", expect=0).stdout
    line = f"{'UK_NHS':<28} identifier, national_id, personal  (locale gb)\n"
    assert line in listed
    assert "AU_TFN" not in listed


def test_a_policy_that_names_one_whose_locale_is_off_is_refused(world: World) -> None:
    world.write("ours.yaml", POLICY)
    refused = world.run("check", "data", "--policy", "ours.yaml", expect=2)
    assert "entity `UK_NHS` is not looked for: its locale is off" in refused.stderr
    assert "write `locales: [gb]` in gatekeeper.yaml" in refused.stderr
    assert "ours.yaml:8:21: " in refused.stderr
    switch_on(world, "[gb]")
    world.run("check", "data", "--policy", "ours.yaml", expect=10)
    assert "2 of 2" in world.run("policy", "test", "ours.yaml", expect=0).stdout


def test_an_unknown_locale_is_one_line(world: World) -> None:
    switch_on(world, "[gb, fr]")
    refused = world.run("check", "data", expect=2)
    error, hint = refused.stderr.strip().splitlines()
    assert error.endswith("gatekeeper.yaml:5:15: unknown locale `fr`")
    assert "known are au, ca, de" in hint
