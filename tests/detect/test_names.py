"""Tiers of proposed names: tables of what is likely, certain, and only possible."""

import hashlib
import lzma
import time

import pytest

from gatekeeper.detect import lexicon as lexicon_module
from gatekeeper.detect.lexicon import fold, lexicon, lexicon_digest
from gatekeeper.detect.names import entity_confidence, person_confidence
from gatekeeper.errors import DetectorError

ORDER = ("possible", "likely", "certain")


def tier(marked, label="PERSON"):
    """The tier of the span between « and »."""
    start, end = marked.index("«"), marked.index("»") - 1
    text = marked.replace("«", "").replace("»", "")
    return entity_confidence(label, text, start, end)


@pytest.mark.parametrize(
    "text",
    [
        "Seen today: «Maria Gonzalez», 61",
        "«John Smith»",
        "Tell «Wei Zhang» that it is ready",
        "from «Priya Raman», Pune",
        "«JOHN SMITH» ADMITTED",
        "«Smith, John A.» was here",
        "«J. Okafor» agreed",
        "«José Álvarez» wrote",
        "my uncle said «ravi kumar» was ill",
        "Thanks, «Maria»",
        "«Maria» called twice",
        "Hi «Mark», are you there?",
        "Mr. «Brown» was late",
        "# Notes on «Maria Gonzalez»",
        '```\n{"name": "«Maria Gonzalez»"}\n```',
        "«Will Smith» came",
        "«Sean O'Neil» and me",
        "the Witness «Siobhán McGonagle»",
        "said «Aunt Shaw» again",
        "the late «Bob Packwood»'s seat",
        "Hi «Aung», can you come?",
        "«Louis van Gaal» left",
        "«Goldsmith, A.» filed",
        "«Мария Иванова» была здесь",
    ],
)
def test_at_least_likely(text):
    assert ORDER.index(tier(text)) >= 1


@pytest.mark.parametrize(
    "text",
    [
        "Dr. «Okafor» will see you",
        "patient name: «john smith»",
        "Patient Name: «Maria Gonzalez»",
        "My name is «Priya Raman»",
        "Sincerely,\n«Maria Gonzalez»",
        '{"patient": "«Wei Zhang»"}',
        "Mrs «Gonzalez»",
    ],
)
def test_certain(text):
    assert tier(text) == "certain"


@pytest.mark.parametrize(
    "text",
    [
        "«Will» you come?",
        "in «May» it rains",
        "«Mark» it as done",
        "restart «Jenkins»",
        "«Python» is a language",
        "«Parkinson»'s disease",
        "«Newton»'s method",
        "«Epstein-Barr» virus",
        "call «getName» first",
        "the «user_name» column",
        "«maria99» logged in",
        "see `«Maria»` in the code",
        "```\nclass «Maria»:\n```",
        "## «Maria»",
        "the «NASA» report",
        "«Pattern Matching» is new",
        "«Hugging Face» hub",
        "Dear «Hiring Manager»,",
        "«Almond Extract», one spoon",
        "the «Romanian Deadlift»",
        "«Sweet William» in the shade",
        "«123»",
        "«»",
    ],
)
def test_only_possible(text):
    assert tier(text) == "possible"


@pytest.mark.parametrize(
    ("text", "label", "expected"),
    [
        ("works at «Acme Ltd»", "ORGANIZATION", "likely"),
        ("seen at «Mercy Hospital»", "ORGANIZATION", "likely"),
        ("«University of Lagos»", "ORGANIZATION", "likely"),
        ("asked «Initech» twice", "ORGANIZATION", "possible"),
        ("`«Acme Ltd»`", "ORGANIZATION", "possible"),
        ("lives in «Springfield»", "LOCATION", "likely"),
        ("«12 Main Street»", "LOCATION", "likely"),
        ("City: «Lagos»", "LOCATION", "likely"),
        ("the capital is «Paris»", "LOCATION", "possible"),
        ("«Boston»", "UNHEARD_OF", "possible"),
    ],
)
def test_places_and_organisations(text, label, expected):
    assert tier(text, label) == expected


def test_person_goes_to_person_confidence():
    text = "Patient Name: Maria Gonzalez"
    assert entity_confidence("PERSON", text, 14, 28) == person_confidence(text, 14, 28)


def test_offsets_are_code_points():
    text = "😀😀 Patient Name: Maria Gonzalez"
    start = text.index("Maria")
    assert person_confidence(text, start, len(text)) == "certain"


@pytest.mark.parametrize(
    ("word", "folded"),
    [("José", "jose"), ("JOSE", "jose"), ("O’Neil", "o'neil"), ("İpek", "ipek"), ("Weiß", "weiss")],
)
def test_fold(word, folded):
    assert fold(word) == folded


def test_lexicon_knows_many_origins_and_flags_plain_words():
    known = lexicon()
    assert len(known.given) > 20_000
    assert len(known.surname) > 20_000
    for name in ("maria", "okafor", "zhang", "priya", "gonzalez", "nguyen", "dlamini", "мария"):
        assert known.strong(name), name
    for word in ("will", "may", "mark", "grant", "rose"):
        assert known.known(word), word
        assert known.plain(word), word
    assert known.plain("jenkins")


def test_lexicon_file_is_small():
    assert lexicon_module._LEXICON.stat().st_size <= 600 * 1024


@pytest.mark.parametrize("content", [None, b"", b"not xz", lzma.compress(b"[given]\nmaria")])
def test_a_damaged_lexicon_is_refused(monkeypatch, tmp_path, content):
    path = tmp_path / "names.xz"
    if content is not None:
        path.write_bytes(content)
    monkeypatch.setattr(lexicon_module, "_LEXICON", path)
    with pytest.raises(DetectorError, match=r"names\.xz"):
        lexicon.__wrapped__()


def test_lexicon_digest_is_that_of_the_file():
    assert lexicon_digest() == hashlib.sha256(lexicon_module._LEXICON.read_bytes()).hexdigest()


def test_time_grows_with_the_text_not_its_square():
    line = "Maria Gonzalez said `x` to John Smith. "
    text = line * 5000
    begun = time.perf_counter()
    for start in range(0, len(text), len(line)):
        person_confidence(text, start, start + 14)
    assert time.perf_counter() - begun < 5


def test_a_list_that_goes_on_is_no_name_written_backwards():
    assert tier("«Romaine, Parmesan», croutons, and lemon juice") == "possible"
    assert tier("use «Georgia, Helvetica» or any serif") == "possible"
    assert tier("«Smith, John», 61, was here") != "possible"


def test_a_quoted_nickname_of_a_thing_is_no_person():
    assert tier("Linen shirt '«Jack»', loose cut") == "possible"
    assert tier("Desk lamp «Aurora»") == "possible"
    assert tier("patient: '«Jack»'") != "possible"
