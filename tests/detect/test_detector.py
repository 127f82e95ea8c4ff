"""Records in, findings out: places, keys, context, long texts, failures, the known-answer test."""

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gatekeeper.detect import Detector, load_catalogue, load_detector
from gatekeeper.detect.windows import OVERLAP, SIZE, windows
from gatekeeper.errors import DetectorError
from gatekeeper.model import Confidence, Finding, Media, Record, Text
from gatekeeper.model.pointer import masked_pointer

SSN = "221-20-2224"
CANARY = "zyxgrimwaldquox"


@pytest.fixture(scope="module")
def detector() -> Detector:
    """Everything but names: the model is tested where it is built."""
    entities = load_catalogue().entities
    return load_detector(
        entities=[e for e in entities if e not in {"PERSON", "LOCATION", "ORGANIZATION"}]
    )


def detect(detector: Detector, *texts: Text, media: tuple[Media, ...] = ()) -> tuple[Finding, ...]:
    ((_, findings),) = detector.detect([Record("s", 0, texts, 0, media)])
    return findings


def of(findings: tuple[Finding, ...], entity: str) -> list[Finding]:
    return [f for f in findings if f.entity == entity]


def tier(detector: Detector, entity: str, text: Text) -> int:
    return max((int(f.confidence) for f in of(detect(detector, text), entity)), default=0)


# --- places ------------------------------------------------------------------------------------


def test_offsets_count_code_points_of_the_string_at_the_pointer(detector: Detector) -> None:
    value = f"𝔸😀 SSN {SSN}"
    (found,) = of(detect(detector, Text("/a", value, base=100)), "US_SSN")
    at = value.index(SSN) + 100
    assert (found.pointer, found.start, found.end) == ("/a", at, at + len(SSN))
    assert found.field == "/a"


def test_offsets_follow_the_map_of_an_escaped_string(detector: Detector) -> None:
    value = f"SSN {SSN}"
    offsets = tuple(2 * i for i in range(len(value)))
    (found,) = of(detect(detector, Text("/a", value, offsets=offsets)), "US_SSN")
    assert (found.start, found.end) == (8, 2 * (len(value) - 1) + 1)


def test_one_value_seen_in_two_views_is_one_finding(detector: Detector) -> None:
    inner = f"mail a.b@example.com, SSN {SSN}"
    raw = json.dumps({"note": inner})
    base = raw.index("mail")
    findings = detect(detector, Text("/x", raw), Text("/x", inner, "note", base=base))
    assert len(of(findings, "US_SSN")) == 1
    assert len(of(findings, "EMAIL_ADDRESS")) == 1


def test_overlapping_pieces_of_one_record_count_once(detector: Detector) -> None:
    first = "x " * 50 + f"SSN {SSN} and so on"
    base = first.index("SSN") - 10
    second = first[base:] + " then mail a.b@example.com"
    pieces = [
        Record("s", 0, (Text("", first),), 1),
        Record("s", 0, (Text("", second, base=base),), 1),
    ]
    found = [f.entity for _, findings in detector.detect(pieces) for f in findings]
    assert sorted(found) == ["EMAIL_ADDRESS", "US_SSN"]


def test_records_keep_their_order_and_their_findings(detector: Detector) -> None:
    records = [
        Record("s", n, (Text("/t", f"SSN {SSN}" if n % 3 == 0 else "nothing here"),), 0)
        for n in range(200)
    ]
    results = list(detector.detect(records))
    assert [r.index for r, _ in results] == list(range(200))
    assert all(bool(findings) == (r.index % 3 == 0) for r, findings in results)
    assert all(f.record == r.index for r, findings in results for f in findings)


def test_media_are_findings(detector: Detector) -> None:
    (found,) = detect(detector, media=(Media("/m/0", "IMAGE_PRESENT", 10),))
    assert (found.entity, found.confidence, found.start, found.end) == (
        "IMAGE_PRESENT", Confidence.CERTAIN, 0, 0,
    )  # fmt: skip


