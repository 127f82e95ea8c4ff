"""The bundled name pipeline: it is what was shipped, opens offline, and finds ordinary names."""

import json
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from gatekeeper.detect.ner import ModelDamaged, model_path, verify_model
from gatekeeper.errors import DetectorError

MANIFEST = model_path().parent / "manifest.json"


@pytest.fixture(scope="module")
def nlp():
    import spacy

    return spacy.load(model_path())


@pytest.fixture
def copied(tmp_path):
    """A copy of the model that a test may damage."""
    return Path(shutil.copytree(model_path(), tmp_path / "model"))


def people(nlp, text):
    return [e.text for e in nlp(text).ents if e.label_ == "PERSON"]


def test_digest_is_stable_and_hex():
    digest = verify_model()
    assert digest == verify_model()
    assert len(digest) == 64
    assert set(digest) <= set("0123456789abcdef")


def test_every_file_refuses_one_flipped_bit(copied):
    for path in [p for p in copied.rglob("*") if p.is_file()]:
        whole = path.read_bytes()
        middle = len(whole) // 2
        path.write_bytes(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :])
        with pytest.raises(ModelDamaged, match=path.relative_to(copied).as_posix()):
            verify_model(copied)
        path.write_bytes(whole)
    assert verify_model(copied) == verify_model()


def test_truncated_missing_and_added_files_are_refused(copied):
    weights = copied / "ner" / "model"
    whole = weights.read_bytes()
    weights.write_bytes(whole[:-1])
    with pytest.raises(ModelDamaged, match="ner/model: damaged"):
        verify_model(copied)
    weights.unlink()
    with pytest.raises(ModelDamaged, match="ner/model: missing"):
        verify_model(copied)
    weights.write_bytes(whole)
    (copied / "extra.py").write_text("")
    with pytest.raises(ModelDamaged, match=r"extra\.py: not in manifest"):
        verify_model(copied)


@pytest.mark.parametrize("content", [None, "", "[]", "{}", '{"files": [1]}', '{"files": {"a": 1}}'])
def test_unreadable_manifest_is_refused(tmp_path, content):
    manifest = tmp_path / "manifest.json"
    if content is not None:
        manifest.write_text(content)
    with pytest.raises(ModelDamaged, match=r"manifest\.json"):
        verify_model(manifest=manifest)


def test_error_is_a_value_error_and_a_detector_error():
    assert issubclass(ModelDamaged, ValueError)
    assert issubclass(ModelDamaged, DetectorError)


def test_manifest_says_where_the_model_came_from():
    manifest = json.loads(MANIFEST.read_text())
    assert manifest["seed"] == 1
    assert manifest["steps"] > 1000
    assert len(manifest["data"]) >= 8
    assert manifest["metrics"]["dev"]


def test_model_is_small_and_needs_no_vocabulary_or_lookups():
    sizes = [p.stat().st_size for p in model_path().rglob("*") if p.is_file()]
    assert sum(sizes) < 8 * 2**20
    assert not (model_path() / "vocab").exists()


def test_model_files_hold_no_machine_paths():
    for name in ("config.cfg", "meta.json"):
        text = (model_path() / name).read_text()
        assert not re.search(r"""(?:^|[\s"'=])/\w""", text)


def test_notice_and_card_name_every_source():
    notice = (model_path().parent / "NOTICE").read_text()
    card = (model_path().parent / "MODEL_CARD.md").read_text()
    for file in json.loads(MANIFEST.read_text())["data"]:
        source = file.removesuffix(".jsonl.gz")
        assert source in notice
        assert source in card


def test_importing_the_module_does_not_import_spacy():
    code = (
        "import sys, gatekeeper.detect.ner, gatekeeper.detect.names; print('spacy' in sys.modules)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "False"


def test_loads_with_our_labels_and_opens_no_socket(monkeypatch):
    import spacy

    def refuse(*args, **kwargs):
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    nlp = spacy.load(model_path())
    assert nlp.pipe_names == ["ner"]
    assert set(nlp.get_pipe("ner").labels) == {"PERSON", "LOCATION", "ORGANIZATION"}


NAMES = [
    "Maria Gonzalez",
    "John Smith",
    "Wei Zhang",
    "Priya Raman",
    "Oluwaseun Adeyemi",
    "Ana Lima",
]
CARRIERS = [
    "{}",
    "Seen today: {}, 61, for chest pain.",
    "Patient Name: {}",
    "My name is {} and I need help with my bill.",
    "Dear {},\n\nThank you for your letter.",
    "Please call {} tomorrow.",
    "id,name,city\n12,{},Boston",
]


@pytest.mark.parametrize("carrier", CARRIERS)
@pytest.mark.parametrize("name", NAMES)
def test_ordinary_names_are_found(nlp, name, carrier):
    assert name in people(nlp, carrier.format(name))


def test_surname_after_a_title_is_found(nlp):
    assert people(nlp, "Dr. Okafor will see you now.") == ["Okafor"]


def test_lower_case_form_is_found(nlp):
    assert people(nlp, "patient name: john smith") == ["john smith"]


def test_places_and_organisations_are_found(nlp):
    text = "She moved from Boston to Nairobi. Employer: Acme Corporation. Seen at Mercy Hospital."
    found = {(e.text.rstrip("."), e.label_) for e in nlp(text).ents}
    assert {("Boston", "LOCATION"), ("Nairobi", "LOCATION")} <= found
    assert ("Acme Corporation", "ORGANIZATION") in found


CLEAN = [
    "Write a Python function that reverses a string.",
    "Explain photosynthesis in simple terms.",
    "Thanks!",
    "You're welcome! Let me know if you need anything else.",
    "Will you mark the bill as paid?",
    "The patient was diagnosed with Parkinson's disease.",
    "Restart Jenkins, then check Docker.",
    "In May, June and August the office is closed.",
    "```python\ndef main():\n    return Config()\n```",
    "Seen today: the patient, 61",
]


@pytest.mark.parametrize("text", CLEAN)
def test_clean_sentences_name_nobody(nlp, text):
    assert people(nlp, text) == []


def test_the_same_text_gives_the_same_spans(nlp):
    text = "Maria Gonzalez met John Smith of Acme Ltd in Boston. " * 20
    first = [(e.start_char, e.end_char, e.label_) for e in nlp(text).ents]
    assert first == [(e.start_char, e.end_char, e.label_) for e in nlp(text).ents]
    assert len(first) >= 60
