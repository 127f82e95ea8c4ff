"""How sure we are of a name that the NER pipeline proposed: `possible`, `likely` or `certain`.

The pipeline's transition parser gives no probability, so agreement decides: the shape of the words,
a lexicon of names of many origins, plain words that collide with names, and cues around the span
("Mr", "Patient:", "my name is"). The lexicon (`data/names.xz`, built by `train/ner/lexicon.py`)
holds single words from Faker's locale tables (MIT) and the training corpora; see `ner/NOTICE`.
"""

from __future__ import annotations

import lzma
import re
import unicodedata
from bisect import bisect_left
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal

__all__ = ["Confidence", "entity_confidence", "fold", "person_confidence"]

Confidence = Literal["possible", "likely", "certain"]

_LEXICON = Path(__file__).parent / "data" / "names.xz"

# Code points looked at on either side of a span for cues.
_BEFORE, _AFTER = 48, 48


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Folded single words: names, and what else the same letters may mean."""

    given: frozenset[str]
    surname: frozenset[str]
    word: frozenset[str]
    product: frozenset[str]

    def known(self, word: str) -> bool:
        """Whether the word is a name of anyone, be it a plain word too or not."""
        return word in self.given or word in self.surname

    def strong(self, word: str) -> bool:
        """Whether the word is a name and nothing else we know of."""
        return self.known(word) and not self.plain(word)

    def plain(self, word: str) -> bool:
        """Whether the word is an ordinary word, a place or a product."""
        return word in self.word or word in self.product


def fold(word: str) -> str:
    """A word without case, marks and typographic apostrophes: `José` and `JOSE` are one."""
    bare = unicodedata.normalize("NFD", word.casefold().replace("’", "'"))
    return "".join(c for c in bare if not unicodedata.combining(c))


@cache
def lexicon() -> Lexicon:
    """The bundled lexicon, read once (about 20 ms)."""
    sections: dict[str, list[str]] = {}
    words: list[str] = []
    for line in lzma.decompress(_LEXICON.read_bytes()).decode().split("\n"):
        if line.startswith("["):
            words = sections.setdefault(line.strip("[]"), [])
        else:
            words.append(line)
    return Lexicon(**{name: frozenset(found) for name, found in sections.items()})


def _words(text: str) -> list[str]:
    return text.split()


_WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|['’\-\u0300-\u036f](?=[^\W\d_]))*\.?")
# Small words inside names, and titles: no evidence either way, and they need no capital.
PARTICLES = frozenset(
    _words("""
    de del della di da dos das do du la le les el al bin ben ibn abu van von der den ter ten zu und
    y e san st mr mrs ms dr prof sir madam lady lord king queen prince princess president judge pope
    saint father mother uncle aunt miss mister captain colonel general major jr sr
