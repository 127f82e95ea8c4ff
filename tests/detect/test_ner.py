"""The bundled name model: it is what was shipped, opens offline, and finds ordinary names."""

import json
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from gatekeeper.detect.names import LIKELY, name_score
from gatekeeper.detect.ner import ModelDamaged, model_path, verify_model
from gatekeeper.detect.ner.component import PROPOSALS, register
from gatekeeper.detect.ner.decode import proposals, whole
from gatekeeper.detect.ner.gate import worth_reading
from gatekeeper.detect.ner.pairs import PAIR
from gatekeeper.detect.ner.proposer import bundled_tagger, proposer
from gatekeeper.detect.ner.segments import packed, sentences
from gatekeeper.detect.ner.tagger import case_of, load_tagger
from gatekeeper.errors import DetectorError

MANIFEST = model_path().parent / "manifest.json"


@pytest.fixture(scope="module")
def propose():
    return proposer(bundled_tagger())


@pytest.fixture
def copied(tmp_path):
    """A copy of the model that a test may damage."""
    return Path(shutil.copytree(model_path(), tmp_path / "model"))


def people(propose, text, least=0.6):
    return [
        text[p.start : p.end]
        for p in propose(text)
        if p.label == "PERSON" and name_score(p.label, text, p.start, p.end, p.probability) >= least
    ]


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
    weights = copied / "weights.bin"
    whole = weights.read_bytes()
    weights.write_bytes(whole[:-1])
    with pytest.raises(ModelDamaged, match=r"weights\.bin: damaged"):
        verify_model(copied)
    weights.unlink()
    with pytest.raises(ModelDamaged, match=r"weights\.bin: missing"):
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
    assert len(manifest["base"]["sha256"]) == 64
    assert manifest["metrics"]["dev"]


def test_model_is_small():
    sizes = [p.stat().st_size for p in model_path().rglob("*") if p.is_file()]
    assert sum(sizes) < 30 * 2**20


def test_notice_and_card_name_every_source():
    notice = (model_path().parent / "NOTICE").read_text()
    card = (model_path().parent / "MODEL_CARD.md").read_text()
    for file in json.loads(MANIFEST.read_text())["data"]:
        source = file.removesuffix(".jsonl.gz")
        assert source in notice
        assert source in card


