"""How sure we are of a proposed name: the network's probability, and what its surroundings say.

Both are log-odds that add up, as in a logistic regression; `train/ner/calibrate.py` fits the
weights on the dev splits and the `tune` chats. The sum is cut at two calibrated points: `possible`
misses next to nothing (a strict policy), `likely` is balanced. A text in lower case loses nothing:
only a word in lower case among others with capitals is less of a name.
"""

from __future__ import annotations

import math
import re
from typing import Literal, NamedTuple

from gatekeeper.detect.designations import is_broken, is_designation
from gatekeeper.detect.lazy import lazy
from gatekeeper.detect.lexicon import fold, lexicon
from gatekeeper.detect.surroundings import (
    BEFORE,
    DEED,
    GREETING,
    NUMBER_AFTER,
    PHRASE,
    THING_AFTER,
    TITLE,
    Surroundings,
    is_list,
    is_nickname,
    layout_of,
)

__all__ = ["Confidence", "is_organisation", "name_score", "tier_of"]

Confidence = Literal["nothing", "possible", "likely", "certain"]


class Evidence(NamedTuple):
    """What speaks for a person (1) or is silent (0); `odds` are the network's log-odds."""

    odds: float
    title: float = 0.0
    greeting: float = 0.0
    deed: float = 0.0
    phrase: float = 0.0
    thing: float = 0.0
    code: float = 0.0
    heading: float = 0.0
    lowered: float = 0.0
    shouted: float = 0.0
    listed: float = 0.0
    product: float = 0.0
    single: float = 0.0
    strong: float = 0.0
    pair: float = 0.0
    plain: float = 0.0
    bias: float = 1.0


WEIGHTS = Evidence(
    odds=0.56, title=1.2, greeting=0.8, deed=0.6, phrase=0.0, thing=-3.4, code=-2.2,
    heading=-2.2, lowered=-2.8, shouted=-0.9, listed=-0.2, product=-3.2, single=-0.27,
    strong=1.17, pair=0.3, plain=-1.1, bias=-0.79,
)  # fmt: skip
"""Fitted by `train/ner/calibrate.py`; what its data hardly show (thing, code, heading, product,
lowered, plain) is set by hand, on the `tune` chats and the hard negatives."""
POSSIBLE_FROM, LIKELY_FROM, CERTAIN_FROM = -4.5, -1.6, 2.6
"""Log-odds from which a person is possible, likely and certain."""
PLACE_FROM = ORGANISATION_FROM = 0.35
"""Probability from which the words around a place or an organisation can make it `likely`."""
OTHERS_FROM = 0.2
"""Probability from which a place or an organisation is possible at all."""
UNSEEN_BELOW = 0.2
"""Below this probability the lexicon alone makes nobody likely: something around must ask."""
STRANGE_BELOW = 0.35
"""Below this probability one word in no list of names needs a strong cue to be likely."""
IN_A_FORM = 0.5
"""The probability lent to what stands behind a label that asks for a name."""


def name_score(label: str, text: str, start: int, end: int, probability: float) -> float:
    """The score of a span that was proposed with `probability`; 0 where it is nothing.

    PERSON is scored by the evidence above. ORGANIZATION is likely with a word that only
    organisations bear (Inc, GmbH, Hospital, Bank), LOCATION with a street number, a cue ("lives
    in") or a place word (County, Street); both are otherwise possible: a topic is no address.
    """
    if label == "PERSON":
        return _person(text, start, end, probability)
    if probability < OTHERS_FROM:
        return 0.0
    span = text[start:end]
    if layout_of(text).in_code(start) or is_broken(text, start, end):
        return _POSSIBLE
    speaks = False
    if label == "ORGANIZATION":
        speaks = probability >= ORGANISATION_FROM and is_organisation(span)
    elif label == "LOCATION":
        speaks = probability >= PLACE_FROM and _is_place(text, start, end)
    return _LIKELY if speaks else _POSSIBLE


def _is_place(text: str, start: int, end: int) -> bool:
    span = text[start:end]
    near = _PLACE_BEFORE.search(text, max(0, start - BEFORE), start) and not span.islower()
    if near:
        return True
    return bool(_PLACE.search(span) and _NAMED.search(_PLACE.sub("", span))) and not _is_plain(span)


_NAMED = lazy(r"\w")
"""What a place has beside its common noun: "Baker" of "Baker Street", of "island" nothing."""
LIKELY = 0.6
"""The score from which a name is likely, in the catalogue's tiers."""
_POSSIBLE, _LIKELY = 0.4, 0.7
_BILL = lazy(r"(?:Bill|Act|Resolution) (?:H\.? ?R|S)\.? ?\d")
"""A bill of the US Congress, which reads like a man with initials: "Bill H.R. 5629"."""
_LETTERS = lazy(r"(?:(?<!\w)[A-Z] ){3}[A-Z](?!\w)")
"""More letters in a row than anybody has initials: strings of a guitar, a row of seats."""
_INITIALS = lazy(r"(?:[^\W\d_a-zß-ÿ]\.?[ -]?){2,4}")
"""Names cut down to initials, as courts publish them: "H.O.", "A. B."."""


def is_organisation(text: str) -> bool:
    """Whether `text` has a word that only organisations bear, and not with plain words alone.

    `food court` is none, `Food Court Inc` and `acme bank` are.
    """
    if not _ORGANISATION.search(text):
        return False
    return not _is_plain(text)


def _is_plain(text: str) -> bool:
    """Whether `text` is in lower case and all of it plain words."""
    return text.islower() and all(map(lexicon().plain, map(fold, text.split())))


