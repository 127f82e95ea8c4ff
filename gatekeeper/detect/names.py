"""How sure we are of a name that the NER pipeline proposed: `possible`, `likely` or `certain`.

The pipeline's transition parser gives no probability, so agreement decides: the shape of the words,
a lexicon of names of many origins, plain words that collide with names, and cues around the span
("Mr", "Patient:", "my name is"). The lexicon (`data/names.xz`, built by `train/ner/lexicon.py`)
holds single words from Faker's locale tables (MIT) and the training corpora; see `ner/NOTICE`.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from gatekeeper.detect.lexicon import fold, lexicon

__all__ = ["Confidence", "entity_confidence", "person_confidence"]

Confidence = Literal["possible", "likely", "certain"]

# Code points looked at on either side of a span for cues.
_BEFORE, _AFTER = 48, 48

_WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|['’\-\u0300-\u036f](?=[^\W\d_]))*\.?")
# Small words inside names: no evidence either way, and they need no capital.
_PARTICLE = re.compile(
    r"(?:de|del|della|di|da|dos|das|do|du|la|le|les|el|al|bin|ben|ibn|abu|van|von|der|den|ter|ten|zu"
    r"|und|y|e|san|st|mr|mrs|ms|dr|prof|jr|sr)"
)

_LIST_GOES_ON = re.compile(r",\s+(?:[a-z][\w-]+\s?){1,3}(?:,|\band\b|\bor\b)")
_QUOTES = frozenset("'\"’”»")
_QUOTE_BEHIND_WORD = re.compile(r"\w\s['\"‘“«]\Z")
_THING_BEFORE = re.compile(
    r"""\b(?:lamp|shirt|dress|jacket|shoe|boot|bag|chair|table|sofa|bed|shelf|desk|rug|mug|bike|car
    |boat|ship|yacht|train|phone|tablet|laptop|printer|console|font|typeface|theme|release|version
    |codename|project|app|tool|library|framework|server|cluster|hurricane|storm|cyclone|operation
    |ketchup|sauce|beer|wine|cheese|apple|pear|potato|tomato|rose|tulip|breed|planet|moon|comet
    |asteroid|satellite|rocket|mission|model|brand|line|series|collection|edition)s?\s$""",
    re.VERBOSE,
)
_POSSESSIVE = re.compile(r"['’]s$")
_TITLES = frozenset(
    {"mr", "mrs", "ms", "mx", "miss", "dr", "prof", "professor", "doctor", "nurse", "judge", "rev"}
    | {"sir", "lady", "aunt", "uncle", "president", "senator", "captain", "colonel", "sergeant"}
)
# A title or a form label: what follows is meant to be a person.
_TITLE_BEFORE = re.compile(
    r"""(?:
      \b(?:mr|mrs|ms|mx|miss|dr|prof|professor|doctor|nurse|judge|justice|officer|sgt|capt|rev|sir)
        \b\.?\s+
    | \b(?:patient|pt|client|customer|member|employee|insured|guardian|physician|attending|provider
        |prescriber|surgeon|witness|plaintiff|defendant|applicant|tenant|landlord|spouse|caller
        |beneficiary|passenger|student|teacher
        |(?:first|last|middle|full|given|family|maiden|sur|user|contact)[ _-]?)
        (?:'s)?(?:[ _-]?name)?["']?\s*[:=|]\s*["'*_]*
    | \bmy\ name(?:\ is|'s|:)\s+ | \bnext\ of\ kin\W+ | \battn\W+
    | \b(?:(?:my|his|her|their|our)\ )?(?:wife|husband|son|daughter|mother|father|mom|dad|brother
        |sister|boss|friend|partner|neighbou?r|colleague|coworker|girlfriend|boyfriend|therapist|aunt
        |uncle|cousin),?\s+
    | \bsigned(?:-off-by)?\W+(?:by\W+)? | \b(?:named|nicknamed)\s+
    | (?:^|\n)\s*(?:sincerely|(?:kind|best|warm)?\ ?regards|yours(?:\ \w+)?|respectfully),?\s*\n\s*
    )$""",
    re.IGNORECASE | re.VERBOSE,
)
_GREETING_BEFORE = re.compile(
    r"\b(?:dear|hi|hello|hey|thanks|thank you|welcome)[, ]+$", re.IGNORECASE
)
# A turn of phrase that people stand in, and other things too.
_PHRASE_BEFORE = re.compile(
    r"""(?:
      \bname["']?\s*(?::|=|\||\bis\b)\s*["'*_]*
    | \b(?:i'm|i\ am|this\ is|ask|tell|told|call|called|met|with|from|by|for|and)\s+
    | \b(?:from|to|cc|bcc|author|by|owner|assignee|assigned\ to|reviewer|contact|attendees?|speaker
        |manager)\s*:\s*
    | \b(?:patient|pt|client|customer|witness|plaintiff|defendant|applicant|tenant|landlord)\s+
    )$""",
    re.IGNORECASE | re.VERBOSE,
)
_PERSON_AFTER = re.compile(
    r"""(?:
      ,?\ (?:M\.?D|R\.?N|Ph\.?D|Esq|Jr|Sr|D\.?O|N\.?P|PA-C|DDS|LCSW|CPA)\b
    | ,?\ \(?\d{1,3}\ ?(?:[MF]\b|y/?o\b|years?\ old|-year-old)
    | ,\ (?:aged?\ )?\d{1,3}, | \ \(\d{1,3}\) | ,?\ (?:is|was)\ an?\ \d{1,3}[ -]
    | \ (?:said|says|told|asked|denies|denied|reports|reported|complain(?:s|ed)|presented|testified
        |lives|lived|signed|tolerated|emailed|replied
        |was\ (?:born|diagnosed|admitted|discharged|seen|arrested|sentenced))\b
    | ['’]s\ (?:wife|husband|son|daughter|mother|father|brother|sister|doctor|mom|dad|phone|email)\b
    )""",
    re.VERBOSE,
)
# A name that stands for a thing: Parkinson's disease, Newton's method, Jenkins build.
_THING_AFTER = re.compile(
    r"""(?:['’]s?)?[ -](?:[a-z]+[ -])?(?:disease|syndrome|palsy|lymphoma|sarcoma|virus|sign|tests?
    |scale|score|catheter|procedure|fracture|thyroiditis|tendinitis|maneuver|criteria|stage|area|laws?
    |theorem|lemma|algorithm|method|formula|equations?|constant|effect|principle|paradox|numbers?
    |conjecture|hypothesis|transforms?|distribution|process|chains?|filter|kernel|blur|diagrams?
    |charts?|razor|triangle|cycle|sequence|sets?|curve|index|series|function|inequality|equilibrium
    |argument|conditioning|model|search|sort|notation|salad|sauce|dressing|pie|cake|soup|stew|build
    |pipeline|server|plugin|container|dashboard|library|framework|prize|award|medal|university
    |college|hospital|street|avenue|road|problem|experiment|matrix|space|cat|game|puzzle|machine
    |cipher|coding|code|whiskey)\b""",
    re.VERBOSE,
)
_LISTED_AFTER = re.compile(r"(?:,| and| or) [A-Z][^\W_]*((?:,| and| or) [A-Z])?")
_LISTED_BEFORE = re.compile(r"([A-Z][^\W_]*(?:,| and| or) )?\b[A-Z][^\W_]*(?:,| and| or) $")
_CAMEL = re.compile(r"^[a-z]+[A-Z]|[a-z][A-Z]")
_CAMEL_NAME = re.compile(r"^(?:Mc|Mac|De|Di|Du|La|Le|Van|Von|Fitz|O'|D'|Al|El|Ben|Sha|Ja)[A-Z]")
_FENCE = re.compile(r"^[ \t]*(?:```|~~~)", re.MULTILINE)


def person_confidence(text: str, start: int, end: int) -> Confidence:
    """Tier a PERSON span that the pipeline proposed.

    Args:
        text: the whole text the span is in.
        start: first code point of the span.
        end: the code point after it.

    Returns:
        `likely` where the words or a cue speak for a person, `certain` where both do strongly,
        `possible` otherwise.
    """
    span = _Proposal.of(text, start, end)
    if not span.full or span.is_identifier():
        return "possible"
    if span.cue < _TITLE and (
        _THING_AFTER.match(text, end)
        or _is_list(text, start, end)
        or _is_nickname(text, start, end)
    ):
        return "possible"
    return _several(span) if len(span.full) > 1 else _single(span)


def _is_list(text: str, start: int, end: int) -> bool:
    """Whether a comma in the span parts two items of a list, and not a surname from the name.

    "Romaine, Parmesan, croutons" goes on in lower case; in "Georgia, Helvetica" the word behind
    the comma is no given name, where in "Smith, John A." it is.
    """
    behind = text[start:end].partition(",")[2]
    if not behind:
        return False
    given = [fold(w) for w in _WORD.findall(behind)]
    known = any(len(w) < 3 or w.rstrip(".") in lexicon().given for w in given)
    return not known or bool(_LIST_GOES_ON.match(text, end))


def _is_nickname(text: str, start: int, end: int) -> bool:
    """Whether one word names a thing: `Linen shirt 'Jack'`, `desk lamp Aurora`."""
    if " " in text[start:end]:
        return False
    if _THING_BEFORE.search(text, max(0, start - _BEFORE), start):
        return True
    quoted = _QUOTE_BEHIND_WORD.match(text[max(0, start - 3) : start])
    return bool(quoted) and text[end : end + 1] in _QUOTES


# What the surroundings say of the span: nothing; what is said of things too ("with X"); what is
# mostly said of people ("X denies", "X, 61,"); a greeting; a title or a label of a form.
_NONE, _PHRASE, _DEED, _GREETING, _TITLE = range(5)


@dataclass(frozen=True, slots=True)
class _Proposal:
    """A proposed span with what was seen in it and around it."""

    text: str
    start: int
    end: int
    words: list[str]
    full: list[str]
    cue: int

    @classmethod
    def of(cls, text: str, start: int, end: int) -> _Proposal:
        """Read the span: its words, and folded those that can be evidence (no initials)."""
        words = [_POSSESSIVE.sub("", w.rstrip(".")) for w in _WORD.findall(text[start:end])]
        cue = _cue(text, start, end)
        while len(words) > 1 and words[0].islower() and any(w[0].isupper() for w in words):
            words = words[1:]  # "the late John Graves"
        if len(words) > 1 and words[0].lower() in _TITLES:  # "Aunt Shaw": the title is inside
            words, cue = words[1:], _TITLE
        full = [fold(w) for w in words if len(w) > 1 and not _is_particle(w)]
        return cls(text, start, end, words, full, cue)

    def capitalised(self) -> bool:
        """Every word but the particles begins with a capital, or has no case (李, محمد)."""
        return all(not w[0].islower() or _is_particle(w) for w in self.words)

    def shouted(self) -> bool:
        """All capitals where the words around are not: an acronym, as far as one can tell."""
        word = max(self.words, key=len)
        return word.isupper() and word.isascii() and _has_lower(self.text, self.start, self.end)

    def is_identifier(self) -> bool:
        """Spelt like code or a handle, or, for a bare single word, touching code marks."""
        span = self.text[self.start : self.end]
        if any(c.isdigit() or c in "_@/\\{}<>()[]=" for c in span):
            return True
        if any(_CAMEL.search(w) and not _CAMEL_NAME.search(w) for w in span.split()):
            return True
        if self.cue == _TITLE or len(self.full) > 1:
            return False
        before, after = self.text[max(0, self.start - 1) : self.start], self.text[self.end :][:1]
        return after in {"(", "_", "@"} or before in {"_", "@", "$", "."}

    def in_list(self) -> bool:
        """Among three capitalised words or more: "Robin, Jay and Wren" may be birds."""
        before = self.text[max(0, self.start - _BEFORE) : self.start]
        after = self.text[self.end : self.end + _AFTER]
        left, right = _LISTED_BEFORE.search(before), _LISTED_AFTER.match(after)
        return bool((left and right) or (left and left[1]) or (right and right[1]))

    def is_listed(self) -> bool:
        """Two words of a list taken for one "Smith, John"."""
        before, after = self.text[: self.start][-_BEFORE:], self.text[self.end :][:_AFTER]
        listed = _LISTED_BEFORE.search(before) or _LISTED_AFTER.match(after)
        return "," in self.text[self.start : self.end] and bool(listed)

    def set_apart(self) -> bool:
        """Standing in a Markdown heading, in backticks or in a code fence."""
        layout = _layout(self.text)
        first = layout.line_start(self.start)
        heading = self.text[first : first + 8].lstrip().startswith("#")
        return heading or layout.in_code(self.start)


def _several(span: _Proposal) -> Confidence:
    """A span of two or more whole words."""
    names, full, cue = lexicon(), span.full, span.cue
    strong = sum(map(names.strong, full))
    pair = full[0] in names.given and full[-1] in names.surname
    pair = pair or (full[-1] in names.given and full[0] in names.surname)
    foreign = not any(map(names.plain, full))
    if cue == _TITLE:
        if strong:
            return "certain"
        return "likely" if pair or foreign or span.capitalised() else "possible"
    if span.is_listed():
        return "possible"
    if not span.capitalised():
        return "likely" if strong >= 2 or (cue >= _DEED and strong) else "possible"
    # a name among words that are nothing else: "Bob Packwood", not "Almond Extract"
    odd = any(names.plain(w) and not names.known(w) for w in full)
    # and a given name, or a surname that something else speaks for: not "Laser Pointer"
    given = any(w in names.given or w.split("-")[0] in names.given for w in full)
    agrees = not odd and not all(map(names.plain, full))
    agrees = agrees and (given or (strong > 0 and (cue > _NONE or strong == len(full))))
    agrees = agrees or (pair and cue > _NONE)
    if span.set_apart() and not cue:
        return "likely" if strong >= 2 or (strong and pair) else "possible"
    if cue >= _DEED and strong and agrees:
        return "certain"
    return "likely" if agrees or (cue and foreign) else "possible"


def _single(span: _Proposal) -> Confidence:
    """A span of one whole word, with initials ("J. Smith") or without."""
    names, word, cue = lexicon(), span.full[0], span.cue
    if cue == _TITLE:
        if names.strong(word):
            return "certain"
        return "likely" if names.known(word) or not names.plain(word) else "possible"
    if span.shouted() or span.set_apart() or word in names.product:
        return "possible"
    capital = span.capitalised()
    if cue >= _DEED and names.known(word) and (capital or names.strong(word)):
        return "likely"
    named = capital and not names.plain(word)
    if named and (cue == _GREETING or len(span.words) > 1):
        return "likely"  # "Hi Aung", "J. Smith"
    if cue and named and names.known(word):
        return "likely"
    return "likely" if named and word in names.given and not span.in_list() else "possible"


def entity_confidence(label: str, text: str, start: int, end: int) -> Confidence:
    """Tier a span of any label of the pipeline; PERSON goes to `person_confidence`.

    ORGANIZATION is `likely` with a word that only organisations bear (Inc, GmbH, Hospital, Bank),
    LOCATION with a street number, a cue ("lives in") or a place word (County, Street); both are
    otherwise `possible`, as is everything in a code fence or in backticks.
    """
    if label == "PERSON":
        return person_confidence(text, start, end)
    if _layout(text).in_code(start):
        return "possible"
    span = text[start:end]
    if label == "ORGANIZATION":
        return "likely" if _ORGANISATION.search(span) else "possible"
    if label == "LOCATION":
        near = _PLACE_BEFORE.search(text, max(0, start - _BEFORE), start)
        return "likely" if near or _PLACE.search(span) else "possible"
    return "possible"


_ORGANISATION = re.compile(
    r"""\b(?:inc|llc|llp|ltd|limited|gmbh|corp|corporation|company|plc|pty|s\.?a\.?r\.?l|hospital
    |clinic|medical\ (?:center|centre|group)|university|college|school|institute|academy|bank|trust
    |foundation|association|partners|group|holdings|insurance|pharmacy|laborator(?:y|ies)|pharma
    |ministry|department|council|commission|committee|court|agency|bureau|church|union|society
    |federation|airlines|and\ sons|health\ system|healthcare)\b
    | \bco\. | &\ (?:co|sons|partners|associates)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_PLACE = re.compile(
    r"""^\d{1,6}[a-z]?,?\ \D
    | \b(?:street|st\.|avenue|ave|road|rd|boulevard|blvd|drive|lane|court|square|county|city|village
    |province|district|township|apt|suite|p\.?o\.?\ box|islands?|valley|river|lake|mount|mountain
    |beach|park|airport|station)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_PLACE_BEFORE = re.compile(
    r"""\b(?:lives?|lived|living|residing|resides?|born|moved|based|located|address|city|town|county
    |state|zip|home|of\ birth)(?:\ (?:in|at|to|near|of))?["']?\s*[:=]?\s*["']?$""",
    re.IGNORECASE | re.VERBOSE,
)


def _cue(text: str, start: int, end: int) -> int:
    before = text[max(0, start - _BEFORE) : start]
    if _TITLE_BEFORE.search(before):
        return _TITLE
    if _GREETING_BEFORE.search(before):
        return _GREETING
    if _PERSON_AFTER.match(text, end, end + _AFTER):
        return _DEED
    return _PHRASE if _PHRASE_BEFORE.search(before) else _NONE


def _is_particle(word: str) -> bool:
    """A small word of names, spelt small: the "van" of "van Dyk", not "Van" nor "Ben"."""
    return bool(_PARTICLE.fullmatch(word))


def _has_lower(text: str, start: int, end: int) -> bool:
    """Whether the words around the span, on its line, use lower case."""
    before = text[max(0, start - 4 * _BEFORE) : start].rpartition("\n")[2]
    after = text[end : end + 4 * _AFTER].partition("\n")[0]
    return any(c.islower() for c in before + after)


@dataclass(frozen=True, slots=True)
class _Layout:
    """Sorted offsets of what Markdown cares about, so that a long text is walked once."""

    lines: tuple[int, ...]
    ticks: tuple[int, ...]
    fences: tuple[int, ...]

    def line_start(self, at: int) -> int:
        """Where the line of `at` begins."""
        before = bisect_left(self.lines, at)
        return self.lines[before - 1] + 1 if before else 0

    def in_code(self, at: int) -> bool:
        """Whether `at` is between two backticks of its line, or inside a fence."""
        if bisect_left(self.fences, at) % 2:
            return True
        return (bisect_left(self.ticks, at) - bisect_left(self.ticks, self.line_start(at))) % 2 == 1


@lru_cache(maxsize=1)
def _layout(text: str) -> _Layout:
    """The layout of the text at hand: its spans are asked about one after another."""
    return _Layout(
        tuple(m.start() for m in re.finditer("\n", text)),
        tuple(m.start() for m in re.finditer("`", text)),
        tuple(m.start() for m in _FENCE.finditer(text)),
    )
