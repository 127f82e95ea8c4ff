"""What is wrong with a policy, in plain words at its place; all of it at once."""

from __future__ import annotations

import pytest

from gatekeeper.errors import PolicyError
from gatekeeper.policy.compile import compile_policy
from tests.policy.words import WORDS

HEAD = "policy: ours\nversion: 1\ntitle: Ours\nsource: our lawyers\n"
RULE = "  - {id: names, because: us, when: {any_of: [PERSON]}, route: on_prem}\n"


def wrong(text: str) -> list[tuple[str, str]]:
    with pytest.raises(PolicyError) as caught:
        compile_policy(text.encode(), "p.yaml", WORDS)
    assert caught.value.exit_code == 2
    return [(str(e), e.hint) for e in (caught.value, *caught.value.others)]


def wrong_rule(**changes: str) -> list[tuple[str, str]]:
    """Errors of a policy whose only rule stands on lines 6 to 9, one key a line."""
    keys = {"id": "names", "because": "us", "when": "{any_of: [PERSON]}", "route": "on_prem"}
    keys |= changes
    lines = "\n    ".join(f"{key}: {value}" for key, value in keys.items())
    return wrong(f"{HEAD}rules:\n  - {lines}\n")


@pytest.mark.parametrize(
    ("when", "message", "hint"),
    [
        ("{any_of: [^US_SSM]}", "unknown entity `US_SSM`", "did you mean `US_SSN`? "),
        ("{any_of: [^health]}", "`health` is a class, not an entity", "write {class: …}"),
        ("{class: ^helth}", "unknown class `helth`", "did you mean `health`? known are c"),
        ("{classes: [^zzz]}", "unknown class `zzz`", "known are criminal, financial, health, "),
        (
            "{any_of: [PERSON], confidence: ^likley}",
            "`confidence` must be `possible`, `likely` or `certain`, not `likley`",
            "did you mean `likely`?",
        ),
        (
            "{any_of: [PERSON], ^at_leest: 2}",
            "unknown key `at_leest`",
            "did you mean `at_least`?",
        ),
        ("{any_of: [PERSON], at_least: ^0}", "`at_least` must be at least 1", ""),
        ("{any_of: [PERSON], at_least: ^5%}", "`at_least` must be a whole number, not text", ""),
        ("{any_of: [PERSON], at_least: ^0.5}", "`at_least` must be a whole number, not a fr", ""),
        ("{any_of: [PERSON], at_least: ^true}", "`at_least` must be a whole number, not a b", ""),
        ("{any_of: ^[]}", "`any_of` may not be empty", ""),
        ("{any_of: ^PERSON}", "`any_of` must be a list, not text", ""),
        ("{any_of: [^1]}", "an item of `any_of` must be text, not a whole number", "put it in quo"),
        ("{any_of: ^~}", "`any_of` is empty", ""),
        ("^{}", "a condition needs one of `any_of`, `all_of`, `class`, `classes` or `same_re", ""),
        ("^[PERSON]", "`when` must be a mapping, not a list", ""),
        (
            "{any_of: [PERSON], ^class: health}",
            "a condition has `any_of` and `class`, but only one of them can be given",
            "nest them: all_of: [{…}, {…}]",
        ),
        (
            "{any_of: ^[PERSON, {class: health}]}",
            "`any_of` mixes entities and conditions",
            "write an entity as {any_of: [ENTITY]}",
        ),
        (
            "{all_of: [PERSON, US_SSN], ^at_least: 2}",
            "`at_least` has no meaning beside `all_of` of entities: each is needed once",
            "",
        ),
        (
            "{any_of: [{class: health}], ^at_least: 2}",
            "`at_least` belongs into the conditions inside",
            "",
        ),
        ("{same_record: ^[{class: health}]}", "`same_record` needs 2 or more", ""),
        (
            "{same_record: [{class: health}, ^{}]}",
            "a group needs one of `entity`, `class` or `any_of`",
            "",
        ),
        (
            "{same_record: [{class: health}, {entity: PERSON, ^class: legal}]}",
            "a group has `entity` and `class`, but only one of them can be given",
            "",
        ),
        (
            "{class: phi, ^count: findings}",
            "`count` must be `records` here: what meets in a record is counted so",
            "",
        ),
        (
            "{class: phi, ^fields: [/a]}",
            "`fields` has no meaning where findings meet in a record: all fields count",
            "",
        ),
        (
            "{classes: ^[phi, health]}",
            "class `phi` is derived and cannot be counted with others",
            "any_of: [{class: phi}, …]",
        ),
        (
            "{any_of: [PERSON], fields: [^messages/*/content]}",
            "field `messages/*/content` must start with `/`",
            "fields are JSON pointers with `*` for positions: /messages/*/content",
        ),
        (
            "{all_of: [{any_of: [{any_of: [^US_SSM]}]}]}",
            "unknown entity `US_SSM`",
            "did you mean `US_SSN`? ",
        ),
    ],
)
def test_a_wrong_condition(when: str, message: str, hint: str) -> None:
    column = len("    when: ") + when.index("^") + 1
    [(said, help_)] = wrong_rule(when=when.replace("^", ""))
    assert said.startswith(f"p.yaml:8:{column}: {message}")
    assert help_.startswith(hint)
    assert bool(help_) is bool(hint)