def tier_of(score: float) -> Confidence:
    """The tier of a score (the catalogue has the same for every name)."""
    if score < 0.3:
        return "nothing"
    if score < LIKELY:
        return "possible"
    return "likely" if score < 0.9 else "certain"


def _person(text: str, start: int, end: int, probability: float) -> float:
    around = Surroundings.of(text, start, end)
    if not around.words:
        return 0.0
    odds = sum(w * e for w, e in zip(WEIGHTS, evidence(around, probability), strict=True))
    score = _scaled(odds)
    unseen = probability < UNSEEN_BELOW and around.cue < GREETING
    unseen = unseen and not _is_pair(around)
    return (
        min(score, _POSSIBLE)
        if unseen or _is_strange(around, probability) or no_name(around)
        else score
    )


def _is_pair(around: Surroundings) -> bool:
    """Whether a span is two words that are names and nothing else, on one line."""
    if "\n" in around.text[around.start : around.end]:
        return False
    return len(around.full) == 2 and all(map(lexicon().strong, around.full))


def _is_strange(around: Surroundings, probability: float) -> bool:
    """Whether one word that is in no list of names stands there without a word of support."""
    if len(around.full) != 1 or around.cue > PHRASE or lexicon().strong(around.full[0]):
        return False
    return probability < STRANGE_BELOW or (len(around.full[0]) < 5 and around.shouted())


def no_name(around: Surroundings) -> bool:
    """Whether a span is spelt like code, or like nothing that a name is made of."""
    end = around.end
    if around.is_identifier() or around.is_bare() or is_designation(around):
        return True
    if _BILL.match(around.text, around.start) or _LETTERS.search(around.text, around.start, end):
        return True
    if around.text[max(0, around.start - 1) : end + 1] == f"[{around.text[around.start : end]}]":
        return not around.full  # a class of characters: "[A-Z]"
    return not around.full and not _INITIALS.fullmatch(around.text[around.start : around.end])


def evidence(around: Surroundings, probability: float) -> Evidence:
    """What speaks for a person."""
    names, full = lexicon(), around.full
    text, start, end, cue = around.text, around.start, around.end, around.cue
    layout = layout_of(text)
    strong = sum(map(names.strong, full))
    single = len(full) <= 1
    thing = cue < TITLE and (
        THING_AFTER.match(text, end) or is_list(text, start, end) or is_nickname(text, start, end)
    )
    thing = bool(thing) or bool(single and cue < DEED and NUMBER_AFTER.match(text, end))
    given, family = (full[0], full[-1]) if full else ("", "")
    pair = (given in names.given and family in names.surname) or (
        family in names.given and given in names.surname
    )
    plain = bool(full) and all(map(names.plain, full))
    return Evidence(
        odds=_log_odds(probability),
        title=float(cue == TITLE),
        greeting=float(cue == GREETING and not plain),
        deed=float(cue == DEED),
        phrase=float(cue == PHRASE),
        thing=float(bool(thing)),
        code=float(layout.in_code(start)),
        heading=float(around.in_heading()),
        lowered=float(cue < TITLE and around.lowered()),
        shouted=float(bool(full) and around.shouted()),
        listed=float(single and around.in_list()),
        product=float(cue < TITLE and bool(full) and all(w in names.product for w in full)),
        single=float(single),
        strong=float(strong > 0),
        pair=float(pair and not single),
        plain=float(plain),
    )


def _log_odds(probability: float) -> float:
    bounded = min(max(probability, 1e-5), 1 - 1e-5)
    return math.log(bounded / (1 - bounded))


def _scaled(odds: float) -> float:
    """Log-odds on the catalogue's scale: .3 possible, .6 likely, .9 certain."""
    if odds < POSSIBLE_FROM:
        return 0.0
    for least, most, score in (
        (POSSIBLE_FROM, LIKELY_FROM, 0.3),
        (LIKELY_FROM, CERTAIN_FROM, 0.6),
    ):
        if odds < most:
            return score + 0.2999 * (odds - least) / (most - least)
    return min(0.99, 0.9 + 0.02 * (odds - CERTAIN_FROM))


_ORGANISATION = lazy(
    r"""\b(?:inc|llc|llp|ltd|limited|gmbh|corp|corporation|company|plc|pty|s\.?a\.?r\.?l|hospital
    |clinic|medical\ (?:center|centre|group)|university|college|school|institute|academy|bank|trust
    |foundation|association|partners|group|holdings|insurance|pharmacy|laborator(?:y|ies)|pharma
    |ministry|department|council|commission|committee|court|agency|bureau|church|union|society
    |federation|airlines|and\ sons|health\ system|healthcare)\b
    | \bco\. | &\ (?:co|sons|partners|associates)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_PLACE = lazy(
    r"""^\d{1,6}[a-z]?\ (?-i:[^\W\d_a-z])
    | \b(?:street|st\.|avenue|ave|road|rd|boulevard|blvd|drive|lane|court|square|county|city|village
    |province|district|township|apt|suite|p\.?o\.?\ box|islands?|valley|river|lake|mount|mountain
    |beach|park|airport|station)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_PLACE_BEFORE = lazy(
    r"""\b(?:lives?|lived|living|residing|resides?|born|moved|based|located|address|city|town|county
    |state|zip|home|of\ birth)(?:\ (?:in|at|to|near|of))?["']?\s*[:=]?\s*["']?$""",
    re.IGNORECASE | re.VERBOSE,
)
