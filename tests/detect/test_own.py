"""The user's own recognizers, in Presidio's YAML: what they find, and what is refused at load."""

from pathlib import Path

import pytest

from gatekeeper.detect import load_catalogue, load_detector
from gatekeeper.detect.bounds import bound_problem
from gatekeeper.detect.matching import Matcher
from gatekeeper.detect.own import load_own
from gatekeeper.detect.own_item import Own
from gatekeeper.errors import ConfigError, DetectorError
from gatekeeper.model import Confidence, Record, Text

GOOD = """\
recognizers:
  - name: codenames
    supported_entity: PROJECT_CODENAME
    supported_language: en
    deny_list: [Bluebird, Night Heron]
  - name: tickets
    supported_entity: DESK_TICKET
    classes: [internal]
    patterns: [{name: ticket, regex: "\\\\bOPS-\\\\d{4,6}\\\\b", score: 0.5}]
    context: [ticket]
    examples: ["see ticket [[OPS-48201]]"]
"""


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "recognizers.yaml"
    path.write_text(text)
    return path


def test_they_find_and_prove_what_they_find(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD)
    detector = load_detector(entities=["PROJECT_CODENAME", "DESK_TICKET"], recognizers=[path])
    detector.attest(["PROJECT_CODENAME", "DESK_TICKET"])
    text = "night heron ships with ticket OPS-4820; OPS-4821 waits"
    ((_, findings),) = detector.detect([Record("s", 0, (Text("/t", text),), 0)])
    tiers = {(f.entity, text[f.start : f.end]): f.confidence for f in findings}
    assert tiers["PROJECT_CODENAME", "night heron"] is Confidence.CERTAIN
    assert tiers["DESK_TICKET", "OPS-4820"] is Confidence.LIKELY
    assert set(tiers) == {
        ("PROJECT_CODENAME", "night heron"),
        ("DESK_TICKET", "OPS-4820"),
        ("DESK_TICKET", "OPS-4821"),
    }


def test_their_entities_are_words_of_the_policies(tmp_path: Path) -> None:
    words = load_catalogue().vocabulary([write(tmp_path, GOOD)])
    assert "DESK_TICKET" in words.entities
    assert "DESK_TICKET" in words.classes["internal"]


def test_they_are_part_of_the_fingerprint(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD)
    one = load_detector(entities=["DESK_TICKET"], recognizers=[path]).fingerprint
    other = write(tmp_path / "..", GOOD.replace("4,6", "4,7"))
    assert load_detector(entities=["DESK_TICKET"], recognizers=[other]).fingerprint != one


def test_without_an_example_the_known_answer_test_says_so(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD.replace('    examples: ["see ticket [[OPS-48201]]"]\n', ""))
    detector = load_detector(entities=["DESK_TICKET"], recognizers=[path])
    with pytest.raises(DetectorError, match="DESK_TICKET"):
        detector.attest(["DESK_TICKET"])


