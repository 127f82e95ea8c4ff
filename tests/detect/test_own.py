"""The user's own recognizers, in Presidio's YAML: what they find, and what is refused at load."""

from pathlib import Path

import pytest

from gatekeeper.detect import load_catalogue, load_detector
from gatekeeper.detect.own import bound_problem
from gatekeeper.errors import ConfigError, DetectorError
from gatekeeper.model import Confidence, Record, Text

GOOD = """\
recognizers:
  - name: codenames
    supported_entity: PROJECT_CODENAME
    supported_language: en
    deny_list: [Bluebird, Night Heron]
  - name: tickets
    supported_entity: TICKET_ID
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
    detector = load_detector(entities=["PROJECT_CODENAME", "TICKET_ID"], recognizers=[path])
    detector.attest(["PROJECT_CODENAME", "TICKET_ID"])
    text = "night heron ships with ticket OPS-4820; OPS-4821 waits"
    ((_, findings),) = detector.detect([Record("s", 0, (Text("/t", text),), 0)])
    tiers = {(f.entity, text[f.start : f.end]): f.confidence for f in findings}
    assert tiers["PROJECT_CODENAME", "night heron"] is Confidence.CERTAIN
    assert tiers["TICKET_ID", "OPS-4820"] is Confidence.LIKELY
    assert set(tiers) == {
        ("PROJECT_CODENAME", "night heron"),
        ("TICKET_ID", "OPS-4820"),
        ("TICKET_ID", "OPS-4821"),
    }


def test_their_entities_are_words_of_the_policies(tmp_path: Path) -> None:
    words = load_catalogue().vocabulary([write(tmp_path, GOOD)])
    assert "TICKET_ID" in words.entities
    assert "TICKET_ID" in words.classes["internal"]


def test_they_are_part_of_the_fingerprint(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD)
    one = load_detector(entities=["TICKET_ID"], recognizers=[path]).fingerprint
    other = write(tmp_path / "..", GOOD.replace("4,6", "4,7"))
    assert load_detector(entities=["TICKET_ID"], recognizers=[other]).fingerprint != one


def test_without_an_example_the_known_answer_test_says_so(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD.replace('    examples: ["see ticket [[OPS-48201]]"]\n', ""))
    detector = load_detector(entities=["TICKET_ID"], recognizers=[path])
    with pytest.raises(DetectorError, match="TICKET_ID"):
        detector.attest(["TICKET_ID"])


def test_an_example_it_does_not_find_fails_the_known_answer_test(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD.replace("[[OPS-48201]]", "[[DEV-48201]]"))
    with pytest.raises(DetectorError, match="TICKET_ID"):
        load_detector(entities=["TICKET_ID"], recognizers=[path]).attest(["TICKET_ID"])


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


def test_slow_and_fast_patterns() -> None:
    assert bound_problem(r"\b[A-Z]{2}\d{6}\b") == ""
    assert "100 ms" in bound_problem(r"(?:\w+\s?)+:")
