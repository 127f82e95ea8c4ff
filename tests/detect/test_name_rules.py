"""What rules add to the name model: titles, a surname seen again, names in hashtags."""

import pytest

from gatekeeper.detect.matching import Matcher
from gatekeeper.detect.ner.again import MAYBE, SURELY, seen_again
from gatekeeper.detect.ner.decode import Proposal
from gatekeeper.detect.recognizers.people import hashtag_names, is_no_person
from gatekeeper.detect.seen import Seen
from gatekeeper.detect.spans import Span
from gatekeeper.detect.titles import titled


def at(text, part):
    start = text.index(part)
    return start, start + len(part)


@pytest.mark.parametrize(
    ("text", "name", "whole"),
    [
        ("then Captain Lennox came", "Lennox", "Captain Lennox"),
        ("US President Carla Vance spoke", "Carla Vance", "US President Carla Vance"),
        ("Prime Minister Ostrander", "Ostrander", "Prime Minister Ostrander"),
        ("the applicant, Mr Ilhan, said", "Ilhan", "Mr Ilhan"),
        ("dear mrs. lindqvist,", "lindqvist", "mrs. lindqvist"),
        ("by Major General Dr. Ana Lima", "Ana Lima", "Major General Dr. Ana Lima"),
        ("it was Aunt Polly", "Polly", "Aunt Polly"),
        ("a captain, Lennox by name", "Lennox", "Lennox"),
        ("Amr Hassan", "Hassan", "Hassan"),
        ("user.Dr Lima", "Lima", "Lima"),
        ("The General. Lennox came", "Lennox", "Lennox"),
    ],
)
def test_a_title_belongs_to_the_name(text, name, whole):
    start, end = titled(text, *at(text, name))
    assert text[start:end] == whole


def test_a_title_is_no_part_of_what_is_looked_for_elsewhere():
    seen = Seen()
    first = "Seen by Captain Oluwaseun Lindqvist today"
    seen.take(first, [Span(*at(first, "Captain Oluwaseun Lindqvist"), "PERSON", 0.8, "t")])
    text = "ask oluwaseun lindqvist, not the captain"
    assert [text[s.start : s.end] for s in seen.find(text)] == ["oluwaseun lindqvist"]


def again(text, *names):
    people = [Proposal(*at(text, name), "PERSON", 0.99) for name in names]
    return [(text[p.start : p.end], p.start, p.probability) for p in seen_again(text, people)]


def test_a_surname_stands_for_the_whole_name():
    text = "Ben Player won. Player pulled into a barrel, and Player's board broke."
    assert again(text, "Ben Player") == [("Player", 16, SURELY), ("Player", 49, SURELY)]


def test_a_surname_that_the_text_uses_as_a_word_is_only_possible():
    text = "Ben Player won. Player of the year, said a player."
    assert again(text, "Ben Player") == [("Player", 16, MAYBE)]


@pytest.mark.parametrize(
    "text",
    [
        "Ben May met us on May 9.",
        "Ben Player met Player One.",
        "Ben Player wrote src/Player and user_Player and x.Player.",
        "Ben Player wrote Player.java and Player/main.",
        "Ben PLAYER met Player.",
        "Ben Player met no other players.",
    ],
)
def test_what_is_no_surname_alone(text):
    assert again(text, text.split(" met ")[0].split(" wrote ")[0]) == []


def test_one_word_names_are_not_repeated():
    assert again("Player won. Player lost.", "Player") == []


def hashtags(text):
    return [(text[a:b], s) for a, b, s, _ in Matcher(hashtag_names(), 1.0).best(text)]


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("go #MildredSmith!", "#MildredSmith"),
        ("sad. #RIPJohnnyWinter", "#RIPJohnnyWinter"),
        ("#DonaldLindqvist and others", "#DonaldLindqvist"),
        ("we love you #PriyaRaman2025", "#PriyaRaman2025"),
    ],
)
def test_a_name_in_a_hashtag_is_likely(text, tag):
    assert hashtags(text) == [(tag, 0.7)]


def test_a_name_run_together_in_lower_case_is_possible():
    assert hashtags("the new #tonysmith song") == [("#tonysmith", 0.4)]


@pytest.mark.parametrize(
    "text",
    [
        "#MachineLearning", "#MondayMotivation", "#PythonTips", "color: #BADA55", "a#JohnSmith",
        "docs/#JohnSmith", "page.html#JohnSmith", "[go](#JohnSmith)", 'href="#JohnSmith"',
        "##JohnSmith", "&#JohnSmith;", "# John Smith",
    ],
)  # fmt: skip
def test_hashtags_that_name_nobody(text):
    assert hashtags(text) == []


def test_a_tag_whose_surname_stands_in_the_text_is_likely():
    assert hashtags("Shelly Garage again #ShelleyGarage") == [("#ShelleyGarage", 0.7)]
    assert hashtags("again #ShelleyGarage") == [("#ShelleyGarage", 0.4)]


def test_a_name_is_found_again_in_hashtags_and_handles():
    seen = Seen()
    first = "Seen by Austin Mahone today"
    seen.take(first, [Span(*at(first, "Austin Mahone"), "PERSON", 0.8, "t")])
    text = "vote @AustinMahone #austinmahone! mail@austinmahone.com x/#AustinMahone #AustinMahoney"
    assert [text[s.start : s.end] for s in seen.find(text)] == ["@AustinMahone", "#austinmahone"]


@pytest.mark.parametrize(
    ("text", "name", "nobody"),
    [
        ("No known allergies. Sjögren's, on Keppra", "Sjögren", True),
        ("with Parkinson's.", "Parkinson", True),
        ("Dr. Parkinson called", "Parkinson", False),
    ],
)
def test_a_disease_is_no_person(text, name, nobody):
    assert is_no_person(text, *at(text, name)) is nobody