def test_importing_the_modules_imports_nothing_heavy():
    code = (
        "import sys, gatekeeper.detect.ner.component, gatekeeper.detect.ner.custom;"
        "print(sorted({'spacy', 'onnxruntime', 'tokenizers', 'numpy', 'torch'} & set(sys.modules)))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_the_network_runs_without_torch():
    code = (
        "import sys; sys.modules['torch'] = None;"
        "from gatekeeper.detect.ner.proposer import bundled_tagger, proposer;"
        "print(len(proposer(bundled_tagger())('Seen today: Maria Gonzalez, 61')))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "1"


def test_loads_in_a_spacy_pipeline_and_opens_no_socket(monkeypatch):
    import spacy

    def refuse(*args, **kwargs):
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    nlp = spacy.blank("en")
    nlp.add_pipe(register())
    doc = nlp("Seen today: Maria Gonzalez, 61")
    assert [(e.text, e.label_) for e in doc.ents] == [("Maria Gonzalez", "PERSON")]
    assert [p.label for p in doc.user_data[PROPOSALS]] == ["PERSON"]


@pytest.mark.parametrize("package", ["onnxruntime", "tokenizers"])
def test_a_missing_package_is_refused(monkeypatch, package):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(DetectorError, match=package) as refused:
        load_tagger(model_path())
    assert "pip install" in refused.value.hint


@pytest.mark.parametrize(
    "name", ["exact_lower.onnx", "weights.bin", "tokenizer.json", "config.json"]
)
@pytest.mark.parametrize("content", [None, b"", b"{}", b"\xff\x00"])
def test_a_damaged_file_is_refused(copied, name, content):
    (copied / name).unlink()
    if content is not None:
        (copied / name).write_bytes(content)
    with pytest.raises(DetectorError, match="name model"):
        load_tagger(copied)


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
def test_ordinary_names_are_found(propose, name, carrier):
    assert name in people(propose, carrier.format(name))


@pytest.mark.parametrize("carrier", CARRIERS)
@pytest.mark.parametrize("name", NAMES)
def test_names_in_lower_case_are_found(propose, name, carrier):
    assert name.lower() in people(propose, carrier.format(name).lower())


def test_surname_after_a_title_is_found(propose):
    assert people(propose, "Dr. Okafor will see you now.") == ["Okafor"]


def test_places_and_organisations_are_found(propose):
    text = "She moved from Boston to Nairobi. Employer: Acme Corporation. Seen at Mercy Hospital."
    found = {(text[p.start : p.end], p.label) for p in propose(text)}
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


NO_PEOPLE = [
    "Will you come?", "in May it rains", "Mark it as done", "restart Jenkins",
    "Python is a language", "Parkinson's disease", "Newton's method", "Epstein-Barr virus",
    "call getName first", "the user_name column", "see `Maria` in the code", "## Maria",
    "the NASA report", "Pattern Matching is new", "Hugging Face hub", "Dear Hiring Manager,",
    "Almond Extract, one spoon", "the Romanian Deadlift", "Sweet William in the shade",
    "Romaine, Parmesan, croutons, and lemon juice", "use Georgia, Helvetica or any serif",
    "Linen shirt 'Jack', loose cut", "Desk lamp Aurora",
]  # fmt: skip
"""What reads like a name and is none, or is set apart as code or a heading."""


@pytest.mark.parametrize("text", [*CLEAN, *NO_PEOPLE])
def test_clean_sentences_name_nobody(propose, text):
    assert people(propose, text) == []


def test_the_same_text_gives_the_same_spans(propose):
    text = "Maria Gonzalez met John Smith of Acme Ltd in Boston. " * 60
    first = propose(text)
    assert first == propose(text)
    assert len(first) >= 180


def test_what_else_is_read_changes_nothing(propose):
    texts = [carrier.format(name) for carrier in CARRIERS for name in NAMES]
    alone = [proposer(load_tagger(model_path()))(text) for text in texts[:5]]
    assert [propose(text) for text in reversed(texts)][::-1][:5] == alone


def test_offsets_are_code_points_of_the_text_as_it_is(propose):
    text = "İİİ ﬁ 😀 e\u0301 — Seen today: Maria Gonzalez, 61"
    assert people(propose, text) == ["Maria Gonzalez"]


def test_a_word_of_thousands_of_pieces_and_a_line_without_end(propose):
    assert people(propose, "xq" * 9000) == []
    text = "id;" * 4000 + " Patient Name: Maria Gonzalez; " + "id;" * 4000
    assert "Maria Gonzalez" in people(propose, text)


# --- the parts -----------------------------------------------------------------------------------


def test_sentences_are_the_whole_text():
    text = "Dr. Okafor saw J. Smith. He left!\n\n- one\n- two" + " word" * 400
    spans = list(sentences(text))
    assert "".join(text[a:b] for a, b in spans) == text
    assert text[slice(*spans[0])] == "Dr. Okafor saw J. Smith."
    assert all(b - a <= 600 for a, b in spans)


def test_windows_are_filled_and_share_context():
    assert packed([], 190) == []
    assert packed([50, 60, 70], 190) == [(0, 0, 3)]
    assert packed([150, 30, 100], 190) == [(0, 0, 2), (1, 2, 3)]
    assert packed([150, 50, 100], 190) == [(0, 0, 1), (1, 1, 3)]
    for first, begin, end in packed([37] * 50, 190):
        assert first <= begin < end
        assert 37 * (end - first) <= 190


@pytest.mark.parametrize(
    ("word", "case"),
    [("12", 0), ("李", 0), ("a", 1), ("Ana", 2), ("A", 2), ("USA", 3), ("McKay", 4)],
)
def test_case_classes(word, case):
    assert case_of(word) == case


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("saw «Anna» S. today", "Anna S."),
        ("saw J. R. «Okafor» today", "J. R. Okafor"),
        ("«Louis van Gaal» left", "Louis van Gaal"),
        ("old van der «Berg» left", "van der Berg"),
        ("«Mr. Brown» left", "Brown"),
        ("«Maria's» phone", "Maria"),
        ("«O»'Neil left", "O'Neil"),
        ("Smith-«Jones» left", "Smith-Jones"),
        ("«Anna» I think", "Anna"),
        ("«(Anna),» left", "Anna"),
    ],
)
def test_whole_names(marked, expected):
    text = marked.replace("«", "").replace("»", "")
    start, end = whole(text, marked.index("«"), marked.index("»") - 1, "PERSON")
    assert text[start:end] == expected


@pytest.mark.parametrize(
    "text",
    [
        "Seen today: Maria Gonzalez, 61",
        "please call tamina zxqv",
        "User: my name is ravi kumar",
        "李伟",
        "patient: xqzv",
    ],
)
def test_the_gate_lets_names_through(text):
    assert worth_reading(text)


@pytest.mark.parametrize(
    "text",
    ["", " \n ", "12, 13", "Please tell me what the answer is.", "The patient was seen today."],
)
def test_the_gate_skips_what_names_nobody(text):
    assert worth_reading(text) == []


# --- int8 decides as fp32 does -------------------------------------------------------------------


def decided(text, found):
    """What is likely, and what is not."""
    return {
        (p.start, p.end, p.label)
        for p in found
        if name_score(p.label, text, p.start, p.end, p.probability) >= LIKELY
    }


def test_int8_decides_as_exact_arithmetic():
    tagger = bundled_tagger()
    assert tagger.exact
    texts = [carrier.format(name) for carrier in CARRIERS for name in NAMES] + CLEAN
    for text in [*texts, *(t.lower() for t in texts)]:
        reading = tagger.read(text, list(sentences(text)), everything=True)
        tagger.read_exactly(reading, range(len(reading.words)))
        exact = proposals(text, reading.words, reading.rows)
        found = proposer(tagger, gated=False)(text)
        pairs = [p for p in found if p.probability == PAIR]
        assert decided(text, [p for p in found if p not in pairs]) == decided(text, exact)
