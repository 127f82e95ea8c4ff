"""What Gatekeeper ships: policies, destinations, schemas."""

from __future__ import annotations

import datetime
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.errors import PolicyError
from gatekeeper.model import Count, Duty, Policy, Route, Rule, entities_of
from gatekeeper.policy import (
    config_json_schema,
    is_json_lines,
    json_schema,
    load_destination,
    load_policy,
    run_examples,
    shipped_destinations,
    shipped_policies,
)
from gatekeeper.policy.compile import compile_policy
from gatekeeper.policy.published import PUBLISHED, rendered
from tests.policy.words import WORDS

ROOT = Path(__file__).parents[2]
NAMES = ["gdpr", "hipaa", "internal", "legal", "pci"]
DESTINATIONS = [
    "azure-openai-data-zone",
    "azure-openai-global",
    "azure-openai-regional",
    "openai",
    "openai-compatible",
]
LAST_DAY = datetime.date(2027, 1, 5)


@pytest.fixture(scope="module", params=NAMES)
def policy(request: pytest.FixtureRequest) -> Policy:
    return load_policy(str(request.param), WORDS)


def test_the_shipped_files_are_those_of_the_repository() -> None:
    assert list(shipped_policies()) == NAMES
    assert sorted(shipped_destinations()) == DESTINATIONS
    for name, path in shipped_policies().items():
        assert path.read_bytes() == (ROOT / "policies" / f"{name}.yaml").read_bytes()


def test_every_rule_has_a_clause_and_examples(policy: Policy) -> None:
    assert policy.unscanned is Route.QUARANTINE
    for rule in policy.rules:
        assert rule.route in (Route.ON_PREM, Route.QUARANTINE)
        assert len(rule.because) > 10, rule.id
        assert len(rule.examples.trips) >= 2, rule.id
        assert len(rule.examples.passes) >= 2, rule.id
        assert not set(rule.examples.trips) & set(rule.examples.passes), rule.id


def test_a_place_is_that_of_the_rule_in_its_file(policy: Policy) -> None:
    for rule in policy.rules:
        name, line, column = rule.at.split(":")
        assert name == policy.path
        text = (ROOT / name).read_text().splitlines()[int(line) - 1]
        assert text[int(column) - 1 :] == f"id: {rule.id}"


def test_json_examples_are_json_lines(policy: Policy) -> None:
    for rule in policy.rules:
        for text in (*rule.examples.trips, *rule.examples.passes):
            if is_json_lines(text):
                assert all(isinstance(json.loads(line), dict) for line in text.splitlines())


def test_what_takes_many_records_has_as_many_in_its_examples(policy: Policy) -> None:
    for rule in policy.rules:
        needed = getattr(rule.when, "at_least", 1)
        for text in rule.examples.trips:
            assert text.count("\n") + 1 >= needed or needed == 1, rule.id


@pytest.mark.parametrize(
    ("name", "entities"),
    [
        (
            "hipaa",
            WORDS.classes["identifier"]
            | WORDS.classes["health"]
            | {"URL", "UUID", "LOCATION", "DATE_TIME", "IMAGE_PRESENT", "IMAGE_URL", "CREDIT_CARD"},
        ),
        ("legal", WORDS.classes["legal"]),
        ("internal", WORDS.classes["secret"] | WORDS.classes["internal"] | {"CREDIT_CARD", "CVV"}),
        (
            "gdpr",
            WORDS.classes["special_category"]
            | WORDS.classes["health"]
            | WORDS.classes["personal"]
            | {"CRIMINAL_RECORD"},
        ),
        ("pci", WORDS.classes["sensitive_authentication"] | {"CREDIT_CARD"}),
    ],
)
def test_a_policy_looks_at_all_that_is_its_business(name: str, entities: frozenset[str]) -> None:
    assert entities <= load_policy(name, WORDS).entities


def test_every_safe_harbor_letter_has_a_rule() -> None:
    clauses = " ".join(rule.because for rule in load_policy("hipaa", WORDS).rules)
    for letter in "ABCDEFGHIJKLMNOPQR":
        assert f"164.514(b)(2)(i)({letter})" in clauses


def test_every_secret_is_quarantined() -> None:
    found = [
        rule.when.entities
        for rule in load_policy("internal", WORDS).rules
        if rule.route is Route.QUARANTINE
        and isinstance(rule.when, Count)
        and rule.when.at_least == 1
    ]
    assert WORDS.classes["secret"] <= frozenset().union(*found)


def test_what_may_not_be_kept_must_be_destroyed() -> None:
    rules = load_policy("pci", WORDS).rules
    kept = [r for r in rules if entities_of(r.when) & WORDS.classes["sensitive_authentication"]]
    assert (
        frozenset().union(*(entities_of(r.when) for r in kept))
        == WORDS.classes["sensitive_authentication"]
    )
    assert {(r.route, r.must) for r in kept} == {(Route.QUARANTINE, Duty.DESTROY)}
    assert all("3.3.1" in r.because and "even encrypted" in r.because for r in kept)
    assert {r.must for r in rules if r not in kept} == {Duty.NOTHING}