""")
)

# A title or a form label: what follows is meant to be a person.
_STRONG_BEFORE = re.compile(
    r"""(?:
      \b(?:mr|mrs|ms|mx|miss|dr|prof|professor|doctor|nurse|judge|justice|officer|sgt|capt|rev|sir)
        \b\.?\s+
    | \b(?:patient|pt|client|customer|member|employee|insured|guardian|physician|attending|provider
        |prescriber|surgeon|witness|plaintiff|defendant|applicant|tenant|landlord|spouse|caller
        |beneficiary|passenger|(?:first|last|middle|full|given|family|maiden|sur|user|contact)[ _-]?)
        (?:'s)?(?:[ _-]?name)?["']?\s*[:=|]\s*["'*_]*
    | \bmy\ name(?:\ is|'s|:)\s+ | \bnext\ of\ kin\W+ | \battn\W+
    | \b(?:my|his|her|their|our)\ (?:wife|husband|son|daughter|mother|father|mom|dad|brother|sister
        |boss|friend|partner|neighbou?r|colleague|coworker|girlfriend|boyfriend|therapist|aunt
        |uncle|cousin),?\s+
    | \bsigned(?:-off-by)?\W+(?:by\W+)? | \b(?:named|nicknamed)\s+
    | (?:^|\n)\s*(?:sincerely|(?:kind|best|warm)?\ ?regards|yours(?:\ \w+)?|respectfully),?\s*\n\s*
    )$""",
    re.IGNORECASE | re.VERBOSE,
)
# A turn of phrase that people stand in, and other things too.
_WEAK_BEFORE = re.compile(
    r"""(?:
      \bname["']?\s*(?::|=|\||\bis\b)\s*["'*_]*
    | \b(?:dear|hi|hello|hey|thanks|thank\ you|welcome)[, ]+
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
    | \ v\.?\s
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
    names = lexicon()
    span = text[start:end]
    words = [w.rstrip(".") for w in _WORD.findall(span)]
    full = [fold(w) for w in words if len(w) > 1 and fold(w) not in PARTICLES]
    cue = _cue(text, start, end)
    if not full or _is_identifier(text, start, end, trusted=cue == 2 or len(full) > 1):
        return "possible"
    if len(words) == 1 or len(full) == 1:
        return _single(text, start, end, words, full[0], cue, names)
    return _several(text, start, end, words, full, cue, names)


def _several(
    text: str, start: int, end: int, words: list[str], full: list[str], cue: int, names: Lexicon
) -> Confidence:
    """A span of two or more whole words."""
    strong = sum(map(names.strong, full))
    pair = full[0] in names.given and full[-1] in names.surname
    pair = pair or (full[-1] in names.given and full[0] in names.surname)
    foreign = not any(map(names.plain, full))
    if _THING_AFTER.match(text, end) and cue < 2:
        return "possible"
    if not _capitalised(words):
        if strong >= 2 or (cue and strong) or (cue == 2 and (pair or foreign)):
            return "certain" if cue == 2 and strong else "likely"
        return "possible"
    agrees = strong >= 1 or pair or foreign
    if _set_apart(text, start) and not cue:
        agrees = strong >= 2 or (strong >= 1 and pair)
    if cue and agrees:
        return "certain" if strong or cue == 2 else "likely"
    return "likely" if agrees or cue == 2 else "possible"


def _single(
    text: str, start: int, end: int, words: list[str], word: str, cue: int, names: Lexicon
) -> Confidence:
    """A span of one whole word, with initials ("J. Smith") or without."""
    longest = max(words, key=len)
    shouted = longest.isupper() and longest.isascii() and _has_lower(text, start, end)
    if shouted and cue < 2:
        return "possible"  # an acronym, as far as one can tell
    if _THING_AFTER.match(text, end) and cue < 2:
        return "possible"
    if word in names.product and cue < 2:
        return "possible"
    capital = _capitalised(words)
    if cue == 2:
        if names.strong(word):
            return "certain"
        return "likely" if names.known(word) or not names.plain(word) else "possible"
    if _set_apart(text, start) and cue < 2:
        return "possible"
    if cue == 1 and names.known(word) and (capital or names.strong(word)):
        return "likely"
    if len(words) > 1 and capital and not names.plain(word):
        return "likely"  # an initial and a surname
    return "likely" if capital and names.strong(word) and word in names.given else "possible"


def entity_confidence(label: str, text: str, start: int, end: int) -> Confidence:
    """Tier a span of any label of the pipeline; PERSON goes to `person_confidence`.

    ORGANIZATION is `likely` with a word that only organisations bear (Inc, GmbH, Hospital, Bank),
    LOCATION with a street number, a cue ("lives in") or a place word (County, Street); both are
    otherwise `possible`, as is everything in a code fence or in backticks.
    """
    if label == "PERSON":
        return person_confidence(text, start, end)
    if _is_identifier(text, start, end, trusted=True) or _layout(text).in_code(start):
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
    """How the surroundings announce a person: 2 with a title or label, 1 a turn of phrase, or 0."""
    before = text[max(0, start - _BEFORE) : start]
    if _STRONG_BEFORE.search(before):
        return 2
    if _WEAK_BEFORE.search(before) or _PERSON_AFTER.match(text[end : end + _AFTER]):
        return 1
    return 0


def _capitalised(words: list[str]) -> bool:
    """Every word but the particles begins with a capital, or has no case (李, محمد)."""
    return all(not w[0].islower() or fold(w) in PARTICLES for w in words)


def _has_lower(text: str, start: int, end: int) -> bool:
    """Whether the words around the span, on its line, use lower case."""
    before = text[max(0, start - 4 * _BEFORE) : start].rpartition("\n")[2]
    after = text[end : end + 4 * _AFTER].partition("\n")[0]
    return any(c.islower() for c in before + after)


def _is_identifier(text: str, start: int, end: int, *, trusted: bool) -> bool:
    """Whether the span is spelt like code or a handle; `trusted` spans may touch code marks."""
    span = text[start:end]
    if any(c.isdigit() or c in "_@/\\{}<>()[]=" for c in span):
        return True
    if any(_CAMEL.search(w) and not _CAMEL_NAME.search(w) for w in span.split()):
        return True
    if trusted:
        return False
    return text[end : end + 1] in {"(", "_", "@"} or text[max(0, start - 1) : start] in set("_@$.")


def _set_apart(text: str, start: int) -> bool:
    """Whether the span stands in a Markdown heading, in backticks or in a code fence."""
    layout = _layout(text)
    first = layout.line_start(start)
    return text[first : first + 8].lstrip().startswith("#") or layout.in_code(start)


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
