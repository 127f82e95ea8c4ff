"""One recognizer of the user's, read from its YAML and proved by its examples."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from gatekeeper.detect.bounds import INVALID, bound_problem, compiled_or_none
from gatekeeper.detect.catalogue import Canary, EntityInfo, load_catalogue, marked_text
from gatekeeper.detect.deny import DenyList
from gatekeeper.detect.lazy import lazy
from gatekeeper.detect.matching import Match, Matcher, PatternTimedOut
from gatekeeper.detect.recognizers.spec import Pattern, Recognizer
from gatekeeper.errors import ConfigError

TIERS = (0.3, 0.6, 0.9)
DEFAULT_CLASS = "internal"
DENY_SCORE = 1.0
LANGUAGE = "en"
MAX_PATTERNS, MAX_WORDS, MAX_DENIED = 100, 2000, 100_000
MAX_EXAMPLES, EXAMPLE_LENGTH, WORD_LENGTH = 100, 10_000, 200
EXAMPLE_S = 1.0

_IGNORE_CASE, _MULTILINE, _DOTALL, _VERBOSE, _ASCII, _UNICODE = 2, 8, 16, 64, 128, 32
PRESIDIO_FLAGS = _DOTALL | _MULTILINE | _IGNORE_CASE
_FLAGS = PRESIDIO_FLAGS | _VERBOSE | _ASCII | _UNICODE
_ENTITY = lazy(r"[A-Z][A-Z0-9_]{1,63}\Z")
_LANGUAGE = lazy(r"[a-z]{2}(?:-[A-Z]{2})?\Z")


@dataclass(frozen=True, slots=True)
class Own:
    """One recognizer of the user's, and what its entity is."""

    recognizer: Recognizer
    classes: tuple[str, ...]
    canaries: tuple[Canary, ...]

    @property
    def entity(self) -> str:
        """The entity it finds."""
        return self.recognizer.entity

    def info(self) -> EntityInfo:
        """The entity, for the catalogue."""
        return EntityInfo(
            name=self.entity,
            title=f"found by {self.recognizer.name}",
            classes=frozenset(self.classes),
            tiers=TIERS,
            canaries=self.canaries,
            rank=10_000,
        )