def test_phi_requires_a_baa_and_openai_cannot_have_one() -> None:
    [requirement] = load_policy("hipaa", WORDS).requires
    assert (requirement.agreement, requirement.classes) == ("BAA", ("phi",))
    assert "BAA" not in load_destination("openai").covers


def test_the_openai_destination() -> None:
    openai = load_destination("openai")
    assert (openai.host, openai.base_url) == ("api.openai.com", "https://api.openai.com/v1")
    assert openai.closes == datetime.date(2027, 1, 6)
    assert "fine-tuning" in openai.closes_because
    assert openai.as_of == datetime.date(2026, 11, 24)
    assert (LAST_DAY - openai.as_of).days <= openai.max_age_days
    assert openai.max_bytes == 512_000_000
    assert openai.formats == ("jsonl",)
    assert openai.facts["zero_data_retention_eligible"]["value"] is False
    assert all(fact["source"] and fact["as_of"] for fact in openai.facts.values())


@pytest.mark.parametrize("kind", sorted(PUBLISHED))
def test_the_published_schema_is_current(kind: str) -> None:
    assert PUBLISHED[kind].read_text(encoding="utf-8") == rendered(kind), (
        "run python -m gatekeeper.policy.published"
    )


def test_schemas_for_editors() -> None:
    assert json_schema()["required"] == ["policy", "version", "title", "source", "rules"]
    assert json_schema()["additionalProperties"] is False
    assert {"required": ["same_record"]} in json_schema()["$defs"]["Condition"]["oneOf"]
    assert "waivers" in config_json_schema()["properties"]
    destination = json_schema("destination")
    assert destination["required"] == ["destination", "as_of"]
    assert {"required": ["party", "base_url"]} in destination["anyOf"]


def test_an_unknown_name_is_refused_with_the_list() -> None:
    with pytest.raises(PolicyError) as caught:
        load_policy("hippa", WORDS)
    assert str(caught.value) == "unknown policy `hippa`"
    assert caught.value.hint == (
        "did you mean `hipaa`? shipped are gdpr, hipaa, internal, legal, pci; "
        "a file is given as a path ending in .yaml"
    )
    with pytest.raises(PolicyError, match="unknown destination `opeanai`"):
        load_destination("opeanai")


def test_an_own_file_is_named_as_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("ours.yaml").write_bytes((ROOT / "policies" / "legal.yaml").read_bytes())
    assert load_policy("ours.yaml", WORDS).rules[0].at.startswith("ours.yaml:")
    assert load_policy(tmp_path / "ours.yaml", WORDS).path == str(tmp_path / "ours.yaml")
    with pytest.raises(PolicyError, match=r"none\.yaml: no such file"):
        load_policy("./none.yaml", WORDS)


def test_the_room_imports_no_detector() -> None:
    program = (
        "import sys, gatekeeper.policy as p\n"
        "assert 'pydantic' not in sys.modules\n"
        "p.load_destination('openai'); p.load_config(start=p.shipped_policies()['hipaa'].parent)\n"
        "assert not {'presidio_analyzer', 'spacy', 'pyarrow', 'openai'} & set(sys.modules)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", program], env=environment, check=False, cwd="/")
    assert done.returncode == 0


def test_examples_are_run_in_order_with_what_they_should_do(policy: Policy) -> None:
    asked: list[str] = []

    def trips(rule: Rule, text: str) -> bool:
        asked.append(text)
        return text in rule.examples.trips

    results = list(run_examples(policy, trips))
    assert [r.text for r in results] == asked
    assert all(r.ok for r in results)
    assert [r.got for r in results] == [r.expected for r in results]
    assert not any(r.ok for r in run_examples(policy, lambda rule, text: not trips(rule, text)))
    assert results[0].name == f"{policy.rules[0].id}: trips 1"
    assert results[0].at == policy.rules[0].at


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
def test_a_mutated_policy_is_a_policy_or_a_policy_error(name: str, data: st.DataObject) -> None:
    source = shipped_policies()[name].read_bytes()
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(source)))
        length = data.draw(st.integers(0, 12))
        put = data.draw(st.binary(max_size=4) | st.sampled_from(SPLICES))
        source = source[:start] + put + source[start + length :]
    try:
        loaded = compile_policy(source, "p.yaml", WORDS)
    except PolicyError as error:
        said = [error, *error.others]
    else:
        said = []
        assert loaded.rules
        assert loaded.entities <= WORDS.entities
    assert all(str(e).isprintable() and str(e).startswith("p.yaml:") for e in said)


SPLICES = [
    b"\n", b"  ", b": ", b"- ", b"#", b"[", b"]", b"{", b"}", b"'", b'"', b"no", b"on: ", b"|\n",
    b"*a", b"&a ", b"!!str ", b"allow", b"\n---\n", b"\t", b"\x00", b"\xff", b"not: ", b"0", b"~",
]  # fmt: skip
