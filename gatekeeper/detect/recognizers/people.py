"""Names behind a label: forms, columns, signatures. The name model finds the rest."""

from __future__ import annotations

import re

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


_CITED = re.compile(
    r"\b(?:Fed|Crim|Civ|App|Evid|Bankr)\.\s?(?:R\.)?$|\b(?:R|Fed|Civ|Crim|Evid)\.?\s?\Z"
)
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


_WORK = re.compile(
    r"(?:sonat(?:a|ina)|symphony|concerto|cantata|quartet|quintet|trio|suite|prelude|fugue|nocturne|etude|mass)"
    r"(?: [a-z]\.?)?"
)
"""A musical work and the letter of its catalogue, as of Köchel or Deutsch: `Sonata K. 306`."""
_RULING = re.compile(r"(?:Rev\.\s)?(?:Rul|Proc)\b")
"""A ruling of the US Internal Revenue Service: `Rev. Rul. 2003-15`."""


def is_no_person(text: str, start: int, end: int) -> bool:
    """Whether `text[start:end]` is the name of a thing, or part of a citation of rules."""
    name = " ".join(text[start:end].lower().split())
    if name in _THINGS or _WORK.fullmatch(name):
        return True
    if _RULING.match(text, start) and re.match(r"\.\s\d{2}", text[end : end + 4]):
        return True
    return bool(_CITED.search(text[max(0, start - 12) : start]) and _CITED.search(text[start:end]))