# --- keys --------------------------------------------------------------------------------------


def test_a_key_that_is_a_value_is_hidden_in_every_pointer_below_it(detector: Detector) -> None:
    key = "maria.gonzalez@example.com"
    findings = detect(
        detector,
        Text(f"/{key}", key, is_key=True, masked="/#0"),
        Text(f"/{key}/notes/1", f"SSN {SSN}", "notes"),
        Text(f"/{key}2", f"SSN {SSN}", "x"),
    )
    assert {(f.entity, f.pointer) for f in findings} == {
        ("EMAIL_ADDRESS", "/#0"), ("US_SSN", "/#0/notes/1"), ("US_SSN", f"/{key}2"),
    }  # fmt: skip


def test_hidden_keys_in_hidden_keys() -> None:
    hidden = {"/a": "/#3", "/a/b": "/a/#1"}
    assert masked_pointer("/a/b/c", hidden) == "/#3/#1/c"
    assert masked_pointer("/ab", hidden) == "/ab"


@pytest.mark.parametrize(
    ("key", "value", "entity"),
    [
        ("ssn", "536228179", "US_SSN"),
        ("patientMRN", "00483921", "MEDICAL_RECORD_NUMBER"),
        ("dob", "1980-03-04", "DATE_OF_BIRTH"),
        ("date-of-birth", "19800304", "DATE_OF_BIRTH"),
        ("mobile_phone", "3125550142", "PHONE_NUMBER"),
        ("accountNumber", "8839201742", "ACCOUNT_NUMBER"),
        ("DB_PASSWORD", "vR8kq2LmXw7z", "PASSWORD_ASSIGNMENT"),
        ("zip", "60614", "US_ZIP"),
        ("card_number", "4111111111111111", "CREDIT_CARD"),
    ],
)
def test_the_key_alone_may_tell(detector: Detector, key: str, value: str, entity: str) -> None:
    (found, *_) = of(detect(detector, Text(f"/{key}", value, key)), entity)
    assert found.confidence >= Confidence.LIKELY
    assert (found.start, found.end) == (0, len(value))
    assert tier(detector, entity, Text("/content", value, "content")) < found.confidence


def test_a_span_never_starts_in_the_label(detector: Detector) -> None:
    for key, value in (("confidential settlement", "sum of $250,000"), ("https://x", "a b")):
        assert all(
            f.start >= 0 and f.end <= len(value) for f in detect(detector, Text("/k", value, key))
        )


# --- context -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entity", "bare", "helped"),
    [
        ("US_SSN", "it is 334 22 1987 here", "social security: it is 334 22 1987 here"),
        ("US_MBI", "it is 1EG4TE5MK73 here", "on medicare it is 1EG4TE5MK73 here"),
        ("CARE_DATE", "seen on 01/05/2024", "the patient was seen on 01/05/2024"),
        ("ICD10_CODE", "it says E11.9 there", "the diagnosis code is it says E11.9"),
    ],
)
def test_words_around_a_match_change_its_tier(
    detector: Detector, entity: str, bare: str, helped: str
) -> None:
    assert 0 < tier(detector, entity, Text("/t", bare)) < tier(detector, entity, Text("/t", helped))


def test_the_key_is_context_too(detector: Detector) -> None:
    value = "it is 334 22 1987 here " + "and a long tail of words " * 20
    with_key = tier(detector, "US_SSN", Text("/t", value, "social_security"))
    assert tier(detector, "US_SSN", Text("/t", value)) < with_key


def test_what_is_found_does_not_depend_on_what_else_is_asked_for(detector: Detector) -> None:
    text = Text("/t", "Fax: (312) 555-0199. DOB: 03/14/1962. Call 312-555-0142 on 01/05/2024.")
    everything = [f for f in detect(detector, text) if f.entity in {"PHONE_NUMBER", "DATE_TIME"}]
    alone = load_detector(entities=["PHONE_NUMBER", "DATE_TIME"])
    assert list(detect(alone, text)) == everything
    assert everything


