"""From YAML to the values that `decide` knows."""

from __future__ import annotations

import datetime
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.errors import PolicyError
from gatekeeper.model import (
    AllOf,
    AnyOf,
    Condition,
    Confidence,
    Count,
    Duty,
    Policy,
    Route,
    SameRecord,
    Unit,
)
from gatekeeper.policy.compile import compile_policy
from gatekeeper.policy.destination import compile_destination
from tests.policy.words import WORDS

HEALTH = WORDS.classes["health"]
IDENTIFIER = WORDS.classes["identifier"]
DAY = datetime.date(2026, 11, 24)


def policy(when: str = "{any_of: [PERSON]}", tail: str = "") -> Policy:
    text = (
        "policy: ours\nversion: 3\ntitle: Ours\nsource: our lawyers\nrules:\n"
        f"  - id: one\n    because: us\n    when: {when}\n    route: quarantine\n{tail}"
    )
    return compile_policy(text.encode(), "p.yaml", WORDS)


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("{any_of: [PERSON, US_SSN]}", Count(frozenset({"PERSON", "US_SSN"}))),
        (
            "{any_of: [PERSON], at_least: 3, confidence: certain, count: records}",
            Count(frozenset({"PERSON"}), 3, Confidence.CERTAIN, Unit.RECORDS),
        ),
        (
            "{class: health, fields: [/messages/*/content], files: ['*.csv']}",
            Count(HEALTH, fields=("/messages/*/content",), files=("*.csv",)),
        ),
        ("{classes: [health, identifier]}", Count(HEALTH | IDENTIFIER)),
        (
            "{all_of: [PERSON, US_SSN], confidence: possible}",
            AllOf(
                (
                    Count(frozenset({"PERSON"}), 1, Confidence.POSSIBLE),
                    Count(frozenset({"US_SSN"}), 1, Confidence.POSSIBLE),
                )
            ),
        ),
        ("{class: phi, at_least: 500}", SameRecord((IDENTIFIER, HEALTH), 500)),
        ("{class: phi, count: records}", SameRecord((IDENTIFIER, HEALTH))),
        (
            "{same_record: [{class: phi}, {entity: US_SSN}, {any_of: [CVV, JWT]}], files: [a]}",
            SameRecord(
                (IDENTIFIER, HEALTH, frozenset({"US_SSN"}), frozenset({"CVV", "JWT"})),
                files=("a",),
            ),
        ),
        (
            "{any_of: [{class: phi}, {all_of: [{any_of: [JWT]}, {class: health}]}]}",
            AnyOf(
                (
                    SameRecord((IDENTIFIER, HEALTH)),
                    AllOf((Count(frozenset({"JWT"})), Count(HEALTH))),
                )
            ),
        ),
    ],
)
def test_conditions(when: str, expected: Condition) -> None:
    assert policy(when).rules[0].when == expected


def test_a_rule_and_its_place() -> None:
    rule = policy().rules[0]
    assert (rule.id, rule.because, rule.route) == ("one", "us", Route.QUARANTINE)
    assert rule.at == "p.yaml:6:5"


def test_what_must_be_destroyed() -> None:
    assert policy(tail="    must: destroy\n").rules[0].must is Duty.DESTROY
    assert policy().rules[0].must is Duty.NOTHING


def test_unscanned_is_quarantine_unless_said() -> None:
    assert policy().unscanned is Route.QUARANTINE
    assert policy(tail="unscanned: on_prem\n").unscanned is Route.ON_PREM


def test_requirements() -> None:
    tail = "requires:\n  - {agreement: BAA, for: [phi, health], because: the law}\n"
    [requirement] = policy(tail=tail).requires
    assert requirement.agreement == "BAA"
    assert requirement.classes == ("phi", "health")
    assert requirement.when == AnyOf((SameRecord((IDENTIFIER, HEALTH)), Count(HEALTH)))
    assert requirement.at == "p.yaml:11:5"


def test_requirements_of_some_endpoints_and_regions() -> None:
    tail = (
        "requires:\n  - {agreement: RESIDENCY, for: [phi], because: the law, in: [us, eu],\n"
        "     unless_in: [ch], endpoints: [fine_tuning, files]}\n"
    )
    [requirement] = policy(tail=tail).requires
    assert requirement.endpoints == ("files", "fine_tuning")
    assert (requirement.regions, requirement.unless_in) == (("eu", "us"), ("ch",))


def test_examples_of_many_records_become_json_lines() -> None:
    tail = "    examples:\n      trips: [a text, {text: 'say \"é\"', times: 3}]\n"
    one, many = policy(tail=tail).rules[0].examples.trips
    assert one == "a text"
    assert [json.loads(line) for line in many.split("\n")] == [{"text": 'say "é"'}] * 3


def test_the_digest_is_of_the_file_and_the_vocabulary() -> None:
    same, other = policy(), policy(tail="# a comment\n")
    assert same.digest == policy().digest
    assert same.digest != other.digest
    more = WORDS.extended({"BADGE": ["internal"]})
    text = b"policy: p\nversion: 1\ntitle: t\nsource: s\nrules:\n"
    text += b"  - {id: r, because: b, when: {class: internal}, route: on_prem}\n"
    before, after = (compile_policy(text, "p.yaml", words) for words in (WORDS, more))
    assert before.digest != after.digest
    assert after.entities - before.entities == {"BADGE"}


