"""Names that the network sees in part, or takes for something else: what stands beside them."""

import pytest

from gatekeeper.detect.ner.decode import Proposal, is_torn
from gatekeeper.detect.ner.gate import is_named
from gatekeeper.detect.ner.pairs import ADDRESSED, MISTAKEN, addressed, mistaken
from gatekeeper.detect.ner.proposer import bundled_tagger, proposer
from gatekeeper.detect.ner.wider import widened


def words(text: str) -> list[tuple[int, int]]:
    found, at = [], 0
    for word in text.split(" "):
        found.append((at, at + len(word)))
        at += len(word) + 1
    return found


def proposal(text: str, name: str, label: str = "PERSON", probability: float = 0.9) -> Proposal:
    start = text.index(name)
    return Proposal(start, start + len(name), label, probability)


def spans(text: str, found: list[Proposal]) -> list[str]:
    return [text[p.start : p.end] for p in found]


@pytest.mark.parametrize(
    ("text", "seen", "whole"),
    [
        ("The board heard Johnathan Chase today", "Johnathan", "Johnathan Chase"),
        ("The board heard Goncafer Seven today", "Goncafer", "Goncafer Seven"),
        ("we asked thembekile mayise today", "thembekile", "thembekile mayise"),
        ("It was signed by Rose Eaton", "Eaton", "Rose Eaton"),
    ],
)
def test_the_name_beside_a_name_belongs_to_it(text: str, seen: str, whole: str) -> None:
    assert spans(text, widened(text, words(text), [proposal(text, seen)])) == [whole]


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("We saw Peter May 5", "Peter"),
        ("Will Anna come", "Anna"),
        ("yesterday anna said no", "anna"),
        ("Ask Anna", "Anna"),
        ("The board heard Anna  Chase", "Anna"),
    ],
)
def test_what_may_be_no_name_stays_outside(text: str, seen: str) -> None:
    assert spans(text, widened(text, words(text), [proposal(text, seen)])) == [seen]


def test_what_the_network_doubts_is_not_widened() -> None:
    text = "The board heard Johnathan Chase today"
    assert spans(
        text, widened(text, words(text), [proposal(text, "Johnathan", probability=0.2)])
    ) == ["Johnathan"]


def test_a_span_inside_the_wider_one_goes() -> None:
    text = "The board heard Erion Sigrist today"
    found = [proposal(text, "Erion"), proposal(text, "Sigrist", probability=0.17)]
    assert spans(text, widened(text, words(text), found)) == ["Erion Sigrist"]


def test_a_neighbour_that_begins_another_name_is_left_to_it() -> None:
    text = "and Yukon Gold Potter"
    found = [proposal(text, "Yukon"), proposal(text, "Gold Potter", probability=0.2)]
    assert spans(text, widened(text, words(text), found)) == ["Yukon", "Gold Potter"]


@pytest.mark.parametrize(
    "name", ["Phuong Salonga", "Hortense Martineau", "terry wall", "Rose Eaton"]
)
@pytest.mark.parametrize("label", ["LOCATION", "ORGANIZATION"])
def test_a_given_name_and_a_surname_may_be_a_person_whatever_the_network_says(
    name: str, label: str
) -> None:
    text = f"reserved for {name} until noon"
    (more,) = mistaken(text, [proposal(text, name, label)])
    assert more == proposal(text, name, "PERSON", MISTAKEN)


@pytest.mark.parametrize(
    "name",
    [
        "Howard Logistics", "Rod Laver Arena", "Akemi Japanese Restaurant", "Maria Hospital",
        "Maria", "Maria & Sons", "Berlin Marathon", "The Hague",
    ],
)  # fmt: skip
def test_what_only_a_place_or_an_organisation_is_called_is_none(name: str) -> None:
    text = f"reserved for {name} until noon"
    assert list(mistaken(text, [proposal(text, name, "ORGANIZATION")])) == []


@pytest.mark.parametrize("text", ["Ms. Sellers voted", "and Mrs Fall left", "ask ms. may today"])
def test_whoever_is_addressed_is_a_person(text: str) -> None:
    (found,) = addressed(text, words(text), [])
    assert found.probability == ADDRESSED


@pytest.mark.parametrize(
    "text", ["MS Word is open", "ms per call", "10 ms delay", "Mr. 5", "a Ms. "]
)
def test_milliseconds_and_makers_address_nobody(text: str) -> None:
    assert list(addressed(text, [w for w in words(text) if w[0] < w[1]], [])) == []


@pytest.mark.parametrize("word", ["Guy", "Mrs", "May", "Fall", "ngozi", "dr", "Tomasz"])
def test_a_sentence_with_a_name_known_to_somebody_goes_on_sooner(word: str) -> None:
    assert is_named(word)


@pytest.mark.parametrize("word", ["the", "install", "Install", "may", "fall", "128"])
def test_a_word_that_nobody_bears_does_not(word: str) -> None:
    assert not is_named(word)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("After the operation, Mrs. Jenkins recovered quickly.", "Jenkins"),
        ("According to the minutes, Ms. May voted against the plan.", "May"),
        ("Carin said the soup was cold and left.", "Carin"),
    ],
)
def test_the_exit_lets_names_pass_that_it_doubts(text: str, name: str) -> None:
    found = proposer(bundled_tagger())(text)
    assert name in [text[p.start : p.end] for p in found if p.label == "PERSON"]


def test_a_name_is_torn_where_its_words_together_could_be_another_thing() -> None:
    import numpy as np

    near = [[0.12, 0.1, 0.01, 0.19, 0.0, 0.55, 0.02], [0.37, 0.0, 0.01, 0.02, 0.45, 0.0, 0.13]]
    assert is_torn(np.array(near))
    assert not is_torn(np.array(near[:1]))