class Item:
    """Reads one recognizer."""

    def __init__(
        self, item: dict[str, Any], name: str, wrong: Callable[[str], ConfigError]
    ) -> None:
        self._item = item
        self._name = name
        self._error = wrong

    def own(self) -> Own:
        """Its recognizer, proved by its examples."""
        entity = self._entity()
        self._flags = self._read_flags()
        words = self._context()
        given = self._list("patterns", MAX_PATTERNS)
        patterns = [self._pattern(p) for p in given]
        denied = self._deny_list()
        if not patterns and denied is None:
            raise self._wrong("give patterns or a deny_list")
        recognizer = Recognizer(
            self._name,
            entity,
            tuple(patterns),
            tuple(w.lower() for w in words),
            ignore_case=bool(self._flags & _IGNORE_CASE),
            find=None if denied is None else denied.find,
        )
        canaries = self._canaries()
        self._prove(recognizer, canaries)
        return Own(recognizer, self._classes(entity), canaries)

    def _entity(self) -> str:
        entity = self._item.get("supported_entity")
        if "supported_entities" in self._item:
            several = self._texts("supported_entities", 1)
            if entity is not None or len(several) != 1:
                raise self._wrong("give one `supported_entity`")
            entity = several[0]
        if not isinstance(entity, str) or not _ENTITY.match(entity):
            raise self._wrong("supported_entity is a word like PROJECT_NAME")
        return entity

    def _context(self) -> list[str]:
        """The context words for English. Raises where the recognizer is not for English."""
        one, several = self._item.get("supported_language"), self._list("supported_languages", 100)
        if one is not None and several:
            raise self._wrong("give supported_language or supported_languages, not both")
        words = self._texts("context", MAX_WORDS)
        named: dict[str, list[str]] = {}
        for language in several or [one or LANGUAGE]:
            if isinstance(language, dict) and set(language) <= {"language", "context"}:
                inner = Item(language, self._name, self._error)
                named[str(language.get("language"))[:40]] = inner._texts("context", MAX_WORDS)
            else:
                named[str(language)[:40]] = []
        if not all(_LANGUAGE.match(code) for code in named):
            raise self._wrong("a language is a code like en or en-US")
        if words and len(named) > 1:
            raise self._wrong("context for several languages stands under supported_languages")
        mine = [code for code in named if code.split("-")[0] == LANGUAGE]
        if not mine:
            raise self._wrong(
                "texts are read as English; add en to its languages, or set `enabled: false`"
            )
        return words or [word for code in mine for word in named[code]]

    def _read_flags(self) -> int:
        flags = self._item.get("global_regex_flags", PRESIDIO_FLAGS)
        if isinstance(flags, bool) or not isinstance(flags, int) or flags < 0 or flags & ~_FLAGS:
            raise self._wrong(
                "global_regex_flags is a sum of 2 (ignore case), 8 (multiline), 16 (dotall), "
                "32 (unicode), 64 (verbose) and 128 (ascii)"
            )
        return flags

    def _pattern(self, item: Any) -> Pattern:
        if not isinstance(item, dict) or set(item) != {"name", "regex", "score"}:
            raise self._wrong("a pattern has name, regex and score")
        if not isinstance(item["name"], str) or not isinstance(item["regex"], str):
            raise self._wrong("name and regex of a pattern are texts")
        label = item["name"][:60]
        score = self._score(item["score"])
        written = self._flagged(item["regex"])
        # Alone as well: `a)|(b` is one only within the brackets of the flags.
        problem = bound_problem(written) if compiled_or_none(item["regex"]) else INVALID
        if problem:
            raise self._wrong(f"pattern `{label}`: {problem}")
        return Pattern(label, written, score)

    def _flagged(self, written: str) -> str:
        """The pattern with its flags written in it: one recognizer's are not another's."""
        pairs = ((_DOTALL, "s"), (_VERBOSE, "x"), (_ASCII, "a"))
        on = "".join(letter for bit, letter in pairs if self._flags & bit)
        off = ("" if self._flags & _IGNORE_CASE else "i") + (
            "" if self._flags & _MULTILINE else "m"
        )
        end = "\n" if self._flags & _VERBOSE else ""
        return f"(?{on}{'-' if off else ''}{off}:{written}{end})"

    def _score(self, score: Any) -> float:
        number = isinstance(score, (int, float)) and not isinstance(score, bool)
        if not number or not math.isfinite(score) or not 0 < score <= 1:
            raise self._wrong("a score lies over 0 and up to 1")
        return float(score)

    def _deny_list(self) -> DenyList | None:
        words = self._texts("deny_list", MAX_DENIED)
        score = self._score(self._item.get("deny_list_score", DENY_SCORE))
        if not words:
            return None
        if not all(w.strip() for w in words):
            raise self._wrong("a word of the deny_list is empty")
        return DenyList(words, score, ignore_case=bool(self._flags & _IGNORE_CASE))

    def _classes(self, entity: str) -> tuple[str, ...]:
        classes = tuple(self._texts("classes", 100))
        catalogue = load_catalogue()
        for word in classes:
            if word not in catalogue.classes:
                raise self._wrong(f"unknown data class `{word}`")
        known = catalogue.entities.get(entity)
        if known is not None and not set(classes) <= known.classes:
            raise self._wrong(f"the classes of `{entity}` are the catalogue's; leave `classes` out")
        return classes or (DEFAULT_CLASS,)

    def _canaries(self) -> tuple[Canary, ...]:
        examples = self._texts("examples", MAX_EXAMPLES, EXAMPLE_LENGTH)
        if not examples:
            words = self._texts("deny_list", MAX_DENIED)[:1]
            return tuple(Canary(f"about {w} today", 6, 6 + len(w)) for w in words)
        found: list[Canary] = []
        for n, example in enumerate(examples, 1):
            canary = marked_text(example)
            if canary is None:
                raise self._wrong(f"example {n}: an example marks one value with [[ ]]")
            found.append(canary)
        return tuple(found)

    def _prove(self, recognizer: Recognizer, canaries: Sequence[Canary]) -> None:
        """It finds its examples at their very place, and nothing in its counterexamples."""
        matcher = Matcher(recognizer, EXAMPLE_S)
        for n, canary in enumerate(canaries, 1):
            if (canary.start, canary.end) not in self._places(matcher, canary.text):
                raise self._wrong(f"example {n}: its value is not what the recognizer finds")
        counter = self._texts("counterexamples", MAX_EXAMPLES, EXAMPLE_LENGTH)
        for n, text in enumerate(counter, 1):
            if self._places(matcher, text):
                raise self._wrong(f"counterexample {n}: the recognizer finds something in it")

    def _places(self, matcher: Matcher, text: str) -> set[tuple[int, int]]:
        found: list[Match] | None = None
        try:
            found = matcher.best(text)
        except PatternTimedOut:
            found = None
        if found is None:
            raise self._wrong("a pattern runs out of time on an example")
        return {(start, end) for start, end, _, _ in found}

    def _texts(self, key: str, most: int, longest: int = WORD_LENGTH) -> list[str]:
        """The texts and numbers under `key`, as texts."""
        found: list[str] = []
        for n, value in enumerate(self._list(key, most), 1):
            if isinstance(value, bool) or not isinstance(value, (str, int, float)):
                raise self._wrong(f"`{key}` {n} is no text; put it in quotes")
            text = value if isinstance(value, str) else str(value)
            if not 0 < len(text) <= longest:
                raise self._wrong(f"`{key}` {n} has no or more than {longest} characters")
            found.append(text)
        return found

    def _list(self, key: str, most: int) -> list[Any]:
        value = self._item.get(key)
        if value is None:
            return []
        if not isinstance(value, list):
            raise self._wrong(f"`{key}` is a list")
        if len(value) > most:
            raise self._wrong(f"`{key}` has more than {most} members")
        return value

    def _wrong(self, what: str) -> ConfigError:
        return self._error(f"{self._name}: {what}")