def test_own_recognizers_extend_the_vocabulary() -> None:
    with pytest.raises(PolicyError, match="unknown entity `BADGE`"):
        policy("{any_of: [BADGE]}")
    words = WORDS.extended({"BADGE": ["internal", "badges"]})
    assert words.groups("badges") == (frozenset({"BADGE"}),)
    assert "BADGE" in words.entities
    assert "BADGE" in words.classes["internal"]
    assert WORDS.extended({}) is WORDS


# --- destinations ----------------------------------------------------------------------------

OWN = "destination: ours\nparty: us\nbase_url: https://llm.example.com/v1\nas_of: 2026-11-24\n"


def test_four_lines_declare_a_destination() -> None:
    ours = compile_destination(OWN.encode(), "ours.yaml")
    assert (ours.name, ours.title, ours.party) == ("ours", "ours", "us")
    assert (ours.base_url, ours.host) == ("https://llm.example.com/v1", "llm.example.com")
    assert (ours.as_of, ours.opens, ours.closes) == (DAY, None, None)
    assert ours.covers == frozenset()
    assert ours.formats == ("jsonl",)
    assert ours.expires_after_s == 86_400


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://LLM.Example.com:443/v1", "llm.example.com"),
        ("https://llm.example.com:8443/v1", "llm.example.com:8443"),
        ("http://127.0.0.1:8123/v1", "127.0.0.1:8123"),
        ("http://127.9.9.9/v1", "127.9.9.9"),
        ("http://localhost:80/v1", "localhost"),
        ("http://[::1]:8123/v1", "[::1]:8123"),
    ],
)
def test_the_host_of_a_destination(url: str, host: str) -> None:
    text = OWN.replace("https://llm.example.com/v1", f'"{url}"')
    assert compile_destination(text.encode(), "ours.yaml").host == host


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("http://llm.example.com/v1", "must be https: `llm.example.com` is not this machine"),
        ("http://127.0.0.1.example.com/v1", "must be https"),
        ("http://10.0.0.1/v1", "must be https"),
        ("ftp://llm.example.com", "is not a web address"),
        ("llm.example.com/v1", "is not a web address"),
        ("https:///v1", "is not a web address"),
        ("https://llm.example.com:99999/v1", "is not a web address"),
        ("https://[::1/v1", "is not a web address"),
        ("https://user:secret@llm.example.com/v1", "may hold a host, a port and a path only"),
        ("https://llm.example.com/v1?key=secret", "may hold a host, a port and a path only"),
        ("https://llm.exämple.com/v1", "may hold a host, a port and a path only"),
    ],
)
def test_a_wrong_address(url: str, message: str) -> None:
    text = OWN.replace("https://llm.example.com/v1", f'"{url}"')
    with pytest.raises(PolicyError) as caught:
        compile_destination(text.encode(), "ours.yaml")
    assert str(caught.value).startswith("ours.yaml:3:11: `base_url` ")
    assert message in str(caught.value)
    assert "secret" not in str(caught.value) + caught.value.hint


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("closes: 2026-01-01\nopens: 2026-01-01\ncloses_because: x\n", "5:9: `closes` is not af"),
        ("closes: 2026-01-01\n", "5:1: `closes` needs `closes_because`"),
        ("closes: soon\n", "5:9: `closes` must be a day like 2026-01-31, not text"),
        ("expires_after_s: 60\n", "5:18: `expires_after_s` must be at least 3600"),
        ("expires_after_s: 99999999\n", "5:18: `expires_after_s` must be at most 2592000"),
        (
            "covers: [baa]\n",
            "5:10: an item of `covers` must be `BAA`, `DPA`, `SCC`, `ZDR` or `RES",
        ),
        ("facts: {zdr: {value: true, as_of: 2026-01-01}}\n", "5:14: missing key `source`"),
        ("facts: {zdr: {value: 0.5, source: x, as_of: 2026-01-01}}\n", "5:22: `value` must be te"),
        ("regoin: eu\n", "5:1: unknown key `regoin`"),
    ],
)
def test_a_wrong_destination(lines: str, message: str) -> None:
    with pytest.raises(PolicyError) as caught:
        compile_destination((OWN + lines).encode(), "ours.yaml")
    assert str(caught.value).startswith(f"ours.yaml:{message}")


def test_the_oldest_fact_dates_a_destination() -> None:
    text = OWN + "facts: {zdr: {value: true, source: x, as_of: 2026-03-01}}\n"
    ours = compile_destination(text.encode(), "ours.yaml")
    assert ours.as_of == datetime.date(2026, 3, 1)
    assert ours.facts["zdr"]["value"] is True


@given(st.text(max_size=40))
def test_any_address_compiles_or_is_refused(url: str) -> None:
    text = OWN.replace("https://llm.example.com/v1", json.dumps(url))
    try:
        compile_destination(text.encode("utf-8", "surrogatepass"), "ours.yaml")
    except PolicyError as error:
        said = str(error)
    else:
        said = "ours.yaml:"
    assert said.startswith("ours.yaml:")
