"""How an id of a country is written down, and the recognizers that are made of it.

A number of a state has seldom a form of its own, so two things must agree before it is `likely`:
its check digits, and a label, key or column header that names it. What that gives:

| | labelled | a word for it nearby | alone |
|---|---|---|---|
| check digits hold | certain | likely | nothing; `likely` where the form is so special that chance hits it rarely, `possible` between the two |
| there are none | likely | nothing | nothing, or as above |
| they do not hold | possible | nothing | nothing |

Presidio's recognizer of the country says whether the check digits hold; where it is wrong or looks
at the clock, the verdict is one of ours (`checks`) with its source. Where to look is ours: Presidio
matches bare runs of digits, and raises their score for any lemma nearby.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from gatekeeper.detect.catalogue import Canary, EntityInfo, marked_text
from gatekeeper.detect.recognizers.identifiers.labels import given, other_label
from gatekeeper.detect.recognizers.spec import (
    APART,
    END,
    NOUN,
    SEPARATOR,
    START,
    Check,
    Pattern,
    Recognizer,
)

Verdict = Callable[[str], bool | None]
"""A value as written, in ASCII capitals → whether its check digits hold; None where there are none to be checked."""

PERSON = ("identifier", "personal", "national_id")
"""The number by which a state knows somebody, and its papers."""
HOLDER = ("identifier", "personal")
"""A number or plate of a person that is no number of the state for people."""
COMPANY = ("quasi",)
"""A number of a company: it narrows down who somebody is, as an employer does."""

TIERS = (0.3, 0.6, 0.9)
CERTAIN, LABELLED, FAILED = 0.95, 0.75, 0.4
"""Behind a label: check digits hold; there are none; they do not hold."""
SPECIAL, SHAPED, NEAR = 0.65, 0.45, 0.26
"""Without one: likely by itself; possible, and likely with a word nearby; likely only with one."""
RANK = 9_000
"""Behind the catalogue's own entities, before the user's."""

LEFT = r"(?<![0-9A-Za-z_.,$€£/#+-])"
RIGHT = r"(?![0-9A-Za-z_-]|[.,/:]\d)"
"""Edges of a number that stands alone: no part of a longer one, of a decimal or of a path."""

_NOUN = (
    NOUN + r"(?:[ ]?(?:n\.|numer[ou]?|numaras[ıi]|no['’]?su|번호|หมายเลข|nummern?))?"
    r"(?:[ ]?\([^()\d\n]{1,24}\))?(?:[ ](?:ist|lautet|es|è|jest|är|on|to)(?=[ :]))?"
)


@dataclass(frozen=True, slots=True)
class NationalId:
    """One entity of a country."""

    entity: str
    title: str
    classes: tuple[str, ...]
    recognizer: str
    """The name of Presidio's recognizer, under which findings are reported."""
    labels: str
    """Pattern of what names it: labels in English and the country's languages, keys, headers."""
    shape: str
    """Pattern of its value behind a label, separators included."""
    verdict: Verdict
    canaries: tuple[str, str]
    """Texts with the value in [[ ]], for the known-answer test."""
    needs: tuple[str, ...]
    """Case-folded strings of which every label has one."""
    hipaa: tuple[str, ...] = ("R",)
    alone: tuple[tuple[str, float], ...] = ()
    """(pattern, score) of its forms without a label; they count where the check digits hold."""
    context: tuple[str, ...] = ()
    """Lower-case words that speak for a form without a label when near."""

    def info(self) -> EntityInfo:
        """The entity, for the catalogue."""
        # What is certainly the number of a person is no telephone number.
        covers = frozenset({"PHONE_NUMBER"}) if "national_id" in self.classes else frozenset()
        return EntityInfo(
            name=self.entity,
            title=self.title,
            classes=frozenset(self.classes),
            tiers=TIERS,
            hipaa=self.hipaa,
            canaries=tuple(map(_canary, self.canaries)),
            rank=RANK,
            covers=covers,
        )

    def recognizers(self) -> tuple[Recognizer, ...]:
        """What finds it: behind a label, and by itself."""
        # Two, for words nearby may raise only the second: they would make a number whose check
        # digits fail likely, since its label is such a word.
        pattern = f"{START}(?:{self.labels}){_NOUN}{SEPARATOR}{APART}(?P<value>{self.shape}){END}"
        labelled = Recognizer(
            self.recognizer,
            self.entity,
            (Pattern("labelled", pattern, CERTAIN),),
            check=self._behind_label(),
            needs=self.needs,
        )
        if not self.alone:
            return (labelled,)
        patterns = tuple(
            Pattern("alone", f"{LEFT}(?:{regex}){RIGHT}", score) for regex, score in self.alone
        )
        # A form that needs a word nearby is not looked for in a text without any.
        needs = self.context if all(score == NEAR for _, score in self.alone) else ()
        alone = Recognizer(
            self.recognizer, self.entity, patterns, self.context, self._by_itself(), needs=needs
        )
        return (labelled, alone)

    def _held(self, value: str) -> bool | None:
        """The verdict on `value` in ASCII capitals; None where it has other letters, which match
        without regard to case (K is the sign of the kelvin too).
        """
        digits = (str(int(c)) if c.isdecimal() else c for c in value)
        plain = unicodedata.normalize("NFKC", "".join(digits)).upper()
        return self.verdict(plain) if plain.isascii() else None

    def _behind_label(self) -> Check:
        def check(text: str, start: int, end: int, score: float) -> float:
            if not given(text, start, end, score):
                return 0.0
            held = self._held(text[start:end])
            return FAILED if held is False else CERTAIN if held else LABELLED

        return check

    def _by_itself(self) -> Check:
        def check(text: str, start: int, end: int, score: float) -> float:
            if not given(text, start, end, score) or other_label(text, start):
                return 0.0
            return 0.0 if self._held(text[start:end]) is False else score

        return check


def _canary(marked: str) -> Canary:
    canary = marked_text(marked)
    if canary is None:
        raise ValueError("a canary marks exactly one value with [[ ]]")
    return canary


def compact(value: str, keep: str = "") -> str:
    """`value` without what separates its parts, but for the characters in `keep`."""
    return "".join(c for c in value if c.isalnum() or c in keep)


def unchecked(_: str) -> bool | None:
    """The verdict on an id without check digits, or whose check digits no authority publishes."""
    return None