# --- long texts --------------------------------------------------------------------------------


def test_windows_cover_and_overlap() -> None:
    for text in ("a" * (3 * SIZE), "ab cd " * SIZE, "short"):
        cuts = windows(text)
        assert cuts[0][0] == 0
        assert cuts[-1][1] == len(text)
        assert all(b - a <= SIZE for a, b in cuts)
        assert all(cuts[n][1] - cuts[n + 1][0] == OVERLAP for n in range(len(cuts) - 1))


@pytest.mark.parametrize("shift", range(-30, 31, 5))
def test_a_value_at_the_edge_of_a_window_is_found_once(detector: Detector, shift: int) -> None:
    for at in (SIZE + shift, SIZE - OVERLAP + shift):
        text = "x" * (at - 5) + f" SSN {SSN} " + "y" * SIZE
        found = of(detect(detector, Text("/t", text)), "US_SSN")
        assert [(f.start, f.end) for f in found] == [(at, at + len(SSN))]


def test_a_text_over_the_limit_of_spacy(detector: Detector) -> None:
    text = "word " * 210_000 + f"SSN {SSN}"
    assert len(of(detect(detector, Text("/t", text)), "US_SSN")) == 1


# --- failures ----------------------------------------------------------------------------------


def test_the_words_that_the_reference_remembers_are_bounded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gatekeeper.detect.presidio.engine.VOCABULARY", 1000)
    detector = load_detector(entities=["US_SSN"], plain=True)
    engine = detector._texts._analyzer._engine
    assert engine is not None
    for n in range(6):
        words = " ".join(f"w{n}x{i}" for i in range(3000))
        assert of(detect(detector, Text("/a", f"{words} SSN {SSN}")), "US_SSN")
    assert len(engine.nlp_engine.get_nlp("en").vocab) < 8000


def test_a_pattern_that_runs_out_of_time_is_an_error() -> None:
    slow = load_detector(
        entities=["URL", "EMAIL_ADDRESS", "IBAN_CODE", "UUID", "CRYPTO"], timeout_s=1e-9
    )
    text = Text("/messages/0/content", f"{CANARY} " + "a.a." * 5000 + "1A1zP1eP5QGefi2DMPTf")
    with pytest.raises(
        DetectorError, match=r"^s: record 0 /messages/0/content: .*out of time"
    ) as caught:
        detect(slow, text)
    assert_silent(caught.value)


def assert_silent(error: BaseException) -> None:
    pending: list[BaseException | None] = [error]
    while pending:
        part = pending.pop()
        if part is not None:
            assert CANARY not in f"{part!r} {part.args} {part.__dict__}"
            pending += [part.__cause__, part.__context__]


def test_every_recognizer_fails_rather_than_skip_when_time_runs_out() -> None:
    from gatekeeper.detect.analyzer import AnalysisFailed
    from gatekeeper.detect.presidio import PlainAnalyzer
    from gatekeeper.detect.recognizers import all_recognizers
    from gatekeeper.detect.spans import View

    plain = "a.a. 1/1/ Fax 12 @ AB12 x" * 3000
    entities = sorted({r.entity for r in all_recognizers()} | {"UUID", "CRYPTO"})
    for entity in entities:
        rules = [r for r in all_recognizers() if r.entity == entity]
        if rules and all(r.find and not r.patterns for r in rules):
            continue  # linear in the text by construction, without a clock
        analyzer = PlainAnalyzer(rules, frozenset({entity}), timeout_s=1e-9)
        literals = [word for r in rules for p in r.patterns for word in p.needs]
        text = plain + " ".join([*literals, *(word for r in rules for word in r.needs)])
        with pytest.raises(AnalysisFailed):
            analyzer.analyze(View(text))


