"""Names behind a label: forms, columns, signatures. The name model finds the rest."""

from __future__ import annotations

import itertools
import re

from gatekeeper.detect.lazy import lazy
from gatekeeper.detect.lexicon import fold, lexicon
from gatekeeper.detect.names import IN_A_FORM, name_score
from gatekeeper.detect.recognizers.spec import SEPARATOR, START, Pattern, Recognizer

_LABEL = (
    r"(?:(?:patient|pt|client|customer|member|insured|employee|guardian|physician|provider|doctor|"
    r"contact|applicant|tenant|plaintiff|defendant|witness|student|account[ _-]holder|cardholder|"
    r"emergency[ _-]contact|next[ _-]of[ _-]kin)(?:'s)?(?:[ _-](?:full[ _-])?name)?|"
    r"(?:full|first|last|given|family|middle|sur|maiden)[ _-]?name|name)"
)
_WORD = r"[A-ZÀ-ÝŁŠŽ][\w'’\u0300-\u036f-]{0,24}\.?"
_NAME = rf"{_WORD}(?:[ ](?:(?:de|del|della|di|da|van|von|der|den|la|le|bin|ibn|al|el|Mc|O')[ ])?{_WORD}){{0,3}}"


def labelled_names() -> Recognizer:
    """What stands behind a label that asks for a name, scored like the name model's spans."""

    def check(text: str, start: int, end: int, score: float) -> float:
        return name_score("PERSON", text, start, end, IN_A_FORM)

    pattern = rf"{START}(?i:{_LABEL}){SEPARATOR}(?P<value>{_NAME})(?<!\w{{3}}\.)(?![\w@])"
    return Recognizer("LabelledNameRecognizer", "PERSON", (Pattern("labelled", pattern, 0.4),), (),
                      check, ignore_case=False)  # fmt: skip


_HASHTAG = r"(?<![\w&/.#(\[:=\"'])#(?P<tag>[^\W\d_](?:[^\W\d_]|\d|_){3,40})"
_HUMP = lazy(r"[A-ZÀ-Þ]+(?![a-zß-ÿ])|[A-ZÀ-Þ][a-zß-ÿ'’]+|[a-zß-ÿ'’]+")
_LETTERS_MIN = 4


def hashtag_names() -> Recognizer:
    """A name written as a hashtag: "#MildredGaddis", "#RIPJohnnyWinter", "#anapardew".

    Likely where a word that is a given name and nothing else is followed by one that may be a
    surname.
    """

    def check(text: str, start: int, end: int, score: float) -> float:
        tag = text[start + 1 : end]
        words = [fold(w) for w in _HUMP.findall(tag)]
        if len(words) == 1 and tag.islower():
            return _POSSIBLE if _two_names(words[0]) else 0.0
        known, best = lexicon(), 0.0
        for given, surname in itertools.pairwise(words):
            if len(given) < 3 or len(surname) < 3:
                continue
            if given in known.given and not known.plain(given):
                ordinary = known.plain(surname) and surname not in known.surname
                ordinary = ordinary and not _stands(text, tag, surname)
                best = max(best, _POSSIBLE if ordinary else score)
        return best

    return Recognizer("HashtagNameRecognizer", "PERSON", (Pattern("hashtag", _HASHTAG, 0.7, needs=("#",)),), (),
                      check, ignore_case=False)  # fmt: skip


def _stands(text: str, tag: str, surname: str) -> bool:
    """Whether the text has the surname of a tag as a word as well."""
    found = re.search(re.escape(surname), tag, re.IGNORECASE)
    return bool(found and re.search(rf"(?<![#\w@]){re.escape(found[0])}(?!\w)", text))


def _two_names(word: str) -> bool:
    """Whether a word is a given name and a surname that run into one."""
    known = lexicon()
    return any(
        word[:n] in known.given
        and word[n:] in known.surname
        and not (known.plain(word[:n]) or known.plain(word[n:]))
        for n in range(_LETTERS_MIN, len(word) - _LETTERS_MIN + 1)
    )


_POSSIBLE = 0.4
_CITED = lazy(r"\b(?:Fed|Crim|Civ|App|Evid|Bankr)\.\s?(?:R\.)?$|\b(?:R|Fed|Civ|Crim|Evid)\.?\s?\Z")
_THINGS = frozenset(
    [
        "granny smith",
        "chana masala",
        "garam masala",
        "tikka masala",
        "pink lady",
        "earl grey",
        "bloody mary",
        "shirley temple",
        "tom collins",
        "john doe",
        "jane doe",
        "jack daniel",
        "jim beam",
        "johnnie walker",
        "ben & jerry",
        "dr pepper",
        "dr. pepper",
        "uncle ben",
        "aunt jemima",
        "sweet william",
        "black-eyed susan",
        "joe pye",
        "queen anne",
        "big ben",
        "saint bernard",
        "lorem ipsum",
    ]
)
"""Names of people that in nearly every text are a fruit, a drink, a flower or nobody at all."""


_WORK = lazy(
    r"(?:sonat(?:a|ina)|symphony|concerto|cantata|quartet|quintet|trio|suite|prelude|fugue|nocturne|etude|mass)"
    r"(?: [a-z]\.?)?"
)
"""A musical work and the letter of its catalogue, as of Köchel or Deutsch: `Sonata K. 306`."""
_RULING = lazy(r"(?:Rev\.\s)?(?:Rul|Proc)\b")
"""A ruling of the US Internal Revenue Service: `Rev. Rul. 2003-15`."""


_POSSESSIVE = frozenset({"'s", "’s"})
_EPONYM = lazy(
    r"(?:sj[öo]gren|parkinson|alzheimer|crohn|hashimoto|huntington|hodgkin|raynaud|tourette|asperger"
    r"|addison|cushing|m[ée]ni[èe]re|marfan|beh[çc]et|kawasaki|paget|dupuytren|klinefelter|basedow"
    r"|lou gehrig|takayasu)(?:['’]s)?"
)
"""A disease by the name of who described it: "No known allergies. Sjögren's, on Keppra"."""


def is_no_person(text: str, start: int, end: int) -> bool:
    """Whether `text[start:end]` is the name of a thing, or part of a citation of rules."""
    name = " ".join(text[start:end].lower().split())
    if name in _THINGS or _WORK.fullmatch(name):
        return True
    if _EPONYM.fullmatch(name) and text[end : end + 2] in _POSSESSIVE:
        return True
    if _RULING.match(text, start) and re.match(r"\.\s\d{2}", text[end : end + 4]):
        return True
    return bool(_CITED.search(text[max(0, start - 12) : start]) and _CITED.search(text[start:end]))
