"""Name models of the user's own: opened from a folder, offline, tested before they count."""

import os
import sys
import types

import pytest

from gatekeeper.detect import load_detector
from gatekeeper.detect.ner.custom import digest_of_model, open_custom
from gatekeeper.errors import ConfigError, DetectorError
from gatekeeper.model import Confidence, NameModel, Record, Text

KNOWN = ("Maria Gonzalez", "Robert Keller", "Zyx Qwvut")


def spacy_model(folder, *, people=KNOWN, label="PERSON"):
    import spacy

    nlp = spacy.blank("en")
    ruler = nlp.add_pipe("entity_ruler")
    ruler.add_patterns([{"label": label, "pattern": name} for name in people])
    nlp.to_disk(folder)
    return NameModel("spacy", folder)


@pytest.fixture
def own(tmp_path):
    return spacy_model(tmp_path / "model")


def test_a_spacy_model_takes_the_place_of_the_bundled_one(own):
    detector = load_detector(entities=["PERSON"], names=own)
    detector.attest(["PERSON"])
    record = Record("t", 0, (Text("/text", "we saw Zyx Qwvut there", "text"),), 0)
    [(_, findings)] = detector.detect([record])
    assert [(f.start, f.end, f.entity) for f in findings] == [(7, 16, "PERSON")]
    assert findings[0].confidence >= Confidence.LIKELY


def test_a_model_that_misses_the_canary_is_refused(tmp_path):
    own = spacy_model(tmp_path / "model", people=("Maria Gonzalez",))
    with pytest.raises(DetectorError, match="known-answer test"):
        load_detector(entities=["PERSON"], names=own).attest(["PERSON"])


def test_a_model_without_people_is_refused(tmp_path):
    own = spacy_model(tmp_path / "model", label="PRODUCT")
    with pytest.raises(ConfigError, match="no label for people"):
        load_detector(entities=["PERSON"], names=own)


def test_the_fingerprint_tells_models_apart(tmp_path, own):
    other = spacy_model(tmp_path / "other", people=(*KNOWN, "Ana Lima"))
    prints = {
        load_detector(entities=["PERSON"], names=model).fingerprint for model in (None, own, other)
    }
    assert len(prints) == 3
    before = digest_of_model(own)
    (own.path / "extra").write_text("")
    assert digest_of_model(own) != before


@pytest.mark.parametrize("kind", ["spacy", "transformers", "gliner"])
def test_only_a_folder_is_opened(tmp_path, kind):
    with pytest.raises(ConfigError, match="no such folder") as refused:
        load_detector(entities=["PERSON"], names=NameModel(kind, tmp_path / "dslim/bert-base-NER"))
    assert "hub" in refused.value.hint


@pytest.mark.parametrize(("kind", "package"), [("transformers", "torch"), ("gliner", "gliner")])
def test_a_missing_package_names_its_extra(tmp_path, monkeypatch, kind, package):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ConfigError, match=package) as refused:
        open_custom(NameModel(kind, tmp_path))
    assert f"gatekeeper[{kind}]" in refused.value.hint


def test_what_is_no_model_is_refused(tmp_path):
    (tmp_path / "config.cfg").write_text("nonsense")
    with pytest.raises(ConfigError, match="cannot be opened as a spacy model"):
        open_custom(NameModel("spacy", tmp_path))


def test_a_transformers_folder_is_read_in_windows(tmp_path):
    pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "maria", "gonzalez", "was", "here"]
    (tmp_path / "vocab.txt").write_text("\n".join(words))
    tokenizer = transformers.BertTokenizerFast(str(tmp_path / "vocab.txt"), model_max_length=32)
    tokenizer.save_pretrained(tmp_path)
    labels = ["O", "B-PER", "I-PER", "B-MISC"]
    config = transformers.BertConfig(
        vocab_size=len(words), hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=16, max_position_embeddings=64, id2label=dict(enumerate(labels)),
        label2id={label: n for n, label in enumerate(labels)},
    )  # fmt: skip
    transformers.BertForTokenClassification(config).save_pretrained(tmp_path)
    propose = open_custom(NameModel("transformers", tmp_path))
    assert os.environ["HF_HUB_OFFLINE"] == "1"
    text = "maria gonzalez was here. " * 40
    found = propose(text)
    assert found == propose(text)
    assert all(p.label == "PERSON" for p in found)
    assert all(0 <= p.start < p.end <= len(text) for p in found)


def test_a_gliner_folder_is_read_in_chunks(tmp_path, monkeypatch):
    asked = []

    class Model:
        @classmethod
        def from_pretrained(cls, path, *, local_files_only):
            assert local_files_only
            return cls()

        def predict_entities(self, text, labels, threshold):
            asked.append(text)
            at = text.find("Maria")
            if at < 0:
                return []
            return [{"start": at, "end": at + 5, "label": "person", "score": 0.8}]

    monkeypatch.setitem(sys.modules, "gliner", types.SimpleNamespace(GLiNER=Model))
    text = "Nobody was there. " * 200 + "Then Maria came."
    found = open_custom(NameModel("gliner", tmp_path))(text)
    assert [text[p.start : p.end] for p in found] == ["Maria"]
    assert all(len(chunk) <= 1200 for chunk in asked)
