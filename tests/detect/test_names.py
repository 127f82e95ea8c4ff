"""Tiers of proposed names: tables of what is likely, certain, and only possible."""

import lzma
import time

import pytest

from gatekeeper.detect import lexicon as lexicon_module
from gatekeeper.detect.lexicon import fold, lexicon
from gatekeeper.detect.names import is_organisation, name_score, tier_of
from gatekeeper.errors import DetectorError

ORDER = ("nothing", "possible", "likely", "certain")


def tier(marked, label="PERSON", probability=0.995):
    """The tier of the span between « and », proposed with `probability`."""
    start, end = marked.index("«"), marked.index("»") - 1
    text = marked.replace("«", "").replace("»", "")
    return tier_of(name_score(label, text, start, end, probability))


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
    assert ORDER.index(tier(text)) >= 2


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
        "Dear «Hiring Manager»,",
        "«123»",
        "«»",
    ],
)
def test_only_possible(text):
    assert ORDER.index(tier(text, probability=0.5)) <= 1


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


def test_offsets_are_code_points():
    assert tier("😀😀 Patient Name: «Maria Gonzalez»") == "certain"


@pytest.mark.parametrize(
    "marked",
    [
        "Seen today: «Maria Gonzalez», 61",
        "Hi «Aung», can you come?",
        "my uncle «Ravi Kumar» was ill",
    ],
)
@pytest.mark.parametrize("probability", [0.2, 0.4, 0.6, 0.8, 0.95])
def test_lower_case_is_worth_what_capitals_are(marked, probability):
    start, end = marked.index("«"), marked.index("»") - 1
    text = marked.replace("«", "").replace("»", "")
    forms = (text, text.lower())
    assert len({name_score("PERSON", form, start, end, probability) for form in forms}) == 1


def test_more_probability_is_never_worth_less():
    text = "Seen today: Maria Gonzalez, 61"
    scores = [name_score("PERSON", text, 12, 26, n / 100) for n in range(101)]
    assert scores == sorted(scores)
    assert scores[0] < 0.3
    assert scores[-1] >= 0.9


def test_organisations_have_a_word_of_theirs():
    assert is_organisation("Acme Ltd")
    assert not is_organisation("Maria Gonzalez")


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


def test_time_grows_with_the_text_not_its_square():
    line = "Maria Gonzalez said `x` to John Smith. "
    text = line * 5000
    begun = time.perf_counter()
    for start in range(0, len(text), len(line)):
        name_score("PERSON", text, start, start + 14, 0.9)
    assert time.perf_counter() - begun < 5


def test_a_list_that_goes_on_is_no_name_written_backwards():
    goes_on = tier("«Romaine, Parmesan», croutons, and lemon juice", probability=0.5)
    assert ORDER.index(goes_on) <= 1
    assert ORDER.index(tier("use «Georgia, Helvetica» or any serif", probability=0.5)) <= 1
    assert ORDER.index(tier("«Smith, John», 61, was here")) >= 2


def test_a_quoted_nickname_of_a_thing_is_no_person():
    assert ORDER.index(tier("Linen shirt '«Jack»', loose cut", probability=0.5)) <= 1
    assert ORDER.index(tier("Desk lamp «Aurora»", probability=0.5)) <= 1
    assert ORDER.index(tier("patient: '«Jack»'")) >= 2