def test_an_example_it_does_not_find_is_refused_by_its_number(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD.replace("[[OPS-48201]]", "[[DEV-48201]]"))
    with pytest.raises(ConfigError, match="tickets: example 1: ") as raised:
        load_detector(entities=["DESK_TICKET"], recognizers=[path])
    assert "48201" not in str(raised.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("deny_list", "denylist", "unknown key `denylist`"),
        ("PROJECT_CODENAME", "project codename", "supported_entity"),
        ("score: 0.5", "score: 2", "score"),
        ("score: 0.5", "score: yes", "score"),
        (", score: 0.5", "", "name, regex and score"),
        ("\\\\bOPS-\\\\d{4,6}\\\\b", "(OPS", "not a valid regular expression"),
        ("\\\\bOPS-\\\\d{4,6}\\\\b", "(a|a)*$", "matches the empty text"),
        ("\\\\bOPS-\\\\d{4,6}\\\\b", "(a+)+b", "takes more than 100 ms"),
        ("[internal]", "[internals]", "unknown data class"),
        ("[[OPS-48201]]", "OPS-48201", "an example marks one value"),
        ("    deny_list: [Bluebird, Night Heron]\n", "", "patterns or a deny_list"),
        (GOOD, "recognizers: {}", "a list of recognizers"),
        (GOOD, "a: [", "not valid yaml"),
    ],
)
def test_what_is_wrong_is_refused_by_file_and_name(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    assert old in GOOD
    path = write(tmp_path, GOOD.replace(old, new))
    with pytest.raises(ConfigError, match=f"^recognizers.yaml: .*{said}".replace("(", r"\(")):
        load_detector(entities=["US_SSN"], recognizers=[path])


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load_detector(entities=["US_SSN"], recognizers=[tmp_path / "none.yaml"])


BASE = """\
- name: badges
  supported_entity: BADGE
  patterns: [{name: badge, regex: "B-.[0-9]{4}", score: 0.7}]
"""


def badges(tmp_path: Path, more: str) -> Own:
    load_own.cache_clear()
    (own,) = load_own((write(tmp_path, BASE + more),))
    return own


@pytest.mark.parametrize(
    "more",
    [
        "  supported_language: en",
        "  supported_languages: [de, en]",
        "  supported_languages: [en-US]",
        "  supported_languages: [{language: de, context: [a]}, {language: en, context: [b]}]",
        "  type: custom\n  enabled: true",
        "  deny_list: [Blue, 7]\n  deny_list_score: 0.4",
        "  version: 1.0.0\n  country_code: us",
        "  global_regex_flags: 26",
        "  global_regex_flags: 64",
        "  global_regex_flags: 154",
        "  examples: ['my [[B-x1234]].']\n  counterexamples: [B-x123, b 1234]",
    ],
)
def test_the_schema_of_presidio_is_read(tmp_path: Path, more: str) -> None:
    assert badges(tmp_path, more).entity == "BADGE"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("  supported_language: de", "badges: texts are read as English"),
        ("  supported_languages: [de, fr]", "texts are read as English"),
        ("  supported_language: English", "a language is a code"),
        ("  supported_language: en\n  supported_languages: [en]", "not both"),
        ("  supported_languages: [en, de]\n  context: [badge]", "context for several languages"),
        ("  type: predefined", "predefined recognizers always run"),
        ("  type: other", "`type` is custom"),
        ("  enabled: 'no'", "`enabled` is true or false"),
        ("  global_regex_flags: 1024", "global_regex_flags is a sum"),
        ("  global_regex_flags: [2]", "global_regex_flags is a sum"),
        ("  deny_list: [x]\n  deny_list_score: 1.5", "a score lies"),
        ("  deny_list: [x]\n  deny_list_score: .nan", "a score lies"),
        ("  deny_list: [' ']", "empty"),
        ("  deny_list: [true]", "`deny_list` 1 is no text"),
        ("  supported_entities: [BADGE, CARD]", "more than 1 members"),
        ("  supported_entities: [BADGE]", "give one `supported_entity`"),
        ("  examples: ['my [[B-x1234]]', 'my [[B-x1234 s]]']", "example 2: its value"),
        ("  counterexamples: ['a', 'my B-x1234']", "counterexample 2: "),
        ("- {name: badges, supported_entity: OTHER, deny_list: [x]}", "stands twice"),
        ("- {name: DateRecognizer, supported_entity: OTHER, deny_list: [x]}", "shipped recognizer"),
        ("- {name: s, supported_entity: US_SSN, classes: [internal], deny_list: [x]}", "catalogue"),
        ("- {name: [s], supported_entity: OTHER, deny_list: [x]}", "a name is a text"),
    ],
)
def test_what_is_not_read_is_refused(tmp_path: Path, more: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as raised:
        load_own((write(tmp_path, BASE + more),))
    assert raised.value.exit_code == 2
    assert "1234" not in str(raised.value)


def test_files_too_large_and_strange_are_refused(tmp_path: Path) -> None:
    for text, said in [
        (BASE + "#" * (1 << 20), "larger than 1 MiB"),
        ("- 2024-13-45", "not valid yaml"),
        ("recognizers: []", "a list of recognizers"),
        ("supported_languages: [de]\nrecognizers: [{}]", "lacks en"),
        ("recognizer_registry: {}\nrecognizers: [{}]", "unknown key `recognizer_registry`"),
    ]:
        with pytest.raises(ConfigError, match=said):
            load_own((write(tmp_path, text),))


def test_the_flags_are_those_of_the_recognizer(tmp_path: Path) -> None:
    def finds(more: str, text: str) -> bool:
        return bool(Matcher(badges(tmp_path, more).recognizer, 1.0).best(text))

    assert finds("", "b-\n1234")
    assert not finds("  global_regex_flags: 2", "b-\n1234")
    assert not finds("  global_regex_flags: 16", "b-x1234")
    assert finds("  global_regex_flags: 16", "B-\n1234")


def test_context_is_that_of_english(tmp_path: Path) -> None:
    languages = "[{language: de, context: [ausweis]}, {language: en, context: [Pass]}]"
    assert badges(tmp_path, f"  supported_languages: {languages}").recognizer.context == ("pass",)


def test_a_known_entity_gets_one_recognizer_more(tmp_path: Path) -> None:
    text = "- {name: ssns, supported_entity: US_SSN, deny_list: [our number]}"
    detector = load_detector(entities=["US_SSN"], recognizers=[write(tmp_path, text)])
    ((_, findings),) = detector.detect([Record("s", 0, (Text("/t", "about our number now"),), 0)])
    assert [f.entity for f in findings] == ["US_SSN"]


def test_recognizers_of_one_entity_share_its_classes_and_examples(tmp_path: Path) -> None:
    text = (
        "- {name: a, supported_entity: ODD, classes: [internal], deny_list: [x]}\n"
        "- {name: b, supported_entity: ODD, classes: [criminal], deny_list: [y]}"
    )
    one, other = load_own((write(tmp_path, text),))
    assert one.classes == other.classes == ("internal", "criminal")
    assert len(one.canaries) == 2


@pytest.mark.parametrize(
    "pattern",
    [
        r"(a|aa)+$",
        r"(?:\w+\s?)+:",
        r"(.*a){12}",
        r"([a-z]+)*@",
        r"\d+\d+\d+x",
        r"(a+)+b",
        r"foo(a+)+b",
        r"(x+x+)+y",
        r"(?=(\w+)+:)\w",
        r"(?=(?=(\d+)+x)\d)\d",
        r"(?:ab|a|b)*c",
        r"key=(?:[^;]+;?)+!",
        r"\w+@",
        r"\s+$",
        r"<[^>]+>",
        r"\bq(?:[0-9]|\d)+z",
        r"(?:\p{L}+ ?)+#",
        r"[a-c]+[c-e]+[^f]+x",
        r"(\w{1,40}){1,40}#",
        r"ID(?:-[A-Z]{2,4}|-[A-Z]+)+\.",
        r'"(?:[^"\\]|\\.|[a-z])*"x',
        r"\d{1,3}(?:,?\d{1,3})*\$",
        r"(?s:.*?,){13}P",
        r"(a)(?R)?b",
    ],
)
def test_slow_patterns_are_refused(pattern: str) -> None:
    said = bound_problem(pattern)
    assert "100 ms" in said or "cannot be tested" in said


@pytest.mark.parametrize(
    "pattern",
    [
        r"\b[A-Z]{2}\d{6}\b",
        r"\bOPS-\d{4,6}\b",
        r"(?i)\bproject[ -](?:alpha|beta)\b",
        r"\b\d{5}(?:-\d{4})?\b",
        r"(?<=badge )[A-Z]\d{4}\b",
        r"(?<=badge\s{1,3})[A-Z]\d{4}\b",
        r"\b[A-Za-z0-9._%+-]{1,64}@corp\.example\b",
        r"\b(?:\d{1,3}\.){3}\d{1,3}\b",
        r"(?P<value>20\d\d)-W\d{2}",
        r"(?<value>20\d\d)-W\d{2}",
        r"\b(?:red|green|blue)[-_ ]team\b",
        r"\p{Lu}{2}-\d{4}",
        r"[A-F0-9]{8}(?:-[A-F0-9]{4}){3}-[A-F0-9]{12}",
        r"\bCASE\s{0,3}#?\d{4,9}(?!\d)",
        r"(?>[A-Z]{3})\d{3}",
        r"\bINV[/-]\d{2}[/-]\d{1,6}\b",
        r"\b\w{1,30}\.internal\.example\b",
        r"(\b\d{5}(?:\-\d{4})?\b)",
        r"\b(?:[A-Z]\d){3}\b",
    ],
)
def test_fast_patterns_are_accepted(pattern: str) -> None:
    assert bound_problem(pattern) == ""