@pytest.mark.parametrize(
    "unit", ["a.a.", "1/1/", "a@", "1 ", "1-", "(1", "www.", "http://", "\\\\a", "A"]
)
def test_hostile_texts_end(detector: Detector, unit: str) -> None:
    text = unit * (12_000 // len(unit))
    assert detect(detector, Text("/t", text)) is not None


# --- the known-answer test ---------------------------------------------------------------------


def test_every_entity_passes_its_known_answer_test() -> None:
    every = load_detector()
    attestation = every.attest(load_catalogue().entities)
    assert attestation.entities == frozenset(load_catalogue().entities)
    assert attestation.fingerprint == every.fingerprint


def test_it_fails_where_a_recognizer_is_missing() -> None:
    lacking = load_detector(entities=["US_SSN", "US_ITIN"], without=["UsSsnRecognizer"])
    assert lacking.attest(["US_ITIN"]).entities == {"US_ITIN"}
    with pytest.raises(DetectorError, match="US_SSN"):
        lacking.attest(["US_ITIN", "US_SSN"])


def test_it_proves_nothing_that_is_not_looked_for() -> None:
    with pytest.raises(DetectorError, match="PERSON"):
        load_detector(entities=["US_SSN"]).attest(["PERSON"])
    with pytest.raises(DetectorError, match="US_SSM"):
        load_detector(entities=["US_SSM"])


def test_the_fingerprint_changes_with_what_decides() -> None:
    one, two = load_detector(entities=["US_SSN"]), load_detector(entities=["US_SSN"])
    assert one.fingerprint == two.fingerprint
    less = load_detector(entities=["US_SSN"], without=["UsSsnRecognizer"])
    other = load_detector(entities=["US_ITIN"])
    assert len({one.fingerprint, less.fingerprint, other.fingerprint}) == 3


def test_names_are_not_loaded_where_none_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    import gatekeeper.detect.ner as ner

    monkeypatch.setattr(ner, "verify_model", lambda: pytest.fail("the model was looked at"))
    assert detect(load_detector(entities=["US_SSN"]), Text("/t", f"SSN {SSN}"))


# --- what it must not do -----------------------------------------------------------------------

GUARDED = """
import os, sys
def hook(event, args):
    if event in {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"}:
        os._exit(9)
sys.addaudithook(hook)
from gatekeeper.detect import load_detector
from gatekeeper.model import Record, Text
text = "write to maria.gonzalez@example.com or a@b.co.uk, see https://x.example.org/u/7 or 10.2.3.4"
detector = load_detector()
detector.attest(["EMAIL_ADDRESS", "URL", "PERSON"])
print([f.entity for _, fs in detector.detect([Record("s", 0, (Text("/t", text),), 0)]) for f in fs])
"""


def test_it_opens_no_socket(tmp_path: Path) -> None:
    environment = {**os.environ, "HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", GUARDED],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "EMAIL_ADDRESS" in done.stdout
    assert not list(tmp_path.iterdir())


LOGGED = f"""
import logging, sys
logging.basicConfig(level=logging.DEBUG, stream=sys.stderr)
from gatekeeper.detect import load_detector
logging.getLogger("presidio-analyzer").setLevel(logging.DEBUG)
logging.getLogger("decision_process").disabled = False
from gatekeeper.model import Record, Text
text = "SSN {SSN} of {CANARY}@example.com, IBAN DE89 3704 0044 0532 0130 00, patient {CANARY}"
detector = load_detector()
import presidio_analyzer
logging.getLogger("presidio-analyzer").disabled = False
record = Record("s", 0, (Text("/t", text, "{CANARY}"),), 0)
print(len([f for _, fs in detector.detect([record]) for f in fs]))
"""


def test_a_host_that_logs_everything_sees_no_value() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOGGED], capture_output=True, text=True, check=True
    )
    assert int(done.stdout) >= 3
    for secret in (SSN, CANARY, "0532 0130", "social", "patient"):
        assert secret not in done.stderr


def test_its_own_loggers_stay_silent(detector: Detector, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    detect(detector, Text("/t", f"SSN {SSN}, mail {CANARY}@example.com"))
    assert CANARY not in caplog.text
    assert SSN not in caplog.text
