"""Customers and code names of the user's own, found by keyed digests: nobody holds them in clear.

Words of a text are compared with the digests of the entries' first words, then of their first two,
before anything longer is, and what came of them is remembered; so a text with nothing of a list in
it costs a look-up a word.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

from gatekeeper.detect.catalogue import Canary, EntityInfo, load_catalogue
from gatekeeper.detect.list_file import (
    APART_MAX,
    CANARY,
    WORD_LENGTH_MAX,
    ListFile,
    ListKey,
    confirm,
    normalised,
    phrase_of,
    read_key,
    read_list,
    word_set,
    words_in,
)
from gatekeeper.detect.ngrams import Word, phrases
from gatekeeper.detect.recognizers.spec import Recognizer
from gatekeeper.errors import ConfigError
from gatekeeper.model import NameList
from gatekeeper.model.display import shown

NAME = "ListRecognizer"
SCORE = 0.95
REMEMBERED = 1 << 16
"""Words and phrases of which it is remembered whether they are an entry, or begin one."""

_TITLES = {"CUSTOMER_NAME": "Customer on a list", "PROJECT_CODENAME": "Code name on a list"}
_TIERS = (0.3, 0.6, 0.9)


class KeyedList:
    """One list with its key: finds its entries in a text. Equal where file and key are."""

    def __init__(self, file: ListFile, key: ListKey) -> None:
        """Of a list that its key has confirmed."""
        self._file, self._key = file, key
        self._begins = lru_cache(maxsize=REMEMBERED)(self._is_first)
        self._known = lru_cache(maxsize=REMEMBERED)(self._is_entry)

    def __repr__(self) -> str:
        return f"KeyedList({self.entity}, {self._file.count} entries)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, KeyedList) and self.identity == other.identity

    def __hash__(self) -> int:
        return hash(self.identity)

    @property
    def entity(self) -> str:
        """What its entries are found as."""
        return self._file.entity

    @property
    def classes(self) -> tuple[str, ...]:
        """The data classes of the entity."""
        return self._file.classes

    @property
    def identity(self) -> str:
        """The digest of the file and the id of the key, for the detector's fingerprint."""
        return f"{self._file.digest}:{self._file.key_id}"

    def info(self) -> EntityInfo:
        """The entity, for the catalogue; planted is the canary."""
        marked = (("The offer for ", " is ready."), ("", " was renewed today."))
        return EntityInfo(
            name=self.entity,
            title=_TITLES.get(self.entity, "On a list of names"),
            classes=frozenset(self.classes),
            tiers=_TIERS,
            canaries=tuple(
                Canary(f"{head}{CANARY}{tail}", len(head), len(head) + len(CANARY))
                for head, tail in marked
            ),
            rank=10_000,
        )

    def recognizer(self) -> Recognizer:
        """What finds it, for the analyzer."""
        return Recognizer(NAME, self.entity, (), find=self.find)

    def find(self, text: str) -> list[tuple[int, int, float]]:
        """(start, end, score) of the entries in `text`, the longest from each word on."""
        if not any(map(self._begins, _words(text))):
            return []
        words = words_in(text)

        def known(run: Sequence[Word]) -> bool:
            return self._known(phrase_of(text, run))

        def goes_on(run: Sequence[Word], word: Word) -> bool:
            if word.start - run[-1].end > APART_MAX or len(word.form) > WORD_LENGTH_MAX:
                return False
            return len(run) > 1 or self._begins(phrase_of(text, [*run, word]))

        found = phrases(
            words,
            begins=lambda word: len(word) <= WORD_LENGTH_MAX and self._begins(word),
            known=known,
            goes_on=goes_on,
            words_max=self._file.words_max,
        )
        return [(words[at].start, words[at + n - 1].end, SCORE) for at, n in found]

    def _is_first(self, words: str) -> bool:
        return self._key.first(normalised(words)) in self._file.firsts

    def _is_entry(self, phrase: str) -> bool:
        return self._key.entry(phrase) in self._file.entries


@lru_cache(maxsize=8)
def _words(text: str) -> frozenset[str]:
    """The words of `text`, once for all lists."""
    return word_set(text)


def load_lists(sources: Iterable[NameList], *, default_key: Path) -> tuple[KeyedList, ...]:
    """The lists in `sources`, each confirmed by its key.

    Raises ConfigError for a list or a key that is missing, damaged, or not made for the other.
    """
    return tuple(_load(source.file, source.key or default_key) for source in sources)


def _load(path: Path, key_path: Path) -> KeyedList:
    file = read_list(path)
    key = read_key(key_path)
    confirm(file, key, path)
    unknown = sorted(set(file.classes) - set(load_catalogue().classes))
    if unknown:
        raise ConfigError(f"{shown(path)}: unknown data class `{unknown[0]}`")
    loaded = KeyedList(file, key)
    if not loaded.find(CANARY):
        raise ConfigError(f"{shown(path)}: its canary is not found", hint="make it anew")
    return loaded