def test_there_is_no_not() -> None:
    said = [message for message, _ in wrong_rule(when="{not: {any_of: [PERSON]}}")]
    assert said[0] == (
        "p.yaml:8:11: a condition needs one of `any_of`, `all_of`, `class`, `classes` or "
        "`same_record`"
    )
    assert said[1] == "p.yaml:8:12: unknown key `not`"


@pytest.mark.parametrize(
    ("changes", "message", "hint"),
    [
        (
            {"route": "allow"},
            "9:12: a rule cannot have route `allow`: rules can only tighten",
            "what no rule holds against is allowed; remove the rule",
        ),
        (
            {"route": "quarantin"},
            "9:12: `route` must be `on_prem` or `quarantine`, not `quarantin`",
            "did you mean `quarantine`?",
        ),
        ({"id": "Names!"}, "6:9: `id` `Names!` does not match ", ""),
        ({"because": "''"}, "7:14: `because` may not be empty", ""),
        ({"because": '"a\\nb"'}, "7:14: `because` must be one line without control charac", ""),
        (
            {"because": "164.514"},
            "7:14: `because` must be text, not a fraction",
            "put it in quotes",
        ),
        (
            {"must": "destroy", "route": "on_prem"},
            "10:5: `must: destroy` needs `route: quarantine`",
            "what may not even be kept",
        ),
        ({"must": "shred"}, "10:11: `must` must be ", ""),
        ({"severity": "high"}, "10:5: unknown key `severity`", "known here: id, because, when,"),
        ({"examples": "{trips: [1]}"}, "10:24: an item of `trips` must be text, not a who", "put"),
        (
            {"examples": "{trips: [{text: x, times: 0}]}"},
            "10:41: `times` must be at least 1",
            "",
        ),
    ],
)
def test_a_wrong_rule(changes: dict[str, str], message: str, hint: str) -> None:
    [(said, help_)] = wrong_rule(**changes)
    assert said.startswith(f"p.yaml:{message}")
    assert help_.startswith(hint)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- a\n", "1:1: the file must be a mapping, not a list"),
        ("just text\n", "1:1: the file must be a mapping, not text"),
        (HEAD, "1:1: missing key `rules`"),
        (f"{HEAD}rules: []\n", "5:8: `rules` may not be empty"),
        (f"{HEAD}rules:\n", "5:7: `rules` is empty"),
        (f"{HEAD}rules:\n{RULE}{RULE}", "7:10: rule id `names` is given twice, first at p.yaml:6"),
        (f"{HEAD}unscanned: allow\nrules:\n{RULE}", "5:12: `unscanned` must be `on_prem` or `qu"),
        (f"{HEAD.replace('1', '1.0')}rules:\n{RULE}", "2:10: `version` must be a whole number"),
        (f"{HEAD.replace('1', '0')}rules:\n{RULE}", "2:10: `version` must be at least 1"),
        (f"{HEAD}rules:\n{RULE}allow: true\n", "7:1: unknown key `allow`"),
        (
            f"{HEAD}requires: [{{agreement: BBA, for: [phi], because: x}}]\nrules:\n{RULE}",
            "5:24: `agreement` must be `BAA`, `DPA`, `SCC`, `ZDR` or `RESIDENCY`, not `BBA`",
        ),
        (
            f"{HEAD}requires: [{{agreement: BAA, for: [pfi], because: x}}]\nrules:\n{RULE}",
            "5:35: unknown class `pfi`",
        ),
    ],
)
def test_a_wrong_policy(text: str, message: str) -> None:
    [(said, _)] = wrong(text)
    assert said.startswith(f"p.yaml:{message}")


def test_every_error_is_told_at_once_in_the_order_of_the_file() -> None:
    text = (
        "policy: ours\nversion: one\ntitel: Ours\nsource: us\nrules:\n"
        "  - {id: a, because: x, when: {any_of: [US_SSM]}, route: blok}\n"
        "  - {id: a, because: x, when: {}, route: on_prem}\n"
    )
    said = [message for message, _ in wrong(text)]
    assert said == [
        "p.yaml:1:1: missing key `title`",
        "p.yaml:2:10: `version` must be a whole number, not text",
        "p.yaml:3:1: unknown key `titel`",
        "p.yaml:6:41: unknown entity `US_SSM`",
        "p.yaml:6:58: `route` must be `on_prem` or `quarantine`, not `blok`",
        "p.yaml:7:10: rule id `a` is given twice, first at p.yaml:6:10",
        "p.yaml:7:31: a condition needs one of `any_of`, `all_of`, `class`, `classes` or "
        "`same_record`",
    ]


def test_the_design_s_own_example_line() -> None:
    [(said, hint)] = wrong_rule(when="{any_of: [US_SSM]}")
    assert said == "p.yaml:8:21: unknown entity `US_SSM`"
    assert hint == "did you mean `US_SSN`? `gatekeeper policy entities` lists them all"


def test_content_of_the_file_is_escaped() -> None:
    [(said, _)] = wrong_rule(**{'"se\\e[31m\\nverity"': "high"})
    assert said == "p.yaml:10:5: unknown key `se\\x1b[31m\\nverity`"


def test_an_error_keeps_no_exception_of_the_validator() -> None:
    with pytest.raises(PolicyError) as caught:
        compile_policy(b"policy: 1\n", "p.yaml", WORDS)
    assert caught.value.__context__ is None
    assert caught.value.__cause__ is None
