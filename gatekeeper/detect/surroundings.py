"""What stands in and around a proposed name: words, cues, layout. Pure functions of the text."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from functools import lru_cache

from gatekeeper.detect.lazy import lazy
from gatekeeper.detect.lexicon import fold, lexicon
from gatekeeper.detect.titles import titled

# Code points looked at on either side of a span for cues.
BEFORE, AFTER = 48, 48

_WORD = lazy(r"[^\W\d_](?:[^\W\d_]|['’\-\u0300-\u036f](?=[^\W\d_]))*\.?")
# Small words inside names: no evidence either way, and they need no capital.
_PARTICLE = lazy(
    r"(?:de|del|della|di|da|dos|das|do|du|la|le|les|el|al|bin|ben|ibn|abu|van|von|der|den|ter|ten|zu"
    r"|und|y|e|san|st|mr|mrs|ms|dr|prof|jr|sr)"
)

_LIST_GOES_ON = lazy(r",\s+(?:[a-z][\w-]+\s?){1,3}(?:,|\band\b|\bor\b)")
_QUOTES = frozenset("'\"’”»")
_QUOTE_BEHIND_WORD = lazy(r"\w\s['\"‘“«]\Z")
_THING_BEFORE = lazy(
    r"""\b(?:lamp|shirt|dress|jacket|shoe|boot|bag|chair|table|sofa|bed|shelf|desk|rug|mug|bike|car
    |boat|ship|yacht|train|phone|tablet|laptop|printer|console|font|typeface|theme|release|version
    |codename|project|app|tool|library|framework|server|cluster|hurricane|storm|cyclone|operation
    |ketchup|sauce|beer|wine|cheese|apple|pear|potato|tomato|rose|tulip|breed|planet|moon|comet
    |asteroid|satellite|rocket|mission|model|brand|line|series|collection|edition
    |towel|pillow|cushion|blanket|curtain|vase|candle|plate|bowl|cup|pan|pot|knife|kettle|bottle|watch
    |ring|necklace|bracelet|perfume|soap|shampoo|lipstick|sunglasses|hat|scarf|coat|jeans|skirt|blouse
    |sweater|hoodie|backpack|suitcase|tent|stroller|mattress|carpet|cabinet|bench|stool|mirror|clock
    |speaker|headphone|keyboard|monitor|camera|drone|scooter|helmet|racket|guitar|wallpaper|tile
    |tarte?|beef|chicken|eggs?|p[eê]che|cr[eê]pe|banana|cherrie|oyster|veal|steak|lobster|pizza|soup
    |sal[ao]de?|cocktail|martini|sandwich)s?\s$""",
    re.VERBOSE,
)
_POSSESSIVE = lazy(r"['’]s$")
_TITLES = frozenset(
    {"mr", "mrs", "ms", "mx", "miss", "dr", "prof", "professor", "doctor", "nurse", "judge", "rev"}
    | {"sir", "lady", "aunt", "uncle", "president", "senator", "captain", "colonel", "sergeant"}
)
# A title or a form label: what follows is meant to be a person.
_TITLE_BEFORE = lazy(
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
_GREETING_BEFORE = lazy(r"\b(?:dear|hi|hello|hey|thanks|thank you|welcome)[, ]+$", re.IGNORECASE)
# A turn of phrase that people stand in, and other things too.
_PHRASE_BEFORE = lazy(
    r"""(?:
      \bname["']?\s*(?::|=|\||\bis\b)\s*["'*_]*
    | \b(?:i'm|i\ am|this\ is|ask|tell|told|call|called|met|with|from|by|for|and)\s+
    | \b(?:from|to|cc|bcc|author|by|owner|assignee|assigned\ to|reviewer|contact|attendees?|speaker
        |manager)\s*:\s*
    | \b(?:patient|pt|client|customer|witness|plaintiff|defendant|applicant|tenant|landlord)\s+
    )$""",
    re.IGNORECASE | re.VERBOSE,
)
_PERSON_AFTER = lazy(
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
THING_AFTER = lazy(
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
NUMBER_AFTER = lazy(r" ?(?:(?:no|nr|vol|op)\. ?|[A-Z]{1,3})?\d", re.IGNORECASE)
"""A word and its number are the designation of a thing: "Barnard 23", "stanza 4", "Gaia DR3"."""
_LISTED_AFTER = lazy(r"(?:,| and| or) [A-Z][^\W_]*((?:,| and| or) [A-Z])?")
_LISTED_BEFORE = lazy(r"([A-Z][^\W_]*(?:,| and| or) )?\b[A-Z][^\W_]*(?:,| and| or) $")
_CAPITALISED = lazy(r"\b[A-ZÀ-Þ][a-zß-ÿ]+")
_CAPITAL_BEFORE = lazy(r"\b[A-Z][a-z]+ \Z")
_CAPITAL_AFTER = lazy(r" [A-Z][a-z]+ [A-Z]")
_CAMEL = lazy(r"^[a-z]+[A-Z]|[a-z][A-Z]")
_CAMEL_NAME = lazy(r"^(?:Mc|Mac|De|Di|Du|La|Le|Van|Von|Fitz|O'|D'|Al|El|Ben|Sha|Ja)[A-Z]")
_HEADING = lazy(r"[ \t]{0,3}#{1,6}[ \t]")
_PRODUCT_VERSION = lazy(r"/v?\d{1,8}\b")
"""A product and its version, as of a browser (RFC 9110, 10.1.5): `Safari/537.36`."""
_FENCE = lazy(r"^[ \t]*(?:```|~~~)", re.MULTILINE)


# What the surroundings say of the span: nothing; what is said of things too ("with X"); what is
# mostly said of people ("X denies", "X, 61,"); a greeting; a title or a label of a form.
NO_CUE, PHRASE, DEED, GREETING, TITLE = range(5)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """A proposed span with what was seen in it and around it."""

    text: str
    start: int
    end: int
    words: list[str]
    full: list[str]
    cue: int

    @classmethod
    def of(cls, text: str, start: int, end: int) -> Surroundings:
        """Read the span: its words, and folded those that can be evidence (no initials)."""
        words = [_POSSESSIVE.sub("", w.rstrip(".")) for w in _WORD.findall(text[start:end])]
        cue = _cue(text, start, end)
        while len(words) > 1 and words[0].islower() and any(w[0].isupper() for w in words):
            words = words[1:]  # "the late John Graves"
        if len(words) > 1 and words[0].lower() in _TITLES:  # "Aunt Shaw": the title is inside
            words, cue = words[1:], TITLE
        full = [fold(w) for w in words if len(w) > 1 and not _is_particle(w)]
        if not full and cue == TITLE:  # "ms. le": some particles are surnames
            full = [fold(w) for w in words if len(w) > 1]
        return cls(text, start, end, words, full, cue)

    def shouted(self) -> bool:
        """All capitals where the words around are not: an acronym, as far as one can tell."""
        word = max(self.words, key=len)
        return word.isupper() and word.isascii() and _has_lower(self.text, self.start, self.end)

    def is_identifier(self) -> bool:
        """Spelt like code or a handle, or, in lower case or as one word, touching its marks."""
        span = self.text[self.start : self.end]
        if any(c.isdigit() or c in "_@/\\{}<>()[]=" for c in span):
            return True
        if any(map(is_camel, span.split())):
            return True
        before, after = (
            self.text[max(0, self.start - 1) : self.start],
            self.text[self.end : self.end + 1],
        )
        if span.islower() and (after in {"[", "(", "{", "="} or before == "."):
            return True
        if _PRODUCT_VERSION.match(self.text, self.end):
            return True
        if self.cue == TITLE or len(self.full) > 1:
            return False
        return after in {"(", "_", "@"} or before in {"_", "@", "$", "."}

    def in_list(self) -> bool:
        """Among three capitalised words or more: "Robin, Jay and Wren" may be birds."""
        before = self.text[max(0, self.start - BEFORE) : self.start]
        after = self.text[self.end : self.end + AFTER]
        left, right = _LISTED_BEFORE.search(before), _LISTED_AFTER.match(after)
        return bool((left and right) or (left and left[1]) or (right and right[1]))

    def is_bare(self) -> bool:
        """One word in lower case that is the whole text, as a key is."""
        word = self.text.strip()
        return len(word) == self.end - self.start and word.islower() and " " not in word

    def in_heading(self) -> bool:
        """Standing in a Markdown heading, or between words with capitals: A Talk On X And Y."""
        first = layout_of(self.text).line_start(self.start)
        if _HEADING.match(self.text, first):
            return True
        before = self.text[max(0, self.start - BEFORE) : self.start]
        after = self.text[self.end : self.end + AFTER]
        return bool(_CAPITAL_BEFORE.search(before) and _CAPITAL_AFTER.match(after))

    def lowered(self) -> bool:
        """In lower case on a line that uses capitals."""
        if not self.text[self.start : self.end].islower():
            return False
        before = self.text[max(0, self.start - 4 * BEFORE) : self.start].rpartition("\n")[2]
        after = self.text[self.end : self.end + 4 * AFTER].partition("\n")[0]
        return bool(_CAPITALISED.search(before) or _CAPITALISED.search(after))


def is_camel(word: str) -> bool:
    """Whether a word is spelt like a class or a variable, and not like McKay or DeShawn."""
    return bool(_CAMEL.search(word) and not _CAMEL_NAME.search(word))


def is_list(text: str, start: int, end: int) -> bool:
    """Whether a comma in the span parts two items of a list, and not a surname from the name.

    "Romaine, Parmesan, croutons" goes on in lower case; in "Georgia, Helvetica" the word behind
    the comma is no given name, where in "Smith, John A." it is.
    """
    behind = text[start:end].partition(",")[2]
    if not behind:
        return False
    given = [fold(w) for w in _WORD.findall(behind)]
    if behind.lstrip()[:1].islower() and given and not lexicon().known(given[0]):
        return True
    known = any(len(w) < 3 or w.rstrip(".") in lexicon().given for w in given)
    return not known or bool(_LIST_GOES_ON.match(text, end))


def is_nickname(text: str, start: int, end: int) -> bool:
    """Whether one word names a thing: `Linen shirt 'Jack'`, `bananas Foster`."""
    first, space, _ = text[start:end].partition(" ")
    if space:
        return first.islower() and bool(_THING_BEFORE.search(first + space))
    if _THING_BEFORE.search(text, max(0, start - BEFORE), start):
        return True
    quoted = _QUOTE_BEHIND_WORD.match(text[max(0, start - 3) : start])
    return bool(quoted) and text[end : end + 1] in _QUOTES


def _cue(text: str, start: int, end: int) -> int:
    before = text[max(0, start - BEFORE) : start]
    if _TITLE_BEFORE.search(before) or titled(text, start, end)[0] < start:
        return TITLE
    if _GREETING_BEFORE.search(before):
        return GREETING
    if _PERSON_AFTER.match(text, end, end + AFTER):
        return DEED
    return PHRASE if _PHRASE_BEFORE.search(before) else NO_CUE


def _is_particle(word: str) -> bool:
    """A small word of names, spelt small: the "van" of "van Dyk", not "Van" nor "Ben"."""
    return bool(_PARTICLE.fullmatch(word))


def _has_lower(text: str, start: int, end: int) -> bool:
    """Whether the words around the span, on its line, use lower case."""
    before = text[max(0, start - 4 * BEFORE) : start].rpartition("\n")[2]
    after = text[end : end + 4 * AFTER].partition("\n")[0]
    return any(c.islower() for c in before + after)


@dataclass(frozen=True, slots=True)
class Layout:
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
def layout_of(text: str) -> Layout:
    """The layout of the text at hand: its spans are asked about one after another."""
    return Layout(
        tuple(m.start() for m in re.finditer("\n", text)),
        tuple(m.start() for m in re.finditer("`", text)),
        tuple(m.start() for m in _FENCE.finditer(text)),
    )
