"""A name seen once is found everywhere in the same content, in any case, by keyed hash.

No name is kept: only digests under a key that is drawn for each content and forgotten with it. The
key changes no result. What is collected does not depend on the order of the records, so a name that
stands in the clear on the last page is found on the first one too; nor on where a content is cut,
for what was taken from its parts is merged in their order.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b

from gatekeeper.detect.lazy import lazy
from gatekeeper.detect.lexicon import Lexicon, fold, lexicon
from gatekeeper.detect.ngrams import Word, phrases
from gatekeeper.detect.recognizers.people import is_no_person
from gatekeeper.detect.spans import Span
from gatekeeper.detect.titles import untitled

NAME = "SeenBefore"
SCORE = 0.7
DIGESTS_MAX = 1_000_000
"""Digests that are kept, about 100 MB of them."""
ASKED_MAX = 1 << 16
"""Distinct words of which it is held whether they begin a name."""
WORDS_MAX = 4
"""Words of a name that are looked at."""
SINGLE_MIN, RARE_MIN = 4, 5
"""Letters of a single word that is taken for a name: one the lexicon knows, one it does not."""

_WORD = lazy(r"[^\W\d_](?:[^\W\d_]|['’\u0300-\u036f](?=[^\W\d_]))*")
_SMALL = r"de|del|della|di|da|dos|das|do|du|la|le|el|al|bin|ben|ibn|abu|van|von|der|den|ter|ten|zu"
_LEFT_OUT = frozenset(_SMALL.split("|")) | frozenset(
    "mr mrs ms mx miss dr prof jr sr md rn phd esq ii iii iv".split()  # noqa: SIM905
)
"""Particles, titles and degrees: no part of what is compared."""
_POSSESSIVE = frozenset({"'s", "’s", "'S", "’S"})
_GAP = lazy(rf"[\s,.'’-]{{1,3}}(?:(?:[^\W\d_]\.?|{_SMALL})[\s.,-]{{1,2}}){{0,3}}", re.IGNORECASE)
"""What may stand between two words of a name: an initial, a particle."""
_NOT_BEFORE, _NOT_AFTER = frozenset("@/\\_#$.&=-"), frozenset("@/\\_=([&-")
_THING = lazy(
    r"['’]?s?[ -](?:disease|syndrome|palsy|lymphoma|test|sign|scale|score|law|theorem|method"
    r"|equation|algorithm|effect|paradox|constant|distribution|street|st|avenue|ave|road|rd"
    r"|university|college|(?:high )?school|hospital|(?:international )?airport|hotel|foundation"
    r"|program|podcast|restaurant|award|prize|cups?|sea|lake|hill|park|island|bridge|inc|llc|ltd|gmbh)\b",
    re.IGNORECASE,
)

_TAG = lazy(r"(?<![\w@#/.&])[@#]([^\W\d_]{6,40})(?![\w/.-]*\w)")
"""A hashtag or a handle, which may be a name written as one word: "#AnaLima", "@analima"."""

_GOES_ON = lazy(r" (?:de |du |la |von |van )?[A-Z][a-z]|'s? ?& |\s&\s")
"""A single name is part of a longer one, of a person whom the model sees or of a thing."""


class Seen:
    """The names of one content: `take` those that were found, then `find` them again."""

    def __init__(self, key: bytes | None = None) -> None:
        """With `key`, or one of its own, and nothing seen."""
        self._key = key or secrets.token_bytes(32)
        self._digests: dict[bytes, None] = {}
        self._asked: dict[str, bool] = {}
        self.overflowed = False
        """Whether there were more names than are kept."""

    def __bool__(self) -> bool:
        return bool(self._digests)

    def take(self, text: str, names: Iterable[Span]) -> None:
        """Remember the names at `names` in `text`, as digests."""
        known = lexicon()
        for span in names:
            name = text[untitled(text, span.start, span.end) : span.end]
            if len(name) <= 80 and not any(c.isdigit() or c in "@_/\\" for c in name):
                self._take_name([w.form for w in _words(name)], "," in name, known)

    def merge(self, later: Seen) -> None:
        """Take over what was taken, under the same key, from what follows."""
        for digest in later._digests:
            self._keep(digest)
        self.overflowed = self.overflowed or later.overflowed

    def find(self, text: str) -> list[Span]:
        """Where the names stand in `text`."""
        if not self._digests:
            return []
        if not self.may_stand_in(text):
            return []
        tagged = _TAG.finditer(text) if "#" in text or "@" in text else ()
        tags = [tag.span() for tag in tagged if self._has("tag", fold(tag[1]))]
        found = [Span(*tag, "PERSON", SCORE, NAME) for tag in tags]
        words = _words(text)
        for at, length in phrases(
            words,
            begins=lambda form: self._has("1", form),
            known=self._known,
            goes_on=lambda run, word: bool(_GAP.fullmatch(text, run[-1].end, word.start)),
            words_max=WORDS_MAX,
        ):
            start, end = words[at].start, words[at + length - 1].end
            part = length == 1 and words[at].capital and _GOES_ON.match(text, end)
            if not part and _stands_alone(text, start, end) and not is_no_person(text, start, end):
                found.append(Span(start, end, "PERSON", SCORE, NAME))
        return found

    def may_stand_in(self, text: str) -> bool:
        """Whether a name may stand in `text`: one of its words begins one, or it has a tag."""
        if "#" in text or "@" in text:
            return True
        return any(map(self._may_begin, set(_WORD.findall(text))))

    def _may_begin(self, word: str) -> bool:
        """Whether a word of a text is the first of a name; asked once of each word."""
        known = self._asked.get(word)
        if known is None:
            if len(self._asked) >= ASKED_MAX:
                self._asked.clear()
            form = _form(word)
            known = self._asked[word] = bool(form) and self._has("1", form)
        return known

    def _known(self, words: Sequence[Word]) -> bool:
        phrase = " ".join(w.form for w in words)
        capital = len(words) > 1 and all(w.capital for w in words)
        return self._has("any", phrase) or (capital and self._has("capital", phrase))

    def _take_name(self, words: list[str], reversed_: bool, known: Lexicon) -> None:
        if len(words) == 1 and len(words[0]) >= SINGLE_MIN and known.strong(words[0]):
            self._add("any", words[0])
        if not 1 < len(words) <= WORDS_MAX:
            return
        if reversed_:
            words = [*words[1:], words[0]]
        self._add("tag", "".join(words))
        how = "any" if any(map(known.strong, words)) else "capital"
        for phrase in {tuple(words), (words[0], words[-1]), (words[-1], *words[:-1])}:
            self._add(how, *phrase)
        for word in (words[0], words[-1]):
            if len(word) >= SINGLE_MIN and known.strong(word):
                self._add("any", word)
        # A surname that no list has, behind a given name that is nothing else.
        rare = len(words[-1]) >= RARE_MIN and not known.plain(words[-1])
        if rare and words[0] in known.given and known.strong(words[0]):
            self._add("any", words[-1])

    def _add(self, how: str, *words: str) -> None:
        self._keep(self._digest(how, " ".join(words)))
        self._keep(self._digest("1", words[0]))

    def _keep(self, digest: bytes) -> None:
        if digest in self._digests:
            return
        if len(self._digests) < DIGESTS_MAX:
            self._digests[digest] = None
            self._asked.clear()
        else:
            self.overflowed = True

    def _has(self, how: str, words: str) -> bool:
        return self._digest(how, words) in self._digests

    def _digest(self, how: str, words: str) -> bytes:
        return blake2b(f"{how}:{words}".encode(), key=self._key, digest_size=16).digest()


def _words(text: str) -> list[Word]:
    return list(_each_word(text))


def _each_word(text: str) -> Iterator[Word]:
    for match in _WORD.finditer(text):
        word = match[0]
        form = _form(word)
        if form:
            length = len(word) - 2 * (word[-2:] in _POSSESSIVE)
            yield Word(form, match.start(), match.start() + length, word[0].isupper())


def _form(word: str) -> str:
    """A word as it is compared; empty where it is none."""
    if word[-2:] in _POSSESSIVE:
        word = word[:-2]
    form = fold(word) if len(word) > 1 else ""
    return "" if form in _LEFT_OUT else form


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether the words are neither part of a name in code nor of the name of a thing."""
    if start and (text[start - 1] in _NOT_BEFORE or text[start - 1].isdigit()):
        return False
    after = text[end : end + 2]
    if after[:1] in _NOT_AFTER or after[:1].isdigit():
        return False
    if after[:1] == "." and after[1:].isalnum():
        return False
    return not _THING.match(text, end)
